"""`waspada backfill` against real servers: what was published between two days, once, politely, and resumable."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from scrapy import Request
from sqlalchemy import select

from crawler.lanes import Lanes
from crawler.types import FilledSource, Progress
from tests.crawler import badweb
from tests.crawler.badweb import BadWeb, Handler, entry, feed
from tests.crawler.desk import Desk, open_desk, start_collector
from tests.crawler.past import CASES, DESA, put_articles, put_index, put_months, put_urls
from tests.patience import PATIENCE_SECONDS, until
from waspada.clock import ZONES, local_day, utc_now
from waspada.errors import WaspadaError
from waspada.sources import pages
from waspada.store.tables import BackfillRow

FEBRUARY = ("2025-02-01", "2025-02-28")
OVERLAP = ("2025-02-10", "2025-03-05")


@dataclass
class Filled:
    """What two backfills of February, and one of days that overlap it, did; with the requests after each."""

    desk: Desk
    webs: dict[str, BadWeb]
    first: dict[str, FilledSource]
    progress: list[Progress]
    second: dict[str, FilledSource]
    overlap: dict[str, FilledSource]
    asked_first: dict[str, Counter[str]]
    asked_second: dict[str, Counter[str]]

    def paths(self, name: str) -> set[str]:
        return {item.url.removeprefix(self.webs[name].url("")) for item in self.desk.items(name)}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    desk = open_desk(tmp_path_factory.mktemp("past"))
    with ExitStack() as stack:
        webs = {name: stack.enter_context(BadWeb()) for name in CASES}
        for name, put in CASES.items():
            path, kind = put(webs[name])
            desk.add(name, webs[name].url(path), kind, outlet=f"Kabar {name}")
        allowed = frozenset(web.host for web in webs.values())
        progress: list[Progress] = []
        first = desk.backfill(allowed, *FEBRUARY, progress=progress.append)
        asked_first = {name: web.hits.copy() for name, web in webs.items()}
        put_articles(webs["broken_child"], "/2025/02/15/kabar-kedua-dari-desa")
        put_urls(webs["broken_child"], "/sitemap-2025-02.xml", "/2025/02/15/kabar-kedua-dari-desa")
        second = desk.backfill(allowed, *FEBRUARY)
        asked_second = {name: web.hits - asked_first[name] for name, web in webs.items()}
        overlap = desk.backfill(allowed, *OVERLAP, "months")
        yield Filled(desk, webs, first, progress, second, overlap, asked_first, asked_second)
    desk.store.close()


@pytest.fixture
def web() -> Iterator[BadWeb]:
    with BadWeb() as web:
        web.put("/feed", badweb.xml(feed()))
        yield web


class TestSitemaps:
    def test_only_the_months_of_the_span_are_asked_and_only_its_articles_fetched(self, filled: Filled) -> None:
        row, asked = filled.first["months"], filled.asked_first["months"]
        assert (row.method, row.announced, row.new, row.known, row.waiting) == ("sitemap", 3, 3, 0, 0)
        assert asked["/sitemap-2025-02.xml"] == 1
        assert asked["/sitemap-2025-05.xml"] == asked["/sitemap-2025-12.xml"] == asked["/feed"] == 0
        assert asked["/sitemap-2025-03.xml"] == 1  # it may hold the last hours of February in another zone

    def test_items_have_their_true_time_of_publication(self, filled: Filled) -> None:
        assert {item.published_at for item in filled.desk.items("months_of_a_plugin")} == {
            datetime(2025, 2, day, 1, tzinfo=UTC) for day in (1, 14, 28)
        }

    def test_the_same_span_twice_does_nothing_new(self, filled: Filled) -> None:
        row = filled.second["months"]
        assert filled.asked_second["months"].total() == 0
        assert (row.announced, row.new) == (0, 0)
        assert "filled in before" in row.why

    def test_another_span_over_the_same_days_fetches_nothing_twice(self, filled: Filled) -> None:
        row = filled.overlap["months"]
        assert (row.announced, row.known, row.new) == (1, 2, 1)
        assert filled.webs["months"].asked("/2025/02/14/kabar-dari-desa-2-14") == 1

    @pytest.mark.parametrize("name", ["months_of_a_plugin", "months_as_folders", "months_in_the_query"])
    def test_names_of_sitemaps_in_the_wild(self, filled: Filled, name: str) -> None:
        assert filled.first[name].new == 3
        assert not [path for path in filled.asked_first[name] if "12" in path]

    def test_numbered_sitemaps_are_chosen_by_their_last_change(self, filled: Filled) -> None:
        assert filled.first["numbered"].new == 1
        asked = filled.asked_first["numbered"]
        others = ("/post-sitemap1.xml", "/category-sitemap.xml", "/post_tag-sitemap.xml")
        assert [asked[path] for path in ("/post-sitemap2.xml", *others)] == [1, 0, 0, 0]

    def test_sitemaps_that_robots_txt_names_and_gzipped_ones(self, filled: Filled) -> None:
        assert filled.first["named_by_robots"].new == 1

    def test_a_news_sitemap_gives_titles_and_times(self, filled: Filled) -> None:
        (item,) = filled.desk.items("news_sitemap")
        assert item.published_at == datetime(2025, 2, 2, 23, 10, tzinfo=UTC)

    def test_an_article_split_over_pages_is_joined_and_what_is_missing_told(self, filled: Filled) -> None:
        row = filled.first["split_over_pages"]
        (item,) = filled.desk.items("split_over_pages")
        assert "Halaman kedua dari kabar itu" in filled.desk.texts(item.id)[0]
        assert (row.new, row.waiting, filled.asked_first["split_over_pages"][f"{DESA}?page=3"]) == (1, 0, 1)
        assert f"{DESA}?page=3: the server answered 404" in row.why

    def test_articles_of_another_host_are_told_and_left(self, filled: Filled) -> None:
        row = filled.first["other_host"]
        assert (row.announced, filled.desk.pages("other_host")) == (0, [])
        assert "1 addresses of other hosts" in row.why


class TestLies:
    def test_one_lastmod_for_everything_is_not_believed(self, filled: Filled) -> None:
        row = filled.first["one_stamp_for_all"]
        assert (row.new, row.outside) == (1, 10)
        assert filled.paths("one_stamp_for_all") == {DESA}
        assert "1 addresses without any date" in row.why

    def test_the_time_of_serving_as_lastmod_hides_no_article(self, filled: Filled) -> None:
        assert filled.first["stamped_when_served"].new == 7

    def test_an_edit_a_year_later_hides_no_article_with_its_day_in_the_address(self, filled: Filled) -> None:
        assert filled.first["edited_a_year_later"].new == 1

    def test_a_clock_on_the_page_does_not_make_an_old_article_new(self, filled: Filled) -> None:
        (item,) = filled.desk.items("clock_on_the_page")
        assert item.published_at == datetime(2025, 2, 13, 16, tzinfo=UTC)

    def test_an_old_article_without_any_date_is_kept_out_and_listed(self, filled: Filled) -> None:
        row = filled.first["no_date_at_all"]
        assert (row.announced, row.new, row.skipped) == (1, 0, 1)
        (page,) = filled.desk.pages("no_date_at_all")
        assert "without a date" in page.detail


class TestBadSitemaps:
    def test_a_broken_child_is_told_and_tried_again_by_the_same_command(self, filled: Filled) -> None:
        row = filled.first["broken_child"]
        assert row.new == 1
        assert "/sitemap-2025-02.xml: the server answered 500" in row.why
        row = filled.second["broken_child"]
        assert (row.new, row.why) == (1, "")
        assert filled.asked_second["broken_child"]["/sitemap-2025-02-b.xml"] == 0

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("page_for_a_child", "no sitemap stands there"),
            ("empty_child", "no sitemap stands there"),
            ("cut_child", ""),
            ("gzip_bomb", "the unpacked body is larger than"),
            ("encoding_bomb", "the answer is larger than"),
            ("private_child", "10.0.0.1 is not a public address"),
            ("redirect_loop", "too many redirects"),
        ],
    )
    def test_what_is_no_sitemap_stops_nothing(self, filled: Filled, name: str, words: str) -> None:
        assert filled.first[name].new == 1
        assert words in filled.first[name].why

    def test_a_loop_of_indexes_ends(self, filled: Filled) -> None:
        assert filled.first["loop_of_indexes"].new == 3
        asked = filled.asked_first["loop_of_indexes"]
        assert asked["/sitemap.xml"] == asked["/sitemap-2025.xml"] == 1

    def test_endless_indexes_end(self, filled: Filled) -> None:
        assert "indexes of indexes" in filled.first["endless_indexes"].why
        assert filled.asked_first["endless_indexes"]["/s5.xml"] == 0

    def test_fifty_thousand_addresses_are_read_and_no_more(self, filled: Filled) -> None:
        row = filled.first["fifty_thousand"]
        assert (row.new, row.outside) == (1, 49_999)
        assert "10 addresses beyond what a sitemap may hold" in row.why

    def test_a_site_that_asks_for_a_pause_is_left_alone(self, filled: Filled) -> None:
        assert "left alone for 60 minutes" in filled.first["asks_for_a_pause"].why
        assert filled.asked_first["asks_for_a_pause"]["/wp-sitemap.xml"] == 0

    def test_what_robots_txt_forbids_is_not_asked(self, filled: Filled) -> None:
        assert "robots.txt" in filled.first["forbids_everything"].why
        assert set(filled.asked_first["forbids_everything"]) == {"/robots.txt"}


class TestFeeds:
    """WordPress shows older entries at `?paged=N`."""

    def test_older_pages_are_read_back_to_the_span(self, filled: Filled) -> None:
        row = filled.first["feed_pages"]
        assert (row.method, row.new, row.outside) == ("feed", 3, 3)
        assert filled.paths("feed_pages") == {f"/kabar-tanggal-2025-02-{day}" for day in ("28", "10", "02")}

    def test_the_walk_ends_where_the_feed_is_older_than_the_span(self, filled: Filled) -> None:
        assert filled.first["feed_older_than_the_span"].new == 2
        asked = filled.asked_first["feed_older_than_the_span"]
        assert (asked["/feed?cat=3&paged=2"], asked["/feed?cat=3&paged=3"]) == (1, 0)

    def test_a_feed_that_shows_the_same_again_has_no_older_pages(self, filled: Filled) -> None:
        row = filled.first["feed_without_pages"]
        assert (row.new, row.method) == (0, "")
        assert filled.asked_first["feed_without_pages"]["/feed?paged=3"] == 0
        assert "no sitemap, and no feed with older pages" in row.why

    def test_a_source_with_neither_is_listed_with_the_reason(self, filled: Filled) -> None:
        assert filled.first["listing_only"].why == "no sitemap, and no feed with older pages"
        assert filled.first["posts"].why == "public posts are not filled in"


def test_progress_counts_sources_and_pages_and_guesses_the_time_left(filled: Filled) -> None:
    last = filled.progress[-1]
    assert last.sources_done == last.sources_total == len(CASES)
    assert last.pages_done == last.pages_total == sum(row.announced for row in filled.first.values())
    assert last.new_items == sum(row.new for row in filled.first.values())
    assert last.seconds_left == 0


def test_the_borders_of_a_span_are_those_of_the_source(desk: Desk) -> None:
    """1 February in WITA ends an hour before it ends in WIB."""
    stamps = {
        "/a-hari-sebelumnya": "2025-01-31T15:59:59Z",  # 31 January 23:59 WITA
        "/b-awal-hari": "2025-01-31T16:00:00Z",  # 1 February 00:00 WITA, 31 January 23:00 WIB
        "/c-akhir-hari": "2025-02-01T15:59:59Z",
        "/d-lewat-hari": "2025-02-01T16:30:00Z",  # 2 February 00:30 WITA, 1 February 23:30 WIB
    }
    with BadWeb() as east, BadWeb() as west:
        for zone, web in (("WITA", east), ("WIB", west)):
            for path, stamp in stamps.items():
                put_articles(web, path, date=stamp)
            put_urls(web, "/sitemap.xml", *stamps.items())
            desk.add(zone, web.url("/feed"), zone=zone, outlet=f"Kabar {zone}")
        rows = desk.backfill(east.allowed | west.allowed, "2025-02-01", "2025-02-01")
        assert {item.url.removeprefix(east.url("")) for item in desk.items("WITA")} == {"/b-awal-hari", "/c-akhir-hari"}
        assert {item.url.removeprefix(west.url("")) for item in desk.items("WIB")} == {"/c-akhir-hari", "/d-lewat-hari"}
        assert rows["WITA"].outside == rows["WIB"].outside == 2


def test_a_span_that_was_not_over_is_walked_again(desk: Desk, web: BadWeb) -> None:
    desk.add("kabar", web.url("/feed"))
    today = local_day(utc_now(), ZONES["WITA"])
    stamp = (utc_now() - timedelta(hours=2)).isoformat()
    paths = ("/kabar-satu-hari-ini", "/kabar-dua-hari-ini")
    put_articles(web, *paths, date=stamp)
    put_urls(web, "/sitemap.xml", (paths[0], stamp))
    span = ((today - timedelta(days=2)).isoformat(), today.isoformat())
    assert desk.backfill(web.allowed, *span)["kabar"].new == 1
    put_urls(web, "/sitemap.xml", *((path, stamp) for path in paths))
    row = desk.backfill(web.allowed, *span)["kabar"]
    assert (row.new, row.known) == (1, 1)
    with desk.store.read() as session:
        assert len(session.scalars(select(BackfillRow)).all()) == 1


def test_a_killed_backfill_goes_on_where_it_was(desk: Desk, web: BadWeb) -> None:
    wanted = put_months(web)
    slow = [f"/2025/02/{day:02}/kabar-lambat-nomor-{day}" for day in range(2, 12)]
    put_articles(web, *slow)
    put_urls(web, "/sitemap-2025-02-a.xml", *slow)
    put_index(web, "/sitemap.xml", "/sitemap-2025-02-a.xml", "/sitemap-2025-02.xml")
    reached = threading.Event()
    going = threading.Event()
    web.put("/sitemap-2025-02.xml", _held(web.routes["/sitemap-2025-02.xml"], reached, going))
    desk.add("kabar", web.url("/feed"))
    failures: list[WaspadaError] = []

    def fill() -> None:
        try:
            desk.backfill(web.allowed, *FEBRUARY)
        except WaspadaError as error:
            failures.append(error)

    thread = threading.Thread(target=fill)
    thread.start()
    assert reached.wait(PATIENCE_SECONDS)
    (child,) = (p for p in multiprocessing.active_children() if p.name == "waspada-collector")
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    thread.join(PATIENCE_SECONDS)
    going.set()
    assert "ended before its report" in str(failures[0])
    assert len(desk.pages()) == len(slow)
    row = desk.backfill(web.allowed, *FEBRUARY)["kabar"]
    assert web.asked("/sitemap-2025-02-a.xml") == 1
    assert {item.url.removeprefix(web.url("")) for item in desk.items()} == {*wanted, *slow}
    assert row.announced == 3
    assert {page.state for page in desk.pages()} == {"done"}
    assert {item.version for item in desk.items()} == {1}


class TestBehindTheNews:
    def test_the_queue_tells_news_from_what_was_filled_in(self, desk: Desk, web: BadWeb) -> None:
        """What a backfill left waits for `run`; a single crawl takes only what a feed lists now."""
        _left_waiting(desk, web)
        waiting = sorted(page.url for page in desk.pages())
        with desk.store.read() as session:
            now = utc_now()
            assert pages.waiting_pages(session, now, 100) == []
            assert sorted(page.url for page in pages.backfilled_pages(session, now, 100)) == waiting
        title = "Kabar dari desa 2 14"
        put_articles(web, "/kabar-baru-hari-ini-77", date=utc_now().isoformat())
        listed = [
            entry(web.url("/2025/02/14/kabar-dari-desa-2-14"), "Kabar"),
            entry(web.url("/kabar-baru-hari-ini-77"), title),
        ]
        web.put("/feed", badweb.xml(feed(*listed)))
        row = desk.crawl(web.allowed)["kabar"]
        assert row.new + row.unchanged == 2  # both are fetched; they say the same words
        assert sum(page.state == "waiting" for page in desk.pages()) == 2

    def test_the_long_lived_collector_fetches_what_a_backfill_left(self, desk: Desk, web: BadWeb) -> None:
        _left_waiting(desk, web)
        process = start_collector(desk, web.allowed)
        until(lambda: len(desk.items()) == 3)
        process.terminate()
        process.join(PATIENCE_SECONDS)
        assert [item.published_at and item.published_at.year for item in desk.items()] == [2025] * 3

    def test_in_a_lane_later_requests_go_last(self) -> None:
        lanes = Lanes()
        old, news = Request("https://kabar.example/lama"), Request("https://kabar.example/baru")
        lanes.add(old, later=True)
        lanes.add(news)
        assert lanes.take() == [news]
        assert lanes.take() == []
        lanes.free(news.url)
        assert lanes.take() == [old]
        assert len(lanes) == 0


def _left_waiting(desk: Desk, web: BadWeb) -> None:
    """A backfill that only walked."""
    put_months(web)
    desk.add("kabar", web.url("/feed"))
    row = desk.backfill(web.allowed, *FEBRUARY, walk_only=True)["kabar"]
    assert (row.announced, row.new, row.waiting) == (3, 0, 3)


def _held(answer: badweb.Answer, reached: threading.Event, going: threading.Event) -> badweb.Answer:
    """Says that it was reached, and answers when it may."""

    def held(handler: Handler) -> None:
        reached.set()
        going.wait(PATIENCE_SECONDS)
        answer(handler)

    return held
