"""One step with many alerts: each in a transaction of its own, with its own optimistic lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas
from api.auth import Caller, Needs
from api.context import Context, Ctx
from api.replies import json_reply
from api.schemas.desk import BulkDo, BulkOutcome
from api.v1.alerts import move_audited
from api.v1.notices import add_audited
from api.v1.params import MINE, no_query
from api.v1.routing import problems, router
from api.v1.seen import note_seen
from api.v1.stories import merge_audited
from api.v1.workflow import assign_audited
from waspada.access.policy import may
from waspada.access.types import Action, ForbiddenError
from waspada.alerts import changes, repository
from waspada.alerts.policy import reasons_for
from waspada.alerts.types import AlertSummary, StaleRevisionError, StateChange
from waspada.errors import ConflictError, InputError, NotFoundError, StoreBusyError
from waspada.privacy.reasons import reason_of
from waspada.stories import service as stories
from waspada.stories.edits import StaleStoryError

routes = router("alerts")
Mover = Annotated[Caller, Depends(Needs(Action.MOVE_ALERTS))]
#: What the step needs beside the right to move alerts.
_RIGHTS = {BulkDo.MERGE: Action.EDIT_STORIES, BulkDo.SILENCE: Action.QUIET}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one alert. `changes` say who was faster; an edit of a story can be undone at the story."""

    alert_id: int
    outcome: BulkOutcome
    revision: int | None = None
    problem: str = ""
    changes: Sequence[StateChange] = field(default=())
    story_id: int | None = None
    edit_id: int | None = None
    silence_id: int | None = None


@routes.post(
    "/alerts/bulk",
    response_model=schemas.BulkOut,
    responses=problems(400, 404, 413),
    dependencies=[Depends(no_query)],
)
def many(request: Request, ctx: Ctx, caller: Mover, wanted: schemas.Bulk) -> Response:
    """Takes one step with up to 100 alerts, each by itself. The answer says of each what was done, or who was faster.

    `move` asks for `to` (and its reason), `assign` for an owner, `merge` joins their stories into one, `silence` holds
    the notices of these alerts alone for `hours`, with the note as its reason.
    """
    found = bulk_audited(ctx, caller, wanted)
    return json_reply(request, schemas.BulkOut(outcomes=[_document(one) for one in found]))


def bulk_audited(ctx: Context, caller: Caller, wanted: schemas.Bulk) -> list[Outcome]:
    """Does it; every change stands in the audit log by itself. What was done is read by whoever did it.

    Raises InputError before anything is done where the step lacks something, ForbiddenError where a right is missing.
    """
    _check(caller, wanted)
    ways: dict[BulkDo, Callable[[], list[Outcome]]] = {
        BulkDo.MOVE: lambda: _each(wanted, lambda one: _moved(ctx, caller, wanted, one)),
        BulkDo.ASSIGN: lambda: _each(wanted, lambda one: _assigned(ctx, caller, wanted, one)),
        BulkDo.MERGE: lambda: _merged(ctx, caller, wanted),
        BulkDo.SILENCE: lambda: _each(wanted, partial(_silenced, ctx, caller, wanted)),
    }
    found = ways[wanted.do]()
    done = {one.alert_id: one.revision for one in found if one.revision is not None}
    if done:
        note_seen(ctx, caller, done)
    return found


def _check(caller: Caller, wanted: schemas.Bulk) -> None:
    needed = _RIGHTS.get(wanted.do)
    if needed is not None and not may(caller.identity, needed):
        raise ForbiddenError(f"The role {caller.identity.role} may not do this ({needed}).")
    ids = [one.id for one in wanted.alerts]
    if len(set(ids)) != len(ids):
        raise InputError("An alert is named twice.", hint="Name each alert once, with its newest revision.")
    if wanted.do is BulkDo.MOVE:
        if wanted.to is None:
            raise InputError("The step needs a state to go to.", hint="Send it in `to`.")
        known = reasons_for(wanted.to)
        if known and wanted.reason not in known:
            raise InputError(f"An alert needs a reason to become {wanted.to}.", hint=f"Use one of: {', '.join(known)}.")
    if wanted.do in (BulkDo.MERGE, BulkDo.SILENCE):
        reason_of(wanted.note, is_needed=wanted.do is BulkDo.SILENCE)
    if wanted.do is BulkDo.MERGE and len(ids) < 2:
        raise InputError("One alert cannot be merged by itself.", hint="Choose at least two.")


def _each(wanted: schemas.Bulk, work: Callable[[schemas.AlertRevision], Outcome]) -> list[Outcome]:
    """The outcome of each; what goes wrong with one leaves the others alone."""
    return [_tried(one.id, partial(work, one)) for one in wanted.alerts]


def _tried(alert_id: int, work: Callable[[], Outcome]) -> Outcome:
    try:
        return work()
    except StaleRevisionError as error:
        return Outcome(alert_id, BulkOutcome.OVERTAKEN, problem=str(error.args[0]), changes=error.changes)
    except StaleStoryError as error:
        edits = [StateChange(one.at, one.actor, one.kind, None) for one in error.changes]
        return Outcome(alert_id, BulkOutcome.OVERTAKEN, problem=str(error.args[0]), changes=edits)
    except NotFoundError as error:
        return Outcome(alert_id, BulkOutcome.GONE, problem=str(error.args[0]))
    except (ConflictError, InputError, StoreBusyError) as error:
        return Outcome(alert_id, BulkOutcome.REFUSED, problem=str(error.args[0]))


def _moved(ctx: Context, caller: Caller, wanted: schemas.Bulk, one: schemas.AlertRevision) -> Outcome:
    assert wanted.to is not None  # noqa: S101 (checked before anything is done)
    step = schemas.Move.model_construct(to=wanted.to, reason=wanted.reason, note=wanted.note)
    return Outcome(one.id, BulkOutcome.DONE, move_audited(ctx, caller, one.id, step, one.revision).revision)


def _assigned(ctx: Context, caller: Caller, wanted: schemas.Bulk, one: schemas.AlertRevision) -> Outcome:
    owner = caller.name if wanted.owner == MINE else wanted.owner
    return Outcome(one.id, BulkOutcome.DONE, assign_audited(ctx, caller, one.id, owner, one.revision).revision)


def _looked_at(ctx: Context, caller: Caller, one: schemas.AlertRevision) -> AlertSummary:
    """The alert, where it still is as the caller saw it. Raises NotFoundError, StaleRevisionError, ConflictError."""
    with ctx.store.read() as session:
        found = repository.summary(session, one.id, within=caller.identity.region)
        if found.revision != one.revision:
            raise StaleRevisionError(one.id, found.revision, changes.recent(session, one.id))
    if found.merged_into is not None:
        raise ConflictError(f"Alert {one.id} was merged into alert {found.merged_into} already.", hint="")
    return found


def _merged(ctx: Context, caller: Caller, wanted: schemas.Bulk) -> list[Outcome]:
    """Joins the stories one after another; an alert that is not as it was seen is left out and named."""
    fit: list[AlertSummary] = []

    def look(one: schemas.AlertRevision) -> Outcome:
        fit.append(_looked_at(ctx, caller, one))
        return Outcome(one.id, BulkOutcome.DONE)

    looked = _each(wanted, look)
    left_out = [one for one in looked if one.outcome is not BulkOutcome.DONE]
    if len(fit) < 2:
        alone = [Outcome(one.id, BulkOutcome.REFUSED, problem="Nothing is left to merge it with.") for one in fit]
        return [*left_out, *alone]
    base, found = fit[0], list[Outcome]()
    into = base.story_id
    for other in fit[1:]:
        done = _tried(other.id, partial(_join, ctx, caller, wanted, into, other))
        into = done.story_id or into
        found.append(done)
    joined = [one for one in found if one.outcome is BulkOutcome.DONE]
    first = BulkOutcome.DONE if joined else BulkOutcome.REFUSED
    problem = "" if joined else "None of the others could be merged with it."
    return [*left_out, Outcome(base.id, first, story_id=into if joined else None, problem=problem), *found]


def _join(ctx: Context, caller: Caller, wanted: schemas.Bulk, story_id: int, other: AlertSummary) -> Outcome:
    with ctx.store.read() as session:
        known = [stories.history(session, id_).revision for id_ in (story_id, other.story_id)]
    step = schemas.MergeStories.model_construct(story_id=other.story_id, revision=known[1], reason=wanted.note)
    edit = merge_audited(ctx, caller, story_id, step, known[0]).edit
    return Outcome(other.id, BulkOutcome.DONE, story_id=edit.into_id, edit_id=edit.id)


def _silenced(ctx: Context, caller: Caller, wanted: schemas.Bulk, one: schemas.AlertRevision) -> Outcome:
    """A silence of this alert alone: others of its place and label go on telling."""
    _looked_at(ctx, caller, one)
    until = ctx.clock() + timedelta(hours=wanted.hours)
    new = schemas.NewSilence.model_construct(alert_id=one.id, until=until, reason=wanted.note)
    return Outcome(one.id, BulkOutcome.DONE, silence_id=add_audited(ctx, caller, new).id)


def _document(one: Outcome) -> schemas.BulkOutcomeOut:
    return schemas.BulkOutcomeOut(
        id=one.alert_id,
        outcome=one.outcome,
        revision=one.revision,
        problem=one.problem,
        changes=[
            schemas.MeanwhileOut(at=change.at, actor=change.actor, action=change.action, to_state=change.to_state)
            for change in one.changes
        ],
        story_id=one.story_id,
        edit_id=one.edit_id,
        silence_id=one.silence_id,
    )
