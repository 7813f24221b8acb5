"""The people of the demo: made up, and taken in by the same rules as real ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from waspada.cli.demo.people import REPORTERS, SUBSCRIBERS, add_people
from waspada.reports.repository import search
from waspada.reports.types import ReportFilter, ReportState
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import PeriodicReportRow, SubscriptionRow


@pytest.mark.parametrize("hour", [0, 3, 12, 23])
def test_they_are_taken_in_at_any_hour(store: Store, tmp_path: Path, hour: int) -> None:
    now = datetime(2026, 11, 30, hour, 59, tzinfo=UTC)
    settings = Settings(data_dir=tmp_path, delivery="files")
    with store.write() as session:
        add_people(session, settings, now)
    with store.read() as session:
        reports = search(session, ReportFilter(), limit=50)
        rows = session.scalars(select(SubscriptionRow)).all()
        nil = session.scalars(select(PeriodicReportRow.is_nil)).all()
    assert len(reports) == sum(len(sent) for _, sent in REPORTERS.values())
    assert {one.state for one in reports} == {ReportState.SENT, ReportState.CLARIFIED, ReportState.REFUTED}
    assert sorted(row.confirmed_at is not None for row in rows) == sorted(done for _, done in SUBSCRIBERS.values())
    assert nil == [True]
