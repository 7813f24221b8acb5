"""For those who watch the machine: open to all, and therefore without data."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api import schemas
from api.context import Ctx
from api.replies import json_reply
from api.v1.params import no_query
from api.v1.routing import PREFIX, problems
from waspada.errors import StoreError
from waspada.jobs import canary
from waspada.processes.service import readiness
from waspada.processes.types import Check

routes = APIRouter(prefix=PREFIX, tags=["health"], dependencies=[Depends(no_query)], responses=problems(421, 422))


@routes.get("/health", response_model=schemas.Health)
def health(request: Request) -> Response:
    """The process answers."""
    return json_reply(request, schemas.Health(status="ok"))


@routes.get("/ready", response_model=schemas.Ready, responses={503: {"model": schemas.Ready}})
def ready(request: Request, ctx: Ctx) -> Response:
    """Whether the desk can be used: the database answers and has the tables of this version, collector and worker give
    signs of life. What fails is named. A missing exercise is said, and is no reason for another status: a restart would
    not help."""
    try:
        with ctx.store.read() as session:
            checks = readiness(session, ctx.clock())
            exercise = canary.look(session, ctx.settings, ctx.clock()).state.value
    except StoreError as error:
        problem = Check("database", False, type(error).__name__)
        checks, exercise = [problem], "unknown"
    fine = all(check.fine for check in checks)
    document = schemas.Ready(
        status="ready" if fine else "not ready",
        exercise=exercise,
        checks={check.name: "ok" if check.fine else check.words for check in checks},
    )
    return json_reply(request, document, status=200 if fine else 503)
