"""Histories of made-up sources for the tests of health and coverage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from waspada.sources.types import ActiveHour, SourceFacts, SourceState

#: A Monday, noon in WITA.
NOW = datetime(2024, 11, 25, 4, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def hours(moments: Iterable[datetime], lag: timedelta = timedelta(0)) -> tuple[ActiveHour, ...]:
    """The hours in which items of these moments fall, as the database groups them."""
    grouped: dict[int, list[datetime]] = {}
    for moment in moments:
        grouped.setdefault(int(moment.timestamp()) // 3600, []).append(moment)
    return tuple(ActiveHour(number, len(all_), max(all_), lag) for number, all_ in sorted(grouped.items()))


def source(*moments: datetime, lag: timedelta = timedelta(0), **given: object) -> SourceFacts:
    """A healthy source, polled half an hour ago, with items of these moments."""
    plain = SourceFacts(
        id="kabar-uji",
        name="Kabar Uji",
        outlet="Kabar Uji",
        region="63",
        zone="WITA",
        enabled=True,
        parked=False,
        poll_state=SourceState.OK,
        added_at=NOW - 100 * DAY,
        next_poll_at=NOW + HOUR / 2,
        last_poll_at=NOW - HOUR / 2,
        last_success_at=NOW - HOUR / 2,
        hours=hours(moments, lag),
    )
    return replace(plain, **given)  # type: ignore[arg-type]


def daily(until: datetime, days: int, *clock: float, weekdays: Iterable[int] = range(7)) -> list[datetime]:
    """Items at these hours of the clock (in the zone of `until`) of the `days` before `until`, on these weekdays."""
    return [moment for moment in _days(until, days, clock) if moment.weekday() in weekdays]


def _days(until: datetime, days: int, clock: Iterable[float]) -> Iterator[datetime]:
    midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(days, -1, -1):
        yield from (moment for at in clock if (moment := midnight - back * DAY + at * HOUR) <= until)


def local(day: int, hour: float, zone: str = "Asia/Makassar") -> datetime:
    """A moment of November 2024 on a clock of that zone; the 25th is a Monday."""
    return datetime(2024, 11, day, tzinfo=ZoneInfo(zone)) + hour * HOUR
