"""The worker's part in trainings, with real processes: one at a time, taken back when they die, let go at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.forked import Forked
from tests.models.learning_steps import add_answers, name_of, settings_in
from tests.patience import until
from tests.rows import NOW
from waspada.cli.children import training_main
from waspada.cli.supervisor import ChildSpec, start_child
from waspada.jobs.train import Trainer
from waspada.models import training_repository, trainings
from waspada.models.training_policy import MOST_TRIES
from waspada.models.types import Training, TrainingKind, TrainingState
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import AuditRow


class Desk:
    """A store with a training that waits, and what a worker starts for it."""

    def __init__(self, store: Store, url: str, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self._url = url
        self.how = "whole"
        self.started: list[tuple[Training, Forked]] = []
        with store.write() as session:
            add_answers(session)
            trainings.ask(session, TrainingKind.HEADS, actor="ani", now=NOW)

    def start(self, training: Training) -> Forked:
        process = Forked("tests.jobs.trained", self._url, self.settings.data_dir, self.how)
        self.started.append((training, process))
        return self.started[-1][1]

    def trainer(self, missing: str | None = None) -> Trainer:
        return Trainer(self.store, self.settings, self.start, lambda _kind: missing)

    def now(self) -> Training:
        with self.store.read() as session:
            return training_repository.newest(session)[0]


@pytest.fixture
def desk(store: Store, store_url: str, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(store, store_url, settings_in(tmp_path / "desk"))
    yield made
    for _, process in made.started:
        process.close()


def ended(desk: Desk) -> Callable[[], bool]:
    return lambda: not desk.started[-1][1].is_alive()


def test_the_one_that_waits_is_run(desk: Desk) -> None:
    trainer = desk.trainer()
    trainer.look(NOW)
    trainer.look(NOW)
    assert len(desk.started) == 1, "it runs already"
    until(ended(desk), "the end of the training")
    assert (desk.now().state, desk.now().model) == (TrainingState.DONE, name_of(desk.now().id))
    trainer.look(NOW)
    assert len(desk.started) == 1, "nothing waits"


def test_two_workers_start_one(desk: Desk) -> None:
    desk.how = "endless"
    one, other = desk.trainer(), desk.trainer()
    one.look(NOW)
    other.look(NOW)
    assert len(desk.started) == 1
    one.stop()


def test_where_the_extra_is_missing_nothing_is_started(desk: Desk) -> None:
    desk.trainer("scikit-learn").look(NOW)
    assert desk.started == []
    assert desk.now().state is TrainingState.FAILED
    assert desk.now().problem == "Training needs scikit-learn. Install it with: pip install 'waspada[train]'"
    with desk.store.read() as session:
        line = session.scalars(select(AuditRow).where(AuditRow.action == "model.train_end")).one()
    assert (line.actor, line.detail["state"]) == ("ani", "failed")


def test_one_that_dies_is_taken_back_at_once_and_given_up_in_the_end(desk: Desk) -> None:
    desk.how = "dies"
    trainer = desk.trainer()
    for number in range(MOST_TRIES):
        trainer.look(NOW + timedelta(seconds=number))
        assert len(desk.started) == number + 1
        until(ended(desk), "the end of the process")
    trainer.look(NOW + timedelta(seconds=9))
    assert len(desk.started) == MOST_TRIES
    assert desk.now().state is TrainingState.FAILED


def test_one_that_cannot_be_started_waits_again(desk: Desk) -> None:
    def start(_training: Training) -> Forked:
        raise OSError(12, "Cannot allocate memory")

    Trainer(desk.store, desk.settings, start, lambda _kind: None).look(NOW)
    assert (desk.now().state, desk.now().tries) == (TrainingState.WAITING, 1)


def test_a_worker_that_stops_lets_it_wait(desk: Desk) -> None:
    desk.how = "endless"
    trainer = desk.trainer()
    trainer.look(NOW)
    until(lambda: desk.now().stage == "learn", "the first sign of life")
    trainer.stop()
    assert (desk.now().state, desk.now().tries) == (TrainingState.WAITING, 0)


def test_one_that_does_not_hear_that_it_is_cancelled_is_ended(desk: Desk) -> None:
    desk.how = "deaf"
    trainer = desk.trainer()
    trainer.look(NOW)
    until(lambda: desk.now().stage == "learn", "the first sign of life")
    desk.store.retrying(lambda session: trainings.cancel(session, desk.now().id, now=NOW))
    trainer.look(NOW)
    assert desk.started[-1][1].is_alive(), "it may still hear it by itself"
    trainer.look(NOW)
    until(ended(desk), "the end of the process")
    trainer.look(NOW)
    assert desk.now().state is TrainingState.CANCELLED


def test_what_the_worker_really_starts_comes_to_an_end_of_its_own(desk: Desk, store_url: str) -> None:
    settings = settings_in(desk.settings.data_dir, database_url=store_url)
    trainer = Trainer(
        desk.store,
        settings,
        lambda one: start_child(ChildSpec("training", training_main, (settings, one))),
        lambda _kind: None,
    )
    trainer.look(NOW)
    until(lambda: desk.now().state is not TrainingState.RUNNING, "the end of the training")
    assert desk.now().ended_at is not None, "it was not merely taken back"
    trainer.stop()
