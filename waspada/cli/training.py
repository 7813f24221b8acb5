"""Running a training that this process was given: learn, register, compare, and say how far it is all the while.

Each step can be done again: what was learned lies in the training's work folder, a model folder appears whole or not at
all, it is registered in the transaction that notes it, and a comparison replaces the one before. So a process that
ends at any moment, however it ends, loses no more than a step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Protocol, Self

from sqlalchemy.orm import Session

import nlp
from nlp.evaluation.evaluate import Progress
from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction
from waspada.cli import learning
from waspada.cli.comparing import compare_model, default_model
from waspada.cli.learning import Learned
from waspada.cli.shipped import register_shipped
from waspada.clock import utc_now
from waspada.errors import InputError, ModelError, StoreError, WaspadaError
from waspada.jobs.train import note_end
from waspada.logs import log_fault
from waspada.models import service, training_repository, trainings
from waspada.models.trainings import INSTALL
from waspada.models.types import ModelView, Training, TrainingKind, TrainingState
from waspada.settings import Settings
from waspada.store import Store

log = logging.getLogger("waspada.training")

Learn = Callable[[Store, Settings, TrainingKind, int, Progress], Learned]
#: How often it is looked whether somebody cancelled, and how long nothing is written while nothing changes.
LOOK_SECONDS, QUIET_LOOKS = 2.0, 7


class Compare(Protocol):
    def __call__(
        self, store: Store, settings: Settings, name: str, now: datetime, *, progress: Progress
    ) -> ModelView: ...


class CancelledError(Exception):
    """Somebody cancelled the training, or another process has it by now."""


class ToldToStop(BaseException):
    """The process was told to end (SIGTERM): the training waits again."""


def run(
    store: Store,
    settings: Settings,
    training: Training,
    *,
    learn: Learn = learning.learn,
    compare: Compare = compare_model,
    clock: Callable[[], datetime] = utc_now,
    show: Progress = lambda _stage, _done, _total: None,
    look_seconds: float = LOOK_SECONDS,
) -> Training:
    """Runs a training to its end and returns how it ended; what goes wrong stands in `problem`.

    `training` was given to this process (`trainings.claim`). KeyboardInterrupt cancels it and is raised again,
    ToldToStop lets it wait and is raised again. What it learned so far is kept in any case.
    """
    told: BaseException | None = None
    with _Pulse(store, training, clock, look_seconds) as pulse:

        def progress(stage: str, done: int, total: int) -> None:
            show(stage, done, total)
            pulse.say(stage, done, total)

        job = _Job(store, settings, training, learn, compare, clock, progress, pulse)
        try:
            state, problem = job.outcome()
        except KeyboardInterrupt as signal:
            state, problem, told = TrainingState.CANCELLED, "", signal
        except ToldToStop as signal:
            state, problem, told = TrainingState.WAITING, "", signal
        ended = job.end(state, problem)
    if told is not None:
        raise told
    return ended


@dataclass(frozen=True, slots=True)
class _Job:
    store: Store
    settings: Settings
    training: Training
    learn: Learn
    compare: Compare
    clock: Callable[[], datetime]
    progress: Progress
    pulse: _Pulse

    def outcome(self) -> tuple[TrainingState, str]:
        """How it ended, and what went wrong. Raises StoreError: nothing can be written down then, and its silence says
        that it has to go on later."""
        try:
            self._steps()
        except StoreError:
            raise
        except CancelledError:
            return TrainingState.CANCELLED, ""
        except WaspadaError as error:
            return TrainingState.FAILED, _without_paths(str(error), self.settings)
        except ModuleNotFoundError as error:
            return TrainingState.FAILED, f"Training needs {error.name}. Install it with: {INSTALL}"
        except OSError as error:
            log_fault("training", error)
            what = error.strerror or type(error).__name__
            return TrainingState.FAILED, (
                f"It could not write or read its files ({what}). Look at the disk and at who may write the data folder "
                "(`waspada doctor`); what it learned so far is kept."
            )
        except Exception as error:  # its text may quote what it learned from
            log_fault("training", error)
            kind = type(error).__name__
            return TrainingState.FAILED, f"A fault ended it ({kind}). What it learned so far is kept; see the log."
        return TrainingState.DONE, ""

    def end(self, state: TrainingState, problem: str) -> Training:
        """Writes down how it ended, the last lines of its log, and the line of the audit log, all or none."""
        self.pulse.note(problem or state.value)
        self.pulse.stop()
        now = self.clock()

        def save(session: Session) -> Training:
            self.pulse.write(session, now)
            ended = trainings.end(session, self.training, state, now, problem)
            note_end(session, self.settings, ended, now)
            return ended or training_repository.get(session, self.training.id)

        return self.store.retrying(save)

    def _steps(self) -> None:
        register_shipped(self.store, self.clock())
        is_comparison = self.training.kind is TrainingKind.COMPARE
        name = self.training.model or self._learned()
        if not is_comparison and not self.training.asked.get("compare", True):
            return
        try:
            self.compare(self.store, self.settings, name, self.clock(), progress=self.progress)
        except InputError as error:  # nothing of the test fold is answered yet: the model is there all the same
            if is_comparison:
                raise
            self.pulse.note(f"not compared: {error}")
        else:
            self._note_comparison(name)

    def _learned(self) -> str:
        """The name of the model that was learned, in its place, found whole, and registered."""
        training = self.training
        found = self.learn(self.store, self.settings, training.kind, training.id, self.progress)
        if nlp.check(service.store_of(self.settings) / found.folder) != found.name:
            raise ModelError(f"The folder {found.folder} does not hold {found.name}.", hint="Resume the training.")

        def save(session: Session) -> bool:
            if not trainings.note_model(session, training, found.name):
                return False
            service.register(
                session,
                found.name,
                found.folder,
                kind=found.kind,
                base=found.base,
                made_of={**found.made_of, "training": training.id},
                actor=training.actor,
                now=self.clock(),
            )
            return True

        if not self.store.retrying(save):
            raise CancelledError
        return found.name

    def _note_comparison(self, name: str) -> None:
        def save(session: Session) -> None:
            objections = service.objections(session, name, default_model(self.settings))
            audit_log(self.settings).append(
                session,
                actor=self.training.actor,
                action=AuditAction.MODEL_COMPARED,
                object=f"model/{name}",
                detail={"objections": [one.value for one in objections]},
                now=self.clock(),
            )

        self.store.retrying(save)


def _without_paths(text: str, settings: Settings) -> str:
    """What is said of folders says nothing about this machine."""
    if settings.model_dir is not None:
        text = text.replace(str(settings.model_dir), "the folder of WASPADA_MODEL_DIR")
    return text.replace(f"{service.store_of(settings)}/", "").replace(str(settings.data_dir), "the data folder")


class _Pulse:
    """Writes down from a thread that the training is alive and how far it is, and hears that it is to stop."""

    def __init__(self, store: Store, training: Training, clock: Callable[[], datetime], look_seconds: float) -> None:
        self._store, self._training, self._clock, self._look_seconds = store, training, clock, look_seconds
        self._at = (training.stage, training.done, training.total)
        self._lines: list[str] = []
        self._lock, self._over, self._stopped = Lock(), Event(), Event()
        self._thread = Thread(target=self._run, name="pulse", daemon=True)

    def __enter__(self) -> Self:
        self.note("goes on" if self._training.log else "begins")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def say(self, stage: str, done: int, total: int) -> None:
        """How far it is. Raises CancelledError where it is to stop."""
        if stage != self._at[0]:
            self.note(stage)
        self._at = (stage, max(0, done), max(0, total))
        if self._over.is_set():
            raise CancelledError

    def note(self, line: str) -> None:
        """A line of the log."""
        with self._lock:
            self._lines.append(f"{self._clock():%Y-%m-%d %H:%M:%S}Z {line}")

    def write(self, session: Session, now: datetime, count: int | None = None) -> bool:
        """The first `count` lines, or all, and how far it is, in a writing transaction. False where it is to stop."""
        (stage, done, total), lines = self._at, self._lines[:count]
        return trainings.beat(session, self._training, stage=stage, done=done, total=total, lines=lines, now=now)

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        written, quiet = None, 0
        while not self._stopped.is_set():
            count, at = len(self._lines), self._at
            if at != written or count or quiet >= QUIET_LOOKS:
                quiet = 0
                if self._beat(count):
                    written = at
            else:
                quiet += 1
                self._look()
            self._stopped.wait(self._look_seconds)

    def _beat(self, count: int) -> bool:
        try:
            goes_on = self._store.retrying(lambda session: self.write(session, self._clock(), count), attempts=1)
        except StoreError as error:
            log.warning("how far the training is was not written: %s", error)
            return False
        with self._lock:
            del self._lines[:count]
        if not goes_on:
            self._over.set()
        return True

    def _look(self) -> None:
        """Whether somebody cancelled meanwhile: a read, which hinders nobody."""
        try:
            with self._store.read() as session:
                found = training_repository.get(session, self._training.id)
        except StoreError:
            return
        is_own = (found.state, found.started_at) == (TrainingState.RUNNING, self._training.started_at)
        if found.cancel or not is_own:
            self._over.set()
