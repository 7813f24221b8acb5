"""Where a reader begins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.auth import Caller, Needs
from waspada.access.policy import may
from waspada.access.types import Action

routes = APIRouter()
_FIRST = ((Action.READ_ALERTS, "/alerts"), (Action.SEND_REPORTS, "/reports/new"), (Action.READ_SOURCES, "/sources"))
Anyone = Annotated[Caller, Depends(Needs(Action.READ_SELF))]


@routes.get("/")
def home(caller: Anyone) -> Response:
    """The first page that this role may see."""
    first = next((page for action, page in _FIRST if may(caller.identity, action)), "/account")
    return RedirectResponse(first, 303)
