"""The collector's hand on the database: each answer is one transaction, so that a killed process loses nothing.

A poll and the pages it announced are saved together, and so are an item and the end of its page. Between the two a page
waits in the database; after a restart it is fetched. All methods run in the collector's one worker thread.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from crawler.articles import PageRead, raw_page, read_page, read_part
from crawler.dates import is_day
from crawler.feeds import Parsed
from crawler.outcomes import PollRead
from crawler.parts import Joining
from crawler.posts.saving import save_posts
from crawler.posts.types import Errand
from crawler.posts.youtube import only_units
from crawler.types import CheckResult, Job, Mode, Progress, Reply, SourceReport, Tally
from waspada.archive import repository as archived
from waspada.archive import service as archive
from waspada.archive.service import Archive
from waspada.archive.types import KeptBody, RawPage
from waspada.clock import plausible, utc_now, zone_of
from waspada.items import repository as items
from waspada.items.recurring import KEPT_TEXTS, TEXTS_A_DAY, Habits
from waspada.items.service import keep_item
from waspada.items.types import FoundItem, StoreOutcome
from waspada.jobs.erase import erase_gone
from waspada.sources import announcements, pages, policy, repository, service
from waspada.sources.addresses import timeline
from waspada.sources.types import (
    POST_KINDS,
    STREAM_KINDS,
    PageState,
    PollSaved,
    Source,
    SourceKind,
    SourceState,
    WaitingPage,
)
from waspada.stops.policy import held_by
from waspada.stops.repository import in_force
from waspada.store.engine import Store

NOTHING = Parsed(False)
#: A stored post is looked at again so often, and so many of a source with each poll, for deletions at its place: as
#: many as are asked one by one in five minutes, or by 20 calls of 50.
RECHECK_AFTER = timedelta(hours=24)
RECHECK_POSTS = {SourceKind.MASTODON: 150, SourceKind.YOUTUBE: 1000}
#: Of so many sources it is held what recurs on their pages.
KEPT_HABITS = 200
_STREAM = "a stream: `waspada run` reads it all the time"
#: Under this name the pages of an article that could not be had are kept aside, in `rejects`.
PARTS_STAGE = "parts"


@dataclass(slots=True)
class SplitPage:
    """A page that was read as an article whose further pages are asked for; its item is stored when all were.

    `first` is the address of the first page, `raws` what the archive keeps of each.
    """

    found: FoundItem
    first: str
    joining: Joining
    raws: list[tuple[RawPage, KeptBody | str]] = field(default_factory=list)

    @property
    def missing(self) -> str:
        """What could not be had of the article, in words; "" for nothing."""
        return "; ".join(self.joining.missing)


class Keeper:
    def __init__(self, store: Store, job: Job, archive: Archive | None = None) -> None:
        """`archive` is where raw pages are kept; None keeps none."""
        self._store = store
        self._job = job
        self._archive = archive
        self.tally = Tally()
        self._habits: dict[str, Habits] = {}

    def first_sources(self) -> list[Source]:
        """The sources of a crawl or a check: the named ones, or all enabled ones that did not ask for a pause."""
        now = utc_now()
        with self._store.read() as session:
            found = service.chosen(session, self._job.source_ids)
        for source in found:
            self.tally.rows[source.id] = SourceReport(source.id, source.name)
        stopped = self.stopped()
        for source in (each for each in found if each.id in stopped):
            self.tally.rows[source.id].why = stopped[source.id]
            if self._job.mode is Mode.CHECK:
                self._note_unasked(source, stopped[source.id])
        found = [source for source in found if source.id not in stopped]
        if self._job.source_ids is None and self._job.mode is Mode.ONCE:
            held = [source for source in found if policy.is_held_back(source.poll, now)]
            for source in held:
                self.tally.rows[source.id].why = f"left alone until {source.poll.next_poll_at:%Y-%m-%d %H:%M} UTC"
            found = [source for source in found if source not in held]
        streams = [source for source in found if source.kind in STREAM_KINDS]
        for source in streams:
            self.tally.rows[source.id].why = _STREAM
            if self._job.mode is Mode.CHECK:
                self._note_unasked(source, _STREAM)
        found = [source for source in found if source not in streams]
        self.tally.sources_total = len(found)
        return found

    def stopped(self) -> dict[str, str]:
        """Id of every source that a stop of the collection holds now -> since when and what it stops."""
        with self._store.read() as session:
            stops = in_force(session)
            homes = repository.homes(session) if stops else {}
        found = {id_: held_by(stops, id_, home) for id_, home in homes.items()}
        return {
            id_: f"collection stopped since {stop.at:%Y-%m-%d %H:%M} UTC ({stop.about})"
            for id_, stop in found.items()
            if stop is not None
        }

    def due_sources(self) -> list[Source]:
        with self._store.read() as session:
            return repository.due_sources(session, utc_now())

    def errand(self, source: Source) -> Errand:
        """What a poll of an API has to know: which stored posts to look at again, what was spent of its quota."""
        now = utc_now()
        with self._store.read() as session:
            cursors = tuple(repository.cursors(session, source.kind).values())
            if self._job.mode is Mode.CHECK:
                return Errand(now, cursors=cursors)
            instance = timeline(source.url).base if source.kind is SourceKind.MASTODON else ""
            before, limit = now - RECHECK_AFTER, RECHECK_POSTS[source.kind]
            recheck = pages.posts_to_check(session, source.id, before, limit, instance)
        return Errand(now, recheck, cursors)

    def waiting_pages(self, limit: int, skip: Sequence[int]) -> list[WaitingPage]:
        with self._store.read() as session:
            return pages.waiting_pages(session, utc_now(), limit, self._job.source_ids, skip)

    def backfilled_pages(self, limit: int, skip: Sequence[int]) -> list[WaitingPage]:
        """What backfills found, for when no news waits. A single crawl leaves it alone: there may be very much."""
        if self._job.mode is not Mode.SERVICE:
            return []
        with self._store.read() as session:
            return pages.backfilled_pages(session, utc_now(), limit, None, skip)

    def progress(self, doing: str) -> Progress:
        return self.tally.progress(doing)

    def save_poll(self, source: Source, read: PollRead) -> None:
        """The poll's state, its event and its pages (or posts) in one transaction."""
        now, jitter = utc_now(), random.random()  # noqa: S311 (spreads requests, guards nothing)
        saved, new = self._store.retrying(lambda session: _save_poll(session, source, read, now, jitter))
        row = self._row(source.id, source.name)
        row.state, row.entries, row.why = read.outcome.state.value, read.outcome.entries, read.outcome.detail
        if source.kind in POST_KINDS:
            row.new += new
            row.unchanged += saved.known
        row.skipped += saved.repeated
        if not read.outcome.is_good:
            row.blocked += read.outcome.state is SourceState.BLOCKED
            row.failed += read.outcome.state is not SourceState.BLOCKED
        self.tally.sources_done += 1

    def note_check(self, source: Source, read: PollRead) -> None:
        """The result of a check; nothing is saved but what it spent of a quota."""
        outcome = read.outcome
        if source.kind is SourceKind.YOUTUBE and outcome.cursor is not None:
            spent = only_units(source.poll.cursor, outcome.cursor)
            self._store.retrying(lambda session: repository.save_cursor(session, [source.id], spent))
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
                fault=outcome.fault,
                moved_to=outcome.moved_to,
            )
        )
        self.tally.sources_done += 1

    def hold_poll(self, source: Source, wait: timedelta, detail: str) -> None:
        """A source that was not asked, since its site wants a pause: it is put off, and nothing is counted."""
        self.tally.sources_done += 1
        if self._job.mode is Mode.CHECK:
            self._note_unasked(source, detail)
            return
        until = utc_now() + wait
        self._store.retrying(lambda session: service.put_off(session, source.id, until))
        self._row(source.id, source.name).why = detail

    def _note_unasked(self, source: Source, why: str) -> None:
        self.tally.checks.append(CheckResult(source.id, source.name, source.url, "waiting", problem=why, asked=False))

    def read_page(self, page: WaitingPage, reply: Reply) -> SplitPage | None:
        """Turns a fetched page into an item and ends the page, in one transaction.

        Where the article goes on elsewhere nothing is stored yet: what is returned waits for its next page, which
        `read_part` or `fail_part` takes. Until the last was taken the page waits in the database.
        """
        now = utc_now()
        read = read_page(page, reply, now)
        if read.found is None:
            self._note_page(page, self._store.retrying(lambda s: _end_page(s, page, read, now)), read.detail)
            return None
        split = SplitPage(read.found, reply.url, Joining(read.found.text, read.parts))
        self._keep_raw(split, page, reply)
        return self._stored_or_split(page, split)

    def read_part(self, page: WaitingPage, split: SplitPage, reply: Reply) -> SplitPage | None:
        """Takes the page that was asked for into its article; what it cannot read leaves what there is."""
        try:
            part = read_part(page, split.found, split.first, reply, utc_now())
        except Exception as error:
            return self.fail_part(page, split, f"this page could not be handled ({type(error).__name__}: {error})")
        if part.problem:
            return self.fail_part(page, split, part.problem, passing=part.passing)
        self._keep_raw(split, page, reply)
        split.joining.took(part.text, part.parts)
        return self._stored_or_split(page, split)

    def fail_part(self, page: WaitingPage, split: SplitPage, detail: str, *, passing: bool = False) -> SplitPage | None:
        split.joining.failed(detail, passing=passing)
        return self._stored_or_split(page, split)

    def _stored_or_split(self, page: WaitingPage, split: SplitPage) -> SplitPage | None:
        """Stores the item when no further page of it is wanted."""
        if split.joining.next() is not None:
            return split
        found = replace(split.found, text=split.joining.text)
        now, habits = utc_now(), self._habits_of(page.source_id)
        learned = habits.add(_day_of(found, now), found.text)

        def work(session: Session) -> StoreOutcome | PageState:
            if split.joining.is_passing and items.by_url_key(session, found.url_key) is not None:
                # Less of a known article would read as if its outlet had cut it.
                return pages.retry_page(session, page.id, now, split.missing)
            stored = keep_item(session, found, now, habits.lines)
            brought_version = stored.outcome is StoreOutcome.NEW_VERSION
            pages.finish_with_item(session, page.id, stored.item_id, now, brought_version=brought_version)
            if learned:
                habits.join(repository.recurring(session, page.source_id))
                repository.save_recurring(session, page.source_id, habits.last_met)
            for raw, kept in reversed(split.raws):  # the first page counts as the newest
                _note_raw(session, stored.item_id, page, raw, kept, now)
            if split.missing:
                items.reject(session, PARTS_STAGE, f"item {stored.item_id}", split.missing, now)
            return stored.outcome

        self._note_page(page, self._store.retrying(work), split.missing)
        return None

    def _keep_raw(self, split: SplitPage, page: WaitingPage, reply: Reply) -> None:
        raw = raw_page(page, reply) if self._archive is not None else None
        if self._archive is not None and raw is not None:
            kept = self._archive.keep(self._store, raw)
            split.raws.append((replace(raw, body=b""), kept))

    def fail_page(self, page: WaitingPage, detail: str, *, final: bool = False, blocked: bool = False) -> None:
        """A page that got no answer: tried again later, or kept as failed (or blocked) with the reason."""
        now = utc_now()

        def work(session: Session) -> PageState:
            if final or blocked:
                state = PageState.BLOCKED if blocked else PageState.FAILED
                pages.finish_page(session, page.id, state, now, detail)
                return state
            return pages.retry_page(session, page.id, now, detail)

        self._note_page(page, self._store.retrying(work), detail)

    def hold_page(self, page: WaitingPage, wait: timedelta, detail: str) -> None:
        until = utc_now() + wait
        self._store.retrying(lambda session: pages.hold_page(session, page.id, until, detail))
        self.tally.pages_done += 1

    def _note_page(self, page: WaitingPage, outcome: StoreOutcome | PageState, detail: str) -> None:
        row = self._row(page.source_id)
        if isinstance(outcome, StoreOutcome):
            row.new += outcome is StoreOutcome.NEW
            row.changed += outcome is StoreOutcome.NEW_VERSION
            row.unchanged += outcome is StoreOutcome.UNCHANGED
            row.why = row.why or detail
        else:
            self._count(row, outcome, detail)
        self.tally.pages_done += 1

    def _habits_of(self, source_id: str) -> Habits:
        """What recurs on a source's pages: what was learned before, and its last texts to learn more from.

        Those of the sources that were read last are held; the others can be read again.
        """
        habits = self._habits.pop(source_id, None)
        if habits is None:
            with self._store.read() as session:
                texts = items.last_texts(session, source_id, KEPT_TEXTS, TEXTS_A_DAY)
                habits = Habits(repository.recurring(session, source_id), texts)
        self._habits[source_id] = habits
        if len(self._habits) > KEPT_HABITS:
            del self._habits[next(iter(self._habits))]
        return habits

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
    posts = source.kind in POST_KINDS
    removed = erase_gone(session, read.parsed.gone)
    pages.note_checked(session, read.parsed.checked + read.parsed.refused, now)
    known = announcements.known_keys(session, {each.url_key for each in announced})
    new = {each.url_key: each for each in announced if each.url_key not in known.union(read.parsed.checked)}
    detail = "; ".join(filter(None, (read.outcome.detail, f"{removed} posts deleted at their place" * bool(removed))))
    outcome = replace(
        read.outcome,
        seen_entries=max(0, read.outcome.entries - len(new)),  # entries without an address are nothing new
        published=_with_clock([each.published_at for each in new.values() if each.published_at], source),
        detail=detail,
    )
    after = policy.next_poll(source.poll, outcome, now, jitter)
    saved = repository.save_poll(session, source.id, after, outcome, announced, now, complete=posts)
    stored = save_posts(session, source, saved.new, announced, now) if posts else 0
    return saved, stored


def _with_clock(moments: Sequence[datetime], source: Source) -> tuple[datetime, ...]:
    """The moments that tell an hour: a day without a clock reads as its midnight, and would make that a usual hour."""
    zone = zone_of(source.zone)
    return tuple(moment for moment in moments if not is_day(moment, zone))


def _day_of(found: FoundItem, now: datetime) -> date:
    return (plausible(found.published_at, now) or now).date()


def _note_raw(
    session: Session, item_id: int, page: WaitingPage, raw: RawPage, kept: KeptBody | str, now: datetime
) -> None:
    """What could not be archived is one line among the rejects, the newest: an item is never lost by it."""
    if isinstance(kept, str):
        items.reject(session, archive.STAGE, "folder", kept, now)
    else:
        archived.note_page(session, item_id, page.url_key, raw, kept, now)


def _end_page(session: Session, page: WaitingPage, read: PageRead, now: datetime) -> PageState:
    if read.state is PageState.WAITING:
        return pages.retry_page(session, page.id, now, read.detail, read.retry_after)
    pages.finish_page(session, page.id, read.state, now, read.detail)
    return read.state
