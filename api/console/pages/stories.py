"""The page of a story: its reports, what was done to it, its headlines; joining, parting and taking back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas
from api.auth import Caller, Needs, audited
from api.console import render, views
from api.console.filters import StoryQuery
from api.console.forms import check_form, number_in
from api.console.i18n import N_
from api.console.views import stories as story_views
from api.context import Context, Ctx
from api.paging import MAX_ID, id_cursor, read_id_cursor
from api.v1.params import Id
from api.v1.stories import merge_audited, split_audited, undo_audited
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.alerts import items
from waspada.audit import AuditAction
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.stories import service
from waspada.stories.edits import StaleStoryError, StoryEdit, StoryEdited

routes = APIRouter()
ITEMS_A_PAGE = 50
Reader = Annotated[Caller, Depends(Needs(Action.READ_ITEMS))]
Editor = Annotated[Caller, Depends(Needs(Action.EDIT_STORIES))]
Text = Annotated[str, Form(max_length=200)]
Reason = Annotated[str, Form(max_length=2 * MAX_REASON_CHARACTERS)]
Revision = Annotated[int, Form(ge=0, le=MAX_ID)]

_CHANGED = N_("Somebody was faster: the story was edited since you looked at it. Nothing of yours was saved.")
_NO_MERGE = N_("One of the two was merged already, or its reports were removed. Nothing was saved.")
_NO_OTHER = N_("There is no such story in your area. Choose one, or write its number.")
_NO_SPLIT = N_("Choose at least one report, and leave at least one in the story.")
_GONE = N_("This story was merged into another one. Nothing was saved.")
_NO_UNDO = N_("This cannot be undone: it was undone already, or a later edit moved its reports. Undo that one first.")
_NO_EDIT = N_("Somebody who sees both stories has to undo this: one of them lies outside your area.")
_LONG_REASON = N_("The reason is too long. Shorten it and try again.")


@routes.get("/stories/{story_id}")
def story_page(request: Request, ctx: Ctx, caller: Reader, story_id: Id, form: StoryQuery) -> Response:
    return _page(request, ctx, caller, story_id, cursor=form.cursor, look_near=form.near)


@routes.post("/stories/{story_id}/merge")
def merge(
    request: Request,
    ctx: Ctx,
    caller: Editor,
    story_id: Id,
    revision: Revision,
    other: Text = "",
    near: Text = "",
    reason: Reason = "",
    csrf: Text = "",
) -> Response:
    """Joins the story with the one named by its number, else with the one chosen, and goes to the one that stays."""
    check_form(ctx, caller, csrf)
    wanted = schemas.MergeStories.model_construct(
        story_id=number_in(other.strip() or near), revision=None, reason=reason
    )
    return _edited(
        request,
        ctx,
        caller,
        story_id,
        lambda: merge_audited(ctx, caller, story_id, wanted, revision),
        refused=_NO_MERGE,
        unfit=_LONG_REASON if len(reason) > MAX_REASON_CHARACTERS else _NO_OTHER,
    )


@routes.post("/stories/{story_id}/split")
def split(
    request: Request,
    ctx: Ctx,
    caller: Editor,
    story_id: Id,
    revision: Revision,
    item: Annotated[list[int] | None, Form()] = None,
    reason: Reason = "",
    csrf: Text = "",
) -> Response:
    """Moves the chosen reports into a story of their own, and stays with the rest."""
    check_form(ctx, caller, csrf)
    chosen = [id_ for id_ in item or () if 0 < id_ <= MAX_ID]
    wanted = schemas.SplitStory.model_construct(item_ids=chosen, reason=reason)
    return _edited(
        request,
        ctx,
        caller,
        story_id,
        lambda: split_audited(ctx, caller, story_id, wanted, revision),
        refused=_GONE,
        unfit=_LONG_REASON if len(reason) > MAX_REASON_CHARACTERS else _NO_SPLIT,
        stays=True,
    )


@routes.post("/stories/{story_id}/edits/{edit_id}/undo")
def undo(request: Request, ctx: Ctx, caller: Editor, story_id: Id, edit_id: Id, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    return _edited(
        request,
        ctx,
        caller,
        story_id,
        lambda: undo_audited(ctx, caller, story_id, edit_id, ""),
        refused=_NO_UNDO,
        unfit=_NO_EDIT,
        stays=True,
    )


def _edited(
    request: Request,
    ctx: Context,
    caller: Caller,
    story_id: int,
    work: Callable[[], StoryEdited],
    *,
    refused: str,
    unfit: str,
    stays: bool = False,
) -> Response:
    """Goes on to the story after an edit; one that is not possible shows the story as it is now, and why."""
    try:
        done = work()
    except StaleStoryError as error:
        return _page(request, ctx, caller, story_id, status=409, error=_CHANGED, changes=error.changes)
    except ConflictError:
        return _page(request, ctx, caller, story_id, status=409, error=refused)
    except (InputError, NotFoundError):
        return _page(request, ctx, caller, story_id, status=422, error=unfit)
    return RedirectResponse(f"/stories/{story_id if stays else done.edit.into_id}", 303)


def _page(
    request: Request,
    ctx: Context,
    caller: Caller,
    story_id: int,
    *,
    cursor: str | None = None,
    look_near: bool = False,
    status: int = 200,
    error: str = "",
    changes: Sequence[StoryEdit] = (),
) -> Response:
    before, within = read_id_cursor(cursor), caller.identity.region
    edits = may(caller.identity, Action.EDIT_STORIES)
    with ctx.store.read() as session:
        story = items.story(session, story_id, within=within)
        known = service.history(session, story_id, within=within)
        found = items.of_story(session, story_id, before_id=before, limit=ITEMS_A_PAGE + 1, within=within)
        near = service.near(session, story_id, within=within) if look_near and edits else None
    shown = found[:ITEMS_A_PAGE]
    audited(ctx, caller, AuditAction.STORY_READ, f"story/{story_id}", {"items": [item.id for item in shown]})
    if near is not None:
        audited(ctx, caller, AuditAction.STORY_READ, f"story/{story_id}", {"near": [other.id for other in near]})
    return render.page(
        request,
        ctx,
        "story.html",
        caller,
        status=status,
        story=story_views.head(story, known),
        items=views.item_cards(shown),
        near=None if near is None else [story_views.near(view) for view in near],
        edits=[story_views.edit(edit) for edit in known.edits],
        headlines=[story_views.headline(version) for version in known.headlines],
        may_edit=edits and known.merged_into is None,
        may_undo=edits,
        next_page=f"/stories/{story_id}?cursor={id_cursor(shown[-1].id)}" if len(found) > ITEMS_A_PAGE else None,
        error=error,
        changes=changes,
        max_reason=MAX_REASON_CHARACTERS,
    )
