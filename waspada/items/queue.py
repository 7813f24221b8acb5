"""Queues of items that wait for a stage, such as the matching with fact-checks. They stand in the database, so that any
worker may be killed, and any number of them may work on one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, delete, literal, select
from sqlalchemy.orm import Session

from waspada.store.tables import Base, ItemRow, TopicQueueRow, UnmatchedItemRow
from waspada.store.upsert import insert_into

#: SQLite allows 32,766 variables a statement.
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue, by its table: an item, whether it was asked for `again`, and how often it was `asked` for."""

    table: type[UnmatchedItemRow] | type[TopicQueueRow]

    def ask(self, session: Session, items: Select[int], *, again: bool) -> None:
        """Puts items in the queue, by a statement that selects their ids; those asked for `again` stand behind."""
        rows = items.add_columns(literal(again), literal(1)).order_by(ItemRow.id)
        changes: dict[str, Any] = {"asked": self.table.asked + 1}
        if not again:
            changes["again"] = False
        into = insert_into(session, self.table).from_select(["item_id", "again", "asked"], rows)
        session.execute(into.on_conflict_do_update(index_elements=["item_id"], set_=changes))

    def ask_each(self, session: Session, items: Select[int], item_ids: Sequence[int], *, again: bool) -> None:
        """Puts those of the items in the queue that the statement selects."""
        for start in range(0, len(item_ids), _CHUNK):
            self.ask(session, items.where(ItemRow.id.in_(item_ids[start : start + _CHUNK])), again=again)

    def waiting(self, session: Session, limit: int, *, newest_first: bool = False) -> dict[int, int]:
        """Item and how often it was asked for: the new ones first, then those asked for again."""
        order = self.table.item_id.desc() if newest_first else self.table.item_id
        query = select(self.table.item_id, self.table.asked).order_by(self.table.again, order).limit(limit)
        return {item_id: asked for item_id, asked in session.execute(query)}  # noqa: C416 (a row is no tuple)

    def done(self, session: Session, asked: Mapping[int, int]) -> None:
        """Takes items out of the queue, but for those that were asked for again meanwhile."""
        table = Base.metadata.tables[self.table.__tablename__]
        seen = (table.c.item_id == bindparam("of_item")) & (table.c.asked == bindparam("of_asked"))
        rows = [
            {"of_item": item_id, "of_asked": times} for item_id, times in sorted(asked.items())
        ]  # as `ask` locks them
        session.connection().execute(delete(table).where(seen), rows)


def still_of_version(session: Session, versions: Mapping[int, int]) -> set[int]:
    """Those of the items (id -> version) that have no newer version, held as by `hold`."""
    return {id_ for id_, version in hold(session, versions).items() if versions[id_] == version}


def hold(session: Session, item_ids: Iterable[int]) -> dict[int, int]:
    """Items and their versions, locked until the transaction ends, always in one order."""
    query = select(ItemRow.id, ItemRow.version).where(ItemRow.id.in_(list(item_ids))).order_by(ItemRow.id)
    rows = session.execute(query.with_for_update(of=ItemRow, key_share=True))
    return {id_: version for id_, version in rows}  # noqa: C416 (a row is no tuple to the type checker)
