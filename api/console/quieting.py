"""The pages of notices and silences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, check_form_token
from api.console import render, words
from api.console.i18n import N_
from api.console.regions import place_name, region_choices
from api.context import Context, Ctx
from api.paging import MAX_CURSOR_CHARACTERS, id_cursor, read_id_cursor
from api.v1.notices import add_audited, end_audited
from api.v1.params import REGION_PATTERN, SmallId
from waspada.access.policy import may
from waspada.access.types import Action, ForbiddenError
from waspada.alerts.exits import mask
from waspada.audit import AuditAction
from waspada.errors import ConflictError, InputError
from waspada.notify import repository, service
from waspada.notify.policy import rules_of
from waspada.notify.types import HeldReason, NoticeState, NoticeView
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.taxonomy import EVENT_LABELS

routes = APIRouter()
NOTICES_A_PAGE = 40
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Quieter = Annotated[Caller, Depends(Needs(Action.QUIET))]
Text = Annotated[str, Form(max_length=200)]

_UNFIT = N_("The silence cannot be set so. It needs a region, an end within 14 days and a reason.")
_TWICE = N_("This region is silenced already. End that silence first.")
_OVER = N_("This silence is over already.")


class NoticeForm(BaseModel):
    """What the list of notices is narrowed by; empty is the reader's own desk, and everything."""

    model_config = ConfigDict(extra="forbid")
    desk: str = Field(default="", pattern=f"^$|{REGION_PATTERN}")
    state: Literal["", "ready", "held", "dropped"] = ""
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR_CHARACTERS)
    lang: Literal["id", "en"] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A notice as a page shows it; `cause` is what holds it and where to look: (kind, words, address or "")."""

    id: int
    alert_id: int
    headline: str
    kind: str
    state: str
    level: int
    label: str
    place: str
    changes: Sequence[str]
    due_at: datetime
    ready_at: datetime | None
    dropped_at: datetime | None
    held_reason: str | None
    drop_reason: str | None
    cause: str
    address: str


@routes.get("/notices")
def notices_page(request: Request, ctx: Ctx, caller: Reader, form: Annotated[NoticeForm, Query()]) -> Response:
    desk = service.desk_of(caller.identity.region, form.desk or None, ctx.settings)
    states = [NoticeState(form.state)] if form.state else []
    before, rules = read_id_cursor(form.cursor), rules_of(ctx.settings)
    with ctx.store.read() as session:
        found = repository.search(session, desk, states, before_id=before, limit=NOTICES_A_PAGE + 1)
        shift = service.shift_view(session, desk, rules, ctx.clock())
    shown = found[:NOTICES_A_PAGE]
    audited(ctx, caller, AuditAction.NOTICES_READ, f"desk/{desk}", {"found": len(shown)})
    more = id_cursor(shown[-1].notice.id) if len(found) > NOTICES_A_PAGE else None
    return render.page(
        request,
        ctx,
        "notices.html",
        caller,
        desk=desk,
        form=form,
        shift=shift,
        held=[_line(view) for view in shift.held],
        lines=[_line(view) for view in shown],
        next_page=f"/notices?desk={form.desk}&state={form.state}&cursor={more}" if more else None,
    )


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
    _check_form(ctx, caller, csrf)
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
    _check_form(ctx, caller, csrf)
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


def _line(view: NoticeView) -> Line:
    one = view.notice
    kind, _, number = one.held_by.partition("/")
    return Line(
        id=one.id,
        alert_id=one.alert_id,
        headline=mask(view.headline),
        kind=one.kind,
        state=view.state,
        level=one.facts.level,
        label=view.label,
        place=place_name(view.place) if view.place else "",
        changes=[change.value for change in one.changes],
        due_at=one.due_at,
        ready_at=one.ready_at,
        dropped_at=one.dropped_at,
        held_reason=one.held_reason,
        drop_reason=one.drop_reason,
        cause="" if one.held_reason is HeldReason.CAP else number,
        address={"alert": f"/alerts/{number}", "silence": "/silences"}.get(kind, ""),
    )


def _check_form(ctx: Context, caller: Caller, csrf: str) -> None:
    if caller.browser is None:
        raise ForbiddenError("Forms belong to the console.", hint="Programs use /api/v1.")
    check_form_token(ctx, caller.browser, csrf)
