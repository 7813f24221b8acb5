"""What `discover` finds at an address, on real servers: honest sites of every make, and hostile ones."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from crawler.discovery import MAX_REQUESTS, Answer, explore
from crawler.process import discover
from crawler.types import Discovery, Form, Reply
from tests.crawler import badweb
from tests.crawler.badweb import BadWeb, article, entry, feed
from waspada.clock import utc_now
from waspada.errors import InputError
from waspada.settings import Settings, load_settings
from waspada.sources.types import SourceKind

Find = Callable[..., Discovery]
OLD = format_datetime(utc_now() - timedelta(days=400))
YESTERDAY = format_datetime(utc_now() - timedelta(days=1))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", request_timeout_seconds=3, max_body_bytes=1_000_000)


@pytest.fixture
def find(settings: Settings) -> Find:
    def found(web: BadWeb, path: str = "/", region: str | None = None) -> Discovery:
        return discover(settings, web.url(path), region=region, allowed_hosts=web.allowed, domain_delay_seconds=0)

    return found


def _front(head: str = "", body: str = "", title: str = "Kabar Uji") -> badweb.Answer:
    return badweb.html(f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>")


def _alternate(path: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{path}">'


def _entries(web: BadWeb, *titles: str, date: str | None = None) -> str:
    links = (web.url(f"/berita/{'-'.join(title.lower().split())}") for title in titles)
    return feed(*(entry(link, title, date) for link, title in zip(links, titles, strict=True)))


def _paths(found: Discovery, web: BadWeb) -> list[str]:
    return [each.url.removeprefix(web.url("")) for each in found.usable]


THREE = ("Banjir surut di Martapura Kota", "Pasar Kandangan dibuka lagi", "Jembatan Barabai diperbaiki")


def test_a_wordpress_like_site_gives_its_feed_not_its_comments_tags_or_programming_interface(find: Find) -> None:
    with BadWeb() as web:
        head = (
            _alternate("/komentar/feed/", title="Kabar Uji &raquo; Umpan Komentar")
            + _alternate("/tag/banjir/feed/", title="Kabar Uji &raquo; banjir Umpan Tag")
            + _alternate("/feed/", title="Kabar Uji &raquo; Umpan")
            + _alternate("/wp-json/wp/v2/pages/2", "application/json")
            + _alternate("/wp-json/oembed/1.0/embed?url=x", "application/json+oembed")
            + '<meta property="og:site_name" content="Radar Sampit Uji"><meta name="generator" content="WordPress 6.6">'
        )
        web.put("/", _front(head))
        web.put("/feed/", badweb.xml(_entries(web, *THREE)))
        web.put("/tag/banjir/feed/", badweb.xml(_entries(web, THREE[0])))
        found = find(web)
        assert _paths(found, web) == ["/feed/", "/tag/banjir/feed/"]
        assert (found.usable[0].form, found.usable[0].kind, found.usable[0].entries) == (Form.FEED, SourceKind.RSS, 3)
        assert found.usable[1].note == "of one tag or category"
        assert found.outlet == "Radar Sampit Uji"
        assert not any(path.startswith(("/komentar", "/wp-json")) for path in web.hits)


def test_a_comment_feed_that_does_not_say_so_is_never_usable(find: Find) -> None:
    with BadWeb() as web:
        by_title = feed(
            *(entry(web.url(f"/berita/{n}"), f"Komentar pada Banjir surut oleh Pembaca {n}") for n in range(4))
        )
        by_link = feed(*(entry(web.url(f"/berita/satu-dua-tiga#comment-{n}"), f"Setuju nomor {n}") for n in range(4)))
        web.put("/", _front(_alternate("/a.xml") + _alternate("/b.xml")))
        web.put("/a.xml", badweb.xml(by_title))
        web.put("/b.xml", badweb.xml(by_link))
        found = find(web)
        assert [each.form for each in found.candidates] == [Form.COMMENTS, Form.COMMENTS]
        assert (found.usable, "nothing to follow" in found.problem) == ((), True)


def test_a_comment_feed_given_directly_leads_to_the_feed_of_its_site(find: Find) -> None:
    with BadWeb() as web:
        comments = feed(*(entry(web.url(f"/berita/{n}"), f"Comment on Banjir by Pembaca {n}") for n in range(4)))
        web.put("/", _front(_alternate("/feed/")))
        web.put("/comments/feed/", badweb.xml(comments))
        web.put("/feed/", badweb.xml(_entries(web, *THREE)))
        assert _paths(find(web, "/comments/feed/"), web) == ["/feed/"]


def test_a_blogger_like_site_without_a_named_feed_is_asked_at_bloggers_address_first(find: Find) -> None:
    with BadWeb() as web:
        atom = (
            '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Warta Desa Uji</title><entry>'
            f"<title>{THREE[0]}</title><updated>{utc_now().isoformat()}</updated>"
            f'<link rel="alternate" href="{web.url("/2024/11/banjir-surut-di-martapura.html")}"/></entry></feed>'
        )
        web.put("/", _front('<meta content="blogger" name="generator">'))
        web.put("/feeds/posts/default", badweb.xml(atom, "application/atom+xml"))
        found = find(web)
        assert _paths(found, web) == ["/feeds/posts/default"]
        assert found.outlet == "Warta Desa Uji"
        assert web.asked("/feed") + web.asked("/rss.xml") == 0


def test_a_site_with_sitemaps_only_gives_its_news_sitemap(find: Find) -> None:
    with BadWeb(robots=None) as web:
        web.put("/robots.txt", badweb.body(f"User-agent: *\nSitemap: {web.url('/peta.xml')}\n".encode(), "text/plain"))
        web.put("/", _front())
        children = ("/post-sitemap.xml", "/news-sitemap.xml")
        locs = "".join(f"<sitemap><loc>{web.url(child)}</loc></sitemap>" for child in children)
        web.put("/peta.xml", badweb.xml(f"<sitemapindex>{locs}</sitemapindex>"))
        news = (
            '<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>'
            f"<loc>{web.url('/berita/banjir-surut-di-martapura')}</loc><news:news><news:publication_date>"
            f"{utc_now().isoformat()}</news:publication_date><news:title>{THREE[0]}</news:title></news:news></url></urlset>"
        )
        web.put("/news-sitemap.xml", badweb.body(gzip.compress(news.encode()), "application/gzip"))
        found = find(web)
        (only,) = found.usable
        assert (only.url, only.form, only.kind) == (
            web.url("/news-sitemap.xml"),
            Form.NEWS_SITEMAP,
            SourceKind.NEWS_SITEMAP,
        )
        assert web.asked("/robots.txt") == 1
        assert only.newest is not None


def test_a_plain_sitemap_index_is_taken_where_there_is_nothing_better_but_not_one_of_static_pages(find: Find) -> None:
    def urlset(*paths: str) -> badweb.Answer:
        return badweb.xml(f"<urlset>{''.join(f'<url><loc>{web.url(path)}</loc></url>' for path in paths)}</urlset>")

    with BadWeb() as web:
        web.put("/", _front())
        index = f"<sitemapindex><sitemap><loc>{web.url('/posts.xml')}</loc></sitemap></sitemapindex>"
        web.put("/sitemap.xml", badweb.xml(index))
        web.put("/posts.xml", urlset("/berita/satu-dua-tiga", "/berita/empat-lima-enam", "/tentang"))
        (only,) = find(web).usable
        assert (only.url, only.form, only.entries) == (web.url("/sitemap.xml"), Form.SITEMAP, 2)
        web.put("/posts.xml", urlset("/tentang", "/kontak"))
        assert find(web).usable == ()


def test_a_json_feed_is_found(find: Find) -> None:
    with BadWeb() as web:
        items = [{"id": web.url(f"/berita/kabar-nomor-{n}"), "title": f"Kabar nomor {n}"} for n in range(3)]
        text = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Kabar Uji", "items": items})
        web.put("/", _front(_alternate("/umpan.json", "application/feed+json")))
        web.put("/umpan.json", badweb.body(text.encode(), "application/feed+json"))
        found = find(web)
        assert _paths(found, web) == ["/umpan.json"]
        assert (found.usable[0].kind, found.outlet) == (SourceKind.RSS, "Kabar Uji")


def test_headlines_are_the_last_resort(find: Find) -> None:
    with BadWeb() as web:
        links = "".join(
            f'<a href="/berita/{n}-judul-yang-panjang">Judul panjang untuk berita {n}</a>' for n in range(5)
        )
        web.put("/", _front(body=links))
        found = find(web)
        (only,) = found.usable
        assert (only.url, only.kind, only.entries) == (web.url("/"), SourceKind.HTML, 5)
        web.put("/rss", badweb.xml(_entries(web, *THREE)))
        assert [each.form for each in find(web).usable] == [Form.FEED, Form.LISTING]


def test_a_feed_given_directly_is_taken_and_its_front_page_read_for_what_it_says(find: Find) -> None:
    with BadWeb() as web:
        web.put("/kanal/umpan.xml", badweb.xml(_entries(web, *THREE)))
        footer = "<footer><p>Jl. Veteran No. 3, Banjarmasin, Kalimantan Selatan</p></footer>"
        web.put("/", _front(_alternate("/feed/") + '<meta property="og:site_name" content="Kabar Uji">', footer))
        found = find(web, "/kanal/umpan.xml")
        assert _paths(found, web) == ["/kanal/umpan.xml"]
        assert (found.outlet, found.home.region, found.home.zone) == ("Kabar Uji", "63.71", "WITA")
        assert "its address" in found.home.region_why
        assert web.asked("/feed/") == 0


def test_of_two_feeds_the_newer_counts_and_a_dead_one_stands_behind_a_listing(find: Find) -> None:
    with BadWeb() as web:
        links = "".join(
            f'<a href="/berita/{n}-judul-yang-panjang">Judul panjang untuk berita {n}</a>' for n in range(5)
        )
        heads = "".join(_alternate(path) for path in ("/mati.xml", "/kosong.xml", "/kemarin.xml", "/kini.xml"))
        web.put("/", _front(heads, links))
        web.put("/mati.xml", badweb.xml(_entries(web, *THREE, date=OLD)))
        web.put("/kosong.xml", badweb.xml(feed()))
        web.put("/kemarin.xml", badweb.xml(_entries(web, *THREE, date=YESTERDAY)))
        web.put("/kini.xml", badweb.xml(_entries(web, THREE[0])))
        found = find(web)
        assert _paths(found, web) == ["/kini.xml", "/kemarin.xml", "/", "/mati.xml"]
        assert "nothing new for" in found.usable[-1].note
        assert [each.note for each in found.candidates if not each.is_usable] == ["no entries"]


def test_a_redirected_site_is_kept_at_its_lasting_address(find: Find, settings: Settings) -> None:
    with BadWeb() as web, BadWeb() as old:
        old.put("/", badweb.redirect(web.url("/"), 301))
        web.put("/", _front(_alternate("feed/")))
        web.put("/feed/", badweb.redirect("/umpan/utama.xml", 301))
        web.put("/umpan/utama.xml", badweb.xml(_entries(web, *THREE)))
        found = discover(settings, old.url("/"), allowed_hosts=web.allowed | old.allowed, domain_delay_seconds=0)
        assert found.url == web.url("/")
        assert _paths(found, web) == ["/umpan/utama.xml"]


def test_public_posts_are_found_without_an_account_in_any_address(find: Find) -> None:
    with BadWeb() as web:
        posts = feed(*(entry(web.url(f"/@warga_uji/{n}"), "", summary=f"Genangan {n}") for n in range(3)))
        web.put("/tags/kalsel.rss", badweb.xml(posts))
        api, rss = find(web, "/tags/kalsel.rss").usable
        assert (api.form, api.kind, api.url) == (Form.TIMELINE, SourceKind.MASTODON, web.url("/tags/kalsel"))
        assert (rss.form, rss.kind, rss.url) == (Form.POSTS, SourceKind.MASTODON_RSS, web.url("/tags/kalsel.rss"))


def test_looking_twice_finds_the_same_with_at_most_a_dozen_requests(find: Find) -> None:
    with BadWeb() as web:
        web.put("/", _front())
        web.put("/sitemap.xml", badweb.xml(f"<urlset><url><loc>{web.url('/berita/a-b-c-d')}</loc></url></urlset>"))
        first = find(web)
        hits = web.hits.total()
        second = find(web)
        assert (first.candidates, first.home, first.outlet) == (second.candidates, second.home, second.outlet)
        assert first.requests == hits <= MAX_REQUESTS
        assert web.hits.total() == 2 * hits


def test_entries_say_where_an_outlet_is_at_home_and_a_given_region_wins(find: Find) -> None:
    with BadWeb() as web:
        titles = [f"Warga {town} menanam padi {n}" for n in range(3) for town in ("Martapura", "Barabai", "Kandangan")]
        web.put("/feed", badweb.xml(_entries(web, *titles)))
        web.put("/", _front(body="<p>Senin, 08:30 WIB</p>" * 4))
        found = find(web, "/feed")
        assert (found.home.region, "entries" in found.home.region_why) == ("63", True)
        assert (found.home.zone, "4 of 4 times" in found.home.zone_why) == ("WIB", True)
        assert find(web, "/feed", region="71").home.region == "71"


def test_a_headline_in_a_footer_is_no_address(find: Find) -> None:
    with BadWeb() as web:
        web.put("/feed", badweb.xml(_entries(web, "Harga beras naik", "Cuaca panas lagi")))
        rows = "<a href=/a>Kantor desa di Pontianak dibuka</a><p>Jalan di Makassar tergenang</p>"
        web.put("/", _front(body=f"<footer>{rows}</footer>"))
        assert find(web, "/feed").home.region is None


def test_what_nothing_says_stays_unknown(find: Find) -> None:
    with BadWeb() as web:
        web.put("/feed", badweb.xml(_entries(web, "Harga beras naik", "Cuaca panas lagi")))
        home = find(web, "/feed").home
        assert (home.region, home.zone) == (None, "WITA")
        assert "nothing says" in home.region_why
        assert "nothing says" in home.zone_why


def test_robots_txt_is_obeyed(find: Find) -> None:
    with BadWeb(robots=b"User-agent: *\nDisallow: /\n") as web:
        web.put("/", _front(_alternate("/feed/")))
        found = find(web)
        assert "robots.txt" in found.problem
        assert set(web.hits) == {"/robots.txt"}


def test_a_site_that_asks_for_a_pause_is_left_alone(find: Find) -> None:
    with BadWeb() as web:
        web.put("/", badweb.body(b"later", "text/plain", 429, Retry_After="3600"))
        found = find(web)
        assert found.usable == ()
        assert "pause" in found.problem
        assert set(web.hits) == {"/robots.txt", "/"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(badweb.redirect("/"), "too many redirects", id="loop"),
        pytest.param(badweb.redirect("http://10.0.0.1/"), "not a public address", id="private"),
        pytest.param(badweb.redirect("http://169.254.169.254/latest/"), "not a public address", id="metadata"),
        pytest.param(badweb.endless("text/html", b"<p>x" * 20_000, 40), "larger than", id="endless"),
        pytest.param(badweb.gzip_bomb(60), "larger than", id="bomb"),
        pytest.param(badweb.html(""), "neither a feed", id="empty"),
        pytest.param(badweb.html("<html>" + "<p>" * 100_000), "neither a feed", id="tags"),
        pytest.param(badweb.html("no", 503), "503", id="down"),
        pytest.param(badweb.html("<html><title>Just a moment...</title>", 403), "403", id="challenge"),
    ],
)
def test_a_hostile_front_page_ends_in_words(find: Find, answer: badweb.Answer, words: str) -> None:
    with BadWeb() as web:
        web.put("/", answer)
        found = find(web)
        assert found.usable == ()
        assert words in found.problem
        assert web.hits.total() <= MAX_REQUESTS + 1


def test_hostile_feeds_hide_no_good_one(find: Find) -> None:
    with BadWeb() as web:
        heads = "".join(_alternate(path) for path in ("/lingkar", "/dalam", "http://[::1", "/utuh.xml"))
        heads += _alternate("javascript:alert(1)") + _alternate("https://t.me/s/kanal") + _alternate("/\x1b[31m\u202e")
        web.put("/", _front(heads))
        web.put("/lingkar", badweb.redirect("/lingkar"))
        web.put("/dalam", badweb.redirect("http://192.168.1.1/feed"))
        latin = _entries(web, "Kafé di tepi sungai Martapura").encode("cp1252")
        web.put("/utuh.xml", badweb.xml(latin, "text/xml; charset=utf-8"))
        found = find(web)
        assert _paths(found, web) == ["/utuh.xml"]
        assert {each.url.removeprefix(web.url("")): each.came for each in found.attempts} == {
            "/lingkar": "too many redirects",
            "/dalam": "refused: 192.168.1.1 is not a public address",
            "/%1B%5B31m%E2%80%AE": "not found (404)",
        }
        assert web.hits.total() <= MAX_REQUESTS


def test_a_private_address_is_never_asked(settings: Settings) -> None:
    with BadWeb() as web:
        found = discover(settings, web.url("/"), domain_delay_seconds=0)
        assert "not a public address" in found.problem
        assert web.hits.total() == 0


@pytest.mark.parametrize("url", ["ftp://kabar.example/", "https://", "https://user:pw@kabar.example/", "a b"])
def test_what_is_no_address_is_refused(settings: Settings, url: str) -> None:
    with pytest.raises(InputError, match="not an address"):
        discover(settings, url)


def _drive(url: str, replies: dict[str, Reply]) -> Discovery:
    """The pure part alone, with answers by address."""
    steps = explore(url, (), 1_000_000)
    asked, wanted = 0, next(steps)
    while True:
        asked += 1
        reply = replies.get(wanted)
        problem = "" if reply else "the name cannot be resolved"
        try:
            wanted = steps.send(Answer(wanted, reply, problem, requests=asked))
        except StopIteration as end:
            found: Discovery = end.value
            return found


def test_an_address_without_a_scheme_is_tried_with_https_then_http() -> None:
    page = b"<!doctype html><html><head><title>Kaltim Uji</title></head></html>"
    rss = feed(entry("http://kaltimuji.example/berita/satu-dua-tiga", "Satu dua tiga")).encode()
    front, at = "http://kaltimuji.example", "http://kaltimuji.example/feed"
    found = _drive("kaltimuji.example", {front: Reply(front, 200, page), at: Reply(at, 200, rss)})
    assert [each.url for each in found.usable] == [at]
    assert found.attempts[0].url == "https://kaltimuji.example"


def test_a_hashtag_is_offered_by_its_feed_alone_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waspada.sources.extras.find_spec", lambda _name: None)
    at = "https://sosial.example/tags/kalsel.rss"
    posts = feed(entry("https://sosial.example/@warga_uji/1", "", summary="Genangan")).encode()
    assert [each.form for each in _drive(at, {at: Reply(at, 200, posts)}).usable] == [Form.POSTS]


def test_an_address_that_leads_to_a_forbidden_site_is_refused() -> None:
    front = "https://kabar.example/"
    with pytest.raises(InputError, match="the terms of Meta"):
        _drive(front, {front: Reply("https://www.facebook.com/kabar", 200, b"<html>")})


def test_the_domain_of_the_site_says_where_it_is_at_home() -> None:
    front, at = "https://www.kaltimpost.example/", "https://www.kaltimpost.example/feed"
    page = b"<html><head><title>Beranda</title></head></html>"
    rss = feed(entry("https://www.kaltimpost.example/a/satu-dua-tiga", "Satu dua tiga")).encode()
    home = _drive(front, {front: Reply(front, 200, page), at: Reply(at, 200, rss)}).home
    assert (home.region, home.zone, home.region_why) == ("64", "WITA", 'the domain says "kaltimpost"')


def test_an_article_page_leads_to_its_site(find: Find) -> None:
    with BadWeb() as web:
        web.put("/", _front(_alternate("/feed/")))
        web.put("/feed/", badweb.xml(_entries(web, *THREE)))
        path = "/berita/banjir-surut-di-martapura"
        web.put(path, badweb.html(article(THREE[0])))
        found = find(web, path)
        assert _paths(found, web) == ["/feed/"]


def _site(**pages: str) -> Callable[[str], Discovery]:
    """Explores a site of these pages ("" is the front page), without a network; every other address is not there."""
    at = "https://kabaruji.example/"
    replies = {at + path: Reply(at + path, 200, text.encode()) for path, text in pages.items()}
    return lambda front: _drive(at, {at: Reply(at, 200, front.encode()), **replies})


def _head(*paths: str) -> str:
    return f"<!doctype html><html><head><title>Kabar Uji</title>{''.join(map(_alternate, paths))}</head></html>"


def _of(site: str, *titles: str, date: str | None = None) -> str:
    return feed(*(entry(f"https://{site}/berita/{'-'.join(t.lower().split())}", t, date) for t in titles))


@pytest.mark.parametrize(
    ("path", "named", "foreign"),
    [
        ("umpan.xml", _of("mitra.example", *THREE), True),
        ("tag/banjir/feed/", _of("kabaruji.example", *THREE), False),
        ("umpan.xml", _of("kabaruji.example", *THREE, date=OLD), False),
    ],
    ids=["of another site", "of one tag", "dead"],
)
def test_the_sites_own_feed_is_looked_for_whatever_the_page_names(path: str, named: str, foreign: bool) -> None:
    own = _of("kabaruji.example", THREE[0])
    found = _site(**{path: named, "feed": own})(_head(f"/{path}"))
    assert [each.url.removeprefix("https://kabaruji.example/") for each in found.usable] == ["feed", path]
    assert [each.foreign for each in found.usable] == [False, foreign]


def test_a_feed_that_stands_elsewhere_with_the_sites_own_entries_is_its_own() -> None:
    front, at = "https://kabaruji.example/", "https://feeds.burner.example/kabaruji"
    rss = _of("kabaruji.example", *THREE).encode()
    found = _drive(front, {front: Reply(front, 200, _head(at).encode()), at: Reply(at, 200, rss)})
    assert [(each.url, each.foreign) for each in found.usable] == [(at, False)]


def test_an_entry_from_the_future_makes_no_feed_new() -> None:
    ahead = format_datetime(utc_now() + timedelta(days=300))
    links = [f"https://kabaruji.example/berita/{n}-lama-sekali" for n in range(3)]
    dead = feed(entry(links[0], "Nanti", ahead), *(entry(link, "Lama sekali", OLD) for link in links[1:]))
    alive = _of("kabaruji.example", *THREE, date=YESTERDAY)
    found = _site(**{"mati.xml": dead, "hidup.xml": alive})(_head("/mati.xml", "/hidup.xml"))
    assert [each.url[-9:] for each in found.usable] == ["hidup.xml", "/mati.xml"]
    assert "nothing new for" in found.usable[1].note


def test_a_sitemap_is_reached_behind_feeds_that_are_not_there() -> None:
    """Four dead feeds are named, and each guess costs a request."""
    locs = "".join(f"<url><loc>https://kabaruji.example/berita/satu-dua-tiga-{n}</loc></url>" for n in range(3))
    found = _site(**{"sitemap.xml": f"<urlset>{locs}</urlset>"})(_head(*(f"/hilang-{n}.xml" for n in range(4))))
    assert [each.url for each in found.usable] == ["https://kabaruji.example/sitemap.xml"]
    assert found.requests <= MAX_REQUESTS
