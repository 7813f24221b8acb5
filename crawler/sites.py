"""What a front page says of its site: names, feeds, postal addresses. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import html as lxml_html

from crawler import sitelinks
from crawler.dates import json_ld
from crawler.feeds import Parsed
from crawler.metadata import self_names, speaks_for
from waspada.items.policy import clean_title
from waspada.sources.outlets import default_outlet, known_outlet, named_outlet, registrable_domain

_LONGEST_NAME = 60
_LONGEST_LINE = 300
_MOST_TEXT = 200_000
_MOST_ADDRESSES = 6
_ORGANISATIONS = ("Organization", "NewsMediaOrganization", "WebSite", "LocalBusiness", "NGO", "GovernmentOrganization")
#: A line with a street, an office or a postal code in it; a headline about a street has none of these.
_ADDRESS_LINE = re.compile(
    r"\b(?:jl|jln|alamat|kantor|redaksi|ruko|gedung)\b|\bjalan\b.{0,60}\b(?:no|nomor|km|rt)\b|\b\d{5}\b", re.IGNORECASE
)
_FOOTERS = (
    "//address | //footer | //*[contains(@class,'footer') or contains(@id,'footer') or contains(@class,'alamat')"
    " or contains(@class,'address') or contains(@class,'copyright')]"
    "[not(self::html or self::body or self::main or self::article)]"
)
_VISIBLE = ".//text()[not(ancestor::script or ancestor::style or ancestor::noscript)]"
_VISIBLE_UNLINKED = f"{_VISIBLE}[not(ancestor::a)]"
_PARTS = re.compile(r"\s+[-–—|•·»:]\s+|\s*[|»]\s*")
_FEED_WORDS = re.compile(r"\b(?:rss|feed|atom|umpan)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """A page read for what it says of its site. `own_urls` are addresses it may speak for; `names` titles and
    descriptions, `name` what it calls its site for machines; `addresses` postal ones."""

    url: str
    feeds: tuple[str, ...]
    generator: str
    own_urls: tuple[str, ...]
    name: str
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    text: str
    listing: Parsed
    is_article: bool


def read_page(tree: lxml_html.HtmlElement, url: str, listing: Parsed, is_article: bool) -> Page:
    """`listing` and `is_article` are what the listing reader and the extractor said of the same page."""
    things = json_ld(tree)
    lines = _lines(tree)
    titles = [clean_title(element.text_content()[:_LONGEST_LINE]) for element in tree.xpath("//head/title")[:1]]
    described = [str(text)[:_LONGEST_LINE] for text in tree.xpath("//meta[@name='description']/@content")[:1]]
    return Page(
        url=url,
        feeds=tuple(sitelinks.named_feeds(tree, url)),
        generator=" ".join(str(text) for text in tree.xpath("//meta[@name='generator']/@content")[:2])[:_LONGEST_LINE],
        own_urls=tuple(speaks_for(tree, url)),
        name=next((name for name in _stated_names(tree, things) if 0 < len(name) <= _LONGEST_NAME), ""),
        names=() if is_article else tuple(filter(None, titles + described)),
        addresses=tuple(_addresses(tree, things))[:_MOST_ADDRESSES],
        text="\n".join(lines),
        listing=listing,
        is_article=is_article,
    )


def outlet_name(pages: Sequence[Page], feed_titles: Sequence[str], url: str) -> str:
    """Who speaks at `url`: by the table of outlets, as its pages or feeds call it, else its domain."""
    hosts = [own for page in pages for own in page.own_urls] or [url]
    for host in (url, *hosts):
        if known := known_outlet(host):
            return known
    for page in pages:
        if page.name:
            return named_outlet(page.name) or page.name
    stem = _squashed(registrable_domain(hosts[0]).partition(".")[0])
    for title in feed_titles:
        if name := _name_in(title, stem, alone=True):
            return named_outlet(name) or name
    for page in pages:
        for title in page.names[:1]:
            if name := _name_in(title, stem, alone=False):
                return named_outlet(name) or name
    return default_outlet(hosts[0])


def _name_in(title: str, stem: str, *, alone: bool) -> str:
    """The part of a title that is written like the domain; with `alone`, else a short one without parts."""
    parts = [part for each in _PARTS.split(title) if (part := _FEED_WORDS.sub("", each).strip(" -»|:"))]
    for part in parts:
        squashed = _squashed(part)
        if len(squashed) >= 4 and (squashed in stem or (stem and stem in squashed)) and len(part) <= _LONGEST_NAME:
            return part
    return parts[0] if alone and len(parts) == 1 and len(parts[0].split()) <= 4 else ""


def _stated_names(tree: lxml_html.HtmlElement, things: list[dict[str, Any]]) -> Iterator[str]:
    yield from self_names(tree, things)
    for thing in _organisations(things):
        name = thing.get("name")
        if isinstance(name, str):
            yield clean_title(name[:_LONGEST_LINE])


def _organisations(things: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for thing in things:
        kinds = thing.get("@type")
        if any(kind in _ORGANISATIONS for kind in (kinds if isinstance(kinds, list) else [kinds])):
            yield thing
            publisher = thing.get("publisher")
            if isinstance(publisher, dict):
                yield publisher


def _addresses(tree: lxml_html.HtmlElement, things: list[dict[str, Any]]) -> Iterator[str]:
    for thing in _organisations(things):
        address = thing.get("address")
        if isinstance(address, dict):
            parts = [address.get(key) for key in ("streetAddress", "addressLocality", "addressRegion")]
            address = ", ".join(part for part in parts if isinstance(part, str))
        if isinstance(address, str) and address.strip():
            yield clean_title(address[:_LONGEST_LINE])
    for element in tree.xpath(_FOOTERS)[:20]:
        for line in _lines(element, _VISIBLE_UNLINKED):
            if len(line) <= _LONGEST_LINE and _ADDRESS_LINE.search(line):
                yield line


def _lines(tree: lxml_html.HtmlElement, path: str = _VISIBLE) -> list[str]:
    """The visible text of an element, one line a text node, scripts left out."""
    texts = tree.xpath(path)
    lines, length = [], 0
    for text in texts:
        line = " ".join(str(text).split())
        length += len(line)
        if length > _MOST_TEXT:
            break
        if line:
            lines.append(line)
    return lines


def _squashed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())
