"""The record of a day: a day on which nobody listened, or nobody could be heard, is told from a calm one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.rows import add_source
from tests.sources.health_rows import HOUR, NOW
from waspada.clock import Days
from waspada.jobs.purge import purge
from waspada.jobs.watch import watch_sources
from waspada.sources import day_records
from waspada.sources.days import COUNTRY, DayRecord, Hearing, Look, added, hearing_of, hours_over
from waspada.sources.types import CoverageState
from waspada.store import Store

WITA = ZoneInfo("Asia/Makassar")
DAY = date(2024, 11, 20)
MIDNIGHT = datetime(2024, 11, 19, 16, tzinfo=UTC)  # the day begins, in WITA
END = MIDNIGHT + timedelta(days=1)
GOOD = Look("63", 6, 8, {CoverageState.COVERED: 12, CoverageState.SILENT: 1})
DEAF = Look("63", 0, 8, {CoverageState.SILENT: 13})


def day_of(looks: Sequence[Look]) -> DayRecord | None:
    """A day with a look every hour from its beginning on."""
    record = None
    for number, look in enumerate(looks):
        record = added(record, look, MIDNIGHT + number * HOUR, WITA)
    return record


@pytest.mark.parametrize(
    ("look", "is_deaf"),
    [
        (GOOD, False),
        (DEAF, True),
        (Look("63", 0, 0, {CoverageState.NONE: 13}), True),
        (Look("63", 2, 8, {CoverageState.SILENT: 7, CoverageState.THIN: 6}), True),  # most kabupaten have nobody
        (Look("63", 2, 8, {CoverageState.SILENT: 6, CoverageState.THIN: 6}), False),
        (Look("63.03", 1, 1, {CoverageState.THIN: 1}), False),
    ],
)
def test_when_a_look_is_deaf(look: Look, is_deaf: bool) -> None:
    assert look.is_deaf is is_deaf


@pytest.mark.parametrize(
    ("looks", "state"),
    [
        ([GOOD] * 24, Hearing.HEARD),
        ([GOOD] * 12, Hearing.HEARD),
        ([GOOD] * 11, Hearing.PARTLY),  # the service ran for less than half of the day
        ([GOOD] * 23 + [DEAF], Hearing.PARTLY),
        ([DEAF] * 12 + [GOOD] * 12, Hearing.DEAF),  # that it was heard again at the end hides nothing
        ([], Hearing.NONE),
    ],
)
def test_how_well_a_day_was_heard(looks: Sequence[Look], state: Hearing) -> None:
    assert hearing_of(day_of(looks), DAY, END, WITA) is state


def test_a_day_that_goes_on_is_measured_by_the_hours_that_are_over() -> None:
    morning = MIDNIGHT + 6 * HOUR
    assert hours_over(DAY, morning, WITA) == 6
    assert hearing_of(day_of([GOOD] * 3), DAY, morning, WITA) is Hearing.HEARD
    assert hearing_of(day_of([GOOD] * 2), DAY, morning, WITA) is Hearing.PARTLY
    assert hearing_of(None, DAY, morning, WITA) is Hearing.NONE
    assert hearing_of(None, DAY, MIDNIGHT + HOUR / 2, WITA) is None
    assert hearing_of(None, DAY + timedelta(days=1), morning, WITA) is None


def test_the_same_look_twice_is_one_and_an_old_one_changes_no_figures() -> None:
    once = day_of([GOOD, DEAF])
    assert once is not None
    assert added(once, DEAF, MIDNIGHT + HOUR, WITA) == once
    late = added(once, GOOD, MIDNIGHT, WITA)
    assert (late.last, late.looked, late.deaf) == (DEAF, 2, 1)


def test_the_watch_keeps_a_record_of_the_country_each_province_and_each_kabupaten(store: Store) -> None:
    with store.write() as session:
        add_source(session, "banua", region="63.03", last_poll_at=NOW, last_success_at=NOW, state="ok")
    for now in (NOW, NOW + HOUR, NOW + HOUR):
        watch_sources(store, now, WITA)
    day = NOW.astimezone(WITA).date()
    with store.read() as session:
        found = {code: day_records.records(session, code, Days(day, day))[day] for code in (COUNTRY, "63", "63.03")}
        nowhere = day_records.records(session, "61.01", Days(day, day))[day]
        assert day_records.records(session, "63", Days(day - timedelta(days=9), day - timedelta(days=1))) == {}
    assert {one.looked for one in found.values()} == {2}
    assert sum(found[COUNTRY].last.regions.values()) == 514
    assert sum(found["63"].last.regions.values()) == 13
    assert (nowhere.last.total, nowhere.last.regions[CoverageState.NONE], nowhere.deaf) == (0, 1, 2)
    assert found["63.03"].last.total == 1


def test_records_are_kept_for_two_years_and_no_longer(store: Store) -> None:
    with store.write() as session:
        for days in (731, 729):
            day_records.keep(session, [GOOD], NOW - timedelta(days=days), WITA)
    assert purge(store, NOW).coverage_days == 1
    assert purge(store, NOW).coverage_days == 0
    first = (NOW - timedelta(days=729)).astimezone(WITA).date()
    with store.read() as session:
        assert set(day_records.records(session, "63", Days(date(2000, 1, 1), date(2100, 1, 1)))) == {first}
