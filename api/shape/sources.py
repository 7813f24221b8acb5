"""From what the store says of sources to the documents of the API."""

from __future__ import annotations

from api import schemas
from api.shape.places import place
from waspada.sources.types import WORKING_STATES, Reach, RegionCoverage, RegionSource, SourceHealth


def source_health(health: SourceHealth) -> schemas.SourceHealthOut:
    source, gap = health.source, health.usual_gap
    return schemas.SourceHealthOut(
        id=source.id,
        name=source.name,
        outlet=source.outlet,
        region=source.region,
        state=health.state,
        alarm=health.alarm,
        last_item_at=health.last_at,
        usual_gap_seconds=round(gap.total_seconds()) if gap else None,
        rings_at=health.rings_at,
        items_7_days=health.items_7_days,
        items_28_days=health.items_28_days,
    )


def coverage(found: RegionCoverage) -> schemas.RegionCoverageOut:
    near = [one for one in found.sources if one.reach is not Reach.COUNTRY or one.mentions.items_28_days]
    return schemas.RegionCoverageOut(
        region=place(found.region.code),
        state=found.state,
        last_item_at=found.last_at,
        items_7_days=found.items_7_days,
        items_28_days=found.items_28_days,
        source_count=len(found.sources),
        working_count=sum(one.health.state in WORKING_STATES for one in found.sources),
        sources=[_region_source(one) for one in near],
    )


def _region_source(found: RegionSource) -> schemas.RegionSourceOut:
    source, mentions = found.health.source, found.mentions
    return schemas.RegionSourceOut(
        id=source.id,
        name=source.name,
        outlet=source.outlet,
        reach=found.reach,
        state=found.health.state,
        last_item_at=mentions.last_at,
        items_7_days=mentions.items_7_days,
        items_28_days=mentions.items_28_days,
    )
