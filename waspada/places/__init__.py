"""Places: the gazetteer of Indonesian regions, mentions of them in items, and the region of an event."""

from __future__ import annotations

from waspada.places.focus import EventPlace, event_place
from waspada.places.gazetteer import (
    children,
    full_name,
    is_within,
    level_of,
    parent,
    path,
    place,
    points,
    regency_of,
    regency_or_self,
    regions,
)
from waspada.places.lookup import resolve_region
from waspada.places.mentions import find_places
from waspada.places.named import main_regions
from waspada.places.types import Place, PlaceLevel, PlaceMention

__all__ = [
    "EventPlace",
    "Place",
    "PlaceLevel",
    "PlaceMention",
    "children",
    "event_place",
    "find_places",
    "full_name",
    "is_within",
    "level_of",
    "main_regions",
    "parent",
    "path",
    "place",
    "points",
    "regency_of",
    "regency_or_self",
    "regions",
    "resolve_region",
]
