"""When a source is silent beyond its habit: a table of histories, and what holds for every history."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.health_rows import DAY, HOUR, NOW, daily, hours, local, source
from waspada.sources.health import (
    MAX_SILENCE,
    MIN_SILENCE,
    is_cut_off,
    is_news,
    is_reached,
    judge,
    notice_of,
    silent_for,
    usual_lag,
)
from waspada.sources.types import ActiveHour, HealthState, NoticeKind, SourceFacts, SourceHealth, SourceState

WORKDAYS = range(5)
OFFICE = (8.2, 9.5, 11.1, 13.4, 15.3, 16.7)


def rings_after(facts: SourceFacts) -> timedelta:
    """How long after its last item a source rings."""
    health = judge(facts, NOW)
    assert health.last_at is not None
    assert health.rings_at is not None
    return health.rings_at - health.last_at


def at(facts: SourceFacts, now: datetime) -> SourceHealth:
    """The judgement at another moment, polled until then."""
    return judge(replace(facts, last_poll_at=now, last_success_at=now, next_poll_at=now + HOUR / 2), now)


def office_source(last_day: int) -> SourceFacts:
    """A desk that publishes six times a working day and never at the weekend."""
    return source(*daily(local(last_day, 17), 27, *OFFICE, weekdays=WORKDAYS))


@pytest.mark.parametrize(
    ("day", "hour", "state"),
    [
        (22, 20, HealthState.SPEAKING),  # Friday evening
        (23, 14, HealthState.SPEAKING),  # Saturday: silent for 21 hours
        (24, 23, HealthState.SPEAKING),  # late on Sunday: silent for 54 hours
        (25, 8, HealthState.SPEAKING),  # Monday before its first item
        (26, 12, HealthState.SILENT),  # Tuesday noon: a whole working day is missing
    ],
)
def test_a_desk_that_works_on_weekdays_may_be_silent_at_the_weekend(day: int, hour: int, state: HealthState) -> None:
    assert at(office_source(22), local(day, hour)).state is state


def test_the_same_silence_in_the_week_rings() -> None:
    """54 hours are a weekend to it; from Tuesday evening to Thursday night they are not."""
    assert at(office_source(19), local(21, 23)).state is HealthState.SILENT


@pytest.mark.parametrize(
    ("zone", "iana"), [("WIB", "Asia/Jakarta"), ("WITA", "Asia/Makassar"), ("WIT", "Asia/Jayapura")]
)
def test_nights_and_weekends_are_those_of_the_sources_own_zone(zone: str, iana: str) -> None:
    """Told on its own clock, the same history has the same alarm in all three zones."""
    facts = source(*daily(local(22, 17, iana), 27, *OFFICE, weekdays=WORKDAYS), zone=zone)
    rings_at = judge(facts, NOW).rings_at
    assert rings_at is not None
    assert rings_at.astimezone(local(1, 0, iana).tzinfo).replace(tzinfo=None) == datetime(2024, 11, 25, 12)


def test_a_zone_that_is_wrong_shifts_the_weekend() -> None:
    """The zone counts: Friday evening in Jayapura is still Friday afternoon by a clock far to the west."""
    right = office_source(22)
    assert rings_after(replace(right, zone="America/New_York")) != rings_after(right)


@pytest.mark.parametrize(
    ("name", "moments", "least", "most"),
    [
        ("every hour", [NOW - n * HOUR for n in range(28 * 24)], 6 * HOUR, 6 * HOUR),
        ("every morning", daily(NOW, 28, 9), 36 * HOUR, 3 * DAY),
        ("every second day", [NOW - n * 2 * DAY for n in range(14)], 4 * DAY, 14 * DAY),
        ("now and then", [NOW - n * DAY for n in (0, 2, 3, 7, 8, 13, 15, 16, 22, 25)], 10 * DAY, 28 * DAY),
    ],
)
def test_each_source_has_its_own_measure(name: str, moments: list[datetime], least: timedelta, most: timedelta) -> None:
    assert least <= rings_after(source(*moments)) <= most


def test_an_outage_that_is_over_does_not_teach_silence() -> None:
    calm = daily(NOW, 28, 8, 12, 16)
    outage = [moment for moment in calm if not 12 * DAY < NOW - moment < 20 * DAY]
    assert rings_after(source(*outage)) < rings_after(source(*calm)) + DAY


def test_a_burst_is_one_voice() -> None:
    """Twelve items within half an hour every Monday and Thursday promise nothing for Tuesday."""
    days = daily(NOW, 28, 9, weekdays=(0, 3))
    burst = source(*(day + n * HOUR / 30 for day in days for n in range(12)))
    assert rings_after(burst) == rings_after(source(*(day + 11 * HOUR / 30 for day in days)))
    assert rings_after(burst) > 5 * DAY
    assert judge(burst, NOW).items_28_days == 12 * len(days)


@pytest.mark.parametrize(
    "moments",
    [
        [],
        [NOW - 5 * DAY],
        [NOW - n * DAY for n in range(7)],  # 7 hours with a voice
        [NOW - n * HOUR for n in range(60)],  # many, in less than a week
    ],
)
def test_too_little_history_is_no_rhythm(moments: list[datetime]) -> None:
    health = judge(source(*moments, added_at=NOW - 20 * DAY), NOW)
    assert (health.state, health.alarm, health.usual_gap) == (HealthState.UNKNOWN, False, None)


def test_without_a_rhythm_four_weeks_are_silence_all_the_same() -> None:
    facts = source(NOW - 27 * DAY)
    assert judge(facts, NOW).state is HealthState.UNKNOWN
    assert at(facts, NOW + DAY).state is HealthState.SILENT


def test_a_new_source_is_neither_good_nor_bad() -> None:
    never = replace(source(added_at=NOW - HOUR), poll_state=SourceState.NEW, last_poll_at=None, last_success_at=None)
    health = judge(never, NOW)
    assert (health.state, health.alarm, health.rings_at) == (HealthState.NEW, False, None)
    assert notice_of(health, NOW) is None


def test_a_feed_that_was_dead_when_it_was_added_gets_its_four_weeks() -> None:
    dead = source(*daily(NOW - 40 * DAY, 10, 8, 12), added_at=NOW - DAY)
    assert judge(dead, NOW).alarm is False
    assert at(dead, NOW + 27 * DAY).alarm is True


@pytest.mark.parametrize("ahead", [HOUR, 8 * HOUR, 400 * DAY])
def test_items_from_the_future_do_not_hide_a_silence(ahead: timedelta) -> None:
    quiet = daily(NOW - 5 * DAY, 20, 8, 10, 12, 14, 16)
    assert judge(source(*quiet), NOW).alarm is True
    deceived = judge(source(*quiet, NOW + ahead), NOW)
    assert (deceived.alarm, deceived.last_at) == (True, quiet[-1])


def test_a_clock_that_is_slow_by_hours_does_not_ring_for_ever() -> None:
    """An hourly source whose times lie nine hours back is never heard younger than that."""
    slow = [NOW - 9 * HOUR - n * HOUR for n in range(28 * 24)]
    assert judge(source(*slow), NOW).alarm is True
    assert judge(source(*slow, lag=9 * HOUR), NOW).alarm is False


def test_what_was_published_before_the_source_was_added_says_nothing_of_its_lag() -> None:
    old = hours([NOW - 10 * DAY], lag=10 * DAY)
    fresh = hours([NOW - DAY, NOW - HOUR], lag=HOUR)
    assert usual_lag((*old, *old, *old, *fresh), NOW - 2 * DAY) == HOUR
    assert usual_lag(old, NOW - 2 * DAY) == timedelta(0)
    assert usual_lag(hours([NOW], lag=5 * DAY), NOW - DAY) == DAY


def test_old_items_that_are_published_again_are_no_voice() -> None:
    """Their time is that of their publication: five years old, they say nothing of today."""
    quiet = daily(NOW - 8 * DAY, 20, 8, 12, 16)
    again = [moment - 1825 * DAY for moment in quiet]
    health = judge(source(*again, *quiet), NOW)
    assert (health.state, health.last_at) == (HealthState.SILENT, quiet[-1])
    assert rings_after(source(*again, *quiet)) == rings_after(source(*quiet))


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, HealthState.SPEAKING),
        ({"enabled": False, "parked": True}, HealthState.OFF),
        ({"parked": True}, HealthState.PARKED),
        ({"poll_state": SourceState.BROKEN, "last_success_at": NOW - 23 * HOUR}, HealthState.SPEAKING),
        ({"poll_state": SourceState.BLOCKED, "last_success_at": NOW - 25 * HOUR}, HealthState.BROKEN),
        ({"poll_state": SourceState.OK, "last_success_at": NOW - 47 * HOUR}, HealthState.SPEAKING),
        ({"poll_state": SourceState.OK, "last_success_at": NOW - 49 * HOUR}, HealthState.BROKEN),  # nobody collects
        ({"last_success_at": None}, HealthState.BROKEN),
    ],
)
def test_polls_that_fail_are_told_from_silence(given: dict[str, Any], state: HealthState) -> None:
    facts = source(*daily(NOW, 28, 9, 11, 12), **given)
    assert judge(facts, NOW).state is state
    assert is_reached(facts, NOW) is (state is not HealthState.BROKEN)


def test_a_source_that_is_off_has_no_alarm() -> None:
    assert judge(source(NOW - 40 * DAY, enabled=False), NOW).alarm is False


def test_a_notice_is_news_once_and_again_after_the_source_spoke() -> None:
    facts = source(*daily(NOW - 10 * DAY, 20, 8, 12, 16))
    notice = notice_of(judge(facts, NOW), NOW)
    assert notice is not None
    assert notice.kind is NoticeKind.SILENT
    assert notice.words.startswith("silent: nothing new for 10 d 12 h; usually every 4 h")
    assert is_news(notice, None)
    assert not is_news(notice, NOW - DAY)
    assert is_news(notice, NOW - 11 * DAY)


@pytest.mark.parametrize("state", [SourceState.OK, SourceState.BROKEN])
def test_polls_that_were_not_read_make_no_source_silent(state: SourceState) -> None:
    """A desk whose line is down for eight hours, or that rested a night, heard nobody speak and nobody be silent."""
    facts = source(*daily(NOW - HOUR, 28, *range(24)), poll_state=state, last_success_at=NOW, last_poll_at=NOW)
    later = NOW + 14 * HOUR
    assert judge(facts, later).state is HealthState.SPEAKING
    assert notice_of(judge(replace(facts, last_poll_at=later), later), later) is None
    assert at(facts, later).state is HealthState.SILENT


def test_a_poll_that_is_overdue_holds_no_alarm_back() -> None:
    facts = source(*daily(NOW - 10 * DAY, 20, 8, 12, 16))
    late = NOW + 3 * HOUR
    assert notice_of(judge(facts, late), late) is not None


def test_a_feed_that_is_gone_is_told_after_a_day() -> None:
    gone = source(*daily(NOW, 28, 8, 12), poll_state=SourceState.GONE, last_success_at=NOW, last_poll_at=NOW)
    soon, later = NOW + 23 * HOUR, NOW + 25 * HOUR
    assert notice_of(judge(replace(gone, last_poll_at=soon), soon), soon) is None
    notice = notice_of(judge(replace(gone, last_poll_at=later), later), later)
    assert notice is not None
    assert (notice.kind, notice.since) == (NoticeKind.FAILING, NOW)
    assert notice.words == "failing: its polls fail for 1 d 1 h (gone)"
    assert notice_of(judge(gone, later), later) is None  # nobody asked since


@pytest.mark.parametrize(
    ("given", "asked_at", "since"),
    [
        ({"last_poll_at": NOW - 5 * DAY, "last_success_at": NOW - 5 * DAY}, NOW - HOUR, NOW - 5 * DAY),
        ({"last_poll_at": None, "last_success_at": None, "added_at": NOW - 3 * DAY}, NOW - HOUR, None),  # never asked
        ({"last_poll_at": NOW - 47 * HOUR}, NOW, "asked"),
        ({"last_poll_at": NOW - 5 * DAY}, NOW - 5 * DAY, "asked"),  # the desk rested, and has just begun again
        ({"last_poll_at": NOW - 5 * DAY}, None, "asked"),
        ({"last_poll_at": NOW - 5 * DAY, "enabled": False}, NOW, "asked"),
    ],
)
def test_a_source_that_nobody_asks_is_told(given: dict[str, Any], asked_at: datetime | None, since: object) -> None:
    notice = notice_of(judge(source(*daily(NOW, 28, 8, 12), **given), NOW), NOW, asked_at)
    if since == "asked":
        assert notice is None
    else:
        assert notice is not None
        assert (notice.kind, notice.since) == (NoticeKind.FAILING, since)
        assert notice.words.startswith("not asked: nobody asked it for ")


def test_a_feed_whose_articles_are_refused_does_not_work() -> None:
    facts = source(*daily(NOW, 28, 8, 12), only_blocked=True, last_item_at=NOW - DAY)
    health = judge(facts, NOW)
    notice = notice_of(health, NOW)
    assert notice is not None
    assert (health.state, notice.kind, notice.since) == (HealthState.BLOCKED, NoticeKind.REFUSED, NOW - DAY)


@pytest.mark.parametrize(
    ("answers", "cut_off"),
    [
        ([], False),
        ([(0, None)], False),  # one alone says nothing of the desk's line
        ([(0, 5 * HOUR), (HOUR / 2, 9 * HOUR), (3 * HOUR, 3 * HOUR)], True),
        ([(0, 5 * HOUR), (HOUR / 2, HOUR / 2)], False),
        ([(0, 5 * HOUR), (4 * HOUR, 4 * HOUR)], False),  # too few asked to tell
    ],
)
def test_a_desk_that_reaches_nobody_is_cut_off(answers: list[tuple[Any, Any]], cut_off: bool) -> None:
    polls = [
        source(last_poll_at=NOW - (asked or 0 * HOUR), last_success_at=None if read is None else NOW - read)
        for asked, read in answers
    ]
    assert is_cut_off(polls) is cut_off


def test_an_entry_that_another_source_announced_first_is_a_voice() -> None:
    """A feed of a region lists what the national feed of its outlet listed a minute before: it owns no item."""
    listed = source(newest_entry_at=NOW - HOUR, added_at=NOW - 60 * DAY)
    health = judge(listed, NOW)
    assert (health.state, health.last_at, health.items_28_days) == (HealthState.UNKNOWN, NOW - HOUR, 0)
    assert judge(replace(listed, newest_entry_at=NOW - 29 * DAY), NOW).state is HealthState.SILENT


def test_news_that_waits_to_be_fetched_is_no_silence() -> None:
    facts = source(*daily(NOW - 5 * DAY, 28, 8, 12, 16))
    assert judge(facts, NOW).alarm is True
    waiting = replace(facts, newest_entry_at=NOW - HOUR)
    assert (judge(waiting, NOW).state, judge(waiting, NOW).last_at) == (HealthState.SPEAKING, NOW - HOUR)
    assert at(waiting, NOW + 5 * DAY).state is HealthState.SILENT
    assert judge(replace(facts, newest_entry_at=NOW + HOUR), NOW).alarm is True  # not said yet


def test_parked_goes_before_silent() -> None:
    health = judge(source(*daily(NOW - 10 * DAY, 20, 8), parked=True), NOW)
    notice = notice_of(health, NOW)
    assert notice is not None
    assert (notice.kind, notice.since) == (NoticeKind.PARKED, health.source.last_success_at)


def test_a_source_that_never_spoke_is_silent_since_it_was_added() -> None:
    health = judge(source(added_at=NOW - 30 * DAY), NOW)
    assert (health.state, silent_for(health, NOW)) == (HealthState.SILENT, 30 * DAY)


HISTORIES = st.lists(
    st.tuples(st.integers(-1, 60 * 24), st.floats(0, 0.99), st.integers(1, 50), st.integers(0, 72)), max_size=150
).map(
    lambda rows: tuple(
        ActiveHour(int(moment.timestamp()) // 3600, items, moment, lag * HOUR)
        for back, share, items, lag in sorted(rows, reverse=True)
        for moment in [NOW - back * HOUR + share * HOUR]
    )
)
ZONES = st.sampled_from(["WIB", "WITA", "WIT", "Asia/Kathmandu", "America/New_York"])
WAITS = st.floats(0, 80 * 24).map(lambda hours: timedelta(hours=hours))


@given(HISTORIES, ZONES, st.integers(0, 120), WAITS)
def test_an_alarm_never_rings_before_the_minimum(
    history: tuple[ActiveHour, ...], zone: str, added: int, wait: timedelta
) -> None:
    health = at(source(added_at=NOW - added * DAY, zone=zone, hours=history), NOW + wait)
    if health.alarm:
        assert silent_for(health, NOW + wait) >= MIN_SILENCE
    elif health.last_at is not None:
        assert NOW + wait - max(health.last_at, health.source.added_at) < MAX_SILENCE


@given(HISTORIES, ZONES, st.integers(0, 120), WAITS, WAITS)
def test_more_silence_never_turns_an_alarm_off(
    history: tuple[ActiveHour, ...], zone: str, added: int, wait: timedelta, more: timedelta
) -> None:
    """Also when the history leaves the 56 days that the database is asked for."""
    past = tuple(hour for hour in history if hour.last_at <= NOW)

    def alarm(now: datetime) -> bool:
        seen = tuple(hour for hour in past if hour.last_at >= now - 56 * DAY)
        return at(source(added_at=NOW - added * DAY, zone=zone, hours=seen), now).alarm

    assert alarm(NOW + wait) <= alarm(NOW + wait + more)


@given(HISTORIES, st.integers(0, 23))
def test_a_source_that_just_spoke_has_no_alarm(history: tuple[ActiveHour, ...], minutes: int) -> None:
    spoke = hours([NOW - timedelta(minutes=minutes)])
    assert not judge(source(hours=(*history, *spoke)), NOW).alarm
