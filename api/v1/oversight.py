"""For those who look after the machine: what was kept aside, and who did what."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import queries, schemas, shape
from api.auth import Caller, Needs, audited
from api.context import Ctx
from api.paging import id_cursor, read_id_cursor
from api.replies import json_reply
from api.v1.params import AuditQuery, PageQuery, no_query
from api.v1.routing import READ, router
from waspada.access.types import Action
from waspada.alerts.exits import mask
from waspada.audit import AuditAction

routes = router("oversight")
RejectReader = Annotated[Caller, Depends(Needs(Action.READ_REJECTS))]
Auditor = Annotated[Caller, Depends(Needs(Action.READ_AUDIT))]


@routes.get("/rejects", response_model=schemas.Page[schemas.RejectOut], responses=READ)
def list_rejects(request: Request, ctx: Ctx, caller: RejectReader, params: PageQuery) -> Response:
    """What could not be handled, newest first: nothing is lost in silence."""
    with ctx.store.read() as session:
        found = queries.rejects(session, before_id=read_id_cursor(params.cursor), limit=params.limit + 1)
        data = [
            schemas.RejectOut(id=row.id, at=row.at, stage=row.stage, object=mask(row.object), problem=mask(row.problem))
            for row in found[: params.limit]
        ]
    audited(ctx, caller, AuditAction.REJECTS_READ, "rejects", {"found": len(data)})
    more = id_cursor(data[-1].id) if len(found) > params.limit else None
    return json_reply(request, schemas.Page[schemas.RejectOut](data=data, next=more))


@routes.get("/audit", response_model=schemas.Page[schemas.AuditOut], responses=READ)
def list_audit(request: Request, ctx: Ctx, caller: Auditor, params: AuditQuery) -> Response:
    """The audit log, newest first. Reading it is a line in it."""
    with ctx.store.read() as session:
        found = ctx.audit.entries(
            session,
            before_id=read_id_cursor(params.cursor),
            limit=params.limit + 1,
            actor=params.actor,
            action=params.action,
            object=params.object,
            since=params.since,
            until=params.until,
        )
    page = found[: params.limit]
    audited(ctx, caller, AuditAction.AUDIT_READ, "audit", {"found": len(page)})
    more = id_cursor(page[-1].id) if len(found) > params.limit else None
    data = [shape.audit_entry(entry) for entry in page]
    return json_reply(request, schemas.Page[schemas.AuditOut](data=data, next=more))


@routes.get(
    "/audit/verification",
    response_model=schemas.VerificationOut,
    responses=READ,
    dependencies=[Depends(no_query)],
)
def verify_audit(request: Request, ctx: Ctx, caller: Auditor) -> Response:
    """Recomputes the whole chain and says where it is broken, if it is."""
    audited(ctx, caller, AuditAction.AUDIT_READ, "audit/verification")
    with ctx.store.read() as session:
        found = ctx.audit.verify(session)
    return json_reply(
        request,
        schemas.VerificationOut(ok=found.ok, rows=found.rows, broken_id=found.broken_id, head=found.head),
    )
