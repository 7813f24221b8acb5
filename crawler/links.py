"""Which links of a listing page lead to articles, learnt from the page itself: no rule is written for any outlet.

Links are clustered by host, depth and shape of their addresses. A cluster is the pattern of the articles when what its
links say reads like headlines; one with a long slug, a date or a number in its addresses needs less of that than one
without. Links in menus, footers, pagination and boxes of tags or writers take no part.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from urllib.parse import parse_qsl, urljoin, urlsplit
from zoneinfo import ZoneInfo

from lxml import html as lxml_html

from crawler import urls
from crawler.dates import date_beside, is_date_line
from crawler.urldates import days_of_article

MAX_LINKS = 5000
#: Of a cluster with a telling address, and of one without, how many links must read like headlines.
TELLING_SHARE, PLAIN_SHARE, PLAIN_LINKS = 0.5, 0.8, 3
SLUG_MARKS = 3
_LONGEST_TITLE = 300
_CARD_LEVELS, _CARD_ELEMENTS, _MOST_CARDS = 6, 120, 4

_MARKS = re.compile(r"(?<=[a-z0-9])[-_.+]+(?=[a-z0-9])", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|cms|ece|news)$", re.IGNORECASE)
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|pdf|docx?|xlsx?|pptx?|zip|rar|mp[34]|apk|xml|rss|css|js|ico)$", re.IGNORECASE
)
#: Parts of an address that no article has: tags, writers, searches, accounts.
_NEVER = (
    r"tags?|topi[ck]s?|label|authors?|penulis|reporter|editor|users?|search|cari|pencarian|pages?|halaman|login|masuk"
    r"|register|akun|account|wp-(?:admin|login|content|json)|feed|rss|amp|ads|iklan|adv|banner|kli[ck]k?|share|cdn-cgi"
)
#: Pages of the outlet about itself and its archive; some outlets have articles below such a word.
_SELDOM = (
    r"redaksi|profile?|daftar|about(?:-us)?|tentang(?:-kami)?|kontak(?:-kami)?|contact(?:-us)?|hubungi-kami"
    r"|kebijakan-privasi|privacy(?:-policy)?|disclaimer|pedoman(?:-pemberitaan)?(?:-media-siber)?"
    r"|kode-etik(?:-jurnalistik)?|syarat(?:-dan)?-ketentuan|terms|karir|karier|career|(?:info|pasang)-iklan|beriklan"
    r"|sitemap|peta-situs|inde(?:ks|x)|arsip|archives?|newsletter|langganan|(?:susunan|box)-redaksi"
)
_NO_ARTICLE = re.compile(_NEVER, re.IGNORECASE)
_SECTION = re.compile(f"{_NEVER}|{_SELDOM}", re.IGNORECASE)
#: The script that all addresses of an old news system begin with.
_SCRIPT = re.compile(r"index\.\w+", re.IGNORECASE)
#: The archive of a day, month or year.
_DAY_FOLDER = re.compile(r"/(?:19|20)\d\d(?:/\d{1,2}){0,2}/?$")
#: Folders that hold sections; an article may lie below one when its own name is long or numbered.
_CATEGORY = re.compile(r"(?:kategori|categor(?:y|ies)|rubrik|kanal|channel|section)", re.IGNORECASE)
_LISTING_FIELD = re.compile(
    r"(?:paged?|halaman|hal|p_page|per_page|cat|category|kategori|tag|s|q|search|keyword|sort|order|author|lang|m)",
    re.IGNORECASE,
)
_PAGES = re.compile(
    r"^(?:pedoman (?:pemberitaan )?media (?:siber|online).*|pedoman pemberitaan.*|kebijakan privasi.*"
    r"|syarat (?:dan|&) ketentuan.*|kode etik.*|tentang kami|hubungi kami|susunan redaksi|.{0,12}info iklan.*"
    r"|pasang iklan.*|privacy policy.*|terms (?:of|and) .*|hak cipta.*|copyright.*|©.*)$",
    re.IGNORECASE,
)
#: Said by links beside the headline, never by a headline.
_MORE = re.compile(
    r"^(?:(?:baca|lihat|simak|read|selengkapnya|selanjutnya|berikutnya|sebelumnya|lanjut|lainnya|next|prev|muat|load"
    r"|continue)\b.{0,40}|\d[\d.,]* ?(?:komentar|comments?|views?|kali|dibaca|shares?|menit|jam|hari)\b.{0,20}"
    r"|[\d\s/.:,|–-]+|[«»‹›<>→←]+)$",
    re.IGNORECASE,
)
_OUTSIDE_TAGS = frozenset(("nav", "footer", "form", "select", "noscript"))
_OUTSIDE_NAMES = re.compile(
    r"^(?:(?:[\w-]*[-_])?(?:nav|navbar|navigation|navigasi|menu|submenu|megamenu|breadcrumbs?|pagination|paginasi|paging|pager|footer"
    r"|social|sosmed|medsos|socmed|sharebar|sharebox|iklan|ads|advert\w*|banner|tagcloud|tags|topik|topics?|hashtags?|authors?"
    r"|copyright)"
    r"(?:[-_](?:wrap|wrapper|box|bar|list|container|links?|menu|area|widget|inner|top|bottom|main|primary|items?))*)$",
    re.IGNORECASE,
)
_WHOLE_PAGE = frozenset(("html", "body", "main", "article"))
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class SelectorError(ValueError):
    """The CSS selector of a source is none."""


Shape = tuple[str, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Link:
    """A link to an article: its canonical address, its headline ("" where the page shows none), the date beside it."""

    url: str
    title: str
    published_at: datetime | None = None


@dataclass(slots=True)
class _Found:
    """One address of a page with what its links say: the best headline among them."""

    url: str
    elements: list[lxml_html.HtmlElement] = field(default_factory=list)
    title: str = ""

    @property
    def reads_like_a_headline(self) -> bool:
        return is_headline(self.title)


def article_links(
    tree: lxml_html.HtmlElement,
    url: str,
    *,
    selector: str | None = None,
    zone: ZoneInfo | None = None,
    now: datetime | None = None,
) -> list[Link]:
    """The articles that a listing page links to, in the order of the page, each once.

    `selector` (CSS) names the links, or what they stand in, where somebody knows better; every one of the same site
    then counts. `zone` holds for dates without one; without it no dates are read. Raises SelectorError for a selector
    that is none.
    """
    base = base_of(tree, url)
    chosen = _selected(tree, selector) if selector else _outside_menus(tree)
    targets = {link: _address(link, base) for link in chosen[:MAX_LINKS]}
    found = _by_address(targets, url, is_named=bool(selector))
    taken = list(found.values()) if selector else _articles(list(found.values()))
    articles = {each.url for each in taken}
    targets = {link: address for link, address in targets.items() if address in articles}
    return [Link(each.url, each.title[:_LONGEST_TITLE], _date(each, targets, zone, now)) for each in taken]


def is_navigation(url: str) -> bool:
    """Whether an address is one of a section, a tag, a writer, a search or a page about the outlet, by its words."""
    parts = urlsplit(url)
    path = [word for word in parts.path.split("/") if word]
    words = [_EXTENSION.sub("", word) for word in path]
    fields = [name for name, _ in parse_qsl(parts.query)]
    named = _names_an_article(url, words)
    lists = bool(fields) and all(_LISTING_FIELD.fullmatch(name) for name in fields)
    if not words or (lists and not named) or _DAY_FOLDER.search(parts.path):
        return lists or not fields
    if _FILE.search(words[-1]):
        return True
    is_script = bool(_SCRIPT.fullmatch(path[-1])) and bool(fields)
    folders = [word for word, whole in zip(words[:-1], path[:-1], strict=True) if not _SCRIPT.fullmatch(whole)]
    if any((_NO_ARTICLE if named else _SECTION).fullmatch(word) for word in folders):
        return True
    if _SECTION.fullmatch(words[-1]) and not is_script and (len(words) > 1 or not fields):
        return True
    if any(_CATEGORY.fullmatch(word) for word in words[:-1]):
        return _marks(words[-1]) <= SLUG_MARKS and not re.search(r"\d{4,}", words[-1])
    return bool(_CATEGORY.fullmatch(words[-1])) and not fields


def _names_an_article(url: str, words: Sequence[str]) -> bool:
    """Whether an address ends in a long slug, or has a date or a number of four digits before or in its last part."""
    if not words or _SECTION.fullmatch(words[-1]) or _DAY_FOLDER.search(urlsplit(url).path):
        return False
    return (
        _marks(words[-1]) >= SLUG_MARKS
        or days_of_article(url) is not None
        or any(word.isdecimal() and len(word) >= 4 for word in words)
        or bool(re.search(r"\d{4,}", words[-1]))
    )


def is_headline(text: str) -> bool:
    """Whether a link's words read like a headline: three words or more that are no button and no page of the outlet."""
    words = text.split()
    return 3 <= len(words) <= 40 and len(text) >= 16 and not _MORE.match(text) and not _PAGES.match(text)


def base_of(tree: lxml_html.HtmlElement, url: str) -> str:
    """What relative links start from: `<base href>` where it names the same site."""
    for href in tree.xpath("//base/@href")[:1]:
        try:
            base = urljoin(url, str(href).strip())
            if urls.same_site(base, url):
                return base
        except ValueError:
            break
    return url


def _selected(tree: lxml_html.HtmlElement, selector: str) -> list[lxml_html.HtmlElement]:
    try:
        elements = tree.cssselect(selector)
    except (SyntaxError, RuntimeError) as error:  # what errors of cssselect are
        raise SelectorError(f"{selector!r} is no CSS selector ({error})") from None
    return [link for element in elements for link in ([element] if element.tag == "a" else element.iter("a"))]


def _outside_menus(tree: lxml_html.HtmlElement) -> list[lxml_html.HtmlElement]:
    """The links that stand in no menu, footer or box of tags. One pass: a box is looked at once, with all it holds."""
    everything = sum(1 for _ in tree.iter("a"))
    left_out: set[lxml_html.HtmlElement] = set()
    for element in tree.iter():
        if element in left_out or not isinstance(element.tag, str) or not _is_outside(element):
            continue
        inside = list(element.iter("a"))
        if len(inside) <= 0.6 * everything or element.tag in ("nav", "footer"):
            left_out.update(element.iter())
    return [link for link in tree.iter("a") if link not in left_out]


def _is_outside(element: lxml_html.HtmlElement) -> bool:
    if element.tag in _WHOLE_PAGE:
        return False
    if element.tag in _OUTSIDE_TAGS or element.get("role") in ("navigation", "menu", "menubar", "contentinfo"):
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"[:300].split()
    return any(_OUTSIDE_NAMES.match(name) for name in names)


def _by_address(targets: Mapping[lxml_html.HtmlElement, str | None], url: str, *, is_named: bool) -> dict[str, _Found]:
    """Addresses of the same site that may be articles; of several links to one the best headline counts.

    Of links that somebody named, only files are left out.
    """
    own = urls.canonical(url)
    found: dict[str, _Found] = {}
    for link, address in targets.items():
        if address is None or address == own or urls.is_home(address) or not urls.same_site(address, url):
            continue
        if _FILE.search(urlsplit(address).path) if is_named else is_navigation(address):
            continue
        title = _words_of(link)
        each = found.setdefault(address, _Found(address))
        each.elements.append(link)
        if _rank(title) > _rank(each.title):
            each.title = title
    return found


def _address(link: lxml_html.HtmlElement, base: str) -> str | None:
    """A link's target: `href`, else a plain address in `data-href`. No script is run and none is guessed."""
    for name in ("href", "data-href"):
        value = (link.get(name) or "").strip()
        if value and not value.startswith(("#", "javascript:", "mailto:", "tel:", "whatsapp:", "data:")):
            return urls.canonical(value, base)
    return None


def _words_of(link: lxml_html.HtmlElement) -> str:
    """The headline of a link: a heading in it, else all it says, else its title, else the heading of its card."""
    for tag in _HEADINGS:
        for heading in islice(link.iter(tag), 1):
            return _line(heading.text_content())
    pieces = [piece for each in link.itertext() if (piece := _line(each))]
    if any(is_date_line(piece) for piece in pieces):  # section, date and headline in one link
        return next((piece for piece in pieces if is_headline(piece) and not is_date_line(piece)), "")
    text = _line(" ".join(pieces))
    if is_headline(text):
        return text
    stated = _line(link.get("title") or next((img.get("alt") or "" for img in link.iter("img")), ""))
    return next((words for words in (stated, _heading_beside(link)) if is_headline(words)), text)


def _heading_beside(link: lxml_html.HtmlElement) -> str:
    """The one heading of the card that a link such as "Baca selengkapnya" stands in."""
    card = link.getparent()
    for _ in range(3):
        if card is None or (card.tag in _WHOLE_PAGE and card.tag != "article"):
            return ""
        headings = [each for each in islice(card.iter(), _CARD_ELEMENTS) if each.tag in _HEADINGS]
        if headings:
            return _line(headings[0].text_content()) if len(headings) == 1 else ""
        card = card.getparent()
    return ""


def _line(text: str) -> str:
    return " ".join(text[:4000].split())


def _rank(title: str) -> tuple[bool, int]:
    return is_headline(title), min(len(title), _LONGEST_TITLE)


def _articles(found: Sequence[_Found]) -> list[_Found]:
    """The links of the clusters that are patterns of articles, in the order of the page."""
    clusters: dict[Shape, list[_Found]] = defaultdict(list)
    for each in found:
        clusters[_shape(each.url)].append(each)
    telling = {
        shape for shape, links in clusters.items() if _is_telling(shape, links) and _share(links) >= TELLING_SHARE
    }
    accepted = {
        shape
        for shape in clusters
        if shape in telling or (_is_telling(shape, clusters[shape]) and _like(shape, telling))
    }
    if not accepted:
        plain = [
            shape for shape, links in clusters.items() if len(links) >= PLAIN_LINKS and _share(links) >= PLAIN_SHARE
        ]
        accepted = set(sorted(plain, key=lambda shape: len(clusters[shape]), reverse=True)[:1])
    return [each for each in found if _shape(each.url) in accepted and _may_be_article(each)]


def _like(shape: Shape, others: set[Shape]) -> bool:
    """Whether another host of the site has articles of the same shape."""
    return any(shape[1:] == other[1:] for other in others)


def _may_be_article(each: _Found) -> bool:
    """A headline says so, or a day in the address; a picture or a button alone does with a long slug behind it."""
    days = days_of_article(each.url)
    if each.reads_like_a_headline or (days is not None and days.first == days.last):
        return True
    is_silent = not each.title or bool(_MORE.match(each.title))
    return is_silent and _marks(_last_word(each.url)) >= SLUG_MARKS


def _share(links: Sequence[_Found]) -> float:
    return sum(each.reads_like_a_headline for each in links) / len(links)


def _shape(url: str) -> Shape:
    """Host, kinds of the path's parts, and names of the query: what the addresses of one kind of page share."""
    parts = urlsplit(url)
    words = [word for word in parts.path.split("/") if word]
    kinds = [_kind(word) for word in words[:-1]] + [
        "text" if _kind(word) == "word" else _kind(word) for word in words[-1:]
    ]
    names = tuple(sorted({name for name, _ in parse_qsl(parts.query)}))
    return parts.netloc.removeprefix("www."), tuple(kinds), names


def _kind(word: str) -> str:
    word = _EXTENSION.sub("", word)
    if re.fullmatch(r"(?:19|20)\d\d", word):
        return "year"
    if word.isdecimal():
        return "day" if len(word) <= 2 else "number"
    return "word"


def _is_telling(shape: Shape, links: Sequence[_Found]) -> bool:
    """Whether the addresses themselves look like articles: mostly long slugs, or a date or long number in them."""
    if "year" in shape[1] or "number" in shape[1]:
        return True
    slugs = sum(
        _marks(_last_word(each.url)) >= SLUG_MARKS or bool(re.search(r"\d{4,}", _tail(each.url))) for each in links
    )
    return slugs >= 0.5 * len(links)


def _last_word(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


def _tail(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path.rstrip('/').rpartition('/')[2]}?{parts.query}"


def _marks(word: str) -> int:
    """How many hyphens, dots or underscores part the words of a slug."""
    return len(_MARKS.findall(_EXTENSION.sub("", word)[:500]))


def _date(
    each: _Found, targets: Mapping[lxml_html.HtmlElement, str | None], zone: ZoneInfo | None, now: datetime | None
) -> datetime | None:
    """The date in a card of the article; a slider and a list may each have one."""
    cards = (_card(link, each.url, targets) for link in each.elements[:_MOST_CARDS])
    return next((found for card in cards if zone and (found := date_beside(card, zone, now))), None)


def _card(
    link: lxml_html.HtmlElement, url: str, targets: Mapping[lxml_html.HtmlElement, str | None]
) -> list[lxml_html.HtmlElement]:
    """The elements of the largest one around a link that leads to no other article."""
    card = list(islice(link.iter(), _CARD_ELEMENTS))
    for parent in islice(link.iterancestors(), _CARD_LEVELS):
        within = list(islice(parent.iter(), _CARD_ELEMENTS + 1))
        too_large = parent.tag in ("html", "body") or len(within) > _CARD_ELEMENTS
        if too_large or any(targets.get(element, url) != url for element in within):
            break
        card = within
    return card
