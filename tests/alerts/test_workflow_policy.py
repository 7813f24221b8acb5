"""The workflow as tables: steps, reasons, and what stands in whose way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from waspada.alerts.policy import MAX_DUE, STEPS, VERDICTS, check_due, check_step, in_the_way, is_refuted, reasons_for
from waspada.alerts.types import (
    FINISHED_STATES,
    OPEN_STATES,
    SYSTEM,
    AlertState,
    CloseReason,
    DuplicateReason,
    Field,
    FieldChange,
    NoThreatReason,
    StateChange,
    state_named,
)
from waspada.errors import InputError

NOW = datetime(2024, 11, 20, 3, 0, tzinfo=UTC)
S = AlertState


def test_every_state_is_open_or_finished() -> None:
    assert set(OPEN_STATES) | set(FINISHED_STATES) == set(S)
    assert not set(OPEN_STATES) & set(FINISHED_STATES)


def test_the_picture_of_the_issue() -> None:
    """new -> acknowledged -> verified | not a threat | duplicate | needs clarification -> closed, and re-open."""
    assert STEPS[S.NEW][0] is S.ACKNOWLEDGED
    ends = {S.VERIFIED, S.NOT_A_THREAT, S.DUPLICATE, S.NEEDS_CLARIFICATION}
    assert ends <= set(STEPS[S.ACKNOWLEDGED])
    assert all(S.CLOSED in STEPS[state] for state in ends)
    assert all(S.ACKNOWLEDGED in STEPS[state] for state in FINISHED_STATES)
    assert not {S.VERIFIED, S.CLOSED} & set(STEPS[S.NEW])


@pytest.mark.parametrize(
    ("before", "to", "reasons"),
    [
        (S.ACKNOWLEDGED, S.NOT_A_THREAT, set(NoThreatReason)),
        (S.VERIFIED, S.CLOSED, set(CloseReason) - {CloseReason.UNANSWERED}),
        (S.NEEDS_CLARIFICATION, S.CLOSED, set(CloseReason)),
        (S.NOT_A_THREAT, S.CLOSED, set(NoThreatReason)),
        (S.DUPLICATE, S.CLOSED, set(DuplicateReason)),
        (S.NEW, S.ACKNOWLEDGED, set()),
        (S.NEW, S.DUPLICATE, set()),
    ],
)
def test_reasons_of_a_step(before: S, to: S, reasons: set[str]) -> None:
    assert set(reasons_for(to, before)) == reasons


def test_closing_always_needs_a_reason_of_the_short_list() -> None:
    for before, steps in STEPS.items():
        if S.CLOSED in steps:
            for reason in (None, "", "unheard_of"):
                with pytest.raises(InputError):
                    check_step(before, S.CLOSED, reason)


def test_a_duplicate_is_its_own_reason() -> None:
    assert check_step(S.NEW, S.DUPLICATE, None) == "duplicate" == check_step(S.NEW, S.DUPLICATE, "duplicate")
    with pytest.raises(InputError):
        check_step(S.NEW, S.DUPLICATE, "old_news")


@pytest.mark.parametrize(
    ("state", "reason", "refuted"),
    [
        (S.NOT_A_THREAT, "old_news", True),
        (S.DUPLICATE, "duplicate", True),
        (S.CLOSED, "not_a_threat", True),
        (S.CLOSED, "duplicate", True),
        (S.CLOSED, "resolved", False),
        (S.CLOSED, "unanswered", False),
        *[(state, None, False) for state in OPEN_STATES],
    ],
)
def test_what_leaves_the_team_no_more(state: S, reason: str | None, refuted: bool) -> None:
    assert is_refuted(state, reason) is refuted


def test_old_words_of_the_store_are_understood() -> None:
    assert state_named("dismissed", "duplicate") is S.DUPLICATE
    assert state_named("dismissed", "old_news") is S.NOT_A_THREAT
    assert all(state_named(state.value, None) is state for state in S)
    with pytest.raises(ValueError, match="unheard_of"):
        state_named("unheard_of", None)


def person(action: str = "moved", to: str | None = "acknowledged") -> StateChange:
    return StateChange(NOW, "liaison-1", action, to, (FieldChange(Field.STATE, "new", to),) if to else ())


def machine(before: int, after: int) -> StateChange:
    action = "raised" if after > before else "lowered"
    return StateChange(NOW, SYSTEM, action, None, (FieldChange(Field.LEVEL, before, after),))


REOPENED = StateChange(NOW, SYSTEM, "reopened", "new", (FieldChange(Field.STATE, "closed", "new"),))
MERGED = StateChange(NOW, SYSTEM, "merged", None, (FieldChange(Field.STORY, None, 7),))
MERGED_STATE = StateChange(NOW, SYSTEM, "merged", "verified", (FieldChange(Field.STATE, "new", "verified"),))
ANY_OTHER = (S.ACKNOWLEDGED, S.NEEDS_CLARIFICATION, None)


@pytest.mark.parametrize(
    ("changes", "verdict", "other"),
    [
        ([], False, False),
        ([person()], True, True),
        ([person("assigned", None)], True, True),
        ([machine(2, 3), person()], True, True),
        ([machine(2, 3)], True, False),
        ([machine(3, 2)], True, False),
        ([machine(3, 2), machine(2, 3)], False, False),  # newest first: it rose and fell back
        ([machine(1, 3), machine(2, 1)], True, False),
        ([REOPENED, machine(1, 2)], True, False),
        ([MERGED], True, False),
        ([MERGED_STATE], True, True),
    ],
)
def test_what_stands_in_whose_way(changes: list[StateChange], verdict: bool, other: bool) -> None:
    for state in VERDICTS:
        assert in_the_way(changes, state) is verdict
    for wanted in ANY_OTHER:
        assert in_the_way(changes, wanted) is other


def test_a_due_time_is_to_come_and_not_far() -> None:
    check_due(None, NOW)
    check_due(NOW + timedelta(minutes=1), NOW)
    check_due(NOW + MAX_DUE, NOW)
    for odd in (NOW, NOW - timedelta(days=1), NOW + MAX_DUE + timedelta(seconds=1)):
        with pytest.raises(InputError):
            check_due(odd, NOW)
