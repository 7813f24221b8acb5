"""Choosing thresholds on out-of-fold probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.metrics import quadratic_kappa, wilson

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_REPLICATES = 200
#: Cuts whose F1 differs by no more than this are alike: some hundred positives cannot tell them apart.
_ALIKE = 0.01


@dataclass(frozen=True, slots=True)
class RaiseCaps:
    """How many texts that should stay low may reach level 2: the share of quiet items, and the upper end of the 95 %
    Wilson interval of the share of quiet items and authored protected speech together."""

    quiet: float
    calm_upper: float


def f1_threshold(p: Floats, positive: Bools, rng: np.random.Generator) -> float:
    """The probability from which F1 is best: the median of the best cuts of bootstrap samples.

    A rare label has few positives, and the single best cut then follows the noise; the median does so less.
    """
    if not positive.any():
        return 0.5
    cuts = []
    for _ in range(_REPLICATES):
        sample = rng.integers(0, len(p), len(p))
        if positive[sample].any():
            cuts.append(_best_cut(p[sample], positive[sample]))
    return float(np.median(cuts))


def careful_threshold(p: Floats, positive: Bools, cut: float) -> float:
    """The highest cut that is as good as `cut`, F1 at most 0.01 less. Where the data cannot choose, a false alarm costs
    a desk more than it costs F1 (compare the one-standard-error rule, Breiman et al. 1984)."""
    if not positive.any():
        return cut
    order = np.argsort(-p, kind="stable")
    ranked = p[order]
    f1 = 2 * np.cumsum(positive[order]) / (np.arange(1, len(p) + 1) + positive.sum())
    now = p >= cut
    least = 2 * (now & positive).sum() / max(1, now.sum() + positive.sum()) - _ALIKE
    cuts = (ranked + np.append(ranked[1:], 0.0)) / 2
    alike = cuts[(f1 >= least) & (np.diff(ranked, append=-1.0) < 0)]  # never between equal probabilities
    return float(max([cut, *alike]))


def precision_threshold(p: Floats, positive: Bools, precision: float) -> float:
    """The lowest probability from which at least `precision` of what passes is positive; 0.99 when there is none."""
    order = np.argsort(-p, kind="stable")
    reached = np.cumsum(positive[order]) / np.arange(1, len(p) + 1) >= precision
    return float(p[order][np.flatnonzero(reached)[-1]]) if reached.any() else 0.99


def alert_thresholds(
    p: Floats,
    level: NDArray[np.int64],
    quiet: Bools,
    allowed: Bools,
    caps: RaiseCaps,
    rng: np.random.Generator,
    *,
    protected: Floats,
) -> list[float]:
    """Three cuts for P(alert >= 1, 2, 3) (n, 3).

    The third has the best F1 for level 3 ("a liaison must see it now"): kappa alone would call many a level 2 a 3,
    because between neighbours that costs little. The other two have the best quadratic kappa given that and `caps`.
    `allowed` says where level 2 and more may be given at all; `protected` (m, 3) are the probabilities of authored
    protected speech, already 0 where it may not. Where no pair of cuts keeps to the caps, it is 0.5 and 0.9.
    """
    third = f1_threshold(np.where(allowed, p[:, 2], 0.0), level == 3, rng)
    grid = np.round(np.arange(0.06, 0.92, 0.02), 2)
    best, chosen = -2.0, [0.5, 0.9]
    for first, second in product(grid, grid):
        one = p[:, 0] >= first
        two = one & (p[:, 1] >= second) & allowed  # a level counts only when the lower ones hold, as in nlp.heads
        spoken = (protected[:, 0] >= first) & (protected[:, 1] >= second)
        if _too_many(two[quiet], spoken, caps):
            continue
        kappa = quadratic_kappa(level, one.astype(np.int64) + two + (two & (p[:, 2] >= third)))
        if kappa > best:
            best, chosen = kappa, [float(first), float(second)]
    return [*chosen, third]


def _too_many(quiet: Bools, protected: Bools, caps: RaiseCaps) -> bool:
    if quiet.any() and float(quiet.mean()) > caps.quiet:
        return True
    raised, items = int(quiet.sum() + protected.sum()), len(quiet) + len(protected)
    return raised > 0 and wilson(raised, items).high > caps.calm_upper


def _best_cut(p: Floats, positive: Bools) -> float:
    order = np.argsort(-p, kind="stable")
    hits = np.cumsum(positive[order])
    f1 = 2 * hits / (np.arange(1, len(p) + 1) + positive.sum())
    best = int(np.argmax(f1))
    after = p[order][best + 1] if best + 1 < len(p) else 0.0
    return float((p[order][best] + after) / 2)
