"""The switch that stops collection: of everything, of a source or of a region, and who may lift it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, noted
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.stops import repository, service
from waspada.stops.types import Stop

routes = router("collection")
Stopper = Annotated[Caller, Depends(Needs(Action.STOP_COLLECTION))]


@routes.get(
    "/collection/stops",
    response_model=schemas.Page[schemas.StopOut],
    responses=READ,
    dependencies=[Depends(no_query), Depends(Needs(Action.READ_SOURCES))],
)
def list_stops(request: Request, ctx: Ctx) -> Response:
    """Stops of the collection, the newest first, lifted ones too: at most 200."""
    with ctx.store.read() as session:
        found = repository.all_stops(session)
    return json_reply(request, schemas.Page[schemas.StopOut](data=[shape.stop(one) for one in found]))


@routes.post(
    "/collection/stops",
    response_model=schemas.StopOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def stop_collection(request: Request, ctx: Ctx, caller: Stopper, new: schemas.NewStop) -> Response:
    """Stops the collection within a minute. What was fetched before stays."""
    return json_reply(request, shape.stop(stop_audited(ctx, caller, new)), status=201)


@routes.post(
    "/collection/stops/{stop_id}/lift",
    response_model=schemas.StopOut,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def lift_stop(request: Request, ctx: Ctx, caller: Stopper, stop_id: SmallId, body: schemas.LiftStop) -> Response:
    """Lets the collection go on. An auditor's stop is lifted by another account than the one that set it."""
    return json_reply(request, shape.stop(lift_audited(ctx, caller, stop_id, body.reason)))


def stop_audited(ctx: Context, caller: Caller, new: schemas.NewStop) -> Stop:
    """The stop and its line in the audit log, both or none. Raises as `service.stop` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.stop(
            session,
            new.reason,
            source_id=new.source_id,
            region=new.region,
            actor=caller.name,
            role=caller.identity.role.value,
            within=caller.identity.region,
            now=now,
        )
        detail = {"stops": found.about}
        noted(session, ctx, caller, AuditAction.COLLECTION_STOPPED, f"stop/{found.id}", detail, now=now)
    return found


def lift_audited(ctx: Context, caller: Caller, stop_id: int, reason: str) -> Stop:
    """The same for its end. Raises as `service.lift` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.lift(session, stop_id, reason, actor=caller.name, within=caller.identity.region, now=now)
        detail = {"stopped": found.about}
        noted(session, ctx, caller, AuditAction.COLLECTION_RESUMED, f"stop/{stop_id}", detail, now=now)
    return found
