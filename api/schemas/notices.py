"""Documents of notices, shifts and silences."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, ConfigDict, Field

from api.schemas.common import Document
from api.schemas.places import PlaceOut
from waspada.alerts.types import AlertState
from waspada.notify.types import Change, DropReason, HeldReason, NoticeState, Occasion
from waspada.privacy.reasons import MAX_REASON_CHARACTERS


class NoticeOut(Document):
    """One interruption of a desk by an alert: handed to delivery (ready), held back, or dropped as no longer needed.

    `level`, `labels`, `places` and `outlets` are what was told; `changes` what was new in an update.
    """

    id: int = Field(examples=[5])
    alert_id: int = Field(examples=[12])
    desk: str = Field(description="Kemendagri code of the region whose people it is for.", examples=["63"])
    kind: Occasion
    state: NoticeState
    due_at: datetime
    ready_at: datetime | None
    held_at: datetime | None = Field(description="When it was first held; stays when it comes free.")
    held_reason: HeldReason | None
    held_by: str = Field(description="The silence, alert or shift that holds or held it.", examples=["silence/3"])
    dropped_at: datetime | None
    drop_reason: DropReason | None
    changes: list[Change]
    level: int = Field(ge=0, le=3, examples=[3])
    labels: list[str] = Field(examples=[["conflict"]])
    places: list[PlaceOut] = Field(description="Where it happened first.")
    outlets: int = Field(examples=[3])
    label: str = Field(description="Of the alert now.", examples=["conflict"])
    headline: str
    alert_state: AlertState


class ShiftOut(Document):
    """How often a desk was interrupted in a shift, and everything that its cap held back in it."""

    desk: str = Field(examples=["63"])
    start: datetime
    end: datetime
    cap: int = Field(examples=[2])
    used: int = Field(examples=[2])
    held_by_label: dict[str, int] = Field(examples=[{"conflict": 3}])
    held: list[NoticeOut]


class SilenceOut(Document):
    """Notices of a region are held until then. No alert is hidden by it, and level 3 breaks through."""

    id: int = Field(examples=[3])
    region: PlaceOut
    label: str | None = Field(description="null: every label.", examples=["disaster"])
    until: datetime
    reason: str
    actor: str = Field(examples=["liaison-1"])
    at: datetime
    ended_at: datetime | None
    ended_by: str | None
    active: bool
    holds: int = Field(description="How many notices it holds back now.", examples=[2])


class NewSilence(Document):
    """A silence ends by itself, after 14 days at the latest."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"region": "63.03", "label": "disaster", "until": "2024-11-22T00:00:00Z", "reason": "Banjir sudah "
                 "ditangani posko"}
            ]
        },
    )  # fmt: skip
    region: str = Field(max_length=13)
    label: str | None = Field(default=None, max_length=20)
    until: AwareDatetime
    reason: str = Field(max_length=2 * MAX_REASON_CHARACTERS)


class NewParent(Document):
    """Which alert speaks for this one: its notices are held while that one is open. null ends it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"parent_id": 12, "reason": "Bagian dari banjir yang sama"}]}
    )
    parent_id: int | None = Field(ge=1, le=2**63 - 1)
    reason: str = Field(default="", max_length=2 * MAX_REASON_CHARACTERS)


class ParentOut(Document):
    alert_id: int = Field(examples=[14])
    parent_id: int | None = Field(examples=[12])
