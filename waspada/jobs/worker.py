"""The worker of `waspada run`: the pipeline again and again, and the housekeeping of the store."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from waspada.archive.service import Archive
from waspada.clock import utc_now
from waspada.errors import StoreError
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.purge import purge
from waspada.jobs.rank import RankingData
from waspada.jobs.repair import repair_recent
from waspada.jobs.watch import watch_sources
from waspada.store import Store
from waspada.taxonomy import Tagger

log = logging.getLogger("waspada.worker")

IDLE_SECONDS = 2.0
#: After a trouble of the store the worker waits this long, twice as long each time, at most a minute.
TROUBLE_SECONDS = 2.0
MAX_TROUBLE_SECONDS = 60.0
PURGE_EVERY = timedelta(hours=6)
WATCH_EVERY = timedelta(hours=1)
REPAIR_EVERY = timedelta(minutes=5)


def work(
    store: Store,
    tagger: Tagger,
    data: RankingData,
    stop: Event,
    clock: Callable[[], datetime] = utc_now,
    archive: Archive | None = None,
) -> None:
    """Runs until `stop` is set. A locked database or a full disk is logged and tried again: nothing is lost by it.

    The housekeeping comes between two rounds: a backlog of days must not put it off.
    """
    troubles = 0
    purged_at: datetime | None = None
    watched_at: datetime | None = None
    repaired_at: datetime | None = None
    while not stop.is_set():
        try:
            done = run_waiting(store, tagger, data, clock, stopping=stop.is_set, rounds=1)
            if purged_at is None or clock() - purged_at > PURGE_EVERY:
                purge(store, clock(), archive)
                purged_at = clock()
            if watched_at is None or clock() - watched_at > WATCH_EVERY:
                watch_sources(store, clock())
                watched_at = clock()
            if repaired_at is None or clock() - repaired_at > REPAIR_EVERY:
                repair_recent(store, clock())
                repaired_at = clock()
            troubles = 0
            if not done:
                stop.wait(IDLE_SECONDS)
        except StoreError as error:
            troubles += 1
            pause = trouble_pause_seconds(troubles)
            log.warning("%s Trying again in %.0f s.", error, pause)
            stop.wait(pause)


def trouble_pause_seconds(troubles: int) -> float:
    """Pause after so many troubles in a row."""
    return float(min(MAX_TROUBLE_SECONDS, TROUBLE_SECONDS * 2 ** (max(1, troubles) - 1)))
