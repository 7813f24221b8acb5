"""SQL about the queue of items that wait to be compared with the topics (`waspada.items.queue`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from waspada.items.queue import Queue
from waspada.items.standing import embedded_by
from waspada.items.types import Stage
from waspada.sources.types import SourceRole
from waspada.store.tables import ItemRow, PlaceRow, SourceRow, TagRow, TopicQueueRow, TopicRow
from waspada.taxonomy import EMBEDDING_DIM
from waspada.topics.policy import unit_rows

QUEUE = Queue(TopicQueueRow)


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """What is compared of an item: its embedding with norm 1 (zeros where it says nothing), None where this model gave
    none; and the regions it names, else its outlet's home."""

    version: int
    vector: NDArray[np.float32] | None
    codes: Sequence[str]


def ask(session: Session, item_ids: Sequence[int]) -> None:
    """Puts new and edited items in the queue where there is any topic. One added later looks back by itself."""
    if session.scalar(select(TopicRow.id).where(TopicRow.off_at.is_(None)).limit(1)) is None:
        return
    QUEUE.ask_each(session, _real_items(), item_ids, again=False)


def ask_recent(session: Session, since: datetime) -> None:
    """Puts the tagged items found after `since` in the queue again, behind the new ones."""
    tagged = ItemRow.stage.in_((Stage.TAGGED, Stage.GROUPED))
    QUEUE.ask(session, _real_items().where(ItemRow.found_at > since, tagged), again=True)


def waiting(session: Session, limit: int) -> dict[int, int]:
    """Item and how often it was asked for: the new ones first, the newest before the others."""
    return QUEUE.waiting(session, limit, newest_first=True)


def items(session: Session, item_ids: Sequence[int], model: str) -> dict[int, WaitingItem]:
    """The items as they stand, with what the model said of their current version."""
    query = (
        select(ItemRow.id, ItemRow.version, TagRow.embedding, SourceRow.region)
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .outerjoin(TagRow, (TagRow.item_id == ItemRow.id) & (TagRow.version == ItemRow.version) & embedded_by(model))
        .where(ItemRow.id.in_(item_ids))
    )
    named: dict[int, list[str]] = {}
    for item_id, code in session.execute(
        select(PlaceRow.item_id, PlaceRow.code).where(PlaceRow.item_id.in_(item_ids)).order_by(PlaceRow.id)
    ):
        named.setdefault(item_id, []).append(code)
    return {
        id_: WaitingItem(version, _vector(embedding), named.get(id_) or ([home] if home else []))
        for id_, version, embedding, home in session.execute(query)
    }


def _vector(embedding: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    whole = embedding is not None and embedding.size == EMBEDDING_DIM
    return unit_rows(embedding[None, :])[0] if embedding is not None and whole else None


def _real_items() -> Select[int]:
    """Exercises count nowhere."""
    own = select(ItemRow.id).join(SourceRow, SourceRow.id == ItemRow.source_id)
    return own.where(SourceRow.role != SourceRole.EXERCISE)
