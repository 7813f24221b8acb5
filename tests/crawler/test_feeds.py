"""Feeds of every family, and what is none."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crawler.feeds import body_sha256, html_text, parse_feed
from crawler.keeper import Keeper
from crawler.outcomes import read_poll
from crawler.sitemaps import TooLargeError, gunzipped, parse_sitemap
from crawler.types import Job, Mode, Reply
from tests.crawler.badweb import entry, feed
from waspada.clock import ZONES, utc_now
from waspada.sources import policy, service
from waspada.sources.types import NewSource, PollState, Source, SourceKind, SourceRole, SourceState
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


def test_a_feed_of_endless_tags_gives_what_stands_before_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.feeds.MAX_TAGS", 1000)
    told = [entry(f"/berita/pompa-{n}", f"Pompa {n}", "", summary="&lt;b>" * n) for n in (1, 2, 3)]
    assert len(parse_feed(feed(*told).encode(), BASE, zone=WITA).announcements) == 3
    (found,) = parse_feed(feed(told[0], "<b>" * 1000, told[1]).encode(), BASE, zone=WITA).announcements
    assert found.title == "Pompa 1"


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
    parsed = parse_feed(text.encode(), BASE, zone=WITA)
    assert all(len(each.title) < 1000 for each in parsed.announcements)


def test_a_post_and_its_handle_are_given_where_posts_are_read_only() -> None:
    text = feed(entry("https://masto.example/@warga/11", "", "", "<p>Banjir</p>")).encode()
    (post,) = parse_feed(text, BASE, zone=WITA, posts=True).announcements
    assert (post.handle, post.url) == ("warga@masto.example", "https://masto.example/11")
    assert "warga" not in repr(post)
    assert parse_feed(text, BASE, zone=WITA).announcements == ()


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


def _polled(**given: object) -> Source:
    poll = replace(PollState(next_poll_at=utc_now()), **given)  # type: ignore[arg-type]
    return Source("kabar", "", "", BASE, SourceKind.RSS, SourceRole.NEWS, "WITA", None, poll)


def test_a_304_to_a_request_without_conditions_is_no_success_and_the_next_has_none_either() -> None:
    now = utc_now()
    source = _polled(etag='"a"', last_full_fetch_at=now - timedelta(hours=24))
    assert policy.validators(source.poll, now) == {}
    outcome = read_poll(source, Reply(BASE, 304, b""), conditional=False, limit_bytes=10**6, now=now).outcome
    after = policy.next_poll(source.poll, outcome, now, 0.0)
    assert (outcome.state, after.failures, after.last_success_at) == (SourceState.BROKEN, 0.5, None)
    assert policy.validators(after, after.next_poll_at) == {}


def test_a_move_is_told_also_where_the_body_is_as_before() -> None:
    body, to = feed(entry("https://kabar.example.com/berita/pompa-1", "Pompa baru")).encode(), f"{BASE}/baru"
    for known in (None, body_sha256(body)):
        reply = Reply(to, 200, body, moved_to=to)
        found = read_poll(
            _polled(body_sha256=known), reply, conditional=False, limit_bytes=10**6, now=utc_now()
        ).outcome
        assert (found.state, found.moved_to, found.detail) == (SourceState.MOVED, to, f"moved permanently to {to}")


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


MASTODON = "<rss version='2.0'><channel><title>Kal</title><generator>Mastodon v4.3.1</generator>{}</channel></rss>"
POST = "<item><link>https://sosial.example/{}</link><description>Hubungi @camat_fiktif, air naik</description>{}</item>"


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("@siti_rahmah/111", ""),
        ("users/siti_rahmah/statuses/111", "Air naik"),
        ("@siti_rahmah/113529871234567890", "Air naik"),
        ("profile/siti.example/post/3lbsk", "Air naik"),
    ],
)
def test_a_post_is_announced_by_no_feed_of_news(path: str, title: str) -> None:
    entries = POST.format(path, f"<title>{title}</title>" * bool(title)) + POST.format("a", "<title>Kabar satu</title>")
    parsed = parse_feed(MASTODON.replace("Mastodon v4.3.1", "X").format(entries).encode(), BASE, zone=WITA)
    assert [each.url for each in parsed.announcements] == ["https://sosial.example/a"]
    assert (parsed.posts, parsed.entries, parsed.left_out) == (1, 2, 1)


def test_a_feed_that_mastodon_made_is_one_of_posts_whatever_its_addresses_are() -> None:
    body = MASTODON.format(POST.format("kabar/1", "<title>Kabar</title>")).encode()
    parsed = parse_feed(body, BASE, zone=WITA)
    assert (parsed.announcements, parsed.posts) == ((), 1)
    assert len(parse_feed(body, BASE, zone=WITA, posts=True).announcements) == 1


def test_a_writer_with_an_at_sign_is_no_post() -> None:
    body = MASTODON.replace("Mastodon", "Medium").format(POST.format("@redaksi/air-naik-1a2b3c", "<title>Air</title>"))
    assert len(parse_feed(body.encode(), BASE, zone=WITA).announcements) == 1


def test_a_source_of_news_whose_feed_is_one_of_posts_is_broken_and_says_why() -> None:
    now = datetime(2024, 11, 25, tzinfo=UTC)
    source = Source("a", "a", "A", BASE, SourceKind.RSS, SourceRole.NEWS, "WITA", None, PollState(now))
    body = MASTODON.format(POST.format("@siti_rahmah/111", "")).encode()
    read = read_poll(source, Reply(BASE, 200, body), conditional=False, limit_bytes=10**6, now=now)
    assert (read.outcome.state, read.parsed.announcements) == (SourceState.BROKEN, ())
    assert "public posts stand here" in read.outcome.detail


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


def children(*listed: tuple[str, str]) -> list[str]:
    """The names of the sitemaps that an index of these (name, lastmod) leads to."""
    rows = "".join(
        f"<sitemap><loc>https://kabar.example.com/{name}.xml</loc>{f'<lastmod>{day}</lastmod>' * bool(day)}</sitemap>"
        for name, day in listed
    )
    now = datetime(2025, 12, 20, tzinfo=UTC)
    parsed = parse_sitemap(f"<sitemapindex>{rows}</sitemapindex>".encode(), BASE, zone=WITA, now=now)
    return [url.removeprefix("https://kabar.example.com/").removesuffix(".xml") for url in parsed.children]


@pytest.mark.parametrize("stamp", ["", "2025-12-19T23:55:00Z"])
def test_the_newest_sitemaps_are_told_by_their_names_where_no_stamp_tells(stamp: str) -> None:
    months = [f"sitemap-{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)]
    newest = months[:-6:-1]
    assert children(*((name, stamp) for name in months)) == newest
    assert children(*((name, stamp) for name in reversed(months))) == newest


def test_of_sitemaps_that_nothing_dates_the_last_are_read_as_well_as_the_first() -> None:
    numbered = [(f"wp-sitemap-posts-post-{number}", "") for number in range(1, 9)]
    assert [name[-1] for name in children(*numbered)] == ["8", "1", "7", "2", "6"]
    months = [(f"sitemap-2025-{month:02}", "") for month in range(1, 10)]
    assert children(("sitemap-terbaru", ""), *months)[:3] == ["sitemap-2025-09", "sitemap-terbaru", "sitemap-2025-08"]


def test_sitemaps_of_tags_writers_and_sections_are_not_read() -> None:
    tags = [(f"post_tag-sitemap{number}", "2025-12-18") for number in range(1, 6)]
    others = [("post-sitemap1", "2023-05-01"), ("post-sitemap2", "2025-12-18"), ("category-sitemap", "2025-12-18")]
    assert children(*others, *tags, ("author-sitemap", "2025-12-18")) == ["post-sitemap2", "post-sitemap1"]


def test_a_sitemap_announces_no_page_of_a_tag_or_section() -> None:
    paths = ("tag/banjir", "category/daerah", "2025/12/18/air-naik-di-martapura-dan-astambul")
    rows = "".join(f"<url><loc>https://kabar.example.com/{path}</loc></url>" for path in paths)
    parsed = parse_sitemap(f"<urlset>{rows}</urlset>".encode(), BASE, zone=WITA)
    assert [each.url.rpartition("/")[2] for each in parsed.announcements] == [paths[2].rpartition("/")[2]]
    assert (parsed.entries, parsed.left_out) == (3, 2)


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
