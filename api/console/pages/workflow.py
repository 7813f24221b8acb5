"""The forms of an alert's page beside its steps: who is on it, until when, notes, silences, merge and split."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas
from api.auth import Caller, Needs
from api.console import views
from api.console.forms import check_form, number_in
from api.console.i18n import N_
from api.console.pages.alerts import CHANGED, LONG_NOTE, show_alert
from api.context import Context, Ctx
from api.v1.notices import add_audited, end_audited
from api.v1.params import Id, SmallId
from api.v1.stories import merge_audited, split_audited, undo_audited
from api.v1.workflow import assign_audited, due_audited, note_audited
from waspada.access.types import Action
from waspada.alerts import repository
from waspada.alerts.policy import MAX_NOTE_CHARACTERS
from waspada.alerts.types import StaleRevisionError
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.stories.edits import StaleStoryError

routes = APIRouter()
Mover = Annotated[Caller, Depends(Needs(Action.MOVE_ALERTS))]
Quieter = Annotated[Caller, Depends(Needs(Action.QUIET))]
Editor = Annotated[Caller, Depends(Needs(Action.EDIT_STORIES))]
Text = Annotated[str, Form(max_length=200)]
Reason = Annotated[str, Form(max_length=2 * MAX_REASON_CHARACTERS)]
Revision = Annotated[int, Form(ge=1, le=2**31 - 1)]
StoryRevision = Annotated[int, Form(ge=0, le=2**63 - 1)]
Hours = Annotated[int, Form(ge=1, le=14 * 24)]

_NOT_THEIRS = N_("This account cannot have the alert in hand: it must be active and see this region.")
_AS_IT_IS = N_("It is so already, or the alert is not open any more. Nothing was saved.")
_NO_DUE = N_("This time cannot be set.")
_NO_NOTE = N_("The note is empty.")
_GONE = N_("This alert was merged into another one. Nothing was saved.")
_NO_SILENCE = N_("A silence needs an end within 14 days and a reason.")
_NOT_QUIET = N_(
    "It cannot be silenced: it is silenced or finished already, or of the highest level and in nobody's hand."
)
_OVER = N_("This silence is over already.")
_STORY_CHANGED = N_("Somebody was faster: its reports were merged or split since you looked. Nothing was saved.")
_NO_OTHER = N_("There is no such alert in your area. Choose one, or write its number; and give a reason.")
_NO_MERGE = N_("One of the two was merged already, or its reports were removed. Nothing was saved.")
_NO_SPLIT = N_("One report must stay in the alert, and a reason is needed.")
_NO_UNDO = N_(
    "This cannot be undone: it was undone already, a later edit moved its reports, or you see one of both only."
)


@routes.post("/alerts/{alert_id}/assignment")
def assign(
    request: Request, ctx: Ctx, caller: Mover, alert_id: Id, revision: Revision, owner: Text = "", csrf: Text = ""
) -> Response:
    """Gives the alert to an account; with an empty name to nobody."""
    check_form(ctx, caller, csrf)
    return _done(
        request,
        ctx,
        caller,
        alert_id,
        lambda: assign_audited(ctx, caller, alert_id, owner or None, revision),
        refused=_AS_IT_IS,
        unfit=_NOT_THEIRS,
    )


@routes.post("/alerts/{alert_id}/due")
def set_due(
    request: Request,
    ctx: Ctx,
    caller: Mover,
    alert_id: Id,
    revision: Revision,
    hours: Annotated[int, Form(ge=0, le=90 * 24)] = 0,
    csrf: Text = "",
) -> Response:
    """Says in how many hours the alert is to be done; 0 takes the time back."""
    check_form(ctx, caller, csrf)
    due_at = ctx.clock().replace(microsecond=0) + timedelta(hours=hours) if hours else None
    return _done(
        request,
        ctx,
        caller,
        alert_id,
        lambda: due_audited(ctx, caller, alert_id, due_at, revision),
        refused=_AS_IT_IS,
        unfit=_NO_DUE,
    )


@routes.post("/alerts/{alert_id}/notes")
def add_note(
    request: Request,
    ctx: Ctx,
    caller: Mover,
    alert_id: Id,
    text: Annotated[str, Form(max_length=2 * MAX_NOTE_CHARACTERS)] = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    return _done(
        request,
        ctx,
        caller,
        alert_id,
        lambda: note_audited(ctx, caller, alert_id, text),
        refused=_GONE,
        unfit=LONG_NOTE if len(text) > MAX_NOTE_CHARACTERS else _NO_NOTE,
        draft=views.Draft("note", note=text),
        anchor="#history",
    )


@routes.post("/alerts/{alert_id}/silence")
def silence(
    request: Request, ctx: Ctx, caller: Quieter, alert_id: Id, hours: Hours = 12, reason: Reason = "", csrf: Text = ""
) -> Response:
    """Holds the notices of this alert alone."""
    check_form(ctx, caller, csrf)
    return _silenced(request, ctx, caller, alert_id, hours, reason, alert=alert_id)


@routes.post("/alerts/{alert_id}/items/{item_id}/silence")
def silence_item(
    request: Request,
    ctx: Ctx,
    caller: Quieter,
    alert_id: Id,
    item_id: Id,
    hours: Hours = 12,
    reason: Reason = "",
    csrf: Text = "",
) -> Response:
    """Lets one report count no more for notices."""
    check_form(ctx, caller, csrf)
    return _silenced(request, ctx, caller, alert_id, hours, reason, item=item_id)


@routes.post("/alerts/{alert_id}/silences/{silence_id}/end")
def end_silence(
    request: Request, ctx: Ctx, caller: Quieter, alert_id: Id, silence_id: SmallId, csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    return _done(
        request,
        ctx,
        caller,
        alert_id,
        lambda: end_audited(ctx, caller, silence_id),
        refused=_OVER,
        unfit=_OVER,
    )


@routes.post("/alerts/{alert_id}/merge")
def merge(
    request: Request,
    ctx: Ctx,
    caller: Editor,
    alert_id: Id,
    story_revision: StoryRevision,
    other: Text = "",
    near: Text = "",
    reason: Reason = "",
    csrf: Text = "",
) -> Response:
    """Joins the reports of this alert with those of another one, and goes to the alert that stays."""
    check_form(ctx, caller, csrf)

    def work() -> None:
        if not reason.strip():
            raise InputError("A reason is needed.", hint="Say why both are one event.")
        story, into = _story(ctx, caller, alert_id), _story(ctx, caller, number_in(other.strip() or near))
        wanted = schemas.MergeStories.model_construct(story_id=into, revision=None, reason=reason)
        merge_audited(ctx, caller, story, wanted, story_revision)

    return _done(request, ctx, caller, alert_id, work, refused=_NO_MERGE, unfit=_NO_OTHER)


@routes.post("/alerts/{alert_id}/items/{item_id}/split")
def split(
    request: Request,
    ctx: Ctx,
    caller: Editor,
    alert_id: Id,
    item_id: Id,
    story_revision: StoryRevision,
    reason: Reason = "",
    csrf: Text = "",
) -> Response:
    """Takes one report out of this alert: it becomes a story of its own."""
    check_form(ctx, caller, csrf)

    def work() -> None:
        if not reason.strip():
            raise InputError("A reason is needed.", hint="Say why it is about something else.")
        wanted = schemas.SplitStory.model_construct(item_ids=[item_id], reason=reason)
        split_audited(ctx, caller, _story(ctx, caller, alert_id), wanted, story_revision)

    return _done(request, ctx, caller, alert_id, work, refused=_GONE, unfit=_NO_SPLIT)


@routes.post("/alerts/{alert_id}/edits/{edit_id}/undo")
def undo(request: Request, ctx: Ctx, caller: Editor, alert_id: Id, edit_id: Id, csrf: Text = "") -> Response:
    """Takes a merge or split of this alert's reports back."""
    check_form(ctx, caller, csrf)
    return _done(
        request,
        ctx,
        caller,
        alert_id,
        lambda: undo_audited(ctx, caller, _story(ctx, caller, alert_id), edit_id, ""),
        refused=_NO_UNDO,
        unfit=_NO_UNDO,
    )


def _silenced(
    request: Request,
    ctx: Context,
    caller: Caller,
    alert_id: int,
    hours: int,
    reason: str,
    *,
    alert: int | None = None,
    item: int | None = None,
) -> Response:
    new = schemas.NewSilence.model_construct(
        region=None,
        label=None,
        alert_id=alert,
        item_id=item,
        until=ctx.clock() + timedelta(hours=hours),
        reason=reason,
    )
    work = lambda: add_audited(ctx, caller, new)  # noqa: E731
    return _done(request, ctx, caller, alert_id, work, refused=_NOT_QUIET, unfit=_NO_SILENCE)


def _done(
    request: Request,
    ctx: Context,
    caller: Caller,
    alert_id: int,
    work: Callable[[], object],
    *,
    refused: str,
    unfit: str,
    draft: views.Draft | None = None,
    anchor: str = "",
) -> Response:
    """Goes back to the alert, or to the one that took its reports; what is not possible shows it as it is, and why."""
    with ctx.store.read() as session:
        repository.summary(session, alert_id, within=caller.identity.region)  # not there: a 404, not a form's problem
    try:
        work()
    except StaleRevisionError as error:
        return show_alert(request, ctx, caller, alert_id, status=409, error=CHANGED, changes=error.changes, draft=draft)
    except StaleStoryError:
        return show_alert(request, ctx, caller, alert_id, status=409, error=_STORY_CHANGED)
    except ConflictError:
        return show_alert(request, ctx, caller, alert_id, status=409, error=refused, draft=draft)
    except (InputError, NotFoundError):
        return show_alert(request, ctx, caller, alert_id, status=422, error=unfit, draft=draft)
    with ctx.store.read() as session:
        now = repository.summary(session, alert_id, within=caller.identity.region)
    return RedirectResponse(f"/alerts/{now.merged_into or alert_id}{anchor}", 303)


def _story(ctx: Context, caller: Caller, alert_id: int) -> int:
    """The story of an alert that the caller may see. Raises NotFoundError."""
    with ctx.store.read() as session:
        return repository.summary(session, alert_id, within=caller.identity.region).story_id
