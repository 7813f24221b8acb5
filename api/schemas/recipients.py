"""Documents of institutions outside the team, and of permissions to send to some of them."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, ConfigDict, Field

from api.schemas.common import Document
from api.schemas.places import PlaceOut
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.recipients.policy import MAX_ADDRESS_CHARACTERS, MAX_INSTITUTION_CHARACTERS
from waspada.recipients.types import GrantState, RecipientChannel, RecipientKind


class GrantOut(Document):
    """A permission to send to the police or to intelligence about a region, for a time. It ends by itself."""

    id: int = Field(examples=[2])
    recipient_id: int = Field(examples=[7])
    region: PlaceOut
    state: GrantState
    starts_at: datetime
    ends_at: datetime
    reason: str
    asked_by: str = Field(examples=["admin"])
    asked_at: datetime
    decided_by: str | None = Field(description="The second account that approved or refused it.")
    decided_at: datetime | None
    decision_reason: str
    revoked_by: str | None
    revoked_at: datetime | None
    revoke_reason: str


class RecipientOut(Document):
    """The office of an institution. `guarded`: police or intelligence, off without a live permission."""

    id: int = Field(examples=[7])
    institution: str = Field(examples=["Kesbangpol Kabupaten Banjar"])
    kind: RecipientKind
    region: PlaceOut
    channel: RecipientChannel
    address: str = Field(examples=["kesbangpol@banjarkab.example"])
    language: str = Field(examples=["id"])
    active: bool
    guarded: bool
    open: bool = Field(description="Whether a report about its whole region could be sent to it now.")
    added_by: str
    added_at: datetime
    changed_by: str | None
    changed_at: datetime | None
    grants: list[GrantOut]


class NewRecipientIn(Document):
    """An institution, never somebody: what looks like a person's name or own address is refused."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"institution": "Kesbangpol Kabupaten Banjar", "kind": "kesbangpol", "region": "63.03",
                 "address": "kesbangpol@banjarkab.example"}
            ]
        },
    )  # fmt: skip
    institution: str = Field(max_length=2 * MAX_INSTITUTION_CHARACTERS)
    kind: RecipientKind
    region: str = Field(max_length=13)
    address: str = Field(max_length=2 * MAX_ADDRESS_CHARACTERS)
    language: str = Field(default="id", max_length=2)


class SwitchRecipient(Document):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"active": False}]})
    active: bool


class NewGrant(Document):
    """Asks for a permission; it holds nothing before a second account approved it. At most 90 days."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"region": "63.03", "ends_at": "2024-12-10T00:00:00Z", "reason": "Pengamanan pemungutan suara"}
            ]
        },
    )
    region: str = Field(max_length=13)
    starts_at: AwareDatetime | None = Field(default=None, description="Now without it.")
    ends_at: AwareDatetime
    reason: str = Field(max_length=2 * MAX_REASON_CHARACTERS)


class SecondDecision(Document):
    """What a second account decides; a refusal needs its reason."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"approved": True}]})
    approved: bool
    reason: str = Field(default="", max_length=2 * MAX_REASON_CHARACTERS)


class Because(Document):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Pemungutan suara selesai"}]})
    reason: str = Field(max_length=2 * MAX_REASON_CHARACTERS)
