"""The days that an address names: `/2025/02/14/judul`, `sitemap-pt-post-2025-02.xml`, `?yyyy=2025&mm=02`."""

from __future__ import annotations

import calendar
import re
from datetime import date
from urllib.parse import parse_qsl

from waspada.clock import Days

_YEAR, _MONTH, _DAY = r"(?P<year>199\d|20\d\d)", r"(?P<month>0?[1-9]|1[0-2])", r"(?P<day>0?[1-9]|[12]\d|3[01])"
_WHOLE_DAY = re.compile(rf"(?<!\d){_YEAR}(?P<mark>[-/_.]){_MONTH}(?P=mark){_DAY}(?!\d)")
_EIGHT_DIGITS = re.compile(r"(?<!\d)(?P<year>199\d|20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH_FOLDER = re.compile(rf"/{_YEAR}/{_MONTH}(?=[/?]|$)")
#: Months and years count in the name of a sitemap only: a slug may end in "-2024-12-kursi". A month of one digit stands
#: in a folder of its own: `sitemap-2024-2.xml` may be the second part of the year.
_MONTH_NAME = re.compile(
    rf"(?<!\d){_YEAR}[-/_.]?(?P<month>0[1-9]|1[0-2])(?!\d)|(?<!\d)(?P<y>20\d\d)/(?P<m>[1-9])(?!\d)"
)
_YEAR_NAME = re.compile(r"[-/_](?P<year>199\d|20\d\d)(?!\d)")
_YEAR_WORDS, _MONTH_WORDS, _DAY_WORDS = ("yyyy", "year", "tahun"), ("mm", "month", "bulan"), ("dd", "day", "tanggal")


def days_of_article(url: str) -> Days | None:
    """The day, or the month, in the address of an article; None where it has none."""
    text = _path_and_query(url)
    return _day(text) or _from(_MONTH_FOLDER, text)


def days_of_sitemap(url: str) -> Days | None:
    """The day, month or year that the name of a sitemap says it is of; None where it says none."""
    text = _path_and_query(url)
    return _day(text) or _of_query(url) or _month_of_name(text) or _from(_YEAR_NAME, text)


def _path_and_query(url: str) -> str:
    """What follows the host of an address, which may be anything that a site wrote."""
    rest = url.partition("://")[2] or url
    start = rest.find("/")
    return rest[start : start + 2048].partition("#")[0] if start >= 0 else ""


def _day(text: str) -> Days | None:
    return _from(_WHOLE_DAY, text) or _from(_EIGHT_DIGITS, text)


def _from(pattern: re.Pattern[str], text: str) -> Days | None:
    found = (
        days_between(**{k: int(v) for k, v in match.groupdict().items() if k in _PARTS})
        for match in pattern.finditer(text)
    )
    return next((days for days in found if days is not None), None)


_PARTS = ("year", "month", "day")


def _month_of_name(text: str) -> Days | None:
    match = _MONTH_NAME.search(text)
    return days_between(int(match["year"] or match["y"]), int(match["month"] or match["m"])) if match else None


def _of_query(url: str) -> Days | None:
    given = {
        name.lower(): value for name, value in parse_qsl(url.partition("?")[2]) if value.isdecimal() and len(value) < 5
    }
    year, month, day = (
        next((int(given[word]) for word in words if word in given), None)
        for words in (_YEAR_WORDS, _MONTH_WORDS, _DAY_WORDS)
    )
    return days_between(year, month, day) if year else None


def days_between(year: int, month: int | None = None, day: int | None = None) -> Days | None:
    """The day, month or year as days; None where the calendar has no such day."""
    try:
        first = date(year, month or 1, (day or 1) if month else 1)
        if month and day:
            return Days(first, first)
        last_month = month or 12
        return Days(first, date(year, last_month, calendar.monthrange(year, last_month)[1]))
    except ValueError:
        return None
