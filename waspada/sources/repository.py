"""SQL about sources, their polls and their events. Nothing here commits: the caller does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from waspada.sources import policy
from waspada.sources.announcements import announce
from waspada.sources.types import (
    OWN_ROLES,
    STREAM_KINDS,
    Announcement,
    Notice,
    NoticeKind,
    PollOutcome,
    PollSaved,
    PollState,
    Source,
    SourceKind,
    SourceRole,
    SourceState,
)
from waspada.sources.usual_hours import UsualHours
from waspada.stops.repository import may_be_asked
from waspada.store.tables import (
    Json,
    SourceEventRow,
    SourceRow,
)

_POLL_FIELDS = tuple(PollState.__dataclass_fields__)
_NOTICES = tuple(NoticeKind)


def enabled_sources(session: Session, ids: Collection[str] | None = None) -> list[Source]:
    """All enabled sources, the longest waiting first; only those named when `ids` is given (enabled or not).

    The exercise's own is among them only where it is named: nobody but the service can reach it.
    """
    query = select(SourceRow).order_by(SourceRow.next_poll_at, SourceRow.id)
    real = SourceRow.enabled & (SourceRow.role.not_in(OWN_ROLES))
    query = query.where(real) if ids is None else query.where(SourceRow.id.in_(ids))
    return [_source(row) for row in session.scalars(query)]


def due_sources(session: Session, now: datetime, limit: int = 500) -> list[Source]:
    """Enabled sources whose time has come, the longest waiting first, without those that a stop of the collection
    holds; streams have a reader of their own."""
    query = (
        select(SourceRow)
        .where(SourceRow.enabled, SourceRow.next_poll_at <= now, SourceRow.kind.not_in(STREAM_KINDS), may_be_asked())
        .order_by(SourceRow.next_poll_at, SourceRow.id)
        .limit(limit)
    )
    return [_source(row) for row in session.scalars(query)]


def stream_sources(session: Session) -> list[Source]:
    """The enabled sources that are read all the time, without those that a stop of the collection holds."""
    query = select(SourceRow).where(SourceRow.enabled, SourceRow.kind.in_(STREAM_KINDS), may_be_asked())
    return [_source(row) for row in session.scalars(query.order_by(SourceRow.id))]


def homes(session: Session) -> dict[str, str | None]:
    """Id -> home region of every source."""
    return {id_: region for id_, region in session.execute(select(SourceRow.id, SourceRow.region))}  # noqa: C416


def cursors(session: Session, kind: SourceKind) -> dict[str, str | None]:
    """Id -> cursor of every source of a kind, also of those that are switched off."""
    rows = session.execute(select(SourceRow.id, SourceRow.cursor).where(SourceRow.kind == kind))
    return {id_: cursor for id_, cursor in rows}  # noqa: C416 (a row is no tuple to the type checker)


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
    saved = announce(session, source_id, announced, now, complete)
    session.execute(update(SourceRow).where(SourceRow.id == source_id).values(**_columns(after)))
    if saved.newest_at is not None:
        _note_entry(session, source_id, saved.newest_at)
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
    _trim_events(session, source_id, notices=False)
    return saved


def save_cursor(session: Session, source_ids: Collection[str], cursor: str) -> None:
    """Notes where the reading of a stream goes on."""
    session.execute(update(SourceRow).where(SourceRow.id.in_(source_ids)).values(cursor=cursor))


def recurring(session: Session, source_id: str) -> dict[str, date]:
    """Keys of the lines that this source is known to put on page after page, with the day of the last text that had
    each (`waspada.items.recurring`)."""
    kept = session.scalar(select(SourceRow.recurring).where(SourceRow.id == source_id))
    return {key: date.fromisoformat(day) for key, day in (kept or {}).items()}


def save_recurring(session: Session, source_id: str, last_met: Mapping[str, date]) -> None:
    kept = {key: day.isoformat() for key, day in sorted(last_met.items())}
    session.execute(update(SourceRow).where(SourceRow.id == source_id).values(recurring=kept))


def events(session: Session, source_id: str) -> list[SourceEventRow]:
    """The last polls of a source and the notices about it, newest first."""
    query = select(SourceEventRow).where(SourceEventRow.source_id == source_id).order_by(SourceEventRow.id.desc())
    return list(session.scalars(query))


def add_notice(session: Session, notice: Notice, now: datetime) -> None:
    """Notes among a source's events what the operator is told of it; the last 30 notices are kept."""
    session.add(
        SourceEventRow(source_id=notice.source_id, at=now, outcome=notice.kind.value, detail=notice.words[:500])
    )
    session.flush()
    _trim_events(session, notice.source_id, notices=True)


def last_notices(session: Session) -> dict[tuple[str, NoticeKind], datetime]:
    """When the operator was last told of each source, by what about it."""
    query = (
        select(SourceEventRow.source_id, SourceEventRow.outcome, func.max(SourceEventRow.at))
        .where(SourceEventRow.outcome.in_(_NOTICES))
        .group_by(SourceEventRow.source_id, SourceEventRow.outcome)
    )
    return {(source_id, NoticeKind(kind)): at for source_id, kind, at in session.execute(query)}


def last_poll(session: Session, until: datetime) -> datetime | None:
    """When the desk last asked any source, up to a moment."""
    query = select(func.max(SourceEventRow.at)).where(
        SourceEventRow.at <= until, SourceEventRow.outcome.not_in(_NOTICES)
    )
    return session.scalar(query)


def _note_entry(session: Session, source_id: str, newest_at: datetime) -> None:
    older = or_(SourceRow.newest_entry_at.is_(None), SourceRow.newest_entry_at < newest_at)
    session.execute(update(SourceRow).where(SourceRow.id == source_id, older).values(newest_entry_at=newest_at))


def _trim_events(session: Session, source_id: str, *, notices: bool) -> None:
    """Keeps the last polls, or the last notices: polls must not push out what says that somebody was told."""
    kind = SourceEventRow.outcome.in_(_NOTICES) if notices else SourceEventRow.outcome.not_in(_NOTICES)
    kept = (
        select(SourceEventRow.id)
        .where(SourceEventRow.source_id == source_id, kind)
        .order_by(SourceEventRow.id.desc())
        .limit(policy.KEPT_EVENTS)
    )
    session.execute(
        delete(SourceEventRow).where(SourceEventRow.source_id == source_id, kind, SourceEventRow.id.not_in(kept))
    )


def _columns(state: PollState) -> dict[str, object]:
    columns: dict[str, object] = asdict(state)
    columns["state"] = state.state.value
    columns["usual_hours"] = _hours_columns(state.usual_hours)
    return columns


def _hours_columns(usual_hours: UsualHours) -> dict[str, object]:
    return {"hours": [round(entries, 3) for entries in usual_hours.hours], "days": round(usual_hours.days, 4)}


def _usual_hours(saved: Json | None) -> UsualHours:
    return UsualHours(tuple(saved["hours"]), saved["days"]) if saved else UsualHours()


def _source(row: SourceRow) -> Source:
    values = {name: getattr(row, name) for name in _POLL_FIELDS}
    values["state"] = SourceState(row.state)
    values["usual_hours"] = _usual_hours(row.usual_hours)
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
        listing_selector=row.listing_selector,
    )
