"""SQL that reads what an alert rests on: items with their tags, places and versions, and the story they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from waspada.alerts.types import EvidenceView, ItemView, PlaceView, StoryView, VersionView
from waspada.errors import InputError, NotFoundError
from waspada.items.repository import places_of
from waspada.items.standing import last_is_read, stands
from waspada.places import is_within
from waspada.reports.types import ReportState
from waspada.store.tables import (
    AlertPlaceRow,
    AlertRow,
    FieldReportRow,
    FingerprintRow,
    ItemRow,
    ItemVersionRow,
    PlaceRow,
    StoryItemRow,
    StoryPlaceRow,
    StoryRow,
    TagRow,
)
from waspada.stories.edits import end_of
from waspada.taxonomy import ItemKind


def item(session: Session, item_id: int, *, within: str | None = None) -> ItemView:
    """One item with all its versions. Raises NotFoundError, also when it lies outside the reader's region."""
    found = _read(session, _base().where(ItemRow.id == item_id))
    if not found or not readable(session, [item_id], within):
        raise NotFoundError(f"There is no item {item_id} in your area.", hint="It may have been removed.")
    return with_versions(session, found)[0]


def versions_to_compare(
    item: ItemView, old: int | None = None, new: int | None = None
) -> tuple[VersionView, VersionView]:
    """Two versions of an item: those asked for, else the current one and the one before it.

    Raises NotFoundError where the item has no such versions, InputError when both are the same.
    """
    known = {one.version: one for one in item.versions}
    later = item.version if new is None else new
    before = max((number for number in known if number < later), default=None) if old is None else old
    if before is None or before not in known or later not in known:
        raise NotFoundError(
            f"The item {item.id} has no such two versions.", hint=f"It has {len(known)}; see /items/{item.id}/versions."
        )
    if before == later:
        raise InputError(f"The version {later} would be compared with itself.", hint="Name two versions.")
    return known[before], known[later]


def of_story(
    session: Session, story_id: int, *, before_id: int | None = None, limit: int = 50, within: str | None = None
) -> list[ItemView]:
    """Items of a story, the newest found first; `before_id` goes on after a page. Without their older versions.

    `within` is the reader's region: field reports from elsewhere are left out, which a story of two regions may hold.
    """
    query = _base().where(StoryItemRow.story_id == story_id).order_by(ItemRow.id.desc()).limit(limit)
    if within is not None:
        query = query.where(or_(FieldReportRow.id.is_(None), under(FieldReportRow.region, within)))
    if before_id is not None:
        query = query.where(ItemRow.id < before_id)
    return _read(session, query)


def by_ids(session: Session, item_ids: Sequence[int]) -> dict[int, ItemView]:
    """Items by id, without their older versions. What a reader may see is the caller's care."""
    return {view.id: view for view in _read(session, _base().where(ItemRow.id.in_(item_ids)))}


def with_versions(session: Session, items: Sequence[ItemView]) -> list[ItemView]:
    """The same items with every version of their text, oldest first."""
    versions: dict[int, list[VersionView]] = {view.id: [] for view in items}
    query = select(ItemVersionRow).where(ItemVersionRow.item_id.in_(list(versions)))
    for row in session.scalars(query.order_by(ItemVersionRow.item_id, ItemVersionRow.version)):
        versions[row.item_id].append(VersionView(row.version, row.title, row.text, row.seen_at))
    return [replace(view, versions=versions[view.id]) for view in items]


def story(session: Session, story_id: int, *, within: str | None = None) -> StoryView:
    """A story without its items. Raises NotFoundError, also when it lies outside the reader's region.

    It lies where its alert does; one without an alert, where its items happened; one that was merged and has no alert,
    where the story lies that has its items.
    """
    row, alert_id = session.get(StoryRow, story_id), _alert_of(session, story_id)
    where = story_id if alert_id is not None else end_of(session, story_id)
    if row is None or not _lies_in(session, where, within):
        raise NotFoundError(f"There is no story {story_id} in your area.", hint="It may belong to another region.")
    members = select(func.count()).select_from(StoryItemRow).where(StoryItemRow.story_id == story_id)
    count = session.scalar(members) or 0
    return StoryView(row.id, row.headline, row.opened_at, row.last_item_at, count, alert_id, row.merged_into)


def readable(session: Session, item_ids: Iterable[int], within: str | None) -> set[int]:
    """Those of the items that lie in the reader's region themselves, or in a story that does."""
    wanted = set(item_ids)
    if within is None:
        return wanted
    return set(session.scalars(select(ItemRow.id).where(ItemRow.id.in_(wanted), lies_within(within))))


def lies_within(region: str) -> ColumnElement[bool]:
    """Whether an item names a place of the region, or its story lies there: by its alert, or, without one, by where its
    items happened; a field report lies where it was reported from, and nowhere else. A condition on `ItemRow`."""
    named = select(PlaceRow.id).where(PlaceRow.item_id == ItemRow.id, under(PlaceRow.code, region))
    alerts = (
        select(AlertRow.id)
        .join(StoryItemRow, StoryItemRow.story_id == AlertRow.story_id)
        .where(StoryItemRow.item_id == ItemRow.id)
    )
    alerted = alerts.join(AlertPlaceRow, AlertPlaceRow.alert_id == AlertRow.id).where(under(AlertPlaceRow.code, region))
    happened = (
        select(StoryPlaceRow.code)
        .join(StoryItemRow, StoryItemRow.story_id == StoryPlaceRow.story_id)
        .where(StoryItemRow.item_id == ItemRow.id, under(StoryPlaceRow.code, region))
    )
    reported = select(FieldReportRow.id).where(FieldReportRow.item_id == ItemRow.id)
    mine = reported.where(under(FieldReportRow.region, region))
    near = or_(named.exists(), alerted.exists(), and_(~alerts.exists(), happened.exists()))
    return or_(mine.exists(), and_(~reported.exists(), near))


def under(column: Any, code: str) -> ColumnElement[bool]:
    """The region itself or any below it: 63 holds 63.71 and 63.71.01, not 630."""
    return or_(column == code, column.startswith(f"{code}.", autoescape=True))


def happened_in(session: Session, item_ids: Iterable[int], within: str | None) -> bool:
    """Whether one of the items tells of something that happened in the region."""
    query = select(FingerprintRow.regions).where(FingerprintRow.item_id.in_(list(item_ids)))
    return within is None or any(is_within(code, within) for codes in session.scalars(query) for code in codes)


def _base() -> Select[*tuple[Any, ...]]:
    return (
        select(ItemRow, ItemVersionRow.text, StoryItemRow.story_id, StoryItemRow.how, FieldReportRow.state)
        .join(ItemVersionRow, (ItemVersionRow.item_id == ItemRow.id) & (ItemVersionRow.version == ItemRow.version))
        .outerjoin(StoryItemRow, StoryItemRow.item_id == ItemRow.id)
        .outerjoin(FieldReportRow, FieldReportRow.item_id == ItemRow.id)
    )


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> list[ItemView]:
    rows = session.execute(query).all()
    ids = [row[0].id for row in rows]
    tags, places = _newest_tags(session, ids), places_of(session, ids)
    return [
        replace(_view(item, text, story_id, how, tags.get(item.id), places[item.id]), report=_report_state(state))
        for item, text, story_id, how, state in rows
    ]


def _report_state(stored: str | None) -> ReportState | None:
    return ReportState(stored) if stored else None


def _newest_tags(session: Session, item_ids: Sequence[int]) -> dict[int, TagRow]:
    """The newest tags of the current version of each item; an item that waits for its tags has none."""
    query = (
        select(TagRow)
        .join(ItemRow, (ItemRow.id == TagRow.item_id) & (ItemRow.version == TagRow.version))
        .where(TagRow.item_id.in_(item_ids), stands())
        .order_by(*last_is_read())
    )
    return {row.item_id: row for row in session.scalars(query)}


def _view(
    row: ItemRow,
    text: str,
    story_id: int | None,
    how: str | None,
    tags: TagRow | None,
    places: Sequence[PlaceRow],
) -> ItemView:
    named = {place.code: PlaceView(place.code, place.name, place.level) for place in places}
    return ItemView(
        id=row.id,
        source_id=row.source_id,
        kind=ItemKind(row.kind),
        outlet=row.outlet,
        url=row.url,
        title=row.title,
        text=text,
        published_at=row.published_at,
        found_at=row.found_at,
        version=row.version,
        story_id=story_id,
        how=how,
        model=tags.model if tags else None,
        labels={name: tag["p"] for name, tag in tags.labels.items() if tag["on"]} if tags else {},
        conflict_level=tags.conflict_level if tags else 0,
        alert_level=tags.alert_level if tags else 0,
        evidence=[EvidenceView(**line) for line in tags.evidence] if tags else [],
        places=list(named.values()),
        lang=row.lang,
    )


def _alert_of(session: Session, story_id: int) -> int | None:
    return session.scalar(select(AlertRow.id).where(AlertRow.story_id == story_id))


def _lies_in(session: Session, story_id: int, within: str | None) -> bool:
    if within is None:
        return True
    alert_id = _alert_of(session, story_id)
    codes = select(StoryPlaceRow.code).where(StoryPlaceRow.story_id == story_id)
    if alert_id is not None:
        codes = select(AlertPlaceRow.code).where(AlertPlaceRow.alert_id == alert_id)
    return any(is_within(code, within) for code in session.scalars(codes))
