"""Sitemaps (https://www.sitemaps.org/protocol.html), news sitemaps and sitemap indexes, also gzipped ones.

Parsed without entities, DTDs and network; a truncated sitemap gives the addresses before the break.
"""

from __future__ import annotations

import re
import zlib
from datetime import datetime
from zoneinfo import ZoneInfo

from lxml import etree

from crawler import urls
from crawler.dates import read_when
from crawler.feeds import Parsed, announcement
from waspada.sources.policy import MAX_ENTRIES

MAX_CHILDREN = 5
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
#: A document type stands at the very beginning; one with more than this is no sitemap's (bytes).
_HEAD_BYTES, _LONGEST_DOCTYPE_BYTES = 4096, 65_536
_GZIP = b"\x1f\x8b"


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
    if not is_sitemap(body):
        return Parsed(False)
    root = _root(body)
    if root is None:
        return Parsed(False)
    if _name(root) == "sitemapindex":
        return Parsed(True, children=_children(root, url, zone, now))
    listed = [element for element in root if _name(element) == "url"]
    dated = [(_when(element, zone, now, "publication_date", "lastmod"), element) for element in listed]
    if len(dated) > MAX_ENTRIES:
        dated.sort(key=lambda pair: pair[0].timestamp() if pair[0] else 0.0, reverse=True)
        dated = dated[:MAX_ENTRIES]
    found = [
        announcement(
            _text(element, "loc"),
            url,
            title=_text(element, "title"),
            published_at=_when(element, zone, now, "publication_date"),
            updated_at=_when(element, zone, now, "lastmod"),
        )
        for _, element in dated
    ]
    usable = tuple(each for each in found if each is not None)
    return Parsed(True, usable, len(dated), len(dated) - len(usable))


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


def _children(root: etree._Element, url: str, zone: ZoneInfo, now: datetime | None) -> tuple[str, ...]:
    """The newest sitemaps of an index, inside its own site."""
    found: list[tuple[float, str]] = []
    for element in root:
        address = urls.canonical(_text(element, "loc"), url)
        if address and urls.same_site(address, url):
            when = _when(element, zone, now, "lastmod")
            found.append((when.timestamp() if when else 0.0, address))
    found.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(address for _, address in found[:MAX_CHILDREN])


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
