"""The worker of `waspada run`: the pipeline again and again, and the housekeeping of the store."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from waspada.archive.service import Archive
from waspada.clock import utc_now
from waspada.errors import StoreError
from waspada.jobs.canary import Canary, keep_time
from waspada.jobs.match import Matcher
from waspada.jobs.notify import notify_due
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.purge import purge
from waspada.jobs.rank import RankingData
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
NOTIFY_EVERY = timedelta(seconds=30)


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
    notified_at: datetime | None = None
    exercise: Canary | None = None
    matcher = Matcher()
    while not stop.is_set():
        try:
            done = run_waiting(store, tagger, data, clock, stopping=stop.is_set, rounds=1, matcher=matcher)
            if notified_at is None or clock() - notified_at > NOTIFY_EVERY:
                notify_due(store, data.settings, clock())
                exercise = _warned(exercise, keep_time(store, data.settings, clock()))
                notified_at = clock()
            if purged_at is None or clock() - purged_at > PURGE_EVERY:
                purge(store, clock(), archive)
                purged_at = clock()
            if watched_at is None or clock() - watched_at > WATCH_EVERY:
                watch_sources(store, clock())
                watched_at = clock()
            troubles = 0
            if not done:
                stop.wait(IDLE_SECONDS)
        except StoreError as error:
            troubles += 1
            pause = trouble_pause_seconds(troubles)
            log.warning("%s Trying again in %.0f s.", error, pause)
            stop.wait(pause)


def _warned(before: Canary | None, now: Canary) -> Canary:
    """Says once of each exercise that it did not surface in time."""
    if not now.is_fine and (before is None or (before.state, before.planned_at) != (now.state, now.planned_at)):
        log.warning("the exercise of %s is %s: see `waspada doctor`", now.planned_at, now.state)
    return now


def trouble_pause_seconds(troubles: int) -> float:
    """Pause after so many troubles in a row."""
    return float(min(MAX_TROUBLE_SECONDS, TROUBLE_SECONDS * 2 ** (max(1, troubles) - 1)))
