"""The articles of a listing page, found without a rule for any outlet: fourteen designs, and recorded front pages."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import html as lxml_html

from crawler import urls
from crawler.extraction import parse_html
from crawler.keeper import Keeper
from crawler.links import article_links, is_headline, is_navigation
from crawler.listing import parse_listing
from crawler.outcomes import read_poll
from crawler.types import Job, Mode, Reply
from tests.crawler import recorded
from tests.crawler.desk import Desk, open_desk
from tests.crawler.listing_pages import HEADLINES, PAGES, Page, slug
from tests.rows import NOW
from waspada.clock import ZONES, utc_now
from waspada.sources import service
from waspada.sources.types import PollState, Source, SourceKind, SourceRole

WITA = ZONES["WITA"]
#: The front pages that were recorded, by the name of their file.
FRONT_PAGES = {
    "anpandu-kompas-mainpage": "http://www.kompas.com/",
    "anpandu-tempo-mainpage": "http://www.tempo.co/",
    "anpandu-tempoen-mainpage": "http://en.tempo.co/",
    "anpandu-viva-mainpage": "http://www.viva.co.id/",
}


def _tree(html: str) -> lxml_html.HtmlElement:
    return parse_html(html.encode())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_article_is_found_and_nothing_else(page: Page) -> None:
    found = {link.url: link.title for link in article_links(_tree(page.html), page.url, zone=WITA, now=NOW)}
    assert found == {urls.canonical(url): title for url, title in page.articles.items()}


@pytest.mark.parametrize("page", [page for page in PAGES if page.dates], ids=lambda page: page.name)
def test_dates_beside_the_links_are_read(page: Page) -> None:
    found = {link.url: link.published_at for link in article_links(_tree(page.html), page.url, zone=WITA)}
    assert page.dates
    assert found == {urls.canonical(url): moment for url, moment in page.dates.items()}


def test_a_date_of_the_page_is_no_date_of_its_articles() -> None:
    page = PAGES[0]
    html = page.html.replace("<main>", "<p>Jumat, 28 Maret 2025 10:00 WITA</p><main>")
    assert {link.published_at for link in article_links(_tree(html), page.url, zone=WITA)} == {None}


def test_a_selector_wins_over_what_is_learnt() -> None:
    html = "<ul class=kabar><li><a href=/a>Satu</a></li><li><a href=/b>Dua</a></li></ul><p><a href=/c>Tiga</a></p>"
    page, url = _tree(html), "https://kabar.example/"
    assert article_links(page, url) == []
    for selector in (".kabar", ".kabar a"):
        links = article_links(page, url, selector=selector)
        assert [(link.url, link.title) for link in links] == [
            ("https://kabar.example/a", "Satu"),
            ("https://kabar.example/b", "Dua"),
        ]
    with pytest.raises(ValueError, match="no CSS selector"):
        article_links(page, url, selector=".kabar[")


def test_a_selector_brings_in_what_looks_like_a_section() -> None:
    html = "<p class=kabar><a href=/tag/banjir-di-hulu>Banjir</a><a href=/unduh/peta.pdf>Peta</a></p>"
    links = article_links(_tree(html), "https://kabar.example/", selector=".kabar")
    assert [link.url for link in links] == ["https://kabar.example/tag/banjir-di-hulu"]


@pytest.mark.parametrize(("selector", "state"), [(None, "empty"), (".kabar", "ok"), (".kabar[", "broken")])
def test_the_selector_of_a_source_is_used_in_a_poll(selector: str | None, state: str) -> None:
    poll = PollState(next_poll_at=NOW)
    source = Source(
        "k", "K", "K", "https://kabar.example/", SourceKind.HTML, SourceRole.NEWS, "WITA", None, poll, selector
    )
    reply = Reply(source.url, 200, b"<html><ul class=kabar><li><a href=/a>Satu</a></ul></html>", "text/html")
    outcome = read_poll(source, reply, conditional=False, limit_bytes=10**6, now=NOW).outcome
    assert outcome.state == state
    assert ("is no CSS selector" in outcome.detail) is (state == "broken")


@pytest.mark.parametrize(
    "html",
    ["", "<p>Tanpa tautan", "<nav><a href=/berita/judul-yang-panjang-sekali>Judul yang panjang sekali</a></nav>"],
)
def test_a_page_without_articles_lists_none(html: str) -> None:
    assert parse_listing(_tree(f"<html><body>{html}</body></html>"), "https://kabar.example/").announcements == ()


def test_a_hostile_base_moves_nothing_to_another_site() -> None:
    html = f"<base href='https://jahat.example/'><h2><a href='/{slug(HEADLINES[0])}'>{HEADLINES[0]}</a></h2>"
    assert [link.url for link in article_links(_tree(html), "https://kabar.example/x")] == [
        f"https://kabar.example/{slug(HEADLINES[0])}"
    ]


def test_a_page_in_another_encoding_keeps_its_headlines() -> None:
    title = "Kafé terapung dibuka di tepi sungai"
    body = f"<html><h2><a href='/baca/1234/kafe'>{title}</a></h2></html>".encode("cp1252")
    listed = parse_listing(parse_html(body, "iso-8859-1"), "https://kabar.example/")
    assert [each.title for each in listed.announcements] == [title]


def test_a_huge_page_is_cut_not_lost() -> None:
    links = "".join(
        f"<p><a href='/baca/{n + 10000}/judul-berita-nomor'>Judul berita nomor {n}</a></p>" for n in range(9000)
    )
    listed = parse_listing(_tree(links), "https://kabar.example/")
    assert len(listed.announcements) == 2000


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/tag/pilkada-kalsel-putaran-dua", True),
        ("/author/sari", True),
        ("/kategori/hukum-kriminal", True),
        ("/kategori/hukum/warga-temukan-perahu-hanyut-di-sungai", False),
        ("/2025/02/14/", True),
        ("/2025/02/14/warga-temukan-perahu", False),
        ("/?page=2", True),
        ("/?p=123", False),
        ("/index.php?id=7", False),
        ("/unduh/hasil.pdf", True),
        ("/wp-login.php", True),
        ("/berita/pedoman-baru-parkir-kota", False),
        ("/index.php/berita/detail/12/judul", False),
        ("/berita/index.php?id=7", False),
        ("/berita/index.html", True),
        ("/berita/indeks", True),
        ("/read/2025/02/14/1/judul?page=all", False),
        ("/2025/02/judul.html?m=1", False),
        ("/2025/02/14/?page=2", True),
        ("/hukum?page=2", True),
        ("/profil/judul-panjang-sekali-ini", False),
        ("/profil/sari", True),
        ("/archives/12345", False),
        ("/arsip/2025/02/14/judul", False),
        ("/redaksi/pedoman-pemberitaan-media-siber", True),
        ("/pages/aturan-main-untuk-semua-pembaca", True),
    ],
)
def test_addresses_of_sections_and_of_articles(path: str, expected: bool) -> None:
    assert is_navigation(f"https://kabar.example{path}") is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEADLINES[0], True),
        ("Baca selengkapnya", False),
        ("Pedoman Pemberitaan Media Siber", False),
        ("Hukum", False),
        ("12 komentar", False),
        ("", False),
    ],
)
def test_what_reads_like_a_headline(text: str, expected: bool) -> None:
    assert is_headline(text) is expected


def test_a_listing_source_is_crawled_to_items(tmp_path: Path) -> None:
    from tests.crawler import badweb
    from tests.crawler.badweb import BadWeb, article

    desk: Desk = open_desk(tmp_path / "data")
    with BadWeb() as web:
        for title in HEADLINES:
            web.put(f"/berita/{slug(title)}", badweb.html(article(title)))
        items = "".join(f"<h3><a href='/berita/{slug(title)}'>{title}</a></h3>" for title in HEADLINES)
        menu = "<nav><a href='/berita/semua-kabar-dari-daerah-ini'>Semua kabar dari daerah ini</a></nav>"
        desk.add("daftar", web.put("/berita", badweb.html(f"<html>{menu}{items}</html>")), SourceKind.HTML)
        row = desk.crawl(web.allowed)["daftar"]
        assert (row.state, row.new) == ("ok", len(HEADLINES))
        assert web.asked("/berita/semua-kabar-dari-daerah-ini") == 0
    desk.store.close()


@pytest.mark.parametrize(("clock", "hours"), [("", 0), (" 09:30 WIB", len(HEADLINES))])
def test_a_day_without_a_clock_makes_no_usual_hour(tmp_path: Path, clock: str, hours: int) -> None:
    day = (utc_now() - timedelta(days=2)).strftime("%d/%m/%Y")
    html = "".join(f"<div><h3><a href=/2025/{slug(t)}>{t}</a></h3><p>{day}{clock}</p></div>" for t in HEADLINES)
    desk = open_desk(tmp_path / "data")
    desk.add("daftar", "https://kabar.example/berita", SourceKind.HTML)
    with desk.store.read() as session:
        (source,) = service.chosen(session, None)
    reply = Reply(source.url, 200, f"<html><main>{html}</main></html>".encode(), "text/html")
    read = read_poll(source, reply, conditional=False, limit_bytes=10**6, now=utc_now())
    assert all(each.published_at for each in read.parsed.announcements)
    Keeper(desk.store, Job(Mode.ONCE)).save_poll(source, read)
    usual = desk.source("daftar").usual_hours
    assert sum((usual or {"hours": []})["hours"]) == hours
    desk.store.close()


@pytest.mark.skipif(not recorded.is_present(), reason=recorded.WHY_ABSENT)
@pytest.mark.parametrize("name", FRONT_PAGES)
def test_recorded_front_pages(name: str) -> None:
    """The articles that the recorder named are found, and what is found looks like articles by its address."""
    folder = recorded.DATA / "pages"
    links = article_links(parse_html((folder / f"{name}.html").read_bytes()), FRONT_PAGES[name], zone=ZONES["WIB"])
    expected = json.loads((folder / f"{name}.expected.json").read_text("utf-8"))["links_head"]
    found = {link.url for link in links}
    assert {urls.canonical(url) for url in expected} <= found
    assert all("/read/" in url for url in found)
    assert len(found) >= 10
