"""SQL about sources, their events and the pages they announced. Nothing here commits: the caller does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from waspada.sources import policy
from waspada.sources.types import (
    Announcement,
    PageState,
    PollOutcome,
    PollSaved,
    PollState,
    Source,
    SourceKind,
    SourceRole,
    SourceState,
    WaitingPage,
)
from waspada.store.tables import PageRow, SourceEventRow, SourceRow

_POLL_FIELDS = tuple(PollState.__dataclass_fields__)
#: SQLite allows 32,766 variables a statement, PostgreSQL 65,535.
_CHUNK = 500


def enabled_sources(session: Session, ids: Collection[str] | None = None) -> list[Source]:
    """All enabled sources, the longest waiting first; only those named when `ids` is given (enabled or not)."""
    query = select(SourceRow).order_by(SourceRow.next_poll_at, SourceRow.id)
    query = query.where(SourceRow.enabled) if ids is None else query.where(SourceRow.id.in_(ids))
    return [_source(row) for row in session.scalars(query)]


def due_sources(session: Session, now: datetime, limit: int = 500) -> list[Source]:
    """Enabled sources whose time has come, the longest waiting first."""
    query = (
        select(SourceRow)
        .where(SourceRow.enabled, SourceRow.next_poll_at <= now)
        .order_by(SourceRow.next_poll_at, SourceRow.id)
        .limit(limit)
    )
    return [_source(row) for row in session.scalars(query)]


def save_poll(
    session: Session,
    source_id: str,
    after: PollState,
    outcome: PollOutcome,
    announced: Sequence[Announcement],
    now: datetime,
    *,
    complete: bool = False,
) -> PollSaved:
    """Saves the poll's state and event and the pages it announced. All or nothing with the caller's transaction.

    `complete` says that the announcements are the items themselves (posts): their pages are done at once and hold
    neither title nor text.
    """
    saved = _announce(session, source_id, announced, now, complete)
    session.execute(update(SourceRow).where(SourceRow.id == source_id).values(**_columns(after)))
    session.add(
        SourceEventRow(
            source_id=source_id,
            at=now,
            outcome=outcome.state.value,
            http_status=outcome.http_status,
            entries=outcome.entries,
            new_entries=len(saved.new),
            detail=outcome.detail[:500],
        )
    )
    session.flush()
    _trim_events(session, source_id)
    return saved


def known_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Which of these URL keys some source announced before."""
    return set(_pages_by_key(session, list(keys)))


def waiting_pages(
    session: Session,
    now: datetime,
    limit: int,
    source_ids: Collection[str] | None = None,
    skip: Collection[int] = (),
    per_source: int = 25,
) -> list[WaitingPage]:
    """Pages to be fetched now without those in `skip` (being fetched): the oldest `per_source` of each source, so that
    a site with thousands waiting keeps nobody else waiting."""
    place = func.row_number().over(partition_by=PageRow.source_id, order_by=PageRow.id).label("place")
    ready = select(PageRow.id.label("page_id"), place).where(
        PageRow.state == PageState.WAITING,
        (PageRow.next_try_at.is_(None)) | (PageRow.next_try_at <= now),
    )
    ready = ready.where(PageRow.source_id.in_(source_ids)) if source_ids is not None else ready
    ranked = ready.subquery()
    query = (
        select(PageRow, SourceRow)
        .join(ranked, ranked.c.page_id == PageRow.id)
        .join(SourceRow, SourceRow.id == PageRow.source_id)
        .where(ranked.c.place <= per_source, PageRow.id.not_in(skip))
        .order_by(ranked.c.place, PageRow.id)
        .limit(limit)
    )
    query = query.where(SourceRow.enabled) if source_ids is None else query
    return [_waiting(page, source) for page, source in session.execute(query)]


def finish_page(session: Session, page_id: int, state: PageState, now: datetime, detail: str = "") -> None:
    """The last word on a page for now: done, blocked, skipped or failed."""
    session.execute(
        update(PageRow)
        .where(PageRow.id == page_id)
        .values(state=state.value, detail=detail[:500], checked_at=now, next_try_at=None)
    )


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
    return PageState(page.state)


def hold_page(session: Session, page_id: int, until: datetime, detail: str) -> None:
    """Puts a page off without counting an attempt: its site asked for a pause."""
    session.execute(update(PageRow).where(PageRow.id == page_id).values(next_try_at=until, detail=detail[:500]))


def failed_pages(session: Session, limit: int = 200) -> list[PageRow]:
    """Pages given up or refused, newest first, with their reasons."""
    lost = (PageState.FAILED, PageState.BLOCKED)
    query = select(PageRow).where(PageRow.state.in_(lost)).order_by(PageRow.id.desc()).limit(limit)
    return list(session.scalars(query))


def events(session: Session, source_id: str) -> list[SourceEventRow]:
    """The last polls of a source, newest first."""
    query = select(SourceEventRow).where(SourceEventRow.source_id == source_id).order_by(SourceEventRow.id.desc())
    return list(session.scalars(query))


def _announce(
    session: Session, source_id: str, announced: Sequence[Announcement], now: datetime, complete: bool
) -> PollSaved:
    unique = list({entry.url_key: entry for entry in reversed(announced)}.values())[::-1]
    known = _pages_by_key(session, [entry.url_key for entry in unique])
    fresh = [entry for entry in unique if entry.url_key not in known]
    repeats = set() if complete else _known_titles(session, source_id, fresh, now)
    new: list[Announcement] = []
    for entry in reversed(fresh):  # feeds list the newest first; pages are fetched in the order of their ids
        repeated = not complete and entry.title_key is not None and entry.title_key in repeats
        if entry.title_key:
            repeats.add(entry.title_key)
        session.add(_new_page(source_id, entry, now, complete, repeated))
        if not repeated:
            new.append(entry)
    mine = [e for e in unique if e.url_key in known and known[e.url_key].source_id == source_id]
    edited = _edited(known, mine, now, complete)
    return PollSaved(tuple(new), tuple(edited), len(fresh) - len(new), len(known))


def _new_page(source_id: str, entry: Announcement, now: datetime, complete: bool, repeated: bool) -> PageRow:
    state = PageState.DONE if complete else PageState.SKIPPED if repeated else PageState.WAITING
    return PageRow(
        source_id=source_id,
        url=entry.url,
        url_key=entry.url_key,
        title="" if complete else entry.title,
        title_key=None if complete else entry.title_key,
        summary="" if complete else entry.summary,
        published_at=entry.published_at,
        seen_at=now,
        state=state.value,
        detail="the same title as another article of this source" if repeated else "",
        checked_at=now if complete else None,
    )


def _edited(
    known: dict[str, PageRow], entries: Sequence[Announcement], now: datetime, complete: bool
) -> list[Announcement]:
    """Known entries that say their article changed; their pages wait for another fetch.

    Only the source that announced a page first is heard: two feeds of one outlet may word a title differently.
    """
    claims = [policy.is_edited("", "", e.updated_at, known[e.url_key].checked_at, now) for e in entries]
    believable = policy.updates_are_believable(claims)
    edited = []
    for entry in entries:
        page = known[entry.url_key]
        updated_at = entry.updated_at if believable else None
        changed = policy.is_edited(page.title, entry.title, updated_at, page.checked_at, now)
        if entry.title and not complete:
            page.title, page.title_key = entry.title, entry.title_key
        if not changed:
            continue
        edited.append(entry)
        if complete:
            page.checked_at = now
        elif page.state in (PageState.DONE, PageState.FAILED, PageState.BLOCKED):
            page.state, page.attempts, page.next_try_at, page.detail = PageState.WAITING.value, 0, None, "edited"
    return edited


def _known_titles(session: Session, source_id: str, entries: Sequence[Announcement], now: datetime) -> set[str]:
    wanted = [entry.title_key for entry in entries if entry.title_key]
    found: set[str] = set()
    for start in range(0, len(wanted), _CHUNK):
        query = select(PageRow.title_key).where(
            PageRow.source_id == source_id,
            PageRow.title_key.in_(wanted[start : start + _CHUNK]),
            PageRow.seen_at > now - policy.SAME_TITLE_FOR,
        )
        found.update(key for key in session.scalars(query) if key)
    return found


def _pages_by_key(session: Session, keys: Sequence[str]) -> dict[str, PageRow]:
    found: dict[str, PageRow] = {}
    for start in range(0, len(keys), _CHUNK):
        rows = session.scalars(select(PageRow).where(PageRow.url_key.in_(keys[start : start + _CHUNK])))
        found.update({row.url_key: row for row in rows})
    return found


def _trim_events(session: Session, source_id: str) -> None:
    kept = (
        select(SourceEventRow.id)
        .where(SourceEventRow.source_id == source_id)
        .order_by(SourceEventRow.id.desc())
        .limit(policy.KEPT_EVENTS)
    )
    session.execute(delete(SourceEventRow).where(SourceEventRow.source_id == source_id, SourceEventRow.id.not_in(kept)))


def _columns(state: PollState) -> dict[str, object]:
    columns: dict[str, object] = asdict(state)
    columns["state"] = state.state.value
    return columns


def _source(row: SourceRow) -> Source:
    values = {name: getattr(row, name) for name in _POLL_FIELDS}
    values["state"] = SourceState(row.state)
    return Source(
        id=row.id,
        name=row.name,
        outlet=row.outlet,
        url=row.url,
        kind=SourceKind(row.kind),
        role=SourceRole(row.role),
        zone=row.zone,
        selector=row.selector,
        poll=PollState(**values),
    )


def _waiting(page: PageRow, source: SourceRow) -> WaitingPage:
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
    )
