"""Time: aware UTC inside, the reader's zone outside.

Indonesia has three zones and no daylight saving: WIB (UTC+7), WITA (UTC+8), WIT (UTC+9). A date without a zone is
taken in the zone of its source, WITA where none is known (the pilot's zone).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import parser as dateutil_parser

from waspada.errors import InputError

ZONES = {
    "WIB": ZoneInfo("Asia/Jakarta"),
    "WITA": ZoneInfo("Asia/Makassar"),
    "WIT": ZoneInfo("Asia/Jayapura"),
    "MYT": ZoneInfo("Asia/Kuching"),
}
DEFAULT_ZONE_NAME = "WITA"
DEFAULT_ZONE = ZONES[DEFAULT_ZONE_NAME]
#: A time further ahead than this is a mistake of the source, not a time.
FUTURE_TOLERANCE = timedelta(hours=24)

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_PARTIAL = re.compile(r"^\s*(\d{4})(?:-(\d{1,2}))?\s*$")
_YEAR_FIRST = re.compile(r"\s*\d{4}\D")
#: "GMT+0800" means east of Greenwich; the parser below takes it the POSIX way round.
_GREENWICH = re.compile(r"\b(?:GMT|UTC)\s*(?=[+-]\d)")
#: A year outside is a mistake; near the ends of the calendar, days could not be counted on from it.
_YEARS = range(1900, 2200)
_EPOCH = datetime(1995, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Days:
    """A run of calendar days, both ends included; in which zone they are counted is the holder's to know."""

    first: date
    last: date

    def hold(self, day: date) -> bool:
        return self.first <= day <= self.last

    def meet(self, other: Days) -> bool:
        """Whether the two runs have a day in common."""
        return self.first <= other.last and other.first <= self.last


def utc_now() -> datetime:
    return datetime.now(UTC)


def zone_of(name: str | None) -> ZoneInfo:
    """The zone for "WIB", "WITA", "WIT", "MYT" or an IANA name; WITA for nothing.

    Raises InputError for a name that is neither.
    """
    if not name:
        return DEFAULT_ZONE
    if name.upper() in ZONES:
        return ZONES[name.upper()]
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"The time zone {name!r} is not known.",
            hint="Use WIB, WITA, WIT or an IANA name such as Asia/Makassar.",
        ) from None


def parse_when(text: str | None, zone: ZoneInfo = DEFAULT_ZONE) -> datetime | None:
    """An ISO date, date-time or partial date (`2024-11`, `2024`) as aware UTC; None when it cannot be read.

    Other common forms (RFC 822, 27/11/2024 08:30 WIB) are read too, day before month.
    A partial date is its first moment in `zone`.
    """
    if not text or not text.strip():
        return None
    partial = _PARTIAL.match(text)
    try:
        if partial:
            moment = datetime(int(partial[1]), int(partial[2] or 1), 1, tzinfo=zone)
        else:
            moment = _parse_full(text.strip(), zone)
        return moment.astimezone(UTC) if moment.year in _YEARS else None
    except (ValueError, OverflowError, TypeError, AttributeError):
        return None


def _parse_full(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        if not re.search(r"\d", text):
            raise
        moment = dateutil_parser.parse(
            _GREENWICH.sub("", text),
            default=datetime(1, 1, 1),  # noqa: DTZ001 (made aware below)
            dayfirst=not _YEAR_FIRST.match(text),  # 03/12/2024 is in December here
            tzinfos=_named_zone,
        )
        if moment.year == 1:
            raise ValueError("a date needs its year") from None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def _named_zone(name: str | None, offset_seconds: int | None) -> tzinfo | None:
    """The zone that a date names; None, so that the source's own is taken, for a name that is not known."""
    if offset_seconds is not None:
        return timezone(timedelta(seconds=offset_seconds))
    return ZONES.get((name or "").upper())


def plausible(moment: datetime | None, now: datetime) -> datetime | None:
    """The moment, or None when it lies before the web or more than a day ahead of `now`."""
    if moment is None or moment < _EPOCH or moment > now + FUTURE_TOLERANCE:
        return None
    return min(moment, now)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of a moment in a zone; a day ends at 24:00 there."""
    return moment.astimezone(zone).date()


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """First moment of the day and of the next one, as UTC."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def month_of(text: str) -> date:
    """The first day of a month written as 2026-10. Raises InputError."""
    found = _MONTH.fullmatch(text.strip())
    if found is None:
        raise InputError(f"{text[:40]!r} is no month.", hint="Write it as 2026-10.")
    return date(int(found[1]), int(found[2]), 1)


def month_after(month: date) -> date:
    """The first day of the month after the one that begins on this day."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_before(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def month_bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """First moment of the month that begins on this day, and of the next one, as UTC."""
    return day_bounds(month, zone)[0], day_bounds(month_after(month), zone)[0]


def last_month(now: datetime, zone: ZoneInfo) -> date:
    """The first day of the month that was over last."""
    return month_before(local_day(now, zone).replace(day=1))


def months(now: datetime, zone: ZoneInfo, count: int = 12) -> list[str]:
    """The last months, this one first, as they are written."""
    found, day = [], local_day(now, zone).replace(day=1)
    for _ in range(count):
        found.append(f"{day:%Y-%m}")
        day = month_before(day)
    return found
