"""From what the store says of a hand-over to the documents of the API."""

from __future__ import annotations

from datetime import UTC, datetime

from api import schemas
from api.shape.alerts import alert
from api.shape.notices import notice, silence
from waspada.alerts.exits import mask
from waspada.handover.types import Decision, Handover, Question, Summary
from waspada.notify.types import SilenceView


def handover(one: Handover) -> schemas.HandoverOut:
    return schemas.HandoverOut(
        id=one.id,
        desk=one.desk,
        shift_start=one.shift.start.astimezone(UTC),
        shift_end=one.shift.end.astimezone(UTC),
        actor=one.actor,
        at=one.at,
        note=mask(one.note),
        figures=dict(one.figures),
        revision=one.revision,
        received_by=one.received_by,
        received_at=one.received_at,
    )


def handover_summary(found: Summary, now: datetime) -> schemas.HandoverSummaryOut:
    return schemas.HandoverSummaryOut(
        desk=found.desk,
        shift_start=found.shift.start.astimezone(UTC),
        shift_end=found.shift.end.astimezone(UTC),
        counts={name.value: count for name, count in found.counts.items()},
        came_in=[alert(one) for one in found.came_in],
        in_hand=[alert(one) for one in found.in_hand],
        waiting=[alert(one) for one in found.waiting],
        overdue=[alert(one) for one in found.overdue],
        asked=[question(one) for one in found.asked],
        decided=[decision(one) for one in found.decided],
        held=[notice(one) for one in found.held],
        interruptions=found.interruptions,
        cap=found.cap,
        ending=[silence(SilenceView(one, one.is_active(now), 0)) for one in found.ending],
        silent=list(found.silent),
        note=None if found.note is None else handover(found.note),
        before=None if found.before is None else handover(found.before),
    )


def question(one: Question) -> schemas.QuestionOut:
    return schemas.QuestionOut(
        alert_id=one.alert.id,
        headline=mask(one.alert.headline),
        office=mask(one.office),
        question=mask(one.question),
        asked_at=one.asked_at,
        actor=one.actor,
    )


def decision(one: Decision) -> schemas.DecisionOut:
    return schemas.DecisionOut(
        alert_id=one.alert.id,
        headline=mask(one.alert.headline),
        at=one.at,
        actor=one.actor,
        state=one.state,
        reason=one.reason,
        note=mask(one.note),
    )
