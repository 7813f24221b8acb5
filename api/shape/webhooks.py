"""From what the store says of webhooks to the documents of the API."""

from __future__ import annotations

from api import schemas
from api.shape.places import place
from waspada.alerts.exits import mask
from waspada.alerts.types import AlertState
from waspada.webhooks.types import DeliveryState, DeliveryView, Issued, Webhook


def webhook(one: Webhook) -> schemas.WebhookOut:
    return schemas.WebhookOut(
        id=one.id,
        title=mask(one.title),
        url=one.url,
        region=place(one.told_of.region) if one.told_of.region else None,
        label=one.told_of.label,
        min_level=one.told_of.min_level,
        state=AlertState(one.told_of.state) if one.told_of.state else None,
        internal=one.internal,
        internal_reason=mask(one.internal_reason),
        active=one.active,
        paused_at=one.paused_at,
        actor=one.actor,
        created_at=one.created_at,
        failures=one.failures,
        last_at=one.last_at,
        last_status=one.last_status,
    )


def issued_webhook(issued: Issued) -> schemas.IssuedWebhookOut:
    return schemas.IssuedWebhookOut(webhook=webhook(issued.webhook), secret=issued.secret)


def webhook_delivery(view: DeliveryView) -> schemas.WebhookDeliveryOut:
    return schemas.WebhookDeliveryOut(
        id=view.id,
        type=view.kind,
        alert_id=view.alert_id,
        state=view.state,
        created_at=view.created_at,
        next_try_at=view.next_try_at if view.state is DeliveryState.WAITING else None,
        ended_at=view.ended_at,
        problem=mask(view.problem),
        attempts=[
            schemas.AttemptOut(
                at=one.at,
                attempt=one.attempt,
                outcome=one.outcome,
                status=one.status,
                milliseconds=one.milliseconds,
                problem=mask(one.problem),
            )
            for one in view.attempts
        ],
    )
