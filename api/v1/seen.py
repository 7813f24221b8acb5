"""Marks of what an account has read, for programs that show alerts to a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas
from api.auth import Caller, Needs
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import no_query
from api.v1.routing import problems, router
from waspada.access.types import Action
from waspada.alerts import seen

routes = router("alerts")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]


@routes.post(
    "/alerts/seen",
    response_model=schemas.SeenOut,
    responses=problems(400, 413),
    dependencies=[Depends(no_query)],
)
def mark_seen(request: Request, ctx: Ctx, caller: Reader, read: schemas.Seen) -> Response:
    """Marks alerts as read by your account in these revisions; those outside your region are left out."""
    marked = note_seen(ctx, caller, {one.id: one.revision for one in read.alerts})
    return json_reply(request, schemas.SeenOut(marked=marked))


def note_seen(ctx: Context, caller: Caller, revisions: dict[int, int]) -> int:
    """Marks alerts for an account; nothing of them leaves, so that the audit log has no line of it."""
    now = ctx.clock()
    with ctx.store.write() as session:
        return seen.note(session, caller.identity.user_id, revisions, now, within=caller.identity.region)
