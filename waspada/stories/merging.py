"""Moving items between stories: joining two, parting one, and taking either back. Who may is decided by the callers.

Each is one edit (`story_edits`) that holds all that its undo needs, and leaves both stories whole: every item in one
story, one opener in each, places and headline of the items that are there, alerts folded, both to be ranked anew. They
run in the caller's writing transaction; killed at any moment, it is all done or nothing is.

What the machine does costs what it moves: of the items that stay a few are read and hardly one is written, however
many they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, not_, select, true, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from waspada.alerts import folding
from waspada.items.repository import happened_at
from waspada.store.tables import ItemRow, StoryEditItemRow, StoryEditRow, StoryItemRow, StoryPlaceRow, StoryRow
from waspada.stories.edits import EditKind, EditPart
from waspada.stories.headlines import note_headline
from waspada.stories.policy import closest_copy
from waspada.stories.repository import copies_in, fingerprints, newest_items, rebuild_places
from waspada.stories.types import Candidate, How
from waspada.taxonomy import ItemKind

#: Of the items that join a story so many are compared with it: what opened the other one, then posts, then the newest.
_JOINING = 24
#: Each is compared with so many of the newest items of the story, and with so many that share most with it.
_COMPARED = 12
_SHARING = 2

_OPENS = StoryItemRow.how == How.FIRST


@dataclass(frozen=True, slots=True)
class By:
    """Who edits, when and why. What is `binding` the machine respects; what it did itself is not."""

    actor: str
    now: datetime
    binding: bool
    reason: str = ""


def lock(session: Session, story_ids: Collection[int]) -> list[StoryRow]:
    """The stories as they stand in the database, oldest first, locked until the transaction ends."""
    query = select(StoryRow).where(StoryRow.id.in_(story_ids)).order_by(StoryRow.id).with_for_update()
    rows = session.scalars(query.execution_options(populate_existing=True)).all()
    return sorted(rows, key=lambda row: (row.opened_at, row.id))


def join(session: Session, story: StoryRow, into: StoryRow, by: By, likeness: float = 1.0) -> StoryEditRow | None:
    """Moves all items of a story into another one, and folds its alert; None where it has no items (any more)."""
    if not _has_items(session, story.id):
        return None
    copies = _copies(session, story.id, into.id)
    edit = _move(session, EditKind.MERGE, _in(story.id), story, into, by, copies=copies, likeness=likeness)
    _end(session, edit, story, into, by)
    return edit


def part(session: Session, story: StoryRow, item_ids: Collection[int], by: By) -> StoryEditRow:
    """Moves some items of a story into a new one."""
    new = StoryRow(opened_at=by.now, last_item_at=story.last_item_at, headline="", stale=True)
    session.add(new)
    session.flush()
    return _move(session, EditKind.SPLIT, StoryItemRow.item_id.in_(item_ids), story, new, by)


def revert(session: Session, edit: StoryEditRow, by: By) -> StoryEditRow:
    """Moves the items of an edit back to where they came from; those that came since stay where they are.

    Takes a merge's fold of the alerts back. A story that is left without items ends, and its alert is folded into that
    of its `heir`, which must be locked before: whoever folds locks stories first, then alerts.
    """
    source, target = session.get_one(StoryRow, edit.into_id), session.get_one(StoryRow, edit.story_id)
    which = StoryItemRow.item_id.in_(_moved(edit.id))
    undo = _move(session, EditKind.UNDO, which, source, target, by, undoes=edit.id)
    if edit.kind == EditKind.MERGE:
        folding.unfold(session, edit.alerts, target.id, source.id, edit_id=undo.id, actor=by.actor, now=by.now)
    if not _has_items(session, source.id):
        taken_by = heir(session, edit.id)
        _end(session, undo, source, target if taken_by is None else lock(session, (taken_by,))[0], by)
    return undo


def _copies(session: Session, story_id: int, into_id: int) -> dict[int, float]:
    """Which items of a story copy one of the story that takes them in, and how alike they are.

    A copy is no voice of its own, whichever story it opened or told of in another.
    """
    joining = (
        _items(StoryItemRow.item_id, story_id)
        .where(StoryItemRow.how != How.COPY)
        .order_by(_OPENS.desc(), (ItemRow.kind == ItemKind.POST).desc(), StoryItemRow.item_id.desc())
        .limit(_JOINING)
    )
    ours = fingerprints(session, session.scalars(joining))
    near = (copies_in(session, into_id, item, _SHARING) for item in ours.values())
    theirs = fingerprints(session, {*newest_items(session, into_id, _COMPARED), *chain.from_iterable(near)})
    candidates = [Candidate(into_id, item) for item in theirs.values()]
    found = {id_: closest_copy(item, candidates) for id_, item in ours.items()}
    return {id_: join.likeness for id_, join in found.items() if join is not None}


def heir(session: Session, edit_id: int) -> int | None:
    """The story that has now what stood in the one to which the edit brought others, its opener before the rest."""
    now_in = (
        select(StoryItemRow.story_id)
        .join(StoryEditItemRow, StoryEditItemRow.item_id == StoryItemRow.item_id)
        .where(StoryEditItemRow.edit_id == edit_id, StoryEditItemRow.part == EditPart.MET)
        .order_by((StoryEditItemRow.how == How.FIRST).desc(), StoryItemRow.item_id)
    )
    return session.scalar(now_in.limit(1))


def _end(session: Session, edit: StoryEditRow, story: StoryRow, into: StoryRow, by: By) -> None:
    """The story has no items left: it stands for the other one from now on."""
    story.merged_into, story.stale, story.to_repair = into.id, False, False
    edit.alerts = folding.fold(session, story.id, into.id, edit_id=edit.id, actor=by.actor, now=by.now)
    into.stale = True
    session.flush()


def _move(
    session: Session,
    kind: EditKind,
    which: ColumnElement[bool],
    source: StoryRow,
    target: StoryRow,
    by: By,
    *,
    copies: Mapping[int, float] = MappingProxyType({}),
    likeness: float = 1.0,
    undoes: int | None = None,
) -> StoryEditRow:
    """Moves `which` of the source's items and notes it; an undo gives each the reason for which it stood there before.

    Of what stays or is met, an edit that binds nobody notes the opener alone: by it an undo knows the story again.
    """
    edit = StoryEditRow(
        at=by.now,
        actor=by.actor,
        binding=by.binding,
        kind=kind,
        story_id=source.id,
        into_id=target.id,
        reason=by.reason,
        alerts={},
        undoes=undoes,
    )
    session.add(edit)
    session.flush()
    noted = true() if by.binding else _OPENS
    _note(session, edit.id, EditPart.MOVED, _in(source.id), which)
    _note(session, edit.id, EditPart.STAYED, _in(source.id), not_(which), noted)
    _note(session, edit.id, EditPart.MET, _in(target.id), noted)
    moved = update(StoryItemRow).where(StoryItemRow.item_id.in_(_moved(edit.id)))
    if undoes is not None:
        before = select(StoryEditItemRow.how, StoryEditItemRow.likeness).where(
            StoryEditItemRow.edit_id == undoes, StoryEditItemRow.item_id == StoryItemRow.item_id
        )
        how_before, likeness_before = (
            before.with_only_columns(column).scalar_subquery()
            for column in (StoryEditItemRow.how, StoryEditItemRow.likeness)
        )
        session.execute(moved.values(how=how_before, likeness=likeness_before))
    elif kind is EditKind.MERGE:  # the story that goes on has its own opener
        session.execute(moved.where(_OPENS).values(how=How.EVENT, likeness=likeness))
        for item_id, alike in copies.items():
            is_it = StoryItemRow.item_id == item_id
            session.execute(update(StoryItemRow).where(is_it).values(how=How.COPY, likeness=alike))
    session.execute(moved.values(story_id=target.id))
    target.merged_into = None
    if kind is EditKind.MERGE:
        _take_places(session, source.id, target.id)
    else:
        for story in (source, target):
            rebuild_places(session, story.id)
    for story in (source, target):
        _settle(session, story, edit, by.now)
    return edit


def _note(session: Session, edit_id: int, part: EditPart, *which: ColumnElement[bool]) -> None:
    """Notes which items have a part in an edit, and why they stand where they stand."""
    rows = select(
        literal(edit_id), StoryItemRow.item_id, literal(part.value), StoryItemRow.how, StoryItemRow.likeness
    ).where(*which)
    session.execute(insert(StoryEditItemRow).from_select(["edit_id", "item_id", "part", "how", "likeness"], rows))


def _take_places(session: Session, story_id: int, into_id: int) -> None:
    """Counts the places of a story that ends in with those of the other."""
    for row in session.scalars(select(StoryPlaceRow).where(StoryPlaceRow.story_id == story_id)):
        place = session.get(StoryPlaceRow, (row.code, into_id))
        if place is None:
            session.add(
                StoryPlaceRow(
                    code=row.code,
                    story_id=into_id,
                    first_item_at=row.first_item_at,
                    last_item_at=row.last_item_at,
                    eventful=row.eventful,
                    label_groups=row.label_groups,
                )
            )
            continue
        place.first_item_at = min((at for at in (place.first_item_at, row.first_item_at) if at), default=None)
        place.last_item_at = max(place.last_item_at, row.last_item_at)
        place.eventful = place.eventful or row.eventful
        place.label_groups |= row.label_groups
    session.execute(delete(StoryPlaceRow).where(StoryPlaceRow.story_id == story_id))


def _settle(session: Session, story: StoryRow, edit: StoryEditRow, now: datetime) -> None:
    """Makes what is known of a story fit the items that it has now."""
    newest = session.scalar(_items(func.max(happened_at()), story.id))
    if newest is not None:
        story.last_item_at = newest
        _keep_one_opener(session, story.id, edit)
        story.headline = _headline(session, story)
        note_headline(session, story, now)
    story.stale, story.to_repair = True, True
    session.flush()


def _keep_one_opener(session: Session, story_id: int, edit: StoryEditRow) -> None:
    """A copy that is left without its original speaks for itself: the oldest item opens a story that lost its opener.

    Where an undo brings the opener back, the one that stood in for it is what it was.
    """
    rows = _items(StoryItemRow, story_id).execution_options(populate_existing=True)
    openers = session.scalars(rows.where(_OPENS)).all()
    if not openers:
        row = session.scalars(rows.order_by(happened_at(), ItemRow.id).limit(1)).one()
        if session.get(StoryEditItemRow, (edit.id, row.item_id)) is None:
            _note(session, edit.id, EditPart.STAYED, StoryItemRow.item_id == row.item_id)
        row.how, row.likeness = How.FIRST, 1.0
    for row in openers if len(openers) > 1 else ():
        before = session.get(StoryEditItemRow, (edit.undoes, row.item_id)) if edit.undoes is not None else None
        how, likeness = (before.how, before.likeness) if before is not None else (How.EVENT.value, row.likeness)
        if how != How.FIRST:
            row.how, row.likeness = how, likeness


def _headline(session: Session, story: StoryRow) -> str:
    """The headline that stands, where it is of an item that is there; else the title of the first article."""
    titles = _items(ItemRow.title, story.id).where(ItemRow.kind == ItemKind.ARTICLE, ItemRow.title != "").limit(1)
    stands = session.scalar(titles.where(ItemRow.title == story.headline))
    return stands or session.scalar(titles.order_by(happened_at(), ItemRow.id)) or ""


def _in(story_id: int) -> ColumnElement[bool]:
    return StoryItemRow.story_id == story_id


def _ids(story_id: int) -> Select[int]:
    return select(StoryItemRow.item_id).where(_in(story_id))


def _moved(edit_id: int) -> Select[int]:
    return select(StoryEditItemRow.item_id).where(
        StoryEditItemRow.edit_id == edit_id, StoryEditItemRow.part == EditPart.MOVED
    )


def _has_items(session: Session, story_id: int) -> bool:
    return session.scalar(_ids(story_id).limit(1)) is not None


def _items(what: Any, story_id: int) -> Select[Any]:
    """`what` of the items of a story."""
    return select(what).select_from(StoryItemRow).join(ItemRow, ItemRow.id == StoryItemRow.item_id).where(_in(story_id))
