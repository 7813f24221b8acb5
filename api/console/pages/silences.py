"""The page of silences."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas, shape
from api.auth import Caller, Needs, audited
from api.console import render, words
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.regions import region_choices
from api.context import Context, Ctx
from api.v1.notices import add_audited, end_audited
from api.v1.params import SmallId
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.errors import ConflictError, InputError
from waspada.notify import service
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.taxonomy import EVENT_LABELS

routes = APIRouter()
NAV = Nav("silences", "/silences", N_("Silences"), Action.READ_ALERTS, 30)
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Quieter = Annotated[Caller, Depends(Needs(Action.QUIET))]
Text = Annotated[str, Form(max_length=200)]

_UNFIT = N_("The silence cannot be set so. It needs a region, an end within 14 days and a reason.")
_TWICE = N_("This region is silenced already. End that silence first.")
_OVER = N_("This silence is over already.")


@routes.get("/silences")
def silences_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    return _silences_page(request, ctx, caller)


@routes.post("/silences")
def add_silence(
    request: Request,
    ctx: Ctx,
    caller: Quieter,
    region: Annotated[str, Form(max_length=13)] = "",
    label: Annotated[str, Form(max_length=20)] = "",
    hours: Annotated[int, Form(ge=1, le=14 * 24)] = 12,
    reason: Annotated[str, Form(max_length=2 * MAX_REASON_CHARACTERS)] = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    until = ctx.clock() + timedelta(hours=hours)
    new = schemas.NewSilence.model_construct(region=region, label=label or None, until=until, reason=reason)
    try:
        add_audited(ctx, caller, new)
    except InputError:
        return _silences_page(request, ctx, caller, status=422, error=_UNFIT)
    except ConflictError:
        return _silences_page(request, ctx, caller, status=409, error=_TWICE)
    return RedirectResponse("/silences", 303)


@routes.post("/silences/{silence_id}/end")
def end_silence(request: Request, ctx: Ctx, caller: Quieter, silence_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    try:
        end_audited(ctx, caller, silence_id)
    except ConflictError:
        return _silences_page(request, ctx, caller, status=409, error=_OVER)
    return RedirectResponse("/silences", 303)


def _silences_page(request: Request, ctx: Context, caller: Caller, *, status: int = 200, error: str = "") -> Response:
    with ctx.store.read() as session:
        found = service.list_silences(session, ctx.clock(), within=caller.identity.region)
    audited(ctx, caller, AuditAction.SILENCES_READ, "silences", {"found": len(found)})
    home, within = caller.identity.region or ctx.settings.region, caller.identity.region
    choices = [one for one in region_choices(home, home) if within is None or one.code.startswith(within)]
    return render.page(
        request,
        ctx,
        "silences.html",
        caller,
        status=status,
        silences=[shape.silence(view) for view in found],
        may_quiet=may(caller.identity, Action.QUIET),
        regions=choices,
        home=home,
        labels=[label.value for label in EVENT_LABELS],
        hours=list(words.SILENCE_HOURS),
        max_reason=MAX_REASON_CHARACTERS,
        error=error,
    )
