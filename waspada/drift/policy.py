"""What rates of a month say beside those of the months before. Pure: arrays in, verdicts out.

Reports of one story are no independent evidence: a big event alone would look like drift. So a rate rests on fewer
items than it counts: on as many independent ones as would give it the same variance (Kish's design effect, by stories).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waspada.drift.types import FIGURES, Change, Estimate, Rate
from waspada.shares import wilson

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
#: Fewer independent items than this on either side say nothing.
LEAST_ITEMS = 50.0
#: Fewer positives than this expected on either side: the test's numbers would be wrong.
LEAST_POSITIVES = 5.0
#: How often all figures of a month together may be called changed by chance.
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Read:
    """n items as a model read them: `on` (n, figures) in the order of `FIGURES`, `group` (n,) the story of each."""

    on: Bools
    group: Ints


def rates(month: Read, reference: Read | None) -> list[Rate]:
    """The rate of every figure; without a reference nothing is called changed."""
    now = [_share(month, place) for place in range(len(FIGURES))]
    if reference is None:
        return [Rate(name, *one.counts, one.estimate, 0, 0, None, Change.TOO_FEW) for name, one in _named(now)]
    before = [_share(reference, place) for place in range(len(FIGURES))]
    changes = _changes([_chance(one, other) for one, other in zip(now, before, strict=True)])
    return [
        Rate(name, *one.counts, one.estimate, *other.counts, other.estimate, change)
        for (name, one), other, change in zip(_named(now), before, changes, strict=True)
    ]


def independent(hits: Bools, group: Ints) -> float:
    """As how many independent items these count for this share: at most their number; where all are alike, the number
    of groups."""
    n = len(hits)
    if not n:
        return 0.0
    _, place = np.unique(group, return_inverse=True)
    groups = int(place.max()) + 1
    share = float(hits.mean())
    plain = share * (1 - share) / n
    if groups < 2 or not plain:
        return float(groups)
    parts = np.bincount(place, weights=hits - share)
    real = groups / (groups - 1) * float((parts**2).sum()) / n**2
    return n / max(1.0, real / plain)


@dataclass(frozen=True, slots=True)
class _Share:
    n: int
    hits: int
    rests_on: float

    @property
    def value(self) -> float:
        return self.hits / self.n if self.n else 0.0

    @property
    def counts(self) -> tuple[int, int]:
        return self.n, self.hits

    @property
    def estimate(self) -> Estimate | None:
        return Estimate(self.value, *wilson(self.value, self.rests_on)) if self.n else None


def _share(read: Read, place: int) -> _Share:
    hits = read.on[:, place]
    return _Share(len(hits), int(hits.sum()), independent(hits, read.group))


def _named(found: Sequence[_Share]) -> list[tuple[str, _Share]]:
    return list(zip(FIGURES, found, strict=True))


def _chance(one: _Share, other: _Share) -> float | None:
    """How likely two shares of one rate lie as far apart as these (two-sided z test); None where too few say so."""
    a, b = one.rests_on, other.rests_on
    if min(a, b) < LEAST_ITEMS:
        return None
    pooled = (one.value * a + other.value * b) / (a + b)
    if min(a, b) * min(pooled, 1 - pooled) < LEAST_POSITIVES:
        return None
    z = abs(one.value - other.value) / math.sqrt(pooled * (1 - pooled) * (1 / a + 1 / b))
    return math.erfc(z / math.sqrt(2))


def _changes(chances: Sequence[float | None]) -> list[Change]:
    """Holm (1979): of many figures some would differ by chance, so the smallest chance has to be smaller still."""
    known = sorted((chance, place) for place, chance in enumerate(chances) if chance is not None)
    found = [Change.TOO_FEW if chance is None else Change.NONE for chance in chances]
    for rank, (chance, place) in enumerate(known):
        if chance > ALPHA / (len(known) - rank):
            break
        found[place] = Change.CHANGED
    return found
