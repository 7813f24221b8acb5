"""Watching the sources: how each stands is kept for all who ask, and the operator is told once what is wrong."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from waspada.clock import DEFAULT_ZONE
from waspada.sources import coverage, day_records, days, health, hearing, repository, service
from waspada.sources.types import Notice
from waspada.store import Store

log = logging.getLogger("waspada.sources")


def watch_sources(store: Store, now: datetime, zone: ZoneInfo = DEFAULT_ZONE) -> Sequence[Notice]:
    """Keeps how the sources stand, notes and logs what is new of them, and returns it. The judging takes no lock.

    What can be heard of each region is added to the record of the day, in the zone of the desk.
    """
    with store.read() as session:
        found = service.judged(session, now)
        mentions = service.mentions(session, now)
        fresh = service.news(session, found, now)
    covered = [coverage.cover(place, found, mentions.get(place.code, {})) for place in coverage.regions_in()]
    looks = days.looks(covered, now)

    def note(session: Session) -> None:
        hearing.keep_health(session, found, mentions, now)
        day_records.keep(session, looks, now, zone)
        for notice in fresh:
            repository.add_notice(session, notice, now)

    store.retrying(note)
    if health.is_cut_off(each.source for each in found):
        log.warning("no source could be read in the last hour of polling: look at this machine's own connection first")
    for notice in fresh:
        log.warning("source %s is %s", notice.source_id, notice.words)
    return fresh
