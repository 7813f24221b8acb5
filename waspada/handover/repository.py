"""SQL about hand-overs: what happened in a shift, what stands open, and the notes. Never commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from waspada.alerts import repository as alerts
from waspada.alerts.policy import VERDICTS
from waspada.alerts.types import FINISHED_STATES, OPEN_STATES, SYSTEM, AlertState, AlertSummary
from waspada.handover.types import LINES_SHOWN, Decision, Handover, Question
from waspada.notify.types import Shift
from waspada.store.tables import AlertEventRow, AlertRegionRow, AlertRow, HandoverRow, StoryRow

_IN_HAND = [state.value for state in OPEN_STATES if state is not AlertState.NEW]
#: More questions than anybody can follow up.
_MAX_ASKED = 200


def came_in(session: Session, desk: str, shift: Shift, within: str | None) -> tuple[list[AlertSummary], int]:
    """Alerts that opened, rose or were re-opened by the machine in a shift, the highest first; and how many."""
    happened = or_(
        AlertEventRow.action.in_(("opened", "raised")),
        (AlertEventRow.action == "reopened") & (AlertEventRow.actor == SYSTEM),
    )
    ids = select(AlertEventRow.alert_id).where(*_in(shift), happened)
    return _listed(session, AlertRow.id.in_(ids), desk, (AlertRow.level.desc(), AlertRow.score.desc()), within)


def in_hand(session: Session, desk: str, within: str | None) -> tuple[list[AlertSummary], int]:
    """What somebody took in hand and is not done with: by owner, then the earliest due."""
    order = (AlertRow.owner, AlertRow.due_at.is_(None), AlertRow.due_at, AlertRow.score.desc())
    return _listed(session, AlertRow.state.in_(_IN_HAND), desk, order, within)


def overdue(session: Session, desk: str, now: datetime, within: str | None) -> tuple[list[AlertSummary], int]:
    """What should have been done by now, the longest overdue first."""
    late = (AlertRow.due_at < now) & AlertRow.state.not_in(FINISHED_STATES)  # not by state: most are new
    return _listed(session, late, desk, (AlertRow.due_at, AlertRow.id), within)


def asked(session: Session, desk: str, within: str | None) -> list[Question]:
    """The alerts that wait for the answer of an office, the longest first."""
    step = aliased(AlertEventRow)
    last = (
        select(func.max(step.id))
        .where(step.alert_id == AlertRow.id, step.to_state == AlertState.NEEDS_CLARIFICATION)
        .correlate(AlertRow)
        .scalar_subquery()
    )
    query = (
        select(AlertEventRow)
        .join(AlertRow, AlertRow.id == AlertEventRow.alert_id)
        .where(AlertRow.state == AlertState.NEEDS_CLARIFICATION, AlertEventRow.id == last, *_here(desk))
        .order_by(AlertEventRow.id)
        .limit(_MAX_ASKED)
    )
    rows = session.scalars(query).all()
    known = _by_id(session, [row.alert_id for row in rows], within)
    return [
        Question(known[row.alert_id], str(row.detail.get("office", "")), row.note, row.at, row.actor) for row in rows
    ]


def decided(session: Session, desk: str, shift: Shift, within: str | None) -> tuple[list[Decision], int]:
    """What people decided in a shift, the newest first; and how many decisions there were."""
    verdicts = [state.value for state in VERDICTS]
    query = (
        select(AlertEventRow)
        .join(AlertRow, AlertRow.id == AlertEventRow.alert_id)
        .where(*_in(shift), AlertEventRow.to_state.in_(verdicts), AlertEventRow.actor != SYSTEM, *_here(desk))
    )
    rows = session.scalars(query.order_by(AlertEventRow.id.desc()).limit(LINES_SHOWN)).all()
    known = _by_id(session, [row.alert_id for row in rows], within)
    found = [
        Decision(known[row.alert_id], row.at, row.actor, AlertState(row.to_state or ""), row.reason, row.note)
        for row in rows
    ]
    return found, _count(session, query.with_only_columns(AlertEventRow.id))


def of_shift(session: Session, desk: str, start: datetime, *, locked: bool = False) -> Handover | None:
    """The hand-over of the shift that began then; `locked` holds it to the end of the transaction."""
    query = select(HandoverRow).where(HandoverRow.desk == desk, HandoverRow.shift_start == start)
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(query)
    return None if row is None else as_handover(row)


def newest(session: Session, desk: str, limit: int) -> list[Handover]:
    """The hand-overs of a desk, the newest shift first."""
    query = select(HandoverRow).where(HandoverRow.desk == desk).order_by(HandoverRow.shift_start.desc()).limit(limit)
    return [as_handover(row) for row in session.scalars(query)]


def as_handover(row: HandoverRow) -> Handover:
    return Handover(
        id=row.id,
        desk=row.desk,
        shift=Shift(row.shift_start, row.shift_end),
        actor=row.actor,
        at=row.at,
        note=row.note,
        figures=row.figures,
        revision=row.revision,
        received_by=row.received_by,
        received_at=row.received_at,
    )


def _here(desk: str) -> tuple[ColumnElement[bool], ...]:
    """In the desk's region, no exercise, and not merged into another alert."""
    standing = select(AlertRegionRow.code).where(AlertRegionRow.code == desk, AlertRegionRow.alert_id == AlertRow.id)
    merged = select(StoryRow.id).where(StoryRow.id == AlertRow.story_id, StoryRow.merged_into.is_not(None))
    return standing.exists(), ~merged.exists(), AlertRow.exercise.is_(False)


def _in(shift: Shift) -> tuple[ColumnElement[bool], ...]:
    return AlertEventRow.at >= shift.start, AlertEventRow.at < shift.end


def _listed(
    session: Session,
    which: ColumnElement[bool],
    desk: str,
    order: Sequence[Any],
    within: str | None,
) -> tuple[list[AlertSummary], int]:
    query = select(AlertRow.id).where(which, *_here(desk))
    ids = session.scalars(query.order_by(*order).limit(LINES_SHOWN)).all()
    known = _by_id(session, ids, within)
    return [known[id_] for id_ in ids], _count(session, query)


def _count(session: Session, query: Select[int]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _by_id(session: Session, ids: Sequence[int], within: str | None) -> dict[int, AlertSummary]:
    return {one.id: one for one in alerts.by_ids(session, ids, within=within)}
