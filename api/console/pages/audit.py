"""The auditor's page: what was done, by whom, and whether the log is whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from api import shape
from api.auth import Caller, Needs, NeedsPurpose, audited
from api.console import render, words
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Context, Ctx
from api.paging import MAX_CURSOR_CHARACTERS, id_cursor, read_id_cursor
from api.v1.checkpoints import check_audited, export_audited
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.checkpoints import Checked, newest

routes = APIRouter()
NAV = Nav("audit", "/audit", N_("Audit"), Action.READ_AUDIT, 76)
Auditor = Annotated[Caller, Depends(Needs(Action.READ_AUDIT))]
Exporter = Annotated[Caller, Depends(NeedsPurpose(Action.READ_AUDIT))]
_A_PAGE = 50
#: Of a long list of ids the page shows the first; the export has all of them.
_IDS_SHOWN = 30
Period = Literal["any", "1d", "7d", "30d"]


class AuditForm(BaseModel):
    """What the form sends: whole names only, so that nobody searches the log for a part of one."""

    model_config = ConfigDict(extra="forbid")
    actor: str = Field(default="", max_length=80, pattern=r"^$|^[a-z0-9._-]+$")
    action: str = Field(default="", max_length=40, pattern=r"^$|^[a-z._]+$")
    object: str = Field(default="", max_length=100, pattern=r"^$|^[A-Za-z0-9._~/-]+$")
    period: Period = "any"
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR_CHARACTERS)
    lang: Literal["id", "en"] | None = None

    def query(self, cursor: str | None = None) -> str:
        chosen = {
            "actor": self.actor,
            "action": self.action,
            "object": self.object,
            "period": self.period if self.period != "any" else "",
            "cursor": cursor or "",
        }
        return urlencode({name: value for name, value in chosen.items() if value})


AuditQuery = Annotated[AuditForm, Query()]


@routes.get("/audit")
def audit_page(request: Request, ctx: Ctx, caller: Auditor, form: AuditQuery) -> Response:
    return _page(request, ctx, caller, form)


@routes.post("/audit/check")
def check_audit(
    request: Request, ctx: Ctx, caller: Auditor, csrf: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Checks the log from the last checkpoint on; where it is broken, or more waits, the page says so."""
    check_form(ctx, caller, csrf)
    found = check_audited(ctx, caller)
    if found.ok and not found.left:
        return RedirectResponse("/audit", 303)
    return _page(request, ctx, caller, AuditForm(), checked=found, status=200 if found.ok else 409)


@routes.get("/audit/export")
def export_audit(ctx: Ctx, caller: Exporter, form: AuditQuery) -> Response:
    """The same rows as JSON Lines with their hashes."""
    return export_audited(ctx, caller, **_chosen(ctx, form))


def _page(
    request: Request,
    ctx: Context,
    caller: Caller,
    form: AuditForm,
    *,
    checked: Checked | None = None,
    status: int = 200,
) -> Response:
    with ctx.store.read() as session:
        found = ctx.audit.entries(
            session, before_id=read_id_cursor(form.cursor), limit=_A_PAGE + 1, **_chosen(ctx, form)
        )
        last = newest(session)
    shown = found[:_A_PAGE]
    audited(ctx, caller, AuditAction.AUDIT_READ, "audit", {"found": len(shown)})
    query = form.query()
    more = id_cursor(shown[-1].id) if len(found) > _A_PAGE else None
    return render.page(
        request,
        ctx,
        "audit.html",
        caller,
        status=status,
        rows=[shape.audit_entry(entry) for entry in shown],
        ids_shown=_IDS_SHOWN,
        form=form,
        actions=[action.value for action in AuditAction],
        last=last,
        checked=checked,
        export=f"/audit/export?{query}" if query else "/audit/export",
        next_page=f"/audit?{form.query(more)}" if more else None,
    )


def _chosen(ctx: Context, form: AuditForm) -> dict[str, Any]:
    days = words.AUDIT_PERIOD_DAYS.get(form.period)
    return {
        "actor": form.actor or None,
        "action": form.action or None,
        "object": form.object or None,
        "since": ctx.clock() - timedelta(days=days) if days else None,
    }
