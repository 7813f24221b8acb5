"""Which part of the country a reader sees, which days, which stages, in which order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from waspada.calendar import Stage
from waspada.clock import Days
from waspada.errors import InputError, NotFoundError
from waspada.overview.areas import ISLAND, area_of
from waspada.overview.policy import MOST_DAYS, day_of_quarter, days_in, in_order, span_of, stages_in, window_of
from waspada.overview.types import RegionOnMap
from waspada.places import Place, PlaceLevel
from waspada.sources.types import CoverageState

TODAY = date(2024, 11, 20)
WITA = ZoneInfo("Asia/Makassar")


@pytest.mark.parametrize(
    ("word", "within", "seen", "count"),
    [
        (None, None, "", 514),
        (ISLAND, None, ISLAND, 56),
        ("63", None, "63", 13),
        ("63.03", None, "63.03", 1),
        ("63.03.05", None, "63.03.05", 1),
        (None, "63", "63", 13),
        ("63", "63.03", "63.03", 1),  # what holds one's own region shows one's own
        ("63.03", "63", "63.03", 1),
        (ISLAND, "63", "63", 13),
    ],
)
def test_the_area_of_a_choice(word: str | None, within: str | None, seen: str, count: int) -> None:
    area = area_of(word, within)
    assert (area.word, len(area.regions)) == (seen, count)
    assert all(area.holds(one.code) for one in area.regions)


@pytest.mark.parametrize(
    ("word", "within"), [("99", None), ("63.99", None), ("64", "63"), ("63.71", "63.03"), (ISLAND, "31"), ("99", "63")]
)
def test_what_is_no_region_or_lies_elsewhere_is_not_found(word: str, within: str | None) -> None:
    with pytest.raises(NotFoundError):
        area_of(word, within)


def days(first: str, last: str) -> Days:
    return Days(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (None, None, days("2024-10-24", "2024-12-04")),
        ("2024-11-01", None, days("2024-11-01", "2024-12-12")),
        (None, "2024-11-30", days("2024-10-20", "2024-11-30")),
        ("2024-11-20", "2024-11-20", days("2024-11-20", "2024-11-20")),
        ("2199-12-31", None, days("2199-12-31", "2199-12-31")),
        (None, "1990-01-01", days("1990-01-01", "1990-01-01")),
    ],
)
def test_the_window(first: str | None, last: str | None, shown: Days) -> None:
    given = [date.fromisoformat(one) if one else None for one in (first, last)]
    found = window_of(given[0], given[1], TODAY)
    assert found == shown
    assert len(days_in(found)) == (found.last - found.first).days + 1


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2024, 11, 2), date(2024, 11, 1)),
        (TODAY, TODAY + timedelta(days=MOST_DAYS)),
        (date.min, date.min),
        (None, date.min),
        (date.max, None),
        (date.min, date.max),
    ],
)
def test_absurd_windows_are_refused(first: date | None, last: date | None) -> None:
    with pytest.raises(InputError):
        window_of(first, last, TODAY)


def test_days_are_those_of_the_zone() -> None:
    since, until = span_of(Days(TODAY, TODAY), WITA)
    assert since == datetime(2024, 11, 19, 16, tzinfo=UTC)
    assert until - since == timedelta(days=1)
    quarter = int(since.timestamp()) // 900
    assert (day_of_quarter(quarter, WITA), day_of_quarter(quarter - 1, WITA)) == (TODAY, TODAY - timedelta(days=1))


def test_the_stages_that_meet_the_window_and_the_region() -> None:
    window = days("2024-11-20", "2024-11-30")
    stages = [
        Stage("p", "before", date(2024, 11, 1), date(2024, 11, 19)),
        Stage("p", "over its end", date(2024, 11, 30), date(2024, 12, 16)),
        Stage("p", "deadline", None, date(2024, 11, 21)),
        Stage("p", "later deadline", None, date(2024, 12, 1)),
        Stage("p", "a city of it", date(2024, 11, 25), date(2024, 11, 25), region="63.72"),
        Stage("p", "elsewhere", date(2024, 11, 25), date(2024, 11, 25), region="64"),
    ]
    assert [one.name for one in stages_in(window, "63", stages)] == ["deadline", "a city of it", "over its end"]
    assert "elsewhere" in [one.name for one in stages_in(window, None, stages)]
    assert "a city of it" not in [one.name for one in stages_in(window, "63.71", stages)]


def region(code: str, by_level: tuple[int, ...], coverage: CoverageState) -> RegionOnMap:
    return RegionOnMap(Place(code, code, PlaceLevel.REGENCY), (0.0, 0.0), by_level, coverage)


def test_the_most_urgent_comes_first_and_of_the_quiet_the_unheard() -> None:
    found = [
        region("63.01", (0, 0, 0, 0), CoverageState.COVERED),
        region("63.02", (0, 0, 0, 0), CoverageState.NONE),
        region("63.03", (0, 9, 0, 0), CoverageState.COVERED),
        region("63.04", (0, 0, 0, 1), CoverageState.SILENT),
        region("63.05", (0, 0, 2, 0), CoverageState.COVERED),
        region("63.06", (0, 1, 2, 0), CoverageState.COVERED),
    ]
    assert [one.region.code[-1] for one in in_order(found)] == ["4", "6", "5", "3", "2", "1"]
    assert [one.highest for one in found] == [None, None, 1, 3, 2, 2]
