"""The keeper of a backfill: whose walk is made, what it goes on with, what it takes over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crawler.backfill import Step, Walk
from crawler.feeds import announcement
from crawler.filler import Filler
from crawler.keeper import Keeper
from crawler.spider import CollectorSpider
from crawler.types import FilledSource, Job, Mode, Reply
from tests.crawler.desk import Desk
from tests.rows import add_source
from waspada.clock import Days
from waspada.sources import backfills
from waspada.sources.types import POST_KINDS, Announcement, Backfill, BackfillMethod, PageState, SourceKind, WaitingPage
from waspada.store.tables import PageRow

FEBRUARY = Days(date(2025, 2, 1), date(2025, 2, 28))
MOST_OF_FEBRUARY = Days(date(2025, 2, 1), date(2025, 2, 27))
END = datetime(2025, 2, 28, 16, tzinfo=UTC)
PATHS = ("/2025/02/14/kabar-dari-desa", "/2025/02/15/kabar-dari-kota")


def filler(desk: Desk, *ids: str, span: Days = FEBRUARY) -> Filler:
    return Filler(desk.store, Job(Mode.BACKFILL, ids or None, span=span))


def articles(*paths: str) -> list[Announcement]:
    found = (announcement(f"https://kabar.example{path}", "https://kabar.example") for path in paths)
    return [each for each in found if each is not None]


@pytest.mark.parametrize("kind", sorted(POST_KINDS))
def test_public_posts_of_every_kind_are_left(desk: Desk, kind: SourceKind) -> None:
    with desk.store.write() as session:
        add_source(session, "posts", kind=kind.value)
    keeper = filler(desk)
    assert keeper.first_walks() == []
    assert keeper.tally.filled["posts"].why == "public posts are not filled in"
    assert keeper.tally.sources_done == 1


class TestOneWalkASite:
    def test_sections_of_a_host_share_a_walk_and_are_told(self, desk: Desk) -> None:
        desk.add("kota", "https://kabar.example/kota/feed")
        desk.add("desa", "https://www.kabar.example/desa/feed")
        desk.add("berita", "https://kabar.example/news.xml", SourceKind.NEWS_SITEMAP)
        desk.add("lain", "https://kalsel.kabar.example/feed")
        keeper = filler(desk)
        walks = {walk.source.id: [each.id for each in walk.others] for walk in keeper.first_walks()}
        assert walks == {"desa": ["kota", "berita"], "lain": []}
        assert "filled in with desa" in keeper.tally.filled["kota"].why
        assert keeper.tally.sources_done == 2

    def test_a_host_that_was_filled_in_before_is_not_walked_by_another_section(self, desk: Desk) -> None:
        desk.add("desa", "https://kabar.example/desa/feed")
        desk.add("kota", "https://kabar.example/kota/feed")
        keeper = filler(desk)
        (walk,) = keeper.first_walks()
        keeper.take_step(walk, _next(walk), _sitemap_reply("/2025/01/31/kabar-dari-desa"), 10**6)
        keeper.end_walk(walk)
        assert filler(desk).first_walks() == []

    def test_what_does_not_reach_back_is_walked_again_with_a_source_that_does(self, desk: Desk) -> None:
        desk.add("kota", "https://kabar.example/kota/feed")
        keeper = filler(desk)
        (walk,) = keeper.first_walks()
        keeper.take_step(walk, _next(walk), _sitemap_reply(), 10**6)
        keeper.end_walk(walk)
        assert "nothing that is listed reaches back" in keeper.tally.filled["kota"].why
        desk.add("peta", "https://kabar.example/sitemap-berita.xml", SourceKind.NEWS_SITEMAP)
        (again,) = filler(desk).first_walks()
        assert _next(again).url == "https://kabar.example/sitemap-berita.xml"


class TestSpansThatWereNotOver:
    """What was read of a day before its end is read once more after it."""

    def opened(self, desk: Desk, now: datetime) -> Backfill:
        return desk.store.retrying(lambda session: backfills.opened(session, "kabar", FEBRUARY, END, now))

    @pytest.mark.parametrize("is_finished", [True, False])
    def test_what_was_read_before_the_end_is_forgotten_after_it_once(self, desk: Desk, is_finished: bool) -> None:
        desk.add("kabar", "https://kabar.example/feed")
        first = self.opened(desk, END - timedelta(hours=14))
        self.read(desk, first, END - timedelta(hours=13) if is_finished else None)
        again = self.opened(desk, END + timedelta(hours=1))
        assert (again.done, again.finished_at) == ({}, None)
        self.read(desk, again, None)
        assert self.opened(desk, END + timedelta(hours=2)).done == {"https://kabar.example/sitemap.xml": 2}

    def test_within_the_span_a_stopped_walk_goes_on(self, desk: Desk) -> None:
        desk.add("kabar", "https://kabar.example/feed")
        self.read(desk, self.opened(desk, END - timedelta(hours=14)), None)
        assert self.opened(desk, END - timedelta(hours=13)).done

    def read(self, desk: Desk, found: Backfill, finished_at: datetime | None) -> None:
        def work(session: Session) -> None:
            backfills.mark_done(session, found.id, "https://kabar.example/sitemap.xml", 2)
            backfills.close(session, found.id, BackfillMethod.SITEMAP, "", finished_at)

        desk.store.retrying(work)


class TestWhatWaitsForAnotherBackfill:
    def queued(self, desk: Desk, keeper: Filler) -> FilledSource:
        (walk,) = keeper.first_walks()
        keeper.take_step(walk, _next(walk), _sitemap_reply(), 10**6)
        return keeper.tally.filled[walk.source.id]

    @pytest.mark.parametrize("source", ["desa", "kota"])
    def test_it_is_fetched_by_the_one_that_runs(self, desk: Desk, source: str) -> None:
        desk.add("desa", "https://kabar.example/desa/feed")
        desk.add("kota", "https://kabar.example/kota/feed")
        self.queued(desk, filler(desk, "desa"))
        keeper = filler(desk, source, span=MOST_OF_FEBRUARY)
        row = self.queued(desk, keeper)
        assert (row.announced, row.known, row.waiting, keeper.tally.pages_total) == (0, 2, 2, 2)
        assert {page.source_id for page in keeper.backfilled_pages(10, [])} == {source}
        assert len(keeper.backfilled_pages(10, [])) == 2

    def test_news_and_what_was_fetched_stay_where_they_are(self, desk: Desk) -> None:
        desk.add("desa", "https://kabar.example/desa/feed")
        self.queued(desk, filler(desk, "desa"))
        first, second = (each.url_key for each in articles(*PATHS))
        with desk.store.write() as session:
            session.execute(update(PageRow).where(PageRow.url_key == first).values(backfill_id=None))
            session.execute(update(PageRow).where(PageRow.url_key == second).values(state=PageState.DONE.value))
            before = {page.url_key: page.backfill_id for page in session.scalars(select(PageRow))}
        assert self.queued(desk, filler(desk, "desa", span=MOST_OF_FEBRUARY)).waiting == 0
        with desk.store.read() as session:
            assert {page.url_key: page.backfill_id for page in session.scalars(select(PageRow))} == before


def test_a_page_put_off_or_tried_again_is_not_counted_as_done(desk: Desk) -> None:
    desk.add("kabar", "https://kabar.example/feed")
    keeper = filler(desk)
    (walk,) = keeper.first_walks()
    keeper.take_step(walk, _next(walk), _sitemap_reply(), 10**6)
    first, second = keeper.backfilled_pages(10, [])
    keeper.hold_page(first, timedelta(hours=1), "a pause")
    keeper.fail_page(second, "no answer")
    at = keeper.progress("")
    assert (at.pages_done, at.pages_total, at.seconds_left) == (0, 2, None)
    keeper.fail_page(second, "refused", final=True)
    assert keeper.progress("").pages_done == 1


class TestTheQueueOfOldPages:
    """Ranking it costs as much as it is long."""

    def taken(self, desk: Desk, job: Job) -> int:
        """How often the queue is looked at when the collector turns to it five times within a tick."""

        class Counting(Keeper):
            looks = 0

            def backfilled_pages(self, limit: int, skip: Sequence[int]) -> list[WaitingPage]:
                self.looks += 1
                return super().backfilled_pages(limit, skip)

        async def turn() -> None:
            for _ in range(5):
                await spider._refill()

        keeper = Counting(desk.store, job)
        spider = CollectorSpider(keeper, job, 10**6, lambda _: None, cast(Any, None))
        asyncio.run(turn())
        spider.closed("")
        return keeper.looks

    def test_the_long_lived_collector_looks_once_a_tick(self, desk: Desk) -> None:
        assert self.taken(desk, Job(Mode.SERVICE, tick_seconds=600)) == 1

    def test_a_backfill_with_nothing_in_hand_looks_at_once(self, desk: Desk) -> None:
        assert self.taken(desk, Job(Mode.BACKFILL, tick_seconds=600, span=FEBRUARY)) == 5


def _next(walk: Walk) -> Step:
    """The first sitemap that a walk asks for."""
    walk.next()  # robots.txt
    step = walk.next()
    assert step is not None
    return step


def _sitemap_reply(*paths: str) -> Reply:
    rows = "".join(f"<url><loc>https://kabar.example{path}</loc></url>" for path in paths or PATHS)
    return Reply("https://kabar.example/sitemap.xml", 200, f"<urlset>{rows}</urlset>".encode())
