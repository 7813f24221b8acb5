"""What the templates show of the work on an alert: who was faster, who has it in hand, what is silenced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api import schemas
from api.console import words
from waspada.alerts.changes import fields_of
from waspada.alerts.exits import mask
from waspada.alerts.types import OPEN_STATES, AlertEventView, AlertState, AlertSummary, Field, FieldChange, StateChange
from waspada.stories.edits import EditKind, StoryEdit, StoryHistory


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field before and after: words of a catalogue, names of accounts, numbers, or times."""

    name: str
    before: str | int | datetime | None
    after: str | int | datetime | None


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What somebody, or the machine, changed since the reader looked."""

    at: datetime
    actor: str
    action: str
    by_machine: bool
    fields: Sequence[FieldLine]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form held that could not be taken, so that nobody has to write it again."""

    to: str = ""
    reason: str = ""
    note: str = ""
    office: str = ""
    twin: str = ""


@dataclass(frozen=True, slots=True)
class Clarification:
    """What an office was asked."""

    office: str
    question: str
    asked_at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Work:
    """All that the forms of an alert's page need. `may` says whether the reader may take steps with it."""

    may: bool
    is_open: bool
    owner: str | None
    is_mine: bool
    due_at: datetime | None
    overdue: bool
    others: Sequence[str] = ()
    clarification: Clarification | None = None
    twin_id: int | None = None
    silences: Sequence[schemas.SilenceOut] = ()
    may_quiet: bool = False
    may_edit: bool = False
    may_undo: bool = False
    story_revision: int = 0
    undoable: Sequence[StoryEdit] = ()
    silenced_items: frozenset[int] = frozenset()
    is_silenced: bool = False
    near: Sequence[tuple[int, str]] | None = None


def change_line(change: StateChange) -> ChangeLine:
    return ChangeLine(change.at, change.actor, change.action, change.is_by_machine, field_lines(change.fields))


def field_lines(fields: Sequence[FieldChange]) -> list[FieldLine]:
    return [FieldLine(words.FIELDS[one.field], _value(one, one.before), _value(one, one.after)) for one in fields]


def told_fields(view: AlertEventView) -> list[FieldLine]:
    """Owner and due time of a line of the history; state and level have words of their own there."""
    return field_lines([one for one in fields_of(view.detail) if one.field in (Field.OWNER, Field.DUE)])


def clarification_of(alert: AlertSummary, history: Sequence[AlertEventView]) -> Clarification | None:
    """What is asked while the alert waits for an answer; `history` is newest first."""
    if alert.state is not AlertState.NEEDS_CLARIFICATION:
        return None
    asked = (one for one in history if one.to_state == AlertState.NEEDS_CLARIFICATION and one.detail.get("office"))
    found = next(asked, None)
    if found is None:
        return None
    return Clarification(mask(str(found.detail["office"])), mask(found.note), found.at, found.actor)


def twin_of(alert: AlertSummary, history: Sequence[AlertEventView]) -> int | None:
    """The alert that this one was called a duplicate of, while it is one."""
    if alert.state is not AlertState.DUPLICATE:
        return None
    last = next((one for one in history if one.to_state == AlertState.DUPLICATE), None)
    other = last.detail.get("alert") if last else None
    return other if isinstance(other, int) else None


def is_open(state: AlertState) -> bool:
    return state in OPEN_STATES


def undoable(known: StoryHistory) -> list[StoryEdit]:
    """The merges and splits of a story that stand, the newest first, at most three."""
    return [one for one in known.edits if one.kind is not EditKind.UNDO and one.undone_by is None][:3]


def _value(change: FieldChange, value: str | int | None) -> str | int | datetime | None:
    if value is None:
        return None
    match change.field:
        case Field.STATE:
            return words.STATES.get(str(value), str(value))
        case Field.REASON:
            return words.REASONS.get(str(value), str(value))
        case Field.DUE:
            return datetime.fromisoformat(str(value))
        case _:
            return value
