"""The linear heads on hashed features, whole and out of fold: what the baseline is, and what stands beside the
encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nlp.features import Counts
from nlp.heads import COLUMN, HEADS, Head
from nlp.training.folds import fit_head, matrix, out_of_fold
from nlp.training.inputs import Progress
from nlp.training.targets import UNKNOWN
from nlp.weighting import Weighting

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LinearFit:
    """Out-of-fold scores (rows, heads), and coefficients (buckets, heads) and biases (heads,) of the fit on all
    rows."""

    scores: Floats
    coefficients: Floats
    biases: Floats


def fit_linear(
    counts: Sequence[Counts],
    weighting: Weighting,
    targets: Mapping[Head, Ints],
    weights: Mapping[Head, Floats],
    strengths: Mapping[Head, float],
    folds: Ints,
    seed: int,
    progress: Progress,
) -> LinearFit:
    """One logistic regression a head; `targets` and `weights` hold (rows,) for every head."""
    x = matrix(counts, weighting)
    scores = np.zeros((x.shape[0], len(HEADS)))
    coefficients = np.zeros((x.shape[1], len(HEADS)))
    biases = np.zeros(len(HEADS))
    for head, column in COLUMN.items():
        progress("fitting heads", column, len(HEADS))
        target, weight, strength = targets[head], weights[head], strengths[head]
        known = target != UNKNOWN
        fit = partial(fit_head, strength=strength, seed=seed)
        scores[:, column] = out_of_fold(x, target, weight, folds, fit)
        coefficients[:, column], biases[column] = fit_head(x[known], target[known], weight[known], strength, seed)
    progress("fitting heads", len(HEADS), len(HEADS))
    coefficients[weighting.idf == 0] = 0.0
    return LinearFit(scores, coefficients, biases)
