"""Trainings and comparisons as jobs: asked for, given to one process, followed, cancelled, resumed.

Functions that take a session run in the caller's writing transaction; the caller writes the audit log in the same one.
Who runs a training holds it by its `started_at`: where another process was given it meanwhile, what the first one says
changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec

from sqlalchemy.orm import Session

from waspada.audit.types import Detail
from waspada.errors import ConflictError, InputError
from waspada.models import repository as models
from waspada.models import training_repository as repository
from waspada.models.training_policy import (
    LEARNING,
    LEAST_ANSWERS,
    LOST,
    OPEN,
    after_loss,
    check_enough,
    estimate_seconds,
    is_silent,
    items_of,
    longer,
    may_resume,
)
from waspada.models.types import Training, TrainingKind, TrainingState

#: What installs everything that trainings need.
INSTALL = "pip install 'waspada[train]'"
#: Module -> the name under which it is installed.
_FOR_HEADS = {"sklearn": "scikit-learn", "scipy": "scipy", "cleanlab": "cleanlab"}
_NEEDED = {
    TrainingKind.HEADS: _FOR_HEADS,
    TrainingKind.FULL: _FOR_HEADS | {"torch": "torch", "transformers": "transformers"},
    TrainingKind.COMPARE: {},
}


def missing_extra(kind: TrainingKind) -> str | None:
    """The packages that a training needs and that are missing here ("scikit-learn, scipy"), or None. Imports nothing;
    `INSTALL` brings them."""
    missing = [package for module, package in _NEEDED[kind].items() if find_spec(module) is None]
    return ", ".join(missing) or None


def ask(
    session: Session,
    kind: TrainingKind,
    *,
    actor: str,
    now: datetime,
    model: str | None = None,
    compare: bool = True,
    least: int = LEAST_ANSWERS,
) -> Training:
    """Asks for a training, or for the comparison of `model`. One of a kind waits or runs at a time.

    Raises ConflictError (there is one), InputError (fewer than `least` answered items) and NotFoundError (the model).
    """
    repository.lock(session)
    if (kind is TrainingKind.COMPARE) != (model is not None):
        raise InputError("A comparison needs a model, a training none.", hint="See docs/models.md.")
    if model is not None:
        models.get(session, model)
    _check_alone(session, kind)
    found = repository.learned_from(session)
    if kind in LEARNING:
        check_enough(found.train, least)
    items = items_of(kind, found.train, found.test)
    estimate = estimate_seconds(kind, items, repository.finished(session, [kind]))
    asked = {
        "train": found.train,
        "test": found.test,
        "last_label": found.last_label,
        "estimate_seconds": round(estimate),
        "compare": compare,
    }
    return repository.add(
        session, kind=kind.value, state=TrainingState.WAITING.value, asked=asked, model=model, actor=actor, at=now
    )


def cancel(session: Session, id_: int, *, now: datetime) -> Training:
    """One that waits ends at once; one that runs is told to, and ends within seconds. What it learned is kept.

    Raises NotFoundError, and ConflictError for one that has ended.
    """
    repository.lock(session)
    found = repository.get(session, id_)
    if found.state not in OPEN:
        raise ConflictError(f"The training {id_} has ended: {found.state}.", hint="Nothing has to be done.")
    if found.state is TrainingState.WAITING or is_silent(found, now):
        return _ended(session, found, TrainingState.CANCELLED, now)
    repository.change(session, id_, cancel=True)
    return repository.get(session, id_)


def resume(session: Session, id_: int) -> Training:
    """Has one go on that failed or was cancelled, where it was. Raises NotFoundError and ConflictError."""
    repository.lock(session)
    found = repository.get(session, id_)
    if not may_resume(found):
        raise ConflictError(f"The training {id_} cannot go on: it is {found.state}.", hint="Ask for another one.")
    _check_alone(session, found.kind)
    repository.change(session, id_, state=TrainingState.WAITING.value, cancel=False, problem="", tries=0, ended_at=None)
    return repository.get(session, id_)


def claim(session: Session, now: datetime, id_: int | None = None) -> Training | None:
    """The oldest one that waits (or `id_`), given to the caller, who runs it; None where none waits, or one runs: of
    all processes one trains at a time. `settle` comes before, in the same transaction."""
    repository.lock(session)
    unfinished = repository.unfinished(session)
    waiting = [one for one in unfinished if one.state is TrainingState.WAITING and id_ in (None, one.id)]
    if not waiting or any(one.state is TrainingState.RUNNING for one in unfinished):
        return None
    found = waiting[0]
    repository.change(
        session,
        found.id,
        state=TrainingState.RUNNING.value,
        started_at=now,
        beat_at=now,
        tries=found.tries + 1,
    )
    return repository.get(session, found.id)


def settle(session: Session, now: datetime) -> list[Training]:
    """Takes those back that nobody runs any more: they wait again, and go on where they were, or have
    ended. Returns them."""
    repository.lock(session)
    return [_taken_back(session, one, now) for one in repository.unfinished(session) if is_silent(one, now)]


def beat(
    session: Session, training: Training, *, stage: str, done: int, total: int, lines: Sequence[str], now: datetime
) -> bool:
    """A sign of life, with how far it is. False where it is to stop: it was cancelled, or another process has it."""
    known = repository.get(session, training.id)
    return (
        repository.change_held(
            session,
            training,
            stage=stage,
            done=done,
            total=total,
            log=longer(known.log, lines),
            beat_at=now,
        )
        and not known.cancel
    )


def note_model(session: Session, training: Training, name: str) -> bool:
    """Notes the model that it made. False where another process has it."""
    return repository.change_held(session, training, model=name)


def end(
    session: Session, training: Training, state: TrainingState, now: datetime, problem: str = ""
) -> Training | None:
    """Ends it, or lets it wait again where its process was told to stop. None where another process has it."""
    repository.lock(session)
    found = repository.get(session, training.id)
    if (found.state, found.started_at) != (TrainingState.RUNNING, training.started_at):
        return None
    if state is TrainingState.WAITING and not found.cancel:
        repository.change(session, found.id, state=state.value, tries=found.tries - 1)
        return repository.get(session, found.id)
    return _ended(session, found, TrainingState.CANCELLED if state is TrainingState.WAITING else state, now, problem)


def lost(session: Session, training: Training, now: datetime) -> Training | None:
    """Its process is gone without a word. None where it had ended, or another process has it."""
    repository.lock(session)
    found = repository.get(session, training.id)
    if (found.state, found.started_at) != (TrainingState.RUNNING, training.started_at):
        return None
    return _taken_back(session, found, now)


def audit_detail(training: Training) -> Detail:
    """A training as the audit log keeps it."""
    return {"kind": training.kind.value, "state": training.state.value, "model": training.model}


def _taken_back(session: Session, found: Training, now: datetime) -> Training:
    state = after_loss(found)
    if state is TrainingState.WAITING:
        repository.change(session, found.id, state=state.value)
        return repository.get(session, found.id)
    return _ended(session, found, state, now, LOST if state is TrainingState.FAILED else "")


def _ended(session: Session, found: Training, state: TrainingState, now: datetime, problem: str = "") -> Training:
    repository.change(session, found.id, state=state.value, cancel=False, problem=problem, ended_at=now)
    return repository.get(session, found.id)


def _check_alone(session: Session, kind: TrainingKind) -> None:
    for one in repository.unfinished(session):
        if one.kind is kind:
            raise ConflictError(
                f"The training {one.id} of the kind {kind} is {one.state}.", hint="Wait for it, or cancel it."
            )
