"""The page that lists the keys, for those who read without JavaScript."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.auth import Caller, Needs
from api.console import render
from api.console.frame import Keys
from api.console.i18n import N_
from api.context import Ctx
from waspada.access.types import Action

routes = APIRouter()
KEYS = Keys("everywhere", N_("Everywhere"), (("?", N_("show the keys")),), 10)
Anyone = Annotated[Caller, Depends(Needs(Action.READ_SELF))]


@routes.get("/help/keys")
def keys_page(request: Request, ctx: Ctx, caller: Anyone) -> Response:
    return render.page(request, ctx, "keys.html", caller)
