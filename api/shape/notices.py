"""From what the store says of notices, shifts and silences to the documents of the API."""

from __future__ import annotations

from datetime import UTC

from api import schemas
from api.shape.places import place
from waspada.alerts.exits import mask
from waspada.notify.types import NoticeView, ShiftView, SilenceView


def notice(view: NoticeView) -> schemas.NoticeOut:
    one, main = view.notice, (view.place or "")[:5]
    return schemas.NoticeOut(
        id=one.id,
        alert_id=one.alert_id,
        desk=view.desk,
        kind=one.kind,
        state=view.state,
        due_at=one.due_at,
        ready_at=one.ready_at,
        held_at=one.held_at,
        held_reason=one.held_reason,
        held_by=one.held_by,
        dropped_at=one.dropped_at,
        drop_reason=one.drop_reason,
        changes=list(one.changes),
        level=one.facts.level,
        labels=sorted(one.facts.labels),
        places=[place(code) for code in sorted(one.facts.places, key=lambda code: (code != main, code))],
        outlets=one.facts.outlets,
        label=view.label,
        headline=mask(view.headline),
        alert_state=view.alert_state,
    )


def shift(view: ShiftView) -> schemas.ShiftOut:
    return schemas.ShiftOut(
        desk=view.desk,
        start=view.shift.start.astimezone(UTC),
        end=view.shift.end.astimezone(UTC),
        cap=view.cap,
        used=view.used,
        held_by_label=dict(view.held_by_label),
        held=[notice(one) for one in view.held],
    )


def silence(view: SilenceView) -> schemas.SilenceOut:
    one = view.silence
    return schemas.SilenceOut(
        id=one.id,
        region=place(one.region),
        alert_id=one.alert_id,
        item_id=one.item_id,
        level=one.level,
        label=one.label,
        until=one.until,
        reason=mask(one.reason),
        actor=one.actor,
        at=one.at,
        ended_at=one.ended_at,
        ended_by=one.ended_by,
        active=view.is_active,
        holds=view.holds,
    )
