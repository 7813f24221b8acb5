"""Trainings and comparisons: ask, follow, cancel, resume. The worker runs them, one at a time."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, noted
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import Id, ModelName, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.errors import ConflictError
from waspada.jobs.train import settle_audited
from waspada.models import training_repository as repository
from waspada.models import trainings
from waspada.models.training_policy import LEARNING, LEAST_ANSWERS, estimate_seconds
from waspada.models.trainings import INSTALL
from waspada.models.types import Training, TrainingKind

routes = router("models")
_READER = Depends(Needs(Action.READ_MODELS))
Trainer = Annotated[Caller, Depends(Needs(Action.TRAIN_MODELS))]


@routes.get(
    "/models/trainings",
    response_model=schemas.Page[schemas.TrainingOut],
    responses=READ,
    dependencies=[Depends(no_query), _READER],
)
def list_trainings(request: Request, ctx: Ctx) -> Response:
    """The last fifty trainings and comparisons, the newest first."""
    with ctx.store.read() as session:
        found = [shape.training(one) for one in repository.newest(session)]
    return json_reply(request, schemas.Page[schemas.TrainingOut](data=found))


@routes.get(
    "/models/trainings/labels",
    response_model=schemas.LearnedFromOut,
    responses=READ,
    dependencies=[Depends(no_query), _READER],
)
def read_labels(request: Request, ctx: Ctx) -> Response:
    """How many answered items there are to learn from, how long it would take, and what is missing for it."""
    return json_reply(request, labels_now(ctx))


@routes.get(
    "/models/trainings/{training_id}",
    response_model=schemas.TrainingDetailOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query), _READER],
)
def read_training(request: Request, ctx: Ctx, training_id: Id) -> Response:
    """A training with how far it is, and its log."""
    with ctx.store.read() as session:
        found = shape.training_detail(repository.get(session, training_id))
    return json_reply(request, found)


@routes.post(
    "/models/trainings",
    response_model=schemas.TrainingOut,
    status_code=201,
    responses=problems(400, 409, 413),
    dependencies=[Depends(no_query)],
)
def ask_for_training(request: Request, ctx: Ctx, caller: Trainer, new: schemas.NewTraining) -> Response:
    """Has a model learned from the answers that stand, registered and compared. Nothing is put in use by it. One of a
    kind waits or runs at a time (409), so that asking twice is asking once."""
    return json_reply(request, shape.training(ask_audited(ctx, caller, new.kind)), status=201)


@routes.post(
    "/models/{name}/comparison",
    response_model=schemas.TrainingOut,
    status_code=201,
    responses=problems(400, 404, 409),
    dependencies=[Depends(no_query)],
)
def ask_for_comparison(request: Request, ctx: Ctx, caller: Trainer, name: ModelName) -> Response:
    """Has it compared with the model in use and with the baseline, and held against the gates: a job of minutes."""
    return json_reply(request, shape.training(ask_audited(ctx, caller, TrainingKind.COMPARE, name)), status=201)


@routes.post(
    "/models/trainings/{training_id}/cancel",
    response_model=schemas.TrainingOut,
    responses=problems(400, 404, 409),
    dependencies=[Depends(no_query)],
)
def cancel_training(request: Request, ctx: Ctx, caller: Trainer, training_id: Id) -> Response:
    """One that waits ends at once, one that runs at its next step. What it learned so far is kept."""
    return json_reply(request, shape.training(cancel_audited(ctx, caller, training_id)))


@routes.post(
    "/models/trainings/{training_id}/resume",
    response_model=schemas.TrainingOut,
    responses=problems(400, 404, 409),
    dependencies=[Depends(no_query)],
)
def resume_training(request: Request, ctx: Ctx, caller: Trainer, training_id: Id) -> Response:
    """Has one go on that failed or was cancelled, where it was."""
    return json_reply(request, shape.training(resume_audited(ctx, caller, training_id)))


def labels_now(ctx: Context) -> schemas.LearnedFromOut:
    with ctx.store.read() as session:
        found = repository.learned_from(session)
        speeds = [_speed(session, kind, found.train) for kind in LEARNING]
    return schemas.LearnedFromOut(
        train=found.train, test=found.test, fresh=found.fresh, least=LEAST_ANSWERS, speeds=speeds
    )


def ask_audited(ctx: Context, caller: Caller, kind: TrainingKind, model: str | None = None) -> Training:
    """The training and its line in the audit log, both or none. Raises as `trainings.ask` does, and ConflictError where
    the extra is missing."""
    if (missing := trainings.missing_extra(kind)) is not None:
        raise ConflictError(f"Training needs {missing}.", hint=f"Install it with: {INSTALL}")
    with ctx.store.write() as session:
        settle_audited(session, ctx.settings, ctx.clock())
        done = trainings.ask(session, kind, actor=caller.name, now=ctx.clock(), model=model)
        _note(session, ctx, caller, AuditAction.TRAINING_ASKED, done)
    return done


def cancel_audited(ctx: Context, caller: Caller, id_: int) -> Training:
    """The step and its line in the audit log, both or none. Raises as `trainings.cancel` does."""
    with ctx.store.write() as session:
        done = trainings.cancel(session, id_, now=ctx.clock())
        _note(session, ctx, caller, AuditAction.TRAINING_CANCELLED, done)
    return done


def resume_audited(ctx: Context, caller: Caller, id_: int) -> Training:
    """The step and its line in the audit log, both or none. Raises as `trainings.resume` does."""
    with ctx.store.write() as session:
        settle_audited(session, ctx.settings, ctx.clock())
        done = trainings.resume(session, id_)
        _note(session, ctx, caller, AuditAction.TRAINING_RESUMED, done)
    return done


def _speed(session: Session, kind: TrainingKind, items: int) -> schemas.SpeedOut:
    missing = trainings.missing_extra(kind)
    return schemas.SpeedOut(
        kind=kind,
        estimate_seconds=round(estimate_seconds(kind, items, repository.finished(session, [kind]))),
        missing=missing,
        install=INSTALL if missing else None,
    )


def _note(session: Session, ctx: Context, caller: Caller, action: AuditAction, done: Training) -> None:
    detail = trainings.audit_detail(done)
    noted(session, ctx, caller, action, f"training/{done.id}", detail, now=ctx.clock())
