"""From a score to a probability: Platt scaling, p = 1 / (1 + exp(-(a * score + b))).

Platt (1999), with the target smoothing and the safeguarded Newton steps of Lin, Lin and Weng (2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: No head's log odds leave this, so that no later sum is ruled by one of them.
MAX_LOGIT = 12.0


@dataclass(frozen=True, slots=True)
class Platt:
    """Slope and offset of one head."""

    a: float
    b: float

    def logit(self, score: Floats) -> Floats:
        """Calibrated log odds, kept within +-12 so that no later sum is ruled by one head."""
        return np.clip(self.a * score + self.b, -MAX_LOGIT, MAX_LOGIT)


def sigmoid(logit: Floats) -> Floats:
    """Logistic function without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(logit, dtype=np.float64)))


@dataclass(frozen=True, slots=True)
class Blend:
    """One slope a source of scores, and an offset: Platt scaling of several scores of one head at once."""

    slopes: tuple[float, ...]
    offset: float

    def logit(self, scores: Floats) -> Floats:
        """Calibrated log odds of scores (..., sources), kept within the same bounds."""
        joined: Floats = np.clip(scores @ np.array(self.slopes) + self.offset, -MAX_LOGIT, MAX_LOGIT)
        return joined


def fit_platt(scores: Floats, positive: NDArray[np.bool_], steps: int = 100) -> Platt:
    """Slope and offset that make `scores` (n,) most likely given `positive` (n,); flat when only one class is there."""
    blend = _fit(scores[:, None], positive, steps)
    return Platt(blend.slopes[0], blend.offset)


def fit_blend(scores: Floats, positive: NDArray[np.bool_], steps: int = 100) -> Blend:
    """Slopes and offset that make `scores` (n, sources) most likely. A source that would count against the others
    (slope below 0) is left out: that happens only where a rare head leaves the slopes to chance. Where all slopes are
    below 0 they stay, as `fit_platt` would leave them."""
    blend = _fit(scores, positive, steps)
    kept = [column for column, slope in enumerate(blend.slopes) if slope > 0]
    if len(kept) in (0, scores.shape[1]):
        return blend
    part = fit_blend(scores[:, kept], positive, steps)
    slopes = np.zeros(scores.shape[1])
    slopes[kept] = part.slopes
    return Blend(tuple(slopes.tolist()), part.offset)


def _fit(scores: Floats, positive: NDArray[np.bool_], steps: int) -> Blend:
    n_pos, n_neg = int(positive.sum()), int((~positive).sum())
    target = np.where(positive, (n_pos + 1.0) / (n_pos + 2.0), 1.0 / (n_neg + 2.0))
    prior = float(np.log((n_pos + 1.0) / (n_neg + 1.0)))
    if n_pos == 0 or n_neg == 0:
        return Blend((0.0,) * scores.shape[1], prior)
    point = np.array([0.0] * scores.shape[1] + [prior])
    design = np.concatenate([scores, np.ones((len(scores), 1))], axis=1)
    loss = _loss(design @ point, target)
    for _ in range(steps):
        p = sigmoid(design @ point)
        gradient = design.T @ (p - target)
        if np.max(np.abs(gradient)) < 1e-6:
            break
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 1e-10 * np.eye(len(point))
        move = np.linalg.solve(hessian, gradient).astype(np.float64)
        point, loss = _step(design, target, point, move, loss)
    return Blend(tuple(point[:-1].tolist()), float(point[-1]))


def _step(design: Floats, target: Floats, point: Floats, move: Floats, loss: float) -> tuple[Floats, float]:
    size = 1.0
    while size > 1e-8:
        candidate: Floats = point - size * move
        new_loss = _loss(design @ candidate, target)
        if new_loss < loss + 1e-12:
            return candidate, new_loss
        size /= 2
    return point, loss


def _loss(logit: Floats, target: Floats) -> float:
    return float(np.sum(np.logaddexp(0.0, logit) - target * logit))
