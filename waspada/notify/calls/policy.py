"""Who is called next: a pure decision on what was tried and a clock."""

from __future__ import annotations

from datetime import datetime

from waspada.notify.calls.types import CallNow, ChainState, End, EndReason, How, NextCall, Rest


def next_call(state: ChainState, now: datetime) -> NextCall:
    """What is done with a chain at this moment.

    Who is first on the rota is called first. Level 3 goes on to the next one after `wait` without an answer, or at once
    where no channel reached the one before, and after the last to everybody of the desk, once. What needs no answer
    goes on along the rota only where it could not be sent.
    """
    if state.is_answered or state.is_taken:
        return End(EndReason.ACKNOWLEDGED if state.is_answered else EndReason.TAKEN)
    if not state.tried:
        return _first(state)
    last = state.tried[-1]
    if not state.escalates and last.is_sent:
        return End(EndReason.TOLD)
    until = last.at + state.wait if state.escalates else None
    if not last.has_failed and (until is None or now < until):
        return Rest(until)
    all_failed = all(step.has_failed for step in state.tried)
    return _following(state) or End(EndReason.FAILED if all_failed else EndReason.SILENT)


def _first(state: ChainState) -> NextCall:
    if state.rota:
        return CallNow(tuple(state.rota[:1]), How.ROTA)
    if state.everybody:  # of an exercise in the night one of them is enough
        return CallNow(tuple(state.everybody[:1] if state.is_exercise else state.everybody), How.FALLBACK)
    return End(EndReason.FAILED)


def _following(state: ChainState) -> CallNow | None:
    """The next on the rota, then everybody who was not called yet; an exercise and what needs no answer stay on the
    rota."""
    called = {user for step in state.tried for user in step.user_ids}
    waiting = tuple(user for user in state.rota if user not in called)
    if state.is_exercise:
        return None
    if waiting and all(step.how is How.ROTA for step in state.tried):
        return CallNow(waiting[:1], How.ROTA)
    rest = tuple(user for user in state.everybody if user not in called)
    if not rest or not state.escalates or any(step.how is not How.ROTA for step in state.tried):
        return None
    return CallNow(rest, How.EVERYBODY)
