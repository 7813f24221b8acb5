"""`waspada stories`: show, merge, split, undo, each in the audit log."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from tests.empty import put_empty_store
from tests.rows import NOW
from tests.stories.partition import add_story, partition
from waspada.cli.doctor import examine
from waspada.cli.main import app
from waspada.clock import utc_now
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.settings import load_settings
from waspada.store import open_url
from waspada.store.tables import AuditRow, ItemRow, StoryRow

runner = CliRunner()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    store = open_url(f"sqlite:///{put_empty_store(tmp_path / 'data')}")
    with store.write() as session:
        add_story(session, ["Dua kelompok bentrok di pasar.", "Bentrok di pasar reda."])
        add_story(session, ["Warga bernama Rudi Hartono (34) terdorong."], at=NOW + timedelta(hours=1))
    store.close()
    return tmp_path / "data"


def _stories(data: Path, *args: str) -> str:
    done = runner.invoke(app, ["stories", *args, "--data", str(data)])
    if done.exception is not None:
        raise done.exception
    return done.stdout + done.stderr


def test_the_whole_way(data: Path, wide_tables: None) -> None:
    assert "Hartono" not in _stories(data, "show", "2")
    assert "part of story 1 now (edit 1)" in _stories(data, "merge", "2", "1", "--reason", "Sama.")
    assert "merged into story 1" in _stories(data, "show", "2")
    assert "2 items are story 3 now (edit 2)" in _stories(data, "split", "1", "1", "3")
    assert "2 items are in story 1 again" in _stories(data, "undo", "1", "2")
    shown = _stories(data, "show", "1")
    assert "split" in shown
    assert "undo" in shown
    store = open_url(f"sqlite:///{data / 'waspada.db'}")
    assert partition(store) == {1: (1, 2, 3)}
    with store.read() as session:
        rows = session.execute(select(AuditRow.actor, AuditRow.action)).all()
    store.close()
    assert {actor for actor, _ in rows} == {"cli"}
    assert [action for _, action in rows] == [
        "story.read", "story.merge", "story.read", "story.split", "story.undo", "story.read"
    ]  # fmt: skip


def test_brackets_of_the_web_are_no_markup(data: Path, wide_tables: None) -> None:
    store = open_url(f"sqlite:///{data / 'waspada.db'}")
    with store.write() as session:
        session.execute(update(ItemRow).values(title="[foto] Warga [/b] berkumpul", outlet="[red]Kabar"))
        session.execute(update(StoryRow).values(headline="[foto] Warga [/b] berkumpul"))
    store.close()
    shown = _stories(data, "show", "1")
    assert shown.count("[foto] Warga [/b] berkumpul") == 3  # the headline and two items
    assert "[red]Kabar" in shown


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (("show", "9"), NotFoundError),
        (("merge", "1", "1"), InputError),
        (("merge", "1", "9"), NotFoundError),
        (("split", "1", "1", "2"), InputError),
        (("undo", "1", "4"), NotFoundError),
    ],
)
def test_what_does_not_fit_is_an_error_of_the_product(
    data: Path, args: tuple[str, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        _stories(data, *args)


def test_an_edit_is_undone_once(data: Path) -> None:
    _stories(data, "merge", "1", "2")
    _stories(data, "undo", "1", "1")
    with pytest.raises(ConflictError):
        _stories(data, "undo", "1", "1")


def test_doctor_says_how_many_stories_wait_for_repair(data: Path) -> None:
    store = open_url(f"sqlite:///{data / 'waspada.db'}")
    with store.write() as session:
        add_story(session, ["Warga menunggu di halaman."], at=utc_now())
    store.close()
    found = {finding.subject: finding for finding in examine(lambda: load_settings(data_dir=data))}
    assert found["stories"].message == "1 waiting for repair"
