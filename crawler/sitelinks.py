"""Which addresses of a site may hold a feed or a sitemap, the likeliest first. Pure: nothing is asked here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urljoin, urlsplit

from lxml import html as lxml_html
from w3lib.url import safe_url_string

from crawler import urls
from waspada.sources.terms import forbidden_by

#: Where feeds stand when a page names none.
USUAL_FEEDS = ("/feed", "/rss", "/rss.xml", "/atom.xml", "/feeds/posts/default", "/index.xml")
USUAL_SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.xml")
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
#: These types say little: WordPress offers its programming interface as JSON.
_LOOSE_TYPES = ("application/json", "application/xml", "text/xml")
_FEED_PATH = re.compile(
    r"/(?:feeds?|rss|atom)/?$|/(?:feeds?|rss|atom|index)[\w-]{0,20}\.(?:xml|json)$|\.(?:rss|atom)$|/feeds/posts/",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"comment|komentar|tanggapan", re.IGNORECASE)
_NARROW = re.compile(
    r"/(?:tags?|category|categories|kategori|topics?|topik|author|penulis|search|cari|label|-)/", re.IGNORECASE
)
_NEWS_WORD = re.compile(r"news|berita", re.IGNORECASE)
_MOST_LINKS, _STATED_SITEMAPS = 5000, 2


def joined(base: str, href: str) -> str | None:
    """The absolute http(s) address of a link as it must be asked for, without fragment; None where there is none.

    Not made canonical: a feed may stand at an address that an article's could be cut from.
    """
    try:
        found = safe_url_string(urljoin(base, href.strip())).partition("#")[0]
        parts = urlsplit(found)
        parts.port  # noqa: B018 (raises for a port that is no number)
    except (ValueError, UnicodeError):
        return None
    usable = parts.scheme in ("http", "https") and parts.hostname and parts.username is None
    return found if usable and len(found) <= urls.MAX_URL and not forbidden_by(found) else None


def front_page(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def named_feeds(tree: lxml_html.HtmlElement, url: str) -> list[str]:
    """The feeds that a page names, in the order to try them. Feeds of comments are left out.

    `<link rel=alternate>` first, then links that look like a feed; other sites and single tags last.
    """
    bases = tree.xpath("//base/@href")
    base = (joined(url, str(bases[0])) if bases else None) or url
    found: dict[str, tuple[bool, bool, bool]] = {}
    for is_anchor, links in ((False, _alternates(tree)), (True, _anchors(tree))):
        for href, words in dict.fromkeys(links):
            address = joined(base, href)
            if address and address != url and not is_comments(address, words):
                found.setdefault(address, (not urls.same_site(address, url), is_narrow(address, url), is_anchor))
    return sorted(found, key=lambda address: found[address])


def usual_feeds(url: str, generator: str) -> list[str]:
    """Where a feed stands by habit; `generator` is what the page says it was made with."""
    first = "/feeds/posts/default" if "blogger" in generator.lower() else USUAL_FEEDS[0]
    return [urljoin(url, path) for path in sorted(USUAL_FEEDS, key=lambda path: path != first)]


def sitemaps(url: str, stated: Sequence[str]) -> tuple[list[str], bool]:
    """The sitemaps to try, and whether robots.txt states them: two of those (news first, in the site only), else the
    usual addresses."""
    own = [address for each in stated if (address := joined(url, each)) and urls.same_site(address, url)]
    if own:
        return sorted(dict.fromkeys(own), key=lambda address: not is_news_address(address))[:_STATED_SITEMAPS], True
    return [urljoin(url, path) for path in USUAL_SITEMAPS], False


def is_news_address(url: str) -> bool:
    """Whether the path of a sitemap says that it is one of news."""
    return bool(_NEWS_WORD.search(urlsplit(url).path))


def is_comments(url: str, words: str = "") -> bool:
    """Whether an address, or what a page calls it, is of readers' comments."""
    parts = urlsplit(url)
    return bool(_COMMENTS.search(unquote(f"{parts.path}?{parts.query}")) or _COMMENTS.search(words))


def is_narrow(url: str, page: str = "") -> bool:
    """Whether a feed is of one tag, category or author; not when the page it is for is of the same one."""
    path, here = urlsplit(url).path, urlsplit(page).path.rstrip("/")
    return bool(_NARROW.search(path)) and not (here and path.startswith(f"{here}/"))


def _alternates(tree: lxml_html.HtmlElement) -> list[tuple[str, str]]:
    found = []
    for link in tree.xpath("//link[@rel and @href]")[:_MOST_LINKS]:
        kind = link.get("type", "").split(";")[0].strip().lower()
        href = link.get("href", "")
        loose = kind in _LOOSE_TYPES and _FEED_PATH.search(_path_of(href))
        if "alternate" in link.get("rel", "").lower().split() and (kind in _FEED_TYPES or loose):
            found.append((href, link.get("title", "")))
    return found


def _anchors(tree: lxml_html.HtmlElement) -> list[tuple[str, str]]:
    anchors: Iterable[lxml_html.HtmlElement] = tree.xpath("//a[@href]")[:_MOST_LINKS]
    return [(a.get("href"), a.get("title", "")) for a in anchors if _FEED_PATH.search(_path_of(a.get("href")))]


def _path_of(href: str) -> str:
    try:
        return urlsplit(href.strip()).path[:500]
    except ValueError:
        return ""
