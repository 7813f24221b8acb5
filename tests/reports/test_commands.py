"""`waspada reports`: masked, written to the audit log, and without a word of who sent one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from tests.reports.people import DISTRICT, VILLAGE, add_reporter, send
from waspada.cli.main import build
from waspada.clock import utc_now
from waspada.errors import NotFoundError
from waspada.settings import load_settings
from waspada.store import open_store
from waspada.store.tables import AuditRow

NAME = "kader-rahasia"


@pytest.fixture
def data(tmp_path: Path, wide_tables: None) -> Path:
    folder, now = tmp_path / "data", utc_now()
    store = open_store(load_settings(data_dir=folder))
    with store.write() as session:
        text = "[bold]Dua kelompok[/bold] saling dorong, kata warga bernama Rudi Hartono (34), 0812-3456-7890."
        sender = add_reporter(session, NAME, VILLAGE, at=now - timedelta(days=30))
        send(session, sender, now=now, text=text)
        add_reporter(session, "kader-kecamatan", DISTRICT, at=now - timedelta(days=30))
    store.close()
    return folder


def run(data: Path, *words: str) -> str:
    result = CliRunner().invoke(build(["field_report_commands"]), ["reports", *words, "--data", str(data)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_what_the_operator_sees(data: Path) -> None:
    told = {
        "list": run(data, "list", "--region", "Martapura"),
        "show": run(data, "show", "1"),
        "overdue": run(data, "overdue"),
        "recap": run(data, "recap", "--region", DISTRICT),
    }
    assert "[bold]Dua kelompok[/bold]" in told["list"]
    assert "~reporter sent" in told["show"]
    assert DISTRICT in told["overdue"]
    assert "Keraton" in told["recap"]
    for said in told.values():
        for word in (NAME, "Rudi Hartono", "0812"):
            assert word not in said
    store = open_store(load_settings(data_dir=data))
    with store.read() as session:
        lines = session.scalars(select(AuditRow).where(AuditRow.action == "report.read")).all()
        assert [line.object for line in lines] == ["reports", "report/1", "reports/periodic", "reports/recap"]
    store.close()


def test_what_is_not_there(data: Path) -> None:
    assert "Dua kelompok" not in run(data, "list", "--region", "63.71")
    with pytest.raises(NotFoundError):
        run(data, "show", "99")
    with pytest.raises(NotFoundError):
        run(data, "list", "--region", "Negeri Antah")
