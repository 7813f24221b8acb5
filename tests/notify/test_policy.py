"""When an alert interrupts a desk: the rules one by one, on a clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.notify.desk import HOUR, MINUTE, NOW, RULES, facts, subject
from waspada.alerts.types import AlertState
from waspada.notify.policy import LIVE_FOR, NEWS_FOR, changes, due, needless, rules_of, shift_of, together
from waspada.notify.types import Change, DropReason, Due, Facts, Notice, Occasion
from waspada.settings import load_settings


def told(at: datetime, known: Facts | None = None, kind: Occasion = Occasion.FIRST) -> Notice:
    return Notice(1, 1, 1, kind, at, known or facts(), ready_at=at)


def test_the_first_notice_waits_so_that_what_belongs_together_is_told_together() -> None:
    assert due(subject(), [], RULES, NOW) == Due(Occasion.FIRST, NOW + 12 * MINUTE)
    assert due(subject(), [], replace(RULES, wait=timedelta()), NOW) == Due(Occasion.FIRST, NOW)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"state": AlertState.NOT_A_THREAT}, DropReason.FINISHED),
        ({"state": AlertState.CLOSED}, DropReason.FINISHED),
        ({"facts": facts(level=1)}, DropReason.LOWERED),
        ({"facts": facts(level=0)}, DropReason.LOWERED),
        ({"last_item_at": NOW - LIVE_FOR}, DropReason.OLD),
    ],
)
def test_no_notice_of_what_is_over(given: dict[str, Any], reason: DropReason) -> None:
    alert = subject(**given)
    assert due(alert, [], RULES, NOW) is None
    assert due(alert, [told(NOW - 13 * HOUR)], RULES, NOW) is None
    assert all(needless(alert, kind, RULES, NOW) is reason for kind in Occasion)


def test_old_news_interrupts_nobody() -> None:
    """Alerts of a backlog, or of the time before the program was there, stand in the list and are told to nobody."""
    assert due(subject(last_item_at=NOW - NEWS_FOR), [], RULES, NOW) is None


@pytest.mark.parametrize(
    ("now_known", "expected"),
    [
        (facts(level=3, texts=2), (Change.LEVEL,)),
        (facts(labels=("conflict", "polarization"), texts=2), (Change.LABEL,)),
        (facts(places=("63.03", "63.71"), texts=2), (Change.PLACE,)),
        (facts(outlets=3, texts=2), (Change.OUTLETS,)),
        (facts(level=3, outlets=12, texts=9), (Change.LEVEL, Change.OUTLETS)),
        (facts(outlets=2, texts=2), None),  # one more outlet is no news
        (facts(places=("63.03", "63"), texts=2), None),  # only the province of a place that is known
        (facts(level=2, labels=(), places=(), outlets=0, texts=2), None),  # what fell away is no news
        (facts(level=3, texts=1), None),  # nothing was written: a better model scored again
        (facts(texts=40), None),
    ],
)
def test_an_update_tells_what_a_person_cares_about(now_known: Facts, expected: tuple[Change, ...] | None) -> None:
    alert = subject(facts=now_known, state=AlertState.ACKNOWLEDGED)
    found = due(alert, [told(NOW)], RULES, NOW + HOUR)
    assert found == (None if expected is None else Due(Occasion.UPDATE, NOW + 2 * HOUR, expected))


def test_a_new_score_tells_nobody_anything() -> None:
    alert = subject(state=AlertState.ACKNOWLEDGED)
    for score in (0.0, 50.0, 99.75):
        assert due(replace(alert, score=score, revision=9), [told(NOW)], RULES, NOW + 5 * HOUR) is None


def test_what_comes_and_goes_is_told_once() -> None:
    past = [told(NOW, facts(level=3, texts=2)), told(NOW + 2 * HOUR, facts(level=2, labels=("fraud",), texts=4))]
    assert together(one.facts for one in past) == facts(level=3, labels=("conflict", "fraud"), texts=4)
    alert = subject(state=AlertState.ACKNOWLEDGED, facts=facts(level=3, labels=("conflict",), texts=6))
    assert due(alert, past, RULES, NOW + 5 * HOUR) is None


def test_an_update_needs_news_of_the_last_day() -> None:
    alert = subject(facts=facts(level=3, texts=2), state=AlertState.ACKNOWLEDGED, last_item_at=NOW - NEWS_FOR)
    assert due(alert, [told(NOW - 30 * HOUR)], RULES, NOW) is None


def test_it_is_repeated_while_nobody_acknowledged_it() -> None:
    assert due(subject(), [told(NOW)], RULES, NOW + HOUR) == Due(Occasion.REPEAT, NOW + 12 * HOUR)
    again = [told(NOW), told(NOW + 12 * HOUR, kind=Occasion.REPEAT)]
    assert due(subject(), again, RULES, NOW + 13 * HOUR) == Due(Occasion.REPEAT, NOW + 24 * HOUR)
    for state in (AlertState.ACKNOWLEDGED, AlertState.VERIFIED):
        assert due(subject(state=state), [told(NOW)], RULES, NOW + 20 * HOUR) is None


def test_a_notice_that_somebody_forestalled_is_needed_no_more() -> None:
    alert = subject(state=AlertState.ACKNOWLEDGED)
    assert needless(alert, Occasion.FIRST, RULES, NOW) is DropReason.ACKNOWLEDGED
    assert needless(alert, Occasion.REPEAT, RULES, NOW) is DropReason.ACKNOWLEDGED
    assert needless(alert, Occasion.UPDATE, RULES, NOW) is None


def test_changes_against_nothing_are_all_there_is() -> None:
    assert changes(Facts(0), facts()) == tuple(Change)
    assert changes(facts(), facts()) == ()


@pytest.mark.parametrize(
    ("local", "start"),
    [
        ("07:00", "07:00"),
        ("18:59", "07:00"),
        ("19:00", "19:00"),
        ("23:59", "19:00"),
        ("00:00", "19:00"),
        ("06:59", "19:00"),
    ],
)
def test_two_shifts_make_a_day(local: str, start: str) -> None:
    hour, minute = map(int, local.split(":"))
    moment = datetime(2024, 11, 19, hour, minute, tzinfo=RULES.zone)
    shift = shift_of(moment.astimezone(UTC), RULES)
    assert f"{shift.start.astimezone(RULES.zone):%H:%M}" == start
    assert shift.start <= moment < shift.end
    assert shift.end - shift.start == timedelta(hours=12)


def test_the_rules_are_the_settings() -> None:
    assert rules_of(load_settings()) == RULES
    changed = rules_of(
        load_settings(notify_shift_start="08:30", notify_per_shift=4, notify_wait_minutes=15, zone="WIT")
    )
    assert (f"{changed.shift_start:%H:%M}", changed.per_shift, changed.wait) == ("08:30", 4, 15 * MINUTE)
    assert changed.zone.key == "Asia/Jayapura"
