"""The page of the hand-over: what a shift leaves to the next, its note, and who took over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from api import shape
from api.auth import Caller, Needs
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Context, Ctx
from api.schemas.common import REGION_PATTERN
from api.v1.handover import receive_audited, summary_audited, write_audited
from api.v1.params import SmallId
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.errors import ConflictError, InputError
from waspada.handover.service import WRITABLE_FOR
from waspada.handover.types import MAX_NOTE_CHARACTERS, StaleHandoverError
from waspada.notify.policy import SHIFT

routes = APIRouter()
NAV = Nav("handover", "/handover", N_("Hand-over"), Action.READ_ALERTS, 25)
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Mover = Annotated[Caller, Depends(Needs(Action.MOVE_ALERTS))]
Text = Annotated[str, Form(max_length=200)]
_FURTHEST_BACK = 60
Back = Annotated[int, Form(ge=0, le=_FURTHEST_BACK)]
Desk = Annotated[str, Form(pattern=f"^$|{REGION_PATTERN}")]

_CHANGED = N_("Somebody wrote this note since you looked at it. It stands below; yours is in the field and not saved.")
_NO_NOTE = N_("The note is empty or too long. Nothing was saved.")
_TOO_LATE = N_("This shift was taken over already, or is long over. Write it into the note of the shift of now.")
_NOT_BY_YOU = N_("It was taken over already, or you wrote it yourself: somebody else takes it over.")


class HandoverForm(BaseModel):
    """Whose shift, and how many shifts back; empty is the reader's own desk, and the shift of now."""

    model_config = ConfigDict(extra="forbid")
    desk: str = Field(default="", pattern=f"^$|{REGION_PATTERN}")
    back: int = Field(default=0, ge=0, le=_FURTHEST_BACK)
    lang: Literal["id", "en"] | None = None


@routes.get("/handover")
def handover_page(request: Request, ctx: Ctx, caller: Reader, form: Annotated[HandoverForm, Query()]) -> Response:
    return _page(request, ctx, caller, form.desk, form.back)


@routes.post("/handover")
def write_note(
    request: Request,
    ctx: Ctx,
    caller: Mover,
    revision: Annotated[int, Form(ge=0, le=2**31 - 1)],
    started: Annotated[datetime, Form()],
    note: Annotated[str, Form(max_length=2 * MAX_NOTE_CHARACTERS)] = "",
    desk: Desk = "",
    csrf: Text = "",
) -> Response:
    """Writes the note of the shift that the page showed, also when another one began since."""
    check_form(ctx, caller, csrf)
    back = _back(ctx, started)
    try:
        write_audited(ctx, caller, desk or None, started, note, revision)
    except StaleHandoverError:
        return _page(request, ctx, caller, desk, back, status=409, error=_CHANGED, draft=note)
    except ConflictError:
        return _page(request, ctx, caller, desk, back, status=409, error=_TOO_LATE, draft=note)
    except InputError:
        return _page(request, ctx, caller, desk, back, status=422, error=_NO_NOTE, draft=note)
    return RedirectResponse(_address(desk, back), 303)


@routes.post("/handover/{handover_id}/receipt")
def receive(
    request: Request, ctx: Ctx, caller: Mover, handover_id: SmallId, desk: Desk = "", back: Back = 0, csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        receive_audited(ctx, caller, handover_id)
    except ConflictError:
        return _page(request, ctx, caller, desk, back, status=409, error=_NOT_BY_YOU)
    return RedirectResponse(_address(desk, back), 303)


def _page(
    request: Request,
    ctx: Context,
    caller: Caller,
    desk: str,
    back: int,
    *,
    status: int = 200,
    error: str = "",
    draft: str | None = None,
) -> Response:
    now = ctx.clock()
    found = summary_audited(ctx, caller, desk or None, now - back * SHIFT, now)
    is_open = found.note is None or found.note.received_at is None
    return render.page(
        request,
        ctx,
        "handover.html",
        caller,
        status=status,
        error=error,
        now=now,
        desk=desk,
        back=back,
        furthest=_FURTHEST_BACK,
        summary=shape.handover_summary(found, now),
        shift=found.shift,
        is_current=found.is_current,
        writes=may(caller.identity, Action.MOVE_ALERTS),
        may_write=may(caller.identity, Action.MOVE_ALERTS) and is_open and now < found.shift.end + WRITABLE_FOR,
        draft=draft,
        max_note=MAX_NOTE_CHARACTERS,
    )


def _back(ctx: Context, started: datetime) -> int:
    """How many shifts ago one began, as far as the page goes."""
    if started.tzinfo is None:
        return 0
    past = (ctx.clock() - started) // SHIFT if started < ctx.clock() else 0
    return min(max(0, past), _FURTHEST_BACK)


def _address(desk: str, back: int) -> str:
    return f"/handover?desk={desk}&back={back}" if desk or back else "/handover"
