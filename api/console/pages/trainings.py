"""The page of trainings and comparisons: ask, follow, cancel, resume."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import shape
from api.auth import Caller, Needs
from api.console import render
from api.console.forms import check_form
from api.console.i18n import N_
from api.context import Context, Ctx
from api.v1.params import Id, ModelName
from api.v1.trainings import ask_audited, cancel_audited, labels_now, resume_audited
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.errors import ConflictError, InputError
from waspada.models import training_repository as repository
from waspada.models.training_policy import OPEN, may_resume
from waspada.models.types import TrainingKind

routes = APIRouter()
Reader = Annotated[Caller, Depends(Needs(Action.READ_MODELS))]
Trainer = Annotated[Caller, Depends(Needs(Action.TRAIN_MODELS))]
Csrf = Annotated[str, Form(max_length=200)]
#: So many are shown, the newest first.
SHOWN = 30
_PAGE = "/models/trainings"
_REFUSED = N_("This cannot be done now: one of its kind waits or runs, or this one has ended. Nothing was changed.")
_NOTHING = N_("There are too few answers to learn from yet. Answer reports at the labelling desk first.")


@routes.get("/models/trainings")
def trainings_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    return _page(request, ctx, caller)


@routes.post("/models/trainings")
def ask_for_training(
    request: Request,
    ctx: Ctx,
    caller: Trainer,
    kind: Annotated[Literal[TrainingKind.HEADS, TrainingKind.FULL], Form()],
    csrf: Csrf = "",
) -> Response:
    return _step(request, ctx, caller, csrf, lambda: ask_audited(ctx, caller, kind))


@routes.post("/models/{name}/comparison")
def ask_for_comparison(request: Request, ctx: Ctx, caller: Trainer, name: ModelName, csrf: Csrf = "") -> Response:
    return _step(request, ctx, caller, csrf, lambda: ask_audited(ctx, caller, TrainingKind.COMPARE, name))


@routes.post("/models/trainings/{training_id}/cancel")
def cancel_training(request: Request, ctx: Ctx, caller: Trainer, training_id: Id, csrf: Csrf = "") -> Response:
    return _step(request, ctx, caller, csrf, lambda: cancel_audited(ctx, caller, training_id))


@routes.post("/models/trainings/{training_id}/resume")
def resume_training(request: Request, ctx: Ctx, caller: Trainer, training_id: Id, csrf: Csrf = "") -> Response:
    return _step(request, ctx, caller, csrf, lambda: resume_audited(ctx, caller, training_id))


def _step(request: Request, ctx: Context, caller: Caller, csrf: str, do: Callable[[], object]) -> Response:
    """Does a step and shows the list; where it cannot be done, the list says so."""
    check_form(ctx, caller, csrf)
    try:
        do()
    except (ConflictError, InputError) as error:
        return _page(request, ctx, caller, failed=error)
    return RedirectResponse(_PAGE, 303)


def _page(request: Request, ctx: Context, caller: Caller, *, failed: Exception | None = None) -> Response:
    with ctx.store.read() as session:
        found = repository.newest(session, SHOWN)
    unfinished = [one for one in found if one.state in OPEN]
    return render.page(
        request,
        ctx,
        "trainings.html",
        caller,
        status=200 if failed is None else 422 if isinstance(failed, InputError) else 409,
        labels=labels_now(ctx),
        trainings=[shape.training_detail(one) for one in found],
        unfinished={one.kind for one in unfinished},
        may_cancel={one.id for one in unfinished},
        may_resume={one.id for one in found if may_resume(one)},
        may_train=may(caller.identity, Action.TRAIN_MODELS),
        error="" if failed is None else _NOTHING if isinstance(failed, InputError) else _REFUSED,
    )
