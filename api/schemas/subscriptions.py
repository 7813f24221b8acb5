"""Documents of subscriptions to digests, and of what was delivered. An address is shown masked and given once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from api.schemas.common import Document
from api.schemas.places import PlaceOut
from waspada.digests.types import Period
from waspada.notify.messages import Channel
from waspada.subscriptions.types import EndReason, SendKind, SendState, SkipReason, SubscriptionState
from waspada.taxonomy import MAX_LEVEL, Label

Hour = Annotated[int, Field(ge=0, le=23)]


class SubscriptionOut(Document):
    """Somebody outside the console who gets digests (docs/subscriptions.md)."""

    id: int = Field(examples=[12])
    channel: Channel
    address: str = Field(description="Masked; of a webhook its id.", examples=["c•••@banjarkab.example"])
    state: SubscriptionState
    region: PlaceOut
    labels: list[str] = Field(description="None: all.", examples=[["conflict"]])
    min_level: int = Field(ge=1, le=MAX_LEVEL, examples=[2])
    language: str = Field(examples=["id"])
    zone: str = Field(examples=["WITA"])
    period: Period
    days: list[int] = Field(description="0 is Monday.", examples=[[0, 1, 2, 3, 4, 5, 6]])
    hour: int = Field(examples=[7])
    quiet_from: int = Field(examples=[21])
    quiet_until: int = Field(examples=[5])
    created_at: datetime
    created_by: str = Field(description='An account, or "subscriber".', examples=["manager-1"])
    asked_at: datetime | None = Field(description="When it was last asked to confirm.")
    confirmed_at: datetime | None
    paused_until: datetime | None
    next_due_at: datetime | None
    ended_at: datetime | None
    end_reason: EndReason | None
    bounces: int = Field(description="In a row, of the kind that may pass.")


class SubscriptionFilterIn(Document):
    """What digests are about, and when they come."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"region": "63.03", "hour": 7}]},
    )
    region: str = Field(max_length=13, examples=["63.03"])
    labels: list[Label] = Field(default=[], max_length=8, description="None: all.")
    min_level: int = Field(default=2, ge=1, le=MAX_LEVEL)
    language: str = Field(default="id", max_length=2, pattern="^(id|en)$")
    zone: str = Field(default="WITA", max_length=4, pattern="^(WIB|WITA|WIT)$")
    period: Period = Period.DAILY
    days: list[int] = Field(default=[0, 1, 2, 3, 4, 5, 6], min_length=1, max_length=7, description="0 is Monday.")
    hour: Hour = 7
    quiet_from: Hour = 21
    quiet_until: Hour = 5


class NewSubscriptionIn(SubscriptionFilterIn):
    """A subscription. By mail and Telegram nothing is sent before whoever reads there confirmed it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"region": "63.03", "channel": "mail", "address": "camat@banjarkab.example"}]},
    )
    channel: Channel
    address: str = Field(
        default="",
        max_length=300,
        description="A mail address, the number of a private Telegram chat (may be left out), or a webhook's id.",
    )


class NewAddressIn(Document):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"channel": "mail", "address": "sekcam@banjarkab.example"}]}
    )
    channel: Channel
    address: str = Field(default="", max_length=300)


class PauseIn(Document):
    """Nothing is sent before this day begins in the subscriber's zone."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"until": "2026-12-27"}]})
    until: date


class SendOut(Document):
    """What a subscription was sent, or was not."""

    kind: SendKind
    occasion: str = Field(examples=["2026-11-30"])
    at: datetime
    state: SendState
    digest_id: int | None = Field(examples=[31])
    delivery_id: int | None = Field(examples=[118])
    skipped: SkipReason | None
    ended_at: datetime | None
    attempts: int
    problem: str


class DigestPreviewOut(Document):
    """The digest as it would be sent now; nothing of it is kept or sent."""

    subject: str
    text: str
    html: str
    chat: str


class DeliveryOut(Document):
    """A message that left, or did not. `uncertain`: it was handed over and no answer came."""

    id: int = Field(examples=[118])
    channel: str = Field(examples=["mail"])
    target: str = Field(description="Of what kind the recipient is.", examples=["subscription"])
    about: str = Field(examples=["subscription/12/2026-11-30"])
    subscription_id: int | None
    state: SendState
    created_at: datetime
    due_at: datetime
    attempts: int
    next_try_at: datetime | None
    ended_at: datetime | None
    problem: str
