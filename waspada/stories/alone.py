"""Stories of exercises: each article one of its own, beside all others. Nothing is written that grouping compares."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from waspada.items.types import Stage
from waspada.store.tables import ItemRow, StoryItemRow, StoryRow
from waspada.stories.types import How


def save_alone(session: Session, item_id: int, now: datetime) -> None:
    """Gives an item a story of its own, without fingerprint, bands or places: no item ever joins it, and it counts in
    no region's volume. A new version stays in its story."""
    item = session.get_one(ItemRow, item_id)
    member = session.get(StoryItemRow, item_id)
    if member is None:
        story = StoryRow(opened_at=now, last_item_at=item.at, headline=item.title, stale=True, to_repair=False)
        session.add(story)
        session.flush()
        session.add(StoryItemRow(item_id=item_id, story_id=story.id, how=How.FIRST, likeness=1.0, at=now))
    else:
        session.execute(update(StoryRow).where(StoryRow.id == member.story_id).values(stale=True))
    item.stage = Stage.GROUPED
    session.flush()
