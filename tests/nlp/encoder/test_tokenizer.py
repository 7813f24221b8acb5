"""Text becomes word pieces and comes back; no text stops the tokenizer; what is left out is exactly one sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from nlp.encoder.batching import EncodedItem, encode_items, encode_texts, pad
from nlp.encoder.tokenizer import BOS, EOS, PAD, PREFIX, UNK, build_tokenizer, pack_pieces, readable, unpack_pieces
from nlp.segments import segments_of
from tests.nlp.encoder.tiny import tiny_pieces
from waspada.taxonomy import ItemText

PIECES = tiny_pieces()
MAX_TOKENS = 40
ITEM = ItemText("1", "Warga bentrok di Gambut", "Dua orang luka. Pasar ramai sejak pagi. Polisi di jalan.")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return build_tokenizer(PIECES)


def _encode(tokenizer: Tokenizer, item: ItemText, max_tokens: int = 1000) -> EncodedItem:
    (encoded,) = encode_items(tokenizer, [item], [segments_of(item, 1500)], max_tokens)
    return encoded


def _text(tokenizer: Tokenizer, ids: Iterable[int]) -> str:
    return str(tokenizer.decode([int(i) for i in ids], skip_special_tokens=False))


def test_pieces_come_back_as_they_were_packed() -> None:
    assert unpack_pieces(pack_pieces(PIECES)) == PIECES
    odd = (("▁é", -1.23456), ('"\\', -2.0), ("😀", 0.0))
    assert unpack_pieces(pack_pieces(odd)) == (("▁é", -1.2346), ('"\\', -2.0), ("😀", 0.0))


@pytest.mark.parametrize("raw", [b"", b"[", b'[["a"]]', b'[["a", "b"]]', b'[["a", 1, 2]]', b"\xff"])
def test_what_is_no_list_of_pieces_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json and unpacking each have a wording of their own
        unpack_pieces(raw)


def test_an_id_is_the_position_of_its_piece_and_the_first_four_are_special(tokenizer: Tokenizer) -> None:
    assert [PIECES[i][0] for i in (BOS, PAD, EOS, UNK)] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert all(tokenizer.token_to_id(piece) == at for at, (piece, _) in enumerate(PIECES))
    assert tokenizer.get_vocab_size() == len(PIECES)


def test_a_text_is_closed_by_the_special_pieces(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("warga bentrok").ids
    assert (ids[0], ids[-1]) == (BOS, EOS)
    assert [PIECES[i][0] for i in ids[1:-1]] == ["▁warga", "▁bentrok"]


def test_a_word_without_a_piece_of_its_own_is_spelled_and_a_strange_sign_is_unknown(tokenizer: Tokenizer) -> None:
    spelled = tokenizer.encode("kadrun", add_special_tokens=False)
    assert len(spelled.ids) > 1
    assert "".join(spelled.tokens) == "▁kadrun"
    assert UNK not in spelled.ids
    assert UNK in tokenizer.encode("衝突", add_special_tokens=False).ids


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("warga  \n\t bentrok", "warga bentrok"),
        ("  warga bentrok  ", "warga bentrok"),
        ("warga\u00a0bentrok", "warga bentrok"),
        ("warga\u200bbentrok", "warga bentrok"),
        ("warga\x00bentrok", "warga bentrok"),
        ("ｗａｒｇａ bentrok", "warga bentrok"),
    ],
    ids=["white space", "at the ends", "no-break space", "zero width", "NUL", "full width"],
)
def test_ways_of_writing_one_text_are_one(tokenizer: Tokenizer, written: str, plain: str) -> None:
    assert tokenizer.encode(written).ids == tokenizer.encode(plain).ids


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00", "\ud800", "\udfff \udc00x", "</s><pad><s><unk>", "a" * 1_000_000, "Warga bentrok. " * 70_000],
    ids=["empty", "blank", "NUL", "lone surrogate", "surrogates", "special pieces", "one word of 1 MB", "1 MB"],
)
def test_no_text_stops_it(tokenizer: Tokenizer, text: str) -> None:
    items = [ItemText("1", text=text), ItemText("2", title=text), ItemText("3", text, text)]
    segments = [segments_of(item, 1500) for item in items]
    for encoded in encode_items(tokenizer, items, segments, MAX_TOKENS):
        assert len(encoded.ids) == len(encoded.owners) <= MAX_TOKENS
        assert (encoded.ids[0], encoded.ids[-1]) == (BOS, EOS)
    (row,) = encode_texts(tokenizer, [text], MAX_TOKENS)
    assert len(row) <= MAX_TOKENS
    assert (row[0], row[-1]) == (BOS, EOS)


@settings(max_examples=100, deadline=None)
@given(title=st.text(alphabet=st.characters(codec=None), max_size=80), text=st.text(max_size=200))
def test_any_item_is_within_its_length_and_closed(title: str, text: str) -> None:
    encoded = _encode(build_tokenizer(PIECES), ItemText("1", title, text), MAX_TOKENS)
    assert encoded.ids.dtype == encoded.owners.dtype == np.int32
    assert len(encoded.ids) == len(encoded.owners) <= MAX_TOKENS
    assert (encoded.ids[0], encoded.ids[-1], encoded.owners[0], encoded.owners[-1]) == (BOS, EOS, -1, -1)
    assert 0 <= encoded.ids.min() <= encoded.ids.max() < len(PIECES)


def test_an_empty_item_is_the_prefix_alone(tokenizer: Tokenizer) -> None:
    encoded = _encode(tokenizer, ItemText("1"))
    assert encoded.ids.tolist() == [BOS, *tokenizer.encode(PREFIX, add_special_tokens=False).ids, EOS]
    assert set(encoded.owners.tolist()) == {-1}


def test_an_item_is_its_title_with_a_stop_and_its_sentences(tokenizer: Tokenizer) -> None:
    read = _text(tokenizer, _encode(tokenizer, ITEM).ids[1:-1])
    assert read == "query: Warga bentrok di Gambut. Dua orang luka. Pasar ramai sejak pagi. Polisi di jalan."
    asked = _encode(tokenizer, ItemText("1", "Warga bentrok?", "Dua orang luka"))
    assert _text(tokenizer, asked.ids[1:-1]) == "query: Warga bentrok? Dua orang luka"


def test_a_disguised_word_is_read_as_it_is_meant(tokenizer: Tokenizer) -> None:
    disguised = _encode(tokenizer, ItemText("1", "", "w4rga b e n t r o k"))
    assert disguised.ids.tolist() == _encode(tokenizer, ItemText("1", "", "warga bentrok")).ids.tolist()


def test_leaving_out_a_sentence_leaves_out_its_pieces_alone(tokenizer: Tokenizer) -> None:
    encoded = _encode(tokenizer, ITEM)
    without = encoded.without([2])
    assert _text(tokenizer, without[1:-1]) == "query: Warga bentrok di Gambut. Dua orang luka. Polisi di jalan."
    assert (without[0], without[-1]) == (BOS, EOS)
    assert encoded.without([]).tolist() == encoded.ids.tolist()
    assert encoded.segments() == [0, 1, 2, 3]
    assert _text(tokenizer, encoded.without([0, 1, 2, 3])[1:-1]) == PREFIX.strip()


@pytest.mark.parametrize("max_tokens", [6, 11, 20])
def test_a_long_item_is_cut_and_still_closed(tokenizer: Tokenizer, max_tokens: int) -> None:
    whole, cut = _encode(tokenizer, ITEM), _encode(tokenizer, ITEM, max_tokens)
    assert cut.ids.tolist() == [*whole.ids[: max_tokens - 1].tolist(), EOS]
    assert cut.owners.tolist() == [*whole.owners[: max_tokens - 1].tolist(), -1]


def test_an_item_that_just_fits_is_whole(tokenizer: Tokenizer) -> None:
    whole = _encode(tokenizer, ITEM)
    assert _encode(tokenizer, ITEM, len(whole.ids)).ids.tolist() == whole.ids.tolist()


def test_items_do_not_mix(tokenizer: Tokenizer) -> None:
    items = [ITEM, ItemText("2"), ItemText("3", "Panen padi"), ItemText("4", "", "Banjir di desa. Hujan deras.")]
    together = encode_items(tokenizer, items, [segments_of(item, 1500) for item in items], 1000)
    for item, encoded in zip(items, together, strict=True):
        assert encoded.ids.tolist() == _encode(tokenizer, item).ids.tolist()


def test_a_plain_text_is_read_behind_the_prefix(tokenizer: Tokenizer) -> None:
    (row,) = encode_texts(tokenizer, ["warga bentrok"], 1000)
    assert row.tolist() == [BOS, *tokenizer.encode(PREFIX + "warga bentrok", add_special_tokens=False).ids, EOS]


def test_rows_are_padded_on_the_right() -> None:
    ids, mask = pad([np.array([0, 9, 2], dtype=np.int32), np.array([0, 2], dtype=np.int32)])
    assert ids.tolist() == [[0, 9, 2], [0, 2, PAD]]
    assert mask.tolist() == [[1, 1, 1], [1, 1, 0]]


def test_a_lone_surrogate_is_replaced_and_a_pair_is_kept() -> None:
    assert readable("a\ud800b\udfff") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"
    assert readable("😀 warga") == "😀 warga"


def test_packed_pieces_are_plain_json() -> None:
    assert json.loads(pack_pieces((("▁warga", -3.0),))) == [["▁warga", -3.0]]
