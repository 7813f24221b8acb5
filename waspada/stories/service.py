"""What a person does with stories: joining two, parting one, taking either back.

The machine respects it (`bans`). Everything here runs in the caller's transaction, which must be a writing one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.alerts import items
from waspada.alerts.types import StoryView
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.privacy.reasons import reason_of
from waspada.sources.types import SourceRole
from waspada.store.tables import ItemRow, SourceRow, StoryEditRow, StoryItemRow, StoryRow
from waspada.stories import edits, merging, repository
from waspada.stories.edits import EditKind, StoryEdit, StoryEdited, StoryHistory
from waspada.stories.merging import By


def merge(
    session: Session,
    story_id: int,
    other_id: int,
    *,
    actor: str,
    revision: int,
    other_revision: int | None = None,
    reason: str = "",
    now: datetime,
    within: str | None = None,
) -> StoryEdited:
    """Joins two stories into the older one (`edit.into_id`), and their alerts with them.

    `revision` is that of `story_id` as the actor saw it (`edits.history`), `other_revision` that of the other, where
    it was seen. Raises NotFoundError (not there, or outside `within`), InputError (a story with itself, a reason too
    long), StaleStoryError, and ConflictError (one of them was merged already, or has no items left).
    """
    if story_id == other_id:
        raise InputError(f"Story {story_id} would be merged with itself.", hint="Name another story.")
    for id_ in (story_id, other_id):
        items.story(session, id_, within=within)
    by = By(actor, now, True, reason_of(reason))
    into, story = merging.lock(session, (story_id, other_id))
    _refuse_exercises(session, (story_id, other_id))
    edits.check_revision(session, story_id, revision)
    if other_revision is not None:
        edits.check_revision(session, other_id, other_revision)
    for row in (story, into):
        _check_whole(session, row)
    edit = merging.join(session, story, into, by)
    assert edit is not None  # noqa: S101 (it has items: checked under the lock)
    return _edited(session, edit, actor)


def split(
    session: Session,
    story_id: int,
    item_ids: Collection[int],
    *,
    actor: str,
    revision: int,
    reason: str = "",
    now: datetime,
    within: str | None = None,
) -> StoryEdited:
    """Moves some items of a story into a new one (`edit.into_id`); the alert stays with the rest.

    Raises NotFoundError, InputError (none of the items, all of them, or one that is not in the story), StaleStoryError
    and ConflictError (the story was merged).
    """
    items.story(session, story_id, within=within)
    by = By(actor, now, True, reason_of(reason))
    (story,) = merging.lock(session, (story_id,))
    edits.check_revision(session, story_id, revision)
    _check_whole(session, story)
    members = set(session.scalars(select(StoryItemRow.item_id).where(StoryItemRow.story_id == story_id)))
    wanted = set(item_ids)
    if foreign := sorted(wanted - members):
        raise InputError(
            f"Story {story_id} does not hold: {', '.join(map(str, foreign[:10]))}.", hint="Look at the story again."
        )
    if not wanted:
        raise InputError("No item was chosen.", hint="Choose the items that tell of something else.")
    if wanted == members:
        raise InputError(
            f"All {len(members)} items of story {story_id} were chosen.", hint="Leave at least one in the story."
        )
    return _edited(session, merging.part(session, story, wanted, by), actor)


def undo(
    session: Session,
    story_id: int,
    edit_id: int,
    *,
    actor: str,
    reason: str = "",
    now: datetime,
    within: str | None = None,
) -> StoryEdited:
    """Takes an edit of a story back: its items return to where they came from; what came since stays.

    Raises NotFoundError (no such edit of the story, or one of the edit's stories lies outside `within`) and
    ConflictError: for an undo, an edit that was undone, one whose items were moved on by a later edit (which it names),
    and one of whose items none is left.
    """
    items.story(session, story_id, within=within)
    edit = edits.edit_of(session, edit_id)
    if story_id not in (edit.story_id, edit.into_id):
        raise NotFoundError(f"Story {story_id} has no edit {edit_id}.", hint="The story's history names its edits.")
    _check_within(session, edit, within)
    by = By(actor, now, True, reason_of(reason))
    heir = merging.heir(session, edit_id)
    merging.lock(session, {edit.story_id, edit.into_id, *([heir] if heir is not None else [])})
    edit = edits.edit_of(session, edit_id)
    _check_undo(session, edit)
    undone = merging.revert(session, session.get_one(StoryEditRow, edit_id), by)
    return _edited(session, undone, actor)


def history(session: Session, story_id: int, *, within: str | None = None) -> StoryHistory:
    """What was done to a story and its headlines, as far as a reader bound to `within` may read their items."""
    known = edits.history(session, story_id)
    if within is None:
        return known
    titled = {version.item_id for version in known.headlines if version.item_id is not None}
    told = items.readable(session, titled.union(*(edit.item_ids for edit in known.edits)), within)
    return replace(
        known,
        edits=[
            replace(edit, item_ids=[id_ for id_ in edit.item_ids if id_ in told])
            for edit in known.edits
            if not edit.item_ids or told.intersection(edit.item_ids)
        ],
        headlines=[version for version in known.headlines if version.item_id is None or version.item_id in told],
    )


def near(session: Session, story_id: int, *, within: str | None = None, limit: int = 8) -> list[StoryView]:
    """Stories that may tell of the same as this one, the likest in content first, for somebody who looks for them."""
    found: list[StoryView] = []
    for other_id in repository.near_stories(session, story_id):
        if len(found) < limit:
            found += _readable(session, other_id, within)
    return found


def _readable(session: Session, story_id: int, within: str | None) -> list[StoryView]:
    try:
        return [items.story(session, story_id, within=within)]
    except NotFoundError:
        return []


def _check_whole(session: Session, story: StoryRow) -> None:
    if story.merged_into is not None:
        into = edits.end_of(session, story.id)
        raise ConflictError(f"Story {story.id} was merged into story {into}.", hint=f"Look at story {into}.")
    if session.scalar(select(StoryItemRow.item_id).where(StoryItemRow.story_id == story.id).limit(1)) is None:
        raise ConflictError(f"Story {story.id} has no items any more.", hint="They were removed with their retention.")


def _check_within(session: Session, edit: StoryEdit, within: str | None) -> None:
    """An undo changes both stories: one that is empty and has no alert lies where its items happened."""
    for id_ in (edit.story_id, edit.into_id):
        story = items.story(session, id_, within=within)
        is_empty = story.merged_into is not None and story.alert_id is None
        if is_empty and not items.happened_in(session, edit.item_ids, within):
            raise NotFoundError(f"There is no story {id_} in your area.", hint="It may belong to another region.")


def _check_undo(session: Session, edit: StoryEdit) -> None:
    if edit.kind is EditKind.UNDO:
        raise ConflictError(f"Edit {edit.id} is an undo itself.", hint="Merge or split again.")
    if edit.undone_by is not None:
        raise ConflictError(f"Edit {edit.id} was undone already.", hint="Merge or split again.")
    if not edit.item_ids:
        raise ConflictError(f"None of the items of edit {edit.id} is left.", hint="They were removed.")
    where = set(session.scalars(select(StoryItemRow.story_id).where(StoryItemRow.item_id.in_(edit.item_ids))))
    if where != {edit.into_id}:
        raise _moved_on(edit, edits.newer_move(session, edit, edit.item_ids))
    if edit.kind is EditKind.SPLIT:
        merges = [one for one in edits.edits_of(session, edit.story_id) if one.kind is EditKind.MERGE]
        for later in merges:  # one that stands has ended the story to which the items would return
            if later.story_id == edit.story_id and later.undone_by is None:
                raise _moved_on(edit, later.id)


def _moved_on(edit: StoryEdit, later: int | None) -> ConflictError:
    return ConflictError(
        f"What edit {edit.id} moved was moved on since.", hint=f"Undo edit {later} first." if later else ""
    )


def _edited(session: Session, row: StoryEditRow, actor: str) -> StoryEdited:
    edit = edits.edit_of(session, row.id)
    stayed: Sequence[int] = ()
    if edit.undoes is not None:
        first = edits.edit_of(session, edit.undoes)
        since = select(StoryItemRow.item_id).join(ItemRow, ItemRow.id == StoryItemRow.item_id)
        stayed = session.scalars(
            since.where(StoryItemRow.story_id == first.into_id, StoryItemRow.at > first.at).order_by(ItemRow.id)
        ).all()
    return StoryEdited(actor, edit, stayed)


def _refuse_exercises(session: Session, story_ids: Collection[int]) -> None:
    """An exercise counts nowhere and goes after some weeks: nothing real may stand in its story."""
    query = (
        select(StoryItemRow.item_id)
        .join(ItemRow, ItemRow.id == StoryItemRow.item_id)
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .where(StoryItemRow.story_id.in_(story_ids), SourceRow.role == SourceRole.EXERCISE)
    )
    if session.scalar(query.limit(1)) is not None:
        raise ConflictError("One of the stories is an exercise of the canary.", hint="Merge real stories only.")
