"""From the map and the time line to the documents of the API."""

from __future__ import annotations

from api import schemas
from waspada.calendar import Stage
from waspada.overview.types import AlertMap, DayOnLine, RegionOnMap, Timeline
from waspada.sources.days import DayRecord
from waspada.sources.types import CoverageState


def alert_map(found: AlertMap) -> schemas.MapOut:
    return schemas.MapOut(
        region=found.area.word or None,
        total=found.total,
        unplaced=found.unplaced,
        features=[_feature(one) for one in found.regions],
    )


def _feature(one: RegionOnMap) -> schemas.MapFeatureOut:
    latitude, longitude = one.point
    return schemas.MapFeatureOut(
        id=one.region.code,
        geometry=schemas.GeoPoint(coordinates=(longitude, latitude)),
        properties=schemas.MapRegionOut(
            code=one.region.code,
            name=one.region.name,
            alerts=one.alerts,
            by_level=list(one.by_level),
            highest_level=one.highest,
            coverage=one.coverage,
        ),
    )


def timeline(found: Timeline, zone: str) -> schemas.TimelineOut:
    return schemas.TimelineOut(
        region=found.region,
        zone=zone,
        first=found.window.first,
        last=found.window.last,
        days=[_day(day) for day in found.days],
        stages=[_stage(stage) for stage in found.stages],
    )


def _day(one: DayOnLine) -> schemas.TimelineDayOut:
    return schemas.TimelineDayOut(
        day=one.day,
        alerts=one.alerts,
        by_level=list(one.by_level),
        items=one.items,
        hearing=one.hearing,
        heard=_heard(one.record) if one.record else None,
    )


def _heard(record: DayRecord) -> schemas.TimelineHeardOut:
    regions = {state.value: record.last.regions.get(state, 0) for state in CoverageState}
    return schemas.TimelineHeardOut(
        hours=record.looked,
        deaf_hours=record.deaf,
        sources_heard=record.last.heard,
        sources_total=record.last.total,
        regions=schemas.TimelineRegionsOut(**regions),
    )


def _stage(stage: Stage) -> schemas.TimelineStageOut:
    return schemas.TimelineStageOut(
        election=stage.election,
        name=stage.name,
        region=stage.region,
        first=stage.start,
        last=stage.end,
        weight=stage.weight,
        provisional=stage.is_provisional,
    )
