"""The worker of `waspada run`: the pipeline again and again, and the housekeeping of the store."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from waspada.archive.service import Archive
from waspada.clock import utc_now
from waspada.errors import StoreError
from waspada.jobs.bounces import reading
from waspada.jobs.canary import Canary, keep_time
from waspada.jobs.checkpoint import keep_checkpoint
from waspada.jobs.digest import digesting
from waspada.jobs.escalate import follow_reports, issue_cap
from waspada.jobs.field_reports import follow_field_reports
from waspada.jobs.label import refill
from waspada.jobs.match import Matcher
from waspada.jobs.messages import messenger
from waspada.jobs.model_report import report_due
from waspada.jobs.notify import notify_due
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.purge_report import purge_audited
from waspada.jobs.rank import RankingData
from waspada.jobs.repair import repair_recent
from waspada.jobs.reread import reread_step
from waspada.jobs.taggers import Taggers
from waspada.jobs.train import Trainer
from waspada.jobs.watch import watch_sources
from waspada.store import Store
from waspada.taxonomy import Tagger

log = logging.getLogger("waspada.worker")

IDLE_SECONDS = 2.0
#: After a trouble of the store the worker waits this long, twice as long each time, at most a minute.
TROUBLE_SECONDS = 2.0
MAX_TROUBLE_SECONDS = 60.0
PURGE_EVERY = timedelta(hours=6)
CHECKPOINT_EVERY = timedelta(hours=1)
WATCH_EVERY = timedelta(hours=1)
NOTIFY_EVERY = timedelta(seconds=30)
LABELS_EVERY = timedelta(minutes=10)
REPORT_EVERY = timedelta(hours=1)
FIELD_REPORTS_EVERY = timedelta(minutes=10)
TRAIN_EVERY = timedelta(seconds=5)
REPAIR_EVERY = timedelta(minutes=5)
#: After a catch-up thousands of stories have to be looked at: what is left waits for the next time, as news does not.
REPAIR_FOR = timedelta(seconds=30)


def work(
    store: Store,
    taggers: Taggers,
    data: RankingData,
    stop: Event,
    clock: Callable[[], datetime] = utc_now,
    archive: Archive | None = None,
    went_on: Callable[[], None] = lambda: None,
    switched: Callable[[str], None] = lambda _model: None,
    baseline: Tagger | None = None,
    trainer: Trainer | None = None,
) -> None:
    """Runs until `stop` is set, with the messenger, the digests and the bounces beside it; `went_on` is called with
    every round, `switched` with the name of another model in use; where `baseline` differs from that one, an item is
    worth a label. A locked database or a full disk is logged and tried again: nothing is lost by it.

    The housekeeping comes between two rounds: a backlog of days must not put it off.
    """
    given = (store, data.settings, stop, clock)
    with messenger(*given), digesting(*given), reading(*given):
        _rounds(store, taggers, data, stop, clock, archive, went_on, switched, baseline, trainer)


def _rounds(
    store: Store,
    taggers: Taggers,
    data: RankingData,
    stop: Event,
    clock: Callable[[], datetime],
    archive: Archive | None,
    went_on: Callable[[], None],
    switched: Callable[[str], None],
    baseline: Tagger | None,
    trainer: Trainer | None,
) -> None:
    troubles = 0
    chores = _chores(store, data, clock, archive, stop, baseline, trainer)
    zone = data.settings.zone_info
    chores.append(_Chore(REPORT_EVERY, lambda now: report_due(store, zone, taggers.current.model, now)))
    matcher = Matcher(tagger=taggers.current)
    while not stop.is_set():
        went_on()
        try:
            before = taggers.current
            if taggers.look(clock()) and taggers.current is not before:
                matcher = Matcher(tagger=taggers.current)
                switched(taggers.current.model)
            done = _round(store, taggers, data, clock, stop, matcher)
            for chore in chores:
                chore.do_when_due(clock())
            troubles = 0
            if not done:
                stop.wait(IDLE_SECONDS)
        except StoreError as error:
            troubles += 1
            pause = trouble_pause_seconds(troubles)
            log.warning("%s Trying again in %.0f s.", error, pause)
            stop.wait(pause)


def _round(
    store: Store, taggers: Taggers, data: RankingData, clock: Callable[[], datetime], stop: Event, matcher: Matcher
) -> bool:
    """What waits; when nothing does, a batch of what another model is to read anew. False: there was neither."""
    done = run_waiting(
        store,
        taggers.current,
        data,
        clock,
        stopping=stop.is_set,
        rounds=1,
        matcher=matcher,
        shadow=taggers.shadow,
    )
    return bool(done) or stop.is_set() or reread_step(store, taggers.current, clock()) > 0


@dataclass(slots=True)
class _Chore:
    """Work that comes again and again beside the pipeline; one that failed is due at once."""

    every: timedelta
    do: Callable[[datetime], object]
    done_at: datetime | None = None

    def do_when_due(self, now: datetime) -> None:
        if self.done_at is None or now - self.done_at > self.every:
            self.do(now)
            self.done_at = now


def _chores(
    store: Store,
    data: RankingData,
    clock: Callable[[], datetime],
    archive: Archive | None,
    stop: Event,
    baseline: Tagger | None,
    trainer: Trainer | None = None,
) -> list[_Chore]:
    exercise: Canary | None = None

    def notify(now: datetime) -> None:
        nonlocal exercise
        notify_due(store, data.settings, now)
        exercise = _warned(exercise, keep_time(store, data.settings, clock()))

    def repair(now: datetime) -> None:
        end = clock() + REPAIR_FOR
        repair_recent(store, now, lambda: stop.is_set() or clock() > end)

    def escalate(now: datetime) -> None:
        follow_reports(store, data.settings, now)
        issue_cap(store, data.settings, now)

    return [
        *([_Chore(TRAIN_EVERY, trainer.look)] if trainer is not None else []),
        _Chore(NOTIFY_EVERY, notify),
        _Chore(NOTIFY_EVERY, escalate),
        _Chore(FIELD_REPORTS_EVERY, lambda now: follow_field_reports(store, data.settings, now)),
        _Chore(REPAIR_EVERY, repair),
        _Chore(LABELS_EVERY, lambda now: refill(store, now, baseline)),
        _Chore(WATCH_EVERY, lambda now: watch_sources(store, now, data.settings.zone_info)),
        _Chore(CHECKPOINT_EVERY, lambda now: keep_checkpoint(store, data.settings, now)),
        _Chore(PURGE_EVERY, lambda now: purge_audited(store, data.settings, now, archive)),
    ]


def _warned(before: Canary | None, now: Canary) -> Canary:
    """Says once of each exercise that it did not surface in time."""
    if not now.is_fine and (before is None or (before.state, before.planned_at) != (now.state, now.planned_at)):
        log.warning("the exercise of %s is %s: see `waspada doctor`", now.planned_at, now.state)
    return now


def trouble_pause_seconds(troubles: int) -> float:
    """Pause after so many troubles in a row."""
    return float(min(MAX_TROUBLE_SECONDS, TROUBLE_SECONDS * 2 ** (max(1, troubles) - 1)))
