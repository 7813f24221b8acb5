"""Items: what stories and alerts rest on."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited
from api.context import Ctx
from api.replies import json_reply
from api.v1.params import DiffQuery, Id, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.alerts import items
from waspada.audit import AuditAction

routes = router("content")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ITEMS))]


@routes.get(
    "/items/{item_id}",
    response_model=schemas.ItemDetailOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_item(request: Request, ctx: Ctx, caller: Reader, item_id: Id) -> Response:
    """One article or post with its tags, places and all versions of its text. Private persons are masked."""
    with ctx.store.read() as session:
        found = items.item(session, item_id, within=caller.identity.region)
    audited(ctx, caller, AuditAction.ITEM_READ, f"item/{item_id}")
    return json_reply(request, shape.item_detail(found))


@routes.get(
    "/items/{item_id}/versions",
    response_model=schemas.ItemVersionsOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_versions(request: Request, ctx: Ctx, caller: Reader, item_id: Id) -> Response:
    """Every version of an item, oldest first: an edited article is a new version, never a new item."""
    with ctx.store.read() as session:
        found = items.item(session, item_id, within=caller.identity.region)
    audited(
        ctx, caller, AuditAction.ITEM_READ, f"item/{item_id}", {"versions": [one.version for one in found.versions]}
    )
    return json_reply(request, shape.item_versions(found))


@routes.get(
    "/items/{item_id}/versions/diff", response_model=schemas.VersionDiffOut, responses={**READ, **problems(404)}
)
def read_version_diff(request: Request, ctx: Ctx, caller: Reader, item_id: Id, params: DiffQuery) -> Response:
    """What changed between two versions, the last two where none are named. Private persons are masked."""
    with ctx.store.read() as session:
        found = items.item(session, item_id, within=caller.identity.region)
    old, new = items.versions_to_compare(found, params.old, params.new)
    audited(ctx, caller, AuditAction.ITEM_READ, f"item/{item_id}", {"versions": [old.version, new.version]})
    return json_reply(request, shape.version_diff(item_id, old, new))
