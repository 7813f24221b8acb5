"""`waspada sources disable`, `enable` and `failures`, on a data folder of their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner, Result

from tests.rows import NOW, add_item
from waspada.cli.doctor import Finding, examine
from waspada.cli.main import app
from waspada.clock import utc_now
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.settings import load_settings
from waspada.sources.repository import due_sources
from waspada.store import open_store
from waspada.store.tables import ItemRow, PageRow, SourceRow

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


def test_what_a_person_read_in_the_terms_is_noted(tmp_path: Path) -> None:
    read = "Read on 3 November 2024: reuse with the source named."
    assert run.invoke(app, ["sources", "terms", "rri", read, "--data", str(tmp_path)]).exit_code == 0
    assert read.encode() in run.invoke(app, ["sources", "export", "--data", str(tmp_path)]).stdout_bytes


def test_an_unknown_source_is_named(tmp_path: Path) -> None:
    refused = run.invoke(app, ["sources", "enable", "tidak-ada", "--data", str(tmp_path)])
    assert isinstance(refused.exception, NotFoundError)
    assert "tidak-ada" in str(refused.exception)


def _spoke(folder: Path, source: str, last: datetime, *places: str) -> None:
    """Three items a day for 30 days until `last`, and a poll just now."""
    store = open_store(load_settings(data_dir=folder))
    with store.write() as session:
        row = session.get_one(SourceRow, source)
        row.last_poll_at = row.last_success_at = utc_now()
        row.added_at, row.state = last - timedelta(days=90), "ok"
        for number in range(90):
            at, url = last - number * timedelta(hours=8), f"https://{source}.example/{number}"
            add_item(session, source=source, url=url, published_at=at, found_at=at, places=places)
    store.close()


@pytest.mark.usefixtures("wide_tables")
def test_health_lists_sources_and_regions(tmp_path: Path) -> None:
    run.invoke(app, ["sources", "list", "--data", str(tmp_path)])
    _spoke(tmp_path, "antara-kalsel", utc_now() - timedelta(hours=1), "63.03")
    _spoke(tmp_path, "banjarmasinpost", utc_now() - timedelta(days=9), "63.71")
    _spoke(tmp_path, "rri", utc_now() - timedelta(hours=2))
    shown = run.invoke(app, ["sources", "health", "--region", "63", "--data", str(tmp_path)])
    lines = {line.split("│")[1].strip(): line for line in shown.output.splitlines() if line.startswith("│")}
    assert "speaking" in lines["antara-kalsel"]
    assert "silent" in lines["banjarmasinpost"]
    assert "since" in lines["banjarmasinpost"]
    assert "rhythm unknown" in lines["radarbanjarmasin"]
    assert "covered" in lines["63.03"]
    assert "thin" in lines["63.02"]
    assert "62.01" not in lines
    one = run.invoke(app, ["sources", "health", "--region", "Kota Banjarmasin", "--data", str(tmp_path)])
    assert "63.71" in one.output
    assert "63.03" not in one.output


@pytest.mark.usefixtures("wide_tables")
def test_health_without_a_region_is_the_desks_with_all_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WASPADA_REGION", "73")
    run.invoke(app, ["sources", "list", "--data", str(tmp_path)])
    _spoke(tmp_path, "banjarmasinpost", utc_now() - timedelta(days=9), "63.71")
    shown = run.invoke(app, ["sources", "health", "--data", str(tmp_path)]).output
    assert "73.71" in shown
    assert "63.71" not in shown
    assert "banjarmasinpost" in shown  # silent, and for no region of the desk
    asked = run.invoke(app, ["sources", "health", "--region", "73", "--data", str(tmp_path)]).output
    assert "banjarmasinpost" not in asked


def test_health_of_an_unknown_region_is_refused(tmp_path: Path) -> None:
    refused = run.invoke(app, ["sources", "health", "--region", "Antah Berantah", "--data", str(tmp_path)])
    assert isinstance(refused.exception, NotFoundError)
    assert "Antah Berantah" in str(refused.exception)


def test_doctor_names_silent_sources_and_regions(tmp_path: Path) -> None:
    def findings() -> dict[str, Finding]:
        return {finding.subject: finding for finding in examine(lambda: load_settings(data_dir=tmp_path))}

    run.invoke(app, ["sources", "list", "--data", str(tmp_path)])
    assert "coverage" not in findings()  # before the first poll there is nothing to say
    _spoke(tmp_path, "antara-kalsel", utc_now() - timedelta(hours=1), "63.03")
    _spoke(tmp_path, "rri", utc_now() - timedelta(hours=1))
    fine = findings()
    assert fine["unheard sources"].fine
    assert fine["coverage"].message == "63: 1 covered, 12 thin, 0 silent, 0 none"
    store = open_store(load_settings(data_dir=tmp_path))
    with store.write() as session:
        session.execute(update(ItemRow).values(found_at=ItemRow.found_at, published_at=utc_now() - timedelta(days=40)))
    store.close()
    bad = findings()
    assert not bad["unheard sources"].fine
    assert "antara-kalsel (silent), rri (silent)" in bad["unheard sources"].message
    assert not bad["coverage"].fine
    assert "Kabupaten Banjar" in bad["coverage"].message


@pytest.fixture
def no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked at beside the model need not wait for it."""
    monkeypatch.setenv("WASPADA_MODEL_DIR", str(tmp_path / "absent"))


@pytest.mark.usefixtures("no_model")
def test_doctor_names_what_fails_and_what_is_refused(tmp_path: Path) -> None:
    run.invoke(app, ["sources", "list", "--data", str(tmp_path)])
    _spoke(tmp_path, "antara-kalsel", utc_now() - timedelta(hours=1), "63.03")
    _spoke(tmp_path, "rri", utc_now() - timedelta(hours=1))
    store = open_store(load_settings(data_dir=tmp_path))
    with store.write() as session:
        row = session.get_one(SourceRow, "antara-kalsel")
        row.state, row.last_success_at = "broken", utc_now() - timedelta(days=5)
        for number in range(5):
            page = {"url": f"https://rri.example/{number}", "url_key": str(number), "seen_at": utc_now()}
            session.add(PageRow(source_id="rri", state="blocked", checked_at=utc_now(), **page))
    store.close()
    found = {finding.subject: finding for finding in examine(lambda: load_settings(data_dir=tmp_path))}
    assert "antara-kalsel (broken), rri (blocked)" in found["unheard sources"].message


@pytest.mark.usefixtures("no_model")
def test_a_library_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "https://jetstream.us-east.bsky.network/?words=kalsel"
    added = run.invoke(app, ["sources", "add", address, "--name", "langit", "--data", str(tmp_path)])
    assert added.exit_code == 0
    assert "kind bluesky, by its address" in added.stderr
    monkeypatch.setattr("waspada.sources.extras.find_spec", lambda _name: None)
    found = {finding.subject: finding for finding in examine(lambda: load_settings(data_dir=tmp_path))}
    assert found["extra"].message.startswith("not read: langit; sources of the kind bluesky need atproto")


def test_a_source_is_changed_and_read_anew(tmp_path: Path) -> None:
    run.invoke(app, ["sources", "list", "--data", str(tmp_path)])
    store = open_store(load_settings(data_dir=tmp_path))
    with store.write() as session:
        row = session.get_one(SourceRow, "rri")
        row.parked, row.etag, row.verified, row.next_poll_at = True, '"a"', True, utc_now() + timedelta(days=9)
        terms, outlet = row.terms, row.outlet

    def change(*options: str) -> Result:
        return run.invoke(app, ["sources", "set", "rri", *options, "--data", str(tmp_path)])

    assert change("--region", "Kalimantan Selatan", "--zone", "WITA", "--selector", ".isi").exit_code == 0
    with store.read() as session:
        row = session.get_one(SourceRow, "rri")
        assert (row.region, row.zone, row.selector, row.etag, row.parked) == ("63", "WITA", ".isi", '"a"', True)
    assert change("--url", "https://rri.example/umpan", "--region", "nasional", "--selector", "").exit_code == 0
    with store.read() as session:
        row = session.get_one(SourceRow, "rri")
        assert (row.url, row.region, row.selector) == ("https://rri.example/umpan", None, None)
        assert (row.etag, row.parked, row.verified, row.zone) == (None, False, False, "WITA")
        assert (row.terms, row.outlet) == (terms, outlet)
        assert row.next_poll_at < utc_now() + timedelta(days=1)
        taken = session.get_one(SourceRow, "antara-kalsel").url
    store.close()
    assert isinstance(change("--url", taken).exception, ConflictError)
    for wrong in (["--selector", "::"], ["--listing-selector", "h3 a"], ["--url", "https://x.com/a"], []):
        assert isinstance(change(*wrong).exception, InputError), wrong


def test_what_is_refused_of_a_list_of_ones_own_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["id,name,url,kind,region,tz,tier"]
    rows += ["a,A,https://a.example/feed,rss,kalsel,WITA,A", "b,B,https://t.me/s/b,rss,kalsel,WITA,A"]
    (tmp_path / "daftar.csv").write_text("\n".join(rows))
    monkeypatch.setenv("WASPADA_SOURCES_FILE", str(tmp_path / "daftar.csv"))
    first = run.invoke(app, ["sources", "list", "--data", str(tmp_path)])
    assert first.exit_code == 0
    assert "not added: https://t.me/s/b cannot be a source" in first.stderr


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
