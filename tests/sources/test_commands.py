"""`waspada sources disable`, `enable` and `failures`, on a data folder of their own."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from typer.testing import CliRunner

from tests.rows import NOW
from waspada.cli.main import app
from waspada.errors import NotFoundError
from waspada.settings import load_settings
from waspada.sources.repository import due_sources
from waspada.store import open_store
from waspada.store.tables import PageRow, SourceRow

run = CliRunner()


def test_a_source_is_switched_off_and_on(tmp_path: Path) -> None:
    assert run.invoke(app, ["sources", "disable", "rri", "--data", str(tmp_path)]).exit_code == 0
    store = open_store(load_settings(data_dir=tmp_path))
    with store.read() as session:
        later = session.scalars(select(SourceRow.next_poll_at).where(SourceRow.id == "rri")).one()
        assert "rri" not in {source.id for source in due_sources(session, later)}
    assert run.invoke(app, ["sources", "enable", "rri", "--data", str(tmp_path)]).exit_code == 0
    with store.read() as session:
        assert "rri" in {source.id for source in due_sources(session, later)}
    store.close()


def test_an_unknown_source_is_named(tmp_path: Path) -> None:
    refused = run.invoke(app, ["sources", "enable", "tidak-ada", "--data", str(tmp_path)])
    assert isinstance(refused.exception, NotFoundError)
    assert "tidak-ada" in str(refused.exception)


def test_failures_lists_what_was_never_got(tmp_path: Path) -> None:
    run.invoke(app, ["sources", "list", "--data", str(tmp_path)])
    store = open_store(load_settings(data_dir=tmp_path))
    with store.write() as session:
        for number, state in enumerate(("failed", "blocked", "done")):
            url = f"https://rri.example/{number}"
            session.add(
                PageRow(source_id="rri", url=url, url_key=url, seen_at=NOW, state=state, detail=f"sebab {number}")
            )
    store.close()
    shown = run.invoke(app, ["sources", "failures", "--data", str(tmp_path)]).output
    assert "sebab 0" in shown
    assert "sebab 1" in shown
    assert "sebab 2" not in shown
