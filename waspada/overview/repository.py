"""SQL that counts alerts by region and by day, and items by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, cast, distinct, extract, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from waspada.alerts import repository as alerts
from waspada.alerts.items import under
from waspada.alerts.types import AlertFilter
from waspada.overview.areas import Area
from waspada.overview.policy import day_of_quarter
from waspada.overview.types import NO_ALERTS, ByLevel, Counts
from waspada.sources.types import SourceRole
from waspada.store.tables import AlertRegionRow, AlertRow, ItemRow, PlaceRow, SourceRow


def counts(session: Session, wanted: AlertFilter, area: Area) -> Counts:
    """The alerts that fit, by the regions of an area. Raises NotFoundError for a topic that the reader may not read."""
    fit = alerts.matching(session, wanted).with_only_columns(AlertRow.id, AlertRow.level).subquery()
    standing: Select[Any] = (
        select(AlertRegionRow.code, fit.c.level, func.count())
        .join(fit, fit.c.id == AlertRegionRow.alert_id)
        .where(func.length(AlertRegionRow.code) == area.depth, _inside(area))
        .group_by(AlertRegionRow.code, fit.c.level)
    )
    found: defaultdict[str, ByLevel] = defaultdict(lambda: NO_ALERTS)
    for code, level, count in session.execute(standing):
        found[code] = _more(found[code], level, count)
    placed = _how_many(session, area, fit, func.length(AlertRegionRow.code) == area.depth)
    if area.holders:
        total = _how_many(session, area, fit, AlertRegionRow.code.in_(area.holders))
    else:
        total = session.scalar(select(func.count()).select_from(fit)) or 0
    return Counts(dict(found), total, placed)


def _how_many(session: Session, area: Area, fit: Any, where: ColumnElement[bool]) -> int:
    query = select(func.count(distinct(AlertRegionRow.alert_id))).join(fit, fit.c.id == AlertRegionRow.alert_id)
    return session.scalar(query.where(where, _inside(area))) or 0


def _inside(area: Area) -> ColumnElement[bool]:
    """Codes in an area."""
    codes = area.holders or ([area.region] if area.region else [])
    if not codes:
        return func.length(AlertRegionRow.code) > 0
    return or_(*(under(AlertRegionRow.code, code) for code in codes))


def alerts_by_day(session: Session, wanted: AlertFilter, zone: ZoneInfo) -> Mapping[date, ByLevel]:
    """The alerts that fit by the day on which they were opened, in a zone. Raises as `counts` does."""
    fit = alerts.matching(session, wanted).with_only_columns(AlertRow.level, _quarter(AlertRow.opened_at).label("at"))
    each = fit.subquery()
    found: defaultdict[date, ByLevel] = defaultdict(lambda: NO_ALERTS)
    for quarter, level, count in session.execute(
        select(each.c.at, each.c.level, func.count()).group_by(each.c.at, each.c.level)
    ):
        day = day_of_quarter(quarter, zone)
        found[day] = _more(found[day], level, count)
    return found


def items_by_day(
    session: Session, region: str | None, since: datetime, until: datetime, zone: ZoneInfo
) -> Mapping[date, int]:
    """The items found from one moment to before another by day, in a zone; with a region those that name it.

    Those of the canary's exercises do not count.
    """
    exercises = select(SourceRow.id).where(SourceRow.role == SourceRole.EXERCISE)
    query = select(_quarter(ItemRow.found_at).label("at")).where(
        ItemRow.found_at >= since, ItemRow.found_at < until, ItemRow.source_id.not_in(exercises)
    )
    if region is not None:
        named = select(PlaceRow.item_id).where(PlaceRow.item_id == ItemRow.id, under(PlaceRow.code, region))
        query = query.where(named.exists())
    each = query.subquery()
    found: defaultdict[date, int] = defaultdict(int)
    for quarter, count in session.execute(select(each.c.at, func.count()).group_by(each.c.at)):
        found[day_of_quarter(quarter, zone)] += count
    return found


def _more(known: ByLevel, level: int, count: int) -> ByLevel:
    return tuple(there + count if at == level else there for at, there in enumerate(known))


def _quarter(moment: InstrumentedAttribute[datetime]) -> ColumnElement[int]:
    """Whole quarters of an hour since 1970."""
    return cast(func.floor(extract("epoch", moment) / 900), BigInteger)
