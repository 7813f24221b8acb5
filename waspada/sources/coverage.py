"""Which sources speak for a region and how well it can be heard: pure decisions.

Sources speak for a region by their home (the region itself, what holds it, the country) or because their items of the
last 28 days name places in it. A source works when it is within its rhythm, or answers and has no rhythm yet; one whose
articles are all refused does not. Two feeds of one outlet are one voice: they fall silent together. An outlet without
a rhythm counts once it gave an item in the last 28 days. Public posts count among the sources and in the figures, but
are no outlet and not near: alone they make a region `thin`.

| state | when |
|---|---|
| `none` | no enabled source speaks for it |
| `silent` | none of them works: silent beyond its rhythm, blocked, broken, parked, never polled |
| `thin` | one outlet works, or no near one is within its rhythm, or none that works named a place in the region |
| `covered` | a near outlet is within its rhythm, another one works too, and one that works named the region |

Near is a source whose home is the region, and one from above or elsewhere that named the region within 7 days itself.
A national one never is: only national ones make a region `thin`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from waspada.places import Place, PlaceLevel, is_within, place, regions
from waspada.sources.types import (
    WORKING_STATES,
    CoverageState,
    HealthState,
    Mentions,
    Reach,
    RegionCoverage,
    RegionSource,
    SourceHealth,
    SourceRole,
)

#: The five provinces of Kalimantan, in code order: the pilot's island.
KALIMANTAN = ("61", "62", "63", "64", "65")
_NEAREST_FIRST = {reach: position for position, reach in enumerate(Reach)}


def regions_in(code: str = "") -> list[Place]:
    """All kabupaten and kota (those of Kalimantan first), or those of a province; a region below that is itself.

    Empty for a code that is no region's.
    """
    found = place(code) if code else None
    if found is not None and found.level is not PlaceLevel.PROVINCE:
        return [found]
    inside = [one for one in regions() if one.level is PlaceLevel.REGENCY and is_within(one.code, code)]
    return sorted(inside, key=lambda one: (one.code[:2] not in KALIMANTAN, one.code))


def cover(region: Place, sources: Iterable[SourceHealth], mentions: Mapping[str, Mentions]) -> RegionCoverage:
    """The coverage of one region by the enabled ones of these sources. `mentions` is of this region, by source id."""
    found = [
        RegionSource(health, reach, mentions.get(health.source.id, Mentions()))
        for health in sources
        if health.source.enabled
        and (reach := reach_of(health.source.region, region.code, health.source.id in mentions)) is not None
    ]
    found.sort(key=lambda one: (_NEAREST_FIRST[one.reach], -one.mentions.items_28_days, one.health.source.id))
    return RegionCoverage(region, state_of(found), tuple(found))


def reach_of(home: str | None, region: str, mentions_it: bool) -> Reach | None:
    """Why a source with this home speaks for the region; None when it does not."""
    if home is None:
        return Reach.COUNTRY
    if is_within(home, region):
        return Reach.HOME
    if is_within(region, home):
        return Reach.ABOVE
    return Reach.MENTION if mentions_it else None


def state_of(sources: Sequence[RegionSource]) -> CoverageState:
    """The state of a region with these sources (the table above)."""
    working = [source for source in sources if source.health.state in WORKING_STATES]
    if not sources:
        return CoverageState.NONE
    if not working:
        return CoverageState.SILENT
    told = [source for source in working if source.health.source.role is not SourceRole.POST]
    near = any(source.health.state is HealthState.SPEAKING and _is_near(source) for source in told)
    outlets = {source.health.source.outlet or source.health.source.id for source in told if _is_heard(source.health)}
    spoken_of = any(source.mentions.items_28_days for source in told)
    return CoverageState.COVERED if near and len(outlets) > 1 and spoken_of else CoverageState.THIN


def _is_near(source: RegionSource) -> bool:
    return source.reach is Reach.HOME or (source.reach is not Reach.COUNTRY and source.mentions.items_7_days > 0)


def _is_heard(health: SourceHealth) -> bool:
    """Whether a working source gave something lately: that it answers is no voice."""
    return health.state is HealthState.SPEAKING or health.items_28_days > 0
