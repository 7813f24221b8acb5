"""Retention, enforced: what is past its time is removed. What is kept for how long, and what erasure does to it, stands
in `waspada.privacy.retention`, from which `docs/privacy.md` is written.

Beside the periods: pseudonym keys go at the end of the month after theirs, of a source's polls and notices the last 30
each stay (removed with each new one), raw pages are kept for WASPADA_ARCHIVE_DAYS and never longer than their item's
text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from waspada.archive import policy as archive_policy
from waspada.archive import repository as archive_pages
from waspada.archive.service import Archive
from waspada.cap import repository as cap_messages
from waspada.claims.repository import forget_claims, forget_own_claims, old_claims
from waspada.digests import erasing as digests
from waspada.escalations import repository as reports
from waspada.labels import repository as labels
from waspada.privacy.retention import POST_RETENTION, YOUTUBE_RETENTION, Periods
from waspada.privacy.voices import destroy_old_keys
from waspada.reports import retaining as field_reports
from waspada.search.index import forget_removed
from waspada.sources import day_records
from waspada.sources.types import POST_KINDS, SourceKind, SourceRole
from waspada.store import Store
from waspada.store.tables import (
    AlertParentRow,
    AlertRow,
    CallRow,
    ContactRow,
    CorrectionRow,
    DeliveryRow,
    DutyShiftRow,
    ErasedItemRow,
    FactCheckRow,
    HandoverRow,
    ItemRow,
    ItemVersionRow,
    NoticeRow,
    PageRow,
    PeriodicReportRow,
    RejectRow,
    SignInFailureRow,
    SilenceRow,
    SourceRow,
    StoryItemRow,
    StoryRow,
    SubscriptionRow,
    SubscriptionSendRow,
    TagRow,
    TokenRow,
    WebhookAttemptRow,
)
from waspada.stories.repository import rebuild_places
from waspada.subscriptions import forgetting as subscriptions
from waspada.taxonomy import ItemKind, TextField

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
    sign_ins: int = 0
    corrections: int = 0
    reports: int = 0
    cap_messages: int = 0
    attempts: int = 0
    erasures: int = 0
    contacts: int = 0
    duty_shifts: int = 0
    calls: int = 0
    coverage_days: int = 0
    field_reports: int = 0
    report_senders: int = 0
    report_drafts: int = 0
    digests: int = 0
    subscriptions: int = 0
    subscription_sends: int = 0


def purge(store: Store, now: datetime, archive: Archive | None = None, periods: Periods | None = None) -> Purged:
    """Removes what is past its retention; the stories of removed posts are ranked anew without them.

    `periods` are those of the desk (`retention.periods_of`), by default those of the table.

    `archive` is the folder of raw pages on this machine: what is over its age or ceiling goes, and so do files whose
    page or item is gone.
    Each batch is a transaction of its own, so that collectors wait for no long one; a purge cut short is taken up by
    the next.
    """
    kept = periods or Periods()
    told = now - kept.notices
    done = Purged(
        posts=_in_batches(store, old_posts(now, kept.posts), remove_items)
        + _in_batches(store, old_youtube_posts(now, kept.youtube), remove_items),
        article_texts=_in_batches(store, _old_texts(now - kept.articles), empty_texts),
        pseudonym_keys=store.retrying(lambda session: len(destroy_old_keys(session, now))),
        page_texts=_in_batches(store, _old_pages(now, kept), _empty_pages),
        rejects=_in_batches(store, _old_rejects(now - kept.rejects), _remove_rejects),
        exercises=_in_batches(store, _old_exercises(now - kept.exercises), _remove_exercises),
        claims=_in_batches(store, old_claims(now - kept.checks), forget_own_claims),
        notices=_in_batches(store, _old(NoticeRow.id, NoticeRow.due_at, told), _remover(NoticeRow.id))
        + _in_batches(store, _old(SilenceRow.id, SilenceRow.until, told), _remover(SilenceRow.id))
        + _in_batches(store, _old(AlertParentRow.alert_id, AlertParentRow.at, told), _remover(AlertParentRow.alert_id))
        + _in_batches(store, _old(HandoverRow.id, HandoverRow.shift_end, told), _remover(HandoverRow.id)),
        deliveries=_in_batches(store, _old_deliveries(now - kept.deliveries), _remover(DeliveryRow.id)),
        sign_ins=_in_batches(store, _old_failures(now - kept.sign_ins), _remove_failures)
        + _in_batches(store, _old_tokens(now - kept.tokens), _remover(TokenRow.id)),
        corrections=_in_batches(store, _old_corrections(now - kept.corrections), _empty_corrections),
        reports=_in_batches(store, reports.old_words(now - kept.reports), reports.forget_words),
        cap_messages=_in_batches(store, cap_messages.old(now - kept.cap), cap_messages.forget_words),
        attempts=_in_batches(
            store,
            _old(WebhookAttemptRow.id, WebhookAttemptRow.at, now - kept.deliveries),
            _remover(WebhookAttemptRow.id),
        ),
        erasures=_in_batches(
            store, _old(ErasedItemRow.id, ErasedItemRow.at, now - kept.erasures), _remover(ErasedItemRow.id)
        ),
        contacts=_in_batches(store, _old_contacts(now, kept), _remover(ContactRow.id)),
        duty_shifts=_in_batches(store, _old(DutyShiftRow.id, DutyShiftRow.ends_at, told), _remover(DutyShiftRow.id)),
        calls=_in_batches(store, _old(CallRow.id, CallRow.made_at, told), _remover(CallRow.id)),
        coverage_days=_in_batches(store, day_records.old_days((now - kept.coverage).date()), day_records.forget),
        report_senders=_in_batches(
            store,
            field_reports.old_senders(now - kept.report_senders),
            lambda session, ids: field_reports.forget_senders(session, ids, now),
        ),
        report_drafts=_in_batches(
            store, field_reports.old_drafts(now - kept.report_drafts), field_reports.remove_drafts
        ),
        field_reports=_in_batches(store, field_reports.old(now - kept.field_reports), _remove_field_reports)
        + _in_batches(
            store,
            _old(PeriodicReportRow.id, PeriodicReportRow.sent_at, now - kept.field_reports),
            _remover(PeriodicReportRow.id),
        ),
        digests=_in_batches(store, digests.old(now - kept.digests), digests.remove),
        subscriptions=_in_batches(store, subscriptions.old_addresses(now, kept), subscriptions.forget_addresses)
        + _in_batches(store, subscriptions.old(now, kept), _remover(SubscriptionRow.id)),
        subscription_sends=_in_batches(
            store,
            _old(SubscriptionSendRow.id, SubscriptionSendRow.at, now - kept.deliveries),
            _remover(SubscriptionSendRow.id),
        ),
    )
    forget_removed(store)
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


def _in_batches(store: Store, old: Select[int] | Select[str] | Select[date], work: _Work) -> int:
    """Looks the ids up without a lock, then works on `BATCH_ROWS` of them a transaction; returns how many."""
    with store.read() as session:
        ids = session.scalars(old).all()
    for start in range(0, len(ids), BATCH_ROWS):
        batch = ids[start : start + BATCH_ROWS]
        store.retrying(partial(work, ids=batch))
    return len(ids)


def old_posts(now: datetime, kept: timedelta = POST_RETENTION) -> Select[int]:
    """Ids of the posts past their time, by the index on kind and time."""
    return select(ItemRow.id).where(ItemRow.kind == ItemKind.POST, ItemRow.found_at < now - kept)


def old_youtube_posts(now: datetime, kept: timedelta = YOUTUBE_RETENTION) -> Select[int]:
    """Ids of the comments past the time that YouTube's policies set."""
    return (
        select(ItemRow.id)
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .where(
            SourceRow.kind == SourceKind.YOUTUBE,
            ItemRow.kind == ItemKind.POST,
            ItemRow.found_at < now - kept,
        )
    )


def remove_items(session: Session, ids: Sequence[int]) -> None:
    """Removes items with all that belongs to them; their stories are ranked anew without them and their places."""
    stories = session.scalars(select(StoryItemRow.story_id).where(StoryItemRow.item_id.in_(ids)).distinct()).all()
    session.execute(update(StoryRow).where(StoryRow.id.in_(stories)).values(stale=True))
    session.execute(delete(FactCheckRow).where(FactCheckRow.item_id.in_(ids)))
    _forget_problems(session, ids)
    labels.forget_words(session, ids)
    field_reports.forget_words(session, ids)
    field_reports.forget_senders_of(session, ids)
    session.execute(delete(ItemRow).where(ItemRow.id.in_(ids)))
    for story_id in stories:
        rebuild_places(session, story_id)


def _remove_field_reports(session: Session, ids: Sequence[int]) -> None:
    remove_items(session, field_reports.items_of(session, ids))
    field_reports.remove(session, ids)


def _old_exercises(before: datetime) -> Select[int]:
    return (
        select(ItemRow.id)
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .where(SourceRow.role == SourceRole.EXERCISE, ItemRow.found_at < before)
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


def _old(id_: InstrumentedAttribute[int], at: InstrumentedAttribute[datetime], before: datetime) -> Select[int]:
    return select(id_).where(at < before)


def _remover(id_: InstrumentedAttribute[int]) -> _Work:
    def remove(session: Session, ids: Sequence[int]) -> None:
        session.execute(delete(id_.class_).where(id_.in_(ids)))

    return remove


def _old_deliveries(before: datetime) -> Select[int]:
    """Ended so long ago; also what nobody ever sent, since its words must not stay for that."""
    ended_at = func.coalesce(
        DeliveryRow.sent_at, DeliveryRow.failed_at, DeliveryRow.dropped_at, DeliveryRow.next_try_at
    )
    return select(DeliveryRow.id).where(DeliveryRow.due_at < before, ended_at < before)


def _old_contacts(now: datetime, kept: Periods) -> Select[int]:
    """Never proved, or refused by the other side for so long that its owner does not want it."""
    unproved = and_(ContactRow.verified_at.is_(None), ContactRow.created_at < now - kept.unproved_contacts)
    return select(ContactRow.id).where(or_(unproved, ContactRow.ended_at < now - kept.ended_contacts))


def _old_failures(before: datetime) -> Select[str]:
    return select(SignInFailureRow.key).where(SignInFailureRow.last_at < before)


def _remove_failures(session: Session, ids: Sequence[str]) -> None:
    session.execute(delete(SignInFailureRow).where(SignInFailureRow.key.in_(ids)))


def _old_tokens(before: datetime) -> Select[int]:
    """Tokens, sessions and links that ended so long ago, by time or by hand."""
    return select(TokenRow.id).where(or_(TokenRow.revoked_at < before, TokenRow.expires_at < before))


def _old_texts(before: datetime) -> Select[int]:
    text = select(ItemVersionRow.item_id).where(ItemVersionRow.item_id == ItemRow.id, ItemVersionRow.text != "")
    return select(ItemRow.id).where(ItemRow.kind == ItemKind.ARTICLE, ItemRow.found_at < before, text.exists())


def empty_texts(session: Session, ids: Sequence[int]) -> None:
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


def _old_pages(now: datetime, kept: Periods) -> Select[int]:
    """Pages of post streams hold no text to begin with; a stream that was listed as something else may."""
    of_posts = or_(SourceRow.role == SourceRole.POST, SourceRow.kind.in_(POST_KINDS))
    holds_words = or_(PageRow.title != "", PageRow.summary != "")
    return (
        select(PageRow.id)
        .join(SourceRow, SourceRow.id == PageRow.source_id)
        .where(
            or_(
                and_(holds_words, PageRow.seen_at < now - kept.articles),
                and_(holds_words, of_posts, PageRow.seen_at < now - kept.posts),
                and_(
                    SourceRow.kind == SourceKind.YOUTUBE,
                    PageRow.url != "",
                    PageRow.seen_at < now - kept.youtube,
                ),
            ),
        )
    )


def _empty_pages(session: Session, ids: Sequence[int]) -> None:
    """The row stays: its address, or the hash of it, keeps the page from being fetched as a new one."""
    session.execute(update(PageRow).where(PageRow.id.in_(ids)).values(title="", title_key=None, summary=""))
    youtube = select(SourceRow.id).where(SourceRow.kind == SourceKind.YOUTUBE)
    session.execute(update(PageRow).where(PageRow.id.in_(ids), PageRow.source_id.in_(youtube)).values(url=""))


def _old_rejects(before: datetime) -> Select[int]:
    return select(RejectRow.id).where(RejectRow.at < before)


def _remove_rejects(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(RejectRow).where(RejectRow.id.in_(ids)))


def _old_corrections(before: datetime) -> Select[int]:
    holds_words = or_(CorrectionRow.reason != "", CorrectionRow.decision != "")
    return select(CorrectionRow.id).where(holds_words, CorrectionRow.decided_at < before)


def _empty_corrections(session: Session, ids: Sequence[int]) -> None:
    session.execute(update(CorrectionRow).where(CorrectionRow.id.in_(ids)).values(reason="", decision=""))
