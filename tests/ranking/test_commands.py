"""`waspada ranking` and `waspada why`."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.empty import put_empty_store
from tests.ranking.test_decisions import NO_THREAT, VERIFIED, add_alert, decide
from tests.rows import NOW
from waspada.alerts.weights import PARTS, PRIOR
from waspada.audit.service import audit_log
from waspada.cli.main import app
from waspada.settings import load_settings
from waspada.store import Store, open_url
from waspada.store.tables import AlertRow, StoryRow

pytestmark = pytest.mark.usefixtures("wide_tables")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put_empty_store(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def filled(folder: Path) -> Iterator[Store]:
    store = open_url(f"sqlite:///{folder / 'waspada.db'}")
    yield store
    store.close()


def run(folder: Path, *words: str) -> str:
    found = CliRunner().invoke(app, [*words, "--data", str(folder)], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def fails(folder: Path, *words: str) -> str:
    found = CliRunner().invoke(app, [*words, "--data", str(folder)])
    assert found.exit_code != 0
    return f"{found.output}{found.exception}"


def desk_that_goes_by_outlets(store: Store, days: int = 20) -> None:
    rng = random.Random(5)
    with store.write() as session:
        for number in range(days * 8):
            alert_id = add_alert(session, "63.03", "63")
            values = {part: rng.randint(0, 4 * int(PRIOR[part])) / 4 for part in PARTS}
            row = session.get_one(AlertRow, alert_id)
            row.parts, row.score = values, sum(values.values())
            session.flush()
            steps = VERIFIED if values["outlets"] + rng.gauss(0, 1) > 4 else NO_THREAT
            at: datetime = NOW + timedelta(days=number // 8)
            decide(session, alert_id, *steps, actor=f"liaison-{number % 3}", at=at)


def test_the_whole_way_from_decisions_to_the_ranking_and_back(folder: Path, filled: Store) -> None:
    desk_that_goes_by_outlets(filled)
    with filled.write() as session:
        waiting = add_alert(session, "63.03")
    learned = run(folder, "ranking", "fit")
    assert "160 decisions" in learned
    assert "waspada ranking use 1" in learned
    assert "cli" in run(folder, "ranking", "show", "1")
    assert "prior" in run(folder, "ranking", "show")
    assert "Ranking by version 1" in run(folder, "ranking", "use", "1")
    with filled.read() as session:
        alert = session.get_one(AlertRow, waiting)
        assert session.get_one(StoryRow, alert.story_id).stale
    assert "yes" in run(folder, "ranking", "show")
    assert "Ranking by the prior" in run(folder, "ranking", "reset")
    with filled.read() as session:
        rows = audit_log(load_settings(data_dir=folder)).entries(session, limit=10)
    done = [(row.action, row.object) for row in rows]
    assert done == [("ranking.use", "ranking/prior"), ("ranking.use", "ranking/1"), ("ranking.fit", "ranking/1")]


def test_few_decisions_are_refused_and_leave_nothing(folder: Path, filled: Store) -> None:
    desk_that_goes_by_outlets(filled, days=2)
    assert "it takes 50 together" in fails(folder, "ranking", "fit")
    assert "version" not in run(folder, "ranking", "show")


def test_version_that_there_is_not(folder: Path) -> None:
    assert "There are no ranking weights 4" in fails(folder, "ranking", "use", "4")
    assert "There are no ranking weights 4" in fails(folder, "ranking", "show", "4")
    assert fails(folder, "ranking", "use", "0")


def test_why_one_alert_stands_above_another(folder: Path, filled: Store) -> None:
    with filled.write() as session:
        first, second = add_alert(session, "63.03"), add_alert(session, "63.71")
        row = session.get_one(AlertRow, second)
        row.parts = {**row.parts, "outlets": 8.0}
        row.score, row.headline = sum(row.parts.values()), "Warga bernama Rudi Hartono (34) luka [b]"
        row.notes = {"outlets": "3 jaringan dari 4 media"}
    said = run(folder, "why", str(first), str(second))
    assert f"Peringatan {second} (28,5 poin) di atas peringatan {first} (24,5 poin) dengan selisih 4" in said
    assert "3 jaringan dari 4 media" in said
    assert "Rudi" not in said
    assert "There is no alert 99" in fails(folder, "why", str(first), "99")
    with filled.read() as session:
        rows = audit_log(load_settings(data_dir=folder)).entries(session, limit=10)
    assert {row.object for row in rows} == {f"alert/{first}", f"alert/{second}"}
