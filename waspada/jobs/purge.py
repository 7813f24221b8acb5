"""Retention, enforced: what is past its time is removed (docs/privacy.md holds the same table).

| class | kept for |
|---|---|
| public posts: item, versions, tags, places, and a fact-check made of one | 90 days, of YouTube 30 days |
| articles: full text, quotes from it, claim of a fact-check (title, tags, places stay) | 2 years |
| fact-checks imported, verdicts of this desk: the words that circulated (headline, verdict, address stay) | 2 years |
| matches with fact-checks, and their history | as their item and their fact-check (removed with either) |
| topics an item belongs to, and answers on that | as their item and their topic (removed with either) |
| announced pages: title and summary | as the posts or articles of their source |
| announced pages of YouTube: address (a hash of it stays) | 30 days |
| headlines that a story had, an item's part in merges and splits | as their item |
| what could not be handled | 90 days, and never longer than its item's text |
| pseudonym keys | to the end of the month after theirs |
| source events | the last 30 polls and 30 notices a source (removed with each) |
| exercises of the canary: item, story, alert, announced page | 30 days |
| notices, silences that are over, and which alert spoke for another | 1 year |
| messages on their way out (`waspada.notify.outbox`) | 90 days after they ended, or were due |
| contacts that were never proved, or that the other side refuses | 7 days, 90 days |
| hours of duty, calls | 1 year |
| raw pages, where they are kept at all | WASPADA_ARCHIVE_DAYS, and never longer than their item's text |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from waspada.archive import policy as archive_policy
from waspada.archive import repository as archive_pages
from waspada.archive.service import Archive
from waspada.claims.repository import forget_claims, forget_own_claims, old_claims
from waspada.claims.service import WORDS_RETENTION
from waspada.privacy.voices import destroy_old_keys
from waspada.sources.types import POST_KINDS, SourceKind, SourceRole
from waspada.store import Store
from waspada.store.tables import (
    AlertParentRow,
    AlertRow,
    CallRow,
    ContactRow,
    DeliveryRow,
    DutyShiftRow,
    FactCheckRow,
    ItemRow,
    ItemVersionRow,
    NoticeRow,
    PageRow,
    RejectRow,
    SilenceRow,
    SourceRow,
    StoryItemRow,
    StoryRow,
    TagRow,
)
from waspada.stories.repository import rebuild_places
from waspada.taxonomy import ItemKind, TextField

POST_RETENTION = timedelta(days=90)
#: YouTube API Services developer policies, III.E.4: what was read without the user's consent is deleted after 30 days.
YOUTUBE_RETENTION = timedelta(days=30)
ARTICLE_TEXT_RETENTION = timedelta(days=730)
REJECT_RETENTION = timedelta(days=90)
EXERCISE_RETENTION = timedelta(days=30)
NOTICE_RETENTION = timedelta(days=365)
DELIVERY_RETENTION = timedelta(days=90)
UNPROVED_CONTACT_RETENTION = timedelta(days=7)
ENDED_CONTACT_RETENTION = timedelta(days=90)
BATCH_ROWS = 500


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows of each class a purge removed or emptied. `rejects` are those that went for their own age.

    `raw_pages` went for their age or because the archive is over its ceiling, `archive_files` because no page needs
    them any more.
    """

    posts: int
    article_texts: int
    pseudonym_keys: int
    page_texts: int
    rejects: int
    raw_pages: int = 0
    archive_files: int = 0
    exercises: int = 0
    notices: int = 0
    claims: int = 0
    deliveries: int = 0
    contacts: int = 0
    duty_shifts: int = 0
    calls: int = 0


def purge(store: Store, now: datetime, archive: Archive | None = None) -> Purged:
    """Removes what is past its retention; the stories of removed posts are ranked anew without them.

    `archive` is the folder of raw pages on this machine: what is over its age or ceiling goes, and so do files whose
    page or item is gone.
    Each batch is a transaction of its own, so that collectors wait for no long one; a purge cut short is taken up by
    the next.
    """
    done = Purged(
        posts=_in_batches(store, old_posts(now), remove_posts)
        + _in_batches(store, old_youtube_posts(now), remove_posts),
        article_texts=_in_batches(store, _old_texts(now), _empty_texts),
        pseudonym_keys=store.retrying(lambda session: len(destroy_old_keys(session, now))),
        page_texts=_in_batches(store, _old_pages(now), _empty_pages),
        rejects=_in_batches(store, _old_rejects(now), _remove_rejects),
        exercises=_in_batches(store, _old_exercises(now), _remove_exercises),
        claims=_in_batches(store, old_claims(now - WORDS_RETENTION), forget_own_claims),
        notices=_in_batches(store, _old(NoticeRow.id, NoticeRow.due_at, now), _remover(NoticeRow.id))
        + _in_batches(store, _old(SilenceRow.id, SilenceRow.until, now), _remover(SilenceRow.id))
        + _in_batches(store, _old(AlertParentRow.alert_id, AlertParentRow.at, now), _remover(AlertParentRow.alert_id)),
        deliveries=_in_batches(store, _old_deliveries(now), _remover(DeliveryRow.id)),
        contacts=_in_batches(store, _old_contacts(now), _remover(ContactRow.id)),
        duty_shifts=_in_batches(store, _old(DutyShiftRow.id, DutyShiftRow.ends_at, now), _remover(DutyShiftRow.id)),
        calls=_in_batches(store, _old(CallRow.id, CallRow.made_at, now), _remover(CallRow.id)),
    )
    if archive is None:
        return done
    return replace(done, raw_pages=_purge_raw_pages(store, archive, now), archive_files=archive.sweep(store, now))


def _purge_raw_pages(store: Store, archive: Archive, now: datetime) -> int:
    old = _in_batches(store, archive_pages.old_pages(now - archive.keep_for), archive_pages.forget_pages)
    with store.read() as session:
        going = archive_policy.beyond_ceiling(archive_pages.newest_first(session), archive.max_bytes)
    for start in range(0, len(going), BATCH_ROWS):
        store.retrying(partial(archive_pages.forget_pages, ids=going[start : start + BATCH_ROWS]))
    return old + len(going)


class _Work(Protocol):
    def __call__(self, session: Session, ids: Sequence[Any]) -> None: ...


def _in_batches(store: Store, old: Select[int] | Select[str], work: _Work) -> int:
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


def old_youtube_posts(now: datetime) -> Select[int]:
    """Ids of the comments past the time that YouTube's policies set."""
    return (
        select(ItemRow.id)
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .where(
            SourceRow.kind == SourceKind.YOUTUBE,
            ItemRow.kind == ItemKind.POST,
            ItemRow.found_at < now - YOUTUBE_RETENTION,
        )
    )


def remove_posts(session: Session, ids: Sequence[int]) -> None:
    """Removes posts with all that belongs to them; their stories are ranked anew without them and their places."""
    stories = session.scalars(select(StoryItemRow.story_id).where(StoryItemRow.item_id.in_(ids)).distinct()).all()
    session.execute(update(StoryRow).where(StoryRow.id.in_(stories)).values(stale=True))
    session.execute(delete(FactCheckRow).where(FactCheckRow.item_id.in_(ids)))
    _forget_problems(session, ids)
    session.execute(delete(ItemRow).where(ItemRow.id.in_(ids)))
    for story_id in stories:
        rebuild_places(session, story_id)


def _old_exercises(now: datetime) -> Select[int]:
    return (
        select(ItemRow.id)
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .where(SourceRow.role == SourceRole.EXERCISE, ItemRow.found_at < now - EXERCISE_RETENTION)
    )


def _remove_exercises(session: Session, ids: Sequence[int]) -> None:
    """Each has a story of its own (waspada.stories.alone), which goes with it; one with others stays."""
    touched = set(session.scalars(select(StoryItemRow.story_id).where(StoryItemRow.item_id.in_(ids))))
    others = select(StoryItemRow.story_id).where(StoryItemRow.story_id.in_(touched), StoryItemRow.item_id.not_in(ids))
    mixed = set(session.scalars(others.distinct()))
    session.execute(update(StoryRow).where(StoryRow.id.in_(mixed)).values(stale=True))
    stories = touched - mixed
    session.execute(delete(AlertRow).where(AlertRow.story_id.in_(stories)))
    session.execute(delete(PageRow).where(PageRow.item_id.in_(ids)))
    _forget_problems(session, ids)
    session.execute(delete(ItemRow).where(ItemRow.id.in_(ids)))
    session.execute(delete(StoryRow).where(StoryRow.id.in_(stories)))


def _old(id_: InstrumentedAttribute[int], at: InstrumentedAttribute[datetime], now: datetime) -> Select[int]:
    return select(id_).where(at < now - NOTICE_RETENTION)


def _remover(id_: InstrumentedAttribute[int]) -> _Work:
    def remove(session: Session, ids: Sequence[int]) -> None:
        session.execute(delete(id_.class_).where(id_.in_(ids)))

    return remove


def _old_deliveries(now: datetime) -> Select[int]:
    """Ended so long ago; also what nobody ever sent, since its words must not stay for that."""
    ended_at = func.coalesce(
        DeliveryRow.sent_at, DeliveryRow.failed_at, DeliveryRow.dropped_at, DeliveryRow.next_try_at
    )
    before = now - DELIVERY_RETENTION
    return select(DeliveryRow.id).where(DeliveryRow.due_at < before, ended_at < before)


def _old_contacts(now: datetime) -> Select[int]:
    """Never proved, or refused by the other side for so long that its owner does not want it."""
    unproved = and_(ContactRow.verified_at.is_(None), ContactRow.created_at < now - UNPROVED_CONTACT_RETENTION)
    return select(ContactRow.id).where(or_(unproved, ContactRow.ended_at < now - ENDED_CONTACT_RETENTION))


def _old_texts(now: datetime) -> Select[int]:
    text = select(ItemVersionRow.item_id).where(ItemVersionRow.item_id == ItemRow.id, ItemVersionRow.text != "")
    return select(ItemRow.id).where(
        ItemRow.kind == ItemKind.ARTICLE, ItemRow.found_at < now - ARTICLE_TEXT_RETENTION, text.exists()
    )


def _empty_texts(session: Session, ids: Sequence[int]) -> None:
    """Takes the texts, and what other tables hold of them: evidence quoted from a text, the claim of a fact-check."""
    session.execute(update(ItemVersionRow).where(ItemVersionRow.item_id.in_(ids)).values(text=""))
    forget_claims(session, ids)
    archive_pages.forget_items(session, ids)
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
    of_posts = or_(SourceRow.role == SourceRole.POST, SourceRow.kind.in_(POST_KINDS))
    holds_words = or_(PageRow.title != "", PageRow.summary != "")
    return (
        select(PageRow.id)
        .join(SourceRow, SourceRow.id == PageRow.source_id)
        .where(
            or_(
                and_(holds_words, PageRow.seen_at < now - ARTICLE_TEXT_RETENTION),
                and_(holds_words, of_posts, PageRow.seen_at < now - POST_RETENTION),
                and_(
                    SourceRow.kind == SourceKind.YOUTUBE,
                    PageRow.url != "",
                    PageRow.seen_at < now - YOUTUBE_RETENTION,
                ),
            ),
        )
    )


def _empty_pages(session: Session, ids: Sequence[int]) -> None:
    """The row stays: its address, or the hash of it, keeps the page from being fetched as a new one."""
    session.execute(update(PageRow).where(PageRow.id.in_(ids)).values(title="", title_key=None, summary=""))
    youtube = select(SourceRow.id).where(SourceRow.kind == SourceKind.YOUTUBE)
    session.execute(update(PageRow).where(PageRow.id.in_(ids), PageRow.source_id.in_(youtube)).values(url=""))


def _old_rejects(now: datetime) -> Select[int]:
    return select(RejectRow.id).where(RejectRow.at < now - REJECT_RETENTION)


def _remove_rejects(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(RejectRow).where(RejectRow.id.in_(ids)))
