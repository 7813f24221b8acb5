"""tagged -> grouped: every tagged item finds its story."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from waspada.claims import queue
from waspada.claims.repository import note_fact_check
from waspada.items.repository import current_version, reject, set_aside
from waspada.items.types import Stage
from waspada.jobs.batches import done_or_set_aside
from waspada.sources.types import SourceRole
from waspada.store import Store
from waspada.store.tables import ItemRow, SourceRow
from waspada.stories import repository
from waspada.stories.alone import save_alone
from waspada.stories.bans import allowed
from waspada.stories.policy import decide
from waspada.topics import queue as topic_queue

BATCH_ITEMS = 64


def group_tagged(store: Store, now: datetime, limit: int = BATCH_ITEMS) -> int:
    """Groups at most `limit` items in the order they happened; returns how many left the stage."""
    with store.read() as session:
        waiting = repository.to_group(session, limit, now)

    def work(session: Session, ids: Sequence[int]) -> None:
        _group(session, repository.still_to_group(session, ids), now)

    def give_up(session: Session, item_id: int, error: Exception) -> None:
        if set_aside(session, item_id, Stage.TAGGED):
            reject(session, "group", f"item {item_id}", f"{type(error).__name__}: {error}", now)

    return done_or_set_aside(store, waiting, work, give_up)


def _group(session: Session, ids: Sequence[int], now: datetime) -> None:
    found = repository.fingerprints(session, ids)
    for item_id in ids:
        role = session.get_one(SourceRow, session.get_one(ItemRow, item_id).source_id).role
        if role == SourceRole.EXERCISE:  # it touches no real story, and no region's volume
            save_alone(session, item_id, now)
            continue
        _note_fact_check(session, item_id, now)
        item = found[item_id]
        known = repository.story_of(session, item_id)
        if known is not None:  # a new version stays in its story
            repository.refresh(session, item, known)
        else:
            near = allowed(session, item, repository.candidates(session, item))
            repository.save(session, item, decide(item, near), now)
    queue.ask(session, ids)
    topic_queue.ask(session, ids)


def _note_fact_check(session: Session, item_id: int, now: datetime) -> None:
    item = session.get_one(ItemRow, item_id)
    if session.get_one(SourceRow, item.source_id).role == SourceRole.FACTCHECK:
        note_fact_check(session, item, current_version(session, item).text, now)
