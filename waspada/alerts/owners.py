"""Which accounts may have an alert in hand, and what becomes of theirs when it ends or moves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import SQLColumnExpression, literal, or_, select, update
from sqlalchemy.orm import Session

from waspada.access.policy import RIGHTS
from waspada.access.types import Action, Role
from waspada.alerts.changes import owner_detail
from waspada.alerts.types import OPEN_STATES
from waspada.store.tables import AlertEventRow, AlertRegionRow, AlertRow, UserRow

_MOVERS = [role.value for role in Role if Action.MOVE_ALERTS in RIGHTS[role]]


def candidates(session: Session, alert_id: int) -> list[str]:
    """The active accounts that may see the alert and take steps with it, by name."""
    query = select(UserRow.name).where(*_may_take_steps(literal(alert_id)))
    return list(session.scalars(query.order_by(UserRow.name)))


def release(session: Session, owner: str, *, actor: str, now: datetime, why: str) -> int:
    """Makes those open alerts of an account nobody's that it may take no steps with any more, each with a line in its
    history; returns how many.

    `why` is a word of the program ("disabled", "moved"), never words of a person.
    """
    still = select(UserRow.id).where(UserRow.name == owner, *_may_take_steps(AlertRow.id)).correlate(AlertRow)
    held = select(AlertRow).where(AlertRow.owner == owner, AlertRow.state.in_([state.value for state in OPEN_STATES]))
    rows = session.scalars(held.where(~still.exists()).order_by(AlertRow.id).with_for_update()).all()
    for row in rows:
        session.execute(
            update(AlertRow)
            .where(AlertRow.id == row.id)
            .values(owner=None, changed_at=now, revision=AlertRow.revision + 1)
            .execution_options(synchronize_session=False)
        )
        session.refresh(row)
        session.add(
            AlertEventRow(
                alert_id=row.id,
                at=now,
                actor=actor,
                action="released",
                revision=row.revision,
                detail={**owner_detail(owner, None), "why": why},
            )
        )
    session.flush()
    return len(rows)


def _may_take_steps(alert_id: SQLColumnExpression[int]) -> list[SQLColumnExpression[bool]]:
    """Conditions on an account."""
    standing = select(AlertRegionRow.code).where(AlertRegionRow.alert_id == alert_id)
    inside = or_(UserRow.region.is_(None), UserRow.region.in_(standing.correlate(AlertRow)))
    return [UserRow.active, UserRow.role.in_(_MOVERS), inside]
