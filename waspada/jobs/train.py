"""The worker's part in trainings: it gives the oldest one that waits to a process of its own, one at a time.

The child obeys SIGTERM by letting the training wait again; one that dies otherwise is noticed here, or by its silence.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction
from waspada.models import training_repository, trainings
from waspada.models.training_policy import OPEN
from waspada.models.trainings import INSTALL
from waspada.models.types import Training, TrainingKind, TrainingState
from waspada.settings import Settings
from waspada.store import Store

log = logging.getLogger("waspada.worker")
#: How long a child has to let go of its training when the worker stops.
STOP_SECONDS = 3.0


class Child(Protocol):
    """A process that runs one training."""

    def is_alive(self) -> bool: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...


class Trainer:
    """Starts trainings one after another; `start` makes the process of one."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        start: Callable[[Training], Child],
        missing: Callable[[TrainingKind], str | None] = trainings.missing_extra,
    ) -> None:
        self._store, self._settings, self._start, self._missing = store, settings, start, missing
        self._running: tuple[Training, Child] | None = None
        self._is_cancelled = False

    def look(self, now: datetime) -> None:
        """Starts one where one waits and none runs. Raises StoreError."""
        if self._running is not None:
            training, child = self._running
            if child.is_alive():
                self._hurry(training, child)
                return
            child.join()
            self._take_back(training, now)
            self._running, self._is_cancelled = None, False
        with self._store.read() as session:
            if not training_repository.unfinished(session):
                return
        training_ = self._store.retrying(lambda session: self._claimed(session, now))
        if training_ is None:
            return
        try:
            self._running = training_, self._start(training_)
        except OSError as error:  # no memory for another process, or too many of them
            log.warning("the training %s could not be started: %s", training_.id, error.strerror)
            self._take_back(training_, now)

    def stop(self) -> None:
        """Has the child let go of its training, which waits again, and ends it."""
        if self._running is None:
            return
        child = self._running[1]
        child.terminate()
        child.join(STOP_SECONDS)
        if child.is_alive():
            child.kill()
            child.join()

    def _hurry(self, training: Training, child: Child) -> None:
        """A child that was still at its step when it was looked at after a cancel is told to end there."""
        with self._store.read() as session:
            is_cancelled = training_repository.get(session, training.id).cancel
        if is_cancelled and self._is_cancelled:
            child.terminate()
        self._is_cancelled = is_cancelled

    def _claimed(self, session: Session, now: datetime) -> Training | None:
        settle_audited(session, self._settings, now)
        found = trainings.claim(session, now)
        if found is None:
            return None
        missing = self._missing(found.kind)
        if missing is None:
            return found
        problem = f"Training needs {missing}. Install it with: {INSTALL}"
        note_end(session, self._settings, trainings.end(session, found, TrainingState.FAILED, now, problem), now)
        return None

    def _take_back(self, training: Training, now: datetime) -> None:
        def save(session: Session) -> None:
            note_end(session, self._settings, trainings.lost(session, training, now), now)

        self._store.retrying(save)


def settle_audited(session: Session, settings: Settings, now: datetime) -> None:
    """Takes those back that nobody runs any more; those that ended by it stand in the audit log."""
    for one in trainings.settle(session, now):
        note_end(session, settings, one, now)


def note_end(session: Session, settings: Settings, training: Training | None, now: datetime) -> None:
    """A line of the audit log about a training that ended; nothing about one that goes on, or was another's."""
    if training is None or training.state in OPEN:
        return
    audit_log(settings).append(
        session,
        actor=training.actor,
        action=AuditAction.TRAINING_ENDED,
        object=f"training/{training.id}",
        detail=trainings.audit_detail(training),
        now=now,
    )
