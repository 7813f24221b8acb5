"""The pages of models: which there are, what was found of one, and the decision on it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api.auth import Caller, Needs
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Context, Ctx
from api.v1.models import (
    list_audited,
    promote_audited,
    read_audited,
    rollback_audited,
    shadow_audited,
    unshadow_audited,
)
from api.v1.params import ModelName
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.errors import ConflictError, InputError, ModelError
from waspada.models import training_repository
from waspada.models.types import TrainingKind
from waspada.privacy.reasons import MAX_REASON_CHARACTERS

routes = APIRouter()
NAV = Nav("models", "/models", N_("Models"), Action.READ_MODELS, 79)
Reader = Annotated[Caller, Depends(Needs(Action.READ_MODELS))]
Promoter = Annotated[Caller, Depends(Needs(Action.PROMOTE_MODELS))]
Csrf = Annotated[str, Form(max_length=200)]
Reason = Annotated[str, Form(max_length=2 * MAX_REASON_CHARACTERS)]
Seen = Annotated[str, Form(max_length=80)]

_REFUSED = N_("This cannot be done now: something speaks against it, or somebody was faster. Nothing was changed.")
_REASON = N_("A reason is needed, of at most %(count)s characters.")
_DAMAGED = N_("The folder of this model is missing or damaged. Nothing was changed.")


@routes.get("/models")
def models_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    return _list_page(request, ctx, caller)


@routes.get("/models/{name}")
def model_page(request: Request, ctx: Ctx, caller: Reader, name: ModelName) -> Response:
    return _model_page(request, ctx, caller, name)


@routes.post("/models/{name}/promote")
def promote_model(
    request: Request,
    ctx: Ctx,
    caller: Promoter,
    name: ModelName,
    seen: Seen,
    reason: Reason = "",
    override: Annotated[bool, Form()] = False,
    csrf: Csrf = "",
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        promote_audited(ctx, caller, name, seen, reason, override=override)
    except (ConflictError, InputError, ModelError) as error:
        return _model_page(request, ctx, caller, name, failed=error)
    return RedirectResponse("/models", 303)


@routes.post("/models/{name}/shadow")
def shadow_model(
    request: Request, ctx: Ctx, caller: Promoter, name: ModelName, reason: Reason = "", csrf: Csrf = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        shadow_audited(ctx, caller, name, reason)
    except (ConflictError, InputError, ModelError) as error:
        return _model_page(request, ctx, caller, name, failed=error)
    return RedirectResponse("/models", 303)


@routes.post("/models/rollback")
def roll_back(
    request: Request, ctx: Ctx, caller: Promoter, seen: Seen, reason: Reason = "", csrf: Csrf = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        rollback_audited(ctx, caller, seen, reason)
    except (ConflictError, InputError) as error:
        return _list_page(request, ctx, caller, failed=error)
    return RedirectResponse("/models", 303)


@routes.post("/models/unshadow")
def unshadow_model(request: Request, ctx: Ctx, caller: Promoter, csrf: Csrf = "") -> Response:
    check_form(ctx, caller, csrf)
    try:
        unshadow_audited(ctx, caller, "")
    except ConflictError as error:
        return _list_page(request, ctx, caller, failed=error)
    return RedirectResponse("/models", 303)


def _list_page(request: Request, ctx: Context, caller: Caller, *, failed: Exception | None = None) -> Response:
    found, use = list_audited(ctx, caller)
    error, status = _problem(failed)
    return render.page(
        request,
        ctx,
        "models.html",
        caller,
        status=status,
        models=found,
        use=use,
        may_decide=may(caller.identity, Action.PROMOTE_MODELS),
        max_reason=MAX_REASON_CHARACTERS,
        error=error,
    )


def _model_page(
    request: Request, ctx: Context, caller: Caller, name: str, *, failed: Exception | None = None
) -> Response:
    found = read_audited(ctx, caller, name)
    with ctx.store.read() as session:
        comparing = any(one.kind is TrainingKind.COMPARE for one in training_repository.unfinished(session))
    error, status = _problem(failed)
    return render.page(
        request,
        ctx,
        "model.html",
        caller,
        status=status,
        model=found,
        may_decide=may(caller.identity, Action.PROMOTE_MODELS) and not found.current,
        may_train=may(caller.identity, Action.TRAIN_MODELS),
        comparing=comparing,
        may_override=may(caller.identity, Action.OVERRIDE_GATES),
        may_read=may(caller.identity, Action.READ_ALERTS),
        max_reason=MAX_REASON_CHARACTERS,
        error=error,
    )


def _problem(failed: Exception | None) -> tuple[str, int]:
    """What is said of a decision that was not taken, and the status."""
    if failed is None:
        return "", 200
    if isinstance(failed, InputError):
        return _REASON, 422
    return (_DAMAGED, 409) if isinstance(failed, ModelError) else (_REFUSED, 409)
