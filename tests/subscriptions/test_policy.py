"""When digests are due, in whose zone, and in which hours nothing is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.subscriptions.people import RHYTHM, TOPIC
from waspada.clock import ZONES
from waspada.digests.types import Period
from waspada.errors import InputError
from waspada.subscriptions import policy
from waspada.subscriptions.types import Occasion, Rhythm

MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
RHYTHMS = st.builds(
    Rhythm,
    period=st.just(Period.DAILY),
    days=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    hour=st.integers(0, 23),
    zone=st.sampled_from(["WIB", "WITA", "WIT"]),
    quiet_from=st.integers(0, 23),
    quiet_until=st.integers(0, 23),
)


def occasions(rhythm: Rhythm, start: datetime, count: int) -> list[Occasion]:
    found: list[Occasion] = []
    moment = start
    for _ in range(count):
        found.append(policy.after(rhythm, moment))
        moment = found[-1].due_at
    return found


@given(RHYTHMS, MOMENTS)
def test_each_chosen_day_has_one_occasion_at_the_hour_of_its_zone(rhythm: Rhythm, start: datetime) -> None:
    found = occasions(rhythm, start, 15)
    for one in found:
        here = one.due_at.astimezone(ZONES[rhythm.zone])
        assert (here.hour, here.minute) == (rhythm.hour, 0)
        assert here.weekday() in rhythm.days
        assert one.key == here.date().isoformat()
    assert found[0].due_at > start
    assert found[0].due_at - start <= timedelta(days=7)
    for before, later in pairwise(found):
        skipped = (before.day + timedelta(days=n) for n in range(1, (later.day - before.day).days))
        assert not any(day.weekday() in rhythm.days for day in skipped)


def test_the_same_hour_is_another_moment_in_another_zone() -> None:
    start = datetime(2024, 11, 19, 12, tzinfo=UTC)
    due = {zone: policy.after(replace(RHYTHM, zone=zone), start).due_at for zone in ("WIB", "WITA", "WIT")}
    assert due["WIB"] - due["WITA"] == due["WITA"] - due["WIT"] == timedelta(hours=1)
    assert due["WITA"] == datetime(2024, 11, 19, 23, tzinfo=UTC)


def test_a_week_and_a_month_are_named_by_themselves() -> None:
    start = datetime(2024, 12, 20, tzinfo=UTC)
    weekly = replace(RHYTHM, period=Period.WEEKLY, days=(0,))
    assert [one.key for one in occasions(weekly, start, 3)] == ["2024-W52", "2025-W01", "2025-W02"]
    monthly = replace(RHYTHM, period=Period.MONTHLY)
    found = occasions(monthly, start, 3)
    assert [one.key for one in found] == ["2025-01", "2025-02", "2025-03"]
    assert all(one.day.day == 1 for one in found)


@given(RHYTHMS, MOMENTS)
def test_quiet_hours_end_when_they_say(rhythm: Rhythm, moment: datetime) -> None:
    if not policy.is_quiet(rhythm, moment):
        return
    end = policy.quiet_end(rhythm, moment)
    assert moment < end <= moment + timedelta(days=1)
    assert end.astimezone(ZONES[rhythm.zone]).hour == rhythm.quiet_until
    assert not policy.is_quiet(rhythm, end)


@pytest.mark.parametrize(("hour", "quiet"), [(20, False), (21, True), (23, True), (0, True), (4, True), (5, False)])
def test_the_night_is_quiet_unless_somebody_chose_otherwise(hour: int, quiet: bool) -> None:
    here = datetime(2024, 11, 20, hour, 30, tzinfo=ZONES["WITA"])
    assert policy.is_quiet(RHYTHM, here) is quiet
    assert policy.is_quiet(replace(RHYTHM, quiet_from=0, quiet_until=0), here) is False


@pytest.mark.parametrize(
    "rhythm",
    [
        replace(RHYTHM, hour=22),
        replace(RHYTHM, hour=24),
        replace(RHYTHM, hour=-1),
        replace(RHYTHM, days=()),
        replace(RHYTHM, days=(7,)),
        replace(RHYTHM, zone="UTC"),
        replace(RHYTHM, quiet_until=24),
        replace(RHYTHM, period=Period.WEEKLY),
    ],
)
def test_what_cannot_be_is_refused(rhythm: Rhythm) -> None:
    with pytest.raises(InputError):
        policy.checked_rhythm(rhythm)


@pytest.mark.parametrize(
    "given_",
    [{"region": "63.99"}, {"region": "<b>"}, {"labels": ("politik",)}, {"min_level": 0}, {"min_level": 4},
     {"language": "fr"}],
)  # fmt: skip
def test_a_filter_is_of_what_there_is(given_: dict[str, object]) -> None:
    with pytest.raises(InputError):
        policy.checked_topic(replace(TOPIC, **given_))  # type: ignore[arg-type]


def test_labels_stand_once_in_one_order() -> None:
    one = policy.checked_topic(replace(TOPIC, labels=("fraud", "conflict", "fraud")))
    other = policy.checked_topic(replace(TOPIC, labels=("conflict", "fraud")))
    assert one == other
    assert policy.wanted(one, RHYTHM).key == policy.wanted(other, RHYTHM).key


@given(st.sets(st.integers(0, 6)))
def test_days_come_back_from_their_bits(days: set[int]) -> None:
    assert set(policy.days_of(policy.bits_of(days))) == days
