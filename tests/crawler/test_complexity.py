"""Hostile bytes take time in proportion to their number."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crawler.blocked import blocked_page, is_paywalled
from crawler.boilerplate import without_boilerplate
from crawler.dates import read_when
from crawler.discovery import Answer, explore
from crawler.extraction import decoded, parse_html
from crawler.feeds import Parsed, html_text, parse_feed
from crawler.furniture import furniture
from crawler.lines import page_lines
from crawler.listing import is_article, parse_listing, prose_of
from crawler.metadata import language_of, title_of
from crawler.parts import next_parts
from crawler.sitemaps import is_sitemap, parse_sitemap
from crawler.sites import read_page
from crawler.types import Reply
from tests.complexity import is_linear
from waspada.clock import ZONES
from waspada.sources.home import HomeClues, find_home

HOSTILE_BYTES = 400_000
URL = "https://kabar.example.com/x"
WITA = ZONES["WITA"]


Body = Callable[[int], bytes]


def _hostile(unit: str, head: str = "", tail: str = "") -> Body:
    """Makes a body of about so many bytes."""
    return lambda size: (head + unit * (size // len(unit)) + tail).encode()


def _page_paywalled(body: bytes) -> None:
    is_paywalled(body, 0)


def _feed(body: bytes) -> None:
    parse_feed(body, URL, zone=WITA, posts=True)


def _sitemap(body: bytes) -> None:
    is_sitemap(body)
    parse_sitemap(body, URL, zone=WITA)


def _listing(body: bytes) -> None:
    parse_listing(parse_html(body), URL)


def _article_address(body: bytes) -> None:
    is_article(f"{URL}/{body.decode()}", "Pompa baru", "Pompa baru.", [], None, None)


def _lines(body: bytes) -> None:
    without_boilerplate(body.decode())
    prose_of(body.decode())


def _date(body: bytes) -> None:
    read_when(body.decode(), WITA)


def _fragment(body: bytes) -> None:
    html_text(body.decode())
    html_text(body.decode() + "\x00")


def _head_of_a_page(body: bytes) -> None:
    tree = parse_html(b"<title>" + body + b"</title><h1>Pompa</h1>")
    title_of(tree, [], "Kabar", URL)
    language_of(tree, body.decode())


def _site(body: bytes) -> None:
    tree = parse_html(body)
    page = read_page(tree, URL, Parsed(True), False)
    find_home(HomeClues((URL,), page.name, page.names, page.addresses, text=page.text), ())


def _first_answer(body: bytes) -> None:
    steps = explore(URL, (), HOSTILE_BYTES * 2)
    next(steps)
    steps.send(Answer(URL, Reply(URL, 200, body)))


def _furniture(body: bytes) -> None:
    furniture(page_lines(parse_html(body)), "Pompa")


def _parts(body: bytes) -> None:
    next_parts(parse_html(body), URL)


def _lines_of_a_page(body: bytes) -> None:
    page_lines(parse_html(body))


def _charset(body: bytes) -> None:
    decoded(body + b"\xff")


_RSS = "<rss version='2.0'><channel><item>"
_LINK = f'<a href="/{"a" * 1990}">satu dua tiga empat</a>'


@pytest.mark.parametrize(
    ("read", "body"),
    [
        pytest.param(_page_paywalled, _hostile("<meta content_tier "), id="paywall: cubic"),
        pytest.param(_page_paywalled, _hostile("content_tier ", "<meta "), id="paywall: one long meta"),
        pytest.param(_page_paywalled, _hostile(" ", '"isAccessibleForFree"'), id="paywall: spaces"),
        pytest.param(blocked_page, _hostile("<script ", "cf_chl_opt "), id="scripts never closed"),
        pytest.param(blocked_page, _hostile("<script><style>", "cf_chl_opt ", "</style>"), id="scripts in styles"),
        pytest.param(blocked_page, _hostile("<title"), id="titles never closed"),
        pytest.param(blocked_page, _hostile("<title>" + " " * 300), id="empty titles"),
        pytest.param(blocked_page, _hostile("access denied "), id="refusals"),
        pytest.param(blocked_page, _hostile("<", "g-recaptcha"), id="brackets"),
        pytest.param(_sitemap, _hostile("<!DOCTYPE[", "<urlset>"), id="sitemap: document types after the root"),
        pytest.param(_sitemap, _hostile("<!DOCTYPE["), id="sitemap: document types"),
        pytest.param(_sitemap, _hostile("] ", "<!DOCTYPE ["), id="sitemap: brackets"),
        pytest.param(_feed, _hostile("a", _RSS + "<author>", "</author></item>"), id="feed: author"),
        pytest.param(_feed, _hostile("a", _RSS + "<dc:creator>", "</dc:creator></item>"), id="feed: creator"),
        pytest.param(_feed, _hostile("\n", "<?xml version='1.0'?>", _RSS), id="feed: line breaks"),
        pytest.param(_feed, _hostile("\n<!ENTITY", "", _RSS), id="feed: entities"),
        pytest.param(_feed, _hostile(" encoding='", "<?xml", "'" + _RSS), id="feed: encodings, cubic"),
        pytest.param(_feed, _hostile(" encoding='", "<?xml " + "<rss "), id="feed: encodings in the root"),
        pytest.param(_feed, _hostile("9", _RSS + "<pubDate>", "</pubDate></item>"), id="feed: date"),
        pytest.param(_feed, _hostile("<![CDATA[", _RSS), id="feed: CDATA"),
        pytest.param(_feed, _hostile("<title", _RSS), id="feed: titles"),
        pytest.param(_listing, _hostile(_LINK), id="listing: long words in addresses"),
        pytest.param(_article_address, _hostile("a"), id="one long word as address"),
        pytest.param(_article_address, _hostile("aa-", tail="!"), id="many short words as address"),
        pytest.param(_lines, _hostile("x"), id="lines: one word"),
        pytest.param(_lines, _hostile("baca" + " " * 250 + "\n"), id="lines: spaces"),
        pytest.param(_lines, _hostile("facebook x line " * 18 + "!\n"), id="lines: share bars"),
        pytest.param(_lines, _hostile("google  " * 36 + "\n"), id="lines: channels"),
        pytest.param(_lines, _hostile(". baca juga "), id="lines: tails"),
        pytest.param(_date, _hostile("1"), id="date: digits"),
        pytest.param(_date, _hostile(" 1 mei"), id="date: days"),
        pytest.param(_fragment, _hostile("<"), id="fragment: brackets"),
        pytest.param(_fragment, _hostile("&#9"), id="fragment: references"),
        pytest.param(_head_of_a_page, _hostile(" | "), id="title: bars"),
        pytest.param(_head_of_a_page, _hostile("\n"), id="title: line breaks"),
        pytest.param(_site, _hostile("<footer>jalan ", "<html>"), id="site: footers"),
        pytest.param(_site, _hostile("<p>08:30 WIB jl 70111", "<html><footer>"), id="site: addresses"),
        pytest.param(_site, _hostile("kabar", "<html><title>", "</title>"), id="site: one long name"),
        pytest.param(_site, _hostile("<a href='/rss/feed'>", "<html>"), id="site: feeds"),
        pytest.param(_first_answer, _hostile("<guid>#comment-1 ", _RSS), id="discovery: comments"),
        pytest.param(
            _first_answer, _hostile("<item><title>Banjar</title><link>/a-b-c#comment-1", _RSS), id="discovery"
        ),
        pytest.param(_furniture, _hostile("<div class='komentar'><a>x</a>", "<h1>Pompa</h1>"), id="furniture: nested"),
        pytest.param(_furniture, _hostile("<div><h3>Berita terkait</h3></div>"), id="furniture: headed"),
        pytest.param(
            _furniture, _hostile("<table><tr><td>kata yang cukup panjang</td></tr></table>"), id="furniture: tables"
        ),
        pytest.param(
            _lines_of_a_page, _hostile("<b>kata yang panjang</b> ", "<p>"), id="page: one line of many pieces"
        ),
        pytest.param(_parts, _hostile("<a href='?page=2'>2</a>", "<aside>"), id="parts: one page"),
        pytest.param(_parts, _hostile("<a href=?p=2><b>", "<div class=kabar>" * 200), id="parts: nested"),
        pytest.param(_parts, _hostile("semua ", "<a href='?x=y'>"), id="parts: one long word"),
        pytest.param(_lines, _hostile("senin 12:30 "), id="lines: only dates"),
        pytest.param(_charset, _hostile("<meta charset "), id="charset: metas"),
        pytest.param(_charset, _hostile("charset ", "<meta "), id="charset: one long meta"),
        pytest.param(_charset, _hostile("encoding", "<?xml "), id="charset: declaration"),
    ],
)
def test_hostile_bytes_are_read_in_linear_time(read: Callable[[bytes], object], body: Body) -> None:
    assert is_linear(read, body, HOSTILE_BYTES)
