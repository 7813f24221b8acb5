"""Documents of saved views. They hold no words to look for: a view has a feed, and would be a standing search."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas.common import REGION_PATTERN, Document
from api.schemas.places import PlaceOut
from waspada.alerts.types import AlertState
from waspada.taxonomy import MAX_LEVEL, Label
from waspada.views.service import MAX_TITLE
from waspada.views.types import Period

StateChoice = AlertState | Literal["open", "any"]


class ViewOut(Document):
    """Choices that narrow the list of alerts."""

    id: int = Field(examples=[4])
    title: str = Field(examples=["Konflik di Banjarmasin"])
    owner: str = Field(description="The account that saved it.", examples=["liaison-1"])
    shared: bool = Field(description="Whether everybody of the desk may use it.", examples=[True])
    region: PlaceOut | None = Field(description="With all below it; null is every region that the reader may see.")
    label: str | None = Field(examples=["conflict"])
    min_level: int = Field(ge=0, le=MAX_LEVEL, examples=[2])
    state: str = Field(description='A state, "open" or "any".', examples=["open"])
    period: Period = Field(description="How far back, by the newest item of an alert.", examples=["7d"])
    topic: int | None = Field(examples=[None])
    mine: bool = Field(description="Only what is in the reader's own hand.", examples=[False])
    created_at: datetime
    new: int = Field(description="Alerts since you last opened it, at most 100.", examples=[3])
    atom: str = Field(description="The address of its Atom feed.", examples=["/api/v1/views/4/feed.atom"])
    json_feed: str = Field(description="The address of its JSON feed.", examples=["/api/v1/views/4/feed.json"])


class NewViewIn(Document):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"title": "Konflik di Banjarmasin", "region": "63.71", "label": "conflict", "shared": True}]
        },
    )
    title: str = Field(min_length=1, max_length=2 * MAX_TITLE, description="Names no person.")
    shared: bool = False
    region: str | None = Field(default=None, pattern=REGION_PATTERN)
    label: Label | None = None
    min_level: int = Field(default=0, ge=0, le=MAX_LEVEL)
    state: StateChoice = "open"
    period: Period = Period.ANY
    topic: int | None = Field(default=None, ge=1, le=2**31 - 1)
    mine: bool = False


class ViewChange(Document):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"shared": False}]})
    title: str | None = Field(default=None, min_length=1, max_length=2 * MAX_TITLE)
    shared: bool | None = None
