"""The pages that an article is split over: where they stand, learnt from the links of one, and their texts as one.

A link leads to a further page of an article when its address is the article's own with one thing more: a number or a
word for "all", as a field ("?page=2", "?halaman=semua", "?single=1") or at the end of the path ("/2/", "/all"). So no
rule is written for any outlet, and the next article or the pages of a listing are never taken for a part. Links among
comments and among other articles, which are paged too, do not count. Pure: nothing is asked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from lxml import html as lxml_html

from crawler import urls
from crawler.links import MAX_LINKS, base_of
from waspada.items.policy import MAX_TEXT, normalised
from waspada.items.recurring import SHORTEST_LINE

#: No further page of an article is asked for.
MAX_PAGES = 10
_PAGE_NAME = re.compile(r"(?:show)?(?:page|halaman|hal|pg|p|part|bagian)(?:[-_]?(?:num(?:ber)?|no))?", re.IGNORECASE)
#: Joomla counts from nought: "?start=1" is the second page.
_OFFSET_NAME = re.compile(r"(?:limit)?start", re.IGNORECASE)
_WHOLE_NAME = re.compile(r"single(?:[-_]?page)?|(?:show|view)[-_]?all|(?:all|full)[-_]?pages?", re.IGNORECASE)
_ALL = re.compile(r"all|semua|full|lengkap|single", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,2}")
#: What stands on the link to the whole article; the second form says so beside numbered pages only.
_ALL_PAGES = re.compile(
    r"(?:(?:tampilkan|lihat|buka|baca|show|view|read)\s+)?(?:di\s+)?(?:semua|seluruh|satu|all|single|one)\s+(?:halaman|pages?)",
    re.IGNORECASE,
)
_ALL_OF_IT = re.compile(
    r"(?:(?:tampilkan|lihat|buka|baca|show|view|read)\s+)?(?:semua(?:nya)?|seluruhnya|selengkapnya|all)", re.IGNORECASE
)
_COMMENTS = re.compile(r"comment|komentar|respond|disqus|reply", re.IGNORECASE)
#: Boxes (class or id, whole words) that have pages of their own.
_OTHER_BOX = re.compile(
    r"(?:^|\s)(?:[a-z]+[-_])?(?:comments?|komentar|disqus|respond|related|terkait|terbaru|terkini|latest|recent|popul[ae]r"
    r"|terpopuler|trending|rekomendasi|recommended|sidebar|lainnya|listing|indeks)"
    r"(?:[-_](?:area|posts?|news|berita|articles?|box|list|section|wrap(?:per)?|container|block|navigation|pagination|left|right))*"
    r"(?:$|\s)",
    re.IGNORECASE,
)
_WHOLE_PAGE = frozenset(("html", "body", "main", "article"))
_LONGEST_WORDS = 40
_SAME_AGAIN = 0.5


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the rest of an article stands: all of it at `whole` ("" for none), further pages by number from 2 on."""

    whole: str = ""
    pages: Mapping[int, str] = field(default_factory=dict)

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.whole, *(self.pages[number] for number in sorted(self.pages)))))


ONE_PAGE = Parts()


def next_parts(tree: lxml_html.HtmlElement, url: str, first: str = "") -> Parts:
    """The other pages of the article that the page at `url` shows, as far as it links to them.

    `first` is the address of the article's first page, where `url` is a later one. Only pages from 2 on count, and only
    on the same host.
    """
    own = _read(urls.canonical(first or url) or "")
    if own is None or not (own.path or own.fields):
        return ONE_PAGE
    pages: dict[int, str] = {}
    wholes: dict[bool, str] = {}  # by whether the link says so by itself
    for link, address, words in _links(tree, base_of(tree, url)):
        mark = _mark(own, address)
        number = _page_number(mark) if mark else None
        says_all = _says_all(mark, words) if mark and number is None else None
        if (number in pages or (number is None and says_all is None)) or _is_elsewhere(link):
            continue
        if number is not None:
            pages[number] = address
        elif says_all is not None:
            wholes.setdefault(says_all, address)
    return Parts(wholes.get(True) or (wholes.get(False, "") if pages else ""), pages)


class Joining:
    """An article that is read page by page: which address is asked next, and what was joined so far.

    The whole on one page is asked for first; the numbered pages where there is none, one after another, so that neither
    a loop nor an endless chain is followed. A page that shows an earlier one again ends the article. `missing` says in
    words what could not be had; `is_passing` that a later try may have it.
    """

    def __init__(self, text: str, parts: Parts) -> None:
        self._texts = [text]
        self._pages = dict(parts.pages)
        self._whole = parts.whole
        self._last = 1
        self._is_over = False
        self.missing: list[str] = []
        self.is_passing = False

    def next(self) -> str | None:
        """The address to ask; None when nothing is left."""
        if self._is_over or self._whole:
            return None if self._is_over else self._whole
        return self._pages.get(self._last + 1) if self._last < MAX_PAGES else None

    def took(self, text: str, parts: Parts) -> None:
        """The page that was asked for has this text, and links to these."""
        if self._whole:
            self._whole = ""
            self._pages = {**parts.pages, **self._pages}
            if len(text) > len(self._texts[0]) and _shows(text, self._texts[0]):
                self._texts, self._is_over = [text], True
            return
        self._last += 1
        if any(_shows(text, each) for each in self._texts):
            self._is_over = True
            return
        self._texts.append(text)
        self._pages = {**parts.pages, **self._pages}
        self._is_over = self._last >= MAX_PAGES or sum(map(len, self._texts)) > MAX_TEXT
        if self._is_over and self._last + 1 in self._pages:
            self.missing.append(f"it goes on after page {self._last}, which is more than is read")

    def failed(self, why: str, *, passing: bool = False) -> None:
        """The page that was asked for cannot be had. What passes by would meet the other pages too."""
        address, was_whole = self.next(), bool(self._whole)
        self._last += not was_whole
        self._whole, self._is_over, self.is_passing = "", passing, passing
        if not was_whole or self.next() is None:
            self.missing.append(f"{address}: {why}")

    @property
    def text(self) -> str:
        """The pages as one text. Of a line that stands on several of them the first stays; short ones are answers and
        headings."""
        known: set[str] = set()
        kept = []
        for text in self._texts:
            lines = text.splitlines()
            kept += [line for line in lines if len(line) < SHORTEST_LINE or normalised(line) not in known]
            known |= set(map(normalised, lines))
        return "\n".join(kept)


class _Address(NamedTuple):
    host: str
    path: tuple[str, ...]
    fields: frozenset[tuple[str, str]]


def _read(address: str) -> _Address | None:
    """None for no address; a field without a value says nothing ("?showall=&start=1")."""
    parts = urlsplit(address)
    path = () if urls.is_home(address) else tuple(part for part in parts.path.split("/") if part)
    fields = frozenset(parse_qsl(parts.query))
    return _Address(parts.netloc.removeprefix("www."), path, fields) if parts.netloc else None


def _links(tree: lxml_html.HtmlElement, base: str) -> Iterator[tuple[lxml_html.HtmlElement, str, str]]:
    """Links of the page that may lead to a part, each address of them once: the element, the address, its words."""
    seen = set()
    for link in tree.xpath("(//a | //link[@rel='next'])[@href]")[:MAX_LINKS]:
        href, _, fragment = str(link.get("href")).strip().partition("#")
        words = _words(link)
        if (href, words) in seen or _COMMENTS.search(fragment) or not (href and _may_be_part(href, words)):
            continue
        seen.add((href, words))
        if address := urls.canonical(href, base):
            yield link, address, words


def _may_be_part(href: str, words: str) -> bool:
    """Cheap, since most links of a page are none: whether the address ends in a number or in "all", or its words do."""
    end = re.split(r"[/=?&]", href[-60:].rstrip("/"))[-1]
    is_mark = bool(_NUMBER.fullmatch(end) or _ALL.fullmatch(end)) or "?" in href
    return is_mark or bool(_ALL_PAGES.fullmatch(words) or _ALL_OF_IT.fullmatch(words))


def _words(link: lxml_html.HtmlElement) -> str:
    """What a link says, "" where that is long."""
    words = ""
    for piece in link.itertext():
        words += piece
        if len(words) > 4 * _LONGEST_WORDS:
            return ""
    words = " ".join(words.split()).strip(" »›>→.…")
    return words if len(words) <= _LONGEST_WORDS else ""


def _mark(own: _Address, address: str) -> tuple[str, str] | None:
    """What an address has beyond the article's own, as (name, value); None where it is no more, or more than that."""
    other = _read(address)
    if other is None or other.host != own.host or other.path[: len(own.path)] != own.path:
        return None
    added, fields = other.path[len(own.path) :], other.fields - own.fields
    if own.fields - other.fields or len(added) + 2 * len(fields) not in (1, 2):
        return None
    if fields:
        return next(iter(fields))
    return (added[0] if len(added) == 2 else "", added[-1]) if own.path else None


def _page_number(mark: tuple[str, str]) -> int | None:
    """The number of the page, from 2 on."""
    name, value = mark
    if not _NUMBER.fullmatch(value):
        return None
    number = int(value) + 1 if _OFFSET_NAME.fullmatch(name) else int(value)
    is_page = not name or _PAGE_NAME.fullmatch(name) or _OFFSET_NAME.fullmatch(name)
    return number if is_page and number >= 2 else None


def _says_all(mark: tuple[str, str], words: str) -> bool | None:
    """Whether a link leads to the whole article: True for sure, False where numbered pages beside it would prove it."""
    name, value = mark
    is_named = not name or _PAGE_NAME.fullmatch(name)
    if (is_named and _ALL.fullmatch(value)) or (_WHOLE_NAME.fullmatch(name) and value.lower() in ("1", "true", "yes")):
        return True
    if _COMMENTS.search(f"{name} {value}") or (is_named and _NUMBER.fullmatch(value)):
        return None
    return True if _ALL_PAGES.fullmatch(words) else False if _ALL_OF_IT.fullmatch(words) else None


def _is_elsewhere(link: lxml_html.HtmlElement) -> bool:
    """Whether a link stands in a box of comments or of other articles."""
    for box in link.iterancestors():
        if box.tag == "aside":
            return True
        if box.tag not in _WHOLE_PAGE and _OTHER_BOX.search(f"{box.get('class', '')} {box.get('id', '')}"):
            return True
    return False


def _shows(text: str, other: str) -> bool:
    """Whether most of the other text (by characters) stands in this one, line by line."""
    lines = set(map(normalised, text.splitlines()))
    shared = sum(len(line) for line in other.splitlines() if normalised(line) in lines)
    return shared > _SAME_AGAIN * len(other)
