"""Where a reader begins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.auth import Caller, Needs
from waspada.access.policy import may
from waspada.access.types import Action

routes = APIRouter()
Anyone = Annotated[Caller, Depends(Needs(Action.READ_SELF))]


@routes.get("/")
def home(caller: Anyone) -> Response:
    """The first page that this role may see."""
    return RedirectResponse("/alerts" if may(caller.identity, Action.READ_ALERTS) else "/sources", 303)
