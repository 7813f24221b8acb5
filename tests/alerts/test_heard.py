"""The coverage line is remembered, and never older than what it is told from."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from tests.rows import NOW, add_source
from waspada.alerts import repository
from waspada.alerts.heard import HeardLines
from waspada.sources import hearing, service
from waspada.sources.coverage import regions_in
from waspada.sources.types import CoverageState
from waspada.store import Store
from waspada.store.tables import SourceRow


def look(store: Store) -> None:
    with store.write() as session:
        hearing.keep_health(session, service.judged(session, NOW), {}, NOW)


def test_the_line_is_worked_out_once_and_anew_when_a_source_changed(store: Store) -> None:
    lines, asked = HeardLines(), 0
    with store.write() as session:
        for name in ("satu", "dua"):
            add_source(session, name, last_poll_at=NOW, last_success_at=NOW, state="ok")

    def line(now: object = NOW) -> tuple[int, int]:
        with store.read() as session:
            found = lines.line(session, None, now, home="63")  # type: ignore[arg-type]
            assert found == repository.coverage(session, None, now, home="63")  # type: ignore[arg-type]
        return found.heard, found.enabled

    assert line()[1] == 2
    assert len(lines._known) == asked  # nobody looked at the sources yet: nothing is remembered
    look(store)
    assert line() == line()
    assert len(lines._known) == 1
    with store.write() as session:
        session.execute(update(SourceRow).where(SourceRow.id == "dua").values(enabled=False))
    assert line()[1] == 1
    with store.write() as session:
        session.execute(update(SourceRow).where(SourceRow.id == "satu").values(parked=True))
    line()
    assert len(lines._known) == 3
    line(NOW + timedelta(minutes=2))
    assert len(lines._known) == 4


def test_the_states_of_regions_are_those_of_the_sources_and_remembered(store: Store) -> None:
    lines, regions = HeardLines(), regions_in("63")
    with store.write() as session:
        add_source(session, "satu", last_poll_at=NOW, last_success_at=NOW, state="ok")
    look(store)
    with store.read() as session:
        first = lines.states(session, regions, NOW)
        assert first == {one.code: CoverageState.THIN for one in regions}
        assert lines.states(session, regions, NOW) is first
    with store.write() as session:
        session.execute(update(SourceRow).values(enabled=False))
    with store.read() as session:
        assert set(lines.states(session, regions, NOW).values()) == {CoverageState.NONE}


def test_so_many_lines_are_kept_and_no_more(store: Store) -> None:
    lines = HeardLines()
    with store.write() as session:
        add_source(session, "satu", last_poll_at=NOW, last_success_at=NOW, state="ok")
    look(store)
    with store.read() as session:
        for minute in range(100):
            for region in (None, "63", "64"):
                lines.line(session, region, NOW + timedelta(minutes=minute), home="63")
    assert len(lines._known) == 256
