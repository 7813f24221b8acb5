"""One crawl of everything that goes wrong on the web: each source gets its own verdict, none stops the others."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.types import SourceReport
from tests.crawler import badweb
from tests.crawler.badweb import BadWeb, article, entry, feed
from tests.crawler.desk import Desk, open_desk
from waspada.clock import utc_now
from waspada.sources.types import SourceKind
from waspada.store.tables import ItemRow

CHALLENGE = "<html><head><title>Just a moment...</title></head><body><script>_cf_chl_opt={}</script></body></html>"
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">'
    '<!ENTITY x SYSTEM "file:///etc/passwd">]>'
)
MASTODON = """<?xml version="1.0"?><rss version="2.0"><channel><title>#kalsel</title><item>
<guid isPermaLink="true">{base}/@warga_uji/112233</guid><link>{base}/@warga_uji/112233</link>
<pubDate>Sun, 03 Nov 2024 01:00:00 +0000</pubDate>
<description>&lt;p&gt;Banjir setinggi lutut di Jalan Veteran, hubungi 0812-3456-7890&lt;/p&gt;</description>
</item></channel></rss>"""

_INSIDE = badweb.redirect("http://10.0.0.1/s.xml")
#: Sitemap indexes by what their sitemaps answer; without dates the last listed is asked first.
INDEXES = {
    "index-refused": (badweb.html("no", 500), badweb.html("no", 403)),
    "index-broken": (badweb.html("no", 403), badweb.html("no", 500)),
    "index-unasked": (badweb.html("no", 404), _INSIDE),
    "index-half": (badweb.html("no", 500), badweb.xml("<urlset></urlset>")),
}


@dataclass
class Outcome:
    desk: Desk
    web: BadWeb
    rows: dict[str, SourceReport]

    def item(self, source_id: str, ending: str) -> ItemRow:
        return next(item for item in self.desk.items(source_id) if item.url.endswith(ending))


def _fill(desk: Desk, web: BadWeb, other: BadWeb) -> None:
    def add(name: str, path: str, answer: badweb.Answer, kind: SourceKind = SourceKind.RSS) -> None:
        desk.add(name, web.put(path, answer), kind)

    def page(path: str, answer: badweb.Answer) -> str:
        return web.put(path, answer)

    two = [
        entry(page(f"/potong/berita-{n}-utuh", badweb.html(article(f"Berita utuh {n}"))), f"Berita utuh {n}")
        for n in (1, 2)
    ]
    truncated = feed(*two).replace("</channel></rss>", "<item><title>Berita yang terpo")
    add("truncated", "/truncated.xml", badweb.xml(truncated))
    add(
        "cut",
        "/cut.xml",
        badweb.cut(feed(entry(web.url("/putus/berita-yang-utuh"), "Berita yang utuh")).encode(), "text/xml"),
    )
    add("huge", "/huge.xml", badweb.endless("application/rss+xml", b"<item><title>x</title></item>" * 4096, 180))
    latin = feed(entry(page("/kafe", badweb.html(article("Kafé di tepi sungai"))), "Kafé di tepi sungai")).encode(
        "cp1252"
    )
    add("charset", "/charset.xml", badweb.xml(latin, "text/xml; charset=utf-8"))
    add("bomb", "/bomb.xml", badweb.gzip_bomb(200))
    add(
        "entities",
        "/entities.xml",
        badweb.xml(BOMB + feed(entry(web.url("/bom/judul-dengan-bom"), "&d;&x; judul"))[38:].replace("&amp;", "&")),
    )
    add("loop", "/loop.xml", badweb.redirect("/loop.xml"))
    add("private", "/private.xml", badweb.redirect("http://10.0.0.1/feed.xml"))
    add("metadata", "/metadata.xml", badweb.redirect("http://169.254.169.254/latest/meta-data/"))
    add("other-port", "/other.xml", badweb.redirect(other.put("/feed.xml", badweb.xml(feed()))))
    add(
        "by-name",
        "/by-name.xml",
        badweb.redirect(f"http://{socket.gethostname()}:{other.host.partition(':')[2]}/feed.xml"),
    )
    add("html", "/html.xml", badweb.html(article("Sebuah halaman")))
    add("challenge", "/challenge.xml", badweb.html(CHALLENGE, 503))
    add("forbidden", "/forbidden.xml", badweb.html("no", 403))
    add("missing", "/missing.xml", badweb.html("no", 404))
    add("gone", "/gone.xml", badweb.html("no", 410))
    add("error", "/error.xml", badweb.html("no", 500))
    add("robots", "/larangan/feed.xml", badweb.xml(feed()))
    add("empty", "/empty.xml", badweb.xml(feed()))
    add("nothing", "/nothing.xml", badweb.xml(b""))
    add("moved", "/moved.xml", badweb.redirect("/baru.xml", 301))
    web.put("/baru.xml", badweb.xml(feed()))
    add(
        "sitemap",
        "/index.xml",
        badweb.xml(f"<sitemapindex><sitemap><loc>{web.url('/s.xml.gz')}</loc></sitemap></sitemapindex>"),
        SourceKind.NEWS_SITEMAP,
    )
    for name, answers in INDEXES.items():
        paths = [page(f"/{name}-{n}.xml", answer) for n, answer in enumerate(answers)]
        children = "".join(f"<sitemap><loc>{path}</loc></sitemap>" for path in paths)
        add(name, f"/{name}.xml", badweb.xml(f"<sitemapindex>{children}</sitemapindex>"), SourceKind.NEWS_SITEMAP)
    add("to-forbidden", "/ke-meta.xml", badweb.redirect("https://www.facebook.com/kabar"))
    mapped = page("/peta/berita-dari-peta-situs", badweb.html(article("Dari peta situs")))
    one = f"<urlset><url><loc>{mapped}</loc></url></urlset>"
    web.put("/s.xml.gz", badweb.body(gzip.compress(one.encode()), "application/gzip"))
    add("post", "/tags/kalsel.rss", badweb.xml(MASTODON.format(base=web.url(""))), SourceKind.MASTODON_RSS)
    add("odd", "/odd.xml", badweb.xml(_odd_entries(web)))


def _odd_entries(web: BadWeb) -> str:
    tomorrow = (utc_now() + timedelta(days=40)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    markup = "Rapat <b>koordinasi</b>\x00\x1b[31m \u202epilkada\u202c<script>alert(1)</script>"
    undated = article("Tanpa tanggal di halaman", date="")
    pages = {
        "/odd/judul-dengan-markah": article("Rapat koordinasi pilkada"),
        "/odd/dari-masa-depan-jauh": article("Dari masa depan", date="2099-01-01T00:00:00Z"),
        "/odd/tanpa-zona-waktu": undated,
        "/odd/artikel-kosong-1": article("Artikel kosong", "", date=""),
        "/odd/artikel-kosong-ringkas-2": article("Artikel kosong ringkas", "", date=""),
        "/odd/halaman-tantangan": CHALLENGE,
    }
    for path, text in pages.items():
        web.put(path, badweb.html(text))
    web.put("/odd/ditolak-403", badweb.html("no", 403))
    web.put("/odd/hilang-404", badweb.html("no", 404))
    web.put("/odd/ke-jaringan-dalam", badweb.redirect("http://192.168.1.1/admin"))
    web.put("/odd/ke-saluran-lain", badweb.redirect("https://t.me/kanal/123"))
    web.put("/odd/bom", badweb.gzip_bomb(100))
    web.put("/odd/ke-beranda", badweb.redirect("/"))
    web.put("/", badweb.html(article("Beranda")))
    long = web.url("/odd/" + "x" * 3000)
    return feed(
        entry(web.url("/odd/judul-dengan-markah"), "JUDUL")
        .replace("JUDUL", f"<![CDATA[{markup}]]>")
        .replace("\x00", ""),
        entry(web.url("/odd/dari-masa-depan-jauh"), "Dari masa depan", tomorrow),
        entry(web.url("/odd/tanpa-zona-waktu"), "Tanpa tanggal di halaman", "Sun, 03 Nov 2024 09:30:00"),
        entry(web.url("/odd/artikel-kosong-1"), "Artikel kosong"),
        entry(web.url("/odd/artikel-kosong-ringkas-2"), "Artikel kosong ringkas", summary="Ringkasan dari umpan."),
        entry(web.url("/odd/halaman-tantangan"), "Halaman tantangan"),
        entry(web.url("/odd/ditolak-403"), "Ditolak"),
        entry(web.url("/odd/hilang-404"), "Hilang"),
        entry(web.url("/odd/ke-jaringan-dalam"), "Ke jaringan dalam"),
        entry(web.url("/odd/bom"), "Bom"),
        entry(web.url("/odd/ke-beranda"), "Ke beranda"),
        entry("http://127.0.0.1:1/odd/pelabuhan-lain", "Pelabuhan lain"),
        entry(web.url("/"), "Beranda"),
        entry(long, "Alamat panjang"),
        entry("javascript:alert(1)", "Bukan alamat"),
        entry("https://t.me/kanal/123", "Pratinjau saluran"),
        entry(web.url("/odd/ke-saluran-lain"), "Ke saluran lain"),
    )


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    folder: Path = tmp_path_factory.mktemp("desk")
    desk = open_desk(folder, max_body_bytes=1_000_000)
    with BadWeb() as web, BadWeb() as other:
        _fill(desk, web, other)
        yield Outcome(desk, web, desk.crawl(web.allowed))
        assert other.asked("/feed.xml") == 0
    desk.store.close()


@pytest.mark.parametrize(
    ("source_id", "state", "words"),
    [
        ("truncated", "ok", ""),
        ("cut", "ok", "cut off"),
        ("huge", "broken", "larger than 1,000,000 bytes"),
        ("charset", "ok", ""),
        ("bomb", "broken", "larger than 1,000,000 bytes"),
        ("entities", "ok", ""),
        ("loop", "broken", "too many redirects"),
        ("private", "broken", "10.0.0.1 is not a public address"),
        ("metadata", "broken", "169.254.169.254 is not a public address"),
        ("other-port", "broken", "127.0.0.1 is not a public address"),
        ("by-name", "broken", "is not a public address"),
        ("html", "broken", "a web page answers where a feed was"),
        ("challenge", "blocked", "challenge"),
        ("forbidden", "blocked", "403"),
        ("missing", "gone", "404"),
        ("gone", "gone", "410"),
        ("error", "broken", "500"),
        ("robots", "blocked", "robots.txt"),
        ("empty", "empty", ""),
        ("nothing", "broken", "nothing answers"),
        ("moved", "moved", "/baru.xml"),
        ("sitemap", "ok", ""),
        ("index-refused", "blocked", "403"),
        ("index-broken", "broken", "500"),
        ("index-unasked", "broken", "not a public address"),
        ("index-half", "empty", "500"),
        ("to-forbidden", "broken", "the terms of Meta forbid this use"),
        ("post", "ok", ""),
        ("odd", "ok", "4 entries without an article address"),
    ],
)
def test_each_source_gets_its_own_verdict(crawled: Outcome, source_id: str, state: str, words: str) -> None:
    row = crawled.rows[source_id]
    assert row.state == state
    assert words in row.why
    assert crawled.desk.source(source_id).state == state


def test_a_truncated_feed_gives_the_entries_it_has(crawled: Outcome) -> None:
    assert crawled.rows["truncated"].entries >= 2
    assert {item.title for item in crawled.desk.items("truncated")} == {"Berita utuh 1", "Berita utuh 2"}


def test_a_cut_answer_leaves_no_validator_behind(crawled: Outcome) -> None:
    assert crawled.desk.source("cut").body_sha256 is None


def test_a_wrong_charset_does_not_garble_the_title(crawled: Outcome) -> None:
    assert [item.title for item in crawled.desk.items("charset")] == ["Kafé di tepi sungai"]


def test_entity_bombs_and_external_entities_stay_shut(crawled: Outcome) -> None:
    for page in crawled.desk.pages():
        assert "root:" not in page.title + page.summary
        assert len(page.title) < 1000


def test_a_forbidden_path_is_never_requested(crawled: Outcome) -> None:
    assert crawled.web.asked("/larangan/feed.xml") == 0
    assert crawled.web.asked("/robots.txt") == 1


def test_requests_say_who_asks_and_carry_no_cookie(crawled: Outcome) -> None:
    headers = crawled.web.headers["/empty.xml"]
    assert headers["User-Agent"].startswith("Waspada/")
    assert "Cookie" not in headers


def test_markup_and_control_characters_leave_the_title(crawled: Outcome) -> None:
    title = crawled.item("odd", "judul-dengan-markah").title
    assert title == "Rapat koordinasi pilkada"


def test_a_date_in_the_future_is_dropped_not_believed(crawled: Outcome) -> None:
    assert crawled.item("odd", "dari-masa-depan-jauh").published_at is None


def test_a_time_without_zone_is_in_the_zone_of_the_source(crawled: Outcome) -> None:
    assert crawled.item("odd", "tanpa-zona-waktu").published_at == datetime(2024, 11, 3, 1, 30, tzinfo=UTC)


def test_an_empty_article_is_no_item_unless_the_feed_has_its_summary(crawled: Outcome) -> None:
    assert not [item for item in crawled.desk.items("odd") if item.url.endswith("kosong-1")]
    kept = crawled.item("odd", "kosong-ringkas-2")
    assert crawled.desk.texts(kept.id) == ["Ringkasan dari umpan."]


@pytest.mark.parametrize(
    ("ending", "state", "words"),
    [
        ("halaman-tantangan", "blocked", "challenge"),
        ("ditolak-403", "blocked", "403"),
        ("hilang-404", "waiting", "404"),
        ("ke-jaringan-dalam", "failed", "192.168.1.1 is not a public address"),
        ("pelabuhan-lain", "failed", "127.0.0.1 is not a public address"),
        ("ke-saluran-lain", "failed", "the terms of Telegram forbid this use"),
        ("bom", "failed", "larger than"),
        ("ke-beranda", "skipped", "front page"),
        ("artikel-kosong-1", "skipped", "empty"),
    ],
)
def test_a_page_that_is_no_article_keeps_its_reason(crawled: Outcome, ending: str, state: str, words: str) -> None:
    page = next(page for page in crawled.desk.pages("odd") if page.url.endswith(ending))
    assert page.state == state
    assert words in page.detail


def test_a_page_whose_terms_forbid_this_use_never_waits(crawled: Outcome) -> None:
    assert not [page for page in crawled.desk.pages() if "t.me" in page.url]


def test_an_index_whose_sitemaps_cannot_be_read_counts_as_a_failure(crawled: Outcome) -> None:
    failures = {name: crawled.desk.source(name).failures for name in INDEXES}
    assert failures == {"index-refused": 1.0, "index-broken": 0.5, "index-unasked": 1.0, "index-half": 0.0}
    assert crawled.desk.source("index-refused").last_success_at is None


def test_a_missing_page_is_tried_again_later(crawled: Outcome) -> None:
    page = next(page for page in crawled.desk.pages("odd") if page.url.endswith("hilang-404"))
    assert page.attempts == 1
    assert page.next_try_at is not None
    assert page.next_try_at > utc_now() + timedelta(minutes=8)


def test_a_gzipped_sitemap_behind_an_index_is_read(crawled: Outcome) -> None:
    assert [item.title for item in crawled.desk.items("sitemap")] == ["Dari peta situs"]


def test_a_post_is_an_item_without_handle_and_number(crawled: Outcome) -> None:
    (post,) = crawled.desk.items("post")
    (text,) = crawled.desk.texts(post.id)
    assert post.kind == "post"
    assert post.voice
    assert "Banjir setinggi lutut" in text
    assert "0812" not in text
    everything = [
        post.url,
        post.title,
        text,
        post.voice,
        *(f"{p.url} {p.title} {p.summary}" for p in crawled.desk.pages("post")),
    ]
    assert not [each for each in everything if "warga_uji" in each]
    assert crawled.web.asked("/@warga_uji/112233") == 0
