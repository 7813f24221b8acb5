"""`waspada rota`, `calls`, `notify test` and what `waspada doctor` says of calling."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.empty import put_empty_store
from tests.jobs.calling import HOUR, add_person, settings_in
from tests.notify.senders.test_mail import Mailbox, Start, start
from waspada.access import Role, add_user
from waspada.cli.main import app
from waspada.clock import utc_now
from waspada.errors import ConflictError, InputError
from waspada.jobs.purge import purge
from waspada.notify.calls.report import findings
from waspada.notify.duty import service
from waspada.notify.messages import Channel
from waspada.privacy.retention import NOTICE_RETENTION
from waspada.settings import Settings
from waspada.store import Store, open_store
from waspada.store.tables import CallRow, DutyShiftRow

__all__ = ["start"]  # the fixture of a mail server

runner = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put_empty_store(tmp_path / "desk")
    return tmp_path / "desk"


@pytest.fixture
def settings(folder: Path) -> Settings:
    return settings_in(folder, telegram_token=None)


@pytest.fixture
def desk(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings)
    with opened.write() as session:
        add_user(session, "ana", Role.LIAISON, None, actor="test", now=utc_now())
    yield opened
    opened.close()


def run(folder: Path, *words: str, code: int = 0) -> str:
    done = runner.invoke(app, [*words, "--data", str(folder)], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


@pytest.mark.usefixtures("wide_tables")
def test_a_rota_on_the_command_line(folder: Path, desk: Store, tmp_path: Path) -> None:
    day = (utc_now() + timedelta(days=1)).date()
    run(folder, "rota", "add", "ana", f"{day}T07:00", f"{day}T19:00", "--position", "2")
    shown = run(folder, "rota", "show", "--week", str(day))
    assert "ana (no channel)" in shown
    assert "nobody" in shown
    file = tmp_path / "jaga.ics"
    file.write_bytes(runner.invoke(app, ["rota", "export", "--week", str(day), "--data", str(folder)]).stdout_bytes)
    assert b"SUMMARY:2 ana" in file.read_bytes()
    assert "1 left out" in run(folder, "rota", "import", str(file), code=1)
    assert "1 shifts copied" in run(folder, "rota", "copy", str(day), str(day + timedelta(days=7)))
    run(folder, "rota", "remove", "1")
    assert "1 shifts added" in run(folder, "rota", "import", str(file))
    assert "0 calls" in run(folder, "calls")
    for words in (("rota", "add", "ana", "kemarin", "besok"), ("rota", "show", "--week", "x")):
        with pytest.raises(InputError):
            run(folder, *words)


def test_a_test_message_arrives(start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Mailbox()
    sender, _ = start(box, "")
    monkeypatch.setenv("WASPADA_MAIL_URL", f"smtp://127.0.0.1:{sender._port}")
    monkeypatch.setenv("WASPADA_MAIL_FROM", "Waspada <waspada@kesbang.example>")
    settings = settings_in(folder, mail_url=f"smtp://127.0.0.1:{sender._port}", telegram_token=None)
    store = open_store(settings)
    with store.write() as session:
        add_person(session, settings, "ana", Channel.MAIL)
        add_person(session, settings, "budi")
    store.close()
    assert "handed over" in run(folder, "notify", "test", "ana")
    (mail,) = box.mails
    assert mail["To"] == "ana@kesbang.example"
    assert "percobaan" in mail["Subject"]
    with pytest.raises(ConflictError, match="no contact"):
        run(folder, "notify", "test", "budi")
    box.refuse_rcpt = "550 5.1.1 unknown"
    assert "refused" in run(folder, "notify", "test", "ana", code=1)
    with pytest.raises(ConflictError, match="no contact"):  # it was ended by that
        run(folder, "notify", "test", "ana")


def test_without_a_channel_it_says_where_to_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WASPADA_MAIL_URL", "WASPADA_TELEGRAM_TOKEN", "WASPADA_WEBPUSH_SUBJECT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConflictError, match=r"docs/notify\.md"):
        run(folder, "notify", "test", "ana")


def found(store: Store, settings: Settings) -> dict[str, tuple[bool, str]]:
    with store.read() as session:
        return {one.subject: (one.fine, one.message) for one in findings(session, settings, utc_now())}


def test_the_doctor_says_what_is_missing(desk: Store, settings: Settings, folder: Path) -> None:
    bare = settings_in(folder, mail_url=None, telegram_token=None)
    assert found(desk, bare).keys() == {"channels"}
    assert found(desk, settings_in(folder, mail_from=""))["channels"] == (
        False, "set up: telegram; not: mail, push; WASPADA_MAIL_FROM is missing",
    )  # fmt: skip
    assert found(desk, settings)["contacts"][0] is False
    now = utc_now()
    with desk.write() as session:
        add_person(session, settings, "budi", Channel.MAIL)
    assert found(desk, settings)["rota 63"] == (True, "empty for the next 24 h: everybody of the desk is called")
    with desk.write() as session:
        service.add(session, "63", "ana", now - HOUR, now + 30 * HOUR, 1, settings, actor="test", now=now)
        service.add(session, "63", "budi", now - HOUR, now + 12 * HOUR, 2, settings, actor="test", now=now)
    assert found(desk, settings)["rota 63"][1] == "12 of the next 24 h without anybody to be reached"
    with desk.write() as session:
        session.add(_call(now - 2 * HOUR, ended_at=now, end_reason="silent", chain_id=1))
        session.add(
            _call(now - 3 * HOUR, sent_at=now - 3 * HOUR + timedelta(seconds=90), chain_id=2, acknowledged_at=now)
        )
    fine, message = found(desk, settings)["calls"]
    assert not fine
    assert "1 of 2 of level 3 unanswered; slowest 90 s from ready to sent" in message


def _call(at: object, **given: object) -> CallRow:
    values = {
        "step": 1,
        "how": "rota",
        "desk": "63",
        "user_id": 1,
        "level": 3,
        "ready_at": at,
        "made_at": at,
        "problem": "",
    }
    return CallRow(**values | given)


def test_calls_and_hours_of_duty_go_after_a_year(desk: Store, settings: Settings) -> None:
    now = utc_now()
    with desk.write() as session:
        for age in (NOTICE_RETENTION - HOUR, NOTICE_RETENTION + HOUR):
            session.add(_call(now - age, chain_id=1))
            session.add(
                DutyShiftRow(
                    desk="63", starts_at=now - age - HOUR, ends_at=now - age, user_id=1, position=1, actor="a", at=now
                )
            )
    done = purge(desk, now)
    assert (done.calls, done.duty_shifts) == (1, 1)
