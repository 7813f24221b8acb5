"""`waspada subscriptions`, what `waspada doctor` says of digests, and what a purge leaves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from tests.empty import put_empty_store
from tests.subscriptions.mailserver import Post
from tests.subscriptions.people import DAY, DUE, NOW, settings_in, subscribed, wanted
from tests.subscriptions.test_delivery import mail_desk
from waspada.cli import doctor_checks
from waspada.cli.main import app
from waspada.errors import InputError, NotFoundError
from waspada.jobs.purge import purge
from waspada.privacy.retention import (
    ENDED_ADDRESS_RETENTION,
    ENDED_SUBSCRIPTION_RETENTION,
    UNCONFIRMED_SUBSCRIPTION_RETENTION,
)
from waspada.store import Store, open_store
from waspada.store.tables import SubscriptionRow, SubscriptionSendRow
from waspada.subscriptions import repository, service
from waspada.subscriptions.types import EndReason

runner = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put_empty_store(tmp_path / "desk")
    return tmp_path / "desk"


def run(folder: Path, *words: str, code: int = 0, **given: str) -> str:
    done = runner.invoke(app, ["subscriptions", *words, "--data", str(folder)], catch_exceptions=False, **given)  # type: ignore[arg-type]
    assert done.exit_code == code, done.output
    return done.output


@pytest.mark.usefixtures("wide_tables")
def test_the_way_of_one_on_the_command_line(folder: Path) -> None:
    run(folder, "add", "camat@kantor.example", "--region", "63.03", "--days", "sen kam", "--hour", "6")
    shown = run(folder, "list", "--region", "Kab. Banjar")
    assert "c•••@kantor.example" in shown
    assert "camat@" not in shown
    assert "waiting" in shown
    store = open_store(settings_in(folder))
    with store.write() as session:
        service.confirm(session, session.get_one(SubscriptionRow, 1), now=NOW)
    store.close()
    run(folder, "end", "1")
    assert "ended (manager)" in run(folder, "list", "--state", "ended")
    with pytest.raises(NotFoundError):
        run(folder, "end", "2")
    with pytest.raises(InputError):
        run(folder, "add", "humas@polri.go.id", "--region", "63")


def test_a_list_of_which_a_line_is_wrong(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "camat.csv"
    file.write_text("\ufeffaddress,region\nx@kantor.example,63.03\ny@kantor.example,63.99\n")
    said = run(folder, "import", str(file), code=1)
    assert "1 added, 1 left out" in said
    assert "line 3" in said
    assert "y@kantor" not in said


def test_what_a_mail_server_pipes_in(folder: Path) -> None:
    assert "put aside" in run(folder, "bounce", "-", code=1, input="To: x@y.example\n\nPromo")


def test_the_doctor_says_how_digests_do(store: Store, tmp_path: Path) -> None:
    with mail_desk(store, tmp_path, Post(drop=True)) as desk:
        with store.read() as session:
            assert repository.figures(session, DUE + timedelta(minutes=59)).overdue == 0
            late = repository.figures(session, DUE + timedelta(minutes=61))
        desk.run()
    assert (late.live, late.overdue) == (1, 1)
    with store.read() as session:
        found = repository.figures(session, DUE + DAY - timedelta(hours=1))
    assert (found.overdue, found.uncertain, found.bounced) == (0, 1, 0)
    assert [one.fine for one in doctor_checks.digests(late)] == [False]
    assert [one.message[:13] for one in doctor_checks.digests(found)] == ["1 of the last"]


def test_a_purge_takes_addresses_first_and_the_rest_later(store: Store, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with store.write() as session:
        ended = subscribed(session, settings)
        service.end(session, session.get_one(SubscriptionRow, ended), EndReason.UNSUBSCRIBED, now=NOW)
        live = subscribed(session, settings, wanted("lurah@kantor.example"))
        service.add(session, wanted("sekcam@kantor.example"), settings, actor="manager", now=NOW)

    def left(after: timedelta) -> dict[int, bool]:
        purge(store, NOW + after)
        with store.read() as session:
            rows = session.scalars(select(SubscriptionRow).order_by(SubscriptionRow.id))
            return {row.id: bool(row.sealed or row.digest) for row in rows}

    moment = timedelta(seconds=1)
    assert left(ENDED_ADDRESS_RETENTION - moment) == {ended: True, live: True, 3: True}
    assert left(max(ENDED_ADDRESS_RETENTION, UNCONFIRMED_SUBSCRIPTION_RETENTION) + moment) == {ended: False, live: True}
    assert left(ENDED_SUBSCRIPTION_RETENTION + moment) == {live: True}
    with store.read() as session:
        assert set(session.scalars(select(SubscriptionSendRow.subscription_id))) <= {live}
