"""Steps with alerts: the state machine, and two people at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.sample import CLASH, NOW, add_alert
from waspada.alerts import repository
from waspada.alerts.policy import STEPS, check_step, next_states, reasons_for
from waspada.alerts.service import move
from waspada.alerts.types import AlertMoved, AlertState, CloseReason, NoThreatReason, StaleRevisionError
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.store import Store
from waspada.store.tables import AlertEventRow, AlertRow

NEEDS_REASON = (AlertState.NOT_A_THREAT, AlertState.CLOSED)


@pytest.fixture
def alert_id(store: Store) -> int:
    with store.write() as session:
        return add_alert(session, CLASH)


def step(store: Store, alert_id: int, to: AlertState, revision: int, **given: Any) -> AlertMoved:
    with store.write() as session:
        return move(session, alert_id, to, actor=given.pop("actor", "liaison-1"), revision=revision, now=NOW, **given)


@pytest.mark.parametrize("from_state", AlertState)
@pytest.mark.parametrize("to_state", AlertState)
def test_a_step_is_allowed_exactly_where_the_table_says(from_state: AlertState, to_state: AlertState) -> None:
    reasons = reasons_for(to_state, from_state)
    reason = reasons[0] if reasons else None
    if to_state in STEPS[from_state]:
        assert check_step(from_state, to_state, reason) == (
            reason if to_state is not AlertState.DUPLICATE else "duplicate"
        )
    else:
        with pytest.raises(ConflictError):
            check_step(from_state, to_state, reason)


def test_every_state_can_be_left_and_reached() -> None:
    assert all(next_states(state) for state in AlertState)
    assert {to for steps in STEPS.values() for to in steps} == set(AlertState) - {AlertState.NEW}


def test_no_threat_and_closed_need_a_reason_of_their_own() -> None:
    assert [state for state in AlertState if reasons_for(state)] == list(NEEDS_REASON)
    for reason in (None, "", "unheard_of", CloseReason.RESOLVED):
        with pytest.raises(InputError):
            check_step(AlertState.NEW, AlertState.NOT_A_THREAT, reason)
    with pytest.raises(InputError):
        check_step(AlertState.VERIFIED, AlertState.CLOSED, NoThreatReason.OLD_NEWS)
    with pytest.raises(InputError, match="takes no reason"):
        check_step(AlertState.NEW, AlertState.ACKNOWLEDGED, NoThreatReason.OLD_NEWS)


def test_the_whole_way_and_back(store: Store, alert_id: int) -> None:
    step(store, alert_id, AlertState.ACKNOWLEDGED, 1, note="Menghubungi kecamatan.")
    step(store, alert_id, AlertState.VERIFIED, 2)
    step(store, alert_id, AlertState.CLOSED, 3, reason="resolved")
    moved = step(store, alert_id, AlertState.ACKNOWLEDGED, 4)
    assert moved == AlertMoved(
        "liaison-1", alert_id, moved.story_id, AlertState.CLOSED, AlertState.ACKNOWLEDGED, None, 5, NOW
    )
    with store.read() as session:
        now = repository.summary(session, alert_id)
        lines = repository.history(session, alert_id)
    assert (now.state, now.reason, now.revision, now.changed_at) == (AlertState.ACKNOWLEDGED, None, 5, NOW)
    assert [line.action for line in lines] == ["reopened", "moved", "moved", "moved", "opened"]
    assert [line.to_state for line in lines] == ["acknowledged", "closed", "verified", "acknowledged", None]
    assert lines[1].reason == "resolved"
    assert lines[3].note == "Menghubungi kecamatan."


def test_the_second_of_two_people_sees_what_the_first_did(store: Store, alert_id: int) -> None:
    step(store, alert_id, AlertState.ACKNOWLEDGED, 1, actor="liaison-1")
    with pytest.raises(StaleRevisionError, match="liaison-1: acknowledged") as caught:
        step(store, alert_id, AlertState.NOT_A_THREAT, 1, actor="liaison-2", reason="old_news")
    assert caught.value.revision == 2
    assert caught.value.changes[0].actor == "liaison-1"
    with store.read() as session:
        assert repository.summary(session, alert_id).state is AlertState.ACKNOWLEDGED


def test_of_many_at_once_exactly_one_wins(store: Store, alert_id: int, another_store: Callable[[], Store]) -> None:
    stores = [store, another_store()]

    def attempt(number: int) -> bool:
        try:
            stores[number % 2].retrying(
                lambda session: move(
                    session, alert_id, AlertState.ACKNOWLEDGED, actor=f"liaison-{number}", revision=1, now=NOW
                )
            )
        except StaleRevisionError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        wins = list(pool.map(attempt, range(12)))
    assert sum(wins) == 1
    with store.read() as session:
        steps = session.scalars(select(AlertEventRow).where(AlertEventRow.action == "moved")).all()
        assert [line.actor for line in steps] == [f"liaison-{wins.index(True)}"]


def test_a_refused_step_changes_nothing(store: Store, alert_id: int) -> None:
    for to, given in ((AlertState.CLOSED, {"reason": "resolved"}), (AlertState.NOT_A_THREAT, {})):
        with pytest.raises((ConflictError, InputError)):
            step(store, alert_id, to, 1, **given)
    with pytest.raises(InputError, match="too long"):
        step(store, alert_id, AlertState.ACKNOWLEDGED, 1, note="x" * 2001)
    with store.read() as session:
        assert session.get_one(AlertRow, alert_id).revision == 1
        assert len(repository.history(session, alert_id)) == 1


def test_an_odd_note_is_made_plain(store: Store, alert_id: int) -> None:
    step(store, alert_id, AlertState.ACKNOWLEDGED, 1, note="a\x00b\ud800c\u202ed")
    with store.read() as session:
        assert repository.history(session, alert_id)[0].note == "a b cd"


def test_an_alert_of_another_region_cannot_be_moved(store: Store, alert_id: int) -> None:
    with pytest.raises(NotFoundError):
        step(store, alert_id, AlertState.ACKNOWLEDGED, 1, within="64")
