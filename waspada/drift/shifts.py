"""How far the texts of a month lie from those of the months before, and how far is usual. Pure.

Two sets of texts always differ. `chance` is how far two random halves of the reference do; but news moves on, so that
a month nearly always lies farther than that. `before` therefore says how far one month of the reference lay from the
others: what exceeds this, too, is called changed. Every comparison is of sets of one size, since what is measured
depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waspada.drift.types import Change, Measure, Outlets, TextShift

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
#: Distance of texts, by their places, from others.
Distance = Callable[[Ints, Ints], float]
#: So many texts of either side are compared at most, and at least.
MOST_TEXTS, LEAST_TEXTS = 500, 40
DRAWS = 100
SEED = 20241127
#: Chance exceeds what is given as `chance` this seldom.
_SELDOM = 0.95
#: Draws for each month of the reference: a mean is wanted, no tail.
_DRAWS_BEFORE = 20
#: Points of which the median distance is taken.
_MOST_FOR_MEDIAN = 500
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Texts:
    """Places of the texts to be compared: of the month, and of each month of the reference."""

    month: Ints
    reference: Sequence[Ints]


class Vocabulary:
    """Words of texts, as numbers: a text is the set of its words. The words are known here only."""

    def __init__(self, texts: Iterable[str]) -> None:
        known: dict[str, int] = {}
        self._texts = [
            np.array(sorted({known.setdefault(word, len(known)) for word in _WORD.findall(text.lower())}), np.int64)
            for text in texts
        ]
        self._size = len(known)

    def __len__(self) -> int:
        return self._size

    def unknown(self, those: Ints, reference: Ints) -> float:
        """The share of the words of `those` that stand in no text of the reference; a word counts once a text."""
        found, known = self._counts(those), self._counts(reference)
        return float(found[known == 0].sum() / max(1.0, found.sum()))

    def divergence(self, those: Ints, reference: Ints) -> float:
        """Jensen-Shannon divergence (Lin, 1991) of how often words stand in texts: 0 the same, 1 none in common."""
        one, other = self._counts(those), self._counts(reference)
        if not one.sum() or not other.sum():
            return 0.0
        one, other = one / one.sum(), other / other.sum()
        middle = (one + other) / 2
        return min(1.0, max(0.0, (_divergence(one, middle) + _divergence(other, middle)) / 2))

    def _counts(self, texts: Ints) -> NDArray[np.float64]:
        words = [self._texts[place] for place in texts]
        whole = np.concatenate(words) if words else np.zeros(0, np.int64)
        return np.bincount(whole, minlength=self._size).astype(np.float64)


class Embeddings:
    """Vectors (n, dim) of texts. Squared maximum mean discrepancy (Gretton and others, 2012), unbiased, with a Gaussian
    kernel as wide as the median distance."""

    def __init__(self, vectors: Floats, seed: int = SEED) -> None:
        squares = (vectors**2).sum(axis=1)
        apart = vectors @ vectors.T  # in its place: thousands of texts squared are a hundred megabytes
        apart *= -2
        apart += squares[:, np.newaxis]
        apart += squares
        np.maximum(apart, 0, out=apart)
        some = np.random.default_rng(seed).permutation(len(vectors))[:_MOST_FOR_MEDIAN]
        between = apart[np.ix_(some, some)][np.triu_indices(len(some), 1)]
        width = float(np.median(between)) if len(between) else 1.0
        apart /= -(width or 1.0)
        self._kernel: Floats = np.exp(apart, out=apart)

    def discrepancy(self, those: Ints, reference: Ints) -> float:
        kernel = self._kernel
        across = float(kernel[np.ix_(those, reference)].mean(dtype=np.float64))
        return _inside(kernel, those) + _inside(kernel, reference) - 2 * across


def shift(measure: Measure, outlets: Outlets, texts: Texts, distance: Distance, *, seed: int = SEED) -> TextShift:
    """Texts of a month against those of the reference. The same seed gives the same figures."""
    size = _size(texts)
    if size < LEAST_TEXTS:
        return TextShift(measure, outlets, size, None, None, None, Change.TOO_FEW)
    rng = np.random.default_rng(seed)
    reference = np.concatenate(texts.reference)
    values, halves = [], []
    for _ in range(DRAWS):
        drawn = rng.permutation(reference)
        one, other = drawn[:size], drawn[size : 2 * size]
        values.append(distance(rng.permutation(texts.month)[:size], one))
        halves.append(distance(other, one))
    value, chance = float(np.mean(values)), float(np.quantile(halves, _SELDOM))
    before = _before(texts.reference, size, distance, rng)
    return TextShift(measure, outlets, size, value, chance, before, _change(value, chance, before))


def _size(texts: Texts) -> int:
    """How many texts of either side are compared: so few that single months of the reference have as many, unless they
    have too few for anything."""
    whole = sum(map(len, texts.reference))
    size = min(len(texts.month), whole // 2, MOST_TEXTS)
    enough = [len(one) for one in texts.reference if len(one) >= LEAST_TEXTS]
    return min(size, *enough) if len(enough) > 1 else size


def _before(months: Sequence[Ints], size: int, distance: Distance, rng: np.random.Generator) -> float | None:
    """The farthest that a month of the reference lies from the others; None where fewer than two have enough texts."""
    found = []
    for place, month in enumerate(months):
        others = np.concatenate([one for other, one in enumerate(months) if other != place] or [month[:0]])
        if min(len(month), len(others)) >= size:
            draws = [
                distance(rng.permutation(month)[:size], rng.permutation(others)[:size]) for _ in range(_DRAWS_BEFORE)
            ]
            found.append(float(np.mean(draws)))
    return max(found) if len(found) > 1 else None


def _change(value: float, chance: float, before: float | None) -> Change:
    if value <= chance:
        return Change.NONE
    return Change.AS_BEFORE if before is not None and value <= before else Change.CHANGED


def _divergence(one: NDArray[np.float64], middle: NDArray[np.float64]) -> float:
    there = one > 0
    return float((one[there] * np.log2(one[there] / middle[there])).sum())


def _inside(kernel: Floats, texts: Ints) -> float:
    """The mean of the kernel over pairs of different texts."""
    n, part = len(texts), kernel[np.ix_(texts, texts)]
    return float((part.sum(dtype=np.float64) - np.trace(part, dtype=np.float64)) / max(1, n * (n - 1)))
