"""Which step leads from which state to which, and who may overtake whom: a pure state machine.

| from | to |
|---|---|
| new | acknowledged, needs clarification, not a threat, duplicate |
| acknowledged | verified, needs clarification, not a threat, duplicate, closed |
| needs clarification | acknowledged (the answer is there), verified, not a threat, duplicate, closed |
| verified | closed, needs clarification, not a threat, duplicate |
| not a threat, duplicate | closed, acknowledged (re-opened) |
| closed | acknowledged (re-opened) |

`docs/workflow.md` draws it. Whoever closes gives one reason of a short list; what was no threat, or a duplicate, stays
so when it is closed: its reasons are those of that state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from waspada.alerts.types import (
    FINISHED_STATES,
    AlertState,
    CloseReason,
    DuplicateReason,
    Field,
    NoThreatReason,
    Reason,
    StateChange,
)
from waspada.errors import ConflictError, InputError

MAX_NOTE_CHARACTERS = 2000
MAX_OFFICE_CHARACTERS = 80
#: An alert that is to be done later than this is a plan and no warning.
MAX_DUE = timedelta(days=90)
#: The list that a reader sees by default: what is open, with a report of this time.
LISTED_FOR = timedelta(days=7)
#: States by which a person took back that an alert is a threat of its own,
REFUTED_STATES: frozenset[AlertState] = frozenset({AlertState.NOT_A_THREAT, AlertState.DUPLICATE})
#: and the reasons that say the same where it was closed afterwards.
REFUTING_REASONS: frozenset[Reason] = frozenset({*NoThreatReason, *DuplicateReason})

STEPS: Mapping[AlertState, tuple[AlertState, ...]] = {
    AlertState.NEW: (
        AlertState.ACKNOWLEDGED,
        AlertState.NEEDS_CLARIFICATION,
        AlertState.NOT_A_THREAT,
        AlertState.DUPLICATE,
    ),
    AlertState.ACKNOWLEDGED: (
        AlertState.VERIFIED,
        AlertState.NEEDS_CLARIFICATION,
        AlertState.NOT_A_THREAT,
        AlertState.DUPLICATE,
        AlertState.CLOSED,
    ),
    AlertState.NEEDS_CLARIFICATION: (
        AlertState.ACKNOWLEDGED,
        AlertState.VERIFIED,
        AlertState.NOT_A_THREAT,
        AlertState.DUPLICATE,
        AlertState.CLOSED,
    ),
    AlertState.VERIFIED: (
        AlertState.CLOSED,
        AlertState.NEEDS_CLARIFICATION,
        AlertState.NOT_A_THREAT,
        AlertState.DUPLICATE,
    ),
    AlertState.NOT_A_THREAT: (AlertState.ACKNOWLEDGED, AlertState.CLOSED),
    AlertState.DUPLICATE: (AlertState.ACKNOWLEDGED, AlertState.CLOSED),
    AlertState.CLOSED: (AlertState.ACKNOWLEDGED,),
}
#: Steps that say what an alert is: whoever takes one must have seen it as it is.
VERDICTS = (AlertState.VERIFIED, *FINISHED_STATES)
#: What stays of a state when the alert is closed from there.
_KEPT: Mapping[AlertState, tuple[Reason, ...]] = {
    AlertState.NOT_A_THREAT: tuple(NoThreatReason),
    AlertState.DUPLICATE: tuple(DuplicateReason),
}
_ENDS: tuple[Reason, ...] = (CloseReason.RESOLVED, CloseReason.PASSED_ON, CloseReason.NO_LONGER_CURRENT)


def next_states(state: AlertState) -> tuple[AlertState, ...]:
    return STEPS[state]


def reasons_for(to_state: AlertState, from_state: AlertState = AlertState.ACKNOWLEDGED) -> tuple[Reason, ...]:
    """The reasons of which one must be given on the way into a state; empty where none is asked for."""
    if to_state is AlertState.NOT_A_THREAT:
        return tuple(NoThreatReason)
    if to_state is not AlertState.CLOSED:
        return ()
    if from_state is AlertState.NEEDS_CLARIFICATION:
        return (*_ENDS, CloseReason.UNANSWERED)
    return _KEPT.get(from_state, _ENDS)


def reopens(from_state: AlertState, to_state: AlertState = AlertState.ACKNOWLEDGED) -> bool:
    return from_state in FINISHED_STATES and to_state not in FINISHED_STATES


def is_refuted(state: str, reason: str | None) -> bool:
    """Whether a person said that the alert was none, or is another one: it leaves the team no more."""
    return state in REFUTED_STATES or (state == AlertState.CLOSED and reason in REFUTING_REASONS)


def check_step(from_state: AlertState, to_state: AlertState, reason: str | None) -> Reason | None:
    """The reason as its own type when the step may be taken.

    Raises ConflictError for a step that is not allowed from this state, InputError for a missing or unfit reason. A
    duplicate needs none given: it is its own.
    """
    if to_state not in STEPS[from_state]:
        ways = ", ".join(STEPS[from_state])
        raise ConflictError(
            f"An alert that is {from_state} cannot become {to_state}.", hint=f"From here it can become: {ways}."
        )
    if to_state is AlertState.DUPLICATE and reason in (None, "", DuplicateReason.DUPLICATE):
        return DuplicateReason.DUPLICATE
    known = reasons_for(to_state, from_state)
    if not known:
        if reason:
            raise InputError(f"The step to {to_state} takes no reason.", hint="Leave the reason out; use the note.")
        return None
    fitting = next((known_reason for known_reason in known if known_reason == reason), None)
    if fitting is None:
        raise InputError(f"An alert needs a reason to become {to_state}.", hint=f"Use one of: {', '.join(known)}.")
    return fitting


def check_due(due_at: datetime | None, now: datetime) -> None:
    """Raises InputError for a time in the past, or further away than `MAX_DUE`."""
    if due_at is not None and due_at <= now:
        raise InputError("The time lies in the past.", hint="Name a time that is still to come.")
    if due_at is not None and due_at > now + MAX_DUE:
        raise InputError("The time is too far away.", hint=f"It may be {MAX_DUE.days} days away at most.")


def in_the_way(changes: Sequence[StateChange], to_state: AlertState | None) -> bool:
    """Whether what happened since somebody looked forbids what they want to do now.

    | what happened since | a verdict (verified, not a threat, duplicate, closed) | any other step, owner, due time |
    |---|---|---|
    | a person did anything | forbidden | forbidden |
    | the machine gave it another state (a merge) | forbidden | forbidden |
    | the machine re-opened it, changed its level or its story | forbidden | allowed |
    | the machine changed the level and changed it back | allowed | allowed |

    `to_state` is the state that is wanted, None where another field is to be changed. Score and facts alone change no
    revision, and notes never ask.
    """
    if any(not change.is_by_machine or _gives_state(change) for change in changes):
        return True
    return to_state in VERDICTS and not _ends_where_it_began(changes)


def _gives_state(change: StateChange) -> bool:
    return change.to_state is not None and change.action != "reopened"


def _ends_where_it_began(changes: Sequence[StateChange]) -> bool:
    """Whether nothing but the level changed, and that is what it was; `changes` are newest first."""
    fields = [one for change in changes for one in change.fields]
    if any(change.to_state is not None for change in changes) or {one.field for one in fields} != {Field.LEVEL}:
        return not changes
    return fields[0].after == fields[-1].before
