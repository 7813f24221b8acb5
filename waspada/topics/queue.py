"""SQL about the line of items that wait to be compared with the topics. It stands in the database, so that any worker
may be killed, and any number of them may work on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, delete, literal, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from waspada.items.types import Stage
from waspada.sources.types import SourceRole
from waspada.store.tables import ItemRow, PlaceRow, SourceRow, TagRow, TopicQueueRow, TopicRow
from waspada.taxonomy import EMBEDDING_DIM
from waspada.topics.policy import unit_rows

#: SQLite allows 32,766 variables a statement.
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """What is compared of an item: its embedding with norm 1 (zeros where it says nothing), None where this model gave
    none; and the regions it names, else its outlet's home."""

    version: int
    vector: NDArray[np.float32] | None
    codes: Sequence[str]


def ask(session: Session, item_ids: Sequence[int]) -> None:
    """Puts new and edited items in line, where there is any topic. One that is added later looks back by itself."""
    if session.scalar(select(TopicRow.id).where(TopicRow.off_at.is_(None)).limit(1)) is None:
        return
    for start in range(0, len(item_ids), _CHUNK):
        _ask(session, _real_items().where(ItemRow.id.in_(item_ids[start : start + _CHUNK])), again=False)


def ask_recent(session: Session, since: datetime) -> None:
    """Puts the tagged items found after `since` in line again, behind the new ones."""
    tagged = ItemRow.stage.in_((Stage.TAGGED, Stage.GROUPED))
    _ask(session, _real_items().where(ItemRow.found_at > since, tagged), again=True)


def waiting(session: Session, limit: int) -> dict[int, int]:
    """Item and how often it was asked for: the new ones first, then the newest of those asked for again."""
    query = select(TopicQueueRow.item_id, TopicQueueRow.asked)
    ordered = query.order_by(TopicQueueRow.again, TopicQueueRow.item_id.desc()).limit(limit)
    return {item_id: asked for item_id, asked in session.execute(ordered)}  # noqa: C416 (a row is no tuple)


def items(session: Session, item_ids: Sequence[int], model: str) -> dict[int, WaitingItem]:
    """The items as they stand, with what the model said of their current version."""
    query = (
        select(ItemRow.id, ItemRow.version, TagRow.embedding, SourceRow.region)
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .outerjoin(
            TagRow, (TagRow.item_id == ItemRow.id) & (TagRow.version == ItemRow.version) & (TagRow.model == model)
        )
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


def still_of_version(session: Session, versions: Mapping[int, int]) -> set[int]:
    """Those of the items that have no newer version, held."""
    return {id_ for id_, version in hold(session, versions).items() if versions[id_] == version}


def hold(session: Session, item_ids: Iterable[int]) -> dict[int, int]:
    """Items and their versions, locked until the transaction ends, always in one order."""
    query = select(ItemRow.id, ItemRow.version).where(ItemRow.id.in_(list(item_ids))).order_by(ItemRow.id)
    rows = session.execute(query.with_for_update(of=ItemRow, key_share=True))
    return {id_: version for id_, version in rows}  # noqa: C416 (a row is no tuple to the type checker)


def done(session: Session, asked: Mapping[int, int]) -> None:
    """Takes items out of the line, but for those that were asked for again meanwhile."""
    seen = tuple_(TopicQueueRow.item_id, TopicQueueRow.asked).in_(sorted(asked.items()))
    session.execute(delete(TopicQueueRow).where(seen))


def _vector(embedding: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    whole = embedding is not None and embedding.size == EMBEDDING_DIM
    return unit_rows(embedding[None, :])[0] if embedding is not None and whole else None


def _real_items() -> Select[int]:
    """Exercises count nowhere."""
    own = select(ItemRow.id).join(SourceRow, SourceRow.id == ItemRow.source_id)
    return own.where(SourceRow.role != SourceRole.EXERCISE)


def _ask(session: Session, found: Select[int], *, again: bool) -> None:
    rows = found.add_columns(literal(again), literal(1)).order_by(ItemRow.id)
    changes: dict[str, Any] = {"asked": TopicQueueRow.asked + 1}
    if not again:
        changes["again"] = False
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    into = insert(TopicQueueRow).from_select(["item_id", "again", "asked"], rows)
    session.execute(into.on_conflict_do_update(index_elements=["item_id"], set_=changes))
