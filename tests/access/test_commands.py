"""`waspada users` and `waspada tokens`: what the operator does at the machine, with its lines in the audit log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from tests.empty import put_empty_store
from waspada.access import ForbiddenError, identify
from waspada.access import service as access
from waspada.access.credentials import Credentials, link_owner, new_hash, standing
from waspada.cli.main import app
from waspada.clock import utc_now
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.settings import load_settings
from waspada.store import Store, open_store
from waspada.store.tables import AuditRow


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wide_tables: None) -> Path:
    monkeypatch.setenv("WASPADA_BASE_URL", "https://waspada.example")
    monkeypatch.setenv("WASPADA_OIDC_ISSUER", "https://idp.example")
    put_empty_store(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def store(data: Path) -> Iterator[Store]:
    opened = open_store(load_settings(data_dir=data))
    yield opened
    opened.close()


def run(data: Path, *words: str) -> Any:
    return CliRunner().invoke(app, [*words, "--data", str(data)], catch_exceptions=False)


def log(store: Store) -> list[tuple[str, str]]:
    with store.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert {row.actor for row in rows} == {"cli"}
    return [(row.action, row.object) for row in rows]


def test_an_account_from_its_making_to_its_end(data: Path, store: Store) -> None:
    assert run(data, "users", "add", "siti-1", "--role", "liaison", "--region", "63.71").exit_code == 0
    assert run(data, "users", "set", "siti-1", "--role", "analyst").exit_code == 0
    assert "siti-1 | analyst | 63.71" in re.sub(r"[│┃]", "|", re.sub(r" +", " ", run(data, "users", "list").stdout))
    assert run(data, "users", "set", "siti-1", "--region", "all").exit_code == 0
    with store.read() as session:
        found = access.find_user(session, "siti-1")
    assert (found.role, found.region) == ("analyst", None)
    run(data, "users", "disable", "siti-1")
    run(data, "users", "enable", "siti-1")
    with store.read() as session:
        assert access.find_user(session, "siti-1").active
    assert log(store) == [
        ("access.user_added", "user/siti-1"), ("access.user_changed", "user/siti-1"),
        ("access.user_changed", "user/siti-1"), ("access.user_disabled", "user/siti-1"),
        ("access.user_changed", "user/siti-1"),
    ]  # fmt: skip


def test_a_link_is_printed_once_and_stands_in_no_log(data: Path, store: Store) -> None:
    run(data, "users", "add", "siti-1")
    printed = run(data, "users", "password", "siti-1").stdout.strip()
    assert printed.startswith("https://waspada.example/login/set?code=wsp_")
    secret = parse_qs(urlsplit(printed).query)["code"][0]
    with store.read() as session:
        assert link_owner(session, secret, utc_now()).name == "siti-1"
        assert secret not in str([row.detail for row in session.scalars(select(AuditRow))])
    assert log(store)[-1] == ("access.login_changed", "user/siti-1")


def test_the_second_step_and_sessions_are_taken_away(data: Path, store: Store) -> None:
    run(data, "users", "add", "siti-1")
    own, now = Credentials(load_settings(data_dir=data).secret_key), utc_now()
    hashed = new_hash("kereta malam lewat jembatan", "siti-1")
    with store.write() as session:
        id_ = access.find_user(session, "siti-1").id
        own.set_password(session, id_, hashed, now, keep=None)
        own.begin_totp(session, id_, now)
        access.start_session(session, id_, "password", now)
    assert "no second step" in run(data, "users", "totp-reset", "siti-1").stderr
    with store.write() as session:
        access.start_session(session, id_, "password", now)
    assert "1 sessions ended" in run(data, "users", "end-sessions", "siti-1").stderr
    with store.read() as session:
        assert standing(session, id_).has_password
        assert access.list_sessions(session, "siti-1", now) == []


def test_a_token_for_some_areas(data: Path, store: Store) -> None:
    run(data, "users", "add", "siti-1")
    secret = run(data, "tokens", "issue", "siti-1", "--area", "feeds", "--area", "cap").stdout.strip()
    with store.read() as session:
        assert identify(session, secret, utc_now()).areas == frozenset({"feeds", "cap"})
    assert "cap feeds" in run(data, "tokens", "list").stdout
    with pytest.raises(InputError):
        run(data, "tokens", "issue", "siti-1", "--area", "everything")
    with pytest.raises(ForbiddenError):
        run(data, "tokens", "issue", "siti-1", "--area", "users")


def test_a_name_of_the_directory_is_noted(data: Path, store: Store) -> None:
    run(data, "users", "add", "siti-1")
    assert run(data, "users", "directory", "siti-1", "Siti.N").exit_code == 0
    assert run(data, "users", "directory", "siti-1", "").exit_code == 0
    assert "siti.n" not in str(log(store))


def test_what_is_not_possible_is_said(data: Path, store: Store) -> None:
    run(data, "users", "add", "admin-1", "--role", "admin")
    for words, error in (
        (("users", "password", "nobody"), NotFoundError),
        (("users", "totp-reset", "nobody"), NotFoundError),
        (("users", "set", "nobody"), NotFoundError),
        (("users", "end-sessions", "nobody"), NotFoundError),
        (("users", "set", "admin-1", "--role", "liaison"), ConflictError),
        (("users", "disable", "admin-1"), ConflictError),
        (("users", "set", "admin-1", "--region", "banjar"), InputError),
    ):
        with pytest.raises(error):
            run(data, *words)
    assert log(store) == [("access.user_added", "user/admin-1")]


def test_the_log_leaves_for_a_purpose_and_never_over_a_file(data: Path, store: Store, tmp_path: Path) -> None:
    run(data, "users", "add", "siti-1")
    file = tmp_path / "log.jsonl"
    with pytest.raises(InputError, match="purpose"):
        run(data, "audit", "export", str(file))
    assert not file.exists()
    assert run(data, "audit", "export", str(file), "--purpose", "pemeriksaan").exit_code == 0
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [(row["action"], row["object"]) for row in rows] == log(store)[:-1]
    assert rows[0]["previous"] == "0" * 64
    with store.read() as session:
        last = session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
    assert last is not None
    assert (last.action, last.purpose, last.detail) == ("export.make", "pemeriksaan", {"rows": 1, "narrowed": []})
    with pytest.raises(InputError, match="there already"):
        run(data, "audit", "export", str(file), "--purpose", "pemeriksaan")
    assert len(file.read_text("utf-8").splitlines()) == 1
