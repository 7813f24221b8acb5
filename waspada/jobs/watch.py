"""Watching the sources: how each stands is kept for all who ask, and the operator is told once what is wrong."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from waspada.sources import health, hearing, repository, service
from waspada.sources.types import Notice
from waspada.store import Store

log = logging.getLogger("waspada.sources")


def watch_sources(store: Store, now: datetime) -> Sequence[Notice]:
    """Keeps how the sources stand, notes and logs what is new of them, and returns it. The judging takes no lock."""
    with store.read() as session:
        found = service.judged(session, now)
        mentions = service.mentions(session, now)
        fresh = service.news(session, found, now)

    def note(session: Session) -> None:
        hearing.keep_health(session, found, mentions, now)
        for notice in fresh:
            repository.add_notice(session, notice, now)

    store.retrying(note)
    if health.is_cut_off(each.source for each in found):
        log.warning("no source could be read in the last hour of polling: look at this machine's own connection first")
    for notice in fresh:
        log.warning("source %s is %s", notice.source_id, notice.words)
    return fresh
