"""The OpenAPI document, for those who are signed in; `waspada openapi` prints the same."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import JSONResponse, Response

from api.auth import Caller, Needs
from api.v1.params import no_query
from api.v1.routing import router
from waspada.access.types import Action

routes = router("document")


@routes.get("/openapi.json", include_in_schema=False, dependencies=[Depends(no_query)])
def openapi(request: Request, caller: Annotated[Caller, Depends(Needs(Action.READ_SELF))]) -> Response:  # noqa: ARG001
    return JSONResponse(request.app.openapi())
