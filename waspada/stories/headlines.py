"""The headlines that a story had, each from a moment on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from waspada.store.tables import ItemRow, StoryEditRow, StoryHeadlineRow, StoryItemRow, StoryRow

HEADLINES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class HeadlineVersion:
    """A headline and since when it stood; `item_id` is the item whose title it is, where there is one."""

    at: datetime
    headline: str
    item_id: int | None


def headlines(session: Session, story_id: int) -> Sequence[HeadlineVersion]:
    """The headlines of a story, newest first."""
    query = select(StoryHeadlineRow).where(StoryHeadlineRow.story_id == story_id)
    rows = session.scalars(query.order_by(StoryHeadlineRow.id.desc()).limit(HEADLINES_SHOWN))
    return [HeadlineVersion(row.at, row.headline, row.item_id) for row in rows]


def note_headline(session: Session, story: StoryRow, now: datetime) -> None:
    """Keeps the story's headline as a version of its own when it differs from the last one. "" is no headline."""
    if not story.headline:
        return
    newest = select(StoryHeadlineRow.headline).where(StoryHeadlineRow.story_id == story.id)
    if session.scalar(newest.order_by(StoryHeadlineRow.id.desc()).limit(1)) == story.headline:
        return
    titled = (
        select(ItemRow.id)
        .join(StoryItemRow, StoryItemRow.item_id == ItemRow.id)
        .where(StoryItemRow.story_id == story.id, ItemRow.title == story.headline)
    )
    item_id = session.scalar(titled.order_by(ItemRow.id.desc()).limit(1))
    session.add(StoryHeadlineRow(story_id=story.id, at=now, headline=story.headline, item_id=item_id))
    session.flush()


def forget(session: Session, story_ids: Sequence[int]) -> None:
    """Stories whose last item was erased keep none of its words: headlines go, and what persons wrote to edits."""
    session.execute(update(StoryRow).where(StoryRow.id.in_(story_ids)).values(headline=""))
    session.execute(delete(StoryHeadlineRow).where(StoryHeadlineRow.story_id.in_(story_ids)))
    for column in (StoryEditRow.story_id, StoryEditRow.into_id):
        session.execute(update(StoryEditRow).where(column.in_(story_ids)).values(reason=""))
