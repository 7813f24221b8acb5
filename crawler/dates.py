"""Publication times of Indonesian pages and feeds: what a machine wrote first, then what a reader sees. Never "now"."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dateutil.parser import UnknownTimezoneWarning
from lxml import html as lxml_html

from crawler.lines import PageLines
from waspada.clock import ZONES, parse_when, plausible, utc_now
from waspada.items.policy import normalised

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february pebruari feb peb",
            "maret march mar",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "agustus august agu ags agt aug",
            "september sept sep",
            "oktober october okt oct",
            "november nopember nov nop",
            "desember december des dec",
        ),
        start=1,
    )
    for name in names.split()
}
_NAMED = "|".join(sorted(_MONTHS, key=len, reverse=True))
_CLOCK = (
    r"(?:[^\d\n]{0,20}?(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?:[:.](?P<second>[0-5]\d))?"
    r"(?:\s*(?P<half>[ap])\.?m\b)?)?"
)
_ZONE = r"(?:\s*(?P<zone>WITA|WIB|WIT)\b)?"
#: "Kamis, 5 November 2015 - 15:56 WIB", "05 Nov 2015 15.56", "Selasa, 23/02/2016 14:49 WITA"
_VISIBLE = re.compile(
    rf"(?<!\d)(?P<day>[0-3]?\d)[\s\-]{{1,2}}(?P<month>{_NAMED})\.?,?[\s\-]{{1,2}}(?P<year>(?:19|20)\d\d){_CLOCK}{_ZONE}",
    re.IGNORECASE,
)
_SLASHED = re.compile(
    rf"(?<![\d./-])(?P<day>[0-3]?\d)(?P<cut>[/.-])(?P<month>[01]?\d)(?P=cut)(?P<year>(?:19|20)\d\d)(?!\d){_CLOCK}{_ZONE}",
    re.IGNORECASE,
)
#: "February 14, 2025 9:30 am"
_MONTH_FIRST = re.compile(
    rf"\b(?P<month>{_NAMED})\.?\s(?P<day>[0-3]?\d),?\s(?P<year>(?:19|20)\d\d){_CLOCK}{_ZONE}", re.IGNORECASE
)
#: "2025-02-14 09:30:00", "2025/02/14 09:30"
_YEAR_FIRST = re.compile(
    rf"(?<!\d)(?P<year>20\d\d)(?P<cut>[/-])(?P<month>[01]\d)(?P=cut)(?P<day>[0-3]\d){_CLOCK}{_ZONE}", re.IGNORECASE
)
#: "09:30 WITA, Jumat 14 Februari 2025", "09.30 | 14/02/2025", where no clock follows the day.
_CLOCK_FIRST = re.compile(
    r"(?<![\d.:])(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?:[:.](?P<second>[0-5]\d))?(?:\s*(?P<half>[ap])\.?m\b)?"
    r"(?:\s*(?P<zone>WITA|WIB|WIT)\b)?[\s,|/•·–-]{1,4}(?:(?:senin|selasa|rabu|kamis|jum['’]?at|sabtu|minggu|ahad)[\s,]{1,2})?"
    rf"(?P<day>[0-3]?\d)[\s/-](?P<month>{_NAMED}|[01]?\d)[\s/-](?P<year>(?:19|20)\d\d)(?!\d|[^\d\n]{{0,20}}\d{{1,2}}[:.]\d\d)",
    re.IGNORECASE,
)
_SHOWN = (_VISIBLE, _SLASHED, _MONTH_FIRST, _YEAR_FIRST, _CLOCK_FIRST)
_ZONE_WORD = re.compile(r"\s*\b(WITA|WIB|WIT)\b\s*$", re.IGNORECASE)
_EPOCH_SECONDS = re.compile(r"^\d{10}(?:\d{3})?$")
#: 2015-11-05T04-52-00Z, as some systems write it.
_DASHED_CLOCK = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)(.*)$")

_META = (
    "//meta[@property='article:published_time']/@content",
    "//meta[@name='article:published_time']/@content",
    "//meta[@itemprop='datePublished']/@content",
    "//*[@itemprop='datePublished']/@datetime",
    "//meta[@property='og:published_time']/@content",
    "//meta[@name='publishdate' or @name='dtk:publishdate' or @name='publish-date']/@content",
    "//meta[@name='content_PublishedDate']/@content",
    "//meta[@name='pubdate' or @name='publish_date' or @name='publication_date' or @name='date'"
    " or @name='DC.date.issued'"
    " or @name='dc.date' or @name='dcterms.created' or @name='sailthru.date' or @name='parsely-pub-date']/@content",
    "//time[@pubdate]/@datetime",
    "//*[@itemprop='datePublished']/@title",
    "//abbr[contains(@class,'published')]/@title",
)
#: "Diperbarui:", "Last updated" before a date: not when it was published.
_UPDATED = re.compile(
    r"(?:diperbar(?:ui|aharui)|pembaruan|di-?update|update(?:d)?|dimodifikasi|diubah|diedit|modified)\b[^\d]{0,25}$",
    re.IGNORECASE,
)
_URL_DAY = re.compile(
    r"/(?P<year>20\d\d)(?P<between>[/-]?)(?P<month>0?[1-9]|1[0-2])(?P=between)(?P<day>0[1-9]|[12]\d|3[01]|[1-9])(?=[/-]|$)"
)
_NAMED_DATE = (
    "//*[contains(@class,'date') or contains(@class,'time') or contains(@class,'tgl') or contains(@class,'tanggal')"
    " or contains(@class,'waktu') or contains(@class,'schedule') or contains(@class,'publish') or contains(@id,'date')"
    " or self::time]"
)
_AROUND_CHARS = 500
#: A text longer than this beside a headline is a teaser, whose days are the story's.
_DATE_LINE_CHARS = 70
_STAMP_CHARS = 60
_HEADLINES = ("h1", "h2", "h3", "h4", "h5", "h6")


def read_when(text: str | None, zone: ZoneInfo, now: datetime | None = None) -> datetime | None:
    """A moment as aware UTC from any form met in the wild; None when unreadable or impossible (before 1995, or ahead).

    A time without zone is in `zone`; Indonesian month names and the suffixes WIB, WITA, WIT are understood.
    """
    if not text or not text.strip():
        return None
    text = " ".join(text.split())[:120]
    moment = _epoch(text) or _visible(text, zone) or _machine(text, zone)
    return plausible(moment, now or utc_now())


@dataclass(frozen=True, slots=True)
class Seen:
    """A time as a reader sees it: `zone` is the one it names, `has_clock` whether it is more than a day."""

    at: datetime
    has_clock: bool
    zone: ZoneInfo | None = None


def stated_in(
    tree: lxml_html.HtmlElement, things: list[dict[str, Any]], zone: ZoneInfo, now: datetime | None = None
) -> datetime | None:
    """The publication time that a page states for machines: JSON-LD (`things`), then meta tags; else None."""
    return next((moment for text in _stated(tree, things) if (moment := read_when(text, zone, now))), None)


def visible_in(
    tree: lxml_html.HtmlElement, page: PageLines, title: str, zone: ZoneInfo, now: datetime | None = None
) -> Seen | None:
    """The date a reader sees by the headline `title`, else the first in an element named like a date; else None.

    `page` are the lines of `tree`.
    """
    moment = now or utc_now()
    return _by_headline(tree, page, title, zone, moment) or _in_named_element(tree, zone, moment)


def agreed(stated: datetime | None, seen: Seen | None, zone: ZoneInfo) -> datetime | None:
    """The time of a page that states one for machines and shows one to readers.

    The stated one, save for two mistakes that outlets make: a day without a clock, where the reader sees the clock of
    that day; and a local clock written as UTC, where the reader sees the same clock with its zone named.
    """
    if stated is None or seen is None or not seen.has_clock:
        return stated or (seen.at if seen else None)
    if is_day(stated, zone) and abs(stated - seen.at) < timedelta(hours=24):
        return seen.at
    if seen.zone is not None and stated.replace(tzinfo=None, second=0) == seen.at.astimezone(seen.zone).replace(
        tzinfo=None, second=0
    ):
        return seen.at
    return stated


def is_day(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether a moment is midnight in the zone or in UTC: it then tells the day, hardly the time."""
    return any((local.hour, local.minute, local.second) == (0, 0, 0) for local in (moment, moment.astimezone(zone)))


def day_in_url(url: str, zone: ZoneInfo, now: datetime | None = None) -> datetime | None:
    """The first moment of the day that an address names (/2025/02/14/, /20250214/, /2025-02-14-), or None."""
    match = _URL_DAY.search(urlsplit(url).path)
    if match is None:
        return None
    try:
        day = datetime(int(match["year"]), int(match["month"]), int(match["day"]), tzinfo=zone)
    except ValueError:
        return None
    return plausible(day.astimezone(UTC), now or utc_now())


def date_beside(
    elements: Sequence[lxml_html.HtmlElement], zone: ZoneInfo, now: datetime | None = None
) -> datetime | None:
    """The date that a list shows beside a headline: in a `<time>`, else the first short text that is one; else None.

    A headline may name a day of its own ("Jadwal 3 November 2024"): what stands in a heading is not read.
    """
    moment = now or utc_now()
    for element in elements:
        if element.tag == "time" and (found := read_when(element.get("datetime"), zone, moment)):
            return found
    for element in elements:
        if element.tag in ("a", "script", "style", *_HEADLINES):
            continue
        for text in (element.text, *(child.tail for child in element)):
            match = _dated(text or "")
            if match and (found := plausible(_from_match(match, zone), moment)):
                return found
    return None


def is_date_line(text: str) -> bool:
    """Whether a short text holds a date: the line above or below a headline."""
    return _dated(text) is not None


def _dated(text: str) -> re.Match[str] | None:
    text = " ".join(text[:1000].split())
    return (_VISIBLE.search(text) or _SLASHED.search(text)) if len(text) <= _DATE_LINE_CHARS else None


def json_ld(tree: lxml_html.HtmlElement) -> list[dict[str, Any]]:
    """Every object of the page's JSON-LD blocks, nested `@graph` lists opened; broken blocks are left out."""
    found: list[dict[str, Any]] = []
    for text in tree.xpath("//script[contains(@type,'ld+json')]/text()"):
        try:
            data = json.loads(str(text), strict=False)
        except ValueError:
            continue
        except RecursionError:
            continue
        found.extend(_objects(data))
    return found


def is_news(thing: dict[str, Any]) -> bool:
    """Whether a JSON-LD object describes an article."""
    kinds = thing.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and kind.endswith(("Article", "BlogPosting", "Report")) for kind in kinds)


def _objects(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 4:
        return
    if isinstance(data, list):
        for each in data[:200]:
            yield from _objects(each, depth + 1)
    elif isinstance(data, dict):
        yield data
        for name in ("@graph", "mainEntity"):
            yield from _objects(data.get(name), depth + 1)


def _stated(tree: lxml_html.HtmlElement, things: list[dict[str, Any]]) -> Iterator[str]:
    for thing in things:
        if is_news(thing) and isinstance(thing.get("datePublished"), str):
            yield thing["datePublished"]
    for path in _META:
        yield from (str(value) for value in tree.xpath(path)[:3])
    for thing in things:
        if thing.get("@type") in ("WebPage", "ItemPage", "VideoObject") and isinstance(thing.get("datePublished"), str):
            yield thing["datePublished"]


def _by_headline(
    tree: lxml_html.HtmlElement, page: PageLines, title: str, zone: ZoneInfo, now: datetime
) -> Seen | None:
    """The first date with a clock time right after the headline, else right before it; a time tag counts as well."""
    number = page.headline(title)
    if number is None:
        return None
    after = " ".join(_stamp_of(line.text) for line in islice(page.filled(number + 1), 40))[:_AROUND_CHARS]
    before = " ".join(_stamp_of(line.text) for line in page.filled(max(0, number - 12), number))[-_AROUND_CHARS:]
    return (
        _best(after, zone, now)
        or _time_tag(tree, title, zone, now)
        or _best(before, zone, now)
        or _best(after, zone, now, of_updates=True)
    )


def _stamp_of(line: str) -> str:
    """A line as far as it may say when the page was published: of prose only its start ("Sampit, 3/4/2025 09:30 -").

    Further on it tells when something happened.
    """
    is_prose = len(line) > _DATE_LINE_CHARS and line.endswith((".", "!", "?", '"', "”"))
    return line[:_STAMP_CHARS] if is_prose else line


def _best(text: str, zone: ZoneInfo, now: datetime, *, of_updates: bool = False) -> Seen | None:
    """The first date with a clock in a text, `of_updates` or not."""
    for match in sorted((m for pattern in _SHOWN for m in pattern.finditer(text)), key=lambda m: m.start()):
        seen = _seen(match, zone, now) if match["hour"] else None
        if seen and of_updates == bool(_UPDATED.search(text[max(0, match.start() - 60) : match.start()])):
            return seen
    return None


def _time_tag(tree: lxml_html.HtmlElement, title: str, zone: ZoneInfo, now: datetime) -> Seen | None:
    """The `datetime` of a time tag that stands close after the headline."""
    wanted = normalised(title)
    headline = next((h for h in tree.iter("h1", "h2", "h3") if wanted and normalised(h.text_content()) == wanted), None)
    if headline is None:
        return None
    tags = headline.xpath("following::*[position()<=25][self::time][@datetime]")[:3]
    for tag in sorted(tags, key=_is_of_update):
        text = tag.get("datetime")
        moment = read_when(text, zone, now)
        if moment and re.search(r"\d:\d\d", text):
            return Seen(moment, True)
    return None


def _is_of_update(tag: lxml_html.HtmlElement) -> bool:
    """Whether a time tag says when the page was changed. WordPress calls one that says both "published updated"."""
    names = f"{tag.get('class', '')} {tag.get('itemprop', '')}".lower()
    if "publish" in names:
        return False
    before = tag.getprevious().tail if tag.getprevious() is not None else tag.getparent().text
    return (
        "updated" in names
        or "modified" in names
        or bool(_UPDATED.search(f"{(before or '')[-40:]} {tag.text or ''}"[:80]))
    )


def _in_named_element(tree: lxml_html.HtmlElement, zone: ZoneInfo, now: datetime) -> Seen | None:
    fallback = None
    for element in tree.xpath(_NAMED_DATE)[:60]:
        text = " ".join(element.text_content().split())
        if not 6 <= len(text) <= 120:
            continue
        match = next(filter(None, (pattern.search(text) for pattern in _SHOWN)), None)
        seen = _seen(match, zone, now) if match else None
        if seen and seen.has_clock:
            return seen
        fallback = fallback or seen
    return fallback


def _seen(match: re.Match[str], zone: ZoneInfo, now: datetime) -> Seen | None:
    moment = plausible(_from_match(match, zone), now)
    if moment is None:
        return None
    return Seen(moment, match["hour"] is not None, ZONES[match["zone"].upper()] if match["zone"] else None)


def _epoch(text: str) -> datetime | None:
    if not _EPOCH_SECONDS.match(text):
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC)


def _visible(text: str, zone: ZoneInfo) -> datetime | None:
    match = _VISIBLE.search(text)
    if match and not re.search(r"[+-]\d\d:?\d\d\s*$|\b(?:GMT|UTC|Z)\s*$", text):
        return _from_match(match, zone)
    match = _SLASHED.search(text)
    return _from_match(match, zone) if match else None


def _from_match(match: re.Match[str], zone: ZoneInfo) -> datetime | None:
    month = match["month"].lower()
    zone = ZONES[match["zone"].upper()] if match["zone"] else zone
    try:
        moment = datetime(
            int(match["year"]),
            int(month) if month.isdigit() else _MONTHS[month],
            int(match["day"]),
            _hour(match),
            int(match["minute"] or 0),
            int(match["second"] or 0),
            tzinfo=zone,
        )
    except ValueError:
        return None
    return moment.astimezone(UTC)


def _hour(match: re.Match[str]) -> int:
    hour, half = int(match["hour"] or 0), (match["half"] or "").lower()
    return hour % 12 + 12 * (half == "p") if half else hour


def _machine(text: str, zone: ZoneInfo) -> datetime | None:
    suffix = _ZONE_WORD.search(text)
    if suffix:
        text, zone = text[: suffix.start()], ZONES[suffix[1].upper()]
    text = _DASHED_CLOCK.sub(r"\1T\2:\3:\4\5", text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownTimezoneWarning)  # "EST" and the like: taken in the source's zone
        return parse_when(text, zone)
