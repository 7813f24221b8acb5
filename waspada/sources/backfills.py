"""SQL about filling in the past: how far the walk through a source came, and the pages it found. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from waspada.clock import Days
from waspada.items.addresses import article_key
from waspada.sources import announcements
from waspada.sources.types import Announcement, Backfill, BackfillMethod, PageState
from waspada.store.tables import BackfillRow, PageRow

MAX_DETAIL = 500
_RECENT_PAGES = 200


@dataclass(frozen=True, slots=True)
class Queued:
    """How many articles were put into the queue, and how many were known before.

    Of the known ones, `taken_over` waited for another backfill that is not running.
    """

    new: int
    known: int
    taken_over: int = 0


def opened(session: Session, source_id: str, span: Days, span_end: datetime, now: datetime) -> Backfill:
    """The backfill of a source over a span; begun now where there was none, or only one from before the span's end.

    `span_end` is the first moment after the span. What was read before may have grown until then: a finished backfill
    is begun anew, an unfinished one as soon as the span is over.
    """
    query = select(BackfillRow).where(
        BackfillRow.source_id == source_id, BackfillRow.first_day == span.first, BackfillRow.last_day == span.last
    )
    row = session.scalar(query)
    if row is None:
        row = BackfillRow(
            source_id=source_id, first_day=span.first, last_day=span.last, started_at=now, done={}, method="", detail=""
        )
        session.add(row)
        session.flush()
    elif row.started_at < span_end and (row.finished_at is not None or span_end <= now):
        row.started_at, row.done, row.finished_at, row.detail = now, {}, None, ""  # what was announced stays
    return _backfill(row)


def queue(
    session: Session, backfill: Backfill, found: Sequence[Announcement], running: Collection[int], now: datetime
) -> Queued:
    """Puts articles into the queue of pages, behind the news; known addresses are left as they are.

    What waits for a backfill that is not `running` (ids) is taken over, with its source: it would wait for the next
    `waspada run`. Titles are not compared: what is printed under one title every month is not one article. Twice is
    the same as once.
    """
    unique = {entry.url_key: entry for entry in found}
    known = announcements.known_keys(session, unique)
    fresh = [entry for key, entry in unique.items() if key not in known]
    session.add_all(_page(backfill, entry, now) for entry in fresh)
    session.flush()
    return Queued(len(fresh), len(known), _take_over(session, backfill, known, running))


def _take_over(session: Session, backfill: Backfill, keys: Collection[str], running: Collection[int]) -> int:
    """Gives pages that wait for other backfills to this one; returns how many."""
    left = (PageRow.state == PageState.WAITING, PageRow.backfill_id.is_not(None), PageRow.backfill_id.not_in(running))
    moved = session.execute(
        update(PageRow)
        .where(PageRow.url_key.in_(keys), *left)
        .values(backfill_id=backfill.id, source_id=backfill.source_id)
        .execution_options(synchronize_session=False)
    )
    return moved.rowcount if isinstance(moved, CursorResult) else 0


def mark_done(session: Session, backfill_id: int, address: str, in_span: int) -> None:
    """Notes that every article of a sitemap or feed page stands in the queue."""
    row = session.get_one(BackfillRow, backfill_id)
    row.done = {**row.done, address: in_span}  # a new object: a change within would not be seen


def close(
    session: Session, backfill_id: int, method: BackfillMethod, detail: str, finished_at: datetime | None
) -> None:
    """The end of a walk; without `finished_at` it is gone on with next time."""
    row = session.get_one(BackfillRow, backfill_id)
    row.method, row.detail, row.finished_at = method.value, detail[:MAX_DETAIL], finished_at


def recent_urls(session: Session, source_id: str) -> list[str]:
    """Addresses of the articles that a source announced last: they say where its articles live."""
    query = select(PageRow.url).where(PageRow.source_id == source_id).order_by(PageRow.id.desc()).limit(_RECENT_PAGES)
    return list(session.scalars(query))


def waiting(session: Session, backfill_ids: Collection[int]) -> dict[str, int]:
    """How many pages of these backfills are not fetched yet, by source."""
    query = (
        select(PageRow.source_id, func.count())
        .where(PageRow.backfill_id.in_(backfill_ids), PageRow.state == PageState.WAITING)
        .group_by(PageRow.source_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _page(backfill: Backfill, entry: Announcement, now: datetime) -> PageRow:
    return PageRow(
        source_id=backfill.source_id,
        url=entry.url,
        url_key=entry.url_key,
        title=entry.title,
        title_key=None,  # an article of today with the title of an old one is no repeat
        summary=entry.summary,
        published_at=entry.published_at,
        seen_at=now,
        state=PageState.WAITING.value,
        article_key=article_key(entry.url),
        backfill_id=backfill.id,
    )


def _backfill(row: BackfillRow) -> Backfill:
    return Backfill(
        id=row.id,
        source_id=row.source_id,
        span=Days(row.first_day, row.last_day),
        method=BackfillMethod(row.method),
        done=dict(row.done),
        detail=row.detail,
        finished_at=row.finished_at,
    )
