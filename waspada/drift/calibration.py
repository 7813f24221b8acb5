"""Probabilities against answers of persons for items drawn by lot. Pure.

An expected calibration error is never 0: with few answers that of a calibrated model is large, too. So it is held
against what the same probabilities give when they are true (Broecker and Smith, 2007), by simulation.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from waspada.drift.types import FIGURES, Calibration, Estimate, Fit
from waspada.shares import wilson

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: Fewer answers than this say nothing.
LEAST_ANSWERS = 50
BINS = 10
RESAMPLES, LEAST_RESAMPLES = 1000, 400
#: So many numbers are drawn in all, and at once (8 MB): with very many answers fewer resamples say as much.
_MOST_DRAWN, _MOST_AT_ONCE = 5_000_000, 1_000_000
SEED = 20241127
#: How often all figures of a calibrated model together may be called off by chance.
ALPHA = 0.05


def calibration(figure: str, p: Floats, truth: Bools, *, resamples: int = RESAMPLES, seed: int = SEED) -> Calibration:
    """`p` (n,) probabilities of a figure, `truth` (n,) what persons said. The same seed gives the same intervals."""
    n, positives = len(p), int(truth.sum())
    if n < LEAST_ANSWERS:
        return Calibration(figure, n, positives, None, None, None, None, None, Fit.TOO_FEW)
    rng, resamples = np.random.default_rng(seed), min(resamples, max(LEAST_RESAMPLES, _MOST_DRAWN // n))
    bins = np.eye(BINS)[np.minimum((p * BINS).astype(np.int64), BINS - 1)]
    gaps = p - truth
    parts = gaps[:, np.newaxis] * bins
    sums, shares, resampled = [], [], []
    for size in _sizes(resamples, n):
        resampled.append(rng.multinomial(n, np.full(n, 1 / n), size=size) @ parts)
        simulated = (rng.random((size, n)) < p).astype(np.float64)
        shares.append(simulated.mean(axis=1))
        sums.append(p @ bins - simulated @ bins)
    error = float(_errors(parts.sum(axis=0), n))
    alpha = ALPHA / len(FIGURES)
    low, high = np.quantile(np.concatenate(shares), [alpha / 2, 1 - alpha / 2])
    by_chance = float(np.quantile(_errors(np.concatenate(sums), n), 1 - alpha))
    between = np.quantile(_errors(np.concatenate(resampled), n), [0.025, 0.975])
    observed = positives / n
    off = Fit.OFF if error > by_chance else Fit.FITS
    return Calibration(
        figure=figure,
        n=n,
        positives=positives,
        expected=float(p.mean()),
        observed=Estimate(observed, *wilson(observed, n)),
        error=Estimate(error, float(between[0]), float(between[1])),
        by_chance=by_chance,
        brier=float((gaps**2).mean()),
        fit=Fit.TOO_HIGH if observed < low else Fit.TOO_LOW if observed > high else off,
    )


def _sizes(resamples: int, n: int) -> Iterator[int]:
    at_once = max(1, _MOST_AT_ONCE // n)
    for begin in range(0, resamples, at_once):
        yield min(at_once, resamples - begin)


def _errors(sums: Floats, n: int) -> Floats:
    """Expected calibration errors of (..., bins) sums of gaps between probability and truth, over `n` answers."""
    return np.asarray(np.abs(sums).sum(axis=-1) / n, dtype=np.float64)
