"""Telling an article from a list of articles, and reading a list.

Kompas' index and detik's front page both declare `og:type=article`, so declarations count little; what counts is prose
under one headline with one date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lxml import html as lxml_html

from crawler import urls
from crawler.dates import is_news
from crawler.feeds import Parsed, announcement
from crawler.lines import Line, PageLines
from crawler.links import article_links
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
#: A date with its day: the entries of a live report have a clock alone.
_DAY_LINE = re.compile(
    r"^.{0,40}(?:\d{1,2}\s+[A-Za-z]{3,9}\s+\d{4}|\d{1,2}/\d{1,2}/\d{4}|\d+\s+(?:jam|hari)\s+(?:yang\s+)?lalu).{0,25}$"
)
_TEASER_CHARS = 60
_ONWARDS = re.compile(r"\b(?:selengkapnya|selanjutnya|lebih lanjut|read more|continue reading)\W*$", re.IGNORECASE)
#: Pages about the outlet itself, and what a site shows where nothing is.
_STANDING_TITLE = re.compile(
    r"^\W*(?:(?:susunan |tim |alamat |box )?redaksi|tentang(?: (?:kami|situs|website))?"
    r"|pedoman (?:pemberitaan )?media siber"
    r"|kode etik(?: jurnalistik)?|kebijakan privasi|privacy policy|disclaimer|sanggahan|kontak(?: kami)?|hubungi kami"
    r"|contact(?: us)?|about(?: us)?|info iklan|pasang iklan|karier|karir|lowongan|syarat (?:dan|&) ketentuan"
    r"|terms (?:of (?:use|service)|(?:and|&) conditions)|visi (?:dan|&) misi|sejarah(?: singkat)?|struktur organisasi"
    r"|tugas (?:pokok )?(?:dan|&) fungsi|profil(?: (?:kami|perusahaan|daerah))?|peta situs|sitemap"
    r"|(?:error )?404.{0,30}|(?:halaman|page) (?:tidak|not) (?:di)?(?:temukan|found).{0,20})\W*$",
    re.IGNORECASE,
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
    if urls.is_home(url) or not text or _STANDING_TITLE.match(title):
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


def is_list_of_teasers(page: PageLines, text: str) -> bool:
    """Whether most of a text's prose stands right below a headline to click on or a date: one teaser after another.

    `page` are the lines of the page that the text was taken from.
    """
    prose = {line for line in text.splitlines() if len(line) >= _TEASER_CHARS}
    filled = [line for line in page.lines if line.text]
    teasers = sum(line.text in prose and _is_teaser(filled, number) for number, line in enumerate(filled))
    return teasers >= 3 and teasers > 0.5 * len(prose)


def _is_teaser(lines: list[Line], number: int) -> bool:
    """Whether a line of prose is a teaser: under a headline to click on, or dated and with a link to its article.

    The entries of a live report are dated too, but lead nowhere.
    """
    above = lines[max(0, number - 2) : number]
    if any(line.is_link and line.heading for line in above):
        return True
    if not any(len(line.text) <= 70 and _DAY_LINE.match(line.text) for line in above):
        return False
    around = [*lines[max(0, number - 3) : number], *lines[number + 1 : number + 2]]
    return any(line.is_link or _ONWARDS.search(line.text[-60:]) for line in (*around, lines[number]))


def parse_listing(
    tree: lxml_html.HtmlElement,
    url: str,
    *,
    selector: str | None = None,
    zone: ZoneInfo | None = None,
    now: datetime | None = None,
) -> Parsed:
    """The articles that a listing page links to (`crawler.links`). Raises SelectorError for a selector that is none."""
    found = article_links(tree, url, selector=selector, zone=zone, now=now)[:MAX_ENTRIES]
    made = [announcement(each.url, url, title=each.title, published_at=each.published_at) for each in found]
    usable = tuple(each for each in made if each is not None)
    return Parsed(True, usable, len(usable))
