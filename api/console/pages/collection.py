"""The page of the switch that stops collection."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas, shape
from api.auth import Caller, Needs
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.regions import region_choices
from api.context import Context, Ctx
from api.v1.params import SmallId
from api.v1.stops import lift_audited, stop_audited
from waspada.access.policy import may
from waspada.access.types import Action, ForbiddenError
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.sources.service import list_sources
from waspada.stops import policy, repository

routes = APIRouter()
NAV = Nav("collection", "/collection", N_("Collection"), Action.READ_SOURCES, 72)
Reader = Annotated[Caller, Depends(Needs(Action.READ_SOURCES))]
Stopper = Annotated[Caller, Depends(Needs(Action.STOP_COLLECTION))]
Text = Annotated[str, Form(max_length=200)]
Reason = Annotated[str, Form(max_length=2 * MAX_REASON_CHARACTERS)]

_UNFIT = N_("This cannot be stopped so: a reason is needed, and a region or source that is known.")
_TWICE = N_("This is stopped already.")
_OVER = N_("This stop is over already.")
_NO_REASON = N_("Say in a few words why the collection may go on.")
_OWN = N_("The stop of an auditor is lifted by another account than the one that set it.")
_OUTSIDE = N_("This lies outside your area.")


@routes.get("/collection")
def collection_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    return _page(request, ctx, caller)


@routes.post("/collection")
def stop_collection(
    request: Request,
    ctx: Ctx,
    caller: Stopper,
    what: Annotated[str, Form(max_length=120)] = "",
    reason: Reason = "",
    csrf: Text = "",
) -> Response:
    """`what` is "all", "region/63.03" or "source/ID"."""
    check_form(ctx, caller, csrf)
    kind, _, id_ = what.partition("/")
    try:
        if kind not in ("all", "region", "source"):
            raise InputError("This names nothing that can be stopped.")
        new = schemas.NewStop.model_construct(
            source_id=id_ if kind == "source" else None, region=id_ if kind == "region" else None, reason=reason
        )
        stop_audited(ctx, caller, new)
    except InputError:
        return _page(request, ctx, caller, status=422, error=_UNFIT)
    except NotFoundError:
        return _page(request, ctx, caller, status=404, error=_OUTSIDE)
    except ConflictError:
        return _page(request, ctx, caller, status=409, error=_TWICE)
    return RedirectResponse("/collection", 303)


@routes.post("/collection/{stop_id}/lift")
def lift_stop(
    request: Request, ctx: Ctx, caller: Stopper, stop_id: SmallId, reason: Reason = "", csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        lift_audited(ctx, caller, stop_id, reason)
    except InputError:
        return _page(request, ctx, caller, status=422, error=_NO_REASON)
    except ForbiddenError:
        return _page(request, ctx, caller, status=403, error=_OWN)
    except ConflictError:
        return _page(request, ctx, caller, status=409, error=_OVER)
    return RedirectResponse("/collection", 303)


def _page(request: Request, ctx: Context, caller: Caller, *, status: int = 200, error: str = "") -> Response:
    home, within = caller.identity.region or ctx.settings.region, caller.identity.region
    with ctx.store.read() as session:
        found = repository.all_stops(session)
        sources = [(row.id, row.name) for row in list_sources(session) if row.role != "exercise"]
    return render.page(
        request,
        ctx,
        "collection.html",
        caller,
        status=status,
        stops=[(shape.stop(one), policy.why_not_lifted(one, caller.name) is None) for one in found],
        may_stop=may(caller.identity, Action.STOP_COLLECTION),
        regions=[one for one in region_choices(home, home) if within is None or one.code.startswith(within)],
        sources=sources,
        bound=within is not None,
        max_reason=MAX_REASON_CHARACTERS,
        error=error,
    )
