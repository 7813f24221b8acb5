"""The alert level: a small regression over the calibrated log odds of all heads, and three cuts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import sigmoid
from nlp.evaluation.metrics import quadratic_kappa
from nlp.heads import COLUMN, HEADS, LABEL_HEADS, AlertRule, Head
from nlp.training.folds import fit_ridge
from nlp.training.thresholds import alert_thresholds
from waspada.taxonomy import EVENT_LABELS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: Hate is an auxiliary output and never a reason for an alert; the claim head means nothing outside misinformation.
_USED = np.array([head not in (Head.HATE, Head.MISINFORMATION_CLAIM) for head in HEADS])


def fit_alert_rule(
    logits: Floats,
    level: Ints,
    quiet: Bools,
    folds: Ints,
    thresholds: Mapping[Head, float],
    quiet_cap: float,
    rng: np.random.Generator,
) -> tuple[AlertRule, list[float], Floats]:
    """Rule, three cuts, and the out-of-fold P(alert >= 1, 2, 3) (n, 3) that the cuts were chosen on.

    `logits` (n, heads) are themselves out of fold; the regression is again fitted out of fold on them. Whether level 2
    needs an event label is decided by which gives the better kappa under the same cap on raised quiet items.
    """
    p = np.zeros((len(level), 3))
    for fold in np.unique(folds):
        train, held = folds != fold, folds == fold
        p[held] = _fit(logits[train], level[train], needs_event=False).probabilities(logits[held])
    passed = {head: sigmoid(logits[:, COLUMN[head]]) >= thresholds[head] for head in HEADS}
    shown = np.where(passed[Head.FOREIGN][:, None], 0.0, p)
    event = np.any([passed[LABEL_HEADS[label]] for label in EVENT_LABELS], axis=0)
    options = {True: event, False: np.ones(len(level), dtype=bool)}
    cuts = {needs: alert_thresholds(shown, level, quiet, allowed, quiet_cap, rng) for needs, allowed in options.items()}
    needs = max(options, key=lambda key: _kappa(shown, level, options[key], cuts[key]))
    return _fit(logits, level, needs_event=needs), cuts[needs], p


def _fit(logits: Floats, level: Ints, *, needs_event: bool) -> AlertRule:
    weights, bias = np.zeros((3, len(HEADS))), np.full(3, -5.0)
    for step in (1, 2, 3):
        reached = level >= step
        if len(np.unique(reached)) < 2:
            continue
        weights[step - 1, _USED], bias[step - 1] = fit_ridge(logits[:, _USED], reached)
    return AlertRule(weights, bias, needs_event)


def _kappa(p: Floats, level: Ints, allowed: Bools, cuts: list[float]) -> float:
    one = p[:, 0] >= cuts[0]
    two = one & (p[:, 1] >= cuts[1]) & allowed
    return quadratic_kappa(level, one.astype(np.int64) + two + (two & (p[:, 2] >= cuts[2])))
