"""SQL about items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from waspada.items.types import Stage
from waspada.store.tables import ItemRow, ItemVersionRow, PlaceRow, RejectRow, SourceRow, TagRow
from waspada.taxonomy import ItemKind, ItemText, Tags


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """An item that waits for its tags: the version that is to be read and what the tagger reads of it."""

    item_id: int
    version: int
    content: ItemText


def by_url_key(session: Session, url_key: str) -> ItemRow | None:
    return session.scalar(select(ItemRow).where(ItemRow.url_key == url_key))


def current_version(session: Session, item: ItemRow) -> ItemVersionRow:
    return session.get_one(ItemVersionRow, (item.id, item.version))


def waiting(session: Session, limit: int) -> list[WaitingItem]:
    """Items without tags, oldest first."""
    rows = session.execute(
        select(
            ItemRow.id,
            ItemRow.version,
            ItemRow.kind,
            ItemVersionRow.title,
            ItemVersionRow.text,
            SourceRow.region,
        )
        .join(
            ItemVersionRow,
            (ItemVersionRow.item_id == ItemRow.id) & (ItemVersionRow.version == ItemRow.version),
        )
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .where(ItemRow.stage == Stage.NEW)
        .order_by(ItemRow.id)
        .limit(limit)
    )
    return [
        WaitingItem(id_, version, ItemText(str(id_), title, text, ItemKind(kind), region))
        for id_, version, kind, title, text, region in rows
    ]


def save_tags(session: Session, item: WaitingItem, tags: Tags, now: datetime) -> None:
    """Stores tags and places of one version and moves the item on, unless a newer version came in meanwhile."""
    session.merge(
        TagRow(
            item_id=item.item_id,
            version=item.version,
            model=tags.model,
            tagged_at=now,
            **tag_columns(tags),
        )
    )
    moved = session.execute(
        update(ItemRow)
        .where(ItemRow.id == item.item_id, ItemRow.version == item.version, ItemRow.stage == Stage.NEW)
        .values(stage=Stage.TAGGED)
    )
    if moved.rowcount:  # type: ignore[attr-defined]
        session.execute(delete(PlaceRow).where(PlaceRow.item_id == item.item_id))
        session.add_all(PlaceRow(item_id=item.item_id, **place.as_contract()) for place in tags.places)


def tag_columns(tags: Tags) -> dict[str, object]:
    """The columns of `TagRow` that come from the contract's form of the tags."""
    line = tags.as_contract()
    kept = ("labels", "aux", "conflict_level", "alert_level", "evidence")
    return {name: line[name] for name in kept} | {"embedding": tags.embedding}


def reject(session: Session, stage: str, object_: str, problem: str, now: datetime) -> None:
    """Keeps aside what a stage could not handle; the newest problem of an object replaces the older one."""
    session.execute(delete(RejectRow).where(RejectRow.stage == stage, RejectRow.object == object_))
    session.add(RejectRow(at=now, stage=stage, object=object_, problem=problem))


def set_aside(session: Session, item_id: int, stage: Stage, version: int | None = None) -> bool:
    """Takes an item out of a stage; False when it has left it already, or (with `version`) has a newer one."""
    where = [ItemRow.id == item_id, ItemRow.stage == stage]
    if version is not None:
        where.append(ItemRow.version == version)
    moved = session.execute(update(ItemRow).where(*where).values(stage=Stage.REJECTED))
    return isinstance(moved, CursorResult) and bool(moved.rowcount)


def places_of(session: Session, item_ids: Sequence[int]) -> dict[int, list[PlaceRow]]:
    """The place mentions of each item, in the order of the text."""
    found: dict[int, list[PlaceRow]] = {id_: [] for id_ in item_ids}
    for row in session.scalars(select(PlaceRow).where(PlaceRow.item_id.in_(item_ids)).order_by(PlaceRow.id)):
        found[row.item_id].append(row)
    return found
