"""The keeper of a backfill: walks through the past of sites, and fetches what they found after the news.

A sitemap's articles are saved before the note that it was read, so that a killed backfill goes on: at worst it reads
one sitemap again, whose articles are then known.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crawler.backfill import Step, StepRead, Walk
from crawler.keeper import Keeper
from crawler.pastmarks import site_of
from crawler.types import FilledSource, Job, Progress, Reply
from waspada.archive.service import Archive
from waspada.clock import Days, day_bounds, utc_now, zone_of
from waspada.errors import InputError
from waspada.items.types import StoreOutcome
from waspada.sources import backfills, pages, service
from waspada.sources.types import POST_KINDS, PageState, Source, SourceKind, WaitingPage
from waspada.store.engine import Store

#: Articles written to the queue at a time: a longer transaction would make other writers wait.
BATCH_PAGES = 1000
_MOST_WORDS = 500


class Filler(Keeper):
    def __init__(self, store: Store, job: Job, archive: Archive | None = None) -> None:
        super().__init__(store, job, archive)
        if job.span is None:
            raise InputError("A backfill needs the days to fill in.", hint="Give --from and --to.")
        self._span: Days = job.span
        self._ids: list[int] = []
        self._paces: dict[str, _Pace] = {}

    def first_walks(self) -> list[Walk]:
        """The walks to make, one a site. What was walked through before only has its waiting pages fetched."""
        now = utc_now()
        with self._store.read() as session:
            chosen = service.chosen(session, self._job.source_ids)
            sites = {each.id: site_of(each, backfills.recent_urls(session, each.id)) for each in chosen}
        self.tally.sources_total = len(chosen)
        self.tally.filled.update((each.id, FilledSource(each.id, each.name)) for each in chosen)
        stopped = self.stopped()
        for source in (each for each in chosen if each.id in stopped):
            self._leave(source, stopped[source.id])
        chosen = [each for each in chosen if each.id not in stopped]
        groups = by_site([each for each in chosen if each.kind not in POST_KINDS], sites)
        for source in chosen:
            if source.kind in POST_KINDS:
                self._leave(source, "public posts are not filled in")
        walks = [walk for group in groups if (walk := self._begin(group, sites[group[0].id], now)) is not None]
        with self._store.read() as session:
            for source_id, count in backfills.waiting(session, self._ids).items():
                self.tally.filled[source_id].waiting = count
                self.tally.pages_total += count
        return walks

    def waiting_pages(self, limit: int, skip: Sequence[int]) -> list[WaitingPage]:
        return []  # news is left to `crawl` and `run`

    def backfilled_pages(self, limit: int, skip: Sequence[int]) -> list[WaitingPage]:
        if self._job.walk_only:
            return []
        with self._store.read() as session:
            return pages.backfilled_pages(session, utc_now(), limit, self._ids, skip)

    def take_step(self, walk: Walk, step: Step, reply: Reply, limit_bytes: int) -> Step | None:
        """Reads an answer, saves what it gave, and names the next step."""
        now = utc_now()
        read = walk.answered(step, reply, now, limit_bytes)
        row = self.tally.filled[walk.source.id]
        row.outside += read.outside
        for start in range(0, len(read.found), BATCH_PAGES):
            self._queue(walk, read, start, now)
        if read.is_done:
            backfill_id = walk.backfill.id
            self._store.retrying(lambda session: backfills.mark_done(session, backfill_id, step.url, len(read.found)))
        return walk.next()

    def fail_step(
        self, walk: Walk, step: Step, detail: str, *, held: bool = False, lasting: bool = False
    ) -> Step | None:
        walk.failed(step, detail, held=held, lasting=lasting)
        return walk.next()

    def end_walk(self, walk: Walk) -> None:
        """A walk that read everything is over; another one is gone on with by the next backfill of these days."""
        finished_at = utc_now() if walk.is_over else None
        backfill_id = walk.backfill.id
        self._store.retrying(lambda s: backfills.close(s, backfill_id, walk.method, walk.why, finished_at))
        row = self.tally.filled[walk.source.id]
        row.method, row.why = walk.method.value, "; ".join(filter(None, (walk.why, row.why)))
        self.tally.sources_done += 1

    def progress(self, doing: str) -> Progress:
        done = self.tally
        paces = ((pace, done.filled[id_].waiting) for id_, pace in self._paces.items())
        left = [seconds for pace, waiting in paces if (seconds := pace.seconds_left(waiting)) is not None]
        new = sum(row.new for row in done.filled.values())
        return Progress(
            done.sources_done,
            done.sources_total,
            done.pages_total - sum(row.waiting for row in done.filled.values()),  # a page may be asked more than once
            done.pages_total,
            new,
            doing,
            max(left, default=None),
        )

    def hold_page(self, page: WaitingPage, wait: timedelta, detail: str) -> None:
        super().hold_page(page, wait, detail)
        self._say(page.source_id, detail)

    def _begin(self, group: Sequence[Source], site: str, now: datetime) -> Walk | None:
        """The walk through a site for the first of its sources; the others are told whose it is."""
        source, *others = group
        for each in others:
            self._leave(each, f"the articles of {urlsplit(site).netloc} are filled in with {source.id}")
        end = day_bounds(self._span.last, zone_of(source.zone))[1]
        backfill = self._store.retrying(lambda session: backfills.opened(session, source.id, self._span, end, now))
        self._ids.append(backfill.id)
        if backfill.finished_at is None:
            return Walk(source, site, backfill, others)
        self.tally.filled[source.id].method = backfill.method.value
        before = f"filled in before, {backfill.finished_at:%Y-%m-%d}"
        self._leave(source, "; ".join(filter(None, (before, backfill.detail))))
        return None

    def _leave(self, source: Source, why: str) -> None:
        self.tally.filled[source.id].why = why
        self.tally.sources_done += 1

    def _queue(self, walk: Walk, read: StepRead, start: int, now: datetime) -> None:
        batch = read.found[start : start + BATCH_PAGES]
        queued = self._store.retrying(lambda session: backfills.queue(session, walk.backfill, batch, self._ids, now))
        row = self.tally.filled[walk.source.id]
        row.announced += queued.new
        row.waiting += queued.new + queued.taken_over
        row.known += queued.known
        self.tally.pages_total += queued.new + queued.taken_over

    def _note_page(self, page: WaitingPage, outcome: StoreOutcome | PageState, detail: str) -> None:
        row = self.tally.filled[page.source_id]
        self._paces.setdefault(page.source_id, _Pace()).count()
        row.new += outcome is StoreOutcome.NEW
        row.skipped += outcome is PageState.SKIPPED
        row.failed += outcome in (PageState.FAILED, PageState.BLOCKED)
        row.waiting -= outcome is not PageState.WAITING
        if outcome is not PageState.SKIPPED:
            self._say(page.source_id, detail)
        self.tally.pages_done += 1

    def _say(self, source_id: str, detail: str) -> None:
        """Each reason once."""
        row = self.tally.filled[source_id]
        if detail and detail not in row.why:
            row.why = f"{row.why}; {detail}"[:_MOST_WORDS].lstrip("; ")


class _Pace:
    """How fast the pages of one source come in."""

    def __init__(self) -> None:
        self._started, self._done = time.monotonic(), 0

    def count(self) -> None:
        self._done += 1

    def seconds_left(self, waiting: int) -> float | None:
        """The first page only starts the clock: None until there is a second."""
        if not waiting:
            return 0.0
        return waiting * (time.monotonic() - self._started) / (self._done - 1) if self._done > 1 else None


def by_site(sources: Sequence[Source], sites: Mapping[str, str]) -> list[list[Source]]:
    """The sources that live on one host together, in the order of their ids; one with a feed comes first."""
    groups: dict[str, list[Source]] = {}
    for source in sorted(sources, key=lambda each: (each.kind is not SourceKind.RSS, each.id)):
        groups.setdefault(urlsplit(sites[source.id]).netloc.removeprefix("www."), []).append(source)
    return list(groups.values())
