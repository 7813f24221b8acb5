"""Items and stories: what alerts rest on."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited
from api.context import Ctx
from api.paging import id_cursor, read_id_cursor
from api.replies import json_reply
from api.v1.params import DiffQuery, Id, PageQuery, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.alerts import items
from waspada.alerts.exits import mask
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


@routes.get("/stories/{story_id}", response_model=schemas.StoryOut, responses={**READ, **problems(404)})
def read_story(request: Request, ctx: Ctx, caller: Reader, story_id: Id, params: PageQuery) -> Response:
    """A story with a page of its items, the newest found first."""
    before = read_id_cursor(params.cursor)
    with ctx.store.read() as session:
        story = items.story(session, story_id, within=caller.identity.region)
        found = items.of_story(session, story_id, before_id=before, limit=params.limit + 1)
        page = items.with_versions(session, found[: params.limit])
    audited(ctx, caller, AuditAction.STORY_READ, f"story/{story_id}", {"items": [view.id for view in page]})
    more = id_cursor(page[-1].id) if len(found) > params.limit else None
    return json_reply(
        request,
        schemas.StoryOut(
            id=story.id,
            headline=mask(story.headline),
            opened_at=story.opened_at,
            last_item_at=story.last_item_at,
            item_count=story.item_count,
            alert_id=story.alert_id,
            items=schemas.Page[schemas.ItemOut](data=[shape.item(view) for view in page], next=more),
        ),
    )
