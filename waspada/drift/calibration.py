"""Probabilities against answers of persons for items drawn by lot. Pure.

An expected calibration error is never 0: with few answers that of a calibrated model is large, too. So it is held
against what the same probabilities give when they are true (Broecker and Smith, 2007), by simulation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from waspada.drift.types import FIGURES, Calibration, Estimate, Fit
from waspada.shares import wilson

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: Fewer answers than this say nothing.
LEAST_ANSWERS = 50
BINS = 10
RESAMPLES = 1000
#: So many numbers are drawn at once at most: 40 MB.
_MOST_DRAWN = 5_000_000
SEED = 20241127
#: How often all figures of a calibrated model together may be called off by chance.
ALPHA = 0.05


def calibration(figure: str, p: Floats, truth: Bools, *, resamples: int = RESAMPLES, seed: int = SEED) -> Calibration:
    """`p` (n,) probabilities of a figure, `truth` (n,) what persons said. The same seed gives the same intervals."""
    n, positives = len(p), int(truth.sum())
    if n < LEAST_ANSWERS:
        return Calibration(figure, n, positives, None, None, None, None, None, Fit.TOO_FEW)
    rng, resamples = np.random.default_rng(seed), max(1, min(resamples, _MOST_DRAWN // n))
    bins = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    gaps = p - truth
    error = _errors(gaps[np.newaxis], bins)[0]
    drawn = rng.integers(n, size=(resamples, n))
    resampled = _errors(gaps[drawn], bins[drawn])
    simulated = rng.random((resamples, n)) < p
    alpha = ALPHA / len(FIGURES)
    low, high = np.quantile(simulated.mean(axis=1), [alpha / 2, 1 - alpha / 2])
    by_chance = float(np.quantile(_errors(p - simulated, bins), 1 - alpha))
    observed = positives / n
    off = Fit.OFF if error > by_chance else Fit.FITS
    return Calibration(
        figure=figure,
        n=n,
        positives=positives,
        expected=float(p.mean()),
        observed=Estimate(observed, *wilson(observed, n)),
        error=Estimate(float(error), *(float(end) for end in np.quantile(resampled, [0.025, 0.975]))),
        by_chance=by_chance,
        brier=float((gaps**2).mean()),
        fit=Fit.TOO_HIGH if observed < low else Fit.TOO_LOW if observed > high else off,
    )


def _errors(gaps: Floats, bins: NDArray[np.int64]) -> Floats:
    """Expected calibration errors (m,) of (m, n) gaps between probability and truth; `bins` (n,) or (m, n)."""
    sums = [np.abs((gaps * (bins == number)).sum(axis=1)) for number in range(BINS)]
    return np.asarray(np.sum(sums, axis=0) / gaps.shape[1], dtype=np.float64)
