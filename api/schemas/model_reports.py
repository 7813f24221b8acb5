"""Documents of the monthly report of the model in use: counts and shares, no words of items, no accounts."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.agreement import FieldAgreementOut
from api.schemas.common import Document, Probability
from waspada.drift.types import Change, Fit, Measure, Outlets
from waspada.labels.types import Queue
from waspada.models.types import Objection, Step

_MONTH = Field(examples=["2026-10"])
_FIGURE = Field(description="A label, or alert_N: alert level N or more.", examples=["conflict"])


class EstimateOut(Document):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class RateOut(Document):
    """How often the model finds it: `hits` of `n` items of the month, and the same of the months before."""

    figure: str = _FIGURE
    n: int
    hits: int
    share: EstimateOut | None
    reference_n: int
    reference_hits: int
    reference: EstimateOut | None
    change: Change


class CalibrationOut(Document):
    """Probabilities against answers for items drawn by lot; null where there are too few."""

    figure: str = _FIGURE
    n: int
    positives: int
    expected: Probability | None = Field(description="Mean probability.")
    observed: EstimateOut | None = Field(description="Share in truth.")
    error: EstimateOut | None = Field(description="Expected calibration error.")
    by_chance: Probability | None = Field(description="What that of a calibrated model would seldom exceed.")
    brier: Probability | None
    fit: Fit


class TextShiftOut(Document):
    """How far texts of the month lie from those before; `n` of either, one of each story."""

    measure: Measure
    outlets: Outlets
    n: int
    value: float | None
    chance: float | None = Field(description="What two random halves of the months before seldom exceed.")
    before: float | None = Field(description="The farthest that one of those months lay from the others.")
    change: Change


class HeardOut(Document):
    """Items and sources: known ones were heard in the months before, new ones only now, gone ones only before."""

    known: int
    new: int
    reference: int
    gone: int
    known_sources: int
    new_sources: int
    gone_sources: int
    read: int = Field(description="Items of the month that the model has read.")
    reference_read: int


class AnswersOut(Document):
    """Answers of the month, and how far accounts agree in their items."""

    answers: int
    items: int
    by_queue: dict[Queue, int] = Field(examples=[{"random": 12}])
    fields: list[FieldAgreementOut]


class ModelDecisionOut(Document):
    at: datetime
    what: Step
    model: str
    previous: str | None
    overridden: list[Objection]


class ModelReportOut(Document):
    """What a month says of the model that was in use at its end, beside the months before it (`reference`)."""

    month: str = _MONTH
    start: datetime
    end: datetime
    made_at: datetime
    reference: list[str] = Field(examples=[["2026-07", "2026-08", "2026-09"]])
    model: str = Field(examples=["waspada-id-v1+7"])
    since: datetime | None = Field(description="Null: from the beginning.")
    heard: HeardOut
    answers: AnswersOut
    rates: dict[Outlets, list[RateOut]]
    calibration: list[CalibrationOut]
    calibration_before: list[CalibrationOut]
    shifts: list[TextShiftOut]
    decisions: list[ModelDecisionOut]
    passed_over: dict[str, int] = Field(examples=[{"texts": 0, "embeddings": 1, "answers": 0}])


class ModelReportLineOut(Document):
    """A report in the list: what changed among known sources, and which probabilities do not fit."""

    month: str = _MONTH
    model: str = Field(examples=["waspada-id-v1+7"])
    made_at: datetime
    items: int
    answers: int
    changed: list[str] = Field(description="Figures and measures.", examples=[["conflict", "vocabulary"]])
    misfits: list[str] = Field(examples=[["fraud"]])
