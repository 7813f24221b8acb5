"""SQL about the line of items that wait to be matched with fact-checks. It stands in the database, so that any worker
may be killed, and any number of them may work on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from waspada.clock import DEFAULT_ZONE, local_day
from waspada.items.repository import happened_at
from waspada.items.types import Stage
from waspada.sources.types import SourceRole
from waspada.store.tables import (
    ClaimMatchRow,
    FactCheckRow,
    ItemRow,
    ItemVersionRow,
    SourceRow,
    TagRow,
    UnmatchedItemRow,
)

#: SQLite allows 32,766 variables a statement.
_CHUNK = 500
#: What is never matched: fact-checks themselves, and exercises, which count nowhere.
_UNMATCHED = (SourceRole.FACTCHECK, SourceRole.EXERCISE)


@dataclass(frozen=True, slots=True)
class WaitingText:
    """What is matched of an item, the day it is of where the product is at home, and the embedding among its tags."""

    version: int
    title: str
    text: str
    day: date
    vector: NDArray[np.float32] | None = None


def ask(session: Session, item_ids: Sequence[int]) -> None:
    """Puts new and edited items in line; fact-checks themselves never stand there."""
    for start in range(0, len(item_ids), _CHUNK):
        _ask(session, _no_fact_checks().where(ItemRow.id.in_(item_ids[start : start + _CHUNK])), again=False)


def ask_recent(session: Session, since: datetime) -> None:
    """Puts the items found after `since` in line again, behind the new ones."""
    _ask(session, _recent(since), again=True)


def recent(session: Session, since: datetime) -> list[int]:
    """The items found after `since` that may be matched, oldest first."""
    return list(session.scalars(_recent(since).order_by(ItemRow.id)))


def ask_again(session: Session, item_ids: Sequence[int]) -> None:
    """Puts items in line behind the new ones."""
    for start in range(0, len(item_ids), _CHUNK):
        _ask(session, _no_fact_checks().where(ItemRow.id.in_(item_ids[start : start + _CHUNK])), again=True)


def ask_matched(session: Session, claim_ids: Sequence[str]) -> None:
    """Puts the items in line that match these fact-checks: they may no longer."""
    for start in range(0, len(claim_ids), _CHUNK):
        _ask_matched(session, ClaimMatchRow.claim_id.in_(claim_ids[start : start + _CHUNK]))


def looked_back(session: Session, checks: Iterable[tuple[str, int]]) -> None:
    """Notes that recent items were looked at for these fact-checks, by id and number."""
    for id_, seq in checks:
        which = (FactCheckRow.id == id_, FactCheckRow.seq == seq)
        session.execute(update(FactCheckRow).where(*which).values(looked_back=True))


def look_back(session: Session, since: datetime) -> None:
    """Asks for all items found after `since`, and for older ones that match, once for all new fact-checks together."""
    new = FactCheckRow.looked_back.is_(False)
    _ask_matched(session, ClaimMatchRow.claim_id.in_(select(FactCheckRow.id).where(new)))
    if session.execute(update(FactCheckRow).where(new).values(looked_back=True)).rowcount:  # type: ignore[attr-defined]
        ask_recent(session, since)


def waiting(session: Session, limit: int) -> list[tuple[int, int]]:
    """Item and how often it was asked for: the new ones first, in the order in which they came."""
    query = select(UnmatchedItemRow.item_id, UnmatchedItemRow.asked)
    ordered = query.order_by(UnmatchedItemRow.again, UnmatchedItemRow.item_id).limit(limit)
    return [(item_id, asked) for item_id, asked in session.execute(ordered)]


def texts(session: Session, item_ids: Sequence[int], model: str | None = None) -> dict[int, WaitingText]:
    """What is matched of the items as they stand, with the embeddings that a model gave them."""
    tags = (TagRow.item_id == ItemRow.id) & (TagRow.version == ItemRow.version) & (TagRow.model == model)
    query = (
        select(ItemRow.id, ItemRow.version, ItemVersionRow.title, ItemVersionRow.text, happened_at(), TagRow.embedding)
        .join(ItemVersionRow, (ItemVersionRow.item_id == ItemRow.id) & (ItemVersionRow.version == ItemRow.version))
        .outerjoin(TagRow, tags)
        .where(ItemRow.id.in_(item_ids))
    )
    return {
        id_: WaitingText(version, title, text, local_day(at, DEFAULT_ZONE), vector)
        for id_, version, title, text, at, vector in session.execute(query)
    }


def still_of_version(session: Session, versions: dict[int, int]) -> set[int]:
    """Those of the items that have no newer version, locked until the transaction ends, always in one order."""
    query = select(ItemRow.id, ItemRow.version).where(ItemRow.id.in_(list(versions))).order_by(ItemRow.id)
    rows = session.execute(query.with_for_update(of=ItemRow, key_share=True))
    return {id_ for id_, version in rows if versions[id_] == version}


def done(session: Session, item_id: int, asked: int) -> None:
    """Takes an item out of the line, unless it was asked for again meanwhile."""
    session.execute(
        delete(UnmatchedItemRow).where(UnmatchedItemRow.item_id == item_id, UnmatchedItemRow.asked == asked)
    )


def _ask_matched(session: Session, which: ColumnElement[bool]) -> None:
    _ask(session, _no_fact_checks().where(ItemRow.id.in_(select(ClaimMatchRow.item_id).where(which))), again=True)


def _recent(since: datetime) -> Select[int]:
    return _no_fact_checks().where(ItemRow.found_at > since, ItemRow.stage == Stage.GROUPED)


def _no_fact_checks() -> Select[int]:
    return (
        select(ItemRow.id)
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .outerjoin(FactCheckRow, FactCheckRow.item_id == ItemRow.id)
        .where(SourceRow.role.not_in(_UNMATCHED), FactCheckRow.id.is_(None))
    )


def _ask(session: Session, items: Select[int], *, again: bool) -> None:
    rows = items.add_columns(literal(again), literal(1)).order_by(ItemRow.id)
    changes: dict[str, Any] = {"asked": UnmatchedItemRow.asked + 1}
    if not again:
        changes["again"] = False
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    into = insert(UnmatchedItemRow).from_select(["item_id", "again", "asked"], rows)
    session.execute(into.on_conflict_do_update(index_elements=["item_id"], set_=changes))
