"""Retention, enforced: what is past its time is removed (docs/privacy.md holds the same table).

| class | kept for |
|---|---|
| public posts: item, versions, tags, places | 90 days |
| articles: full text (title, tags, places stay) | 2 years |
| pseudonym keys | to the end of the month after theirs |
| source events | the last 30 a source |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from waspada.privacy.voices import destroy_old_keys
from waspada.store import Store
from waspada.store.tables import ItemRow, ItemVersionRow, StoryItemRow, StoryRow
from waspada.taxonomy import ItemKind

POST_RETENTION = timedelta(days=90)
ARTICLE_TEXT_RETENTION = timedelta(days=730)
_BATCH_ITEMS = 500


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge removed."""

    posts: int
    article_texts: int
    pseudonym_keys: int


def purge(store: Store, now: datetime) -> Purged:
    """Removes what is past its retention; the stories of removed posts are ranked anew without them."""
    posts = 0
    while count := store.retrying(lambda session: _purge_posts(session, now)):
        posts += count
    texts = store.retrying(lambda session: _purge_texts(session, now))
    keys = store.retrying(lambda session: len(destroy_old_keys(session, now)))
    return Purged(posts, texts, keys)


def _purge_posts(session: Session, now: datetime) -> int:
    ids = session.scalars(
        select(ItemRow.id)
        .where(ItemRow.kind == ItemKind.POST, ItemRow.found_at < now - POST_RETENTION)
        .order_by(ItemRow.id)
        .limit(_BATCH_ITEMS)
    ).all()
    stories = select(StoryItemRow.story_id).where(StoryItemRow.item_id.in_(ids))
    session.execute(update(StoryRow).where(StoryRow.id.in_(stories)).values(stale=True))
    session.execute(delete(ItemRow).where(ItemRow.id.in_(ids)))
    return len(ids)


def _purge_texts(session: Session, now: datetime) -> int:
    old = select(ItemRow.id).where(ItemRow.kind == ItemKind.ARTICLE, ItemRow.found_at < now - ARTICLE_TEXT_RETENTION)
    result = session.execute(
        update(ItemVersionRow).where(ItemVersionRow.item_id.in_(old), ItemVersionRow.text != "").values(text="")
    )
    return result.rowcount if isinstance(result, CursorResult) else 0
