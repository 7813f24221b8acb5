"""From out-of-fold log odds to everything a finished model decides with: thresholds, alert rule, and judged tags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import sigmoid
from nlp.heads import ALERT_HEADS, COLUMN, HEADS, AlertRule, Head
from nlp.labelled import LabelledItem, is_protected, is_quiet, values_of
from nlp.training.alerts import AlertRows, fit_alert_rule
from nlp.training.judging import out_of_fold_tags
from nlp.training.targets import UNKNOWN
from nlp.training.thresholds import (
    RaiseCaps,
    careful_threshold,
    f1_threshold,
    precision_threshold,
)
from waspada.taxonomy import Tags

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: Labels that bring an item before the desk at level 2: here a false alarm costs trust.
ALARMS = frozenset(
    {Head.CONFLICT_1, Head.POLARIZATION, Head.NEUTRALITY, Head.MISINFORMATION, Head.FRAUD, Head.LOGISTICS}
)


@dataclass(frozen=True, slots=True)
class Judged:
    """The rows that a head is calibrated and cut on: their indices, and which are positive."""

    rows: Ints
    positive: Bools


@dataclass(frozen=True, slots=True)
class DecisionRows:
    """n labelled rows with out-of-fold log odds (n, heads), fold and weight; `gold` (n,) says which may judge."""

    rows: Sequence[LabelledItem]
    logits: Floats
    folds: Ints
    weights: Floats
    gold: Bools


@dataclass(frozen=True, slots=True)
class Decisions:
    """Thresholds and rule of the model, and out-of-fold tags of every row."""

    thresholds: dict[Head, float]
    rule: AlertRule
    tags: list[Tags]


def judged_rows(target: Ints, own: Bools) -> Judged:
    """Rows of `own` (n,) where the head's target (n,) is known."""
    rows = np.flatnonzero(own & (target != UNKNOWN))
    return Judged(rows, target[rows] == 1)


def fit_decisions(
    data: DecisionRows,
    p_judged: Callable[[Head], tuple[Floats, Bools]],
    foreign_precision: float,
    caps: RaiseCaps,
    rng: np.random.Generator,
    careful: frozenset[Head] = frozenset(),
) -> Decisions:
    """`p_judged(head)` gives out-of-fold probabilities and truth of the rows that the head is cut on; the cuts of the
    heads in `careful` are `careful_threshold`."""
    thresholds = {}
    for head in HEADS:
        p, positive = p_judged(head)
        cut = threshold_of(head, p, positive, foreign_precision, rng)
        thresholds[head] = careful_threshold(p, positive, cut) if head in careful else cut
    rows = AlertRows(
        logits=data.logits,
        level=values_of(data.rows, "alert"),
        folds=data.folds,
        weights=data.weights,
        gold=data.gold,
        quiet=data.gold & np.array([is_quiet(row) for row in data.rows]),
        protected=~data.gold & np.array([is_protected(row) for row in data.rows]),
    )
    rule, cuts, alert_p = fit_alert_rule(rows, thresholds, caps, rng)
    thresholds |= dict(zip(ALERT_HEADS, cuts, strict=True))
    return Decisions(thresholds, rule, out_of_fold_tags(data.rows, data.logits, thresholds, rule, alert_p))


def threshold_of(head: Head, p: Floats, positive: Bools, foreign_precision: float, rng: np.random.Generator) -> float:
    """The probability from which a head is on."""
    if head is Head.FOREIGN:
        return precision_threshold(p, positive, foreign_precision)
    if head is Head.MISINFORMATION_CLAIM:
        return 0.5
    return f1_threshold(p, positive, rng)


def probabilities(logits: Floats, head: Head, judged: Judged) -> tuple[Floats, Bools]:
    """What `fit_decisions` asks for, from log odds (n, heads) of all rows."""
    return sigmoid(logits[judged.rows, COLUMN[head]]), judged.positive
