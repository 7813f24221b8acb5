"""What addresses and stamps of sitemaps and feeds say: which list articles, which to believe, where old pages are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from waspada.sources.types import Source

#: Entries of which nearly all carry one moment, or the moment of serving, say nothing by it.
_FEW, _NEARLY_ALL, _JUST_NOW = 5, 0.8, timedelta(minutes=10)
_NO_ARTICLES = (
    "category", "kategori", "tag", "topic", "topik", "author", "penulis", "user", "users", "taxonomies", "image",
    "images", "video", "videos", "gallery", "page", "pages", "halaman",
)  # fmt: skip


def site_of(source: Source, recent_urls: Sequence[str]) -> str:
    """Scheme and host where a source's articles live: of most of those it announced last, else of its own address."""
    sites = Counter(_origin(url) for url in recent_urls)
    return sites.most_common(1)[0][0] if sites else _origin(source.url)


def stamps_are_believable(stamps: Sequence[datetime | None], now: datetime) -> bool:
    """False when nearly all entries carry one and the same moment, or that of serving: such a site stamps them all."""
    given = [stamp for stamp in stamps if stamp is not None]
    if len(given) < _FEW:
        return True
    most = max(Counter(given).values())
    served = sum(now - stamp <= _JUST_NOW for stamp in given)
    return max(most, served) < _NEARLY_ALL * len(given)


def lists_no_articles(sitemap_url: str) -> bool:
    """Whether the name of a sitemap says that it lists sections, tags, writers or pictures.

    `post_tag-sitemap.xml`, `sitemap-category.xml`, `wp-sitemap-posts-page-1.xml`; "page" only beside other words:
    `sitemap.xml?page=3` and `sitemap-page-3.xml` are parts of a list of articles.
    """
    name = urlsplit(sitemap_url).path.rpartition("/")[2].lower().partition(".")[0]
    words = [word for word in name.replace("_", "-").split("-") if word]
    if words[:2] == ["sitemap", "page"]:
        return False
    return any(word.rstrip("0123456789") in _NO_ARTICLES for word in words)


def feed_page(url: str, number: int) -> str:
    """The address of an older page of a WordPress feed."""
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "paged"]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode([*query, ("paged", str(number))]), ""))


def page_number(url: str) -> int:
    """Which page of a feed an address shows; 0 for any other address."""
    number = dict(parse_qsl(urlsplit(url).query)).get("paged", "")
    return int(number) if number.isdecimal() and len(number) < 6 else 0


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def same_host(one: str, other: str) -> bool:
    """Whether two addresses are of one host, "www." or not."""
    return urlsplit(one).netloc.removeprefix("www.") == urlsplit(other).netloc.removeprefix("www.")
