"""The process that reads Bluesky's Jetstream all the time, beside the collector.

A thread a Jetstream reads and puts what concerns us into a bounded queue; the main thread writes it in batches, each
with its cursor in the same transaction. A killed process goes on from the cursor in the database; storing twice changes
nothing.
"""

from __future__ import annotations

import logging
import queue
import signal
import sys
import time
from collections.abc import Iterable
from threading import Event

from sqlalchemy.orm import Session

from crawler.guard import RefusedAddressError, check_url
from crawler.posts.batches import Batch, Heard, doomed, reduced, save_batch
from crawler.posts.bluesky import is_cursor
from crawler.posts.reader import Reader
from waspada import logs
from waspada.clock import utc_now
from waspada.errors import InputError, StoreError, WaspadaError
from waspada.processes.heart import beating
from waspada.processes.types import ProcessRole
from waspada.settings import Settings
from waspada.sources import policy, repository
from waspada.sources.addresses import stream
from waspada.sources.extras import missing_extra
from waspada.sources.types import Fault, PollOutcome, Source, SourceState
from waspada.store.engine import Store, open_store

log = logging.getLogger("waspada.stream")

QUEUE_SIZE = 2000
BATCH_SIZE = 200
FLUSH_SECONDS = 2.0
#: How often the source list is read again, and at least a cursor saved.
RELOAD_SECONDS = 30.0
#: How often the state of a source is noted while it does not change.
NOTE_SECONDS = 600.0
TROUBLE_SECONDS = 5.0


def stream_main(
    settings: Settings, *, allowed_hosts: frozenset[str] = frozenset(), reload_seconds: float = RELOAD_SECONDS
) -> None:
    """Reads every enabled stream until SIGTERM; to be the target of a process. `allowed_hosts` are exact "host:port"
    exceptions from the guard, passed by code only (tests)."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    logs.configure(settings, "stream")
    try:
        store = open_store(settings)
        with beating(store, settings, ProcessRole.STREAM):
            StreamWriter(store, settings.secret_key, allowed_hosts, reload_seconds, user_agent=settings.user_agent).run(
                stop
            )
        store.close()
    except WaspadaError as error:
        sys.stderr.write(f"waspada stream: {error}\n")
        sys.exit(2)


class StreamWriter:
    """The main thread: which Jetstreams are read, and writing what they say."""

    def __init__(
        self,
        store: Store,
        secret: bytes,
        allowed_hosts: frozenset[str],
        reload_seconds: float = RELOAD_SECONDS,
        *,
        user_agent: str = "",
    ) -> None:
        self._store = store
        self._user_agent = user_agent
        self._secret = secret
        self._allowed = allowed_hosts
        self._reload_seconds = reload_seconds
        self._heard: queue.Queue[Heard] = queue.Queue(QUEUE_SIZE)
        self._readers: dict[str, Reader] = {}
        self._sources: dict[str, Source] = {}
        self._base_of: dict[str, str] = {}
        self._entries: dict[str, int] = {}
        self._noted: dict[str, tuple[str, frozenset[str], float]] = {}
        self._saved_at = 0.0

    def run(self, stop: Event) -> None:
        """Until `stop` is set. A locked or full database is logged and tried again; what was read waits for it."""
        reload_at, waiting = 0.0, Batch()
        while not stop.is_set():
            try:
                if time.monotonic() >= reload_at:
                    self._reload()
                    reload_at = time.monotonic() + self._reload_seconds
                if not waiting:
                    waiting = reduced(_next_heard(self._heard, stop))
                self._save(waiting)
                waiting = Batch()
                self._note()
            except StoreError as error:
                log.warning("%s Trying again in %.0f s.", error, TROUBLE_SECONDS)
                stop.wait(TROUBLE_SECONDS)
        for reader in self._readers.values():
            reader.stop()

    def _reload(self) -> None:
        """Takes the present list of sources: new filters, new Jetstreams, and those nobody wants any more."""
        with self._store.read() as session:
            found = [source for source in repository.stream_sources(session) if self._may_read(source)]
        streams = {source.id: stream(source.url) for source in found}
        self._sources = {source.id: source for source in found}
        self._base_of = {id_: each.base for id_, each in streams.items()}
        for base in self._readers.keys() - set(self._base_of.values()):
            self._readers.pop(base).stop()
        for base in dict.fromkeys(self._base_of.values()):
            mine = {id_: each for id_, each in streams.items() if each.base == base}
            reader = self._readers.get(base) or self._new_reader(base, mine)
            reader.watch(mine)
            if base not in self._readers:
                self._readers[base] = reader
                reader.start()

    def _new_reader(self, base: str, ids: Iterable[str]) -> Reader:
        """From the oldest cursor of its sources on."""
        cursors = [cursor for id_ in ids if (cursor := self._sources[id_].poll.cursor) and is_cursor(cursor)]
        oldest = min(cursors, key=int, default=None)
        return Reader(base, self._secret, self._heard, oldest, self._allowed, user_agent=self._user_agent)

    def _may_read(self, source: Source) -> bool:
        """Whether the source can be read at all; one that cannot is noted as a failed poll when its time comes."""
        problem = missing_extra(source.kind) or refused(source.url, self._allowed) or unreadable(source.url)
        if problem and source.poll.next_poll_at <= utc_now():
            self._save_state(source.id, PollOutcome(SourceState.BROKEN, Fault.HARD, detail=problem))
        return not problem

    def _save(self, batch: Batch) -> None:
        """One transaction for a batch; none where it concerns nothing of ours and the cursor was saved lately."""
        if not batch:
            return
        with self._store.read() as session:
            gone = doomed(session, batch)
        lately = time.monotonic() - self._saved_at < self._reload_seconds
        if not gone and not batch.posts and lately:
            return
        counts = self._store.retrying(
            lambda session: save_batch(session, batch, gone, self._sources, self._base_of, utc_now())
        )
        self._saved_at = time.monotonic()
        for source_id, count in counts.items():
            self._entries[source_id] = self._entries.get(source_id, 0) + count

    def _note(self) -> None:
        """Notes how the sources are: at once when that or their list changes, else now and then."""
        now = time.monotonic()
        for base, reader in self._readers.items():
            problem, ids = reader.problem, frozenset(id_ for id_, theirs in self._base_of.items() if theirs == base)
            before, known, at = self._noted.get(base, (None, frozenset(), 0.0))
            lost = reader.take_lost()
            is_news = lost or problem != before or ids != known or now - at >= NOTE_SECONDS
            if not is_news or not (lost or problem or reader.has_read):
                continue
            self._noted[base] = (problem, ids, now)
            for source_id in sorted(ids):
                entries = self._entries.pop(source_id, 0)
                good = PollOutcome(SourceState.OK, entries=entries, detail=lost)
                bad = PollOutcome(SourceState.BROKEN, Fault.SOFT, entries=entries, detail=lost or problem)
                self._save_state(source_id, bad if problem else good)

    def _save_state(self, source_id: str, outcome: PollOutcome) -> None:
        def work(session: Session) -> None:
            now = utc_now()
            for source in repository.enabled_sources(session, [source_id]):
                after = policy.next_poll(source.poll, outcome, now, 0.0)
                repository.save_poll(session, source_id, after, outcome, (), now, complete=True)

        self._store.retrying(work)


def refused(url: str, allowed: frozenset[str]) -> str | None:
    """Why the guard lets nobody connect to a stream's address."""
    try:
        check_url(url, allowed)
    except RefusedAddressError as error:
        return str(error)
    return None


def unreadable(url: str) -> str | None:
    """Why a stored address is no stream (any more): one such source must not stop the others."""
    try:
        stream(url)
    except InputError as error:
        return str(error)
    return None


def _next_heard(heard: queue.Queue[Heard], stop: Event) -> list[Heard]:
    """Up to `BATCH_SIZE` of what was heard, waiting `FLUSH_SECONDS` at most."""
    found: list[Heard] = []
    end = time.monotonic() + FLUSH_SECONDS
    while len(found) < BATCH_SIZE and not stop.is_set() and (left := end - time.monotonic()) > 0:
        try:
            found.append(heard.get(timeout=min(left, 0.5)))
        except queue.Empty:
            continue
    return found
