"""From what the store says of recipients and permissions to the documents of the API."""

from __future__ import annotations

from datetime import datetime

from api import schemas
from api.shape.places import place
from waspada.alerts.exits import mask
from waspada.recipients import policy
from waspada.recipients.types import Grant, RecipientView


def recipient(view: RecipientView, now: datetime) -> schemas.RecipientOut:
    one = view.recipient
    return schemas.RecipientOut(
        id=one.id,
        institution=mask(one.institution),
        kind=one.kind,
        region=place(one.region),
        channel=one.channel,
        address=one.address,
        language=one.language,
        active=one.active,
        guarded=one.is_guarded,
        open=policy.refusal(one, view.grants, [one.region], now) is None,
        added_by=one.added_by,
        added_at=one.added_at,
        changed_by=one.changed_by,
        changed_at=one.changed_at,
        grants=[grant(given, now) for given in view.grants],
    )


def grant(one: Grant, now: datetime) -> schemas.GrantOut:
    return schemas.GrantOut(
        id=one.id,
        recipient_id=one.recipient_id,
        region=place(one.region),
        state=policy.grant_state(one, now),
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        reason=mask(one.reason),
        asked_by=one.asked_by,
        asked_at=one.asked_at,
        decided_by=one.decided_by,
        decided_at=one.decided_at,
        decision_reason=mask(one.decision_reason),
        revoked_by=one.revoked_by,
        revoked_at=one.revoked_at,
        revoke_reason=mask(one.revoke_reason),
    )
