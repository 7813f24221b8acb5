"""Institutions outside the team. Police and intelligence are off until two accounts switch them on for a time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.recipients import policy, repository, service
from waspada.recipients.types import Grant, NewRecipient, Recipient, RecipientView

routes = router("recipients")
Reader = Annotated[Caller, Depends(Needs(Action.READ_RECIPIENTS))]
Manager = Annotated[Caller, Depends(Needs(Action.MANAGE_RECIPIENTS))]
Granter = Annotated[Caller, Depends(Needs(Action.GRANT_RECIPIENTS))]
Revoker = Annotated[Caller, Depends(Needs(Action.REVOKE_GRANT))]


@routes.get(
    "/recipients",
    response_model=schemas.Page[schemas.RecipientOut],
    responses=READ,
    dependencies=[Depends(no_query)],
)
def list_recipients(request: Request, ctx: Ctx, caller: Reader) -> Response:
    """Institutions of your region and of those above it, with their permissions: at most 500."""
    found = read_audited(ctx, caller)
    now = ctx.clock()
    return json_reply(request, schemas.Page[schemas.RecipientOut](data=[shape.recipient(one, now) for one in found]))


@routes.post(
    "/recipients",
    response_model=schemas.RecipientOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def add_recipient(request: Request, ctx: Ctx, caller: Manager, new: schemas.NewRecipientIn) -> Response:
    """Adds an institution by what it is: no person's name, office or own address."""
    found = add_audited(ctx, caller, new)
    return json_reply(request, shape.recipient(RecipientView(found), ctx.clock()), status=201)


@routes.post(
    "/recipients/{recipient_id}/switch",
    response_model=schemas.RecipientOut,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def switch_recipient(
    request: Request, ctx: Ctx, caller: Manager, recipient_id: SmallId, wanted: schemas.SwitchRecipient
) -> Response:
    """Switches an institution off or on; what waits for it is not sent while it is off."""
    found = switch_audited(ctx, caller, recipient_id, wanted.active)
    with ctx.store.read() as session:
        grants = repository.grants_of(session, [recipient_id])[recipient_id]
    return json_reply(request, shape.recipient(RecipientView(found, grants), ctx.clock()))


@routes.post(
    "/recipients/{recipient_id}/grants",
    response_model=schemas.GrantOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def ask_grant(request: Request, ctx: Ctx, caller: Granter, recipient_id: SmallId, new: schemas.NewGrant) -> Response:
    """Asks that the police or intelligence be switched on for a region and a time: an admin asks, a second account
    approves."""
    found = ask_audited(ctx, caller, recipient_id, new)
    return json_reply(request, shape.grant(found, ctx.clock()), status=201)


@routes.post(
    "/recipient-grants/{grant_id}/decision",
    response_model=schemas.GrantOut,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def decide_grant(
    request: Request, ctx: Ctx, caller: Manager, grant_id: SmallId, decision: schemas.SecondDecision
) -> Response:
    """The second account approves or refuses a permission; whoever asked for it cannot (403)."""
    return json_reply(request, shape.grant(decide_audited(ctx, caller, grant_id, decision), ctx.clock()))


@routes.post(
    "/recipient-grants/{grant_id}/revocation",
    response_model=schemas.GrantOut,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def revoke_grant(request: Request, ctx: Ctx, caller: Revoker, grant_id: SmallId, why: schemas.Because) -> Response:
    """Ends a permission at once; what waits is not sent any more."""
    return json_reply(request, shape.grant(revoke_audited(ctx, caller, grant_id, why.reason), ctx.clock()))


def read_audited(ctx: Context, caller: Caller) -> list[RecipientView]:
    with ctx.store.read() as session:
        found = service.list_recipients(session, within=caller.identity.region)
    audited(ctx, caller, AuditAction.RECIPIENTS_READ, "recipients", {"found": len(found)})
    return found


def add_audited(ctx: Context, caller: Caller, new: schemas.NewRecipientIn) -> Recipient:
    """The recipient and its line in the audit log, both or none. Raises as `service.add_recipient` does."""
    now = ctx.clock()
    given = NewRecipient(new.institution, new.kind, new.region, new.address, language=new.language)
    with ctx.store.write() as session:
        found = service.add_recipient(session, given, actor=caller.name, now=now, within=caller.identity.region)
        detail: Detail = {"step": "added", "kind": found.kind.value, "region": found.region}
        noted(session, ctx, caller, AuditAction.RECIPIENT_CHANGED, f"recipient/{found.id}", detail, now=now)
    return found


def switch_audited(ctx: Context, caller: Caller, recipient_id: int, active: bool) -> Recipient:
    """The switch and its line in the audit log, both or none. Raises as `service.switch` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.switch(session, recipient_id, active, actor=caller.name, now=now, within=caller.identity.region)
        detail: Detail = {"step": "on" if active else "off"}
        noted(session, ctx, caller, AuditAction.RECIPIENT_CHANGED, f"recipient/{recipient_id}", detail, now=now)
    return found


def ask_audited(ctx: Context, caller: Caller, recipient_id: int, new: schemas.NewGrant) -> Grant:
    """The question and its line in the audit log, both or none. Raises as `service.ask_grant` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.ask_grant(
            session,
            recipient_id,
            new.region,
            new.starts_at or now,
            new.ends_at,
            new.reason,
            actor=caller.name,
            now=now,
            within=caller.identity.region,
        )
        _note_grant(ctx, caller, session, found, "asked", now)
    return found


def decide_audited(ctx: Context, caller: Caller, grant_id: int, decision: schemas.SecondDecision) -> Grant:
    """The decision and its line in the audit log, both or none. Raises as `service.decide_grant` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.decide_grant(
            session,
            grant_id,
            decision.approved,
            decision.reason,
            actor=caller.name,
            now=now,
            within=caller.identity.region,
        )
        _note_grant(ctx, caller, session, found, "approved" if decision.approved else "refused", now)
    return found


def revoke_audited(ctx: Context, caller: Caller, grant_id: int, reason: str) -> Grant:
    """The end and its line in the audit log, both or none. Raises as `service.revoke_grant` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.revoke_grant(
            session, grant_id, reason, actor=caller.name, now=now, within=caller.identity.region
        )
        _note_grant(ctx, caller, session, found, "revoked", now)
    return found


def _note_grant(ctx: Context, caller: Caller, session: Session, found: Grant, step: str, now: datetime) -> None:
    detail: Detail = {
        "step": step,
        "grant": found.id,
        "region": found.region,
        "from": found.starts_at.isoformat(),
        "until": found.ends_at.isoformat(),
        "state": policy.grant_state(found, now).value,
    }
    object_ = f"recipient/{found.recipient_id}"
    noted(session, ctx, caller, AuditAction.RECIPIENT_GRANTED, object_, detail, now=now)
