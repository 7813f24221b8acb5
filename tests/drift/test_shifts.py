"""How far texts lie apart: the three measures, and what is called changed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.drift.shifts import LEAST_TEXTS, Embeddings, Texts, Vocabulary, shift
from waspada.drift.types import Change, Measure, Outlets, TextShift

_WORDS = [a + b + c for a in ("ka", "ba", "ru", "te") for b in ("la", "mi", "so", "nu") for c in ("ng", "t", "n", "s")]


def texts(rng: np.random.Generator, n: int, words: Sequence[str]) -> list[str]:
    return [" ".join(rng.choice(words, 12)) for _ in range(n)]


def places(*sizes: int) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    ends = np.cumsum((0, *sizes))
    return [np.arange(start, end) for start, end in pairwise(ends)]


def of(measure: Measure, month: list[str], *reference: list[str]) -> TextShift:
    words = Vocabulary([text for part in (*reference, month) for text in part])
    *before, now = places(*(len(part) for part in (*reference, month)))
    distance = words.unknown if measure is Measure.UNKNOWN_WORDS else words.divergence
    return shift(measure, Outlets.KNOWN, Texts(now, before), distance)


def test_measures_of_two_small_sets() -> None:
    words = Vocabulary(["banjir di Martapura", "Banjir, banjir DI Barabai!", "rapat"])
    assert words.unknown(np.array([1]), np.array([0])) == pytest.approx(1 / 3)
    assert words.divergence(np.array([0]), np.array([1])) == pytest.approx(1 / 3)
    assert words.divergence(np.array([0]), np.array([2])) == pytest.approx(1)
    assert words.divergence(np.array([0]), np.array([0])) == 0
    assert len(words) == 5


@pytest.mark.parametrize("measure", [Measure.UNKNOWN_WORDS, Measure.VOCABULARY])
def test_the_same_words_are_no_change_and_others_are(measure: Measure) -> None:
    rng = np.random.default_rng(4)
    before = [texts(rng, 200, _WORDS) for _ in range(3)]
    same = of(measure, texts(rng, 200, _WORDS), *before)
    assert same.change in (Change.NONE, Change.AS_BEFORE)
    other = of(measure, texts(rng, 200, [*_WORDS, "gempa", "susulan", "tsunami", "pengungsi"] * 2), *before)
    assert other.change is Change.CHANGED
    assert other.value is not None
    assert other.chance is not None
    assert other.value > other.chance


def test_months_that_always_differ_are_as_before() -> None:
    """Each month has a subject of its own; this one has, too."""
    rng = np.random.default_rng(4)
    months = [texts(rng, 150, [*_WORDS[:40], *([word] * 8)]) for word in ("banjir", "panen", "rapat", "kabut")]
    found = of(Measure.VOCABULARY, months[3], *months[:3])
    assert found.before is not None
    assert found.chance is not None
    assert found.value is not None
    assert found.value > found.chance
    assert found.before > found.chance
    assert (of(Measure.VOCABULARY, months[1], *months[:3])).change in (Change.NONE, Change.AS_BEFORE)


def test_embeddings_that_moved() -> None:
    rng = np.random.default_rng(6)
    vectors = rng.normal(size=(800, 16)).astype(np.float32)
    vectors[:, 0] += 3
    moved = vectors.copy()
    moved[600:, 1] += 0.8
    *before, now = places(200, 200, 200, 200)
    same, other = (
        shift(Measure.EMBEDDING, Outlets.NEW, Texts(now, before), Embeddings(found).discrepancy)
        for found in (vectors, moved)
    )
    assert same.change in (Change.NONE, Change.AS_BEFORE)
    assert (other.change, other.outlets, other.n) == (Change.CHANGED, Outlets.NEW, 200)


@pytest.mark.parametrize("sizes", [(0, 0, 0, 0), (200, 200, 200, LEAST_TEXTS - 1), (20, 20, 20, 300)])
def test_few_texts_say_nothing(sizes: tuple[int, ...]) -> None:
    *before, now = places(*sizes)
    found = shift(Measure.EMBEDDING, Outlets.KNOWN, Texts(now, before), lambda _a, _b: 1.0)
    assert (found.change, found.value, found.before) == (Change.TOO_FEW, None, None)


def test_one_month_before_is_enough_for_chance_but_not_for_months() -> None:
    rng = np.random.default_rng(8)
    found = of(Measure.VOCABULARY, texts(rng, 100, _WORDS), [], [], texts(rng, 200, _WORDS))
    assert (found.before, found.n) == (None, 100)
    assert found.change is not Change.TOO_FEW


def test_the_same_texts_give_the_same_figures() -> None:
    rng = np.random.default_rng(9)
    parts = [texts(rng, 90, _WORDS) for _ in range(4)]
    assert of(Measure.VOCABULARY, *parts) == of(Measure.VOCABULARY, *parts)


def test_vectors_of_one_kind_only() -> None:
    """All alike: no width of a kernel, no division by it."""
    distance = Embeddings(np.ones((200, 4), dtype=np.float32)).discrepancy
    assert distance(np.arange(100), np.arange(100, 200)) == pytest.approx(0)


@given(st.lists(st.text(max_size=30), min_size=2, max_size=12))
def test_shares_and_divergences_lie_between_0_and_1(found: list[str]) -> None:
    words = Vocabulary(found)
    half = len(found) // 2
    one, other = np.arange(half), np.arange(half, len(found))
    for distance in (words.unknown, words.divergence):
        assert 0 <= distance(one, other) <= 1
    assert words.divergence(one, other) == pytest.approx(words.divergence(other, one))
