"""What happened to an alert, field by field, read from its history. Pure but for the two functions that query.

What a line of the history keeps in `detail`: `from` and `to` are levels, `owner_before` and `owner_after` accounts,
`due_before` and `due_after` times in ISO 8601; `alert` and `story` name the other one of a merge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.alerts.types import Field, FieldChange, StateChange
from waspada.store.tables import AlertEventRow

#: So many changes are told to somebody who was overtaken.
CHANGES_SHOWN = 5
_PAIRS = (
    (Field.OWNER, "owner_before", "owner_after"),
    (Field.DUE, "due_before", "due_after"),
    (Field.LEVEL, "from", "to"),
)


def since(session: Session, alert_id: int, revision: int, current: int) -> Sequence[StateChange] | None:
    """All that changed an alert since it had `revision`, newest first; None where the history does not say it all:
    lines from before migration 0022 name no revision."""
    query = select(AlertEventRow).where(AlertEventRow.alert_id == alert_id, AlertEventRow.revision > revision)
    rows = session.scalars(query.order_by(AlertEventRow.id.desc())).all()
    if {row.revision for row in rows} != set(range(revision + 1, current + 1)):
        return None
    return [change_of(row) for row in rows]


def recent(session: Session, alert_id: int) -> Sequence[StateChange]:
    """The newest lines of the history that changed something."""
    query = select(AlertEventRow).where(AlertEventRow.alert_id == alert_id, AlertEventRow.action != "noted")
    return [change_of(row) for row in session.scalars(query.order_by(AlertEventRow.id.desc()).limit(CHANGES_SHOWN))]


def change_of(row: AlertEventRow) -> StateChange:
    return StateChange(row.at, row.actor, row.action, row.to_state, tuple(_fields(row)))


def owner_detail(before: str | None, after: str | None) -> dict[str, object]:
    """How the history keeps another owner; nothing where it is the same."""
    return {"owner_before": before, "owner_after": after} if before != after else {}


def due_detail(before: datetime | None, after: datetime | None) -> dict[str, object]:
    """How the history keeps another due time; nothing where it is the same."""
    if before == after:
        return {}
    return {"due_before": _iso(before), "due_after": _iso(after)}


def fields_of(detail: Mapping[str, object]) -> list[FieldChange]:
    """The fields that the detail of a line tells of."""
    return [
        FieldChange(field, _plain(detail.get(before)), _plain(detail[after]))
        for field, before, after in _PAIRS
        if after in detail
    ]


def _fields(row: AlertEventRow) -> list[FieldChange]:
    found = fields_of(row.detail)
    if row.to_state is not None:
        found.insert(0, FieldChange(Field.STATE, row.from_state, row.to_state))
    if row.reason is not None:
        found.append(FieldChange(Field.REASON, None, row.reason))
    other = row.detail.get("story") or (row.detail.get("alert") if row.action in _MERGES else None)
    if other is not None:
        found.append(FieldChange(Field.STORY, None, _plain(other)))
    return found


_MERGES = ("merged", "merged_into", "unmerged")


def _plain(value: object) -> str | int | None:
    return value if isinstance(value, str | int) else None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
