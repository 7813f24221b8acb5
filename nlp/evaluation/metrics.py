"""The figures by which a model is judged, each from plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % bootstrap interval (percentiles)."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


def bootstrap_weights(n: int, replicates: int, rng: np.random.Generator) -> Ints:
    """How often each of n items is drawn (replicates, n); one set serves all figures, so that they vary together."""
    return rng.multinomial(n, np.full(n, 1.0 / n), size=replicates).astype(np.int64)


def f1_scores(truth: Bools, predicted: Bools, weights: Ints) -> Floats:
    """F1 (replicates,) under item weights (replicates, n); 1 where there was nothing to find and nothing was said."""
    hits = weights @ (truth & predicted)
    total = weights @ truth.astype(np.int64) + weights @ predicted.astype(np.int64)
    return np.where(total > 0, 2.0 * hits / np.maximum(total, 1), 1.0)


def f1_of(truth: Bools, predicted: Bools) -> float:
    """F1 of n items, each counted once."""
    return float(f1_scores(truth, predicted, np.ones((1, len(truth)), dtype=np.int64))[0])


def interval(value: float, replicates: Floats) -> Estimate:
    """A figure with the 2.5th and 97.5th percentile of its replicates."""
    low, high = np.percentile(replicates, [2.5, 97.5]) if len(replicates) else (value, value)
    return Estimate(float(value), float(low), float(high))


def calibration_error(p: Floats, truth: Bools, bins: int = 10) -> float:
    """Expected calibration error with bins of equal width (Naeini, Cooper and Hauskrecht 2015)."""
    if not len(p):
        return 0.0
    which = np.minimum((p * bins).astype(np.int64), bins - 1)
    sizes = np.bincount(which, minlength=bins)
    gaps = np.abs(np.bincount(which, weights=p, minlength=bins) - np.bincount(which, weights=truth, minlength=bins))
    return float(gaps[sizes > 0].sum() / len(p))


def level_table(truth: Ints, predicted: Ints, levels: int = 4, weights: Ints | None = None) -> Floats:
    """Counts (levels, levels) of items by their true and their given level."""
    counts = np.bincount(truth * levels + predicted, weights=weights, minlength=levels * levels)
    return counts.reshape(levels, levels).astype(np.float64)


def quadratic_kappa(truth: Ints, predicted: Ints, levels: int = 4, weights: Ints | None = None) -> float:
    """Cohen's kappa with quadratic weights (Cohen 1968) for levels 0..levels-1; 1 when both are one same level."""
    table = level_table(truth, predicted, levels, weights)
    steps = np.arange(levels)
    cost = (steps[:, None] - steps[None, :]) ** 2
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / max(table.sum(), 1)
    worst = float((cost * expected).sum())
    return 1.0 - float((cost * table).sum()) / worst if worst > 0 else 1.0


def wilson(hits: int, n: int) -> Estimate:
    """A share with its 95 % Wilson interval (Wilson 1927), for shares near 0 that a bootstrap would call certain."""
    if n == 0:
        return Estimate(0.0, 0.0, 1.0)
    z, share = 1.959964, hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))
