"""Documents of requests from outside: to correct or erase something, or an objection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, ConfigDict, Field

from api.schemas.common import Document
from waspada.corrections.types import Effect, RequestKind, RequestState
from waspada.privacy.reasons import MAX_REASON_CHARACTERS


class CorrectionOut(Document):
    """A request and how it was decided. Nothing of who asked is kept: no name, contact or document."""

    id: int = Field(examples=[4])
    at: datetime = Field(description="When the desk heard of it.")
    due_at: datetime = Field(description="3 x 24 hours later.")
    late: bool
    actor: str = Field(description="The account that wrote it down.", examples=["liaison-1"])
    kind: RequestKind
    about: str = Field(
        description="item/12, story/4, alert/3, periodic/5, or address/HASH where nothing is stored of an address."
    )
    region: str | None
    reason: str
    state: RequestState
    decided_at: datetime | None
    decided_by: str | None
    decision: str
    effects: dict[str, Any] = Field(
        description="Of a granted request: counts by class of data, rows of the audit log of digests and exports in "
        "which the alerts left before, how many notes of accounts a person has to read, how many field reports "
        "above went along, and the items of those that do not have the passage and have to be read."
    )
    revision: int


class CorrectionDetailOut(CorrectionOut):
    """`items` and `alerts` are what the request is about as it stands now, `above` the items of the field reports that
    cite it and go with it."""

    items: list[int]
    alerts: list[int]
    above: list[int]


class NewCorrection(Document):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "erase", "about": "item/12", "reason": "Berita sudah dicabut media."}]
        },
    )
    kind: RequestKind
    about: str = Field(
        min_length=1,
        max_length=2048,
        description="item/12, story/4, alert/3, periodic/5, or the web address of an article.",
    )
    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARACTERS)
    heard_at: AwareDatetime | None = Field(default=None, description="When the desk heard of it; now without it.")


class NewCorrectionDecision(Document):
    """`effect` is needed for a granted request, `passage` for the effect `strike`; it is not kept."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"granted": True, "effect": "erase", "reason": "Permohonan beralasan."}]},
    )
    granted: bool
    effect: Effect | None = None
    passage: str = Field(default="", max_length=2000)
    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARACTERS)
