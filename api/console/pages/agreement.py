"""How far people agree, and which answers are likely wrong: two pages beside the labelling desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.auth import Caller, Needs
from api.console import render
from api.context import Ctx
from api.v1.agreement import agreement_audited, suspects_audited
from waspada.access.types import Action

routes = APIRouter()
Reader = Annotated[Caller, Depends(Needs(Action.READ_LABELS))]
Labeller = Annotated[Caller, Depends(Needs(Action.GIVE_LABELS))]


@routes.get("/labels/agreement")
def agreement_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    return render.page(request, ctx, "labels_agreement.html", caller, found=agreement_audited(ctx, caller))


@routes.get("/labels/suspects")
def suspects_page(request: Request, ctx: Ctx, caller: Labeller) -> Response:
    return render.page(request, ctx, "labels_suspects.html", caller, found=suspects_audited(ctx, caller))
