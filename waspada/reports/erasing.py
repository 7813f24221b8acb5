"""What erasing a field report reaches beside its item: the reports above it. And taking words out of periodic reports.

The form of forwarding is filled with the words of the reports below, so whatever is taken out of one is taken out of
all that cite it, on every level.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from waspada.items.policy import url_key
from waspada.store.tables import FieldReportCitationRow, FieldReportRow, PeriodicReportRow

#: SQLite allows 32,766 variables a statement.
_CHUNK = 500


def citing_items(session: Session, item_ids: Collection[int]) -> list[int]:
    """The items of all reports above the reports of these items, on every level; without the given ones."""
    reports, above = set[int](), set[int]()
    for ids in _chunks(sorted(item_ids)):
        reports |= set(session.scalars(select(FieldReportRow.id).where(FieldReportRow.item_id.in_(ids))))
    while reports:
        found = set[int]()
        for ids in _chunks(sorted(reports)):
            citing = select(FieldReportCitationRow.report_id).where(FieldReportCitationRow.child_id.in_(ids))
            found |= set(session.scalars(citing))
        reports = found - above
        above |= found
    items = set[int]()
    for ids in _chunks(sorted(above)):
        query = select(FieldReportRow.item_id).where(FieldReportRow.id.in_(ids))
        items |= {id_ for id_ in session.scalars(query) if id_ is not None}
    return sorted(items - set(item_ids))


def periodic_key(region: str, first_day: date, last_day: date) -> str:
    """What the list of erasures knows a periodic report by."""
    return url_key(f"urn:waspada:periodic:{region}:{first_day.isoformat()}:{last_day.isoformat()}")


def empty_periodic(session: Session, ids: Sequence[int], now: datetime) -> int:
    """Takes the words of these periodic reports; that they came stays. Returns how many had any."""
    gone = update(PeriodicReportRow).where(PeriodicReportRow.id.in_(ids), PeriodicReportRow.text != "")
    return len(session.scalars(gone.values(text="", erased_at=now).returning(PeriodicReportRow.id)).all())


def strike_periodic(session: Session, id_: int, pattern: re.Pattern[str], instead: str, now: datetime) -> bool:
    """Takes a passage out of one; returns whether it was there."""
    row = session.get(PeriodicReportRow, id_, with_for_update=True, populate_existing=True)
    if row is None or not pattern.search(row.text):
        return False
    row.text, row.erased_at = pattern.sub(instead, row.text), now
    return True


def periodic_standing(session: Session, erased: Mapping[str, datetime], *, without: str = "") -> list[int]:
    """Periodic reports with these keys that came before they were erased and still have words; with `without`, only
    those that do not hold it."""
    if not erased:
        return []
    found = []
    for row in session.scalars(select(PeriodicReportRow).where(PeriodicReportRow.text != "")):
        at = erased.get(periodic_key(row.region, row.first_day, row.last_day))
        if at is not None and row.sent_at <= at and not (without and without in row.text):
            found.append(row.id)
    return found


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
