"""The walk through a site's past, without a network: which addresses it asks, what it takes, what it tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

import pytest

from crawler import backfill
from crawler.backfill import Walk
from crawler.types import Reply
from tests.crawler.badweb import entry, feed
from waspada.clock import Days
from waspada.sources.types import Backfill, PollState, Source, SourceKind, SourceRole

SITE = "https://kabar.example"
NOW = datetime(2025, 3, 10, 4, 0, tzinfo=UTC)
FEBRUARY = Days(date(2025, 2, 1), date(2025, 2, 28))
CHALLENGE = b"<html><title>Just a moment...</title></html>"
Answers = Mapping[str, bytes | int | Reply]


def source(id_: str = "kabar", url: str = f"{SITE}/feed", kind: SourceKind = SourceKind.RSS) -> Source:
    return Source(id_, id_, "Kabar Uji", url, kind, SourceRole.NEWS, "WITA", None, PollState(NOW))


def urlset(*listed: tuple[str, str]) -> bytes:
    rows = (f"<url><loc>{SITE}{path}</loc>{f'<lastmod>{day}</lastmod>' * bool(day)}</url>" for path, day in listed)
    return f"<urlset>{''.join(rows)}</urlset>".encode()


def index(*paths: str) -> bytes:
    rows = "".join(f"<sitemap><loc>{SITE}{path}</loc></sitemap>" for path in paths)
    return f"<sitemapindex>{rows}</sitemapindex>".encode()


def news(*listed: tuple[str, str]) -> bytes:
    rows = (
        f"<url><loc>{SITE}{path}</loc><news><publication_date>{day}</publication_date></news></url>"
        for path, day in listed
    )
    return f"<urlset>{''.join(rows)}</urlset>".encode()


def feed_of(*listed: tuple[str, str]) -> bytes:
    moments = ((path, datetime.fromisoformat(f"{day}T10:00:00+08:00")) for path, day in listed)
    return feed(*(entry(SITE + path, path, format_datetime(moment)) for path, moment in moments)).encode()


def robots(*paths: str) -> bytes:
    return "".join(f"Sitemap: {SITE}{path}\n" for path in paths).encode()


@dataclass
class Walked:
    walk: Walk
    asked: list[str] = field(default_factory=list)
    found: set[str] = field(default_factory=set)
    done: dict[str, int] = field(default_factory=dict)
    outside: int = 0


def walked(
    answers: Answers,
    span: Days = FEBRUARY,
    done: Mapping[str, int] | None = None,
    others: Sequence[Source] = (),
    failing: Mapping[str, bool] | None = None,
) -> Walked:
    """Walks to the end. A path of `failing` gets no answer, for a lasting reason where it is true; others 404."""
    walk = Walk(source(), SITE, Backfill(1, "kabar", span, done=dict(done or {})), others)
    result = Walked(walk)
    while (step := walk.next()) is not None:
        path = step.url.removeprefix(SITE)
        result.asked.append(path)
        if failing and path in failing:
            walk.failed(step, "no answer", lasting=failing[path])
            continue
        given = answers.get(path, 404)
        reply = given if isinstance(given, Reply) else _reply(step.url, given)
        read = walk.answered(step, reply, NOW, 10**6)
        result.found |= {urlsplit(each.url).path for each in read.found}
        result.outside += read.outside
        if read.is_done:
            result.done[step.url] = len(read.found)
    return result


def _reply(url: str, given: bytes | int) -> Reply:
    return Reply(url, given, b"") if isinstance(given, int) else Reply(url, 200, given)


class TestHowFarTheWaysReach:
    def test_a_news_sitemap_of_two_days_is_not_the_whole_past(self) -> None:
        answers = {
            "/robots.txt": robots("/news.xml"),
            "/news.xml": news(("/kabar-akhir-bulan-ini", "2025-02-28")),
            "/feed?paged=1": feed_of(("/kabar-lama-dari-desa", "2025-02-12"), ("/kabar-awal-bulan", "2025-01-30")),
        }
        got = walked(answers)
        assert got.found == {"/kabar-akhir-bulan-ini", "/kabar-lama-dari-desa"}
        assert set(backfill.WELL_KNOWN) <= set(got.asked)
        assert got.walk.is_complete
        assert got.walk.why == ""

    def test_the_usual_places_are_asked_beside_what_robots_txt_names(self) -> None:
        answers = {
            "/robots.txt": robots("/news.xml"),
            "/news.xml": news(("/kabar-akhir-bulan-ini", "2025-02-28")),
            "/sitemap.xml": urlset(("/kabar-lama-dari-desa", "2025-02-12"), ("/kabar-tahun-lalu", "2024-05-01")),
        }
        got = walked(answers)
        assert got.found == {"/kabar-akhir-bulan-ini", "/kabar-lama-dari-desa"}
        assert "/feed?paged=1" not in got.asked

    def test_a_past_that_nothing_reaches_is_told(self) -> None:
        got = walked({"/sitemap.xml": urlset(("/kabar-akhir-bulan-ini", "2025-02-27"))})
        assert "nothing that is listed reaches back to 2025-02-01" in got.walk.why

    def test_pages_about_the_outlet_prove_no_reach(self) -> None:
        listed = (("/tentang-kami", "2019-01-01"), ("/kabar-akhir-bulan-ini", "2025-02-27"))
        assert "/feed?paged=1" in walked({"/sitemap.xml": urlset(*listed)}).asked

    def test_an_index_that_was_cut_off_is_not_the_whole_past(self) -> None:
        whole = index("/sitemap-2025-02.xml", "/sitemap-2025-01.xml")
        half = Reply(f"{SITE}/sitemap.xml", 200, whole[: whole.index(b"2025-01")], complete=False)
        got = walked({"/sitemap.xml": half, "/sitemap-2025-02.xml": urlset(("/2025/02/14/kabar-dari-desa", ""))})
        assert got.found == {"/2025/02/14/kabar-dari-desa"}
        assert not got.walk.is_complete
        assert "/sitemap.xml: the answer was cut off" in got.walk.why

    def test_what_does_not_reach_is_read_again_by_a_walk_that_goes_on(self) -> None:
        answers = {"/sitemap.xml": urlset(("/kabar-akhir-bulan-ini", "2025-02-27"))}
        first = walked(answers)
        assert f"{SITE}/sitemap.xml" not in first.done
        answers["/sitemap.xml"] = urlset(("/kabar-tahun-lalu", "2024-02-27"))
        assert list(walked(answers).done) == [f"{SITE}/sitemap.xml"]

    def test_sections_of_one_site_are_read_by_their_own_feeds(self) -> None:
        answers = {
            "/feed?paged=1": feed_of(("/kabar-dari-kota", "2025-02-12"), ("/kabar-awal-bulan", "2025-02-02")),
            "/desa/feed?paged=1": feed_of(("/kabar-dari-desa", "2025-02-12"), ("/kabar-awal-bulan", "2025-02-02")),
        }
        got = walked(answers, others=[source("desa", f"{SITE}/desa/feed")])
        assert got.found == {"/kabar-dari-kota", "/kabar-dari-desa", "/kabar-awal-bulan"}


CHILDREN = tuple(f"/sitemap-2025-02-{letter}.xml" for letter in "abcd")
#: Of four sitemaps of February the last one stands.
FOUR_CHILDREN: Answers = {
    "/sitemap.xml": index(*CHILDREN),
    CHILDREN[3]: urlset(("/2025/02/14/kabar-dari-desa", "")),
}


class TestRefusals:
    def test_dead_addresses_keep_the_others_from_nothing(self) -> None:
        got = walked({**FOUR_CHILDREN, CHILDREN[2]: b"<html>bukan peta</html>"})
        assert got.found == {"/2025/02/14/kabar-dari-desa"}
        assert "the server answered 404" in got.walk.why
        assert not got.walk.is_complete

    def test_what_robots_txt_forbids_counts_for_itself_only(self) -> None:
        got = walked(FOUR_CHILDREN, failing=dict.fromkeys(CHILDREN[:3], True))
        assert got.found == {"/2025/02/14/kabar-dari-desa"}

    def test_a_site_that_does_not_answer_is_left_alone(self) -> None:
        got = walked(FOUR_CHILDREN, failing=dict.fromkeys(CHILDREN[:3], False))
        assert got.asked[-1] == CHILDREN[2]
        assert "left alone after 3 failures in a row" in got.walk.why

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_server_errors_count_in_a_row(self, status: int) -> None:
        got = walked({**FOUR_CHILDREN, **dict.fromkeys(CHILDREN[:3], status)})
        assert got.asked[-1] == CHILDREN[2]

    @pytest.mark.parametrize("refusal", [403, 401, CHALLENGE])
    def test_a_block_is_not_nothing(self, refusal: int | bytes) -> None:
        blocked = dict.fromkeys([*backfill.WELL_KNOWN, "/feed?paged=1"], refusal)
        got = walked({"/robots.txt": refusal, **blocked})
        assert not got.walk.is_complete
        assert "/feed?paged=1" in got.asked
        assert "no sitemap" not in got.walk.why

    def test_a_block_in_the_middle_of_a_feed_is_not_its_end(self) -> None:
        got = walked({"/feed?paged=1": feed_of(("/kabar-baru-hari-ini", "2025-03-09")), "/feed?paged=2": 403})
        assert not got.walk.is_complete
        assert "refused (403)" in got.walk.why

    @pytest.mark.parametrize("status", [400, 404, 410])
    def test_a_feed_ends_where_nothing_stands(self, status: int) -> None:
        got = walked({"/feed?paged=1": feed_of(("/kabar-baru-hari-ini", "2025-02-09")), "/feed?paged=2": status})
        assert got.walk.is_complete

    def test_many_blocks_in_a_row_end_the_walk(self) -> None:
        children = [f"/sitemap-2025-02-{number}.xml" for number in range(1, 29)]
        got = walked({"/sitemap.xml": index(*children), **dict.fromkeys(children, 403)})
        assert len(got.asked) < len(children)


def test_a_feed_that_robots_txt_names_as_a_sitemap_is_read() -> None:
    """As on Blogger: `Sitemap: .../atom.xml?redirect=false&start-index=1&max-results=500`."""
    path = "/atom.xml?max-results=500&redirect=false&start-index=1"
    listed = feed_of(("/2025/02/kabar-dari-desa.html", "2025-02-14"), ("/2024/02/kabar-lama.html", "2024-02-14"))
    got = walked({"/robots.txt": robots(path), path: listed})
    assert (got.found, got.outside) == ({"/2025/02/kabar-dari-desa.html"}, 1)
    assert got.walk.is_complete


class TestLastChange:
    def test_the_name_of_a_sitemap_says_the_month_of_an_article_changed_later(self) -> None:
        child = "/sitemap-pt-post-2025-02.xml"
        listed = urlset(("/kabar-lama-dari-desa", "2025-03-03"), ("/kabar-lain-dari-desa", "2025-02-14"))
        assert walked({"/sitemap.xml": index(child), child: listed}).found == {
            "/kabar-lama-dari-desa",
            "/kabar-lain-dari-desa",
        }

    def test_a_year_in_the_name_does_not_bring_in_the_whole_year(self) -> None:
        child = "/sitemap-2025.xml"
        listed = urlset(("/kabar-lama-dari-desa", "2025-03-03"), ("/kabar-lain-dari-desa", "2025-02-14"))
        got = walked({"/sitemap.xml": index(child), child: listed})
        assert got.found == {"/kabar-lain-dari-desa"}
        assert "1 addresses of no known day, changed after the span" in got.walk.why

    def test_an_article_of_the_month_before_is_not_taken_for_its_later_change(self) -> None:
        child = "/sitemap-2025-01.xml"
        listed = urlset(("/kabar-lama-dari-desa", "2025-03-03"))
        assert walked({"/sitemap.xml": index(child), child: listed}).found == set()


class TestFeedPages:
    def test_a_cut_page_is_told_and_read_again(self) -> None:
        page = feed_of(("/kabar-dari-desa", "2025-02-14"), ("/kabar-dari-kota", "2025-02-13"))
        cut = Reply(f"{SITE}/feed?paged=1", 200, page[: page.rindex(b"<item>")], complete=False)
        got = walked({"/feed?paged=1": cut})
        assert got.found == {"/kabar-dari-desa"}
        assert got.asked[-1] == "/feed?paged=1"
        assert not got.done
        assert "the answer was cut off" in got.walk.why

    def test_each_walk_reads_as_many_pages_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(backfill, "MAX_FEED_PAGES", 3)
        pages = {f"/feed?paged={n}": feed_of((f"/kabar-nomor-{n}", f"2025-03-{10 - n:02}")) for n in range(1, 9)}
        first = walked(pages)
        assert first.asked[-1] == "/feed?paged=3"
        assert "read back 3 pages" in first.walk.why
        second = walked(pages, done=first.done)
        assert [path for path in second.asked if "paged" in path] == [f"/feed?paged={n}" for n in (4, 5, 6)]
