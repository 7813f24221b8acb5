"""From what the store says of rota, calls and contacts to the documents of the API. No word of content is in them."""

from __future__ import annotations

from api import schemas
from waspada.notify.calls.service import Answered
from waspada.notify.calls.types import CallView
from waspada.notify.contacts.types import Contact
from waspada.notify.duty.types import Copied, DutyShift, RotaView


def contact(one: Contact) -> schemas.ContactOut:
    return schemas.ContactOut(
        id=one.id,
        channel=one.channel,
        shown=one.shown,
        state=one.state,
        position=one.position,
        created_at=one.created_at,
        verified_at=one.verified_at,
        ended_at=one.ended_at,
        ended_reason=one.ended_reason,
    )


def duty(one: DutyShift) -> schemas.DutyOut:
    return schemas.DutyOut(
        id=one.id,
        desk=one.desk,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        account=one.user,
        position=one.position,
        callable=one.is_active,
        reachable=one.is_reachable,
    )


def rota(view: RotaView) -> schemas.RotaOut:
    shifts = {one.id: one for day in view.days for one in day.shifts}
    return schemas.RotaOut(
        desk=view.desk,
        first=view.days[0].day,
        last=view.days[-1].day,
        shifts=[duty(one) for one in shifts.values()],
        gaps=[schemas.SpanOut(start=gap.start, end=gap.end) for day in view.days for gap in day.gaps],
        doubles=[
            schemas.DoubleOut(start=one.span.start, end=one.span.end, account=one.user, desks=list(one.desks))
            for one in view.doubles
        ],
    )


def copied(found: Copied) -> schemas.CopiedOut:
    return schemas.CopiedOut(added=[duty(one) for one in found.added], left_out=found.left_out)


def call(view: CallView) -> schemas.CallOut:
    return schemas.CallOut(
        id=view.id,
        chain=view.chain_id,
        step=view.step,
        how=view.how,
        desk=view.desk,
        account=view.user,
        level=view.level,
        exercise=view.is_exercise,
        alerts=list(view.alert_ids),
        channels=list(view.channels),
        ready_at=view.ready_at,
        made_at=view.made_at,
        sent_at=view.sent_at,
        failed_at=view.failed_at,
        problem=view.problem,
        held_at=view.held_at,
        acknowledged_at=view.acknowledged_at,
        acknowledged_by=view.acknowledged_by,
        escalated_to=view.escalated_to,
        ended_at=view.ended_at,
        end_reason=view.end_reason,
    )


def answered(found: Answered) -> schemas.AnsweredOut:
    return schemas.AnsweredOut(
        call=found.call_id, by=found.by, at=found.at, first=found.is_first, alerts=[one.alert_id for one in found.moved]
    )
