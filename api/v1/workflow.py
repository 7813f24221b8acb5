"""The work on an alert: who has it in hand, until when it is to be done, and notes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.replies import json_reply, revision_asked
from api.v1.params import Id, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.alerts import owners, repository, service
from waspada.alerts.types import AlertAssigned
from waspada.audit import AuditAction

routes = router("alerts")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Mover = Annotated[Caller, Depends(Needs(Action.MOVE_ALERTS))]
_CHANGES = problems(400, 404, 409, 412, 413, 428)


@routes.get(
    "/alerts/{alert_id}/assignment",
    response_model=schemas.AssignmentOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_assignment(request: Request, ctx: Ctx, caller: Reader, alert_id: Id) -> Response:
    """Who has an alert in hand, until when, and which accounts could."""
    found = _assignment(ctx, caller, alert_id)
    audited(ctx, caller, AuditAction.ALERT_READ, f"alert/{alert_id}", {"part": "assignment"})
    return json_reply(request, found, revision=found.revision)


@routes.put(
    "/alerts/{alert_id}/assignment",
    response_model=schemas.AssignmentOut,
    responses=_CHANGES,
    dependencies=[Depends(no_query)],
)
def assign_alert(request: Request, ctx: Ctx, caller: Mover, alert_id: Id, wanted: schemas.NewAssignment) -> Response:
    """Gives the alert to an account, or to nobody. If-Match holds the ETag that you read; a person's change in between
    is a 412."""
    assign_audited(ctx, caller, alert_id, wanted.owner, revision_asked(request))
    found = _assignment(ctx, caller, alert_id)
    return json_reply(request, found, revision=found.revision)


@routes.put(
    "/alerts/{alert_id}/due",
    response_model=schemas.AssignmentOut,
    responses=_CHANGES,
    dependencies=[Depends(no_query)],
)
def set_due(request: Request, ctx: Ctx, caller: Mover, alert_id: Id, wanted: schemas.NewDue) -> Response:
    """Says until when the alert is to be done. If-Match holds the ETag that you read; a person's change in between is a
    412."""
    due_audited(ctx, caller, alert_id, wanted.due_at, revision_asked(request))
    found = _assignment(ctx, caller, alert_id)
    return json_reply(request, found, revision=found.revision)


@routes.post(
    "/alerts/{alert_id}/notes",
    response_model=schemas.EventOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def add_note(request: Request, ctx: Ctx, caller: Mover, alert_id: Id, new: schemas.NewNote) -> Response:
    """Writes a note to the alert's history. It needs no If-Match: two notes never conflict."""
    line = note_audited(ctx, caller, alert_id, new.text)
    with ctx.store.read() as session:
        found = repository.line(session, line)
    return json_reply(request, shape.event(found), status=201)


def assign_audited(ctx: Context, caller: Caller, alert_id: int, owner: str | None, revision: int) -> AlertAssigned:
    """The new owner and its line in the audit log, both or none. Raises as `service.assign` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        done = service.assign(
            session,
            alert_id,
            owner,
            actor=caller.name,
            revision=revision,
            now=now,
            within=caller.identity.region,
        )
        noted(session, ctx, caller, AuditAction.ALERT_ASSIGNED, f"alert/{alert_id}", {"owner": done.owner}, now=now)
    return done


def due_audited(ctx: Context, caller: Caller, alert_id: int, due_at: datetime | None, revision: int) -> AlertAssigned:
    """The due time and its line in the audit log, both or none. Raises as `service.set_due` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        done = service.set_due(
            session,
            alert_id,
            due_at,
            actor=caller.name,
            revision=revision,
            now=now,
            within=caller.identity.region,
        )
        told = {"due_at": done.due_at.isoformat() if done.due_at else None}
        noted(session, ctx, caller, AuditAction.ALERT_ASSIGNED, f"alert/{alert_id}", told, now=now)
    return done


def note_audited(ctx: Context, caller: Caller, alert_id: int, text: str) -> int:
    """The note and its line in the audit log, both or none; returns the id of the history's line."""
    now = ctx.clock()
    with ctx.store.write() as session:
        line = service.note(session, alert_id, text, actor=caller.name, now=now, within=caller.identity.region)
        noted(session, ctx, caller, AuditAction.ALERT_NOTED, f"alert/{alert_id}", {"line": line}, now=now)
    return line


def _assignment(ctx: Context, caller: Caller, alert_id: int) -> schemas.AssignmentOut:
    with ctx.store.read() as session:
        view = repository.summary(session, alert_id, within=caller.identity.region)
        could = owners.candidates(session, alert_id)
    return schemas.AssignmentOut(
        alert_id=view.id,
        state=view.state,
        owner=view.owner,
        due_at=view.due_at,
        overdue=view.is_overdue(ctx.clock()),
        revision=view.revision,
        candidates=could,
    )
