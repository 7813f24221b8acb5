"""From what the store says of field reports to the documents of the API."""

from __future__ import annotations

from datetime import datetime

from api import schemas
from api.shape.places import place
from waspada.alerts.exits import mask
from waspada.places import full_name
from waspada.reports.types import Draft, FieldReport, Owed, Recap, RecapRow, ReportEvent, Sender, Step


def field_report(one: FieldReport) -> schemas.FieldReportOut:
    return schemas.FieldReportOut(
        id=one.id,
        level=one.level,
        region=place(one.region),
        place=place(one.place),
        kind=one.kind,
        known=one.known,
        state=one.state,
        revision=one.revision,
        text=mask(one.text),
        happened_at=one.happened_at,
        sent_at=one.sent_at,
        decided_by=one.decided_by,
        decided_at=one.decided_at,
        note=mask(one.note),
        closed_at=one.closed_at,
        item_id=one.item_id,
        story_id=one.story_id,
        alert_id=one.alert_id,
        cites=list(one.cites),
        cited_by=one.cited_by,
        history=[_event(event) for event in one.history],
    )


def _event(one: ReportEvent) -> schemas.ReportEventOut:
    return schemas.ReportEventOut(
        at=one.at, actor=one.actor, step=one.step, state=one.state, text=mask(one.text), other_id=one.other_id
    )


def own_report(one: FieldReport) -> schemas.OwnReportOut:
    return schemas.OwnReportOut(
        id=one.id,
        place=place(one.place),
        kind=one.kind,
        state=one.state,
        text=mask(one.text),
        happened_at=one.happened_at,
        sent_at=one.sent_at,
        closed_at=one.closed_at,
        question=question_of(one),
        forwarded=one.cited_by is not None,
    )


def question_of(one: FieldReport) -> str:
    """What the desk asks now; "" where it asks nothing."""
    if one.state != "asked":
        return ""
    return next((mask(event.text) for event in reversed(one.history) if event.step is Step.ASKED), "")


def draft(one: Draft) -> schemas.DraftOut:
    known = {name: one.fields.get(name, "") for name in schemas.DraftIn.model_fields}
    return schemas.DraftOut(key=one.key, changed_at=one.changed_at, **known)


def report_sender(one: Sender) -> schemas.SenderOut:
    return schemas.SenderOut(account=one.name, region=place(one.region))


def recap(one: Recap) -> schemas.RecapOut:
    return schemas.RecapOut(
        region=place(one.region),
        level=one.level,
        first_day=one.span.first,
        last_day=one.span.last,
        total=one.total,
        by_region=[_row(row, full_name(row.key)) for row in one.by_region],
        by_week=[_row(row, row.key) for row in one.by_week],
    )


def _row(row: RecapRow, name: str) -> schemas.RecapRowOut:
    return schemas.RecapRowOut(
        key=row.key,
        name=name,
        kinds=dict(row.kinds),
        total=row.total,
        unclarified=row.unclarified,
        refuted=row.refuted,
    )


def owed(one: Owed, now: datetime) -> schemas.OwedOut:
    report = one.report
    return schemas.OwedOut(
        region=place(one.region),
        first_day=one.span.first,
        last_day=one.span.last,
        due_at=one.due_at,
        is_overdue=one.is_overdue(now),
        sent_at=report.sent_at if report else None,
        is_nil=report.is_nil if report else None,
        text=mask(report.text) if report else "",
        id=report.id if report else None,
        is_erased=report is not None and report.is_erased,
        can_be_told=one.can_be_told,
    )
