"""The page of an item."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.auth import Caller, Needs, audited
from api.console import render, views
from api.context import Ctx
from api.v1.params import Id
from waspada.access.types import Action
from waspada.alerts import items
from waspada.audit import AuditAction

routes = APIRouter()
Reader = Annotated[Caller, Depends(Needs(Action.READ_ITEMS))]
Version = Annotated[int | None, Field(default=None, ge=1, le=2**31 - 1)]


class VersionsForm(BaseModel):
    """Which two versions are compared; without them the current one and the one before it."""

    model_config = ConfigDict(extra="forbid")
    old: Version
    new: Version
    lang: Literal["id", "en"] | None = None


@routes.get("/items/{item_id}")
def item_page(
    request: Request, ctx: Ctx, caller: Reader, item_id: Id, form: Annotated[VersionsForm, Query()]
) -> Response:
    with ctx.store.read() as session:
        found = items.item(session, item_id, within=caller.identity.region)
        story = items.story(session, found.story_id) if found.story_id is not None else None
    audited(ctx, caller, AuditAction.ITEM_READ, f"item/{item_id}")
    alert_id = story.alert_id if story else None
    return render.page(
        request, ctx, "item.html", caller, item=views.full_item(found, form.old, form.new), alert_id=alert_id
    )
