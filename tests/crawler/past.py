"""Outlets with a past on loopback: each case is a site of its own, and all are filled in by one command."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from tests.crawler import badweb
from tests.crawler.badweb import PARAGRAPHS, BadWeb, article, entry, feed
from waspada.clock import utc_now
from waspada.sources.types import SourceKind

Url = tuple[str, str]  # path and lastmod ("" for none)
MONTHS = (2, 3, 5, 12)
DESA = "/2025/02/14/kabar-dari-desa"
#: What a case puts on its site; returns the address and kind of its source.
Case = Callable[[BadWeb], tuple[str, SourceKind]]
CASES: dict[str, Case] = {}


def case(put: Callable[[BadWeb], tuple[str, SourceKind] | None]) -> Case:
    """Registers a case by its name; a source without an address of its own is an empty feed."""

    def whole(web: BadWeb) -> tuple[str, SourceKind]:
        web.put("/feed", badweb.xml(feed()))
        return put(web) or ("/feed", SourceKind.RSS)

    CASES[put.__name__] = whole
    return whole


def urlset(web: BadWeb, urls: Iterable[Url]) -> str:
    rows = "".join(_row("url", web.url(path), stamp) for path, stamp in urls)
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'


def index(web: BadWeb, sitemaps: Iterable[Url]) -> str:
    rows = "".join(_row("sitemap", web.url(path), stamp) for path, stamp in sitemaps)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'


def put_urls(web: BadWeb, path: str, *urls: Url | str) -> None:
    web.put(path, badweb.xml(urlset(web, (url if isinstance(url, tuple) else (url, "") for url in urls))))


def put_index(web: BadWeb, path: str, *sitemaps: Url | str) -> None:
    web.put(path, badweb.xml(index(web, (each if isinstance(each, tuple) else (each, "") for each in sitemaps))))


def put_articles(web: BadWeb, *paths: str, date: str | None = None) -> None:
    """Pages whose own date is that of their address where `date` is not given; "" writes none."""
    for path in paths:
        stated = "-".join(path.strip("/").split("/")[:3]) + "T09:00:00+08:00" if date is None else date
        title = path.rstrip("/").rpartition("/")[2].replace("-", " ").capitalize()
        own = f"{title}, kata ketua panitia itu kepada warga."
        web.put(path, badweb.html(article(title, *PARAGRAPHS, own, date=stated)))


def put_months(web: BadWeb, name: str = "/sitemap-2025-{:02}.xml") -> list[str]:
    """An index with sitemaps of four months; returns the paths of February's articles."""
    wanted: list[str] = []
    for month in MONTHS:
        paths = [f"/2025/{month:02}/{day:02}/kabar-dari-desa-{month}-{day}" for day in (1, 14, 28)]
        put_articles(web, *paths)
        put_urls(web, name.format(month), *paths)
        wanted += paths if month == 2 else []
    put_index(web, "/sitemap.xml", *(name.format(month) for month in MONTHS))
    return wanted


def put_two_of_february(web: BadWeb, first: badweb.Answer) -> None:
    """February in two sitemaps, of which the first answers as given."""
    put_articles(web, DESA)
    put_urls(web, "/sitemap-2025-02-b.xml", DESA)
    put_index(web, "/sitemap.xml", "/sitemap-2025-02.xml", "/sitemap-2025-02-b.xml")
    web.put("/sitemap-2025-02.xml", first)


def put_pages(web: BadWeb, days: Sequence[str], feed_path: str = "/feed?", per_page: int = 2) -> None:
    """A WordPress feed: the newest entries first, older ones at `paged=N`."""
    entries = []
    for day in days:
        path, stamp = f"/kabar-tanggal-{day}", datetime.fromisoformat(f"{day}T10:00:00+08:00")
        put_articles(web, path, date=stamp.isoformat())
        entries.append(entry(web.url(path), f"Kabar tanggal {day}", format_datetime(stamp)))
    for start in range(0, len(entries), per_page):
        web.put(f"{feed_path}paged={start // per_page + 1}", badweb.xml(feed(*entries[start : start + per_page])))


def _row(name: str, url: str, stamp: str) -> str:
    return f"<{name}><loc>{escape(url)}</loc>{f'<lastmod>{stamp}</lastmod>' if stamp else ''}</{name}>"


@case
def months(web: BadWeb) -> None:
    put_months(web)


@case
def months_of_a_plugin(web: BadWeb) -> None:
    put_months(web, "/sitemap-pt-post-2025-{:02}.xml")


@case
def months_as_folders(web: BadWeb) -> None:
    put_months(web, "/sitemap/2025/{:02}.xml")


@case
def months_in_the_query(web: BadWeb) -> None:
    put_months(web, "/sitemap.xml?mm={:02}&yyyy=2025")


@case
def numbered(web: BadWeb) -> None:
    put_articles(web, "/kabar-lama-dari-desa", date="2025-02-10T08:00:00+08:00")
    put_urls(web, "/post-sitemap2.xml", ("/kabar-lama-dari-desa", "2025-02-10T08:00:00+08:00"))
    stamps = (("/post-sitemap1.xml", "2025-01-05"), ("/post-sitemap2.xml", "2025-02-27"))
    put_index(
        web, "/sitemap_index.xml", *stamps, ("/category-sitemap.xml", "2025-02-27"), ("/post_tag-sitemap.xml", "")
    )


@case
def named_by_robots(web: BadWeb) -> None:
    packed = gzip.compress(urlset(web, [(DESA, "")]).encode())
    web.put("/peta/arsip.xml.gz", badweb.body(packed, "application/gzip"))
    lines = f"User-agent: *\nDisallow: /larangan/\nSitemap: {web.url('/peta/arsip.xml.gz')}\n"
    web.put(
        "/robots.txt", badweb.body(f"{lines}Sitemap: https://lain.example/s.xml\nsitemap:\n".encode(), "text/plain")
    )
    put_articles(web, DESA)


@case
def news_sitemap(web: BadWeb) -> tuple[str, SourceKind]:
    put_articles(web, "/pompa-baru-tiba", date="")
    news = (
        f"<url><loc>{web.url('/pompa-baru-tiba')}</loc><news:news><news:publication_date>2025-02-03T07:10:00+08:00"
        "</news:publication_date><news:title>Pompa baru tiba</news:title></news:news></url>"
    )
    head = '<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
    web.put("/news.xml", badweb.xml(f"{head}{news}</urlset>"))
    return "/news.xml", SourceKind.NEWS_SITEMAP


@case
def other_host(web: BadWeb) -> None:
    text = urlset(web, [(DESA, "")]).replace(web.host, "lain.example")
    web.put("/sitemap.xml", badweb.xml(text))


@case
def one_stamp_for_all(web: BadWeb) -> None:
    stamp = "2025-02-14T00:00:00+08:00"
    old = [f"/2024/{month:02}/05/kabar-lama-nomor-{month}" for month in range(1, 10)]
    put_articles(web, DESA)
    put_urls(web, "/sitemap.xml", *((path, stamp) for path in (*old, DESA, "/tanpa-tanggal-di-alamat")))


@case
def stamped_when_served(web: BadWeb) -> None:
    now = utc_now().isoformat()
    days = [f"/2025/02/{day:02}/kabar-dari-desa-{day}" for day in range(1, 8)]
    put_articles(web, *days)
    put_urls(web, "/sitemap-2.xml", *((path, now) for path in days))
    put_urls(web, "/sitemap-1.xml")
    put_index(web, "/sitemap.xml", *((f"/sitemap-{n}.xml", now) for n in range(1, 3)))


@case
def split_over_pages(web: BadWeb) -> None:
    put_urls(web, "/sitemap.xml", DESA)
    links = "<p><a href='?page=2'>2</a> <a href='?page=3'>3</a></p></article>"
    day = "2025-02-14T09:00:00+08:00"
    web.put(DESA, badweb.html(article("Kabar dari desa", date=day).replace("</article>", links)))
    second = article("Kabar dari desa", "Halaman kedua dari kabar itu, kata panitia kepada warga.", date=day)
    web.put(f"{DESA}?page=2", badweb.html(second))


@case
def edited_a_year_later(web: BadWeb) -> None:
    put_articles(web, DESA)
    put_urls(web, "/sitemap.xml", (DESA, "2026-01-01"))


@case
def clock_on_the_page(web: BadWeb) -> None:
    clock = f"<div class=tanggal>{utc_now():%d/%m/%Y %H:%M} WIB</div>"
    web.put(DESA, badweb.html(article("Kabar dari desa", date="").replace("<nav>", f"{clock}<nav>")))
    put_urls(web, "/sitemap.xml", DESA)


@case
def no_date_at_all(web: BadWeb) -> None:
    put_articles(web, "/kabar-tanpa-tanggal-sama-sekali", date="")
    put_urls(web, "/sitemap-2025-02.xml", "/kabar-tanpa-tanggal-sama-sekali")
    put_index(web, "/sitemap.xml", "/sitemap-2025-02.xml")


@case
def broken_child(web: BadWeb) -> None:
    put_two_of_february(web, badweb.html("rusak", 500))


@case
def page_for_a_child(web: BadWeb) -> None:
    put_two_of_february(web, badweb.html("<html>bukan peta"))


@case
def empty_child(web: BadWeb) -> None:
    put_two_of_february(web, badweb.xml(b""))


@case
def cut_child(web: BadWeb) -> None:
    put_two_of_february(web, badweb.xml("<urlset><url><loc>"))


@case
def gzip_bomb(web: BadWeb) -> None:
    put_two_of_february(web, badweb.body(gzip.compress(b"<urlset>" + b" " * 9_000_000), "application/gzip"))


@case
def encoding_bomb(web: BadWeb) -> None:
    put_two_of_february(web, badweb.gzip_bomb(10))


@case
def private_child(web: BadWeb) -> None:
    put_two_of_february(web, badweb.redirect("http://10.0.0.1/sitemap.xml"))


@case
def redirect_loop(web: BadWeb) -> None:
    put_two_of_february(web, badweb.redirect("/sitemap-2025-02.xml"))


@case
def loop_of_indexes(web: BadWeb) -> None:
    put_months(web)
    put_index(web, "/sitemap.xml", "/sitemap-2025.xml", "/sitemap.xml")
    put_index(web, "/sitemap-2025.xml", "/sitemap.xml", "/sitemap-2025-02.xml", "/sitemap-2025.xml")


@case
def endless_indexes(web: BadWeb) -> None:
    put_index(web, "/sitemap.xml", "/s1.xml")
    for number in range(1, 20):
        put_index(web, f"/s{number}.xml", f"/s{number + 1}.xml")


@case
def fifty_thousand(web: BadWeb) -> None:
    urls = [(f"/2024/06/{1 + n % 30:02}/b-{n}", "") for n in range(50_010)]
    put_articles(web, DESA)
    urls[49_999], urls[50_005] = (DESA, ""), ("/2025/02/15/di-luar-batas", "")
    web.put("/sitemap.xml", badweb.body(gzip.compress(urlset(web, urls).encode()), "application/gzip"))


@case
def asks_for_a_pause(web: BadWeb) -> None:
    put_months(web)
    web.put("/sitemap-2025-02.xml", badweb.body(b"", status=429, Retry_After="3600"))


@case
def forbids_everything(web: BadWeb) -> None:
    put_months(web)
    web.put("/robots.txt", badweb.body(b"User-agent: *\nDisallow: /\n", "text/plain"))


@case
def feed_pages(web: BadWeb) -> None:
    put_pages(web, ["2025-03-20", "2025-03-10", "2025-02-28", "2025-02-10", "2025-02-02", "2025-01-30"])
    put_urls(web, "/feed?paged=4")


@case
def feed_older_than_the_span(web: BadWeb) -> tuple[str, SourceKind]:
    put_pages(web, ["2025-02-20", "2025-02-10", "2025-01-20", "2025-01-10", "2024-12-20", "2024-12-10"], "/feed?cat=3&")
    return "/feed?cat=3", SourceKind.RSS


@case
def feed_without_pages(web: BadWeb) -> None:
    put_pages(web, ["2025-03-20", "2025-03-10"])
    web.put("/feed?paged=2", web.routes["/feed?paged=1"])


@case
def listing_only(web: BadWeb) -> tuple[str, SourceKind]:
    web.put("/berita", badweb.html("<html>"))
    return "/berita", SourceKind.HTML


@case
def posts(_web: BadWeb) -> tuple[str, SourceKind]:
    return "/tags/kalsel.rss", SourceKind.MASTODON_RSS
