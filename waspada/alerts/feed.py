"""What happened to alerts since somebody looked: ids and revisions only, by the lines of their histories.

Every step that makes a new revision writes a line to `alert_events`, so the id of the newest line is a position that a
listener can go on from. On PostgreSQL lines do not become visible in the order of their ids; whoever reads on looks
back by `OVERLAP` and leaves out what was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from waspada.alerts import repository
from waspada.alerts.types import AlertFilter
from waspada.errors import NotFoundError
from waspada.store.asking import ask
from waspada.store.tables import AlertEventRow, AlertRow

#: So many lines can still become visible behind one that is.
OVERLAP = 200
#: So many are read at once; who missed more loads the list again.
MOST = 500


@dataclass(frozen=True, slots=True)
class Change:
    """A line of an alert's history, with the revision that the alert has now."""

    line: int
    alert_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class Told:
    """An alert as a listener is told of it: whether it stands in the list that they look at."""

    alert_id: int
    revision: int
    fits: bool


def position(session: Session) -> int:
    """The newest line of any history; 0 where there is none."""
    return ask(session, _NEWEST).scalar() or 0


_NEWEST = select(func.max(AlertEventRow.id))


def after(session: Session, line: int, *, limit: int = MOST) -> Sequence[Change]:
    """What came after a line, oldest first, without exercises. One walk of the primary key from there."""
    query = (
        select(AlertEventRow.id, AlertEventRow.alert_id, AlertRow.revision)
        .join(AlertRow, AlertRow.id == AlertEventRow.alert_id)
        .where(AlertEventRow.id > line, AlertRow.exercise.is_(False))
        .order_by(AlertEventRow.id)
        .limit(limit)
    )
    return [Change(*row) for row in session.execute(query)]


def told(session: Session, changes: Iterable[Change], wanted: AlertFilter) -> list[Told]:
    """What a listener with this filter is told of changes: each alert once, and none outside of `wanted.within`."""
    latest = {change.alert_id: change.revision for change in changes}
    inside = repository.revisions(session, list(latest), within=wanted.within)
    try:
        fitting = repository.fitting(session, wanted, list(inside))
    except NotFoundError:  # the topic was switched off meanwhile
        fitting = set()
    return [Told(id_, revision, id_ in fitting) for id_, revision in sorted(inside.items())]
