"""Documents of notices, shifts and silences."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

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
    """Notices of a region, of one alert or by one report are held until then. No alert is hidden by it.

    Level 3 breaks through that of a region; a level over `level` breaks through that of an alert.
    """

    id: int = Field(examples=[3])
    region: PlaceOut = Field(description="Of one alert or report: where it happened.")
    alert_id: int | None = Field(description="Only the notices of this alert.", examples=[None])
    item_id: int | None = Field(description="Only what is told by this report of an alert.", examples=[None])
    level: int | None = Field(description="Of the alert when it was silenced.", examples=[None])
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
    """Of a region (and one label or all), or of one alert, or of one report: exactly one of the three is named.

    It ends by itself, after 14 days at the latest.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"region": "63.03", "label": "disaster", "until": "2024-11-22T00:00:00Z", "reason": "Banjir sudah "
                 "ditangani posko"},
                {"alert_id": 12, "until": "2024-11-21T00:00:00Z", "reason": "Sudah ditangani, tunggu hasil mediasi"},
            ]
        },
    )  # fmt: skip
    region: str | None = Field(default=None, max_length=13)
    alert_id: int | None = Field(default=None, ge=1, le=2**63 - 1)
    item_id: int | None = Field(default=None, ge=1, le=2**63 - 1)
    label: str | None = Field(default=None, max_length=20)
    until: AwareDatetime
    reason: str = Field(max_length=2 * MAX_REASON_CHARACTERS)

    @model_validator(mode="after")
    def _of_one_thing(self) -> NewSilence:
        if sum(one is not None for one in (self.region, self.alert_id, self.item_id)) != 1:
            raise ValueError("name exactly one of region, alert_id and item_id")
        if self.label is not None and self.region is None:
            raise ValueError("a label narrows a region only")
        return self


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
