"""Which days a time line shows, in which order a map lists its regions: pure decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from waspada.calendar import Stage
from waspada.clock import Days
from waspada.errors import InputError
from waspada.overview.types import RegionOnMap
from waspada.places import is_within
from waspada.sources.types import CoverageState

DAYS_BACK = 28
DAYS_AHEAD = 14
#: Half a year: more bars than this are no picture.
MOST_DAYS = 184
EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)
_QUARTER_SECONDS = 900
_WORST_FIRST = (CoverageState.NONE, CoverageState.SILENT, CoverageState.THIN, CoverageState.COVERED)


def window_of(first: date | None, last: date | None, today: date) -> Days:
    """The days asked for; without a first or last one, 28 days up to today and 14 after it.

    Raises InputError for a window that ends before it begins, is too long, or lies outside the calendar.
    """
    usual = timedelta(days=DAYS_BACK - 1 + DAYS_AHEAD)
    if first is None and last is None:
        first = today - timedelta(days=DAYS_BACK - 1)
    if first is None and last is not None:
        first = max(EARLIEST, last - usual) if last > EARLIEST else last
    start = first or today
    end = last if last is not None else min(LATEST, start + usual) if start < LATEST else start
    if not (start >= EARLIEST and end <= LATEST):
        raise InputError("The days lie outside 1990 to 2199.")
    if end < start:
        raise InputError("The last day comes before the first one.")
    if (end - start).days >= MOST_DAYS:
        raise InputError(f"The time line shows {MOST_DAYS} days at most.", hint="Choose fewer days.")
    return Days(start, end)


def days_in(window: Days) -> list[date]:
    return [window.first + timedelta(days=number) for number in range((window.last - window.first).days + 1)]


def span_of(window: Days, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments from which and before which a window lasts in a zone."""
    start = datetime.combine(window.first, time(), zone)
    end = datetime.combine(window.last + timedelta(days=1), time(), zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def day_of_quarter(number: int, zone: ZoneInfo) -> date:
    """The day in a zone of a quarter of an hour since 1970: no zone is off by less."""
    return datetime.fromtimestamp(number * _QUARTER_SECONDS, zone).date()


def stages_in(window: Days, region: str | None, stages: Iterable[Stage]) -> list[Stage]:
    """The stages that meet a window and concern a region, or a part of it, by their first day.

    One without a first day is a deadline: it began whenever.
    """
    found = [
        stage
        for stage in stages
        if stage.end >= window.first and (stage.start or stage.end) <= window.last and _concerns(stage.region, region)
    ]
    return sorted(found, key=lambda stage: (stage.start or stage.end, stage.end, stage.name))


def _concerns(place: str | None, region: str | None) -> bool:
    if place is None or region is None:
        return True
    return is_within(region, place) or is_within(place, region)


def in_order(regions: Iterable[RegionOnMap]) -> Sequence[RegionOnMap]:
    """The highest level first, then the most alerts; of the others those first that nobody is heard of."""

    def rank(one: RegionOnMap) -> tuple[int, int, int, str]:
        highest = -1 if one.highest is None else one.highest
        return (-highest, -one.alerts, _WORST_FIRST.index(one.coverage), one.region.code)

    return sorted(regions, key=rank)
