"""From probabilities to tags: thresholds, levels, and the rules of the codebook that a sum of words cannot know.

Conflict and alert are read from cumulative heads ("level 1 or more", "2 or more", "3"). A level counts only when all
lower ones hold, so that the levels always agree with the label. Alert is decided on the calibrated log odds of all
heads together (`AlertRule`): how much a desk wants an item depends on what it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import sigmoid
from waspada.taxonomy import EVENT_LABELS, AlertP, Aux, Label, LabelTag, MisinformationKind

Floats = NDArray[np.float64]


class Head(StrEnum):
    """One output of the model; the order is the order of the columns in weights.npz."""

    CONFLICT_1 = "conflict_1"
    CONFLICT_2 = "conflict_2"
    CONFLICT_3 = "conflict_3"
    POLARIZATION = "polarization"
    NEUTRALITY = "neutrality"
    MISINFORMATION = "misinformation"
    MISINFORMATION_CLAIM = "misinformation_claim"
    FRAUD = "fraud"
    LOGISTICS = "logistics"
    DISASTER = "disaster"
    ELECTION = "election"
    ALERT_1 = "alert_1"
    ALERT_2 = "alert_2"
    ALERT_3 = "alert_3"
    FOREIGN = "foreign"
    HATE = "hate"


HEADS = tuple(Head)
COLUMN = {head: i for i, head in enumerate(HEADS)}
ALERT_HEADS = (Head.ALERT_1, Head.ALERT_2, Head.ALERT_3)
LABEL_HEADS: Mapping[Label, Head] = {
    Label.CONFLICT: Head.CONFLICT_1,
    Label.POLARIZATION: Head.POLARIZATION,
    Label.NEUTRALITY: Head.NEUTRALITY,
    Label.MISINFORMATION: Head.MISINFORMATION,
    Label.FRAUD: Head.FRAUD,
    Label.LOGISTICS: Head.LOGISTICS,
    Label.DISASTER: Head.DISASTER,
    Label.ELECTION: Head.ELECTION,
}
#: What the codebook sets to 0 for an item whose events are abroad (field `foreign` and clarification 17).
OFF_WHEN_FOREIGN = (Label.CONFLICT, Label.FRAUD, Label.LOGISTICS, Label.DISASTER)


@dataclass(frozen=True, slots=True)
class AlertRule:
    """`weights` (3, heads) and `bias` (3,) on the calibrated log odds of all heads; one row a level.

    With `needs_event`, level 2 or more also needs one event label to be on: clarification 16 grants it to nothing else.
    """

    weights: Floats
    bias: Floats
    needs_event: bool

    def probabilities(self, logits: Floats) -> Floats:
        """P(alert >= 1), P(>= 2), P(3) for log odds (..., heads)."""
        return sigmoid(logits @ self.weights.T + self.bias)


@dataclass(frozen=True, slots=True)
class Decision:
    """What one item gets, before evidence and places. `alert_p` obeys the rules that `alert_level` obeys."""

    labels: dict[Label, LabelTag]
    aux: dict[Aux, LabelTag]
    conflict_level: int
    alert_level: int
    alert_p: AlertP = (0.0, 0.0, 0.0)


def decide(logits: Floats, thresholds: Mapping[Head, float], rule: AlertRule) -> Decision:
    """Tags for calibrated log odds (heads,); thresholds are probabilities, one a head."""
    p = sigmoid(logits)
    passed = {head: bool(p[COLUMN[head]] >= thresholds[head]) for head in HEADS}
    foreign = passed[Head.FOREIGN]
    labels = {label: _label(label, p, passed, foreign) for label in Label}
    hate = LabelTag(_round(p[COLUMN[Head.HATE]]), passed[Head.HATE])
    event = any(labels[label].on for label in EVENT_LABELS)
    high_allowed = event or not rule.needs_event
    alert_p = np.zeros(3) if foreign else rule.probabilities(logits)
    alert = 0 if foreign else _alert_level(alert_p, thresholds, high_allowed)
    levels = _conflict_level(labels, passed), alert
    return Decision(labels, {Aux.HATE: hate}, *levels, _falling(alert_p, high_allowed))


def _label(label: Label, p: Floats, passed: Mapping[Head, bool], foreign: bool) -> LabelTag:
    probability, on = float(p[COLUMN[LABEL_HEADS[label]]]), passed[LABEL_HEADS[label]]
    if foreign and label in OFF_WHEN_FOREIGN:
        # The label needs "not abroad"; its probability cannot exceed the probability of that.
        probability, on = min(probability, 1.0 - float(p[COLUMN[Head.FOREIGN]])), False
    kind = None
    if on and label is Label.MISINFORMATION:
        claim = passed[Head.MISINFORMATION_CLAIM]
        kind = MisinformationKind.CLAIM if claim else MisinformationKind.REPORT
    return LabelTag(_round(probability), on, kind)


def _conflict_level(labels: Mapping[Label, LabelTag], passed: Mapping[Head, bool]) -> int:
    if not labels[Label.CONFLICT].on:
        return 0
    if not passed[Head.CONFLICT_2]:
        return 1
    return 3 if passed[Head.CONFLICT_3] else 2


def _alert_level(p: Floats, thresholds: Mapping[Head, float], high_allowed: bool) -> int:
    level = 0
    for step, head in enumerate(ALERT_HEADS, start=1):
        if p[step - 1] < thresholds[head] or (step >= 2 and not high_allowed):
            break
        level = step
    return level


def _falling(p: Floats, high_allowed: bool) -> AlertP:
    """The three regressions are fitted apart: a higher level is never more likely than the one below it."""
    one, two, three = (
        _round(value) for value in np.minimum.accumulate(np.where([True, high_allowed, high_allowed], p, 0.0))
    )
    return one, two, three


def _round(p: float) -> float:
    """Six digits are far beyond what is meant, and the same on every platform."""
    return round(float(np.clip(p, 0.0, 1.0)), 6)
