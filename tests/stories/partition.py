"""Stories for tests: items put into stories by hand, and how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rows import NOW, add_item
from waspada.store import Store
from waspada.store.tables import StoryItemRow, StoryPlaceRow
from waspada.stories import repository
from waspada.stories.types import How, Join
from waspada.taxonomy import Label

#: Which items stand in which story.
Partition = dict[int, tuple[int, ...]]


def add_story(
    session: Session,
    texts: Sequence[str],
    *,
    place: str = "63.03",
    on: Sequence[Label] = (Label.CONFLICT,),
    level: int = 2,
    at: datetime = NOW,
    how: How = How.EVENT,
) -> int:
    """A story with an article for each text, an hour between them; returns its id."""
    story: int | None = None
    for number, text in enumerate(texts):
        item = add_item(
            session,
            url=f"https://kabar-banjar.example/{place}/{at.timestamp()}/{hash(text)}/{number}",
            title=f"Judul {text[:30]}",
            text=text,
            on=on,
            level=level,
            places=[place],
            published_at=at + timedelta(hours=number),
        )
        found = repository.fingerprints(session, [item])[item]
        join = Join(story, How.FIRST if story is None else how, 1.0 if story is None else 0.5)
        story = repository.save(session, found, join, at + timedelta(minutes=number))
    assert story is not None
    return story


def partition(store: Store) -> Partition:
    """The items of each story that has some."""
    found: dict[int, list[int]] = {}
    with store.read() as session:
        rows = session.execute(
            select(StoryItemRow.story_id, StoryItemRow.item_id).order_by(StoryItemRow.story_id, StoryItemRow.item_id)
        )
        for story, item in rows:
            found.setdefault(story, []).append(item)
    return {story: tuple(items) for story, items in found.items()}


def how_of(store: Store) -> dict[int, tuple[str, float]]:
    with store.read() as session:
        return {
            row.item_id: (row.how, row.likeness)
            for row in session.scalars(select(StoryItemRow).order_by(StoryItemRow.item_id))
        }


def places(store: Store) -> set[tuple[int, str]]:
    with store.read() as session:
        return {(row.story_id, row.code) for row in session.scalars(select(StoryPlaceRow))}
