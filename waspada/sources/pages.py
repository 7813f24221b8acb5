"""SQL about the queue of pages that the sources announced: waiting, tried again, ended. Never commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from waspada.clock import day_bounds, zone_of
from waspada.items.addresses import is_variant
from waspada.sources import policy
from waspada.sources.types import PageState, SourceKind, SourceRole, WaitingPage
from waspada.stops.repository import may_be_asked
from waspada.store.tables import BackfillRow, ItemRow, PageRow, SourceRow
from waspada.taxonomy import ItemKind

#: Why a page is not asked for; `_release` and `_owners` look for these words.
SAME_TITLE = "the same title as another article of this source"
SAME_ADDRESS = "another address of an article that is known"
#: Left out for good: somebody outside asked, and the desk erased or corrected what was read there.
ERASED = "erased on request"
CORRECTED = "corrected on request"
#: Pages that are asked for again when they are edited.
ENDED = (PageState.DONE, PageState.FAILED, PageState.BLOCKED)
#: Pages whose title announces nothing new: they were read as an item or will be, themselves or at another address.
HOLDS_TITLE = or_(
    PageRow.state.in_((PageState.WAITING, PageState.DONE)),
    PageRow.item_id.is_not(None),
    PageRow.detail == SAME_ADDRESS,
)


def waiting_pages(
    session: Session,
    now: datetime,
    limit: int,
    source_ids: Collection[str] | None = None,
    skip: Collection[int] = (),
    per_source: int = 25,
) -> list[WaitingPage]:
    """Pages to be fetched now without those in `skip` (being fetched): the oldest `per_source` of each source, so that
    a site with thousands waiting keeps nobody else waiting. What a backfill found is not among them."""
    return _ready_pages(session, PageRow.backfill_id.is_(None), now, limit, source_ids, skip, per_source)


def backfilled_pages(
    session: Session,
    now: datetime,
    limit: int,
    backfill_ids: Collection[int] | None = None,
    skip: Collection[int] = (),
    per_source: int = 10,
) -> list[WaitingPage]:
    """The same of what backfills found (all of them, of sources switched on, when `backfill_ids` is None)."""
    first = _first_of_backfills(session, now, backfill_ids, per_source)
    query = (
        select(PageRow, SourceRow, BackfillRow.last_day)
        .join(SourceRow, SourceRow.id == PageRow.source_id)
        .join(BackfillRow, BackfillRow.id == PageRow.backfill_id)
        .where(PageRow.id.in_(first))
        .order_by(PageRow.id)
    )
    query = query.where(may_be_asked(), *([SourceRow.enabled] if backfill_ids is None else []))
    places: Counter[str] = Counter()
    ranked: list[tuple[int, WaitingPage]] = []
    for page, source, last_day in session.execute(query):
        places[source.id] += 1
        ranked.append((places[source.id], _waiting(page, source, last_day)))
    left = [(place, page) for place, page in ranked if place <= per_source and page.id not in skip]
    return [page for _, page in sorted(left, key=lambda each: (each[0], each[1].id))[:limit]]


def _first_of_backfills(session: Session, now: datetime, backfill_ids: Collection[int] | None, each: int) -> list[int]:
    """The ids of the oldest ready pages of each backfill: ranking hundreds of thousands of pages takes seconds."""
    ready = (PageRow.state == PageState.WAITING, or_(PageRow.next_try_at.is_(None), PageRow.next_try_at <= now))
    waits = select(PageRow.id).where(PageRow.backfill_id == BackfillRow.id, PageRow.state == PageState.WAITING).exists()
    backfills = select(BackfillRow.id).where(waits)
    backfills = backfills if backfill_ids is None else backfills.where(BackfillRow.id.in_(backfill_ids))
    found: list[int] = []
    for id_ in session.scalars(backfills).all():
        first = select(PageRow.id).where(PageRow.backfill_id == id_, *ready).order_by(PageRow.id).limit(each)
        found += session.scalars(first)
    return found


def _ready_pages(
    session: Session,
    which: ColumnElement[bool],
    now: datetime,
    limit: int,
    source_ids: Collection[str] | None,
    skip: Collection[int],
    per_source: int,
) -> list[WaitingPage]:
    place = func.row_number().over(partition_by=PageRow.source_id, order_by=PageRow.id).label("place")
    ready = select(PageRow.id.label("page_id"), place).where(
        which,
        PageRow.state == PageState.WAITING,
        (PageRow.next_try_at.is_(None)) | (PageRow.next_try_at <= now),
    )
    ready = ready.where(PageRow.source_id.in_(source_ids)) if source_ids is not None else ready
    ranked = ready.subquery()
    query = (
        select(PageRow, SourceRow, BackfillRow.last_day)
        .join(ranked, ranked.c.page_id == PageRow.id)
        .join(SourceRow, SourceRow.id == PageRow.source_id)
        .outerjoin(BackfillRow, BackfillRow.id == PageRow.backfill_id)
        .where(ranked.c.place <= per_source, PageRow.id.not_in(skip))
        .order_by(ranked.c.place, PageRow.id)
        .limit(limit)
    )
    query = query.where(may_be_asked(), *([SourceRow.enabled] if source_ids is None else []))
    return [_waiting(page, source, last_day) for page, source, last_day in session.execute(query)]


def posts_to_check(
    session: Session, source_id: str, checked_before: datetime, limit: int, instance: str = ""
) -> dict[str, str]:
    """Key -> address of stored posts of a source that were not looked at since, the longest ago first.

    With an `instance` (scheme and host of a Mastodon) also those of its own that its feeds brought, whose addresses are
    told by their id alone.
    """
    mine = PageRow.source_id == source_id
    if instance:
        feeds = select(SourceRow.id).where(SourceRow.kind == SourceKind.MASTODON_RSS)
        is_own = PageRow.url.startswith(f"{instance}/", autoescape=True) & PageRow.url.not_like("%://%/%/%")
        mine = or_(mine, PageRow.source_id.in_(feeds) & is_own)
    query = (
        select(PageRow.url_key, PageRow.url)
        .join(ItemRow, ItemRow.url_key == PageRow.url_key)
        .where(mine, ItemRow.kind == ItemKind.POST, PageRow.checked_at < checked_before)
        .order_by(PageRow.checked_at, PageRow.id)
        .limit(limit)
    )
    return {key: url for key, url in session.execute(query)}  # noqa: C416


def note_checked(session: Session, keys: Collection[str], now: datetime) -> None:
    """These posts were asked for at their places."""
    session.execute(update(PageRow).where(PageRow.url_key.in_(keys)).values(checked_at=now))


def finish_page(session: Session, page_id: int, state: PageState, now: datetime, detail: str = "") -> None:
    """The last word on a page for now: done, blocked, skipped or failed."""
    page = session.get(PageRow, page_id)
    if page is None:
        return
    page.state, page.detail, page.checked_at, page.next_try_at = state.value, detail[:500], now, None
    if state is not PageState.DONE:
        _release(session, page)


def finish_with_item(
    session: Session, page_id: int, item_id: int, now: datetime, *, brought_version: bool = False
) -> None:
    """Ends a page that was read as an item. Of several pages of one item one is asked for again when it is edited, the
    others are its aliases. `brought_version` says that the page had a wording that the item lacked.
    """
    page = session.get(PageRow, page_id)
    if page is None:
        return
    page.item_id = item_id
    query = select(PageRow).where(PageRow.item_id == item_id, PageRow.id != page_id, PageRow.state != PageState.SKIPPED)
    owner = session.scalar(query.limit(1))
    alias = None if owner is None else owner if _takes_over(page, owner, brought_version) else page
    finish_page(session, page_id, PageState.DONE, now)
    if alias is not None:
        alias.state, alias.next_try_at = PageState.SKIPPED.value, None
        alias.detail = f"another address of item {item_id}"


def _takes_over(page: PageRow, owner: PageRow, brought_version: bool) -> bool:
    """Whether the outlet now keeps the article at this page rather than where it was read before."""
    if owner.state in (PageState.FAILED, PageState.BLOCKED):
        return True
    return not is_variant(page.url) and (brought_version or is_variant(owner.url))


def retry_page(
    session: Session, page_id: int, now: datetime, detail: str, retry_after: timedelta | None = None
) -> PageState:
    """Counts a failed attempt: the page waits for its next one, or is kept as failed with the reason."""
    page = session.get_one(PageRow, page_id)
    page.attempts += 1
    page.detail = detail[:500]
    page.checked_at = now
    page.next_try_at = policy.page_retry_at(page.attempts, now, retry_after)
    page.state = (PageState.FAILED if page.next_try_at is None else PageState.WAITING).value
    if page.next_try_at is None:
        _release(session, page)
    return PageState(page.state)


def hold_page(session: Session, page_id: int, until: datetime, detail: str) -> None:
    """Puts a page off without counting an attempt: its site asked for a pause."""
    session.execute(update(PageRow).where(PageRow.id == page_id).values(next_try_at=until, detail=detail[:500]))


def failed_pages(session: Session, limit: int = 200) -> list[PageRow]:
    """Pages given up or refused, newest first, with their reasons."""
    lost = (PageState.FAILED, PageState.BLOCKED)
    query = select(PageRow).where(PageRow.state.in_(lost)).order_by(PageRow.id.desc()).limit(limit)
    return list(session.scalars(query))


def _release(session: Session, page: PageRow) -> None:
    """Lets what was left out as a repeat of a page be asked for when the page gave nothing."""
    if page.item_id is not None:
        return
    if page.article_key is not None:
        others = (PageRow.article_key == page.article_key, PageRow.id != page.id)
        _ask_for(session, *others, PageRow.state == PageState.SKIPPED, PageRow.detail == SAME_ADDRESS)
    if page.title_key is not None:
        _release_title(session, page)


def _release_title(session: Session, page: PageRow) -> None:
    """Repeats of a title wait for one another: the oldest is asked for, unless one that was asked for is read."""
    repeats = (
        PageRow.source_id == page.source_id,
        PageRow.title_key == page.title_key,
        PageRow.id > page.id,  # what was announced before it repeated another page
    )
    if session.scalar(select(PageRow.id).where(*repeats, HOLDS_TITLE).limit(1)) is not None:
        return
    left_out = (PageRow.state == PageState.SKIPPED, PageRow.detail == SAME_TITLE)
    oldest = session.scalar(select(func.min(PageRow.id)).where(*repeats, *left_out))
    if oldest is not None:
        _ask_for(session, PageRow.id == oldest)


def _ask_for(session: Session, *which: ColumnElement[bool]) -> None:
    waits = {"state": PageState.WAITING.value, "detail": "", "next_try_at": None}
    session.execute(update(PageRow).where(*which).values(**waits))


def _waiting(page: PageRow, source: SourceRow, last_day: date | None) -> WaitingPage:
    return WaitingPage(
        id=page.id,
        source_id=page.source_id,
        url=page.url,
        url_key=page.url_key,
        title=page.title,
        summary=page.summary,
        published_at=page.published_at,
        attempts=page.attempts,
        outlet=source.outlet,
        zone=source.zone,
        selector=source.selector,
        role=SourceRole(source.role),
        backfilled_until=day_bounds(last_day, zone_of(source.zone))[1] if last_day else None,
    )
