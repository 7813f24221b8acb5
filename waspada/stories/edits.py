"""Merges and splits of stories: their shapes, and reading them. Items are moved in `merging`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from waspada.errors import ConflictError, NotFoundError
from waspada.store.tables import StoryEditItemRow, StoryEditRow, StoryRow
from waspada.stories.headlines import HeadlineVersion, headlines

EDITS_SHOWN = 100
_CHANGES_SHOWN = 5


class EditKind(StrEnum):
    MERGE = "merge"
    SPLIT = "split"
    UNDO = "undo"


class EditPart(StrEnum):
    """An item's part in an edit. Moved and stayed items were parted, moved and met ones brought together."""

    MOVED = "moved"  # from the one story to the other
    STAYED = "stayed"  # in the story that the others left
    MET = "met"  # stood in the story that the others came to


@dataclass(frozen=True, slots=True)
class StoryEdit:
    """Items went from `story_id` to `into_id`. `item_ids` are those that still exist; `undone_by` is an edit's id."""

    id: int
    at: datetime
    actor: str
    kind: EditKind
    story_id: int
    into_id: int
    item_ids: Sequence[int]
    reason: str
    undoes: int | None
    undone_by: int | None

    @property
    def can_be_undone(self) -> bool:
        return self.kind is not EditKind.UNDO and self.undone_by is None


@dataclass(frozen=True, slots=True)
class StoryHistory:
    """What was done to a story, newest first, and its headlines. `revision` is 0, then the id of the newest edit."""

    revision: int
    merged_into: int | None
    edits: Sequence[StoryEdit]
    headlines: Sequence[HeadlineVersion]


@dataclass(frozen=True, slots=True)
class StoryEdited:
    """`actor` moved items. After an undo `stayed` are those that came since and stay where they are."""

    actor: str
    edit: StoryEdit
    stayed: Sequence[int]


class StaleStoryError(ConflictError):
    """Somebody else edited the story first; `changes` says who and how, newest first."""

    def __init__(self, story_id: int, revision: int, changes: Sequence[StoryEdit]) -> None:
        said = "; ".join(f"{change.actor}: {change.kind}" for change in changes)
        super().__init__(
            f"Story {story_id} was edited since you looked at it ({said or 'see its history'}).",
            hint="Look at the story again, then decide.",
        )
        self.revision = revision
        self.changes = changes


def history(session: Session, story_id: int) -> StoryHistory:
    """What was done to a story and the headlines that it had."""
    return StoryHistory(
        revision_of(session, story_id),
        session.scalar(select(StoryRow.merged_into).where(StoryRow.id == story_id)),
        edits_of(session, story_id),
        headlines(session, story_id),
    )


def revision_of(session: Session, story_id: int) -> int:
    """The id of the newest edit of a story, 0 where there is none: new members change nothing about it."""
    return session.scalar(select(func.max(StoryEditRow.id)).where(_touches(story_id))) or 0


def edits_of(session: Session, story_id: int, *, since: int = 0) -> list[StoryEdit]:
    """The edits of a story, newest first, at most `EDITS_SHOWN`; those after the edit `since`."""
    query = select(StoryEditRow).where(_touches(story_id), StoryEditRow.id > since)
    rows = session.scalars(query.order_by(StoryEditRow.id.desc()).limit(EDITS_SHOWN)).all()
    return _edits(session, rows)


def edit_of(session: Session, edit_id: int) -> StoryEdit:
    """One edit. Raises NotFoundError."""
    row = session.get(StoryEditRow, edit_id)
    if row is None:
        raise NotFoundError(f"There is no edit {edit_id} of a story.", hint="The story's history names its edits.")
    return _edits(session, [row])[0]


def check_revision(session: Session, story_id: int, revision: int) -> None:
    """Raises StaleStoryError when the story was edited after `revision`."""
    current = revision_of(session, story_id)
    if current != revision:
        raise StaleStoryError(story_id, current, edits_of(session, story_id, since=revision)[:_CHANGES_SHOWN])


def end_of(session: Session, story_id: int) -> int:
    """The story in which a story's items are now: itself, or what it was merged into, however often."""
    seen = {story_id}
    while (into := session.scalar(select(StoryRow.merged_into).where(StoryRow.id == story_id))) not in (None, *seen):
        assert into is not None  # noqa: S101 (for the type checker)
        seen.add(into)
        story_id = into
    return story_id


def merged_in(session: Session, story_id: int) -> list[int]:
    """The stories whose items are in this one now, directly or over others."""
    found: list[int] = []
    waiting = [story_id]
    while waiting:
        waiting = [
            id_
            for id_ in session.scalars(select(StoryRow.id).where(StoryRow.merged_into.in_(waiting)))
            if id_ not in (story_id, *found)
        ]
        found += waiting
    return found


def newer_move(session: Session, edit: StoryEdit, item_ids: Iterable[int]) -> int | None:
    """The newest edit after this one that moved any of the items and stands."""
    undone = select(StoryEditRow.undoes).where(StoryEditRow.undoes.is_not(None))
    query = (
        select(func.max(StoryEditItemRow.edit_id))
        .join(StoryEditRow, StoryEditRow.id == StoryEditItemRow.edit_id)
        .where(
            StoryEditItemRow.item_id.in_(list(item_ids)),
            StoryEditItemRow.part == EditPart.MOVED,
            StoryEditItemRow.edit_id > edit.id,
            StoryEditRow.id.not_in(undone),
        )
    )
    return session.scalar(query)


def _touches(story_id: int) -> ColumnElement[bool]:
    return or_(StoryEditRow.story_id == story_id, StoryEditRow.into_id == story_id)


def _edits(session: Session, rows: Sequence[StoryEditRow]) -> list[StoryEdit]:
    ids = [row.id for row in rows]
    items: dict[int, list[int]] = {id_: [] for id_ in ids}
    query = select(StoryEditItemRow.edit_id, StoryEditItemRow.item_id).where(
        StoryEditItemRow.edit_id.in_(ids), StoryEditItemRow.part == EditPart.MOVED
    )
    for edit_id, item_id in session.execute(query.order_by(StoryEditItemRow.item_id)):
        items[edit_id].append(item_id)
    undoing = session.execute(select(StoryEditRow.undoes, StoryEditRow.id).where(StoryEditRow.undoes.in_(ids)))
    undone_by = {undoes: id_ for undoes, id_ in undoing}  # noqa: C416 (a row is no tuple to the type checker)
    return [
        StoryEdit(
            id=row.id,
            at=row.at,
            actor=row.actor,
            kind=EditKind(row.kind),
            story_id=row.story_id,
            into_id=row.into_id,
            item_ids=items[row.id],
            reason=row.reason,
            undoes=row.undoes,
            undone_by=undone_by.get(row.id),
        )
        for row in rows
    ]
