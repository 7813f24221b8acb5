"""For those who look after the machine: processes, queues, storage."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited
from api.context import Ctx
from api.replies import json_reply
from api.v1.params import no_query
from api.v1.routing import READ, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.processes.service import machine

routes = router("operations")


@routes.get("/operations", response_model=schemas.MachineOut, responses=READ, dependencies=[Depends(no_query)])
def read_operations(
    request: Request, ctx: Ctx, caller: Annotated[Caller, Depends(Needs(Action.READ_PROCESSES))]
) -> Response:
    """Processes with their signs of life, what waits, what the disk holds, and whether the desk is ready."""
    with ctx.store.read() as session:
        found = machine(session, ctx.settings, ctx.clock())
    audited(ctx, caller, AuditAction.PROCESSES_READ, "operations")
    return json_reply(request, shape.machine(found))
