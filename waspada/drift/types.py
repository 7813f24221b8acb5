"""The shapes of the monthly report of the model in use. Counts and shares: no words of items, no accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from waspada.labels.agreement import FieldAgreement
from waspada.labels.types import Queue
from waspada.models.types import Objection, Step
from waspada.taxonomy import Label

#: Figures that say whether an item reaches an alert level.
ALERT_FIGURES = ("alert_1", "alert_2", "alert_3")
#: What rates and calibration are given for, in this order.
FIGURES = (*(label.value for label in Label), *ALERT_FIGURES)


class Change(StrEnum):
    """What a comparison of the month with the months before says."""

    CHANGED = "changed"
    AS_BEFORE = "as_before"  # more than chance, and no more than those months differ from each other
    NONE = "no_change_seen"
    TOO_FEW = "too_few"


class Fit(StrEnum):
    """What answers of persons say of probabilities."""

    FITS = "fits"
    TOO_HIGH = "too_high"  # the model says more than there is
    TOO_LOW = "too_low"
    OFF = "off"  # right in sum, and wrong by parts
    TOO_FEW = "too_few"


class Outlets(StrEnum):
    """Sources with items in the month: heard in the reference, too, or only now."""

    KNOWN = "known"
    NEW = "new"


class Measure(StrEnum):
    """How far two sets of texts lie apart."""

    UNKNOWN_WORDS = "unknown_words"  # share of the words of one that do not stand in the other, 0..1
    VOCABULARY = "vocabulary"  # Jensen-Shannon divergence of the words, 0..1 (bits)
    EMBEDDING = "embedding"  # squared maximum mean discrepancy of the embeddings


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rate:
    """How often the model in use finds a figure (`FIGURES`): `hits` of `n` items of the month, and the same of the
    reference. Shares are None where there are no items; `reference` is also None for new outlets."""

    figure: str
    n: int
    hits: int
    share: Estimate | None
    reference_n: int
    reference_hits: int
    reference: Estimate | None
    change: Change


@dataclass(frozen=True, slots=True)
class Calibration:
    """Probabilities of the model in use against answers for items drawn by lot.

    `expected` is the mean probability, `observed` the share in truth; `error` the expected calibration error, and
    `by_chance` what that of a calibrated model would seldom exceed with so few answers. All None where there are too
    few.
    """

    figure: str
    n: int
    positives: int
    expected: float | None
    observed: Estimate | None
    error: Estimate | None
    by_chance: float | None
    brier: float | None
    fit: Fit


@dataclass(frozen=True, slots=True)
class TextShift:
    """How far texts of the month lie from those of the reference: `n` texts of either, one of each story.

    `chance` is what two random halves of the reference seldom exceed, `before` the farthest that one month of the
    reference lay from the others (None where these are too few).
    """

    measure: Measure
    outlets: Outlets
    n: int
    value: float | None
    chance: float | None
    before: float | None
    change: Change


@dataclass(frozen=True, slots=True)
class Decision:
    """A promotion or roll-back of the month. Why, and by whom, stands with the model."""

    at: datetime
    what: Step
    model: str
    previous: str | None
    overridden: Sequence[Objection]


@dataclass(frozen=True, slots=True)
class Heard:
    """Items and sources: `known` and `new` of the month, `reference` of the same known sources in the months before,
    `gone` of sources that were heard then and not now. `read` were read by the model in use."""

    known: int = 0
    new: int = 0
    reference: int = 0
    gone: int = 0
    known_sources: int = 0
    new_sources: int = 0
    gone_sources: int = 0
    read: int = 0
    reference_read: int = 0


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of the month that stand, and the items that have one. `fields` says how far accounts agree in items of
    which one was given in the month."""

    answers: int
    items: int
    by_queue: Mapping[Queue, int]
    fields: Sequence[FieldAgreement]


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What a month says of the model that was in use at its end (`since`: None where it was from the beginning).

    `reference` names the months that it is held against. `calibration` is of the answers of the month,
    `calibration_before` of those of the reference. `passed_over` counts what could not be used: items without text,
    damaged embeddings, answers for items that this model has not read.
    """

    month: str
    start: datetime
    end: datetime
    made_at: datetime
    reference: Sequence[str]
    model: str
    since: datetime | None
    heard: Heard
    answers: Answers
    rates: Mapping[Outlets, Sequence[Rate]]
    calibration: Sequence[Calibration]
    calibration_before: Sequence[Calibration]
    shifts: Sequence[TextShift]
    decisions: Sequence[Decision]
    passed_over: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was heard in the month."""
        return not self.heard.known and not self.heard.new
