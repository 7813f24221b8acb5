"""SQL of the records of days (`waspada.sources.days`). Never commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from waspada.clock import Days
from waspada.sources.days import DayRecord, Look, added
from waspada.sources.types import CoverageState
from waspada.store.tables import CoverageDayRow


def keep(session: Session, found: Iterable[Look], now: datetime, zone: ZoneInfo) -> None:
    """Adds the looks of `now` to the records of their day."""
    day = now.astimezone(zone).date()
    rows = {row.code: row for row in session.scalars(select(CoverageDayRow).where(CoverageDayRow.day == day))}
    for look in found:
        row = rows.get(look.code)
        record = added(_record(row) if row else None, look, now, zone)
        if row is None:
            row = CoverageDayRow(day=day, code=look.code)
            session.add(row)
        _write(row, record)
    session.flush()


def records(session: Session, code: str, days: Days) -> Mapping[date, DayRecord]:
    """The records of a region, by day."""
    query = select(CoverageDayRow).where(CoverageDayRow.code == code, CoverageDayRow.day.between(days.first, days.last))
    return {row.day: _record(row) for row in session.scalars(query)}


def old_days(before: date) -> Select[date]:
    """The days before this one of which there are records."""
    return select(CoverageDayRow.day).where(CoverageDayRow.day < before).distinct()


def forget(session: Session, ids: Sequence[date]) -> None:
    """Removes the records of these days."""
    session.execute(delete(CoverageDayRow).where(CoverageDayRow.day.in_(ids)))


def _record(row: CoverageDayRow) -> DayRecord:
    regions = {
        CoverageState.COVERED: row.covered,
        CoverageState.THIN: row.thin,
        CoverageState.SILENT: row.silent,
        CoverageState.NONE: row.unserved,
    }
    return DayRecord(
        row.day,
        row.code,
        row.hours,
        row.deaf_hours,
        Look(row.code, row.sources_heard, row.sources_total, regions),
        row.looked_at,
    )


def _write(row: CoverageDayRow, record: DayRecord) -> None:
    regions = record.last.regions
    row.hours, row.deaf_hours, row.looked_at = record.hours, record.deaf_hours, record.last_at
    row.sources_heard, row.sources_total = record.last.heard, record.last.total
    row.covered, row.thin = regions.get(CoverageState.COVERED, 0), regions.get(CoverageState.THIN, 0)
    row.silent, row.unserved = regions.get(CoverageState.SILENT, 0), regions.get(CoverageState.NONE, 0)
