"""Running a training: every end it can take, and kill -9 at every moment of it, on both databases."""

from __future__ import annotations

import errno
import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

import nlp
from nlp.evaluation.evaluate import Progress
from tests.killed import run_module
from tests.models.learning_steps import MOMENTS, STEPS, SmallComparer, SmallLearner, add_answers, name_of, settings_in
from tests.patience import until
from tests.rows import NOW
from waspada.cli.learning import Learned
from waspada.cli.training import ToldToStop, run
from waspada.errors import InputError, StoreFullError
from waspada.models import repository, service, training_repository, trainings
from waspada.models.types import Training, TrainingKind, TrainingState
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import AuditRow, ModelRow

PROCESS = "tests.models.training_process"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "desk")


@pytest.fixture
def training(store: Store) -> Training:
    """One that was given to this process."""
    with store.write() as session:
        add_answers(session)
        trainings.ask(session, TrainingKind.HEADS, actor="ani", now=NOW)
        found = trainings.claim(session, NOW)
    assert found is not None
    return found


def ran(store: Store, settings: Settings, training: Training, learn: object, compare: object = None) -> Training:
    return run(
        store,
        settings,
        training,
        learn=learn,  # type: ignore[arg-type]
        compare=compare or SmallComparer(),  # type: ignore[arg-type]
        clock=lambda: NOW,
        look_seconds=0.01,
    )


def audited(store: Store) -> list[tuple[str, str, str]]:
    with store.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action.startswith("model.")).order_by(AuditRow.id))
        return [(row.actor, row.action, row.object) for row in rows]


def models(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(select(ModelRow.name).where(~ModelRow.shipped)))


class Ends:
    """A training that says how far it is and then ends in some way."""

    def __init__(self, how: BaseException) -> None:
        self._how = how

    def __call__(
        self, store: Store, settings: Settings, kind: TrainingKind, number: int, progress: Progress
    ) -> Learned:
        progress("learn", 1, 2)
        raise self._how


class Endless:
    """A training that goes on until it is stopped."""

    def __call__(
        self, store: Store, settings: Settings, kind: TrainingKind, number: int, progress: Progress
    ) -> Learned:
        step = 0
        while True:
            step += 1
            progress("learn", step, 0)


def test_learned_registered_compared(store: Store, settings: Settings, training: Training) -> None:
    done = ran(store, settings, training, SmallLearner())
    assert (done.state, done.problem, done.model) == (TrainingState.DONE, "", name_of(training.id))
    assert done.log.splitlines()[0].endswith(" begins")
    assert [line.split("Z ")[1] for line in done.log.splitlines()][1:] == ["learn", "write", "gates", "done"]
    with store.read() as session:
        row = repository.get(session, name_of(training.id))
        assert (row.actor, row.made_of) == ("ani", {"steps": STEPS, "training": training.id})
        assert row.compared_at == NOW
        assert nlp.check(service.folder_of(row, settings)) == row.name
    object_ = f"training/{training.id}"
    assert audited(store) == [("ani", "model.compare", f"model/{row.name}"), ("ani", "model.train_end", object_)]


def test_the_real_comparison_is_made(store: Store, settings: Settings, training: Training) -> None:
    done = run(store, settings, training, learn=SmallLearner(), clock=lambda: NOW)
    assert done.state is TrainingState.DONE, done.problem
    with store.read() as session:
        found = service.model(session, name_of(training.id), nlp.model_name(settings.model_dir))
    assert found.comparison is not None
    assert found.comparison.rows == training.asked["test"]
    assert found.gates is not None


def test_without_a_comparison(store: Store, settings: Settings) -> None:
    with store.write() as session:
        add_answers(session)
        trainings.ask(session, TrainingKind.HEADS, actor="ani", now=NOW, compare=False)
        claimed = trainings.claim(session, NOW)
    assert claimed is not None
    done = ran(store, settings, claimed, SmallLearner(), Ends(RuntimeError()))
    assert (done.state, models(store)) == (TrainingState.DONE, [name_of(claimed.id)])


class NothingAnswered:
    def __call__(self, *_: object, **__: object) -> None:
        raise InputError("There are no labelled items to compare on.")


def test_a_model_that_cannot_be_compared_yet_is_there_all_the_same(
    store: Store, settings: Settings, training: Training
) -> None:
    done = ran(store, settings, training, SmallLearner(), NothingAnswered())
    assert (done.state, models(store)) == (TrainingState.DONE, [name_of(training.id)])
    assert "not compared: There are no labelled items" in done.log


def test_a_comparison_alone_that_cannot_be_made_has_failed(store: Store, settings: Settings) -> None:
    with store.write() as session:
        service.register(session, "uji-id-v1", "uji-id-v1", kind="hashed-linear", actor="ani", now=NOW)
        trainings.ask(session, TrainingKind.COMPARE, actor="ani", now=NOW, model="uji-id-v1")
        claimed = trainings.claim(session, NOW)
    assert claimed is not None
    done = ran(store, settings, claimed, Ends(AssertionError()), NothingAnswered())
    assert (done.state, done.model) == (TrainingState.FAILED, "uji-id-v1")
    assert "no labelled items" in done.problem


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (InputError("Too few answers: 3.", hint="Answer more."), "Too few answers: 3. Answer more."),
        (ModuleNotFoundError(name="sklearn"), "pip install 'waspada[train]'"),
        (RuntimeError("Warga Bernama berkata"), "A fault ended it (RuntimeError)"),
    ],
)
def test_what_goes_wrong_is_said_and_quotes_no_text(
    store: Store, settings: Settings, training: Training, how: BaseException, said: str
) -> None:
    done = ran(store, settings, training, Ends(how))
    assert done.state is TrainingState.FAILED
    assert said in done.problem
    assert "Warga" not in done.problem + done.log
    assert str(settings.data_dir) not in done.problem
    assert models(store) == []
    assert audited(store)[-1][1] == "model.train_end"


def test_a_folder_that_is_not_whole_is_not_registered(store: Store, settings: Settings, training: Training) -> None:
    def torn(*given: object) -> Learned:
        found = SmallLearner()(*given)  # type: ignore[arg-type]
        weights = service.store_of(settings) / found.folder / "weights.npz"
        weights.write_bytes(weights.read_bytes()[:-9])
        return found

    done = ran(store, settings, training, torn)
    assert (done.state, models(store)) == (TrainingState.FAILED, [])
    assert str(settings.data_dir) not in done.problem


def test_the_two_ways_of_stopping(store: Store, settings: Settings, training: Training) -> None:
    with pytest.raises(ToldToStop):
        ran(store, settings, training, Ends(ToldToStop()))
    with store.write() as session:
        let_go = training_repository.get(session, training.id)
        assert (let_go.state, let_go.tries, let_go.stage) == (TrainingState.WAITING, 0, "learn")
        again = trainings.claim(session, NOW + timedelta(seconds=1))
    assert again is not None
    with pytest.raises(KeyboardInterrupt):
        ran(store, settings, again, Ends(KeyboardInterrupt()))
    with store.read() as session:
        assert training_repository.get(session, training.id).state is TrainingState.CANCELLED


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_takes_nothing_is_named(store: Store, settings: Settings, training: Training, number: int) -> None:
    ended = ran(store, settings, training, Ends(OSError(number, os.strerror(number), "/rahasia/models/uji")))
    assert ended.state is TrainingState.FAILED
    assert os.strerror(number) in ended.problem
    assert "waspada doctor" in ended.problem
    assert "rahasia" not in ended.problem


def test_a_store_that_cannot_be_written_leaves_it_to_its_silence(
    store: Store, settings: Settings, training: Training
) -> None:
    with pytest.raises(StoreFullError):
        ran(store, settings, training, Ends(StoreFullError("The disk is full.")))
    with store.read() as session:
        assert training_repository.get(session, training.id).state is TrainingState.RUNNING


def test_cancelled_while_it_runs(store: Store, settings: Settings, training: Training) -> None:
    def stage() -> str:
        with store.read() as session:
            return training_repository.get(session, training.id).stage

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(ran, store, settings, training, Endless())
        until(lambda: stage() == "learn", "the first sign of life")
        store.retrying(lambda session: trainings.cancel(session, training.id, now=NOW))
        assert running.result().state is TrainingState.CANCELLED
    assert models(store) == []


def test_one_that_another_process_has_by_now_stops_and_changes_nothing(
    store: Store, settings: Settings, training: Training
) -> None:
    later = NOW + timedelta(minutes=5)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(ran, store, settings, training, Endless())
        with store.write() as session:
            trainings.settle(session, later)
            other = trainings.claim(session, later)
        found = running.result()
    assert other is not None
    assert (found.state, found.started_at) == (TrainingState.RUNNING, later)
    assert audited(store) == []


def _check(store: Store, settings: Settings) -> None:
    """Whatever was killed: a model that is registered is whole, and there is one at most."""
    with store.read() as session:
        for row in session.scalars(select(ModelRow).where(~ModelRow.shipped)):
            assert nlp.check(service.folder_of(row, settings)) == row.name
        assert session.scalar(select(func.count()).select_from(ModelRow).where(~ModelRow.shipped)) in (0, 1)
        assert len(training_repository.newest(session)) <= 1


def _finished(store: Store, settings: Settings) -> None:
    _check(store, settings)
    assert models(store) == [name_of(1)]
    with store.read() as session:
        (training,) = training_repository.newest(session)
        assert (training.state, training.model) == (TrainingState.DONE, name_of(1))
        assert repository.get(session, name_of(1)).compared_at is not None
    assert [action for _, action, _ in audited(store)].count("model.train_end") == 1


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_a_moment_it_goes_on(store: Store, store_url: str, settings: Settings, moment: str) -> None:
    folder = settings.data_dir
    code, said = run_module(PROCESS, store_url, folder, 0, moment, 0)
    assert code == -signal.SIGKILL, said
    _check(store, settings)
    code, said = run_module(PROCESS, store_url, folder, 1, "-", 0)
    assert said.split()[0] == "nothing", "its process may still live: nobody takes it up"
    code, said = run_module(PROCESS, store_url, folder, 5, "-", 0)
    assert (code, said.split()[:2]) == (0, ["1", "done"]), said
    _finished(store, settings)
    worked = (service.store_of(settings) / "uji-1.work" / "worked").read_text().split()
    assert len(worked) == STEPS + (moment == "work"), "what was learned is not learned again"


def _killed_at_random(store: Store, store_url: str, settings: Settings, times: int, seed: int) -> None:
    rng = random.Random(seed)
    for number in range(times):
        code, said = run_module(PROCESS, store_url, settings.data_dir, 5 * number, "-", rng.randint(20, 90))
        if code == 0:
            break
        assert code == -signal.SIGKILL, said
        _check(store, settings)
    code, said = run_module(PROCESS, store_url, settings.data_dir, 5 * times, "-", 0)
    assert code == 0, said
    _finished(store, settings)


def test_killed_twice_at_random(store: Store, store_url: str, settings: Settings) -> None:
    _killed_at_random(store, store_url, settings, 2, 11)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(15))
def test_killed_often_at_random(store: Store, store_url: str, settings: Settings, seed: int) -> None:
    _killed_at_random(store, store_url, settings, 2, seed)
