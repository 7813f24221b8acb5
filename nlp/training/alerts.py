"""The alert level: a small regression over the calibrated log odds of all heads, and three cuts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import sigmoid
from nlp.evaluation.metrics import quadratic_kappa
from nlp.heads import COLUMN, HEADS, LABEL_HEADS, AlertRule, Head
from nlp.training.folds import fit_ridge
from nlp.training.thresholds import RaiseCaps, alert_thresholds
from waspada.taxonomy import EVENT_LABELS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: Hate is an auxiliary output and never a reason for an alert; the claim head means nothing outside misinformation.
_USED = np.array([head not in (Head.HATE, Head.MISINFORMATION_CLAIM) for head in HEADS])


@dataclass(frozen=True, slots=True)
class AlertRows:
    """What the rule is fitted on, n rows: out-of-fold log odds (n, heads), level, fold and weight of each.

    Cuts are judged on `gold` rows; `quiet` (among gold) and `protected` (authored) rows should stay below level 2.
    """

    logits: Floats
    level: Ints
    folds: Ints
    weights: Floats
    gold: Bools
    quiet: Bools
    protected: Bools

    def part(self, chosen: Bools) -> AlertRows:
        """The rows where `chosen` (n,) is true."""
        return AlertRows(*(getattr(self, name)[chosen] for name in self.__slots__))


def fit_alert_rule(
    rows: AlertRows, thresholds: Mapping[Head, float], caps: RaiseCaps, rng: np.random.Generator
) -> tuple[AlertRule, list[float], Floats]:
    """Rule, three cuts, and the out-of-fold P(alert >= 1, 2, 3) (n, 3) that the cuts were chosen on.

    The log odds are themselves out of fold; the regression is again fitted out of fold on them. Whether level 2 needs
    an event label is decided by which gives the better kappa under the same caps.
    """
    p = np.zeros((len(rows.level), 3))
    for fold in np.unique(rows.folds):
        held = rows.folds == fold
        p[held] = _fit(rows.part(~held), needs_event=False).probabilities(rows.logits[held])
    passed = {head: sigmoid(rows.logits[:, COLUMN[head]]) >= thresholds[head] for head in HEADS}
    shown = np.where(passed[Head.FOREIGN][:, None], 0.0, p)
    event = np.any([passed[LABEL_HEADS[label]] for label in EVENT_LABELS], axis=0)
    options = {True: event, False: np.ones(len(event), dtype=bool)}
    cuts = {needs: _cuts(rows, shown, allowed, caps, rng) for needs, allowed in options.items()}
    needs = max(options, key=lambda key: _kappa(rows, shown, options[key], cuts[key]))
    return _fit(rows, needs_event=needs), cuts[needs], p


def _fit(rows: AlertRows, *, needs_event: bool) -> AlertRule:
    weights, bias = np.zeros((3, len(HEADS))), np.full(3, -5.0)
    for step in (1, 2, 3):
        reached = rows.level >= step
        if len(np.unique(reached)) < 2:
            continue
        weights[step - 1, _USED], bias[step - 1] = fit_ridge(rows.logits[:, _USED], reached, rows.weights)
    return AlertRule(weights, bias, needs_event)


def _cuts(rows: AlertRows, p: Floats, allowed: Bools, caps: RaiseCaps, rng: np.random.Generator) -> list[float]:
    high = np.where(allowed[:, None] | (np.arange(3) == 0), p, 0.0)[rows.protected]
    gold = rows.gold
    return alert_thresholds(p[gold], rows.level[gold], rows.quiet[gold], allowed[gold], caps, rng, protected=high)


def _kappa(rows: AlertRows, p: Floats, allowed: Bools, cuts: list[float]) -> float:
    one = p[:, 0] >= cuts[0]
    two = one & (p[:, 1] >= cuts[1]) & allowed
    level = one.astype(np.int64) + two + (two & (p[:, 2] >= cuts[2]))
    return quadratic_kappa(rows.level[rows.gold], level[rows.gold])
