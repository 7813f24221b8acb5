"""The night's exercise goes on to a person, and it is said where it did not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.jobs.calling import MINUTE, Recorder, add_person, calls, on_duty, settings_in
from tests.jobs.test_canary import DAY, PLANNED, URL, read, state
from waspada.jobs.canary import TOLD_WITHIN, CanaryState, switch_on
from waspada.jobs.messages import one_round
from waspada.notify.messages import Channel, GivenUp, Retry
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import ContactRow, DutyShiftRow

SOON = PLANNED + 10 * MINUTE
LATE = PLANNED + TOLD_WITHIN + MINUTE


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "desk", canary=True)


@pytest.fixture
def desk(store: Store, settings: Settings) -> Store:
    """Two on duty in the night, with contacts that they proved long before."""
    with store.write() as session:
        switch_on(session, f"{URL}/feed", settings, PLANNED - 2 * DAY)
        for position, name in enumerate(("ana", "budi"), 1):
            on_duty(session, add_person(session, settings, name, Channel.MAIL, Channel.TELEGRAM), position)
        session.execute(update(ContactRow).values(verified_at=PLANNED - 3 * DAY))
        session.execute(update(DutyShiftRow).values(starts_at=PLANNED - DAY, ends_at=PLANNED + DAY))
    return store


def test_it_is_sent_marked_to_who_is_on_duty_and_wakes_nobody_else(desk: Store, settings: Settings) -> None:
    read(desk, settings, SOON)
    mail, telegram = Recorder(), Recorder(channel="telegram")
    for minutes in (0, 1, 12, 30):
        one_round(desk, settings, [mail, telegram], lambda at=SOON + minutes * MINUTE: at)  # type: ignore[misc]
    (row,) = calls(desk)
    assert (row.exercise, row.step, row.end_reason) == (True, 1, "told")
    assert (len(mail.seen), len(telegram.seen)) == (1, 0)
    assert mail.seen[0].body["subject"].startswith("LATIHAN: ")
    assert mail.seen[0].body["subject"].count("LATIHAN") <= 2
    assert "tidak ada kejadian nyata" in mail.seen[0].body["text"]
    assert state(desk, settings, LATE) is CanaryState.OK


@pytest.mark.parametrize("outcome", [Retry("no server"), GivenUp("The mailbox is refused (550).")])
def test_what_was_not_handed_over_in_time_is_said(desk: Store, settings: Settings, outcome: Retry | GivenUp) -> None:
    read(desk, settings, SOON)
    one_round(desk, settings, [Recorder(outcome=outcome)], lambda: SOON)
    assert state(desk, settings, PLANNED + TOLD_WITHIN - MINUTE) is CanaryState.OK  # there is time yet
    assert state(desk, settings, LATE) is CanaryState.UNSENT


def test_a_messenger_that_does_not_run_is_said(desk: Store, settings: Settings) -> None:
    read(desk, settings, SOON)
    assert state(desk, settings, LATE) is CanaryState.UNSENT
    one_round(desk, settings, [Recorder()], lambda: LATE)  # late, and that stays said
    assert state(desk, settings, LATE + MINUTE) is CanaryState.UNSENT


def test_where_nobody_has_a_contact_nothing_is_missed(desk: Store, settings: Settings) -> None:
    with desk.write() as session:
        session.execute(update(ContactRow).values(verified_at=PLANNED + timedelta(hours=1)))
    read(desk, settings, SOON)
    assert state(desk, settings, LATE) is CanaryState.OK


def test_it_can_be_switched_off(desk: Store, settings: Settings) -> None:
    off = settings.model_copy(update={"canary_call": False})
    read(desk, off, SOON)
    one_round(desk, off, [Recorder()], lambda: SOON)
    assert calls(desk) == []
    assert state(desk, off, LATE) is CanaryState.OK


def test_hours_later_nobody_is_woken(desk: Store, settings: Settings) -> None:
    read(desk, settings, SOON)
    one_round(desk, settings, [Recorder()], lambda: PLANNED + timedelta(hours=3))
    assert calls(desk) == []
