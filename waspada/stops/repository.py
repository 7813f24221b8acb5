"""SQL about stops of the collection. Nothing here commits: the caller does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from waspada.errors import NotFoundError
from waspada.stops.types import Stop
from waspada.store.asking import Answer, ask
from waspada.store.tables import CollectionStopRow, SourceRow

STOPS_SHOWN = 200


#: Every page asks for these.
_IN_FORCE = (
    select(
        CollectionStopRow.id,
        CollectionStopRow.at,
        CollectionStopRow.actor,
        CollectionStopRow.role,
        CollectionStopRow.source_id,
        CollectionStopRow.region,
        CollectionStopRow.reason,
        CollectionStopRow.lifted_at,
        CollectionStopRow.lifted_by,
        CollectionStopRow.lifted_why,
    )
    .where(CollectionStopRow.lifted_at.is_(None))
    .order_by(CollectionStopRow.id)
)


def in_force(session: Session) -> list[Stop]:
    """The stops that hold now, the oldest first."""
    return [as_stop(row) for row in ask(session, _IN_FORCE)]


def all_stops(session: Session, limit: int = STOPS_SHOWN) -> list[Stop]:
    """The newest stops, lifted ones too, newest first."""
    query = select(CollectionStopRow).order_by(CollectionStopRow.id.desc()).limit(limit)
    return [as_stop(row) for row in session.scalars(query)]


def row_of(session: Session, stop_id: int) -> CollectionStopRow:
    """The row, locked. Raises NotFoundError."""
    row = session.get(CollectionStopRow, stop_id, with_for_update=True)
    if row is None:
        raise NotFoundError(f"There is no stop {stop_id}.", hint="`waspada collection status` lists them.")
    return row


def may_be_asked() -> ColumnElement[bool]:
    """Of sources: no stop in force holds this one (`policy.holds` in SQL)."""
    home = CollectionStopRow.region
    within = and_(home.is_not(None), or_(SourceRow.region == home, SourceRow.region.like(home.concat(".%"))))
    whole = and_(CollectionStopRow.source_id.is_(None), home.is_(None))
    holding = select(CollectionStopRow.id).where(
        CollectionStopRow.lifted_at.is_(None), or_(whole, CollectionStopRow.source_id == SourceRow.id, within)
    )
    return ~holding.correlate(SourceRow).exists()


def overlapping(session: Session, start: datetime, end: datetime) -> Sequence[Stop]:
    """Stops that held at any moment of a time, the oldest first."""
    query = select(CollectionStopRow).where(
        CollectionStopRow.at < end,
        or_(CollectionStopRow.lifted_at.is_(None), CollectionStopRow.lifted_at >= start),
    )
    return [as_stop(row) for row in session.scalars(query.order_by(CollectionStopRow.id))]


def as_stop(row: CollectionStopRow | Answer) -> Stop:
    return Stop(
        row.id,
        row.at,
        row.actor,
        row.role,
        row.source_id,
        row.region,
        row.reason,
        row.lifted_at,
        row.lifted_by,
        row.lifted_why,
    )
