"""The section (rubrik) an outlet files an article under: as it states it for machines, else the last of its crumbs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import html as lxml_html

from crawler.dates import is_news
from waspada.items.policy import clean_title, normalised

_META = (
    "//meta[@property='article:section']/@content",
    "//meta[@name='article:section' or @name='dtk:kanal' or @name='content_category' or @name='section'"
    " or @name='parsely-section' or @itemprop='articleSection']/@content",
    "//*[@itemprop='articleSection']/text()",
)
_CRUMBS = "//*[contains(@class,'breadcrumb') or contains(@class,'crumbs') or contains(@id,'breadcrumb')]"
_CATEGORY = "//*[contains(@class,'category-name') or contains(@class,'cat-links') or @rel='category tag']"
_HOME = frozenset({"home", "beranda", "halaman depan", "halaman utama", "depan", "index", "indeks", "berita", "news"})
_LABEL = re.compile(r"^(?:kategori|rubrik|kanal|category)\s*:\s*", re.IGNORECASE)
_LONGEST = 40


def section_of(tree: lxml_html.HtmlElement, things: list[dict[str, Any]], outlet: str) -> str | None:
    """The section's name, or None. A name as long as a headline, the outlet's own, or "Beranda" is none."""
    taken = {normalised(outlet), *map(normalised, _HOME)}
    for text in _stated(tree, things):
        name = _LABEL.sub("", clean_title(text))
        if 2 <= len(name) <= _LONGEST and len(name.split()) <= 5 and normalised(name) not in taken:
            return name
    return None


def _stated(tree: lxml_html.HtmlElement, things: list[dict[str, Any]]) -> Iterator[str]:
    for thing in things:
        named = thing.get("articleSection") if is_news(thing) else None
        yield from (each for each in (named if isinstance(named, list) else [named]) if isinstance(each, str))
    for path in _META:
        yield from (str(value) for value in tree.xpath(path)[:3])
    for thing in things:
        if thing.get("@type") == "BreadcrumbList":
            yield from reversed(_crumb_names(thing.get("itemListElement")))
    for crumbs in tree.xpath(_CRUMBS)[:2]:
        yield from reversed([link.text_content() for link in list(crumbs.iter("a"))[:8]])
    yield from (element.text_content() for element in tree.xpath(_CATEGORY)[:2])


def _crumb_names(items: Any) -> list[str]:
    """The names of a breadcrumb list without its last, which is the page itself."""
    found = []
    for each in items[:8] if isinstance(items, list) else []:
        inner = each.get("item") if isinstance(each, dict) else None
        name = each.get("name") if isinstance(each, dict) else None
        name = name or (inner.get("name") if isinstance(inner, dict) else None)
        found.append(name if isinstance(name, str) else "")
    return found[:-1]
