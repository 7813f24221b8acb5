"""Publication times of Indonesian pages and feeds: what a machine wrote first, then what a reader sees. Never "now"."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.parser import UnknownTimezoneWarning
from lxml import html as lxml_html

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
_CLOCK = r"(?:[^\d\n]{0,20}?(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?:[:.](?P<second>[0-5]\d))?)?"
_ZONE = r"(?:\s*(?P<zone>WITA|WIB|WIT)\b)?"
#: "Kamis, 5 November 2015 - 15:56 WIB", "05 Nov 2015 15.56", "Selasa, 23/02/2016 14:49 WITA"
_VISIBLE = re.compile(
    rf"(?<!\d)(?P<day>[0-3]?\d)[\s\-]{{1,2}}(?P<month>{_NAMED})\.?,?[\s\-]{{1,2}}(?P<year>(?:19|20)\d\d){_CLOCK}{_ZONE}",
    re.IGNORECASE,
)
_SLASHED = re.compile(
    rf"(?<!\d)(?P<day>[0-3]?\d)/(?P<month>[01]?\d)/(?P<year>(?:19|20)\d\d){_CLOCK}{_ZONE}", re.IGNORECASE
)
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
)
_NAMED_DATE = (
    "//*[contains(@class,'date') or contains(@class,'time') or contains(@class,'tgl') or contains(@class,'tanggal')"
    " or contains(@class,'waktu') or contains(@class,'schedule') or contains(@class,'publish') or contains(@id,'date')"
    " or self::time]"
)
_AROUND_CHARS = 500


def read_when(text: str | None, zone: ZoneInfo, now: datetime | None = None) -> datetime | None:
    """A moment as aware UTC from any form met in the wild; None when unreadable or impossible (before 1995, or ahead).

    A time without zone is in `zone`; Indonesian month names and the suffixes WIB, WITA, WIT are understood.
    """
    if not text or not text.strip():
        return None
    text = " ".join(text.split())[:120]
    moment = _epoch(text) or _visible(text, zone) or _machine(text, zone)
    return plausible(moment, now or utc_now())


def stated_in(
    tree: lxml_html.HtmlElement, things: list[dict[str, Any]], zone: ZoneInfo, now: datetime | None = None
) -> datetime | None:
    """The publication time that a page states for machines: JSON-LD (`things`), then meta tags; else None."""
    return next((moment for text in _stated(tree, things) if (moment := read_when(text, zone, now))), None)


def visible_in(tree: lxml_html.HtmlElement, title: str, zone: ZoneInfo, now: datetime | None = None) -> datetime | None:
    """The date a reader sees by the headline `title`, else the first in an element named like a date; else None."""
    moment = now or utc_now()
    return _by_headline(tree, title, zone, moment) or _in_named_element(tree, zone, moment)


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


def _by_headline(tree: lxml_html.HtmlElement, title: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The first date with a clock time right after the headline, else right before it."""
    wanted = normalised(title)
    headline = next((h for h in tree.xpath("//h1 | //h2") if wanted and normalised(h.text_content()) == wanted), None)
    if headline is None:
        return None
    after = _joined(headline.xpath("following::text()[normalize-space()][position()<=40]"))
    before = _joined(headline.xpath("preceding::text()[normalize-space()][position()<=8]"))
    for text in (after[:_AROUND_CHARS], before[-_AROUND_CHARS:]):
        for pattern in (_VISIBLE, _SLASHED):
            for match in pattern.finditer(text):
                moment = plausible(_from_match(match, zone), now) if match["hour"] else None
                if moment:
                    return moment
    return None


def _joined(texts: list[Any]) -> str:
    return " ".join(" ".join(str(text).split()) for text in texts)


def _in_named_element(tree: lxml_html.HtmlElement, zone: ZoneInfo, now: datetime) -> datetime | None:
    fallback = None
    for element in tree.xpath(_NAMED_DATE)[:60]:
        text = " ".join(element.text_content().split())
        if not 6 <= len(text) <= 120:
            continue
        match = _VISIBLE.search(text) or _SLASHED.search(text)
        moment = plausible(_from_match(match, zone), now) if match else None
        if match and moment and match["hour"]:
            return moment
        fallback = fallback or moment
    return fallback


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
            int(match["hour"] or 0),
            int(match["minute"] or 0),
            int(match["second"] or 0),
            tzinfo=zone,
        )
    except ValueError:
        return None
    return moment.astimezone(UTC)


def _machine(text: str, zone: ZoneInfo) -> datetime | None:
    suffix = _ZONE_WORD.search(text)
    if suffix:
        text, zone = text[: suffix.start()], ZONES[suffix[1].upper()]
    text = _DASHED_CLOCK.sub(r"\1T\2:\3:\4\5", text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownTimezoneWarning)  # "EST" and the like: taken in the source's zone
        return parse_when(text, zone)
