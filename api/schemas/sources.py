"""Documents of sources and of how well regions can be heard."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.common import Document, Probability
from api.schemas.places import PlaceOut
from waspada.sources.types import CoverageState, HealthState, Reach


class SourceOut(Document):
    """A source and how well it can be heard."""

    id: str = Field(examples=["contoh-pos"])
    name: str = Field(examples=["Contoh Pos"])
    outlet: str = Field(examples=["Contoh Pos"])
    url: str = Field(examples=["https://contoh.example/feed"])
    kind: str = Field(examples=["rss"])
    role: str = Field(examples=["news"])
    region: str | None = Field(examples=["63"])
    tier: str = Field(examples=["B"])
    verified: bool
    enabled: bool
    state: str = Field(examples=["ok"])
    parked: bool
    health: HealthState = Field(description="How it stands with its own habit; `state` is what the last poll found.")
    heard: bool = Field(description="Whether it said something within its rhythm, or within 28 days without one.")
    reliability: Probability
    failures: float
    interval_seconds: int = Field(examples=[1800])
    next_poll_at: datetime
    last_poll_at: datetime | None
    last_success_at: datetime | None
    last_item_at: datetime | None


class SourceHealthOut(Document):
    """How a source stands with its own habit (`docs/coverage.md`): a silent source is not a calm region."""

    id: str = Field(examples=["contoh-pos"])
    name: str = Field(examples=["Contoh Pos"])
    outlet: str = Field(examples=["Contoh Pos"])
    region: str | None = Field(examples=["63"])
    state: HealthState
    alarm: bool = Field(description="Whether it is silent for longer than its own history makes plausible.")
    last_item_at: datetime | None = Field(description="When it last said something new; null beyond 56 days.")
    usual_gap_seconds: int | None = Field(
        description="Median time between two hours in which it speaks; null while its rhythm is unknown.",
        examples=[7200],
    )
    rings_at: datetime | None = Field(description="From when its silence is an alarm, unless it speaks.")
    items_7_days: int = Field(examples=[80])
    items_28_days: int = Field(examples=[310])


class RegionSourceOut(Document):
    """A source that speaks for a region; the figures count its items that name a place in it."""

    id: str = Field(examples=["contoh-pos"])
    name: str = Field(examples=["Contoh Pos"])
    outlet: str = Field(examples=["Contoh Pos"])
    reach: Reach
    state: HealthState
    last_item_at: datetime | None
    items_7_days: int = Field(examples=[6])
    items_28_days: int = Field(examples=[21])


class RegionCoverageOut(Document):
    """How well a region can be heard (`docs/coverage.md`). National sources that did not name it are only counted."""

    region: PlaceOut
    state: CoverageState
    last_item_at: datetime | None
    items_7_days: int = Field(description="Items that name a place in it.", examples=[9])
    items_28_days: int = Field(examples=[40])
    source_count: int = Field(description="Enabled sources that speak for it, national ones too.", examples=[12])
    working_count: int = Field(description="Those in which something new would be noticed.", examples=[10])
    sources: list[RegionSourceOut] = Field(description="Nearest first.")


class SourceEventOut(Document):
    """One poll of a source, or a notice to the operator about it (`silent`, `parked`, `failing`, `refused`)."""

    at: datetime
    outcome: str = Field(examples=["ok"])
    http_status: int | None = Field(examples=[200])
    entries: int = Field(examples=[20])
    new_entries: int = Field(examples=[3])
    detail: str


class SourceDetailOut(SourceOut):
    alarm: bool = Field(description="Whether it is silent for longer than its own history makes plausible.")
    usual_gap_seconds: int | None = Field(
        description="Median time between two hours in which it speaks; null while its rhythm is unknown.",
        examples=[7200],
    )
    rings_at: datetime | None = Field(description="From when its silence is an alarm, unless it speaks.")
    terms: str = Field(description="What its terms allow, as noted when it was added.")
    events: list[SourceEventOut]
