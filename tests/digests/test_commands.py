"""`waspada digest`, and `--kept`."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from tests.contracts.command import problems
from tests.digests.rows import add_alert
from tests.empty import put_empty_store
from waspada.cli.main import app
from waspada.clock import utc_now
from waspada.settings import load_settings
from waspada.store import open_store
from waspada.store.tables import AuditRow, DigestRow


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A store with one alert of an hour ago, which is verified."""
    put_empty_store(tmp_path / "data")
    store = open_store(load_settings(data_dir=tmp_path / "data"))
    with store.write() as session:
        add_alert(session, 1, state="verified", at=utc_now() - timedelta(minutes=1))
    store.close()
    return tmp_path / "data"


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["digest", "--data", str(data), *words], env={"COLUMNS": "400"})


@pytest.mark.parametrize("format", ["text", "html", "chat", "json", "pdf"])
def test_every_form(data: Path, format: str) -> None:
    result = run(data, "--region", "63", "--format", format)
    assert result.exit_code == 0, result.output
    if format == "pdf":
        assert result.stdout_bytes.startswith(b"%PDF")
    else:
        assert "Bentrok ke-1" in result.stdout
    if format == "json":
        assert json.loads(result.stdout)["wanted"]["region"] == "63"
        assert problems("digest", json.loads(result.stdout)) == []


def test_choices(data: Path) -> None:
    assert "Bentrok ke-1" not in run(data, "--region", "63", "--min-level", "3").stdout
    assert "Bentrok ke-1" not in run(data, "--region", "63", "--labels", "disaster,fraud").stdout
    assert "Bentrok ke-1" in run(data, "--region", "63", "--labels", "disaster, conflict").stdout
    assert "LAPORAN MINGGUAN" in run(data, "--region", "63", "--period", "weekly").stdout
    english = run(data, "--region", "63", "--language", "en", "--zone", "WIB").stdout
    assert "DAILY REPORT" in english
    assert " WIB" in english
    report = run(data, "--region", "63", "--report", "khusus", "--alert", "1", "--remark", "Tambah penjagaan.")
    assert "LAPORAN KHUSUS" in report.stdout
    assert "Tambah penjagaan." in report.stdout


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--region", "99"],
        ["--region", "63", "--labels", "lain"],
        ["--region", "63", "--zone", "Bulan"],
        ["--region", "63", "--date", "2999-01-01"],
        ["--region", "63", "--report", "khusus"],
        ["--kept", "99"],
    ],
)
def test_what_cannot_be_made(data: Path, words: list[str]) -> None:
    result = run(data, *words)
    assert result.exit_code != 0
    assert result.stdout == ""


def test_a_kept_one_is_written_again_and_all_is_audited(data: Path) -> None:
    made = run(data, "--region", "63", "--keep", "--format", "html")
    assert "Kept as digest 1." in made.stderr
    again = run(data, "--kept", "1", "--format", "html")
    assert again.stdout_bytes == made.stdout_bytes
    files = [run(data, "--kept", "1", "--format", "pdf").stdout_bytes for _ in range(2)]
    assert files[0] == files[1]
    assert files[0].startswith(b"%PDF")
    store = open_store(load_settings(data_dir=data))
    with store.read() as session:
        actions = session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
        assert session.scalars(select(DigestRow.region)).all() == ["63"]
        assert session.scalars(select(AuditRow.detail).where(AuditRow.action == "digest.make")).one()["alerts"] == [1]
    store.close()
    assert actions[-4:] == ["digest.make", "digest.read", "digest.read", "digest.read"]
