"""Reports that leave the team: one account proposes, another one approves. And raising an alert one desk up."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.paging import id_cursor, read_id_cursor
from api.replies import json_reply, revision_asked
from api.v1.params import Id, PageParams, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.escalations import repository, service
from waspada.escalations.gathering import facts_of
from waspada.escalations.types import Candidate, Escalation, EscalationState

routes = router("escalations")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Proposer = Annotated[Caller, Depends(Needs(Action.PROPOSE_ESCALATION))]
Approver = Annotated[Caller, Depends(Needs(Action.APPROVE_ESCALATION))]


class EscalationParams(PageParams):
    state: list[EscalationState] = Field(default=[], description="Any of these; may be repeated.")


@routes.get("/escalations", response_model=schemas.Page[schemas.EscalationOut], responses=READ)
def list_escalations(
    request: Request, ctx: Ctx, caller: Reader, params: Annotated[EscalationParams, Query()]
) -> Response:
    """Reports on alerts of your region, the newest first."""
    before = read_id_cursor(params.cursor)
    found = search_audited(ctx, caller, params.state, before, params.limit + 1)
    page = found[: params.limit]
    more = id_cursor(page[-1].id) if len(found) > params.limit else None
    return json_reply(
        request, schemas.Page[schemas.EscalationOut](data=[shape.escalation(one) for one in page], next=more)
    )


@routes.get(
    "/escalations/{escalation_id}",
    response_model=schemas.EscalationOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_escalation(request: Request, ctx: Ctx, caller: Reader, escalation_id: Id) -> Response:
    """One report: exactly what is, or was, sent; to whom; who proposed and who decided."""
    found = read_audited(ctx, caller, escalation_id)
    return json_reply(request, shape.escalation(found), revision=found.revision)


@routes.get(
    "/alerts/{alert_id}/escalations",
    response_model=schemas.EscalationOptionsOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_options(request: Request, ctx: Ctx, caller: Reader, alert_id: Id) -> Response:
    """To whom an alert can be passed on, and what was passed on of it."""
    desk, candidates, reports = options_audited(ctx, caller, alert_id)
    return json_reply(request, shape.escalation_options(alert_id, desk, candidates, reports))


@routes.post(
    "/alerts/{alert_id}/escalations",
    response_model=schemas.EscalationOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def propose(request: Request, ctx: Ctx, caller: Proposer, alert_id: Id, new: schemas.NewEscalation) -> Response:
    """Proposes a report on a verified alert. Nothing leaves before another account approved it, within 24 hours."""
    found = propose_audited(ctx, caller, alert_id, new)
    return json_reply(request, shape.escalation(found), revision=found.revision, status=201)


@routes.post(
    "/alerts/{alert_id}/raise",
    response_model=schemas.EscalationOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def raise_alert(request: Request, ctx: Ctx, caller: Proposer, alert_id: Id, why: schemas.Because) -> Response:
    """Raises a verified alert to the team's own desk one level up, which gets a notice of it. It stays in the team."""
    found = raise_audited(ctx, caller, alert_id, why.reason)
    return json_reply(request, shape.escalation(found), revision=found.revision, status=201)


@routes.post(
    "/escalations/{escalation_id}/decision",
    response_model=schemas.EscalationOut,
    responses=problems(400, 404, 409, 412, 413, 428),
    dependencies=[Depends(no_query)],
)
def decide(
    request: Request, ctx: Ctx, caller: Approver, escalation_id: Id, decision: schemas.SecondDecision
) -> Response:
    """The second account approves a report, which sends it, or refuses it. Whoever proposed it cannot (403); somebody
    else's decision in between is a 412."""
    found = decide_audited(ctx, caller, escalation_id, decision, revision_asked(request))
    return json_reply(request, shape.escalation(found), revision=found.revision)


@routes.post(
    "/escalations/{escalation_id}/withdrawal",
    response_model=schemas.EscalationOut,
    responses=problems(404, 409, 412, 428),
    dependencies=[Depends(no_query)],
)
def withdraw(request: Request, ctx: Ctx, caller: Proposer, escalation_id: Id) -> Response:
    """Whoever proposed a report takes it back before it was decided."""
    found = withdraw_audited(ctx, caller, escalation_id, revision_asked(request))
    return json_reply(request, shape.escalation(found), revision=found.revision)


def search_audited(
    ctx: Context, caller: Caller, states: list[EscalationState], before: int | None, limit: int
) -> list[Escalation]:
    with ctx.store.read() as session:
        found = repository.search(session, states, within=caller.identity.region, before_id=before, limit=limit)
    detail: Detail = {"states": [state.value for state in states], "found": len(found)}
    audited(ctx, caller, AuditAction.ESCALATIONS_READ, "escalations", detail)
    return found


def read_audited(ctx: Context, caller: Caller, escalation_id: int) -> Escalation:
    """Raises NotFoundError."""
    with ctx.store.read() as session:
        found = repository.escalation(session, escalation_id, within=caller.identity.region)
    audited(ctx, caller, AuditAction.ESCALATIONS_READ, f"escalation/{escalation_id}", {"alert": found.alert_id})
    return found


def options_audited(
    ctx: Context, caller: Caller, alert_id: int
) -> tuple[str | None, list[Candidate], list[Escalation]]:
    """The desk above, the institutions and the reports of an alert. Raises NotFoundError."""
    within = caller.identity.region
    with ctx.store.read() as session:
        facts = facts_of(session, alert_id, within=within)
        desk = service.desk_above(session, ctx.settings, within)
        candidates = service.candidates(session, facts, ctx.clock(), within=within)
        reports = repository.of_alert(session, alert_id)
    audited(ctx, caller, AuditAction.ESCALATIONS_READ, f"alert/{alert_id}", {"found": len(reports)})
    return desk, candidates, reports


def propose_audited(ctx: Context, caller: Caller, alert_id: int, new: schemas.NewEscalation) -> Escalation:
    """The proposal and its line in the audit log, both or none. Raises as `service.propose` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.propose(
            session,
            alert_id,
            new.recipients,
            new.kind,
            reason=new.reason,
            remark=new.remark,
            actor=caller.name,
            settings=ctx.settings,
            now=now,
            within=caller.identity.region,
        )
        detail: Detail = {
            "alert": alert_id,
            "kind": found.kind.value,
            "recipients": [one.recipient.id for one in found.recipients],
            "sha256": found.body_sha256,
        }
        noted(session, ctx, caller, AuditAction.ESCALATION_PROPOSED, f"escalation/{found.id}", detail, now=now)
    return found


def raise_audited(ctx: Context, caller: Caller, alert_id: int, reason: str) -> Escalation:
    """The step and its line in the audit log, both or none. Raises as `service.raise_up` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.raise_up(
            session,
            alert_id,
            reason,
            actor=caller.name,
            settings=ctx.settings,
            now=now,
            within=caller.identity.region,
        )
        detail: Detail = {"alert": alert_id, "kind": found.kind.value, "desk": found.desk}
        noted(session, ctx, caller, AuditAction.ESCALATION_PROPOSED, f"escalation/{found.id}", detail, now=now)
    return found


def decide_audited(
    ctx: Context, caller: Caller, escalation_id: int, decision: schemas.SecondDecision, revision: int
) -> Escalation:
    """The decision and its line in the audit log, both or none. Raises as `service.decide` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.decide(
            session,
            escalation_id,
            decision.approved,
            decision.reason,
            actor=caller.name,
            revision=revision,
            now=now,
            within=caller.identity.region,
        )
        detail: Detail = {"alert": found.alert_id, "state": found.state.value, "sha256": found.body_sha256}
        noted(session, ctx, caller, AuditAction.ESCALATION_DECIDED, f"escalation/{escalation_id}", detail, now=now)
    return found


def withdraw_audited(ctx: Context, caller: Caller, escalation_id: int, revision: int) -> Escalation:
    """The step and its line in the audit log, both or none. Raises as `service.withdraw` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.withdraw(
            session, escalation_id, actor=caller.name, revision=revision, now=now, within=caller.identity.region
        )
        detail: Detail = {"alert": found.alert_id, "state": found.state.value}
        noted(session, ctx, caller, AuditAction.ESCALATION_DECIDED, f"escalation/{escalation_id}", detail, now=now)
    return found
