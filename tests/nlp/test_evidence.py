"""Evidence is what the score really loses, and stands only with labels that are on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nlp.evidence import MAX_SENTENCES, evidence_of, score_drops
from nlp.features import Counts, FeatureSpec, View, count_features
from nlp.weighting import Weighting
from waspada.taxonomy import Evidence, ItemText, Label, TextField

SPEC = FeatureSpec()
TEXT = "Pasar ramai. Dua kelompok warga bentrok di jalan. Warga bentrok lagi malam ini. Harga cabai turun."


def _weighting() -> Weighting:
    return Weighting(np.ones(SPEC.buckets, dtype=np.float32), (1.0, 1.25, 0.75))


def _found(item: ItemText, counts: Counts, weights: NDArray[np.float64]) -> list[Evidence]:
    return evidence_of(item, counts.segments, [Label.CONFLICT], score_drops(counts, _weighting(), weights))


def test_a_drop_equals_the_score_of_the_item_written_without_the_sentence() -> None:
    item = ItemText("1", "Warga bentrok", TEXT)
    counts, weighting = count_features(item, SPEC), _weighting()
    coefficients = np.random.default_rng(1).normal(size=(SPEC.buckets, 2))
    drops = score_drops(counts, weighting, coefficients[counts.buckets])
    full = weighting.vector(counts) @ coefficients[counts.buckets]
    for index, segment in enumerate(counts.segments):
        title, text = item.title, item.text
        if segment.field is TextField.TITLE:
            title = ""
        else:
            text = text[: segment.span.start] + "\n" + text[segment.span.end :]
        rest = count_features(ItemText("1", title, text), SPEC)
        without = weighting.vector(rest) @ coefficients[rest.buckets]
        np.testing.assert_allclose(drops[index], full - without, atol=1e-9)


def test_the_sentences_with_the_word_are_found_strongest_first() -> None:
    item = ItemText("1", "", TEXT)
    counts = count_features(item, SPEC)
    coefficients = np.zeros((SPEC.buckets, 1))
    word = count_features(ItemText("2", "", "bentrok"), SPEC)
    coefficients[word.buckets[word.views == View.WORDS]] = 1.0
    found = _found(item, counts, coefficients[counts.buckets])
    assert 1 <= len(found) <= MAX_SENTENCES
    assert all("bentrok" in e.sentence for e in found)


def test_a_text_of_one_sentence_is_its_own_evidence() -> None:
    item = ItemText("1", "", "warga bentrok")
    counts = count_features(item, SPEC)
    found = _found(item, counts, np.ones((len(counts.buckets), 1)))
    assert [(e.sentence, e.start, e.end) for e in found] == [("warga bentrok", 0, 13)]
