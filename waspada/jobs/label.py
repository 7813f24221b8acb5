"""Keeps items waiting for the labelling desk: chosen anew when few are left (waspada.labels.queues)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from waspada.alerts.types import AlertState
from waspada.items.repository import of_ids
from waspada.items.standing import last_is_read, stands
from waspada.items.types import Stage
from waspada.labels.policy import seats_of
from waspada.labels.queues import LABELS, Pick, Pool, choose
from waspada.sources.types import OWN_ROLES
from waspada.store import Store
from waspada.store.tables import (
    AlertRow,
    ItemRow,
    LabelRow,
    LabelTaskRow,
    SourceRow,
    StoryItemRow,
    TagRow,
)
from waspada.store.upsert import insert_into
from waspada.taxonomy import EMBEDDING_DIM, ItemText, Tagger

#: Fewer than this wait: as many again are chosen, from the newest items of so many days.
FEW, A_BATCH, DAYS, LOOKED_AT = 40, 100, 30, 2_000


def refill(store: Store, now: datetime, second: Tagger | None = None) -> int:
    """Chooses items where few wait; returns how many. `second` is the model to disagree with. The models and the
    choice run outside any transaction; what somebody answered meanwhile is left out by the desk."""
    with store.read() as session:
        waiting = session.scalar(select(func.count()).select_from(LabelTaskRow)) or 0
        if waiting >= FEW:
            return 0
        rows = _candidates(session, now - timedelta(days=DAYS))
        if not rows:
            return 0
        texts = _texts(session, [tags.item_id for tags in rows]) if second is not None else []
        pool = _pool(session, rows)
    if second is not None:
        pool = _with_second(pool, second, texts)
    picks = choose(pool, A_BATCH, seed=int(now.timestamp()))

    def save(session: Session) -> None:
        last = session.scalar(select(func.max(LabelTaskRow.rank))) or 0
        tasks = [_task(rows[pick.place], pick, last + number, now) for number, pick in enumerate(picks, 1)]
        session.execute(insert_into(session, LabelTaskRow).values(tasks).on_conflict_do_nothing())

    if picks:
        store.retrying(save)
    return len(picks)


def _candidates(session: Session, since: datetime) -> list[TagRow]:
    """The newest tags of the newest items of sources that have neither an answer nor a place in the queue."""
    answered = select(LabelRow.id).where(LabelRow.item_id == ItemRow.id, LabelRow.standing)
    waits = select(LabelTaskRow.item_id).where(LabelTaskRow.item_id == ItemRow.id)
    query = (
        select(TagRow)
        .join(ItemRow, (ItemRow.id == TagRow.item_id) & (ItemRow.version == TagRow.version))
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .where(
            ItemRow.found_at > since,
            ItemRow.stage.in_((Stage.TAGGED, Stage.GROUPED)),
            SourceRow.role.not_in(OWN_ROLES),
            ~answered.exists(),
            ~waits.exists(),
            stands(),
        )
        .order_by(ItemRow.found_at.desc(), *last_is_read())
        .limit(LOOKED_AT)
    )
    newest = {tags.item_id: tags for tags in session.scalars(query)}
    return [tags for tags in newest.values() if tags.embedding.size == EMBEDDING_DIM]


def _pool(session: Session, rows: Sequence[TagRow]) -> Pool:
    of_label = [[tags.labels[label.value] for label in LABELS] for tags in rows]
    ids = [tags.item_id for tags in rows]
    dismissed = set(
        session.scalars(
            select(StoryItemRow.item_id)
            .join(AlertRow, AlertRow.story_id == StoryItemRow.story_id)
            .where(StoryItemRow.item_id.in_(ids), AlertRow.state == AlertState.NOT_A_THREAT)
        )
    )
    return Pool(
        p=np.array([[one["p"] for one in line] for line in of_label], dtype=np.float32),
        on=np.array([[one["on"] for one in line] for line in of_label], dtype=np.bool_),
        second=None,
        vectors=np.stack([tags.embedding for tags in rows]).astype(np.float32),
        labelled=_labelled(session),
        dismissed=np.array([id_ in dismissed for id_ in ids], dtype=np.bool_),
        examples=_examples(session),
    )


def _labelled(session: Session) -> NDArray[np.float32]:
    """Embeddings (m, dim) of the items that were answered for last."""
    answered = select(LabelRow.item_id).where(LabelRow.standing).order_by(LabelRow.id.desc()).limit(LOOKED_AT)
    query = (
        select(TagRow.embedding)
        .join(ItemRow, (ItemRow.id == TagRow.item_id) & (ItemRow.version == TagRow.version))
        .where(TagRow.item_id.in_(answered), stands())
    )
    found = [vector for vector in session.scalars(query) if vector.size == EMBEDDING_DIM]
    return np.stack(found).astype(np.float32) if found else np.zeros((0, EMBEDDING_DIM), dtype=np.float32)


def _examples(session: Session) -> NDArray[np.int64]:
    """Positive answers (8,) by label."""
    fields = session.scalars(select(LabelRow.fields).where(LabelRow.standing)).all()
    return np.array([sum(1 for one in fields if one[label.value]) for label in LABELS], dtype=np.int64)


def _texts(session: Session, ids: Sequence[int]) -> list[ItemText]:
    found = {one.item_id: one.content for one in of_ids(session, ids)}
    return [found[id_] for id_ in ids]


def _with_second(pool: Pool, second: Tagger, texts: Sequence[ItemText]) -> Pool:
    on = [[tags.labels[label].on for label in LABELS] for tags in second.classify(texts)]
    return replace(pool, second=np.array(on, dtype=np.bool_))


def _task(tags: TagRow, pick: Pick, rank: int, now: datetime) -> dict[str, object]:
    return {
        "item_id": tags.item_id,
        "version": tags.version,
        "queue": pick.queue,
        "queue_label": pick.label,
        "rank": rank,
        "seats": seats_of(tags.item_id),
        "model": tags.model,
        "at": now,
    }
