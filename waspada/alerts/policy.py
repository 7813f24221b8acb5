"""Which step leads from which state to which: a pure state machine.

            +-------------------------------(re-open)------------------------+
            v                                                                |
new -> acknowledged -> verified -> closed (with a reason) -------------------+
 |          |   |         |                                                  |
 |          |   +---------|------> closed                                    |
 +----------+-------------+------> dismissed (with a reason) ----------------+
"""

from __future__ import annotations

from collections.abc import Mapping

from waspada.alerts.types import AlertState, CloseReason, DismissReason, Reason
from waspada.errors import ConflictError, InputError

MAX_NOTE_CHARACTERS = 2000

STEPS: Mapping[AlertState, tuple[AlertState, ...]] = {
    AlertState.NEW: (AlertState.ACKNOWLEDGED, AlertState.DISMISSED),
    AlertState.ACKNOWLEDGED: (AlertState.VERIFIED, AlertState.DISMISSED, AlertState.CLOSED),
    AlertState.VERIFIED: (AlertState.CLOSED, AlertState.DISMISSED),
    AlertState.DISMISSED: (AlertState.ACKNOWLEDGED,),
    AlertState.CLOSED: (AlertState.ACKNOWLEDGED,),
}


def next_states(state: AlertState) -> tuple[AlertState, ...]:
    return STEPS[state]


def reasons_for(state: AlertState) -> tuple[Reason, ...]:
    """The reasons of which one must be given on the way into a state; empty where none is asked for."""
    if state is AlertState.DISMISSED:
        return tuple(DismissReason)
    return tuple(CloseReason) if state is AlertState.CLOSED else ()


def reopens(from_state: AlertState) -> bool:
    return from_state in (AlertState.DISMISSED, AlertState.CLOSED)


def check_step(from_state: AlertState, to_state: AlertState, reason: str | None) -> Reason | None:
    """The reason as its own type when the step may be taken.

    Raises ConflictError for a step that is not allowed from this state, InputError for a missing or unfit reason.
    """
    if to_state not in STEPS[from_state]:
        ways = ", ".join(STEPS[from_state])
        raise ConflictError(
            f"An alert that is {from_state} cannot become {to_state}.", hint=f"From here it can become: {ways}."
        )
    known = reasons_for(to_state)
    if not known:
        if reason:
            raise InputError(f"The step to {to_state} takes no reason.", hint="Leave the reason out; use the note.")
        return None
    fitting = next((known_reason for known_reason in known if known_reason == reason), None)
    if fitting is None:
        raise InputError(f"An alert needs a reason to become {to_state}.", hint=f"Use one of: {', '.join(known)}.")
    return fitting
