"""The shapes of a hand-over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from waspada.alerts.types import AlertState, AlertSummary
from waspada.errors import ConflictError
from waspada.notify.types import NoticeView, Shift, Silence

#: So many lines of each part are listed; the counts know of all.
LINES_SHOWN = 50
MAX_NOTE_CHARACTERS = 4000


class Figure(StrEnum):
    """What is counted when a note is written, so that it is known later how things stood."""

    CAME_IN = "came_in"
    IN_HAND = "in_hand"
    WAITING = "waiting"
    OVERDUE = "overdue"
    ASKED = "asked"
    DECIDED = "decided"
    HELD = "held"
    ENDING = "ending"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Handover:
    """The note of a shift and who took over; `figures` are the counts of when it was written."""

    id: int
    desk: str
    shift: Shift
    actor: str
    at: datetime
    note: str
    figures: Mapping[str, int]
    revision: int
    received_by: str | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict of a person in the shift, and why."""

    alert: AlertSummary
    at: datetime
    actor: str
    state: AlertState
    reason: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Question:
    """An alert that waits for the answer of an office."""

    alert: AlertSummary
    office: str
    question: str
    asked_at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How a desk stands at the end of a shift, or now. Lists hold at most `LINES_SHOWN` lines, `counts` all.

    `came_in` opened, rose or was re-opened by the machine in the shift; `in_hand` is acknowledged, verified or waits
    for an answer; `waiting` is new, recent, and high enough to interrupt. `ending` are silences that end before the
    next shift does. `note` is that of this shift, `before` that of the one before.
    """

    desk: str
    shift: Shift
    following: Shift
    is_current: bool
    came_in: Sequence[AlertSummary]
    in_hand: Sequence[AlertSummary]
    waiting: Sequence[AlertSummary]
    overdue: Sequence[AlertSummary]
    asked: Sequence[Question]
    decided: Sequence[Decision]
    held: Sequence[NoticeView]
    interruptions: int
    cap: int
    ending: Sequence[Silence]
    silent: Sequence[str]
    enabled: int
    counts: Mapping[Figure, int]
    note: Handover | None
    before: Handover | None


class StaleHandoverError(ConflictError):
    """Somebody else wrote the note of this shift first; `written` is what stands there."""

    def __init__(self, written: Handover) -> None:
        super().__init__(
            f"{written.actor} changed the note of this shift since you looked at it.",
            hint="Read it again, then write.",
        )
        self.written = written
        self.revision = written.revision
