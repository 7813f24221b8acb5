"""Documents of webhooks."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.schemas.common import Document
from api.schemas.places import PlaceOut
from waspada.alerts.types import AlertState
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.taxonomy import MAX_LEVEL
from waspada.webhooks.service import MAX_TITLE_CHARACTERS, MAX_URL_CHARACTERS
from waspada.webhooks.types import DeliveryState, EventKind


class WebhookOut(Document):
    """An address that is told of alerts (docs/webhooks.md). Its secret is shown once, when it is made."""

    id: int = Field(examples=[1])
    title: str = Field(examples=["Posko kabupaten"])
    url: str = Field(examples=["https://posko.example/waspada"])
    region: PlaceOut | None = Field(description="null: every region.")
    label: str | None = Field(description="null: every label.", examples=["conflict"])
    min_level: int = Field(ge=0, le=MAX_LEVEL, examples=[2])
    state: AlertState | None = Field(description="null: every state.")
    internal: bool = Field(description="Of this team: told also of what nobody has verified yet.")
    internal_reason: str
    active: bool
    paused_at: datetime | None = Field(description="By an admin, or by itself after 20 failures in a row.")
    actor: str = Field(examples=["admin-1"])
    created_at: datetime
    failures: int = Field(description="In a row.", examples=[0])
    last_at: datetime | None
    last_status: int | None = Field(description="Of HTTP; null where there was no answer.", examples=[204])


class IssuedWebhookOut(Document):
    """A webhook with the secret that was just made. It cannot be had again."""

    webhook: WebhookOut
    secret: str = Field(examples=["whsec_..."])


class NewWebhookIn(Document):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"title": "Posko kabupaten", "url": "https://posko.example/waspada", "region": "63.03"}]
        },
    )
    title: str = Field(max_length=2 * MAX_TITLE_CHARACTERS)
    url: str = Field(max_length=MAX_URL_CHARACTERS)
    region: str | None = Field(default=None, max_length=13)
    label: str | None = Field(default=None, max_length=20)
    min_level: int = Field(default=2, ge=0, le=MAX_LEVEL)
    state: AlertState | None = None
    internal: bool = False
    internal_reason: str = Field(default="", max_length=2 * MAX_REASON_CHARACTERS)


class AttemptOut(Document):
    at: datetime
    attempt: int = Field(examples=[1])
    outcome: str = Field(description="sent, retry or given_up.", examples=["sent"])
    status: int | None = Field(examples=[204])
    milliseconds: int = Field(examples=[84])
    problem: str


class WebhookDeliveryOut(Document):
    """A message to a webhook. What the other side answered is not kept, its status is."""

    id: int = Field(examples=[31])
    type: EventKind
    alert_id: int | None = Field(examples=[12])
    state: DeliveryState
    created_at: datetime
    next_try_at: datetime | None = Field(description="null where it ended.")
    ended_at: datetime | None
    problem: str
    attempts: list[AttemptOut] = Field(description="The newest first.")


class PutOut(Document):
    """What was put to be sent."""

    delivery_id: int = Field(examples=[32])
