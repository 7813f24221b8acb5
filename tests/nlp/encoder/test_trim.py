"""Trimming the vocabulary keeps what the texts need, and changes nothing else."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from nlp.encoder.shape import EncoderShape
from nlp.encoder.tokenizer import build_tokenizer
from nlp.training.encoder.base import BaseEncoder
from nlp.training.encoder.trim import WORDS, trim
from tests.nlp.encoder.tiny import tiny_pieces, tiny_tensors

TEXTS = ["warga bentrok di Gambut", "warga di pasar", "warga ramai di pasar q"] * 4


def _base() -> BaseEncoder:
    pieces = tiny_pieces()
    shape = EncoderShape(hidden=12, layers=2, heads=12, ffn=8, vocabulary=len(pieces), positions=16, types=2, eps=1e-12)
    tensors = {name: value for name, value in tiny_tensors(shape).items() if not name.startswith("heads.")}
    return BaseEncoder(shape, tensors, pieces)


def test_trimming_keeps_special_pieces_seen_characters_and_frequent_pieces() -> None:
    base = _base()
    trimmed, report = trim(base, TEXTS, [], coverage=0.6)
    kept = [piece for piece, _ in trimmed.pieces]
    assert kept[:4] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert "▁" in kept
    known = {piece for piece, _ in base.pieces}
    assert {c for text in TEXTS for c in text} & known <= set(kept)
    assert {"▁warga", "▁di"} <= set(kept)
    assert "▁banjir" not in kept
    assert "z" not in kept
    assert report.pieces == len(kept) == trimmed.shape.vocabulary < len(base.pieces)


def test_every_kept_piece_keeps_its_score_and_vector_and_the_order_is_kept() -> None:
    base = _base()
    trimmed, _ = trim(base, TEXTS, [], coverage=0.9)
    old = {piece: at for at, (piece, _) in enumerate(base.pieces)}
    positions = [old[piece] for piece, _ in trimmed.pieces]
    assert all(a < b for a, b in pairwise(positions))
    assert trimmed.pieces == tuple(base.pieces[at] for at in positions)
    np.testing.assert_array_equal(trimmed.tensors[WORDS], base.tensors[WORDS][positions])
    for name in set(base.tensors) - {WORDS}:
        np.testing.assert_array_equal(trimmed.tensors[name], base.tensors[name])
    assert base.tensors[WORDS].shape[0] == len(base.pieces)


def test_a_text_of_kept_pieces_is_read_as_before() -> None:
    base = _base()
    trimmed, _ = trim(base, TEXTS, [], coverage=1.0)
    before, after = build_tokenizer(base.pieces), build_tokenizer(trimmed.pieces)
    for text in TEXTS:
        assert after.encode(text).tokens == before.encode(text).tokens
        wanted, found = base.tensors[WORDS][before.encode(text).ids], trimmed.tensors[WORDS][after.encode(text).ids]
        np.testing.assert_array_equal(found, wanted)


def test_the_cost_of_trimming_is_measured_on_the_held_out_texts() -> None:
    base = _base()
    _, unharmed = trim(base, TEXTS, TEXTS[:2], coverage=1.0)
    assert unharmed.tokens_before == unharmed.tokens_after > 0
    assert unharmed.as_dict() == {"pieces": unharmed.pieces, "tokens_after_over_before": 1.0}
    _, harmed = trim(base, TEXTS, ["banjir suap pilkada"], coverage=0.5)
    assert harmed.tokens_after > harmed.tokens_before
    assert harmed.as_dict()["tokens_after_over_before"] > 1.0


def test_odd_texts_do_not_stop_the_trimming() -> None:
    trimmed, report = trim(_base(), ["", "\ud800", "\x00", "😀", "衝突", "</s>"], ["\udfff", ""], coverage=0.9)
    assert report.pieces == len(trimmed.pieces) >= 5
