"""The encoder's tagger keeps the contract of `waspada classify` for any text, in any order and company."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nlp.encoder.engine
from nlp.calibration import Blend
from nlp.encoder.folder import EncoderFolder
from nlp.encoder.tagger import EncoderTagger
from nlp.heads import COLUMN, HEADS, LABEL_HEADS, Head
from nlp.places import places_of
from tests.nlp.contract import check_contract
from tests.nlp.encoder.tiny import WORD_OF_HEAD
from waspada.places.types import PlaceMention
from waspada.taxonomy import EMBEDDING_DIM, Aux, ItemText, Label, MisinformationKind, Tagger, Tags, TextField

CLASH = ItemText(
    "clash",
    "Warga Bentrok di Gambut",
    "Dua kelompok warga bentrok di jalan. Tiga rumah dibakar massa. Pasar tetap ramai. Harga cabai turun.",
)
HARVEST = ItemText("harvest", "", "Panen padi di desa. Hujan turun malam tadi.")
FLOOD = ItemText("flood", "Banjir rendam rumah", "Air naik sejak Senin. Camat kirim logistik.")
EMPTY = ItemText("empty")
MIXED = [CLASH, EMPTY, HARVEST, FLOOD]
_ODD = st.text(alphabet=st.characters(codec=None), max_size=300)


@pytest.fixture(scope="module")
def exact_tagger(tiny: EncoderFolder) -> EncoderTagger:
    return _exact(tiny)


def _exact(folder: EncoderFolder) -> EncoderTagger:
    """The model computing in f32, whatever the processor would choose."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nlp.encoder.engine, "arithmetic_of", lambda _abilities: "f32")
        made = EncoderTagger(folder, threads=1)
    assert made.arithmetic == "f32"
    return made


def _agree(one: Tags, other: Tags, within: float) -> None:
    assert one.id == other.id
    assert one.on() == other.on()
    assert (one.conflict_level, one.alert_level) == (other.conflict_level, other.alert_level)
    for label in Label:
        assert one.labels[label].p == pytest.approx(other.labels[label].p, abs=within)
    np.testing.assert_allclose(one.embedding, other.embedding, atol=within)


def _many(n: int) -> list[ItemText]:
    """Items of all lengths and labels, each with an id of its own."""
    rng = np.random.default_rng(4)
    words = [*WORD_OF_HEAD.values(), "warga", "pasar", "desa.", "Panen", "padi", "hujan.", "Harga", "cabai"]
    return [
        ItemText(f"item-{at}", " ".join(rng.choice(words, at % 4)), " ".join(rng.choice(words, int(rng.integers(30)))))
        for at in range(n)
    ]


def test_it_is_a_tagger(encoder_tagger: EncoderTagger, tiny: EncoderFolder) -> None:
    as_protocol: Tagger = encoder_tagger
    assert as_protocol.model == tiny.version
    assert encoder_tagger.arithmetic in {"bf16", "int8 and bf16", "int8", "f32"}


def test_a_clash_is_told_from_a_harvest(encoder_tagger: EncoderTagger) -> None:
    clash, harvest, flood = encoder_tagger.classify([CLASH, HARVEST, FLOOD])
    assert clash.on() == [Label.CONFLICT]
    assert clash.conflict_level == 2
    assert harvest.on() == []
    assert flood.on() == [Label.LOGISTICS, Label.DISASTER]


def test_order_and_ids_are_kept(encoder_tagger: EncoderTagger) -> None:
    items = _many(70)
    tags = encoder_tagger.classify(items)
    assert [tag.id for tag in tags] == [item.id for item in items]
    for item, tag in zip(items, tags, strict=True):
        check_contract(item, tag)
    assert {label for tag in tags for label in tag.on()} == set(Label)
    twice = encoder_tagger.classify([HARVEST, CLASH, HARVEST])
    assert [tag.id for tag in twice] == ["harvest", "clash", "harvest"]


def test_seventy_at_once_are_tagged_as_one_by_one(exact_tagger: EncoderTagger) -> None:
    items = _many(70)
    for item, tags in zip(items, exact_tagger.classify(items), strict=True):
        (alone,) = exact_tagger.classify([item])
        _agree(alone, tags, 1e-4)
        assert alone.evidence == tags.evidence


def test_the_arithmetic_of_this_processor_says_what_f32_says(
    encoder_tagger: EncoderTagger, exact_tagger: EncoderTagger
) -> None:
    found, wanted = encoder_tagger.log_odds(_many(70)), exact_tagger.log_odds(_many(70))
    assert found.shape == (70, len(HEADS))
    np.testing.assert_allclose(found, wanted, atol=0.05)
    for one, other in zip(encoder_tagger.classify(MIXED), exact_tagger.classify(MIXED), strict=True):
        _agree(one, other, 0.02)


def test_no_items_give_no_tags(encoder_tagger: EncoderTagger) -> None:
    assert encoder_tagger.classify([]) == []
    assert encoder_tagger.embed([]).shape == (0, EMBEDDING_DIM)


def test_an_empty_item_is_nothing(encoder_tagger: EncoderTagger) -> None:
    (tags,) = encoder_tagger.classify([EMPTY])
    check_contract(EMPTY, tags)
    assert tags.on() == []
    assert (tags.alert_level, tags.evidence) == (0, ())


@pytest.mark.parametrize(
    "text",
    [" \n\t ", "\x00\x01", "\ud800\udfff \udc00", "😀🔥👨‍👩‍👧" * 200, "اشتباك بين مجموعتين \u202eabc",
     "b\u200be\u200dn\ufefftrok\u2060", "新聞記事です。衝突が起きた。", "!" * 10_000, "\n" * 10_000, "a" * 200_000,
     "Warga bentrok. " * 13_500, "</s><s><pad>bentrok"],
    ids=["blank", "control", "surrogates", "emoji", "right to left", "zero width", "japanese", "stops", "lines",
         "one word of 200 kB", "200 kB", "special pieces"],
)  # fmt: skip
def test_odd_text_is_tagged_without_a_word(encoder_tagger: EncoderTagger, text: str) -> None:
    items = [ItemText("x", text=text), ItemText("y", title=text), ItemText("z", text, text)]
    for item, tags in zip(items, encoder_tagger.classify(items), strict=True):
        check_contract(item, tags)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=_ODD, text=_ODD)
def test_any_text_keeps_the_contract(encoder_tagger: EncoderTagger, title: str, text: str) -> None:
    item = ItemText("x", f"{title} bentrok", f"{text} lurah. Hoaks!")
    (tags,) = encoder_tagger.classify([item])
    check_contract(item, tags)
    assert encoder_tagger.classify([item])[0].as_contract() == tags.as_contract()


def test_the_sentences_that_say_it_are_the_evidence(encoder_tagger: EncoderTagger) -> None:
    _, tags, _ = encoder_tagger.classify([HARVEST, CLASH, EMPTY])
    assert {(e.field, e.sentence) for e in tags.evidence} == {
        (TextField.TITLE, "Warga Bentrok di Gambut"),
        (TextField.TEXT, "Dua kelompok warga bentrok di jalan."),
    }
    assert {e.label for e in tags.evidence} == {Label.CONFLICT}


def test_the_strongest_sentence_is_the_one_without_which_the_encoder_says_least(tiny: EncoderFolder) -> None:
    alone = replace(
        tiny,
        blends={head: Blend((1.0, 0.0), 0.0) for head in HEADS},
        thresholds=dict.fromkeys(HEADS, 0.0) | {Head.FOREIGN: 2.0},
    )
    tagger = _exact(alone)
    sentences = [
        "Panen padi di desa.",
        "Camat kirim surat.",
        "Hujan deras malam ini.",
        "Harga cabai naik.",
        "Massa ramai.",
    ]
    item = ItemText("x", "", " ".join(sentences))
    (tags,) = tagger.classify([item])
    rest = [ItemText("y", "", " ".join(s for s in sentences if s != left_out)) for left_out in sentences]
    drops = tagger.log_odds([item]) - tagger.log_odds(rest)
    assert tags.on() == list(Label)
    for label in Label:
        of_label = drops[:, COLUMN[LABEL_HEADS[label]]]
        found = [sentences.index(e.sentence) for e in tags.evidence if e.label is label]
        assert found[0] == of_label.argmax()
        assert found == np.argsort(-of_label)[: len(found)].tolist()


def test_each_item_has_its_own_evidence(encoder_tagger: EncoderTagger) -> None:
    items = [CLASH, FLOOD, HARVEST, EMPTY, CLASH]
    together = encoder_tagger.classify(items)
    for item, tags in zip(items, together, strict=True):
        check_contract(item, tags)
        assert bool(tags.evidence) is bool(tags.on())
    of_flood = {e.label: e.sentence for e in together[1].evidence}
    assert of_flood == {Label.DISASTER: "Banjir rendam rumah", Label.LOGISTICS: "Camat kirim logistik."}
    assert together[0].evidence == together[4].evidence


def test_at_most_three_sentences_are_shown(encoder_tagger: EncoderTagger) -> None:
    item = ItemText("x", "Warga bentrok", " ".join(f"Warga bentrok di jalan {word}." for word in "abcdefgh"))
    (tags,) = encoder_tagger.classify([item])
    assert 1 <= len(tags.evidence) <= 3
    check_contract(item, tags)


def test_offsets_are_code_points_of_the_field_as_given(encoder_tagger: EncoderTagger) -> None:
    item = ItemText("x", "  😀 Kabar desa", "😀👍🏽 Panen padi.\n\n  Warga 🔥 bentrok!  Selesai.")
    (tags,) = encoder_tagger.classify([item])
    assert [e.sentence for e in tags.evidence] == ["Warga 🔥 bentrok!"]
    assert (tags.evidence[0].start, tags.evidence[0].end) == (19, 35)
    check_contract(item, tags)


@pytest.mark.parametrize(
    ("words", "level"),
    [("padi", 0), ("dibakar tewas", 0), ("bentrok", 1), ("bentrok tewas", 1), ("bentrok dibakar", 2),
     ("bentrok dibakar tewas", 3), ("bentrok dibakar tewas jepang", 0)],
)  # fmt: skip
def test_the_conflict_level_is_zero_exactly_when_conflict_is_off(
    encoder_tagger: EncoderTagger, words: str, level: int
) -> None:
    (tags,) = encoder_tagger.classify([ItemText("x", "", words)])
    assert tags.conflict_level == level
    assert tags.labels[Label.CONFLICT].on is (level > 0)


@pytest.mark.parametrize(
    ("words", "level"), [("siaga", 1), ("darurat", 0), ("siaga darurat", 2), ("siaga darurat genting", 3)]
)
def test_an_alert_level_needs_all_lower_ones(encoder_tagger: EncoderTagger, words: str, level: int) -> None:
    (tags,) = encoder_tagger.classify([ItemText("x", "", words)])
    assert tags.alert_level == level


@pytest.mark.parametrize("label", list(Label))
def test_every_label_is_read_from_its_own_head(encoder_tagger: EncoderTagger, label: Label) -> None:
    head = LABEL_HEADS[label]
    item = ItemText("x", "", WORD_OF_HEAD[head])
    (tags,) = encoder_tagger.classify([item])
    assert tags.on() == [label]
    assert not tags.aux[Aux.HATE].on
    assert int(encoder_tagger.log_odds([item])[0].argmax()) == COLUMN[head]


def test_hate_is_no_label_and_a_claim_is_told_from_a_report(encoder_tagger: EncoderTagger) -> None:
    words = [WORD_OF_HEAD[Head.HATE], WORD_OF_HEAD[Head.MISINFORMATION], "hoaks sebarkan"]
    hate, report, claim = encoder_tagger.classify([ItemText(word, "", word) for word in words])
    assert hate.aux[Aux.HATE].on
    assert hate.on() == []
    assert report.labels[Label.MISINFORMATION].kind is MisinformationKind.REPORT
    assert claim.labels[Label.MISINFORMATION].kind is MisinformationKind.CLAIM


def test_a_word_past_the_lead_is_not_read(encoder_tagger: EncoderTagger) -> None:
    lead = "Panen padi. " * 130
    (tags,) = encoder_tagger.classify([ItemText("x", "", lead + "Warga bentrok.")])
    assert tags.on() == []


def test_the_embedding_is_that_of_the_tags_and_says_what_the_text_says(exact_tagger: EncoderTagger) -> None:
    near = ItemText("near", CLASH.title, CLASH.text.replace("cabai", "padi"))
    vectors = exact_tagger.embed([CLASH, near, HARVEST, EMPTY])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(vectors[0], exact_tagger.classify([CLASH])[0].embedding, atol=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] > vectors[0] @ vectors[3]


def test_places_are_asked_for_once_an_item(tiny: EncoderFolder) -> None:
    asked: list[str] = []

    def find(item: ItemText) -> Sequence[PlaceMention]:
        asked.append(item.id)
        return places_of(item)

    here = ItemText("here", "", "Warga bentrok di Kecamatan Gambut, Kabupaten Banjar.")
    tags = EncoderTagger(tiny, find, threads=1).classify([*MIXED, here])
    assert asked == [item.id for item in [*MIXED, here]]
    assert any(mention.code.startswith("63.03") for mention in tags[-1].places)
    assert tags[1].places == ()


def test_threads_that_classify_at_once_agree(encoder_tagger: EncoderTagger) -> None:
    items = _many(24)
    wanted = [tags.as_contract() for tags in encoder_tagger.classify(items)]
    start = threading.Barrier(2)
    found: dict[int, list[dict[str, object]]] = {}

    def work(name: int) -> None:
        start.wait()
        for _ in range(4):
            found[name] = [tags.as_contract() for tags in encoder_tagger.classify(items)]
            assert found[name] == wanted

    threads = [threading.Thread(target=work, args=(name,)) for name in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == {0: wanted, 1: wanted}
