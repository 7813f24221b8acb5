"""SQL about items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, Select, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from waspada.items.policy import SAME_CONTENT_WITHIN
from waspada.items.types import Stage
from waspada.store.tables import ItemRow, ItemVersionRow, PlaceRow, RejectRow, SourceRow, TagRow
from waspada.taxonomy import ItemKind, ItemText, Tags

#: What was published longer ago waits behind the rest.
NEWS_FOR = timedelta(days=7)
#: No article has more namesakes than this; a site whose addresses all look alike would have.
_SAME_KEY = 20
#: `last_texts` goes no further back than so many items.
_LOOKED_THROUGH = 5000


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """An item that waits for its tags: the version that is to be read and what the tagger reads of it."""

    item_id: int
    version: int
    content: ItemText


def happened_at() -> ColumnElement[datetime]:
    """`ItemRow.at` in SQL."""
    return func.coalesce(ItemRow.published_at, ItemRow.found_at)


def news_first(now: datetime) -> tuple[ColumnElement[bool], InstrumentedAttribute[int]]:
    """The order of a queue of items: what a backfill brings in, thousands at a time, keeps no news waiting."""
    return happened_at() < now - NEWS_FOR, ItemRow.id


def by_url_key(session: Session, url_key: str) -> ItemRow | None:
    return session.scalar(select(ItemRow).where(ItemRow.url_key == url_key))


def by_content(
    session: Session, outlet: str, sha256: str, since: datetime, published_at: datetime | None
) -> ItemRow | None:
    """The article of this outlet that had these very words in a version seen after `since`.

    Where both times of publication are known they lie within a day: an office issues the same warning every few days.
    """
    query = select(ItemRow)
    if published_at is not None:
        first, last = published_at - SAME_CONTENT_WITHIN, published_at + SAME_CONTENT_WITHIN
        query = query.where(or_(ItemRow.published_at.is_(None), ItemRow.published_at.between(first, last)))
    return session.scalar(
        query.join(ItemVersionRow, ItemVersionRow.item_id == ItemRow.id)
        .where(
            ItemVersionRow.sha256 == sha256,
            ItemVersionRow.seen_at > since,
            ItemRow.outlet == outlet,
            ItemRow.kind == ItemKind.ARTICLE,
        )
        .order_by(ItemRow.id)
        .limit(1)
    )


def by_article_key(session: Session, outlet: str, article_key: str) -> list[ItemRow]:
    """Articles of this outlet whose address may lead to the same article, oldest first."""
    query = select(ItemRow).where(ItemRow.article_key == article_key, ItemRow.outlet == outlet)
    return list(session.scalars(query.order_by(ItemRow.id).limit(_SAME_KEY)))


def had_content(session: Session, item_id: int, sha256: str) -> bool:
    """Whether a version of the item had these very words."""
    query = select(ItemVersionRow.version).where(ItemVersionRow.item_id == item_id, ItemVersionRow.sha256 == sha256)
    return session.scalar(query.limit(1)) is not None


def current_version(session: Session, item: ItemRow) -> ItemVersionRow:
    return session.get_one(ItemVersionRow, (item.id, item.version))


def last_texts(session: Session, source_id: str, limit: int, a_day: int) -> list[tuple[date, str]]:
    """The current texts of a source's newest items, at most `a_day` of one day (UTC), with that day, oldest first."""
    own = select(ItemRow.id, happened_at().label("at")).where(ItemRow.source_id == source_id)
    newest = own.order_by(ItemRow.id.desc()).limit(_LOOKED_THROUGH).subquery()
    place = func.row_number().over(partition_by=func.date(newest.c.at), order_by=newest.c.id.desc()).label("place")
    ranked = select(newest.c.id, place).subquery()
    chosen = select(ranked.c.id).where(ranked.c.place <= a_day).order_by(ranked.c.id.desc()).limit(limit).subquery()
    rows = session.execute(
        select(ItemRow.published_at, ItemRow.found_at, ItemVersionRow.text)
        .join(chosen, chosen.c.id == ItemRow.id)
        .join(ItemVersionRow, (ItemVersionRow.item_id == ItemRow.id) & (ItemVersionRow.version == ItemRow.version))
        .order_by(ItemRow.id)
    )
    return [((published_at or found_at).date(), text) for published_at, found_at, text in rows]


def waiting(session: Session, limit: int, now: datetime) -> list[WaitingItem]:
    """Items without tags, the news first, each in the order in which they came."""
    first = select(ItemRow.id).where(ItemRow.stage == Stage.NEW).order_by(*news_first(now)).limit(limit).subquery()
    return _to_read(session, _READ.join(first, first.c.id == ItemRow.id).order_by(*news_first(now)))


def of_ids(session: Session, item_ids: Sequence[int]) -> list[WaitingItem]:
    """Items as they stand, whatever stage they are in, the newest first."""
    return _to_read(session, _READ.where(ItemRow.id.in_(item_ids)).order_by(ItemRow.id.desc()))


#: What a tagger reads of an item.
_READ = (
    select(ItemRow.id, ItemRow.version, ItemRow.kind, ItemVersionRow.title, ItemVersionRow.text, SourceRow.region)
    .join(ItemVersionRow, (ItemVersionRow.item_id == ItemRow.id) & (ItemVersionRow.version == ItemRow.version))
    .join(SourceRow, SourceRow.id == ItemRow.source_id)
)


def _to_read(session: Session, query: Select[int, int, str, str, str, str | None]) -> list[WaitingItem]:
    return [
        WaitingItem(id_, version, ItemText(str(id_), title, text, ItemKind(kind), region))
        for id_, version, kind, title, text, region in session.execute(query)
    ]


def save_tags(session: Session, item: WaitingItem, tags: Tags, now: datetime) -> None:
    """Stores tags and places of one version and moves the item on, unless a newer version came in meanwhile."""
    session.merge(
        TagRow(
            item_id=item.item_id,
            version=item.version,
            model=tags.model,
            tagged_at=now,
            beside=False,
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


def keep_tags(session: Session, item: WaitingItem, tags: Tags, now: datetime) -> None:
    """Stores what the model in use says of a version that was read before; its places and its stage stay."""
    if session.get(ItemVersionRow, (item.item_id, item.version)) is None:
        return
    columns = tag_columns(tags)
    session.merge(
        TagRow(item_id=item.item_id, version=item.version, model=tags.model, tagged_at=now, beside=False, **columns)
    )


def save_beside(session: Session, item: WaitingItem, tags: Tags, now: datetime) -> None:
    """Stores what a model that is not in use says of a version; its tags that are there already stay as they are."""
    known = session.get(TagRow, (item.item_id, item.version, tags.model))
    if known is None and session.get(ItemVersionRow, (item.item_id, item.version)) is not None:
        session.add(
            TagRow(
                item_id=item.item_id,
                version=item.version,
                model=tags.model,
                tagged_at=now,
                beside=True,
                **tag_columns(tags),
            )
        )
        session.flush()


def tag_columns(tags: Tags) -> dict[str, object]:
    """The columns of `TagRow` that come from the contract's form of the tags."""
    line = tags.as_contract()
    kept = ("labels", "aux", "conflict_level", "alert_level", "evidence")
    alert_p = None if tags.alert_p is None else list(tags.alert_p)
    own = {"embedding": tags.embedding, "alert_p": alert_p, "log_odds": tags.log_odds}
    return {name: line[name] for name in kept} | own


def reject(session: Session, stage: str, object_: str, problem: str, now: datetime) -> None:
    """Keeps aside what a stage could not handle; the newest problem of an object replaces the older one."""
    session.execute(delete(RejectRow).where(RejectRow.stage == stage, RejectRow.object == object_))
    session.add(RejectRow(at=now, stage=stage, object=object_, problem=problem))


def clear_reject(session: Session, stage: str, object_: str) -> None:
    """Takes off the list what a stage could handle after all."""
    session.execute(delete(RejectRow).where(RejectRow.stage == stage, RejectRow.object == object_))


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
