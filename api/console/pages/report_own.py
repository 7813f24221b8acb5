"""What became of one's own field reports, one's drafts, and the periodic report of one's kecamatan."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas, shape
from api.auth import Caller, Needs
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Context, Ctx
from api.schemas.reports import KEY_PATTERN
from api.v1 import reports as api
from api.v1.params import Id
from waspada.access.types import Action
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.reports import policy

routes = APIRouter()
NAV = Nav("report-own", "/reports/own", N_("My reports"), Action.SEND_REPORTS, 2)
Reporter = Annotated[Caller, Depends(Needs(Action.SEND_REPORTS))]
Csrf = Annotated[str, Form(max_length=200)]
_DONE = {
    "sent": N_("Sent. The desk of your area has it."),
    "kept": N_("The draft is kept."),
    "removed": N_("The draft is removed."),
    "answered": N_("Answered."),
    "periodic": N_("The periodic report is there."),
}
_NOT_ASKED = N_("Nothing is asked of this report (any more), or the answer is empty or too long.")
_NO_PERIODIC = N_(
    "This cannot be sent: it is there already, its time is not over, or it has too few or too many words."
)


@routes.get("/reports/own")
def own_page(request: Request, ctx: Ctx, caller: Reporter) -> Response:
    return _page(request, ctx, caller, done=_DONE.get(request.query_params.get("done", ""), ""))


@routes.post("/reports/own/{report_id}/answer")
def answer(
    request: Request,
    ctx: Ctx,
    caller: Reporter,
    report_id: Id,
    text: Annotated[str, Form(max_length=4 * MAX_REASON_CHARACTERS)] = "",
    csrf: Csrf = "",
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        api.answer_audited(ctx, caller, report_id, text)
    except NotFoundError:
        return _page(request, ctx, caller, status=404, error=_NOT_ASKED)
    except ConflictError:
        return _page(request, ctx, caller, status=409, error=_NOT_ASKED)
    except InputError:
        return _page(request, ctx, caller, status=422, error=_NOT_ASKED)
    return RedirectResponse("/reports/own?done=answered", 303)


@routes.post("/reports/own/drafts/remove")
def remove_draft(
    ctx: Ctx, caller: Reporter, key: Annotated[str, Form(pattern=KEY_PATTERN)], csrf: Csrf = ""
) -> Response:
    check_form(ctx, caller, csrf)
    api.drop_draft(ctx, caller, key)
    return RedirectResponse("/reports/own?done=removed", 303)


@routes.post("/reports/own/periodic")
def send_periodic(
    request: Request,
    ctx: Ctx,
    caller: Reporter,
    first_day: Annotated[date, Form()],
    text: Annotated[str, Form(max_length=20 * policy.MAX_TEXT_CHARACTERS)] = "",
    nil: Annotated[str, Form(max_length=10)] = "",
    csrf: Csrf = "",
) -> Response:
    check_form(ctx, caller, csrf)
    new = schemas.NewPeriodic.model_construct(first_day=first_day, is_nil=bool(nil), text=text)
    try:
        api.periodic_audited(ctx, caller, new)
    except ConflictError:
        return _page(request, ctx, caller, status=409, error=_NO_PERIODIC)
    except InputError:
        return _page(request, ctx, caller, status=422, error=_NO_PERIODIC)
    return RedirectResponse("/reports/own?done=periodic#periodic", 303)


def span_words(one: schemas.OwedOut) -> str:
    """The days of a periodic report: "18/11/2024 – 24/11/2024"."""
    first, last = f"{one.first_day:%d/%m/%Y}", f"{one.last_day:%d/%m/%Y}"
    return first if first == last else f"{first} – {last}"


def _page(
    request: Request, ctx: Context, caller: Caller, *, status: int = 200, error: str = "", done: str = ""
) -> Response:
    now = ctx.clock()
    return render.page(
        request,
        ctx,
        "report_own.html",
        caller,
        status=status,
        deaf=render.Deafness(None, ()),
        reports=[shape.own_report(one) for one in api.own_audited(ctx, caller)],
        drafts=[shape.draft(one) for one in api.drafts_of(ctx, caller)],
        owed=[shape.owed(one, now) for one in api.own_owed(ctx, caller)],
        span=span_words,
        max_words=MAX_REASON_CHARACTERS,
        done=done,
        error=error,
    )
