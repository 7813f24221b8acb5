"""The page of calls: what was sent to whom, answered after how long, and what failed."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from api.auth import Caller, Needs, audited
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Ctx
from api.paging import MAX_CURSOR_CHARACTERS, id_cursor, read_id_cursor
from api.schemas.common import REGION_PATTERN
from api.v1.calls import answer_audited
from api.v1.params import Id
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.notify.calls import report, repository
from waspada.notify.service import desk_of

routes = APIRouter()
NAV = Nav("calls", "/calls", N_("Calls"), Action.READ_ROTA, 36)
CALLS_A_PAGE = 40
COUNTED = timedelta(days=7)
Reader = Annotated[Caller, Depends(Needs(Action.READ_ROTA))]
Mover = Annotated[Caller, Depends(Needs(Action.MOVE_ALERTS))]


class CallForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    desk: str = Field(default="", pattern=f"^$|{REGION_PATTERN}")
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR_CHARACTERS)
    lang: Literal["id", "en"] | None = None


@routes.get("/calls")
def calls_page(request: Request, ctx: Ctx, caller: Reader, form: Annotated[CallForm, Query()]) -> Response:
    desk = desk_of(caller.identity.region, form.desk or None, ctx.settings)
    before = read_id_cursor(form.cursor)
    with ctx.store.read() as session:
        found = repository.search(session, desk, before_id=before, limit=CALLS_A_PAGE + 1)
        figures = report.figures(repository.since(session, ctx.clock() - COUNTED, desk))
    shown = found[:CALLS_A_PAGE]
    audited(ctx, caller, AuditAction.ROTA_READ, f"desk/{desk}", {"part": "calls", "found": len(shown)})
    more = id_cursor(shown[-1].id) if len(found) > CALLS_A_PAGE else None
    return render.page(
        request,
        ctx,
        "calls.html",
        caller,
        desk=desk,
        calls=shown,
        figures=figures,
        may_answer=may(caller.identity, Action.MOVE_ALERTS),
        next_page=f"/calls?desk={form.desk}&cursor={more}" if more else None,
    )


@routes.post("/calls/{call_id}/answer")
def answer(ctx: Ctx, caller: Mover, call_id: Id, csrf: Annotated[str, Form(max_length=200)] = "") -> Response:
    check_form(ctx, caller, csrf)
    answer_audited(ctx, caller, call_id)
    return RedirectResponse("/calls", 303)
