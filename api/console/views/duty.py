"""What the page of the rota shows: days, hours and gaps in the zone of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

from waspada.notify.duty.types import Day, DutyShift, RotaView, Span


@dataclass(frozen=True, slots=True)
class ShiftLine:
    id: int
    account: str
    position: int
    hours: str
    is_callable: bool
    is_reachable: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class DayCard:
    title: str
    day: date
    is_today: bool
    shifts: Sequence[ShiftLine]
    gaps: Sequence[str]


@dataclass(frozen=True, slots=True)
class DoubleLine:
    account: str
    desks: Sequence[str]
    hours: str


def day_cards(view: RotaView, now: datetime, zone: ZoneInfo, locale: Locale) -> list[DayCard]:
    return [_card(day, now, zone, locale) for day in view.days]


def double_lines(view: RotaView, zone: ZoneInfo, locale: Locale) -> list[DoubleLine]:
    return [DoubleLine(one.user, one.desks, _dated(one.span, zone, locale)) for one in view.doubles]


def hours(span: Span, zone: ZoneInfo, within: Span | None = None) -> str:
    """ "07.00-19.00"; what begins before a day or goes on after it is cut at its ends, as 00.00 and 24.00."""
    start = max(span.start, within.start) if within else span.start
    end = min(span.end, within.end) if within else span.end
    last = "24.00" if within and end == within.end else f"{end.astimezone(zone):%H.%M}"
    return f"{start.astimezone(zone):%H.%M}–{last}"


def _card(day: Day, now: datetime, zone: ZoneInfo, locale: Locale) -> DayCard:
    return DayCard(
        title=str(format_date(day.day, "EEEE, d MMM", locale=locale)),
        day=day.day,
        is_today=day.span.start <= now < day.span.end,
        shifts=[_line(one, day, now, zone) for one in day.shifts],
        gaps=[hours(gap, zone, day.span) for gap in day.gaps],
    )


def _line(one: DutyShift, day: Day, now: datetime, zone: ZoneInfo) -> ShiftLine:
    return ShiftLine(
        id=one.id,
        account=one.user,
        position=one.position,
        hours=hours(Span(one.starts_at, one.ends_at), zone, day.span),
        is_callable=one.is_active,
        is_reachable=one.is_reachable,
        is_now=max(one.starts_at, day.span.start) <= now < min(one.ends_at, day.span.end),
    )


def _dated(span: Span, zone: ZoneInfo, locale: Locale) -> str:
    local = span.start.astimezone(zone)
    return f"{format_date(local.date(), 'EEE d MMM', locale=locale)} {hours(span, zone)}"
