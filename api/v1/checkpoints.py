"""For the auditor: checks of the audit log from its last checkpoint on, and the log as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
from waspada.alerts.exits import mask
from waspada.audit import AuditAction, AuditEntry
from waspada.audit.checkpoints import Checked, go_on

routes = router("oversight")
Auditor = Annotated[Caller, Depends(Needs(Action.READ_AUDIT))]
Exporter = Annotated[Caller, Depends(NeedsPurpose(Action.READ_AUDIT))]
_BATCH = 500
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
        newest = ctx.audit.entries(session, limit=1)
        up_to = newest[0].id if newest else 0
        count = ctx.audit.count(session, up_to_id=up_to, **chosen)
    narrowed = sorted(name for name, value in chosen.items() if value is not None)
    audited(ctx, caller, AuditAction.EXPORTED, "audit", {"rows": count, "narrowed": narrowed})
    headers = {"Content-Disposition": 'attachment; filename="waspada-audit.jsonl"'}
    return StreamingResponse(_lines(ctx, up_to, chosen), media_type=_NDJSON, headers=headers)


def _lines(ctx: Context, up_to: int, chosen: dict[str, Any]) -> Iterator[str]:
    last = 0
    while True:
        with ctx.store.read() as session:
            batch = ctx.audit.after(session, last, up_to_id=up_to, limit=_BATCH, **chosen)
        for entry in batch:
            yield json.dumps(_line(entry), ensure_ascii=False) + "\n"
        if len(batch) < _BATCH:
            return
        last = batch[-1].id


def _line(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at.isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "purpose": mask(entry.purpose),
        "detail": dict(entry.detail),
        "previous": entry.previous,
        "hash": entry.hash,
    }
