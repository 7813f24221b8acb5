"""Who was called of what, what came of it, and answering."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.paging import id_cursor, read_id_cursor
from api.replies import json_reply
from api.schemas.common import REGION_PATTERN
from api.v1.params import Id, PageParams, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.notify.calls import repository, service
from waspada.notify.calls.service import Answered
from waspada.notify.service import desk_of

routes = router("calls")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ROTA))]
Mover = Annotated[Caller, Depends(Needs(Action.MOVE_ALERTS))]


class CallParams(PageParams):
    desk: str | None = Field(
        default=None, pattern=REGION_PATTERN, description="Region of a desk; your own without it.", examples=["63"]
    )


CallQuery = Annotated[CallParams, Query()]


@routes.get("/calls", response_model=schemas.Page[schemas.CallOut], responses={**READ, **problems(404)})
def list_calls(request: Request, ctx: Ctx, caller: Reader, params: CallQuery) -> Response:
    """The calls of a desk, the newest first: to whom, by which channel, sent and answered when, or why not."""
    desk = desk_of(caller.identity.region, params.desk, ctx.settings)
    before = read_id_cursor(params.cursor)
    with ctx.store.read() as session:
        found = repository.search(session, desk, before_id=before, limit=params.limit + 1)
    page = found[: params.limit]
    audited(ctx, caller, AuditAction.ROTA_READ, f"desk/{desk}", {"part": "calls", "found": len(page)})
    more = id_cursor(page[-1].id) if len(found) > params.limit else None
    return json_reply(request, schemas.Page[schemas.CallOut](data=[shape.call(one) for one in page], next=more))


@routes.post(
    "/calls/{call_id}/answer",
    response_model=schemas.AnsweredOut,
    responses=problems(404, 409, 412),
    dependencies=[Depends(no_query)],
)
def answer_call(request: Request, ctx: Ctx, caller: Mover, call_id: Id) -> Response:
    """Says that you look after what a call is about: alerts of it that are in nobody's hand become yours."""
    return json_reply(request, shape.answered(answer_audited(ctx, caller, call_id)))


def answer_audited(ctx: Context, caller: Caller, call_id: int) -> Answered:
    """The answer and its lines in the audit log, all or none."""
    now = ctx.clock()
    with ctx.store.write() as session:
        done = service.answer(session, call_id, by=caller.name, region=caller.identity.region, now=now)
        alerts = [one.alert_id for one in done.moved]
        detail: Detail = {"alerts": alerts, "first": done.is_first, "by": "console"}
        noted(session, ctx, caller, AuditAction.CALL_ACKNOWLEDGED, f"call/{call_id}", detail, now=now)
        for one in done.moved:
            step: Detail = {"from": one.from_state, "to": one.to_state, "reason": None}
            noted(session, ctx, caller, AuditAction.ALERT_MOVED, f"alert/{one.alert_id}", step, now=now)
    return done
