"""The ranked alerts: list, one with what it rests on, its history, and the steps people take."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.paging import rank_cursor, read_rank_cursor
from api.replies import json_reply, page_reply, revision_asked
from api.v1.params import AlertQuery, Id, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.alerts import repository, seen
from waspada.alerts.compare import Comparison, compare
from waspada.alerts.neighbours import neighbours
from waspada.alerts.service import move
from waspada.alerts.types import AlertFilter, AlertMoved
from waspada.audit import AuditAction
from waspada.audit.types import Detail

routes = router("alerts")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Mover = Annotated[Caller, Depends(Needs(Action.MOVE_ALERTS))]


@routes.get("/alerts", response_model=schemas.Page[schemas.AlertOut], responses=READ)
def list_alerts(request: Request, ctx: Ctx, caller: Reader, params: AlertQuery) -> Response:
    """Alerts, best first. Narrow by region (with all below it), label, level, state, owner, time and topic; never by
    text."""
    wanted = params.as_filter(caller.identity.region, caller.name)
    after = read_rank_cursor(params.cursor)
    with ctx.store.read() as session:
        found = repository.search(session, wanted, after=after, limit=params.limit + 1)
        marks = seen.marks(session, caller.identity.user_id, {view.id: view.revision for view in found})
    page = found[: params.limit]
    audited(ctx, caller, AuditAction.ALERTS_SEARCHED, "alerts", search_detail(wanted, len(page)))
    more = len(found) > params.limit
    documents = [shape.alert_json(view, marks[view.id]) for view in page]
    return page_reply(request, documents, rank_cursor(page[-1].position) if more else None)


@routes.get(
    "/alerts/{alert_id}",
    response_model=schemas.AlertDetailOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_alert(request: Request, ctx: Ctx, caller: Reader, alert_id: Id) -> Response:
    """One alert with its newest items, their evidence and versions, its places and its history; its story in their own
    sentences, and the alerts right above and below it."""
    within = caller.identity.region
    with ctx.store.read() as session:
        found = repository.detail(session, alert_id, within=within)
        beside = neighbours(session, found.summary, ctx.clock(), within=within)
    read: Detail = {"items": [item.id for item in found.items], "beside": beside.ids}
    audited(ctx, caller, AuditAction.ALERT_READ, f"alert/{alert_id}", read)
    document = shape.alert_detail(found, beside, ctx.settings.zone_info)
    return json_reply(request, document, revision=found.summary.revision)


@routes.get(
    "/alerts/{alert_id}/history",
    response_model=schemas.Page[schemas.EventOut],
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_history(request: Request, ctx: Ctx, caller: Reader, alert_id: Id) -> Response:
    """What happened to an alert, newest first: the newest 200 lines."""
    with ctx.store.read() as session:
        repository.summary(session, alert_id, within=caller.identity.region)
        lines = repository.history(session, alert_id)
    audited(ctx, caller, AuditAction.ALERT_READ, f"alert/{alert_id}", {"part": "history"})
    return json_reply(request, schemas.Page[schemas.EventOut](data=[shape.event(line) for line in lines]))


@routes.get(
    "/alerts/{alert_id}/compare/{other_id}",
    response_model=schemas.ComparisonOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def compare_alerts(request: Request, ctx: Ctx, caller: Reader, alert_id: Id, other_id: Id) -> Response:
    """Why one of two alerts stands above the other: their scores part by part, the largest difference first."""
    return json_reply(request, shape.comparison(compared_audited(ctx, caller, alert_id, other_id)))


@routes.post(
    "/alerts/{alert_id}/moves",
    response_model=schemas.AlertOut,
    responses=problems(400, 404, 409, 412, 413, 428),
    dependencies=[Depends(no_query)],
)
def move_alert(request: Request, ctx: Ctx, caller: Mover, alert_id: Id, step: schemas.Move) -> Response:
    """Takes a step with an alert. If-Match holds the ETag that you read; somebody else's step in between is a 412. What
    the machine changed since is one for verdicts only (verified, not_a_threat, duplicate, closed)."""
    moved = move_audited(ctx, caller, alert_id, step, revision_asked(request))
    with ctx.store.read() as session:
        view = repository.summary(session, alert_id, within=caller.identity.region)
    return json_reply(request, shape.alert(view), revision=moved.revision)


def compared_audited(ctx: Context, caller: Caller, alert_id: int, other_id: int) -> Comparison:
    """Two alerts of the reader's area beside each other. Both stand in the audit log as read."""
    within = caller.identity.region
    with ctx.store.read() as session:
        found = compare(
            repository.summary(session, alert_id, within=within), repository.summary(session, other_id, within=within)
        )
    for read in dict.fromkeys((alert_id, other_id)):
        audited(ctx, caller, AuditAction.ALERT_READ, f"alert/{read}", {"part": "compare"})
    return found


def move_audited(ctx: Context, caller: Caller, alert_id: int, step: schemas.Move, revision: int) -> AlertMoved:
    """The step and its line in the audit log, both or none."""
    now = ctx.clock()
    with ctx.store.write() as session:
        moved = move(
            session,
            alert_id,
            step.to,
            actor=caller.name,
            revision=revision,
            reason=step.reason,
            note=step.note,
            office=step.office,
            duplicate_of=step.duplicate_of,
            now=now,
            within=caller.identity.region,
        )
        noted(
            session,
            ctx,
            caller,
            AuditAction.ALERT_MOVED,
            f"alert/{alert_id}",
            {
                "from": moved.from_state,
                "to": moved.to_state,
                "reason": moved.reason,
                "duplicate_of": step.duplicate_of,
            },
            now=now,
        )
    return moved


def _opened(wanted: AlertFilter) -> Detail:
    """When the alerts looked for were opened, where that was asked."""
    asked = {"opened_since": wanted.opened_since, "opened_until": wanted.opened_until}
    return {name: moment.isoformat() for name, moment in asked.items() if moment is not None}


def search_detail(wanted: AlertFilter, found: int) -> Detail:
    """What a search looked for, for the audit log."""
    return {
        "region": wanted.region,
        "within": wanted.within,
        "labels": list(wanted.labels),
        "min_level": wanted.min_level,
        "states": [state.value for state in wanted.states],
        "since": wanted.since.isoformat() if wanted.since else None,
        "until": wanted.until.isoformat() if wanted.until else None,
        **_opened(wanted),
        "topic": wanted.topic,
        "owner": wanted.owner,
        "found": found,
    }
