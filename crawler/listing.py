"""Telling an article from a list of articles, and reading the article links of a listing.

Kompas' index and detik's front page both declare `og:type=article`, so declarations count little; what counts is prose
under one headline with one date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import html as lxml_html

from crawler import urls
from crawler.dates import is_news
from crawler.feeds import Parsed, announcement
from waspada.sources.policy import MAX_ENTRIES

_LIST_TITLE = re.compile(
    r"\b(?:indeks|index|arsip|archives?|berita (?:terbaru|terkini|terpopuler|hari ini)|portal berita|news portal"
    r"|kumpulan berita|halaman (?:utama|depan)|beranda|home(?:page)?|kategori|category|tag|topik|hasil pencarian"
    r"|search results|terpopuler)\b",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(
    r"^.{0,40}(?:\d{1,2}\s+[A-Za-z]{3,9}\s+\d{4}|\d{1,2}/\d{1,2}/\d{4}|\d+\s+(?:menit|jam|hari)\s+(?:yang\s+)?lalu"
    r"|\d{1,2}[:.]\d{2}\s*WI).{0,25}$"
)
_SENTENCE_END = re.compile(r"[.!?\"”')\]]$")
#: Tried once a word and without going back (`++`): from every letter of one long word it would be quadratic.
_SLUG = re.compile(r"(?<![a-z0-9])[a-z0-9]++(?:[-_.][a-z0-9]++){2,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prose:
    """Running text of a body: lines of a dozen words or more that end like a sentence."""

    lines: int
    chars: int
    dates: int  # lines that are nothing but a date: one teaser after another has one each


def prose_of(text: str) -> Prose:
    lines = text.splitlines()
    running = [line for line in lines if len(line.split()) >= 10 and _SENTENCE_END.search(line)]
    dates = sum(bool(len(line) <= 70 and _DATE_LINE.match(line)) for line in lines)
    return Prose(len(running), sum(map(len, running)), dates)


def is_article(
    url: str, title: str, text: str, things: list[dict[str, Any]], stated: datetime | None, visible: datetime | None
) -> bool:
    """Whether a page is one article. `stated` and `visible` are its publication times (meta; by the headline)."""
    if urls.is_home(url) or not text:
        return False
    prose = prose_of(text)
    score = 0
    score += 2 if any(is_news(thing) for thing in things) else 0
    score += 2 if stated else 1 if visible else 0
    score += (prose.chars >= 150) + (prose.chars >= 500) + (prose.lines >= 3)
    score += 1 if _SLUG.search(url.rpartition("/")[2]) else 0
    score -= 3 if prose.dates >= 3 else 0
    score -= 2 if _LIST_TITLE.search(title) and len(title.split()) <= 8 else 0
    score -= 2 if prose.chars < 60 else 0
    return score >= 2


def parse_listing(tree: lxml_html.HtmlElement, url: str) -> Parsed:
    """The article links of a listing page: addresses of the same site with a slug or number and a headline as text."""
    found: dict[str, str] = {}
    for link in tree.iter("a"):
        text = " ".join(link.text_content().split())
        address = urls.canonical(link.get("href", ""), url)
        if address is None or urls.is_home(address) or not urls.same_site(address, url):
            continue
        path = address.split("://", 1)[1].partition("/")[2]
        if not (_SLUG.search(path.rstrip("/").rpartition("/")[2]) or re.search(r"\d{4,}", path)):
            continue
        if len(text.split()) >= 4 and len(text) > len(found.get(address, "")):
            found[address] = text
        if len(found) >= MAX_ENTRIES:
            break
    made = [announcement(address, url, title=text[:300]) for address, text in found.items()]
    usable = tuple(each for each in made if each is not None)
    return Parsed(True, usable, len(usable))
