"""The rota as iCalendar (RFC 5545), out and in. An event's summary is the position and the name: "1 liaison-1"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Event, vDDDTypes

from waspada.errors import InputError
from waspada.notify.duty.types import DutyShift

MEDIA_TYPE = "text/calendar"
MAX_BYTES = 512 * 1024
MAX_EVENTS = 1000
_SUMMARY = re.compile(r"\s*(?:(\d)\s+)?([a-z0-9][a-z0-9._-]{1,39})\s*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a calendar that was read; `problem` where it cannot be a shift."""

    user: str = ""
    position: int = 1
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    problem: str = ""


def written(desk: str, shifts: Iterable[DutyShift], now: datetime) -> bytes:
    """A calendar of shifts; names of accounts are all that it says of anybody."""
    calendar = Calendar()
    calendar.add("prodid", "-//Waspada//Jaga//ID")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Jaga {desk}")
    for one in shifts:
        event = Event()
        event.add("uid", f"shift-{one.id}-{desk}@waspada")
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", one.starts_at.astimezone(UTC))
        event.add("dtend", one.ends_at.astimezone(UTC))
        event.add("summary", f"{one.position} {one.user}")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def read(data: bytes, zone: ZoneInfo) -> Sequence[Entry]:
    """The events of a calendar, in order; times without a zone are taken in `zone`.

    Raises InputError for what is no calendar, or too large. An event that repeats, lasts whole days or has an odd
    summary comes back with its problem.
    """
    if len(data) > MAX_BYTES:
        raise InputError("The calendar is too large.", hint="Export a few weeks of one desk.")
    try:
        events = list(Calendar.from_ical(data).walk("VEVENT"))
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        raise InputError("This is no iCalendar file.", hint="`waspada rota export` shows how one looks.") from None
    if len(events) > MAX_EVENTS:
        raise InputError(f"The calendar has more than {MAX_EVENTS} events.", hint="Export a few weeks of one desk.")
    return [_entry(event, zone) for event in events]


def _entry(event: Component, zone: ZoneInfo) -> Entry:
    fitting = _SUMMARY.fullmatch(str(event.get("summary", "")))
    if fitting is None:
        return Entry(problem="its summary is no position and account name")
    if any(event.get(name) is not None for name in ("rrule", "rdate", "recurrence-id")):
        return Entry(user=fitting[2], problem="it repeats; write each shift out")
    times = [_moment(event, name, zone) for name in ("dtstart", "dtend")]
    if times[0] is None or times[1] is None:
        return Entry(user=fitting[2], problem="it has no beginning and end with a time of day")
    return Entry(fitting[2], int(fitting[1] or 1), times[0], times[1])


def _moment(event: Component, name: str, zone: ZoneInfo) -> datetime | None:
    kept = event.get(name)
    found = kept.dt if isinstance(kept, vDDDTypes) else None  # one that is broken, or there twice, is of another type
    if not isinstance(found, datetime):
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
