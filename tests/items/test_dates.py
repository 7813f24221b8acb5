"""Reading times: the zone that a date names, the source's zone where it names none, and days that end at 24:00."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.clock import ZONES, day_bounds, local_day, parse_when, plausible, zone_of
from waspada.errors import InputError

HALF_PAST_MIDNIGHT = datetime(2024, 11, 27, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "27 November 2024 07:30 WIB",
        "27 Nov 2024 08:30 WITA",
        "2024-11-27 09:30 WIT",
        "27/11/2024 08:30",
        "27-11-2024 08:30",
        "2024/11/27 08:30",
        "Wed Nov 27 2024 08:30:00 GMT+0800",
        "27 Nov 2024 08:30 UTC+8",
        "Wed, 27 Nov 2024 00:30:00 GMT",
        "2024-11-27T00:30:00.000Z",
        "20241127T083000",
    ],
)
def test_other_forms_of_one_moment(text: str) -> None:
    assert parse_when(text) == HALF_PAST_MIDNIGHT


def test_day_stands_before_the_month() -> None:
    assert parse_when("03/12/2024") == datetime(2024, 12, 2, 16, tzinfo=UTC)
    assert parse_when("2024-3-12") == datetime(2024, 3, 11, 16, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, "", "  ", "kemarin", "5", "12:30", "27 Nov", "2024-11-27T25:00", "0:0B"])
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert parse_when(text) is None


@given(st.text() | st.text(alphabet="0123456789 -:/TZ+.WIBANov,apm", max_size=30))
def test_no_text_makes_it_raise(text: str) -> None:
    moment = parse_when(text)
    assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(datetime(1996, 1, 1), datetime(2040, 1, 1)), st.sampled_from(sorted(ZONES)))
def test_iso_times_come_back_exactly(naive: datetime, zone: str) -> None:
    local = naive.replace(tzinfo=ZONES[zone])
    assert parse_when(local.isoformat()) == local
    assert parse_when(naive.isoformat(), ZONES[zone]) == local


@given(st.datetimes(datetime(1996, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.sampled_from(sorted(ZONES)))
def test_every_moment_lies_in_the_bounds_of_its_day(moment: datetime, zone: str) -> None:
    start, end = day_bounds(local_day(moment, ZONES[zone]), ZONES[zone])
    assert start <= moment < end
    assert end - start == timedelta(days=1)


def test_day_ends_at_midnight_of_the_zone() -> None:
    last = datetime(2024, 11, 27, 15, 59, 59, tzinfo=UTC)
    assert local_day(last, ZONES["WITA"]) == date(2024, 11, 27)
    assert local_day(last + timedelta(seconds=1), ZONES["WITA"]) == date(2024, 11, 28)
    assert local_day(last, ZONES["WIT"]) == date(2024, 11, 28)


def test_plausible_times() -> None:
    now = HALF_PAST_MIDNIGHT
    assert plausible(now + timedelta(hours=23), now) == now
    assert plausible(now + timedelta(hours=25), now) is None
    assert plausible(datetime(1994, 12, 31, tzinfo=UTC), now) is None
    assert plausible(None, now) is None


@pytest.mark.parametrize("name", ["WIB", "wita", "WIT", "MYT", "Asia/Makassar", "", None])
def test_known_zones(name: str | None) -> None:
    assert zone_of(name).key.startswith("Asia/")


@pytest.mark.parametrize("name", ["WAKTU", "../../etc/passwd", "Asia/", "\x00"])
def test_unknown_zone_says_what_to_use(name: str) -> None:
    with pytest.raises(InputError, match="Use WIB, WITA, WIT or an IANA name"):
        zone_of(name)
