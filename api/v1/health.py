"""For those who watch the machine: open to all, and therefore without data."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api import queries, schemas
from api.context import Ctx
from api.replies import json_reply
from api.v1.params import no_query
from api.v1.routing import PREFIX, problems
from waspada.jobs import canary

routes = APIRouter(prefix=PREFIX, tags=["health"], dependencies=[Depends(no_query)], responses=problems(421, 422))


@routes.get("/health", response_model=schemas.Health)
def health(request: Request) -> Response:
    """The process answers."""
    return json_reply(request, schemas.Health(status="ok"))


@routes.get("/ready", response_model=schemas.Ready, responses=problems(503))
def ready(request: Request, ctx: Ctx) -> Response:
    """The process answers and its database does. A missing exercise is said, and is no reason for another status: a
    restart would not help."""
    with ctx.store.read() as session:
        queries.ping(session)
        found = canary.look(session, ctx.settings, ctx.clock())
    return json_reply(request, schemas.Ready(status="ready", exercise=found.state))
