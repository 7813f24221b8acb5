"""Hashed features: equal to a slow reading of their definition, the same every time, and additive over sentences."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.features import FeatureSpec, View, count_features, words_of
from waspada.taxonomy import ItemText

SPEC = FeatureSpec()
_MASK = (1 << 64) - 1
_BASE, _PAIR = 0x9E3779B97F4A7C15, 0xD1B54A32D192ED03


def _mix(value: int) -> int:
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def _word(word: str) -> int:
    return _mix(sum(ord(c) * pow(_BASE, k + 1, 1 << 64) for k, c in enumerate(word)) & _MASK)


def _char_gram(gram: str) -> int:
    value = len(gram)
    for c in gram:
        value = (value * _BASE + ord(c)) & _MASK
    return _mix(value)


def _bucket(value: int, view: View) -> int:
    return (value >> (64 - SPEC.view_bits[view])) + SPEC.view_starts[view]


def _slow(segments: list[list[str]], title: int | None) -> Counter[int]:
    """The definition, one feature at a time."""
    found: Counter[int] = Counter()
    for index, words in enumerate(segments):
        grams = [_word(w) for w in words]
        grams += [_mix((a * _PAIR + b) & _MASK) for a, b in zip(map(_word, words), map(_word, words[1:]), strict=False)]
        views = (View.WORDS, View.TITLE) if index == title else (View.WORDS,)
        found.update(_bucket(g, view) for g in grams for view in views)
        for word in words:
            padded = f" {word} "
            chars = [padded[i : i + n] for n in SPEC.char_orders for i in range(len(padded) - n + 1)]
            found.update(_bucket(_char_gram(c), View.CHARS) for c in chars)
    return found


def test_features_equal_their_definition() -> None:
    item = ItemText("1", "Warga di Gambut bentrok", "Cegah konflik, kata camat. Warga tenang!")
    counts = count_features(item, SPEC)
    slow = _slow([["warga", "di", "gambut", "bentrok"], ["cegah", "konflik", "kata", "camat"], ["warga", "tenang"]], 0)
    assert dict(zip(counts.buckets.tolist(), counts.counts.tolist(), strict=True)) == slow


def test_a_pair_of_words_does_not_cross_a_sentence() -> None:
    apart = count_features(ItemText("1", "", "Satu. Dua"), SPEC)
    together = count_features(ItemText("1", "", "Satu Dua"), SPEC)
    assert set(together.buckets.tolist()) - set(apart.buckets.tolist())


def test_words_are_normalised() -> None:
    assert words_of("TOLOOOONG @si_anu lihat https://contoh.id/a?b=1 12.500 suara") == [
        "toloong", "xpengguna", "lihat", "xtautan", "00", "000", "suara",
    ]  # fmt: skip


def test_nothing_beyond_the_lead_is_read() -> None:
    lead = "kata " * 300
    assert len(lead) == SPEC.lead_chars
    first = count_features(ItemText("1", "", lead), SPEC)
    longer = count_features(ItemText("1", "", lead + "bentrok berdarah"), SPEC)
    assert np.array_equal(first.buckets, longer.buckets)
    assert np.array_equal(first.counts, longer.counts)


@given(st.text(max_size=200), st.text(max_size=200))
def test_counts_are_the_sum_of_the_sentences_for_any_text(title: str, text: str) -> None:
    counts = count_features(ItemText("1", title, text), SPEC)
    summed = np.zeros(len(counts.buckets))
    np.add.at(summed, counts.cell_features, counts.cell_counts)
    assert np.array_equal(summed, counts.counts)
    assert np.all(np.diff(counts.buckets) > 0)
    assert counts.cell_segments.max(initial=-1) < len(counts.segments)
    again = count_features(ItemText("2", title, text), SPEC)
    assert np.array_equal(again.buckets, counts.buckets)
