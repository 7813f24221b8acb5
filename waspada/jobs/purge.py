"""Retention, enforced: what is past its time is removed (docs/privacy.md holds the same table).

| class | kept for |
|---|---|
| public posts: item, versions, tags, places, and a fact-check made of one | 90 days |
| articles: full text, quotes from it, claim of a fact-check (title, tags, places stay) | 2 years |
| announced pages: title and summary | as the posts or articles of their source |
| what could not be handled | 90 days, and never longer than its item's text |
| pseudonym keys | to the end of the month after theirs |
| source events | the last 30 a source (removed with each poll) |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from waspada.privacy.voices import destroy_old_keys
from waspada.sources.types import SourceKind, SourceRole
from waspada.store import Store
from waspada.store.tables import (
    FactCheckRow,
    ItemRow,
    ItemVersionRow,
    PageRow,
    RejectRow,
    SourceRow,
    StoryItemRow,
    StoryRow,
    TagRow,
)
from waspada.taxonomy import ItemKind, TextField

POST_RETENTION = timedelta(days=90)
ARTICLE_TEXT_RETENTION = timedelta(days=730)
REJECT_RETENTION = timedelta(days=90)
BATCH_ROWS = 500


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows of each class a purge removed or emptied. `rejects` are those that went for their own age."""

    posts: int
    article_texts: int
    pseudonym_keys: int
    page_texts: int
    rejects: int


def purge(store: Store, now: datetime) -> Purged:
    """Removes what is past its retention; the stories of removed posts are ranked anew without them.

    Each batch is a transaction of its own, so that collectors wait for no long one; a purge cut short is taken up by
    the next.
    """
    return Purged(
        posts=_in_batches(store, old_posts(now), _remove_posts),
        article_texts=_in_batches(store, _old_texts(now), _empty_texts),
        pseudonym_keys=store.retrying(lambda session: len(destroy_old_keys(session, now))),
        page_texts=_in_batches(store, _old_pages(now), _empty_pages),
        rejects=_in_batches(store, _old_rejects(now), _remove_rejects),
    )


class _Work(Protocol):
    def __call__(self, session: Session, ids: Sequence[int]) -> None: ...


def _in_batches(store: Store, old: Select[int], work: _Work) -> int:
    """Looks the ids up without a lock, then works on `BATCH_ROWS` of them a transaction; returns how many."""
    with store.read() as session:
        ids = session.scalars(old).all()
    for start in range(0, len(ids), BATCH_ROWS):
        batch = ids[start : start + BATCH_ROWS]
        store.retrying(partial(work, ids=batch))
    return len(ids)


def old_posts(now: datetime) -> Select[int]:
    """Ids of the posts past their time, by the index on kind and time."""
    return select(ItemRow.id).where(ItemRow.kind == ItemKind.POST, ItemRow.found_at < now - POST_RETENTION)


def _remove_posts(session: Session, ids: Sequence[int]) -> None:
    stories = select(StoryItemRow.story_id).where(StoryItemRow.item_id.in_(ids))
    session.execute(update(StoryRow).where(StoryRow.id.in_(stories)).values(stale=True))
    session.execute(delete(FactCheckRow).where(FactCheckRow.item_id.in_(ids)))
    _forget_problems(session, ids)
    session.execute(delete(ItemRow).where(ItemRow.id.in_(ids)))


def _old_texts(now: datetime) -> Select[int]:
    text = select(ItemVersionRow.item_id).where(ItemVersionRow.item_id == ItemRow.id, ItemVersionRow.text != "")
    return select(ItemRow.id).where(
        ItemRow.kind == ItemKind.ARTICLE, ItemRow.found_at < now - ARTICLE_TEXT_RETENTION, text.exists()
    )


def _empty_texts(session: Session, ids: Sequence[int]) -> None:
    """Takes the texts, and what other tables hold of them: evidence quoted from a text, the claim of a fact-check."""
    session.execute(update(ItemVersionRow).where(ItemVersionRow.item_id.in_(ids)).values(text=""))
    session.execute(update(FactCheckRow).where(FactCheckRow.item_id.in_(ids)).values(claim=""))
    _forget_problems(session, ids)
    tags = session.execute(
        select(TagRow.item_id, TagRow.version, TagRow.model, TagRow.evidence).where(TagRow.item_id.in_(ids))
    ).all()
    kept = [
        {**row._mapping, "evidence": [line for line in row.evidence if line["field"] == TextField.TITLE]}
        for row in tags
    ]
    if kept:
        session.execute(update(TagRow), kept)


def _forget_problems(session: Session, item_ids: Sequence[int]) -> None:
    """The message of an error may quote the text that caused it."""
    objects = [f"item {item_id}" for item_id in item_ids]  # as waspada.items.repository.reject names them
    session.execute(delete(RejectRow).where(RejectRow.object.in_(objects)))


def _old_pages(now: datetime) -> Select[int]:
    """Pages of post streams hold no text to begin with; a stream that was listed as something else may."""
    of_posts = or_(SourceRow.role == SourceRole.POST, SourceRow.kind == SourceKind.MASTODON_RSS)
    return (
        select(PageRow.id)
        .join(SourceRow, SourceRow.id == PageRow.source_id)
        .where(
            or_(PageRow.title != "", PageRow.summary != ""),
            or_(
                PageRow.seen_at < now - ARTICLE_TEXT_RETENTION,
                and_(of_posts, PageRow.seen_at < now - POST_RETENTION),
            ),
        )
    )


def _empty_pages(session: Session, ids: Sequence[int]) -> None:
    """The row stays: its address keeps the page from being fetched as a new one."""
    session.execute(update(PageRow).where(PageRow.id.in_(ids)).values(title="", title_key=None, summary=""))


def _old_rejects(now: datetime) -> Select[int]:
    return select(RejectRow.id).where(RejectRow.at < now - REJECT_RETENTION)


def _remove_rejects(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(RejectRow).where(RejectRow.id.in_(ids)))
