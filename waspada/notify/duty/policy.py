"""Arithmetic of the rota: gaps, double duty, days, and shifts moved by whole days. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from waspada.clock import day_bounds
from waspada.notify.duty.types import Day, Double, DutyShift, Span

MAX_POSITION = 9
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(days=7)
#: How far from now a shift may lie: further, it is a typing mistake.
FARTHEST = timedelta(days=400)
WEEK = 7


def on_duty(shifts: Iterable[DutyShift], now: datetime) -> list[DutyShift]:
    """Who is on duty at a moment, the one called first at the top; an account once, at its best position."""
    found: dict[int, DutyShift] = {}
    current = [one for one in shifts if one.starts_at <= now < one.ends_at and one.is_active]
    for one in sorted(current, key=lambda shift: (shift.position, shift.starts_at, shift.id)):
        found.setdefault(one.user_id, one)
    return list(found.values())


def gaps(shifts: Iterable[DutyShift], span: Span) -> list[Span]:
    """The parts of a span in which nobody who could be called is on duty, in order."""
    found, covered_to = list[Span](), span.start
    usable = (one for one in shifts if one.is_active and one.ends_at > span.start and one.starts_at < span.end)
    for one in sorted(usable, key=lambda shift: shift.starts_at):
        if one.starts_at > covered_to:
            found.append(Span(covered_to, one.starts_at))
        covered_to = max(covered_to, one.ends_at)
    if covered_to < span.end:
        found.append(Span(covered_to, span.end))
    return found


def doubles(shifts: Iterable[DutyShift], span: Span) -> list[Double]:
    """Where an account is on duty twice at a time, at one desk or at two."""
    by_user: dict[int, list[DutyShift]] = {}
    for one in sorted(shifts, key=lambda shift: (shift.starts_at, shift.id)):
        by_user.setdefault(one.user_id, []).append(one)
    found = [double for mine in by_user.values() for double in _of_one(mine, span)]
    return sorted(found, key=lambda double: (double.span.start, double.user))


def days(desk_shifts: Sequence[DutyShift], first: date, count: int, zone: ZoneInfo) -> list[Day]:
    """So many days from `first` on; a shift that goes on over midnight stands in both days."""
    found = []
    for offset in range(count):
        day = first + timedelta(days=offset)
        span = Span(*day_bounds(day, zone))
        mine = [one for one in desk_shifts if one.starts_at < span.end and one.ends_at > span.start]
        mine.sort(key=lambda one: (one.starts_at, one.position, one.id))
        found.append(Day(day, span, mine, gaps(mine, span)))
    return found


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def moved(moment: datetime, by_days: int, zone: ZoneInfo) -> datetime:
    """The same time of day in the zone, so many days later."""
    local = moment.astimezone(zone)
    return datetime.combine(local.date() + timedelta(days=by_days), local.time(), zone).astimezone(moment.tzinfo)


def _of_one(mine: Sequence[DutyShift], span: Span) -> list[Double]:
    found = []
    for index, one in enumerate(mine):
        for other in mine[index + 1 :]:
            start, end = max(one.starts_at, other.starts_at, span.start), min(one.ends_at, other.ends_at, span.end)
            if start < end:
                desks = tuple(dict.fromkeys((one.desk, other.desk)))
                found.append(Double(one.user, desks, Span(start, end)))
    return found
