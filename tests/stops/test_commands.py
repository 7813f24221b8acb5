"""The commands of oversight: collection, purge --report, audit verify, privacy table, transparency."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from tests.empty import put_empty_store
from waspada.access.types import ForbiddenError
from waspada.cli.main import app
from waspada.clock import utc_now
from waspada.digests.rendering import rendered
from waspada.digests.service import of_day
from waspada.digests.types import Wanted
from waspada.errors import ConflictError, InputError, WaspadaError
from waspada.privacy import retention
from waspada.settings import load_settings
from waspada.stops import service
from waspada.store import open_store
from waspada.store.tables import AuditRow

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    put_empty_store(tmp_path / "data")
    return tmp_path / "data"


def run(*words: str, code: int = 0, **env: str) -> str:
    """Output of the command. Raises what the command raised."""
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "400", **env})
    if isinstance(result.exception, WaspadaError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def actions(data: Path) -> list[str]:
    store = open_store(load_settings(data_dir=data))
    with store.read() as session:
        found = list(session.scalars(select(AuditRow.action).order_by(AuditRow.id)))
    store.close()
    return found


def test_collection_is_stopped_shown_and_resumed(data: Path, wide_tables: None) -> None:
    at = ("--data", str(data))
    run("collection", "stop", "--reason", "uji [red]coba", "--region", "63.03", *at)
    shown = run("collection", "status", *at, code=1)
    assert "region/63.03" in shown
    assert "uji [red]coba" in shown
    with pytest.raises(ConflictError):
        run("collection", "stop", "--reason", "lagi", "--region", "63.03", *at)
    with pytest.raises(InputError):
        run("collection", "stop", "--reason", "uji", "--region", "99", *at)
    run("collection", "resume", "1", "--reason", "selesai", *at)
    assert "in force" not in run("collection", "status", *at)
    assert actions(data) == ["collection.stop", "collection.resume"]


def test_the_command_line_lifts_no_auditors_stop_and_the_digest_says_that_nobody_listens(data: Path) -> None:
    settings = load_settings(data_dir=data)
    store, now = open_store(settings), utc_now()
    with store.write() as session:
        service.stop(session, "uji", actor="auditor-1", role="auditor", now=now)
        digest = of_day(session, Wanted("63.03"), now.date(), settings)
    store.close()
    written = rendered(digest.content)
    for form in (written.text, written.html, written.chat):
        assert f"Pengumpulan dihentikan sejak {now.astimezone(settings.zone_info):%d/%m/%Y}" in form
    with pytest.raises(ForbiddenError):
        run("collection", "resume", "1", "--reason", "selesai", "--data", str(data))
    assert actions(data) == []


def test_purge_reports_by_class_of_data(data: Path) -> None:
    document = json.loads(run("purge", "--report", "json", "--data", str(data)))
    assert [one["key"] for one in document["classes"]] == [one.key for one in retention.CLASSES]
    assert document["purges"] == 1
    assert "nothing" in run("purge", "--report", "text", "--data", str(data))
    assert "Removed: 0 posts" in run("purge", "--data", str(data))
    with pytest.raises(InputError):
        run("purge", "--report", "pdf", "--data", str(data))
    assert actions(data) == ["data.purge"] * 3


def test_verify_writes_heads_and_compares_them(data: Path, tmp_path: Path) -> None:
    heads, at = tmp_path / "heads.jsonl", ("--data", str(data))
    run("purge", *at)
    assert "1 rows, unbroken" in run("audit", "verify", "--quick", *at, WASPADA_AUDIT_HEAD_FILE=str(heads))
    assert json.loads(heads.read_text())["rows"] == 1
    assert "unbroken" in run("audit", "verify", "--heads", str(heads), *at)
    line = json.loads(heads.read_text())
    heads.write_text(json.dumps({**line, "head": "0" * 64}) + "\n")
    assert "broken at row" in run("audit", "verify", "--heads", str(heads), *at, code=1)
    for bad in ("kein kopf", "[]", '{"row_id": "x"}'):
        heads.write_text(bad)
        with pytest.raises(InputError):
            run("audit", "verify", "--heads", str(heads), *at)
    assert "data.purge" in run("audit", "list", "--action", "data.purge", *at)
    assert "data.purge" not in run("audit", "list", "--actor", "nobody", *at)


def test_the_table_is_printed_and_put_into_a_page(data: Path, tmp_path: Path) -> None:
    assert run("privacy", "table") == retention.markdown() + "\n"
    short = json.loads(run("privacy", "table", "--json", "--data", str(data), WASPADA_POST_DAYS="14"))
    assert short[0]["kept_for"].startswith("14 days")
    page = tmp_path / "privacy.md"
    shutil.copy(DOCUMENT, page)
    page.write_text(page.read_text().replace("| 90 days;", "| 99 days;"))
    run("privacy", "table", "--write", str(page))
    assert page.read_text() == DOCUMENT.read_text()
    with pytest.raises(InputError):
        run("privacy", "table", "--write", str(tmp_path / "nowhere.md"))


def test_the_report_is_a_file_of_its_own(data: Path, tmp_path: Path) -> None:
    out, at = tmp_path / "laporan.html", ("--data", str(data))
    run("transparency", "--month", "2025-01", "--out", str(out), *at)
    assert "Laporan transparansi" in out.read_text()
    with pytest.raises(InputError, match="there already"):
        run("transparency", "--month", "2025-01", "--out", str(out), *at)
    assert json.loads(run("transparency", "--month", "2025-01", "--format", "json", *at))["month"] == "2025-01"
    for bad in (("--month", "2025-1"), ("--month", "2999-01"), ("--format", "pdf")):
        with pytest.raises(InputError):
            run("transparency", *bad, *at)
    assert actions(data) == ["transparency.read"] * 3
