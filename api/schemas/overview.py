"""Documents of the map and the time line."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from api.schemas.common import Document
from waspada.sources.days import Hearing
from waspada.sources.types import CoverageState

_BY_LEVEL = "Alerts of level 0, 1, 2 and 3."


class GeoPoint(Document):
    """RFC 7946: longitude, then latitude, of the seat of the kabupaten or kota; not where anything happened."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float] = Field(examples=[[114.85, -3.41]])


class MapRegionOut(Document):
    code: str = Field(description="Kemendagri code.", examples=["63.03"])
    name: str = Field(examples=["Kabupaten Banjar"])
    alerts: int = Field(examples=[3])
    by_level: list[int] = Field(description=_BY_LEVEL, examples=[[0, 1, 1, 1]])
    highest_level: int | None = Field(description="Null without an alert.", examples=[3])
    coverage: CoverageState = Field(description="How well it can be heard: no alert where nobody listens is no calm.")


class MapFeatureOut(Document):
    type: Literal["Feature"] = "Feature"
    id: str = Field(examples=["63.03"])
    geometry: GeoPoint
    properties: MapRegionOut


class MapOut(Document):
    """The kabupaten and kota of a region as a GeoJSON FeatureCollection, the most urgent first. An alert of several
    counts in each."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    region: str | None = Field(description="The region shown; null for the whole country.", examples=["63"])
    total: int = Field(description="Alerts that fit, each once.", examples=[5])
    unplaced: int = Field(description="Those of them that name no kabupaten or kota of the region.", examples=[1])
    features: list[MapFeatureOut]


class TimelineRegionsOut(Document):
    """Kabupaten and kota by how well each could be heard, as the last look of the day found them."""

    covered: int = Field(examples=[9])
    thin: int = Field(examples=[3])
    silent: int = Field(examples=[1])
    none: int = Field(examples=[0])


class TimelineHeardOut(Document):
    """What the looks at the sources found on a day (`docs/map.md`)."""

    hours: int = Field(description="Hours of the day with a look; 24 where it ran all day.", examples=[24])
    deaf_hours: int = Field(description="Hours of them in which nobody could be heard.", examples=[0])
    sources_heard: int = Field(description="In the last look of the day.", examples=[14])
    sources_total: int = Field(examples=[15])
    regions: TimelineRegionsOut


class TimelineDayOut(Document):
    day: date = Field(description="In the zone of the desk.", examples=["2024-11-20"])
    alerts: int = Field(description="Alerts that were opened on this day.", examples=[4])
    by_level: list[int] = Field(description=f"{_BY_LEVEL} The level is the one that they have now.")
    items: int = Field(description="Items found; with a region those that name a place in it.", examples=[310])
    hearing: Hearing | None = Field(
        description="How well the desk could hear: heard, partly, deaf, none (it did not run); null for days to come."
    )
    heard: TimelineHeardOut | None = Field(description="Null without a look.")


class TimelineStageOut(Document):
    """A stage of the calendar that meets the window."""

    election: str = Field(examples=["pilkada-2024"])
    name: str = Field(examples=["Pemungutan suara"])
    region: str | None = Field(description="Null for everywhere.", examples=["63"])
    first: date | None = Field(description="Null for what began whenever.", examples=["2024-11-27"])
    last: date = Field(examples=["2024-11-27"])
    weight: float = Field(description="What it means for a desk, 0 to 1.", examples=[1.0])
    provisional: bool = Field(description="Whether its dates may still move.")


class TimelineOut(Document):
    region: str | None = Field(description="Null for the whole country.", examples=["63"])
    zone: str = Field(description="In which the days are counted.", examples=["Asia/Makassar"])
    first: date
    last: date
    days: list[TimelineDayOut]
    stages: list[TimelineStageOut]
