"""The map and the time line, put together from alerts, items, coverage and the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from waspada import places
from waspada.alerts.types import AlertFilter
from waspada.calendar import Stage
from waspada.clock import Days
from waspada.overview import policy, repository
from waspada.overview.areas import Area
from waspada.overview.types import NO_ALERTS, AlertMap, DayOnLine, RegionOnMap, Timeline
from waspada.sources import day_records
from waspada.sources.days import COUNTRY, hearing_of
from waspada.sources.types import CoverageState


def alert_map(session: Session, wanted: AlertFilter, area: Area, coverage: Mapping[str, CoverageState]) -> AlertMap:
    """The alerts that fit on the regions of an area. `coverage` says how well each of these can be heard.

    Raises NotFoundError for a topic that the reader may not read.
    """
    found = repository.counts(session, replace(wanted, region=area.region), area)
    points = places.points()
    regions = [
        RegionOnMap(one, points[one.code[:5]], found.by_region.get(one.code, NO_ALERTS), coverage[one.code])
        for one in area.regions
    ]
    return AlertMap(area, policy.in_order(regions), found.total, found.total - found.placed)


def timeline(
    session: Session,
    wanted: AlertFilter,
    window: Days,
    stages: Iterable[Stage],
    now: datetime,
    zone: ZoneInfo,
) -> Timeline:
    """The days of a window in the desk's zone. Of `wanted` the region, what the reader is bound to, labels, level and
    states count; coverage and items are those of the narrower region. Raises as `alert_map` does."""
    region = _narrower(wanted.region, wanted.within)
    since, until = policy.span_of(window, zone)
    opened = repository.alerts_by_day(session, replace(wanted, opened_since=since, opened_until=until), zone)
    items = repository.items_by_day(session, region, since, until, zone)
    records = day_records.records(session, region[:5] if region else COUNTRY, window)
    days = [
        DayOnLine(
            day,
            opened.get(day, NO_ALERTS),
            items.get(day, 0),
            hearing_of(records.get(day), day, now, zone),
            records.get(day),
        )
        for day in policy.days_in(window)
    ]
    return Timeline(region, days, policy.stages_in(window, region, stages))


def _narrower(region: str | None, within: str | None) -> str | None:
    return max(filter(None, (region, within)), key=len, default=None)
