"""For the auditor: checks of the audit log from its last checkpoint on, and the log as a file."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response, StreamingResponse

from api import schemas
from api.auth import Caller, Needs, NeedsPurpose, audited
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import AuditExportQuery, no_query
from api.v1.routing import problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.checkpoints import Checked, go_on
from waspada.audit.export import lines, planned

routes = router("oversight")
Auditor = Annotated[Caller, Depends(Needs(Action.READ_AUDIT))]
Exporter = Annotated[Caller, Depends(NeedsPurpose(Action.READ_AUDIT))]
_NDJSON = "application/x-ndjson"


@routes.post(
    "/audit/checkpoints",
    response_model=schemas.CheckedOut,
    status_code=201,
    dependencies=[Depends(no_query)],
)
def check_audit(request: Request, ctx: Ctx, caller: Auditor) -> Response:
    """Checks what was added to the log since the last checkpoint, and writes the next one when all of it is whole.

    At most 20,000 rows are looked at; `left` says how many wait. `GET /audit/verification` walks through everything.
    """
    found = check_audited(ctx, caller)
    return json_reply(
        request,
        schemas.CheckedOut(
            ok=found.ok,
            rows=found.rows,
            left=found.left,
            broken=found.broken,
            broken_id=found.broken_id,
            head=found.head,
        ),
        status=201,
    )


@routes.get(
    "/audit/export",
    response_class=StreamingResponse,
    responses={
        200: {"description": "One row a line, oldest first, with its hash", "content": {_NDJSON: {}}},
        **problems(428),
    },
)
def export_audit(ctx: Ctx, caller: Exporter, params: AuditExportQuery) -> Response:
    """The log as JSON Lines with its hashes. Needs a purpose; the export is a line in the log itself."""
    return export_audited(ctx, caller, **params.model_dump())


def check_audited(ctx: Context, caller: Caller) -> Checked:
    """The check, and its line in the log."""
    found = go_on(ctx.store, ctx.audit, actor=caller.name, now=ctx.clock())
    detail = {"rows": found.rows, "left": found.left, "broken": found.broken.value if found.broken else None}
    audited(ctx, caller, AuditAction.AUDIT_VERIFIED, "audit/checkpoint", detail)
    return found


def export_audited(ctx: Context, caller: Caller, **chosen: Any) -> Response:
    """A stream of the rows that there are now; written down before the first of them leaves."""
    with ctx.store.read() as session:
        export = planned(session, ctx.audit, **chosen)
    audited(ctx, caller, AuditAction.EXPORTED, "audit", export.detail)
    headers = {"Content-Disposition": 'attachment; filename="waspada-audit.jsonl"'}
    return StreamingResponse(lines(ctx.store, ctx.audit, export), media_type=_NDJSON, headers=headers)
