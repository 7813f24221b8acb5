"""`waspada train --from-labels`, `--resume`, `models trainings` and `models cancel`, as somebody types them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

import waspada.models.trainings
from tests.empty import put_empty_store
from tests.models.learning_steps import SmallComparer, SmallLearner, add_answers, name_of, settings_in
from tests.models.test_training_run import Ends
from waspada.cli import training_commands
from waspada.cli.main import build, needed_for
from waspada.cli.training import Learn, run
from waspada.clock import utc_now
from waspada.errors import ConflictError, InputError, MissingExtraError, ModelError
from waspada.models import training_repository, trainings
from waspada.models.types import Training, TrainingKind, TrainingState
from waspada.store import Store, open_store
from waspada.store.tables import AuditRow

Say = Callable[..., Result]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Store]:
    settings = settings_in(tmp_path / "desk")
    put_empty_store(settings.data_dir)
    store = open_store(settings)
    with store.write() as session:
        add_answers(session)
    yield store
    store.close()


@pytest.fixture
def say(desk: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wide_tables: None) -> Say:
    """A command of this desk; what it learns by is small."""

    def typed(*words: str, learn: Learn | None = None) -> Result:
        monkeypatch.setattr(
            training_commands, "run", partial(run, learn=learn or SmallLearner(), compare=SmallComparer())
        )
        command = [*words, "--data", str(tmp_path / "desk")]
        return CliRunner().invoke(build(needed_for(command)), command)

    return typed


def now(store: Store) -> Training:
    with store.read() as session:
        return training_repository.newest(session)[0]


def steps(store: Store) -> list[str]:
    with store.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.actor == "cli").order_by(AuditRow.id))
        return [row.action for row in rows]


def test_learned_in_the_foreground(desk: Store, say: Say) -> None:
    done = say("train", "--from-labels")
    assert done.exit_code == 0, done.output
    assert f"{name_of(1)} is there" in done.stderr
    assert (now(desk).state, now(desk).actor) == (TrainingState.DONE, "cli")
    assert steps(desk) == ["model.train", "model.compare", "model.train_end"]
    listed = say("models", "trainings").stdout
    assert "heads" in listed
    assert name_of(1) in listed


def test_interrupted_it_says_how_to_go_on_and_does(desk: Store, say: Say) -> None:
    stopped = say("train", "--from-labels", "--full", learn=Ends(KeyboardInterrupt()))
    assert stopped.exit_code == 1
    assert "waspada train --resume 1" in stopped.stderr
    assert (now(desk).state, now(desk).kind) == (TrainingState.CANCELLED, TrainingKind.FULL)
    done = say("train", "--resume", "1")
    assert done.exit_code == 0, done.output
    assert now(desk).state is TrainingState.DONE
    again = say("train", "--resume", "1")
    assert isinstance(again.exception, ConflictError)


def test_what_went_wrong_is_the_error_of_the_command(desk: Store, say: Say) -> None:
    failed = say("train", "--from-labels", learn=Ends(InputError("Too few answers: 3.")))
    assert isinstance(failed.exception, ModelError)
    assert "Too few answers: 3." in str(failed.exception)
    assert "waspada train --resume 1" in str(failed.exception)


def test_while_another_one_runs_nothing_is_asked_for(desk: Store, say: Say) -> None:
    with desk.write() as session:
        trainings.ask(session, TrainingKind.FULL, actor="ani", now=utc_now())
        assert trainings.claim(session, utc_now()) is not None
    refused = say("train", "--from-labels")
    assert isinstance(refused.exception, ConflictError)
    assert now(desk).kind is TrainingKind.FULL, "the row of the refused one is not left behind"
    told = say("models", "cancel", "1")
    assert (told.exit_code, "told to stop" in told.stderr) == (0, True)
    assert now(desk).cancel


def test_one_that_waits_is_cancelled_or_run_here(desk: Store, say: Say) -> None:
    with desk.write() as session:
        trainings.ask(session, TrainingKind.HEADS, actor="ani", now=utc_now())
    assert "waspada train --resume 1" in say("models", "cancel", "1").stderr
    assert say("train", "--resume", "1").exit_code == 0
    assert now(desk).state is TrainingState.DONE


def test_the_extra_is_named(desk: Store, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waspada.models.trainings, "find_spec", lambda _name: None)
    refused = say("train", "--from-labels")
    assert isinstance(refused.exception, MissingExtraError)
    assert "pip install 'waspada[train]'" in str(refused.exception)
    with desk.read() as session:
        assert training_repository.newest(session) == []


@pytest.mark.parametrize(
    "words",
    [
        ["--from-labels", "--resume", "1"],
        ["--from-labels", "--seed", "3"],
        ["--resume", "1", "--seed", "3"],
        ["--from-labels", "--hate-words-of", "m"],
        [".", "o", "--recipe", "r.toml", "--hate-words-of", "m"],
    ],
)
def test_options_that_do_not_go_together(say: Say, words: list[str]) -> None:
    assert isinstance(say("train", *words).exception, InputError)
