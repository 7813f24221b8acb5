"""Stories: one with its items, its headlines and what was done to it; joining two, parting one, taking either back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.paging import id_cursor, read_id_cursor
from api.replies import json_reply, revision_asked
from api.v1.params import Id, PageQuery, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.alerts import items
from waspada.alerts.exits import mask
from waspada.audit import AuditAction
from waspada.stories import service
from waspada.stories.edits import StoryEdited

routes = router("stories")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ITEMS))]
Editor = Annotated[Caller, Depends(Needs(Action.EDIT_STORIES))]
_EDITS = problems(400, 404, 409, 412, 413, 428)


@routes.get("/stories/{story_id}", response_model=schemas.StoryOut, responses={**READ, **problems(404)})
def read_story(request: Request, ctx: Ctx, caller: Reader, story_id: Id, params: PageQuery) -> Response:
    """A story with a page of its items, the newest found first, its edits and the headlines that it had."""
    before = read_id_cursor(params.cursor)
    with ctx.store.read() as session:
        story = items.story(session, story_id, within=caller.identity.region)
        known = service.history(session, story_id, within=caller.identity.region)
        found = items.of_story(
            session, story_id, before_id=before, limit=params.limit + 1, within=caller.identity.region
        )
        page = items.with_versions(session, found[: params.limit])
    audited(ctx, caller, AuditAction.STORY_READ, f"story/{story_id}", {"items": [view.id for view in page]})
    more = id_cursor(page[-1].id) if len(found) > params.limit else None
    document = schemas.StoryOut(
        id=story.id,
        headline=mask(story.headline),
        opened_at=story.opened_at,
        last_item_at=story.last_item_at,
        item_count=story.item_count,
        alert_id=story.alert_id,
        revision=known.revision,
        merged_into=known.merged_into,
        edits=[shape.story_edit(edit) for edit in known.edits],
        headlines=[shape.headline(version) for version in known.headlines],
        items=schemas.Page[schemas.ItemOut](data=[shape.item(view) for view in page], next=more),
    )
    return json_reply(request, document, revision=known.revision)


@routes.post(
    "/stories/{story_id}/merges",
    response_model=schemas.StoryEditedOut,
    responses=_EDITS,
    dependencies=[Depends(no_query)],
)
def merge_stories(request: Request, ctx: Ctx, caller: Editor, story_id: Id, wanted: schemas.MergeStories) -> Response:
    """Joins the story with another one. If-Match holds the ETag that you read; an edit in between is a 412."""
    done = merge_audited(ctx, caller, story_id, wanted, revision_asked(request))
    return json_reply(request, shape.story_edited(done), revision=done.edit.id)


@routes.post(
    "/stories/{story_id}/splits",
    response_model=schemas.StoryEditedOut,
    responses=_EDITS,
    dependencies=[Depends(no_query)],
)
def split_story(request: Request, ctx: Ctx, caller: Editor, story_id: Id, wanted: schemas.SplitStory) -> Response:
    """Moves items into a new story. If-Match holds the ETag that you read; an edit in between is a 412."""
    done = split_audited(ctx, caller, story_id, wanted, revision_asked(request))
    return json_reply(request, shape.story_edited(done), revision=done.edit.id)


@routes.post(
    "/stories/{story_id}/edits/{edit_id}/undo",
    response_model=schemas.StoryEditedOut,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def undo_edit(
    request: Request, ctx: Ctx, caller: Editor, story_id: Id, edit_id: Id, wanted: schemas.UndoEdit
) -> Response:
    """Takes an edit back, of a person or of the machine: its items return, what came since stays."""
    done = undo_audited(ctx, caller, story_id, edit_id, wanted.reason)
    return json_reply(request, shape.story_edited(done), revision=done.edit.id)


def merge_audited(
    ctx: Context, caller: Caller, story_id: int, wanted: schemas.MergeStories, revision: int
) -> StoryEdited:
    """The merge and its line in the audit log, both or none."""
    return _audited_edit(
        ctx,
        caller,
        AuditAction.STORY_MERGED,
        lambda session, now: service.merge(
            session,
            story_id,
            wanted.story_id,
            actor=caller.name,
            revision=revision,
            other_revision=wanted.revision,
            reason=wanted.reason,
            now=now,
            within=caller.identity.region,
        ),
    )


def split_audited(
    ctx: Context, caller: Caller, story_id: int, wanted: schemas.SplitStory, revision: int
) -> StoryEdited:
    """The split and its line in the audit log, both or none."""
    return _audited_edit(
        ctx,
        caller,
        AuditAction.STORY_SPLIT,
        lambda session, now: service.split(
            session,
            story_id,
            wanted.item_ids,
            actor=caller.name,
            revision=revision,
            reason=wanted.reason,
            now=now,
            within=caller.identity.region,
        ),
    )


def undo_audited(ctx: Context, caller: Caller, story_id: int, edit_id: int, reason: str) -> StoryEdited:
    """The undo and its line in the audit log, both or none."""
    return _audited_edit(
        ctx,
        caller,
        AuditAction.STORY_EDIT_UNDONE,
        lambda session, now: service.undo(
            session,
            story_id,
            edit_id,
            actor=caller.name,
            reason=reason,
            now=now,
            within=caller.identity.region,
        ),
    )


def _audited_edit(
    ctx: Context, caller: Caller, action: AuditAction, work: Callable[[Session, datetime], StoryEdited]
) -> StoryEdited:
    now = ctx.clock()

    def edit(session: Session) -> StoryEdited:
        done = work(session, now)
        noted(
            session,
            ctx,
            caller,
            action,
            f"story/{done.edit.story_id}",
            {"edit": done.edit.id, "into": done.edit.into_id, "items": list(done.edit.item_ids)},
            now=now,
        )
        return done

    return ctx.store.retrying(edit)
