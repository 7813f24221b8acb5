"""The page of notices: when a desk is interrupted, and what is held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.auth import Caller, Needs, audited
from api.console import render
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.regions import place_name
from api.context import Ctx
from api.paging import MAX_CURSOR_CHARACTERS, id_cursor, read_id_cursor
from api.schemas.common import REGION_PATTERN
from waspada.access.types import Action
from waspada.alerts.exits import mask
from waspada.audit import AuditAction
from waspada.notify import repository, service
from waspada.notify.policy import rules_of
from waspada.notify.types import HeldReason, NoticeState, NoticeView

routes = APIRouter()
NAV = Nav("notices", "/notices", N_("Notices"), Action.READ_ALERTS, 20)
NOTICES_A_PAGE = 40
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]


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
