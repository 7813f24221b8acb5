"""`waspada models list`, `promote`, `rollback` and `trainings`, as somebody types them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import nlp
from tests.empty import put_empty_store
from tests.models.learning_steps import add_answers, settings_in
from tests.rows import NOW
from waspada.cli.common import messages, results
from waspada.cli.main import build, needed_for
from waspada.cli.shipped import register_shipped
from waspada.errors import ConflictError
from waspada.models import service, trainings
from waspada.models.types import TrainingKind
from waspada.store import Store, open_store

BASE, OTHER = (nlp.model_name(nlp.shipped(one)) for one in (nlp.BASELINE, nlp.ENCODER))
LONG = f"{BASE}~12.abcdef"
Say = Callable[..., Result]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Store]:
    settings = settings_in(tmp_path / "desk")
    put_empty_store(settings.data_dir)
    store = open_store(settings)
    register_shipped(store, NOW)
    with store.write() as session:
        service.register(session, LONG, LONG, kind="heads", actor="ani", now=NOW, base=BASE)
    yield store
    store.close()


@pytest.fixture
def say(desk: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """A command of this desk, typed in a terminal of eighty columns."""
    for console in (results, messages):
        monkeypatch.setattr(console, "width", 80)
    monkeypatch.setenv("WASPADA_MODEL_DIR", str(nlp.shipped(nlp.BASELINE)))

    def typed(*words: str) -> Result:
        command = [*words, "--data", str(tmp_path / "desk")]
        return CliRunner().invoke(build(needed_for(command)), command)

    return typed


def promote(store: Store, name: str) -> None:
    with store.write() as session:
        use = service.in_use(session, BASE).current
        service.promote(session, name, default=BASE, seen=use, actor="ana", reason="uji", override=True, now=NOW)


def test_names_can_be_copied_from_a_narrow_terminal(desk: Store, say: Say) -> None:
    with desk.write() as session:
        add_answers(session)
        training = trainings.ask(session, TrainingKind.HEADS, actor="ani", now=NOW)
        claimed = trainings.claim(session, NOW, training.id)
        assert claimed is not None
        assert trainings.note_model(session, claimed, LONG)
    assert LONG in say("models", "list").stdout
    assert LONG in say("models", "trainings").stdout


def test_a_folder_that_the_settings_name_in_vain_hinders_no_roll_back(
    desk: Store, say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    promote(desk, OTHER)
    monkeypatch.setenv("WASPADA_MODEL_DIR", str(tmp_path / "gone"))
    listed = say("models", "list")
    assert (listed.exit_code, LONG in listed.stdout) == (0, True), listed.output
    done = say("models", "rollback", "--reason", "lebih buruk")
    assert done.exit_code == 0, done.output
    assert f"{BASE} is in use again." in done.stderr
    with desk.read() as session:
        assert service.in_use(session, "-").current == BASE
    assert isinstance(say("models", "rollback", "--reason", "sekali lagi").exception, ConflictError)


def test_what_speaks_against_a_promotion_is_said_in_words(desk: Store, say: Say) -> None:
    refused = say("models", "promote", OTHER, "--reason", "coba")
    assert isinstance(refused.exception, ConflictError)
    said = str(refused.exception)
    assert "it was not compared with the model in use" in said
    assert "waspada models compare" in said
