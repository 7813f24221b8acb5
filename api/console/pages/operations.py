"""The page of the machine."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api import queries, schemas, shape
from api.auth import Caller, Needs, audited
from api.console import render
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Ctx
from waspada.access.types import Action
from waspada.alerts.exits import mask
from waspada.audit import AuditAction
from waspada.jobs.canary import look
from waspada.processes.service import machine

routes = APIRouter()
NAV = Nav("operations", "/operations", N_("Machine"), Action.READ_PROCESSES, 85)
_REJECTS_SHOWN = 10


@routes.get("/operations")
def operations_page(
    request: Request, ctx: Ctx, caller: Annotated[Caller, Depends(Needs(Action.READ_PROCESSES))]
) -> Response:
    with ctx.store.read() as session:
        found = machine(session, ctx.settings, ctx.clock())
        rejects = [
            schemas.RejectOut(id=row.id, at=row.at, stage=row.stage, object=mask(row.object), problem=mask(row.problem))
            for row in queries.rejects(session, before_id=None, limit=_REJECTS_SHOWN)
        ]
        canary = look(session, ctx.settings, ctx.clock())
    audited(ctx, caller, AuditAction.PROCESSES_READ, "operations", {"rejects": len(rejects)})
    return render.page(
        request, ctx, "operations.html", caller, machine=shape.machine(found), rejects=rejects, canary=canary
    )
