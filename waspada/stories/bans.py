"""What persons said about items: which are of one event and which are not. The machine does not go against it while
the items are kept: with an item that its retention removes goes what was said of it.

What a person parted, by a split or by undoing a merge, stays apart; what a person brought together stays together. The
last word counts, and it needs no order: only persons can part what was bound or join what was apart, so for items in
two stories a word that parts them is the last one, and for items in one story a word that joins them is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from waspada.store.tables import StoryEditItemRow, StoryEditRow, StoryItemRow
from waspada.stories.edits import EditPart
from waspada.stories.fingerprint import jaccard
from waspada.stories.policy import SURE_JACCARD
from waspada.stories.types import Candidate, Fingerprint

_One, _Other = aliased(StoryEditItemRow), aliased(StoryEditItemRow)
_APART = ((EditPart.MOVED, EditPart.STAYED), (EditPart.STAYED, EditPart.MOVED))
_TOGETHER = ((EditPart.MOVED, EditPart.MET), (EditPart.MET, EditPart.MOVED), (EditPart.MOVED, EditPart.MOVED))


def may_meet(session: Session, story_id: int, other_id: int) -> bool:
    """Whether no person parted an item of the one story from one of the other."""
    return not stories_barred(session, _members(story_id), [other_id])


def stories_barred(session: Session, items: Select[int] | Collection[int], story_ids: Collection[int]) -> set[int]:
    """Those of the stories that hold an item which a person parted from one of `items`."""
    barred: set[int] = set()
    if not story_ids:
        return barred
    for one, other in _APART:
        query = (
            _pairs(one, other, items, StoryItemRow.story_id)
            .join(StoryItemRow, StoryItemRow.item_id == _Other.item_id)
            .where(StoryItemRow.story_id.in_(story_ids))
        )
        barred |= set(session.scalars(query.distinct()))
    return barred


def is_bound(session: Session, item_id: int, story_id: int) -> bool:
    """Whether a person brought the item together with another one of the story."""
    return any(
        session.scalar(
            _pairs(one, other, [item_id], _Other.item_id)
            .where(_Other.item_id != item_id, _Other.item_id.in_(_members(story_id)))
            .limit(1)
        )
        is not None
        for one, other in _TOGETHER
    )


def allowed(session: Session, item: Fingerprint, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that the item may join: a copy of what a person took out of a story does not come into it."""
    barred = stories_barred(session, [item.item_id, *_closest_copy(item, candidates)], {c.story_id for c in candidates})
    return [candidate for candidate in candidates if candidate.story_id not in barred]


def _closest_copy(item: Fingerprint, candidates: Sequence[Candidate]) -> list[int]:
    likeness = [(jaccard(item.shingles, c.fingerprint.shingles), c.fingerprint.item_id) for c in candidates]
    best = max(likeness, default=(0.0, 0))
    return [best[1]] if best[0] >= SURE_JACCARD else []


def _pairs(one: EditPart, other: EditPart, items: Select[int] | Collection[int], found: Any) -> Select[Any]:
    """`found` of each edit of a person in which one of `items` had the part `one` and another item the part `other`."""
    return (
        select(found)
        .select_from(_One)
        .join(StoryEditRow, StoryEditRow.id == _One.edit_id)
        .join(_Other, _Other.edit_id == _One.edit_id)
        .where(_One.item_id.in_(items), _One.part == one, _Other.part == other, StoryEditRow.binding)
    )


def _members(story_id: int) -> Select[int]:
    return select(StoryItemRow.item_id).where(StoryItemRow.story_id == story_id)
