"""The collector's hand on the database: each answer is one transaction, so that a killed process loses nothing.

A poll and the pages it announced are saved together, and so are an item and the end of its page. Between the two a page
waits in the database; after a restart it is fetched. All methods run in the collector's one worker thread.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from crawler.articles import PageRead, post_item, read_page
from crawler.feeds import Parsed
from crawler.outcomes import PollRead
from crawler.types import CheckResult, Job, Mode, Reply, SourceReport, Tally
from waspada.clock import utc_now
from waspada.items import repository as items
from waspada.items.service import store_item
from waspada.items.types import StoreOutcome
from waspada.sources import policy, repository, service
from waspada.sources.types import (
    Announcement,
    PageState,
    PollSaved,
    Source,
    SourceKind,
    SourceState,
    WaitingPage,
)
from waspada.store.engine import Store

NOTHING = Parsed(False)


class Keeper:
    def __init__(self, store: Store, job: Job) -> None:
        self._store = store
        self._job = job
        self.tally = Tally()

    def first_sources(self) -> list[Source]:
        """The sources of a crawl or a check: the named ones, or all enabled ones that did not ask for a pause."""
        now = utc_now()
        with self._store.read() as session:
            found = service.chosen(session, self._job.source_ids)
        for source in found:
            self.tally.rows[source.id] = SourceReport(source.id, source.name)
        if self._job.source_ids is None and self._job.mode is Mode.ONCE:
            held = [source for source in found if policy.is_held_back(source.poll, now)]
            for source in held:
                self.tally.rows[source.id].why = f"left alone until {source.poll.next_poll_at:%Y-%m-%d %H:%M} UTC"
            found = [source for source in found if source not in held]
        self.tally.sources_total = len(found)
        return found

    def due_sources(self) -> list[Source]:
        with self._store.read() as session:
            return repository.due_sources(session, utc_now())

    def waiting_pages(self, limit: int, skip: Sequence[int]) -> list[WaitingPage]:
        with self._store.read() as session:
            return repository.waiting_pages(session, utc_now(), limit, self._job.source_ids, skip)

    def save_poll(self, source: Source, read: PollRead) -> None:
        """The poll's state, its event and its pages (or posts) in one transaction."""
        now, jitter = utc_now(), random.random()  # noqa: S311 (spreads requests, guards nothing)
        saved, new = self._store.retrying(lambda session: _save_poll(session, source, read, now, jitter))
        row = self._row(source.id, source.name)
        row.state, row.entries, row.why = read.outcome.state.value, read.outcome.entries, read.outcome.detail
        if source.kind is SourceKind.MASTODON_RSS:
            row.new += new
            row.unchanged += saved.known
        row.skipped += saved.repeated
        if not read.outcome.is_good:
            row.blocked += read.outcome.state is SourceState.BLOCKED
            row.failed += read.outcome.state is not SourceState.BLOCKED
        self.tally.sources_done += 1

    def note_check(self, source: Source, read: PollRead) -> None:
        """The result of a check; nothing is saved."""
        outcome = read.outcome
        newest = max((a.published_at for a in read.parsed.announcements if a.published_at), default=None)
        problem = outcome.detail if not outcome.is_good or outcome.state is SourceState.MOVED else ""
        self.tally.checks.append(
            CheckResult(
                source.id,
                source.name,
                source.url,
                outcome.state.value,
                outcome.http_status,
                outcome.entries,
                newest,
                problem or ("no entries" if outcome.state is SourceState.EMPTY else ""),
            )
        )
        self.tally.sources_done += 1

    def read_page(self, page: WaitingPage, reply: Reply) -> PageRead:
        """Turns a fetched page into an item and ends the page, in one transaction."""
        now = utc_now()
        read = read_page(page, reply, now)
        outcome = self._store.retrying(lambda session: _save_page(session, page, read, now))
        row = self._row(page.source_id)
        if isinstance(outcome, StoreOutcome):
            row.new += outcome is StoreOutcome.NEW
            row.changed += outcome is StoreOutcome.NEW_VERSION
            row.unchanged += outcome is StoreOutcome.UNCHANGED
        else:
            self._count(row, outcome, read.detail)
        self.tally.pages_done += 1
        return read

    def fail_page(self, page: WaitingPage, detail: str, *, final: bool = False, blocked: bool = False) -> None:
        """A page that got no answer: tried again later, or kept as failed (or blocked) with the reason."""
        now = utc_now()

        def work(session: Session) -> PageState:
            if final or blocked:
                state = PageState.BLOCKED if blocked else PageState.FAILED
                repository.finish_page(session, page.id, state, now, detail)
                return state
            return repository.retry_page(session, page.id, now, detail)

        self._count(self._row(page.source_id), self._store.retrying(work), detail)
        self.tally.pages_done += 1

    def hold_page(self, page: WaitingPage, wait: timedelta, detail: str) -> None:
        until = utc_now() + wait
        self._store.retrying(lambda session: repository.hold_page(session, page.id, until, detail))
        self.tally.pages_done += 1

    def _row(self, source_id: str, name: str = "") -> SourceReport:
        return self.tally.rows.setdefault(source_id, SourceReport(source_id, name or source_id))

    def _count(self, row: SourceReport, state: PageState, detail: str) -> None:
        row.blocked += state is PageState.BLOCKED
        row.skipped += state is PageState.SKIPPED
        row.failed += state in (PageState.FAILED, PageState.WAITING)
        if state is not PageState.SKIPPED and detail and not row.why:
            row.why = detail


def _save_poll(session: Session, source: Source, read: PollRead, now: datetime, jitter: float) -> tuple[PollSaved, int]:
    announced = read.parsed.announcements
    posts = source.kind is SourceKind.MASTODON_RSS
    known = repository.known_keys(session, {each.url_key for each in announced})
    outcome = replace(read.outcome, seen_entries=sum(each.url_key in known for each in announced))
    after = policy.next_poll(source.poll, outcome, now, jitter)
    saved = repository.save_poll(session, source.id, after, outcome, announced, now, complete=posts)
    new = _save_posts(session, source, saved.new, announced, now) if posts else 0
    return saved, new


def _save_posts(
    session: Session, source: Source, new: Sequence[Announcement], announced: Sequence[Announcement], now: datetime
) -> int:
    """Stores new posts, and the present text of known ones; a post that was erased here stays erased."""
    fresh = {each.url_key for each in new}
    stored = 0
    for post in announced:
        if post.url_key in fresh or items.by_url_key(session, post.url_key) is not None:
            found = post_item(source, post)
            if found.title or found.text:
                stored += store_item(session, found, now) is StoreOutcome.NEW
    return stored


def _save_page(session: Session, page: WaitingPage, read: PageRead, now: datetime) -> StoreOutcome | PageState:
    if read.found is not None:
        outcome = store_item(session, read.found, now)
        repository.finish_page(session, page.id, PageState.DONE, now)
        return outcome
    if read.state is PageState.WAITING:
        return repository.retry_page(session, page.id, now, read.detail, read.retry_after)
    repository.finish_page(session, page.id, read.state, now, read.detail)
    return read.state
