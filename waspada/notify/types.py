"""The shapes of a notice (one interruption of a desk), of a silence, and of what decides about both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from waspada.alerts.types import AlertState


class Occasion(StrEnum):
    """Why a notice is due. (`waspada.sources.types.NoticeKind` is what the operator is told of a source.)"""

    FIRST = "first"
    UPDATE = "update"  # facts that a person cares about changed
    REPEAT = "repeat"  # nobody acknowledged the alert
    RAISED = "raised"  # a desk below raised it to this one (waspada.escalations)


class NoticeState(StrEnum):
    """Held is not lost: it is listed, and comes free when its reason falls away."""

    READY = "ready"  # handed to delivery
    HELD = "held"
    DROPPED = "dropped"  # was held until it was needed no more


class HeldReason(StrEnum):
    SILENCE = "silence"  # a person silenced the region and label for a time
    PARENT = "parent"  # a wider event, or one that a person named, speaks for it
    CAP = "cap"  # the desk was interrupted often enough in this shift


class DropReason(StrEnum):
    ACKNOWLEDGED = "acknowledged"  # somebody is on it already
    FINISHED = "finished"  # no threat, a duplicate, or closed
    LOWERED = "lowered"  # its level is too low by now
    OLD = "old"  # its news is
    UNCHANGED = "unchanged"  # nothing is to be told that was not told: it changed back, or the event's other alert did
    MERGED = "merged"  # the alert's story became part of another one


#: Somebody knew of the alert already. What was dropped for another reason told nobody anything.
KNOWN_TO_PEOPLE = frozenset({DropReason.ACKNOWLEDGED, DropReason.FINISHED})


class Change(StrEnum):
    """What an update tells. A new score is none of them."""

    LEVEL = "level"
    LABEL = "label"
    PLACE = "place"
    OUTLETS = "outlets"


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of quieting. `shift_start` is a time of day in `zone`; two shifts make a day."""

    wait: timedelta
    update_every: timedelta
    repeat_after: timedelta
    min_level: int
    per_shift: int
    shift_start: time
    zone: ZoneInfo
    min_voices: int = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """What a person was told, or would be: numbers and codes only. `texts` counts the articles and posts of the story,
    each edit once more: it grows with news and never by scoring again. `places` are kabupaten/kota and provinces."""

    level: int
    labels: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    outlets: int = 0
    texts: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """An alert as quieting sees it. `place` is where it happened; `province` is set where it is about a whole province,
    `parent_id` where a person said which alert speaks for it. `reached_at` is when it opened at a level that interrupts
    or last rose to one. One that is about to be ranked anew is not decided on yet: its facts lag behind its texts."""

    alert_id: int
    revision: int
    state: AlertState
    label: str
    score: float
    place: str | None
    reached_at: datetime
    last_item_at: datetime
    facts: Facts
    province: str | None = None
    parent_id: int | None = None
    is_ranked: bool = True
    muted_by: int | None = None  # a silence of reports without which the alert would interrupt nobody
    risen_at: datetime | None = None  # when its level last changed
    model_since: datetime | None = None  # since when another model reads the same texts; None where a text came since


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice of one alert to one desk (the region that its people are bound to); `number` counts them."""

    id: int
    alert_id: int
    number: int
    kind: Occasion
    due_at: datetime
    facts: Facts
    changes: Sequence[Change] = ()
    held_at: datetime | None = None
    held_reason: HeldReason | None = None
    held_by: str = ""
    ready_at: datetime | None = None
    dropped_at: datetime | None = None
    drop_reason: DropReason | None = None

    @property
    def is_waiting(self) -> bool:
        return self.ready_at is None and self.dropped_at is None

    @property
    def is_known(self) -> bool:
        """Whether the desk knows what it says."""
        return self.ready_at is not None or self.drop_reason in KNOWN_TO_PEOPLE

    @property
    def settled_at(self) -> datetime | None:
        return self.ready_at or self.dropped_at


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that the rules ask for, from `at` on."""

    kind: Occasion
    at: datetime
    changes: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with a due notice: `notice` is the one that waits already, None for a new one."""

    alert: Subject
    due: Due
    outcome: NoticeState
    notice: Notice | None = None
    held_reason: HeldReason | None = None
    held_by: str = ""
    drop_reason: DropReason | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """Twelve hours of a desk: `start` <= time < `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """Notices of alerts that happened in `region` are held until then; of one main label, or of all where it is None.

    It hides no alert, and does not hold those of the highest level. One of an alert (`alert_id`) holds the notices of
    that alone, up to the `level` that it had when it was silenced; one of a report (`item_id`) what is told by it.
    """

    id: int
    region: str
    label: str | None
    until: datetime
    actor: str
    reason: str
    at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    alert_id: int | None = None
    item_id: int | None = None
    level: int | None = None

    @property
    def is_of_region(self) -> bool:
        return self.alert_id is None and self.item_id is None

    def is_active(self, now: datetime) -> bool:
        return self.ended_at is None and self.at <= now < self.until


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice with the alert it is of, for people; `place` is where the alert happened, as far as it is known."""

    notice: Notice
    state: NoticeState
    desk: str
    label: str
    place: str | None
    headline: str
    alert_state: AlertState


@dataclass(frozen=True, slots=True)
class ShiftView:
    """How often a desk was interrupted in a shift, and what the cap held back in it, in all and by label."""

    desk: str
    shift: Shift
    cap: int
    used: int
    held: Sequence[NoticeView]
    held_by_label: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SilenceView:
    """A silence with the number of notices that it holds back now."""

    silence: Silence
    is_active: bool
    holds: int
