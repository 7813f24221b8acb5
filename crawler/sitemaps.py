"""Sitemaps (https://www.sitemaps.org/protocol.html), news sitemaps and sitemap indexes, also gzipped ones.

Parsed without entities, DTDs and network; a truncated sitemap gives the addresses before the break.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from zoneinfo import ZoneInfo

from lxml import etree

from crawler import urls
from crawler.dates import read_when
from crawler.feeds import Parsed, announcement
from crawler.links import is_navigation
from crawler.pastmarks import lists_no_articles, stamps_are_believable
from crawler.urldates import days_of_sitemap
from waspada.clock import utc_now
from waspada.sources.policy import MAX_ENTRIES

MAX_CHILDREN = 5
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
#: A document type stands at the very beginning; one with more than this is no sitemap's (bytes).
_HEAD_BYTES, _LONGEST_DOCTYPE_BYTES = 4096, 65_536
_GZIP = b"\x1f\x8b"


#: More addresses than this a sitemap may not have (sitemaps.org); what lies beyond is not read.
MAX_ADDRESSES = 50_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One address of a sitemap (an article) or of an index (a sitemap), as it stands there: `loc` may be anything."""

    loc: str
    title: str = ""
    published_at: datetime | None = None
    changed_at: datetime | None = None  # `lastmod`


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap as it stands. `left_out` counts the addresses beyond `MAX_ADDRESSES`."""

    is_index: bool
    listed: tuple[Listed, ...]
    left_out: int = 0


class TooLargeError(ValueError):
    """A compressed body would grow beyond the limit."""


def gunzipped(body: bytes, limit_bytes: int) -> bytes:
    """The body, unpacked when it is gzip. Raises TooLargeError beyond `limit_bytes`; a cut stream gives what it has."""
    if not body.startswith(_GZIP):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(body, limit_bytes + 1)
    except zlib.error:
        return b""
    if len(plain) > limit_bytes:
        raise TooLargeError(f"the unpacked body is larger than {limit_bytes:,} bytes")
    return plain


def is_sitemap(body: bytes) -> bool:
    head = _without_doctype(body)[:_HEAD_BYTES]
    return bool(re.search(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b", head, re.IGNORECASE))


def parse_sitemap(body: bytes, url: str, *, zone: ZoneInfo, now: datetime | None = None) -> Parsed:
    """Reads a sitemap. The newest entries are kept when it lists more than 2,000."""
    sitemap = read_sitemap(body, zone=zone, now=now)
    if sitemap is None:
        return Parsed(False)
    if sitemap.is_index:
        return Parsed(True, children=_children(sitemap, url, now or utc_now()))
    listed = sitemap.listed
    if len(listed) > MAX_ENTRIES:
        listed = tuple(sorted(listed, key=_time, reverse=True)[:MAX_ENTRIES])
    found = [
        announcement(each.loc, url, title=each.title, published_at=each.published_at, updated_at=each.changed_at)
        for each in listed
    ]
    # what has a headline is news by the sitemap's own word, whatever its address looks like
    usable = tuple(each for each in found if each is not None and (each.title or not is_navigation(each.url)))
    return Parsed(True, usable, len(listed), len(listed) - len(usable))


def read_sitemap(body: bytes, *, zone: ZoneInfo, now: datetime | None = None) -> Sitemap | None:
    """A sitemap or an index with all that it lists, or None for anything else."""
    root = _root(body) if is_sitemap(body) else None
    if root is None:
        return None
    is_index = _name(root) == "sitemapindex"
    elements = [element for element in root if _name(element) == ("sitemap" if is_index else "url")]
    listed = tuple(
        Listed(
            _text(element, "loc"),
            "" if is_index else _text(element, "title"),
            _when(element, zone, now, "publication_date"),
            _when(element, zone, now, "lastmod"),
        )
        for element in elements[:MAX_ADDRESSES]
    )
    return Sitemap(is_index, listed, max(0, len(elements) - MAX_ADDRESSES))


def _root(body: bytes) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False, remove_comments=True
    )
    try:
        return etree.fromstring(_without_doctype(body).lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _without_doctype(body: bytes) -> bytes:
    """The body without its document type. Matched at one place only: searching is quadratic over `<!DOCTYPE[`s."""
    start = body[:_HEAD_BYTES].lower().find(b"<!doctype")
    found = _DOCTYPE.match(body, start, start + _LONGEST_DOCTYPE_BYTES) if start >= 0 else None
    return body[:start] + body[found.end() :] if found else body


def _children(index: Sitemap, url: str, now: datetime) -> tuple[str, ...]:
    """The newest sitemaps of an index, inside its own site, without those of tags, sections and writers.

    The day in a name is believed before a stamp. Of those that nothing dates, the last listed and the first are taken
    in turns (some outlets list the oldest first), and in turns with the dated ones.
    """
    listed = [(each, urls.canonical(each.loc, url)) for each in index.listed]
    own = [(each, at) for each, at in listed if at and urls.same_site(at, url) and not lists_no_articles(at)]
    believable = stamps_are_believable([each.changed_at for each, _ in own], now)
    dated: list[tuple[date, float, int, str]] = []
    undated: list[str] = []
    for place, (each, address) in enumerate(own):
        named, stamp = days_of_sitemap(address), each.changed_at if believable else None
        if named is None and stamp is None:
            undated.append(address)
        else:
            day = min(named.last, now.date()) if named else (stamp or now).date()
            dated.append((day, stamp.timestamp() if stamp else 0.0, place, address))
    newest = [address for *_, address in sorted(dated, reverse=True)]
    return tuple(_in_turns(newest, _in_turns(undated[::-1], undated)))[:MAX_CHILDREN]


def _in_turns(one: Sequence[str], other: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(each for pair in zip_longest(one, other) for each in pair if each is not None))


def _time(listed: Listed) -> float:
    moment = listed.published_at or listed.changed_at
    return moment.timestamp() if moment else 0.0


def _when(element: etree._Element, zone: ZoneInfo, now: datetime | None, *names: str) -> datetime | None:
    return next((moment for name in names if (moment := read_when(_text(element, name), zone, now))), None)


def _text(element: etree._Element, name: str) -> str:
    """The text of the first descendant with this local name; images and videos have titles of their own."""
    for each in element.iter():
        if _name(each) == name and _name(each.getparent()) in ("url", "sitemap", "news"):
            return (each.text or "").strip()
    return ""


def _name(element: etree._Element | None) -> str:
    if element is None or not isinstance(element.tag, str):
        return ""
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower()  # QName would raise on a name cut in two
