"""SQL about the queue of items that wait to be matched with fact-checks (`waspada.items.queue`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, false, select, update
from sqlalchemy.orm import Session

from waspada.clock import DEFAULT_ZONE, local_day
from waspada.items.queue import Queue
from waspada.items.repository import happened_at
from waspada.items.standing import embedded_by
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

QUEUE = Queue(UnmatchedItemRow)
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


def ask(session: Session, item_ids: Sequence[int], *, again: bool = False) -> None:
    """Puts items in the queue, those asked for again behind the new and edited ones; fact-checks never stand there."""
    QUEUE.ask_each(session, _no_fact_checks(), item_ids, again=again)


def ask_recent(session: Session, since: datetime) -> None:
    """Puts the items found after `since` in the queue again."""
    QUEUE.ask(session, _recent(since), again=True)


def recent(session: Session, since: datetime) -> list[int]:
    """The items found after `since` that may be matched, oldest first."""
    return list(session.scalars(_recent(since).order_by(ItemRow.id)))


def ask_matched(session: Session, which: ColumnElement[bool]) -> None:
    """Puts the items in the queue that have these matches, by a condition on `ClaimMatchRow`: they may no longer."""
    matched = select(ClaimMatchRow.item_id).where(which)
    QUEUE.ask(session, _no_fact_checks().where(ItemRow.id.in_(matched)), again=True)


def looked_back(session: Session, checks: Iterable[tuple[str, int]]) -> None:
    """Notes that recent items were looked at for these fact-checks, by id and number."""
    for id_, seq in checks:
        which = (FactCheckRow.id == id_, FactCheckRow.seq == seq)
        session.execute(update(FactCheckRow).where(*which).values(looked_back=True))


def look_back(session: Session, since: datetime) -> None:
    """Asks for all items found after `since`, and for older ones that match, once for all new fact-checks together."""
    new = FactCheckRow.looked_back.is_(False)
    ask_matched(session, ClaimMatchRow.claim_id.in_(select(FactCheckRow.id).where(new)))
    if session.execute(update(FactCheckRow).where(new).values(looked_back=True)).rowcount:  # type: ignore[attr-defined]
        ask_recent(session, since)


def texts(session: Session, item_ids: Sequence[int], model: str | None = None) -> dict[int, WaitingText]:
    """What is matched of the items as they stand, with the embeddings that a model gave them."""
    own = false() if model is None else embedded_by(model)
    tags = (TagRow.item_id == ItemRow.id) & (TagRow.version == ItemRow.version) & own
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


def _recent(since: datetime) -> Select[int]:
    return _no_fact_checks().where(ItemRow.found_at > since, ItemRow.stage == Stage.GROUPED)


def _no_fact_checks() -> Select[int]:
    return (
        select(ItemRow.id)
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .outerjoin(FactCheckRow, FactCheckRow.item_id == ItemRow.id)
        .where(SourceRow.role.not_in(_UNMATCHED), FactCheckRow.id.is_(None))
    )
