"""Models: what was found of them, and decisions. Trainings and comparisons are asked for in `api.v1.trainings`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import reading, schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import ModelName, no_query
from api.v1.routing import READ, problems, router
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.models import repository, service
from waspada.models.types import InUse, ModelEvent

routes = router("models")
Reader = Annotated[Caller, Depends(Needs(Action.READ_MODELS))]
Promoter = Annotated[Caller, Depends(Needs(Action.PROMOTE_MODELS))]
_OVERRIDES = Needs(Action.OVERRIDE_GATES)


@routes.get("/models", response_model=schemas.Page[schemas.ModelOut], responses=READ, dependencies=[Depends(no_query)])
def list_models(request: Request, ctx: Ctx, caller: Reader) -> Response:
    """The models of this installation, the one in use first."""
    return json_reply(request, schemas.Page[schemas.ModelOut](data=list_audited(ctx, caller)[0]))


@routes.get(
    "/models/{name}",
    response_model=schemas.ModelDetailOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_model(request: Request, ctx: Ctx, caller: Reader, name: ModelName) -> Response:
    """A model with its comparison, its gates, what it would do to alerts, and what was decided of it."""
    return json_reply(request, read_audited(ctx, caller, name))


@routes.post(
    "/models/{name}/promote",
    response_model=schemas.ModelEventOut,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def promote_model(request: Request, ctx: Ctx, caller: Promoter, name: ModelName, wanted: schemas.PromoteIn) -> Response:
    """Puts it in use. Where something speaks against it (409) an admin may set that aside; another model that came in
    use since you looked is a 409, too. Nothing old is told again."""
    done = promote_audited(ctx, caller, name, wanted.seen, wanted.reason, override=wanted.override)
    return json_reply(request, shape.model_event(done))


@routes.post(
    "/models/rollback",
    response_model=schemas.ModelEventOut,
    responses=problems(400, 409, 413),
    dependencies=[Depends(no_query)],
)
def roll_back(request: Request, ctx: Ctx, caller: Promoter, wanted: schemas.RollbackIn) -> Response:
    """Puts the model in use that was before this one."""
    return json_reply(request, shape.model_event(rollback_audited(ctx, caller, wanted.seen, wanted.reason)))


@routes.post(
    "/models/{name}/shadow",
    response_model=schemas.ModelEventOut,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def shadow_model(request: Request, ctx: Ctx, caller: Promoter, name: ModelName, why: schemas.Because) -> Response:
    """Has it read beside the model in use: its tags are stored and shown to nobody."""
    return json_reply(request, shape.model_event(shadow_audited(ctx, caller, name, why.reason)))


@routes.post(
    "/models/unshadow",
    response_model=schemas.ModelEventOut,
    responses=problems(400, 409, 413),
    dependencies=[Depends(no_query)],
)
def unshadow_model(request: Request, ctx: Ctx, caller: Promoter, why: schemas.Because) -> Response:
    """No model reads beside the one in use any more."""
    return json_reply(request, shape.model_event(unshadow_audited(ctx, caller, why.reason)))


def list_audited(ctx: Context, caller: Caller) -> tuple[list[schemas.ModelOut], InUse]:
    """The models, and which one does what."""
    default = reading.default_model(ctx.settings)
    with ctx.store.read() as session:
        use = service.in_use(session, default)
        found = [shape.model(one, use) for one in repository.views(session, use)]
    audited(ctx, caller, AuditAction.MODELS_READ, "models", {"found": len(found)})
    return found, use


def read_audited(ctx: Context, caller: Caller, name: str) -> schemas.ModelDetailOut:
    """A model; the headlines of the alerts that it would move are for those who may read these."""
    default = reading.default_model(ctx.settings)
    with ctx.store.read() as session:
        use = service.in_use(session, default)
        view = repository.view(repository.get(session, name), use)
        moved = view.comparison.effect.moved if view.comparison and view.comparison.effect else ()
        stories = [one.story for one in moved] if may(caller.identity, Action.READ_ALERTS) else []
        headlines = repository.headlines(session, stories, within=caller.identity.region)
        objections = service.objections(session, name, default)
        events = repository.events(session, name)[::-1]
    audited(ctx, caller, AuditAction.MODELS_READ, f"model/{name}", {"stories": sorted(headlines)})
    return shape.model_detail(view, use, objections, events, headlines)


def promote_audited(ctx: Context, caller: Caller, name: str, seen: str, reason: str, *, override: bool) -> ModelEvent:
    """The promotion and its line in the audit log, both or none. Raises as `service.promote` does, ModelError where the
    folder is not whole, and ForbiddenError where the account may set nothing aside."""
    if override:
        _OVERRIDES.check(caller)
    default, now = reading.default_model(ctx.settings), ctx.clock()
    with ctx.store.read() as session:
        service.check_folder(session, name, ctx.settings, reading.check)
    with ctx.store.write() as session:
        done = service.promote(
            session, name, default=default, seen=seen, actor=caller.name, reason=reason, override=override, now=now
        )
        noted(session, ctx, caller, AuditAction.MODEL_PROMOTED, f"model/{name}", service.decided(done), now=now)
    return done


def rollback_audited(ctx: Context, caller: Caller, seen: str, reason: str) -> ModelEvent:
    """The roll-back and its line in the audit log, both or none. Raises as `service.rollback` does."""
    default, now = reading.default_model(ctx.settings), ctx.clock()
    with ctx.store.write() as session:
        done = service.rollback(session, default=default, seen=seen, actor=caller.name, reason=reason, now=now)
        detail = service.decided(done)
        noted(session, ctx, caller, AuditAction.MODEL_ROLLED_BACK, f"model/{done.model}", detail, now=now)
    return done


def shadow_audited(ctx: Context, caller: Caller, name: str, reason: str) -> ModelEvent:
    """The step and its line in the audit log, both or none. Raises as `service.shadow` does, and ModelError."""
    default, now = reading.default_model(ctx.settings), ctx.clock()
    with ctx.store.read() as session:
        service.check_folder(session, name, ctx.settings, reading.check)
    with ctx.store.write() as session:
        done = service.shadow(session, name, default=default, actor=caller.name, reason=reason, now=now)
        noted(session, ctx, caller, AuditAction.MODEL_SHADOWED, f"model/{name}", now=now)
    return done


def unshadow_audited(ctx: Context, caller: Caller, reason: str) -> ModelEvent:
    """The step and its line in the audit log, both or none. Raises as `service.unshadow` does."""
    default, now = reading.default_model(ctx.settings), ctx.clock()
    with ctx.store.write() as session:
        done = service.unshadow(session, default=default, actor=caller.name, reason=reason, now=now)
        noted(session, ctx, caller, AuditAction.MODEL_UNSHADOWED, f"model/{done.model}", now=now)
    return done
