"""The shapes of a model, of a step with it, and of what is known before it is promoted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from waspada.taxonomy import ItemText


class Step(StrEnum):
    """What a person does with a model. The newest promotion or roll-back says which one is in use."""

    SHADOW = "shadow"  # its tags are stored beside those of the model in use
    UNSHADOW = "unshadow"
    PROMOTE = "promote"
    ROLLBACK = "rollback"


class Verdict(StrEnum):
    """What a comparison says of a figure: a difference counts where its 95 % interval leaves out zero."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "no difference seen"


class Objection(StrEnum):
    """What speaks against a promotion. Each can be set aside by an admin, and the audit log shows which were."""

    NOT_COMPARED = "not_compared"
    WORSE = "worse"
    NO_GATES = "no_gates"
    FUNCTIONAL = "functional"
    PROTECTED = "protected"


@dataclass(frozen=True, slots=True)
class Gates:
    """The two release gates. Shares are 0..1; `protected_upper` is the upper end of the 95 % Wilson interval."""

    functional_share: float
    weakest: str
    weakest_share: float
    functional_open: bool
    protected_hits: int
    protected_n: int
    protected_upper: float
    protected_open: bool

    @property
    def is_open(self) -> bool:
        return self.functional_open and self.protected_open


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of a candidate and of another model on the same rows, with the 95 % interval of the difference.

    `slice` is "" for all rows; `n` counts the positives that the figure rests on (the rows, where it has none).
    """

    figure: str
    slice: str
    n: int
    candidate: float
    other: float
    low: float
    high: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Against:
    """A candidate beside one other model. `verdict` is that of the figures that decide: worse where one is worse."""

    other: str
    verdict: Verdict
    differences: Sequence[Difference]


class ModelMove(StrEnum):
    """What becomes of an alert when another model reads its texts."""

    APPEARS = "appears"
    VANISHES = "vanishes"
    RISES = "rises"
    FALLS = "falls"
    RANK = "rank"  # of the same level, elsewhere in the list


@dataclass(frozen=True, slots=True)
class Moved:
    """An alert that would stand elsewhere: levels 0..3, ranks from 1 (None: not in the list). It holds no words: they
    are looked up when it is shown, so that what was erased stays erased."""

    story: int
    alert: int | None
    what: ModelMove
    label: str
    level_before: int
    level_after: int
    rank_before: int | None
    rank_after: int | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a candidate would do to the alerts of the last `days`, `stories` of which were looked at. `moved` holds what
    matters most, first; `counts` is of all."""

    other: str
    days: int
    stories: int
    counts: Mapping[ModelMove, int]
    moved: Sequence[Moved]


@dataclass(frozen=True, slots=True)
class AnsweredItem:
    """An answered item with its slices (kind, month, region): `labels` are fields of the codebook, given for `version`
    of its text."""

    text: ItemText
    labels: Mapping[str, int]
    group: str
    slices: Mapping[str, str]
    version: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A candidate beside the model in use and beside the baseline; `rows` labelled items of the fold `source`, of so
    many `groups` (stories, and items of none; 0 where that was not counted)."""

    model: str
    rows: int
    source: str
    against: Sequence[Against]
    effect: Effect | None = None
    groups: int = 0

    def with_model(self, other: str) -> Against | None:
        return next((one for one in self.against if one.other == other), None)


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model as people see it. `verdict` is that of the comparison with the model that is in use now."""

    name: str
    kind: str
    base: str | None
    shipped: bool
    made_of: Mapping[str, Any]
    comparison: Comparison | None
    gates: Gates | None
    compared_at: datetime | None
    actor: str
    at: datetime
    is_current: bool
    is_shadow: bool


@dataclass(frozen=True, slots=True)
class ModelEvent:
    id: int
    what: Step
    model: str
    previous: str | None
    reason: str
    overridden: Sequence[Objection]
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class InUse:
    """The model that reads, and the one whose tags are stored beside it. `previous` is where a roll-back leads."""

    current: str
    shadow: str | None
    previous: str | None
    since: datetime | None


class TrainingKind(StrEnum):
    """What a training makes: new heads on stored embeddings, a model learned anew, or a comparison of one there is."""

    HEADS = "heads"
    FULL = "full"
    COMPARE = "compare"


class TrainingState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Training:
    """A training that was asked for. `started_at` is also the sign of who runs it now: each start has its own.

    `model` is what it made, or the one that it compares. `asked` holds counts only: "train" and "test" items with an
    answer then, "last_label", "estimate_seconds", and "compare", whether a comparison follows.
    """

    id: int
    kind: TrainingKind
    state: TrainingState
    asked: Mapping[str, Any]
    stage: str
    done: int
    total: int
    log: str
    problem: str
    cancel: bool
    model: str | None
    actor: str
    at: datetime
    started_at: datetime | None
    beat_at: datetime | None
    ended_at: datetime | None
    tries: int


@dataclass(frozen=True, slots=True)
class LearnedFrom:
    """Items with an answer that stands, by fold, and how many answers came after the last training."""

    train: int
    test: int
    fresh: int
    last_label: int
