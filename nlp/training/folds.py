"""Fitting the linear heads, whole and out of fold. The one module here that needs scikit-learn and scipy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import sigmoid
from nlp.features import Counts
from nlp.weighting import Weighting
from waspada.errors import MissingExtraError

try:
    from scipy import sparse
    from scipy.optimize import minimize
    from sklearn.linear_model import LogisticRegression
except ImportError as error:
    raise MissingExtraError(
        "Training needs scikit-learn and scipy, which are not installed.", hint="Run: pip install 'waspada[train]'"
    ) from error

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Log odds are brought to about unit size before the ridge, whose strength is scikit-learn's C; chosen out of fold.
_LOGIT_UNIT, _LEVEL_STRENGTH = 3.0, 0.3
_SHIFT_STEPS = 100


def matrix(rows: Sequence[Counts], weighting: Weighting) -> Any:
    """scipy CSR (rows, buckets), its values made by the same call that the runtime makes."""
    values = np.concatenate([weighting.vector(row) for row in rows])
    starts = np.cumsum([0, *(len(row.buckets) for row in rows)])
    made = sparse.csr_matrix(
        (values, np.concatenate([row.buckets for row in rows]), starts), shape=(len(rows), len(weighting.idf))
    )
    made.eliminate_zeros()
    return made


def assign_folds(groups: Sequence[str], folds: int, rng: np.random.Generator) -> Ints:
    """Fold (n,) of every row; rows of one group share it."""
    names, index = np.unique(np.asarray(groups), return_inverse=True)
    return (rng.permutation(len(names)) % folds)[index].astype(np.int64)


def fit_head(x: Any, target: Ints, weights: Floats, strength: float, seed: int) -> tuple[Floats, float]:
    """Coefficients (buckets,) and intercept of one head; `strength` is scikit-learn's C, classes balanced."""
    if len(np.unique(target)) < 2:
        return np.zeros(x.shape[1]), -5.0 if not target.any() else 5.0
    model = LogisticRegression(C=strength, class_weight="balanced", solver="liblinear", tol=1e-4, random_state=seed)
    model.fit(x, target, sample_weight=weights)
    return model.coef_[0].astype(np.float64), float(model.intercept_[0])


def out_of_fold(
    x: Any, target: Ints, weights: Floats, folds: Ints, fit: Callable[[Any, Ints, Floats], tuple[Floats, float]]
) -> Floats:
    """Scores (n,) of every row by a model that saw neither it nor its group; rows with target < 0 teach nothing."""
    scores = np.zeros(len(target))
    for fold in np.unique(folds):
        train, held = (folds != fold) & (target >= 0), folds == fold
        coefficients, bias = fit(x[train], target[train], weights[train])
        scores[held] = x[held] @ coefficients + bias
    return scores


def fit_ridge(logits: Floats, reached: NDArray[np.bool_], weights: Floats) -> tuple[Floats, float]:
    """Weights (heads,) and intercept of a weighted ridge regression of a level on log odds (n, heads)."""
    model = LogisticRegression(C=_LEVEL_STRENGTH, max_iter=2000)
    model.fit(logits / _LOGIT_UNIT, reached, sample_weight=weights)
    return (model.coef_[0] / _LOGIT_UNIT).astype(np.float64), float(model.intercept_[0])


def fit_shift(
    words: Any, vectors: Floats, target: Ints, weights: Floats, offset: Floats, strength: float
) -> tuple[Floats, Floats, float]:
    """What has to be added to given log odds `offset` (n,) so that they fit `target` (n,) of 0 and 1: coefficients of
    sparse `words` (n, buckets) and of `vectors` (n, dim), and an intercept.

    Logistic regression with an offset, ridge 1 / `strength` on the coefficients: with few rows the sum stays near 0,
    and what was given stands.
    """
    n_words, n_all = words.shape[1], words.shape[1] + vectors.shape[1]
    turned, ridge = words.T.tocsr(), 1.0 / strength

    def loss(point: Floats) -> tuple[float, Floats]:
        own, dense, bias = point[:n_words], point[n_words:n_all], point[n_all]
        logit = words @ own + vectors @ dense + bias + offset
        slope = (sigmoid(logit) - target) * weights
        value = float(
            weights @ (np.logaddexp(0.0, logit) - target * logit) + 0.5 * ridge * (point[:n_all] @ point[:n_all])
        )
        return value, np.concatenate([turned @ slope + ridge * own, vectors.T @ slope + ridge * dense, [slope.sum()]])

    options = {"maxiter": _SHIFT_STEPS, "gtol": 1e-3, "ftol": 1e-6}
    found = minimize(loss, np.zeros(n_all + 1), jac=True, method="L-BFGS-B", options=options).x
    return found[:n_words], found[n_words:n_all], float(found[n_all])
