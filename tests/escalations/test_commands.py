"""`waspada recipients`, `escalations` and `cap`: what the operator sees, with its line in the audit log."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from tests.empty import put_empty_store
from tests.escalations.desk import NOW, Team, team_of
from waspada.cli.escalation_commands import recipients_app
from waspada.cli.main import app as cli
from waspada.clock import utc_now
from waspada.errors import ConflictError, InputError, NotFoundError, WaspadaError
from waspada.jobs.escalate import issue_cap
from waspada.store import open_url
from waspada.store.tables import AuditRow

pytestmark = pytest.mark.usefixtures("wide_tables")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return put_empty_store(tmp_path / "data").parent


def team(folder: Path) -> Team:
    return team_of(open_url(f"sqlite:///{folder / 'waspada.db'}"), folder, cap_sender="waspada@kesbang.example")


def run(folder: Path, *words: str) -> Result:
    found = CliRunner().invoke(cli, [*words, "--data", str(folder)])
    if found.exception is not None and not isinstance(found.exception, SystemExit | WaspadaError):
        raise found.exception
    return found


def audit(store_of: Team) -> list[tuple[str, str, str]]:
    with store_of.store.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id))
        return [(row.actor, row.action, row.object) for row in rows]


def test_institutions_are_added_listed_and_switched(folder: Path) -> None:
    here = team(folder)
    add = ("recipients", "add", "Kesbangpol Kabupaten Banjar", "--kind", "kesbangpol", "--region", "Kabupaten Banjar")
    assert run(folder, *add, "--address", "kesbangpol@banjarkab.example").exit_code == 0
    shown = run(folder, "recipients", "list").stdout
    assert "Kesbangpol Kabupaten Banjar" in shown
    assert "63.03 Kabupaten Banjar" in shown
    assert run(folder, "recipients", "off", "1").exit_code == 0
    assert isinstance(run(folder, "recipients", "off", "1").exception, ConflictError)
    assert run(folder, "recipients", "on", "1").exit_code == 0
    person = ("recipients", "add", "Budi Santoso", "--kind", "other", "--region", "63", "--address", "a@b.example")
    assert isinstance(run(folder, *person).exception, InputError)
    assert audit(here) == [
        ("cli", "recipient.change", "recipient/1"), ("cli", "recipient.read", "recipients"),
        ("cli", "recipient.change", "recipient/1"), ("cli", "recipient.change", "recipient/1"),
    ]  # fmt: skip
    here.store.close()


def test_a_permission_is_revoked_and_none_is_given(folder: Path) -> None:
    here = team(folder)
    given = here.grant(here.police(), now=utc_now())
    assert run(folder, "recipients", "revoke", str(given.id), "--reason", "Selesai").exit_code == 0
    assert f"{given.id}: revoked 63.03" in run(folder, "recipients", "list").stdout
    names = {command.name for command in recipients_app.registered_commands}
    assert names == {"list", "add", "off", "on", "revoke"}
    here.store.close()


def test_what_left_is_shown_word_by_word(folder: Path) -> None:
    here = team(folder)
    found = here.decide(here.propose(here.recipient()))
    shown = run(folder, "escalations", "list").stdout
    assert "Kesbangpol Kabupaten Banjar" in shown
    assert "approved" in shown
    assert "approved" not in run(folder, "escalations", "list", "--state", "sent").stdout
    body = found.bodies["id"]
    assert run(folder, "escalations", "show", str(found.id)).stdout == f"{body.subject}\n\n{body.text}"
    assert "What is not verified" in run(folder, "escalations", "show", str(found.id), "--language", "en").stdout
    assert isinstance(run(folder, "escalations", "show", "99").exception, NotFoundError)
    assert isinstance(run(folder, "escalations", "show", "1", "--language", "x").exception, NotFoundError)
    here.store.close()


def test_cap_messages_are_listed_and_printed(folder: Path) -> None:
    here = team(folder)
    issue_cap(here.store, here.settings, NOW)
    name = f"waspada.kesbang.example-{here.alert}-1"
    assert name in run(folder, "cap", "list").stdout
    assert run(folder, "cap", "show", name).stdout.startswith("<?xml")
    assert isinstance(run(folder, "cap", "show", "none").exception, NotFoundError)
    here.store.close()
