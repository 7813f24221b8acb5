"""SQL of the report: counts of a time, and nothing that names anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from waspada.alerts.feedback import verdict
from waspada.alerts.items import under
from waspada.alerts.types import AlertState
from waspada.audit.types import AuditAction
from waspada.sources.types import OWN_ROLES, SourceRole
from waspada.store.tables import (
    AlertEventRow,
    AlertRegionRow,
    AlertRow,
    AuditRow,
    CorrectionRow,
    DeliveryRow,
    ErasureRow,
    FieldReportCitationRow,
    FieldReportRow,
    ItemRow,
    SourceHealthRow,
    SourceRow,
    SubscriptionSendRow,
)
from waspada.subscriptions.types import SendKind
from waspada.transparency.types import Share

Span = tuple[datetime, datetime]
Counts = dict[str, dict[str, int]]
_SENDS = (SendKind.DIGEST.value, SendKind.CORRECTION.value)
_DECIDED = (AlertState.VERIFIED.value, AlertState.NOT_A_THREAT.value)


def sources(session: Session, region: str) -> Counts:
    """Sources of the region and of the whole country by kind and by how they stand now."""
    state = func.coalesce(SourceHealthRow.state, SourceRow.state)
    query = (
        select(SourceRow.kind, state, func.count())
        .outerjoin(SourceHealthRow, SourceHealthRow.source_id == SourceRow.id)
        .where(SourceRow.role.not_in(OWN_ROLES), under(SourceRow.region, region) | SourceRow.region.is_(None))
        .group_by(SourceRow.kind, state)
    )
    return _nested(session.execute(query).all())


def items(session: Session, span: Span) -> dict[str, int]:
    """Items found in the time by kind, without exercises."""
    query = (
        select(ItemRow.kind, func.count())
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .where(ItemRow.found_at >= span[0], ItemRow.found_at < span[1], SourceRow.role != SourceRole.EXERCISE)
        .group_by(ItemRow.kind)
    )
    return {kind: count for kind, count in session.execute(query)}  # noqa: C416


def alerts(session: Session, region: str, span: Span) -> Counts:
    """Alerts opened in the time by label and state."""
    query = _opened(region, span).with_only_columns(AlertRow.label, AlertRow.state, func.count())
    return _nested(session.execute(query.group_by(AlertRow.label, AlertRow.state)).all())


def levels(session: Session, region: str, span: Span) -> dict[int, int]:
    query = _opened(region, span).with_only_columns(AlertRow.level, func.count()).group_by(AlertRow.level)
    return {level: count for level, count in session.execute(query.order_by(AlertRow.level.desc()))}  # noqa: C416


def precision(session: Session, region: str, span: Span) -> dict[str, Share]:
    """Label -> of the alerts opened in the time on which a person decided, how many were verified.

    The last decision counts. A duplicate was no wrong alert and is left out.
    """
    ids = _opened(region, span).with_only_columns(AlertRow.id)
    rows = session.execute(
        select(AlertRow.label, AlertEventRow.alert_id, AlertEventRow.to_state, AlertEventRow.reason)
        .join(AlertRow, AlertRow.id == AlertEventRow.alert_id)
        .where(AlertEventRow.alert_id.in_(ids), AlertEventRow.to_state.in_(_DECIDED))
        .order_by(AlertEventRow.id)
    )
    last = {alert_id: (label, verdict(state or "", reason)) for label, alert_id, state, reason in rows}
    verified: dict[str, int] = defaultdict(int)
    decided: dict[str, int] = defaultdict(int)
    for label, found in last.values():
        if found is not None:
            decided[label] += 1
            verified[label] += found
    return {label: Share(verified[label], count) for label, count in sorted(decided.items())}


def acknowledgement(session: Session, region: str, span: Span) -> tuple[int, timedelta | None]:
    """How many alerts opened in the time somebody took up, and the median time from opening to that."""
    ids = _opened(region, span).with_only_columns(AlertRow.id)
    first = (
        select(AlertEventRow.alert_id, func.min(AlertEventRow.id).label("event_id"))
        .where(AlertEventRow.alert_id.in_(ids), AlertEventRow.from_state == AlertState.NEW.value)
        .group_by(AlertEventRow.alert_id)
        .subquery()
    )
    rows = session.execute(
        select(AlertRow.opened_at, AlertEventRow.at)
        .join(first, first.c.event_id == AlertEventRow.id)
        .join(AlertRow, AlertRow.id == AlertEventRow.alert_id)
    ).all()
    waits = [(at - opened_at).total_seconds() for opened_at, at in rows]
    return len(waits), timedelta(seconds=median(waits)) if waits else None


def digests(session: Session, span: Span) -> dict[str, int]:
    """Digests and corrections to subscribers that were sent in the time, by channel."""
    query = (
        select(DeliveryRow.channel, func.count())
        .join(SubscriptionSendRow, SubscriptionSendRow.delivery_id == DeliveryRow.id)
        .where(SubscriptionSendRow.kind.in_(_SENDS), DeliveryRow.sent_at >= span[0], DeliveryRow.sent_at < span[1])
        .group_by(DeliveryRow.channel)
    )
    return {channel: count for channel, count in session.execute(query)}  # noqa: C416


def field_reports(session: Session, region: str, span: Span) -> dict[str, int]:
    """Field reports that came in the time and cite no others, by state."""
    cites = select(FieldReportCitationRow.report_id)
    query = (
        select(FieldReportRow.state, func.count())
        .where(
            under(FieldReportRow.region, region),
            FieldReportRow.sent_at >= span[0],
            FieldReportRow.sent_at < span[1],
            FieldReportRow.id.not_in(cites),
        )
        .group_by(FieldReportRow.state)
    )
    return {state: count for state, count in session.execute(query)}  # noqa: C416


def requests(session: Session, span: Span) -> Counts:
    """Requests from outside that came in the time, by kind and outcome."""
    query = (
        select(CorrectionRow.kind, CorrectionRow.state, func.count())
        .where(CorrectionRow.at >= span[0], CorrectionRow.at < span[1])
        .group_by(CorrectionRow.kind, CorrectionRow.state)
    )
    return _nested(session.execute(query).all())


def in_time(session: Session, span: Span) -> Share:
    """Of the requests that were decided in the time, how many were in time."""
    query = select(CorrectionRow.decided_at, CorrectionRow.due_at).where(
        CorrectionRow.decided_at >= span[0], CorrectionRow.decided_at < span[1]
    )
    rows = session.execute(query).all()
    return Share(sum(decided_at <= due_at for decided_at, due_at in rows if decided_at is not None), len(rows))


def deleted_at_place(session: Session, span: Span) -> int:
    """Alerts that lost posts which were deleted where they had been published."""
    query = select(func.count(ErasureRow.alert_id.distinct())).where(
        ErasureRow.cause == "place", ErasureRow.at >= span[0], ErasureRow.at < span[1]
    )
    return session.scalar(query) or 0


def audited(session: Session, action: AuditAction, span: Span) -> int:
    """Lines of an action in the audit log."""
    query = select(func.count()).select_from(AuditRow)
    return session.scalar(query.where(AuditRow.action == action.value, *_audit_in(span))) or 0


def audit_rows(session: Session, span: Span) -> int:
    return session.scalar(select(func.count()).select_from(AuditRow).where(*_audit_in(span))) or 0


def _audit_in(span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return AuditRow.at >= span[0], AuditRow.at < span[1]


def _opened(region: str, span: Span) -> Select[int]:
    """Alerts opened in the time in the region, without exercises."""
    inside = select(AlertRegionRow.alert_id).where(AlertRegionRow.code == region)
    return select(AlertRow.id).where(
        AlertRow.opened_at >= span[0],
        AlertRow.opened_at < span[1],
        AlertRow.exercise.is_(False),
        AlertRow.id.in_(inside),
    )


def _nested(rows: Sequence[Row[str, str, int]]) -> Counts:
    found: Counts = {}
    for outer, inner, count in rows:
        found.setdefault(outer, {})[inner] = count
    return {outer: dict(sorted(found[outer].items())) for outer in sorted(found)}
