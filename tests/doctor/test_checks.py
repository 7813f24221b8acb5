"""What the doctor makes of each fact: a table."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.access.provider import CLIENT, running
from tests.empty import put_empty_store
from waspada.cli import doctor_checks as checks
from waspada.cli.doctor import _directory
from waspada.cli.main import app
from waspada.processes.types import Life, Process, ProcessRole, Queues
from waspada.settings import Settings

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
QUIET = Queues(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
GIB = 2**30


def clock(**given: Any) -> checks.Finding:
    facts = {"released": RELEASED, "latest_stored": None, "newest_entry": None, "last_success": None}
    return checks.clock(given.pop("now", NOW), **facts | given)


@pytest.mark.parametrize(
    ("finding", "grade"),
    [
        (checks.rights("secret key", 0o600, is_folder=False), "ok"),
        (checks.rights("secret key", 0o640, is_folder=False), "bad"),
        (checks.rights("data folder", 0o755, is_folder=True), "bad"),
        (checks.rights("data folder", None, is_folder=True), "ok"),
        (checks.disk(100 * GIB, GIB), "ok"),
        (checks.disk(GIB, GIB), "look"),
        (checks.disk(1000, None), "bad"),
        (clock(), "ok"),
        (clock(now=datetime(2024, 1, 1, tzinfo=UTC)), "bad"),
        (clock(latest_stored=NOW + HOUR), "bad"),
        (clock(latest_stored=NOW + timedelta(seconds=5)), "ok"),
        (clock(newest_entry=NOW - 5 * DAY, last_success=NOW - HOUR), "look"),
        (clock(newest_entry=NOW - 5 * DAY, last_success=NOW - 5 * DAY), "ok"),
        (checks.migrations("0027", "0027"), "ok"),
        (checks.migrations("0026", "0027"), "bad"),
        (checks.migrations(None, "0027"), "bad"),
        (checks.directory("https://masuk.example", 2), "ok"),
        (checks.directory("https://masuk.example", 0), "bad"),
        (checks.backup(NOW - HOUR, NOW, is_embedded=True, items=5), "ok"),
        (checks.backup(NOW - 9 * DAY, NOW, is_embedded=True, items=5), "look"),
        (checks.backup(None, NOW, is_embedded=True, items=5), "look"),
        (checks.backup(None, NOW, is_embedded=True, items=0), "ok"),
        (checks.backup(None, NOW, is_embedded=False, items=5), "ok"),
    ],
)
def test_single_findings(finding: checks.Finding, grade: str) -> None:
    assert finding.grade == grade
    assert bool(finding.hint) == (grade != "ok"), "what is not fine says what to do"


def process(role: ProcessRole) -> Process:
    return Process(role, "abc", 1, NOW - DAY, NOW - HOUR, None, "1", {})


def _four(*lives: Life) -> list[tuple[Process, Life]]:
    return [(process(role), life) for role, life in zip(ProcessRole, lives, strict=True)]


def settings(tmp_path: Path, **given: Any) -> Settings:
    return Settings(data_dir=tmp_path, **given)


@pytest.mark.parametrize(
    ("found", "grades"),
    [
        (checks.names(["WASPADA_PORT"], ["WASPADA_PORT"]), []),
        (checks.names(["WASPADA_PROT"], ["WASPADA_PORT"]), ["look"]),
        (checks.ticks(1.0, 1.1), []),
        (checks.ticks(100.0, 1.0), ["look"]),
        (checks.embedded("ok", 0), ["ok"]),
        (checks.embedded("row 3 missing from index", None), ["bad"]),
        (checks.embedded("ok", 2 * GIB), ["ok", "look"]),
        (checks.postgres(160004, 0), ["ok"]),
        (checks.postgres(110000, 9), ["look", "look"]),
        (checks.processes([], running=False), []),
        (checks.processes([], running=True), ["bad", "bad"]),
        (checks.processes([(process(ProcessRole.API), Life.SILENT)], running=False), ["ok"]),
        (
            checks.processes(
                _four(Life.ALIVE, Life.STUCK, Life.SILENT, Life.ALIVE),
                running=True,
            ),
            ["ok", "bad", "bad", "ok"],
        ),
        (checks.processes([(process(ProcessRole.API), Life.SILENT), (process(ProcessRole.API), Life.ALIVE)],
                          running=False), ["ok"]),
        (checks.outbox(QUIET, []), ["ok"]),
        (checks.outbox(replace(QUIET, deliveries_late=1), ["Posko"]), ["bad", "look"]),
        (checks.outbox(replace(QUIET, deliveries_failed=1), []), ["bad"]),
        (checks.aside([("before-restore-1", NOW - HOUR), ("before-restore-2", NOW - 30 * DAY)], NOW), ["look"]),
    ],
)  # fmt: skip
def test_lists_of_findings(found: Any, grades: list[str]) -> None:
    got = list(found)
    assert [one.grade for one in got] == grades
    assert all(one.hint for one in got if one.grade != "ok")


@pytest.mark.parametrize(
    ("given", "grades"),
    [
        ({}, []),
        ({"mail_url": "smtps://a:b@surel.example:465", "mail_from": "desk@waspada.example"}, []),
        ({"mail_url": "smtps://a:b@surel.example:465"}, ["bad"]),
        ({"mail_from": "desk@waspada.example"}, ["look"]),
        ({"mail_url": "smtp://surel.example:25", "mail_from": "desk@waspada.example"}, ["look"]),
        ({"mail_url": "smtp://127.0.0.1:25", "mail_from": "desk@waspada.example"}, []),
        ({"telegram_token": "kaput"}, ["bad"]),
        ({"telegram_token": "123456789:" + "a" * 35}, []),
        ({"oidc_issuer": "https://masuk.example"}, ["bad"]),
        ({"oidc_issuer": "https://masuk.example", "oidc_client_id": "waspada"}, []),
        ({"base_url": "http://waspada.example"}, ["bad"]),
        ({"base_url": "http://127.0.0.1:8765"}, []),
        ({"base_url": "https://waspada.example", "host": "0.0.0.0"}, []),
        ({"host": "0.0.0.0"}, ["look"]),
        ({"telegram_api": "http://bot.example"}, ["bad"]),
    ],
)
def test_settings_that_do_not_belong_together(tmp_path: Path, given: dict[str, Any], grades: list[str]) -> None:
    ours = settings(tmp_path, **given)
    got = [*checks.channels(ours), *checks.address(ours)]
    assert [one.grade for one in got] == grades
    assert not any("a:b" in one.message + one.hint for one in got), "no password in a finding"


def test_the_command_says_all_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "desk"
    put_empty_store(data)
    data.chmod(0o700)
    monkeypatch.setenv("WASPADA_PROT", "1")
    done = CliRunner().invoke(app, ["doctor", "--json", "--data", str(data)], catch_exceptions=False)
    told = {one["subject"]: one for one in json.loads(done.stdout)["findings"]}
    assert {
        "settings",
        "data folder",
        "disk",
        "clock",
        "model",
        "migrations",
        "integrity",
        "messages",
        "backup",
    } <= set(told)
    assert told["setting"]["hint"] == "did you mean WASPADA_PORT?"
    assert told["integrity"]["grade"] == "ok"
    assert all(one["hint"] for one in told.values() if one["grade"] != "ok" and one["subject"] in ("setting", "backup"))
    assert done.exit_code == (1 if any(one["grade"] == "bad" for one in told.values()) else 0)


def test_a_damaged_database_is_found(tmp_path: Path) -> None:
    data = tmp_path / "desk"
    file = put_empty_store(data)
    data.chmod(0o700)
    whole = bytearray(file.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 20_000] = b"\xff" * 20_000
    file.write_bytes(bytes(whole))
    done = CliRunner().invoke(app, ["doctor", "--data", str(data)], catch_exceptions=False)
    assert done.exit_code == 1
    assert "bad" in done.stdout
    assert "restore" in done.stdout or "cannot be used" in done.stdout


def test_the_directory_is_asked_as_a_sign_in_would(tmp_path: Path) -> None:
    with running() as provider:
        ours = settings(tmp_path, oidc_issuer=provider.url, oidc_client_id=CLIENT)
        assert [one.grade for one in _directory(ours)] == ["ok"]
    (gone,) = _directory(ours)
    assert (gone.grade, provider.url in gone.message) == ("look", True)
    assert list(_directory(settings(tmp_path))) == []
