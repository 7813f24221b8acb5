"""Moving items between stories: joining two, parting one, and taking either back. Who may is decided by the callers.

Each is one edit (`story_edits`) that holds all that its undo needs, and leaves both stories whole: every item in one
story, one opener in each, places and headline of the items that are there, alerts folded, both to be ranked anew. They
run in the caller's writing transaction; killed at any moment, it is all done or nothing is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from waspada.alerts import folding
from waspada.store.tables import ItemRow, StoryEditItemRow, StoryEditRow, StoryItemRow, StoryPlaceRow, StoryRow
from waspada.stories.edits import EditKind, EditPart
from waspada.stories.headlines import note_headline
from waspada.stories.policy import decide
from waspada.stories.repository import fingerprints, rebuild_places
from waspada.stories.types import Candidate, How
from waspada.taxonomy import ItemKind

#: So many of the newest items of a story are compared with what joins it.
_COMPARED = 12

Before = Mapping[int, tuple[str, float]]


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
    items = [row.item_id for row in _members(session, story.id)]
    if not items:
        return None
    how = _how_it_joins(session, items, into)
    edit = _move(session, EditKind.MERGE, items, story, into, by, how=how, likeness=likeness)
    _end(session, edit, story, into, by)
    return edit


def part(session: Session, story: StoryRow, item_ids: Collection[int], by: By) -> StoryEditRow:
    """Moves some items of a story into a new one."""
    new = StoryRow(opened_at=by.now, last_item_at=story.last_item_at, headline="", stale=True)
    session.add(new)
    session.flush()
    return _move(session, EditKind.SPLIT, item_ids, story, new, by)


def revert(session: Session, edit: StoryEditRow, by: By) -> StoryEditRow:
    """Moves the items of an edit back to where they came from; those that came since stay where they are.

    Takes a merge's fold of the alerts back; where a split's new story is left without items, its alert is folded.
    """
    source, target = session.get_one(StoryRow, edit.into_id), session.get_one(StoryRow, edit.story_id)
    rows = session.scalars(select(StoryEditItemRow).where(StoryEditItemRow.edit_id == edit.id)).all()
    before = {row.item_id: (row.how, row.likeness) for row in rows}
    items = [row.item_id for row in rows if row.part == EditPart.MOVED]
    undo = _move(session, EditKind.UNDO, items, source, target, by, before=before, undoes=edit.id)
    if edit.kind == EditKind.MERGE:
        folding.unfold(session, edit.alerts, target.id, source.id, edit_id=undo.id, actor=by.actor, now=by.now)
    elif not _members(session, source.id):
        _end(session, undo, source, target, by)
    return undo


def _how_it_joins(session: Session, items: Sequence[int], into: StoryRow) -> How:
    """Whether what opened a story copies one of the story that takes it in: a copy is no voice of its own."""
    opener = session.scalar(
        select(StoryItemRow.item_id).where(StoryItemRow.item_id.in_(items), StoryItemRow.how == How.FIRST).limit(1)
    )
    theirs = [row.item_id for row in _members(session, into.id)][-_COMPARED:]
    found = fingerprints(session, [*theirs, *([opener] if opener is not None else [])])
    if opener is None or opener not in found:
        return How.EVENT
    joined = decide(found[opener], [Candidate(into.id, found[id_]) for id_ in theirs if id_ in found])
    return joined.how if joined.story_id is not None else How.EVENT


def _end(session: Session, edit: StoryEditRow, story: StoryRow, into: StoryRow, by: By) -> None:
    """The story has no items left: it stands for the other one from now on."""
    story.merged_into, story.stale, story.to_repair = into.id, False, False
    edit.alerts = folding.fold(session, story.id, into.id, edit_id=edit.id, actor=by.actor, now=by.now)
    session.flush()


def _move(
    session: Session,
    kind: EditKind,
    item_ids: Collection[int],
    source: StoryRow,
    target: StoryRow,
    by: By,
    *,
    how: How = How.EVENT,
    likeness: float = 1.0,
    before: Before | None = None,
    undoes: int | None = None,
) -> StoryEditRow:
    """Moves items and notes it; `before` says why the items stood where they stood before an edit that is undone."""
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
    wanted, here, there = set(item_ids), _members(session, source.id), _members(session, target.id)
    moved = [row for row in here if row.item_id in wanted]
    stayed = [row for row in here if row.item_id not in wanted]
    for rows, role in ((moved, EditPart.MOVED), (stayed, EditPart.STAYED), (there, EditPart.MET)):
        session.add_all(
            StoryEditItemRow(edit_id=edit.id, item_id=row.item_id, part=role, how=row.how, likeness=row.likeness)
            for row in rows
        )
    for row in moved:
        row.story_id = target.id
        if before is not None:
            row.how, row.likeness = before.get(row.item_id, (row.how, row.likeness))
        elif kind is EditKind.MERGE and row.how == How.FIRST:  # the story that goes on has its own opener
            row.how, row.likeness = how, likeness
    session.flush()
    target.merged_into = None
    for story in (source, target):
        _settle(session, story, before or {}, by.now)
    return edit


def _settle(session: Session, story: StoryRow, before: Before, now: datetime) -> None:
    """Makes what is known of a story fit the items that it has now."""
    items = _items(session, story.id)
    if items:
        story.last_item_at = max(item.at for item, _ in items)
        _keep_one_opener(items, before)
        story.headline = _headline(story.headline, [item for item, _ in items])
        rebuild_places(session, story.id)
        note_headline(session, story, now)
    else:
        session.execute(delete(StoryPlaceRow).where(StoryPlaceRow.story_id == story.id))
    story.stale, story.to_repair = True, True
    session.flush()


def _keep_one_opener(items: Sequence[tuple[ItemRow, StoryItemRow]], before: Before) -> None:
    """A copy that is left without its original speaks for itself: the oldest item opens a story that lost its opener.

    Where an undo brings the opener back, the one that stood in for it is what it was.
    """
    openers = [row for _, row in items if row.how == How.FIRST]
    if not openers:
        row = items[0][1]
        row.how, row.likeness = How.FIRST, 1.0
    for row in openers if len(openers) > 1 else ():
        how, likeness = before.get(row.item_id, (How.EVENT.value, row.likeness))
        if how != How.FIRST:
            row.how, row.likeness = how, likeness


def _headline(current: str, items: Iterable[ItemRow]) -> str:
    """The headline that stands, where it is of an item that is there; else the title of the first article."""
    titles = [item.title for item in items if item.kind != ItemKind.POST and item.title]
    return current if current in titles else next(iter(titles), "")


def _members(session: Session, story_id: int) -> list[StoryItemRow]:
    query = select(StoryItemRow).where(StoryItemRow.story_id == story_id).order_by(StoryItemRow.item_id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _items(session: Session, story_id: int) -> list[tuple[ItemRow, StoryItemRow]]:
    """The items of a story, the oldest first."""
    query: Any = (
        select(ItemRow, StoryItemRow)
        .join(StoryItemRow, StoryItemRow.item_id == ItemRow.id)
        .where(StoryItemRow.story_id == story_id)
    )
    return sorted(((item, row) for item, row in session.execute(query)), key=lambda pair: (pair[0].at, pair[0].id))
