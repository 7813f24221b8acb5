"""The pages of requests from outside: the list with a form for a new one, and one request with its decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from api import schemas, shape
from api.auth import Caller, Needs
from api.console import render, views
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Context, Ctx
from api.paging import MAX_CURSOR_CHARACTERS, read_id_cursor
from api.v1.corrections import ask_audited, decide_audited, page_audited, read_audited
from api.v1.params import SmallId
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.alerts import items
from waspada.corrections.service import effects_of
from waspada.corrections.types import Effect, RequestKind, RequestState, StaleRequestError
from waspada.errors import InputError, NotFoundError
from waspada.privacy.reasons import MAX_REASON_CHARACTERS

routes = APIRouter()
NAV = Nav("corrections", "/corrections", N_("Corrections"), Action.ASK_CORRECTION, 74)
Reader = Annotated[Caller, Depends(Needs(Action.ASK_CORRECTION))]
Decider = Annotated[Caller, Depends(Needs(Action.DECIDE_CORRECTION))]
Csrf = Annotated[str, Form(max_length=200)]
Reason = Annotated[str, Form(max_length=2 * MAX_REASON_CHARACTERS)]
_A_PAGE = 40
#: Items that are shown of what a request is about.
_SHOWN = 20
#: How many hours ago the desk may say that it heard of a request.
_HOURS_AGO = 72

_UNFIT = N_(
    "The request cannot be kept so. It needs item/12, story/4, alert/3, periodic/5 or a web address, and a reason."
)
_OUTSIDE = N_("There is no such thing in your area.")
_CHANGED = N_("Somebody else decided meanwhile. Nothing of yours was saved.")
_NO_PASSAGE = N_("The decision cannot be carried out so: it needs a reason, and a passage as it stands in the report.")


class ListForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    state: RequestState | None = None
    about: str = Field(default="", max_length=80, pattern=r"^$|^(item|story|alert|periodic)/[1-9][0-9]{0,17}$")
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR_CHARACTERS)
    lang: str | None = Field(default=None, pattern="^(id|en)$")


@routes.get("/corrections")
def corrections_page(request: Request, ctx: Ctx, caller: Reader, form: Annotated[ListForm, Query()]) -> Response:
    return _list(request, ctx, caller, form)


@routes.post("/corrections")
def ask_correction(
    request: Request,
    ctx: Ctx,
    caller: Reader,
    kind: Annotated[RequestKind, Form()],
    about: Annotated[str, Form(max_length=4096)] = "",
    reason: Reason = "",
    hours_ago: Annotated[int, Form(ge=0, le=_HOURS_AGO)] = 0,
    csrf: Csrf = "",
) -> Response:
    check_form(ctx, caller, csrf)
    heard_at = ctx.clock() - timedelta(hours=hours_ago)
    new = schemas.NewCorrection.model_construct(kind=kind, about=about, reason=reason, heard_at=heard_at)
    try:
        found = ask_audited(ctx, caller, new)
    except InputError:
        return _list(request, ctx, caller, ListForm(), status=422, error=_UNFIT, given=(kind.value, about, reason))
    except NotFoundError:
        return _list(request, ctx, caller, ListForm(), status=404, error=_OUTSIDE, given=(kind.value, about, reason))
    return RedirectResponse(f"/corrections/{found.id}", 303)


@routes.get("/corrections/{request_id}")
def correction_page(request: Request, ctx: Ctx, caller: Reader, request_id: SmallId) -> Response:
    return _one(request, ctx, caller, request_id)


@routes.post("/corrections/{request_id}/decision")
def decide_correction(
    request: Request,
    ctx: Ctx,
    caller: Decider,
    request_id: SmallId,
    revision: Annotated[int, Form(ge=1, le=2**31 - 1)],
    decision: Annotated[str, Form(max_length=20)] = "",
    passage: Annotated[str, Form(max_length=4000)] = "",
    reason: Reason = "",
    csrf: Csrf = "",
) -> Response:
    """`decision` is "refuse" or the effect of granting."""
    check_form(ctx, caller, csrf)
    granted = decision in tuple(Effect)
    body = schemas.NewCorrectionDecision.model_construct(
        granted=granted, effect=Effect(decision) if granted else None, passage=passage, reason=reason
    )
    try:
        if not granted and decision != "refuse":
            raise InputError("This is no decision.")
        decide_audited(ctx, caller, request_id, body, revision)
    except StaleRequestError:
        return _one(request, ctx, caller, request_id, status=409, error=_CHANGED)
    except InputError:
        return _one(request, ctx, caller, request_id, status=422, error=_NO_PASSAGE)
    return RedirectResponse(f"/corrections/{request_id}", 303)


def _list(
    request: Request,
    ctx: Context,
    caller: Caller,
    form: ListForm,
    *,
    status: int = 200,
    error: str = "",
    given: tuple[str, str, str] | None = None,
) -> Response:
    found, more = page_audited(ctx, caller, form.state, read_id_cursor(form.cursor), _A_PAGE)
    now = ctx.clock()
    state = f"state={form.state.value}&" if form.state else ""
    return render.page(
        request,
        ctx,
        "corrections.html",
        caller,
        status=status,
        requests=[shape.correction(one, now) for one in found],
        state=form.state,
        given=given or (RequestKind.ERASE.value, form.about, ""),
        hours=[0, 1, 3, 6, 12, 24, 48],
        max_reason=MAX_REASON_CHARACTERS,
        next_page=f"/corrections?{state}cursor={more}" if more else None,
        error=error,
    )


def _one(
    request: Request, ctx: Context, caller: Caller, request_id: int, *, status: int = 200, error: str = ""
) -> Response:
    found, reach = read_audited(ctx, caller, request_id)
    with ctx.store.read() as session:
        shown = list(items.by_ids(session, reach.items[:_SHOWN]).values())
    return render.page(
        request,
        ctx,
        "correction.html",
        caller,
        status=status,
        one=shape.correction_detail(found, reach, ctx.clock()),
        cards=views.item_cards(shown),
        has_periodic=reach.periodic is not None,
        effects=[effect.value for effect in effects_of(found)],
        may_decide=may(caller.identity, Action.DECIDE_CORRECTION) and found.state is RequestState.OPEN,
        max_reason=MAX_REASON_CHARACTERS,
        error=error,
    )
