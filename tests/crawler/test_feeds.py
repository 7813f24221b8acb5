"""Feeds of every family, and what is none."""

from __future__ import annotations

import gzip
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crawler.feeds import html_text, parse_feed
from crawler.keeper import Keeper
from crawler.outcomes import read_poll
from crawler.sitemaps import TooLargeError, gunzipped, parse_sitemap
from crawler.types import Job, Mode, Reply
from tests.crawler.badweb import entry, feed
from waspada.clock import ZONES, utc_now
from waspada.sources import service
from waspada.sources.types import NewSource
from waspada.store import Store
from waspada.store.tables import PageRow

BASE = "https://kabar.example.com/feed"
WITA = ZONES["WITA"]
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Kabar</title><entry>
<title type="html">Pompa &lt;i>baru&lt;/i></title><link href="/berita/pompa-1"/>
<published>2024-11-03T09:00:00+08:00</published><updated>2024-11-03T10:00:00+08:00</updated>
<summary>Ringkas</summary><content type="html">&lt;p>Isi satu&lt;/p>&lt;p>Isi dua&lt;/p></content></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>K</title></channel>
<item rdf:about="https://kabar.example.com/berita/pompa-1"><title>Pompa baru</title>
<link>https://kabar.example.com/berita/pompa-1</link><dc:date>2024-11-03T09:00:00+08:00</dc:date></item></rdf:RDF>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Kabar",
        "items": [
            {"id": "1", "url": "/berita/pompa-1", "title": "Pompa baru", "date_published": "2024-11-03T09:00:00+08:00"},
            "nonsense",
            {"id": "2"},
        ],
    }
)


@pytest.mark.parametrize(
    "text", [ATOM, RDF, JSON, feed(entry("/berita/pompa-1", "Pompa baru", "Sun, 03 Nov 2024 09:00:00 +0800"))]
)
def test_every_family_of_feeds_is_read(text: str) -> None:
    parsed = parse_feed(text.encode(), BASE, zone=WITA)
    assert parsed.is_feed
    found = parsed.announcements[0]
    assert (found.url, found.title) == ("https://kabar.example.com/berita/pompa-1", "Pompa baru")
    assert found.published_at == datetime(2024, 11, 3, 1, tzinfo=UTC)


def test_atom_gives_content_summary_and_update() -> None:
    (found,) = parse_feed(ATOM.encode(), BASE, zone=WITA).announcements
    assert (found.summary, found.text) == ("Ringkas", "Isi satu\nIsi dua")
    assert found.updated_at == datetime(2024, 11, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + feed(entry("/berita/kafé-1", "Kafé", ""))[38:]
    (found,) = parse_feed(text.encode(encoding), BASE, zone=WITA).announcements
    assert found.title == "Kafé"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<html><body>halo</body></html>",
        b"\x89PNG\r\n",
        b"{}",
        b"[1,2]",
        b'{"version": 3}',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_feed(body: bytes) -> None:
    assert not parse_feed(body, BASE, zone=WITA).is_feed


def test_a_name_of_a_file_or_address_is_never_opened() -> None:
    for body in (b"/etc/passwd", b"https://kabar.example.com/feed"):
        assert not parse_feed(body, BASE, zone=WITA).is_feed


def test_at_most_2000_entries_are_taken() -> None:
    text = feed(*(entry(f"/berita/nomor-{n}", f"Nomor {n}", "") for n in range(2500)))
    assert len(parse_feed(text.encode(), BASE, zone=WITA).announcements) == 2000


def test_a_million_entities_cost_nothing() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    text = (
        f'<!DOCTYPE r [<!ENTITY e0 "haha">{levels}]>'
        + feed("<item><title>&e11;</title><link>/berita/satu-1</link></item>")[38:]
    )
    started = time.process_time()
    parsed = parse_feed(text.encode(), BASE, zone=WITA)
    assert time.process_time() - started < 2
    assert all(len(each.title) < 1000 for each in parsed.announcements)


def test_handles_are_given_for_posts_only() -> None:
    text = feed(entry("https://masto.example/@warga/11", "", "", "<p>Banjir</p>")).encode()
    (post,) = parse_feed(text, BASE, zone=WITA, posts=True).announcements
    assert (post.handle, post.url) == ("warga@masto.example", "https://masto.example/11")
    assert "warga" not in repr(post)
    (other,) = parse_feed(text, BASE, zone=WITA).announcements
    assert other.handle is None


def test_the_announced_account_is_in_no_part_of_the_address() -> None:
    item = {"id": "1", "url": "https://burung.example/p/warga_uji/11", "authors": [{"name": "@warga_uji"}]}
    text = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item]}).encode()
    (post,) = parse_feed(text, BASE, zone=WITA, posts=True).announcements
    assert (post.handle, post.url) == ("@warga_uji", "https://burung.example/p/11")


@pytest.mark.parametrize(
    "hostile",
    [
        {"url": "https://[bad/@warga/1"},
        {"url": "/berita/2", "title": "&#" + "9" * 5000 + ";"},
        {"url": "/berita/2", "content_html": "<!DOCTYPE [<title>"},
        {"url": "/berita/2", "content_html": "\x00&#" + "9" * 5000 + ";"},
    ],
)
def test_one_hostile_entry_does_not_keep_the_others_from_being_read(hostile: dict[str, str]) -> None:
    good = {"url": "/berita/pompa-1", "title": "Pompa baru"}
    text = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [hostile, good]}).encode()
    parsed = parse_feed(text, BASE, zone=WITA, posts=True)
    assert parsed.announcements[-1].title == "Pompa baru"


def test_characters_that_no_database_takes_do_not_keep_a_poll_from_being_saved(store: Store) -> None:
    item = {
        "url": "/berita/pompa-1",
        "title": "Pompa\x00 baru\ud800",
        "summary": "Ring\x00kas\udfff",
        "content_text": "Isi\x00 satu\n\ud800dua",
    }
    text = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item]})
    assert "\\u0000" in text
    assert "\\ud800" in text
    read = Reply(url=BASE, status=200, body=text.encode())
    with store.write() as session:
        service.add_source(session, NewSource(url=BASE, id="kabar", outlet="Kabar Uji"), utc_now())
    with store.read() as session:
        (source,) = service.chosen(session, ("kabar",))
    poll = read_poll(source, read, conditional=False, limit_bytes=10**6, now=utc_now())
    assert poll.parsed.announcements[0].text == "Isi satu\n dua"
    Keeper(store, Job(Mode.ONCE)).save_poll(source, poll)
    with store.read() as session:
        page = session.scalars(select(PageRow)).one()
        assert (page.title, page.summary) == ("Pompa baru", "Ring kas")


@given(st.binary(max_size=400))
def test_no_bytes_raise(body: bytes) -> None:
    for around in (
        body,
        b"<rss version='2.0'><channel><item>" + body,
        b'{"version":"https://jsonfeed.org/version/1",' + body,
    ):
        parse_feed(around, BASE, zone=WITA)
        parse_sitemap(b"<urlset>" + around, BASE, zone=WITA)


def test_html_becomes_lines() -> None:
    assert (
        html_text("<p>Satu <b>dua</b></p><script>x()</script><ul><li>tiga</li><li>empat</li></ul>&amp;")
        == "Satu dua\ntiga\nempat\n&"
    )
    assert html_text("Tom &amp; Jerry") == "Tom & Jerry"


NEWS = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://kabar.example.com/berita/pompa-1</loc><image:image><image:title>Foto</image:title></image:image>
<news:news><news:publication_date>2024-11-03T09:00:00+08:00</news:publication_date>
<news:title>Pompa baru</news:title></news:news>
</url><url><loc>https://kabar.example.com/</loc></url>"""


def test_a_news_sitemap_even_cut_off() -> None:
    for text in (NEWS + "</urlset>", NEWS, NEWS + "<url><loc>https://kab"):
        parsed = parse_sitemap(text.encode(), BASE, zone=WITA)
        first = parsed.announcements[0]
        assert (first.title, first.url) == ("Pompa baru", "https://kabar.example.com/berita/pompa-1")
        assert first.published_at == datetime(2024, 11, 3, 1, tzinfo=UTC)


def test_an_index_leads_to_its_newest_sitemaps_of_the_same_site() -> None:
    rows = "".join(
        f"<sitemap><loc>https://{host}/s{n}.xml</loc><lastmod>2024-11-0{n}</lastmod></sitemap>"
        for n in range(1, 9)
        for host in ("kabar.example.com", "lain.example.org")
    )
    parsed = parse_sitemap(f"<sitemapindex>{rows}</sitemapindex>".encode(), BASE, zone=WITA)
    assert parsed.children == tuple(f"https://kabar.example.com/s{n}.xml" for n in (8, 7, 6, 5, 4))


def test_external_entities_of_a_sitemap_stay_shut() -> None:
    text = '<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>https://kabar.example.com/b-1?&x;</loc></url></urlset>'
    assert "root" not in repr(parse_sitemap(text.encode(), BASE, zone=WITA))


def test_a_gzip_bomb_is_refused_and_a_cut_one_gives_what_it_has() -> None:
    with pytest.raises(TooLargeError):
        gunzipped(gzip.compress(b"\0" * 5_000_000), 1_000_000)
    packed = gzip.compress(NEWS.encode() * 50)
    assert gunzipped(packed[: len(packed) // 2], 10_000_000).startswith(b"<?xml")
    assert gunzipped(b"plain", 10) == b"plain"
    assert gunzipped(b"\x1f\x8bbroken", 10) == b""
