"""A page in, an article out: the contract of `waspada extract`.

Title, body, publication time, outlet and language of a page, and whether it is an article at all. Nothing here touches
the network. A page that lxml, trafilatura or readability cannot stand raises ExtractionError, never anything else.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import htmldate
from lxml import etree
from lxml import html as lxml_html

from crawler import urls
from crawler.body import find_body
from crawler.dates import agreed, day_in_url, is_day, json_ld, stated_in, visible_in
from crawler.lines import page_lines
from crawler.listing import is_article, is_list_of_teasers
from crawler.metadata import headline_above, language_of, outlet_of, title_of
from crawler.parts import ONE_PAGE, Parts, next_parts
from crawler.section import section_of
from crawler.stated_body import body_in, preferred
from waspada.clock import DEFAULT_ZONE, local_day, plausible, utc_now
from waspada.errors import InputError
from waspada.items.policy import normalised

#: Beyond this a page holds a data dump; the rest is not read. Real article pages have 30 to 400 KB.
MAX_HTML_BYTES = 2 * 1024 * 1024
#: More tags than this are no article either (real ones have 1,000 to 10,000), and would cost minutes to look through.
MAX_TAGS = 60_000
_CHARSET = re.compile(rb"""<meta[^<>]{1,300}charset\s{0,20}=\s{0,20}["']?\s{0,20}([\w.:-]{1,60})""", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^<>]{1,150}encoding\s{0,20}=\s{0,20}["']([\w.:-]{1,60})""", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class ExtractionError(InputError):
    """The page cannot be parsed."""


class TooManyTagsError(ExtractionError):
    """The page is far larger than any article."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a page holds. `text` has one paragraph a line; `published_at` is aware UTC or None.

    `section` is the outlet's own rubric ("Daerah"), or None: it serves to cut such a suffix off titles and is kept with
    a recorded page, but not stored with the item. `parts` is where the article goes on. Neither is of the contract.
    """

    url: str
    canonical_url: str
    title: str
    text: str
    published_at: datetime | None
    outlet: str
    lang: str | None
    is_article: bool
    section: str | None = None
    parts: Parts = ONE_PAGE

    def as_contract(self) -> dict[str, Any]:
        """The output of `waspada extract` (docs/contracts/extract.schema.json)."""
        moment = self.published_at
        return {
            "url": self.url,
            "canonical_url": self.canonical_url,
            "title": self.title,
            "text": self.text,
            "published_at": moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None,
            "outlet": self.outlet,
            "lang": self.lang,
            "is_article": self.is_article,
        }


def extract(
    html: bytes | str,
    url: str,
    *,
    zone: ZoneInfo = DEFAULT_ZONE,
    selector: str | None = None,
    feed_published: datetime | None = None,
    charset: str | None = None,
    now: datetime | None = None,
    first: str = "",
) -> Extracted:
    """Reads a page.

    `zone` holds for times without one, `selector` (CSS) names the body where somebody knows it, `feed_published` is the
    time that the feed gave (used when the page says nothing better), `charset` what the HTTP header declared, `first`
    the address of the article's first page, where this is a later one.
    Raises ExtractionError.
    """
    now = now or utc_now()
    try:
        tree = parse_html(html, charset)
        found = _extract(tree, url, zone, selector, feed_published, now)
        return replace(found, parts=next_parts(tree, url, first))
    except (
        etree.LxmlError,
        ValueError,
        RecursionError,
        TypeError,
        AttributeError,
        LookupError,
        AssertionError,
    ) as error:
        raise ExtractionError(
            f"The page {url} cannot be read ({type(error).__name__}: {str(error)[:200]}).",
            hint="Keep the page and report it with `waspada extract FILE.html --url URL`.",
        ) from error


def parse_html(html: bytes | str, charset: str | None = None) -> lxml_html.HtmlElement:
    """The tree of a page, whatever its charset claims. Raises ValueError for a page without any element."""
    text = decoded(html, charset) if isinstance(html, bytes) else html[:MAX_HTML_BYTES]
    if text.count("<") > MAX_TAGS:
        raise TooManyTagsError(f"The page has more than {MAX_TAGS:,} tags.", hint="That is no article.")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\x00", "")
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    return lxml_html.document_fromstring(text.encode("utf-8", "replace") or b"<html></html>", parser=parser)


def decoded(body: bytes, charset: str | None = None) -> str:
    """Bytes as text: byte order mark, then valid UTF-8 whatever is claimed, then the claims, then Windows-1252."""
    body = body[:MAX_HTML_BYTES]
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(body) == MAX_HTML_BYTES and error.start >= len(body) - 3:  # only our cut splits a character
            return body.decode("utf-8", "ignore")
    found = _CHARSET.search(body[:4096]) or _XML_CHARSET.search(body[:200])
    for name in (charset, found[1].decode("ascii", "ignore") if found else None):
        if name and "utf-8" not in name.lower().replace("utf8", "utf-8"):
            try:
                return body.decode(name, "replace")
            except LookupError:
                continue
    if len(body.decode("utf-8", "ignore").encode()) > 0.98 * len(body):
        return body.decode("utf-8", "replace")
    return body.decode("windows-1252", "replace")


def _extract(
    tree: lxml_html.HtmlElement,
    url: str,
    zone: ZoneInfo,
    selector: str | None,
    feed_published: datetime | None,
    now: datetime,
) -> Extracted:
    things = json_ld(tree)
    outlet = outlet_of(tree, things, url)
    section = section_of(tree, things, outlet)
    title = title_of(tree, things, outlet, url, section)
    declared = next((str(value) for value in tree.xpath("//link[@rel='canonical']/@href")[:1]), None)
    page = page_lines(tree)
    stated = body_in(things)
    text = _body(tree, selector, title, stated)
    found_title, title = title, headline_above(page, text, title)
    if title != found_title:  # what stands above and beside the article shows only by its headline
        text = _body(tree, selector, title, stated)
    text = _without_title(text, title)
    when = stated_in(tree, things, zone, now)
    seen = visible_in(tree, page, title, zone, now)
    published = _with_clock(agreed(when, seen, zone) or _guessed(tree, url, zone, now), feed_published, zone, now)
    return Extracted(
        url=url,
        canonical_url=urls.page_identity(url, declared),
        title=title,
        text=text,
        published_at=published,
        outlet=outlet,
        lang=language_of(tree, text or title),
        is_article=is_article(url, title, text, things, when, seen.at if seen else None)
        and not is_list_of_teasers(page, text),
        section=section,
    )


def _body(tree: lxml_html.HtmlElement, selector: str | None, title: str, stated: str) -> str:
    """The body shown, or the one stated for machines."""
    return preferred(find_body(tree, selector, title=title), stated)


def _without_title(text: str, title: str) -> str:
    """The body without the headline that some extractors take along as its first line."""
    first, _, rest = text.partition("\n")
    return rest if title and normalised(first) == normalised(title) else text


def _guessed(tree: lxml_html.HtmlElement, url: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The first moment of the day that the address names, else of the one that htmldate finds."""
    if in_url := day_in_url(url, zone, now):
        return in_url
    try:
        found = htmldate.find_date(tree, original_date=True, extensive_search=False, outputformat="%Y-%m-%d")
    except (ValueError, TypeError, AttributeError, OverflowError):
        found = None
    if not found:
        return None
    year, month, day = (int(part) for part in str(found).split("-"))
    return plausible(datetime(year, month, day, tzinfo=zone).astimezone(UTC), now)


def _with_clock(
    found: datetime | None, feed_published: datetime | None, zone: ZoneInfo, now: datetime
) -> datetime | None:
    """What the feed said where the page says nothing, or only the day of it."""
    fed = plausible(feed_published, now)
    if found is None:
        return fed
    only_day = is_day(found, zone)
    return fed if fed and only_day and local_day(fed, zone) == local_day(found, zone) else found
