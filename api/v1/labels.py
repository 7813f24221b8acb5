"""Labelling: get items, say what they are, leave them, take the last answer back, decide between two answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import Id, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.alerts import items
from waspada.alerts.exits import mask
from waspada.alerts.types import ItemView
from waspada.audit import AuditAction
from waspada.labels import repository, service
from waspada.labels.types import Given, Label, LabelSpan, Role, Task
from waspada.models.curves import newest_advice

routes = router("labels")
Reader = Annotated[Caller, Depends(Needs(Action.READ_LABELS))]
Labeller = Annotated[Caller, Depends(Needs(Action.GIVE_LABELS))]


@routes.post(
    "/labels/tasks",
    response_model=schemas.TasksOut,
    responses=problems(400, 413),
    dependencies=[Depends(no_query)],
)
def take_tasks(request: Request, ctx: Ctx, caller: Labeller, new: schemas.NewTasks) -> Response:
    """The next items for you; nobody else gets them for twenty minutes. Private persons are masked."""
    found = tasks_audited(ctx, caller, new.limit)
    return json_reply(request, schemas.TasksOut(data=[shape.label_task(one, of) for one, of in found]))


@routes.post(
    "/labels",
    response_model=schemas.LabelOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def give_label(request: Request, ctx: Ctx, caller: Labeller, new: schemas.NewLabel) -> Response:
    """What you say of an item. Another answer of yours takes the place of the one before."""
    return json_reply(request, shape.label(label_audited(ctx, caller, given_of(new), Role.LABELLER)), status=201)


@routes.post(
    "/labels/adjudications",
    response_model=schemas.LabelOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def adjudicate(request: Request, ctx: Ctx, caller: Labeller, new: schemas.NewLabel) -> Response:
    """Decides between answers of others that differ."""
    return json_reply(request, shape.label(label_audited(ctx, caller, given_of(new), Role.ADJUDICATOR)), status=201)


@routes.post("/labels/skips", status_code=204, responses=problems(400, 404, 413), dependencies=[Depends(no_query)])
def skip_item(ctx: Ctx, caller: Labeller, new: schemas.NewSkip) -> Response:
    """Leaves an item to others."""
    skip_audited(ctx, caller, new.item_id)
    return Response(status_code=204)


@routes.post("/labels/undo", response_model=schemas.LabelOut, responses=problems(404), dependencies=[Depends(no_query)])
def undo_label(request: Request, ctx: Ctx, caller: Labeller) -> Response:
    """Takes your last answer of the last hour back; its item comes again."""
    return json_reply(request, shape.label(undo_audited(ctx, caller)))


@routes.get("/labels/standing", response_model=schemas.StandingOut, responses=READ, dependencies=[Depends(no_query)])
def read_standing(request: Request, ctx: Ctx, caller: Reader) -> Response:
    """How many items wait, how many answers stand."""
    with ctx.store.read() as session:
        found = service.how_it_stands(session, actor=caller.name, now=ctx.clock())
    return json_reply(request, shape.label_standing(found))


@routes.get("/labels/advice", response_model=schemas.AdviceOut, responses=READ, dependencies=[Depends(no_query)])
def read_advice(request: Request, ctx: Ctx, caller: Reader) -> Response:  # noqa: ARG001
    """What another 50 answers are expected to gain, and for which label, by the newest training that measured it."""
    with ctx.store.read() as session:
        found = newest_advice(session)
    return json_reply(request, shape.label_advice(found))


@routes.get(
    "/labels/disagreements",
    response_model=schemas.DisagreementsOut,
    responses=READ,
    dependencies=[Depends(no_query)],
)
def list_disagreements(request: Request, ctx: Ctx, caller: Reader) -> Response:
    """Answers for one item that differ and wait for an adjudicator."""
    found = disagreements_audited(ctx, caller)
    data = [shape.disagreement(answers, fields) for answers, fields in found]
    return json_reply(request, schemas.DisagreementsOut(data=data))


@routes.get(
    "/labels/items/{item_id}",
    response_model=schemas.Page[schemas.LabelOut],
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_history(request: Request, ctx: Ctx, caller: Reader, item_id: Id) -> Response:
    """Every answer that was given for an item, the oldest first."""
    with ctx.store.read() as session:
        items.item(session, item_id, within=caller.identity.region)
        found = repository.history(session, item_id)
    audited(ctx, caller, AuditAction.LABELS_READ, f"item/{item_id}", {"labels": [one.id for one in found]})
    return json_reply(request, schemas.Page[schemas.LabelOut](data=[shape.label(one) for one in found]))


def given_of(new: schemas.NewLabel) -> Given:
    spans = [LabelSpan(one.label, one.field, one.start, one.end) for one in new.spans]
    return Given(new.key, new.item_id, new.version, new.values, spans, new.note, new.seconds)


def tasks_audited(ctx: Context, caller: Caller, limit: int) -> list[tuple[Task, ItemView]]:
    """Items given out to the caller, with their text; who got which stands in the audit log."""
    now, within = ctx.clock(), caller.identity.region
    with ctx.store.write() as session:
        tasks = service.next_tasks(session, actor=caller.name, now=now, limit=limit, within=within)
        views = items.by_ids(session, [one.item_id for one in tasks])
        if tasks:
            noted(
                session, ctx, caller, AuditAction.LABELS_TAKEN, "labels", {"items": [t.item_id for t in tasks]}, now=now
            )
    return [(one, views[one.item_id]) for one in tasks if one.item_id in views]


def task_audited(ctx: Context, caller: Caller, item_id: int) -> tuple[Task, ItemView]:
    """A certain item for the caller. Raises NotFoundError."""
    now, within = ctx.clock(), caller.identity.region
    with ctx.store.read() as session:
        task = service.task_of(session, item_id, actor=caller.name, now=now, within=within)
        view = items.item(session, item_id, within=within)
    audited(ctx, caller, AuditAction.ITEM_READ, f"item/{item_id}")
    return task, view


def label_audited(ctx: Context, caller: Caller, given: Given, role: Role) -> Label:
    """The answer and its line in the audit log, both or none. Raises as `service.answer` and `adjudicate` do."""
    now, within = ctx.clock(), caller.identity.region
    give = service.adjudicate if role is Role.ADJUDICATOR else service.answer
    with ctx.store.write() as session:
        known = repository.by_key(session, given.key) is not None
        done = give(session, given, actor=caller.name, now=now, within=within)
        if not known:
            _note(session, ctx, caller, AuditAction.LABEL_GIVEN, done)
    return done


def skip_audited(ctx: Context, caller: Caller, item_id: int) -> None:
    now = ctx.clock()
    with ctx.store.write() as session:
        service.skip(session, item_id, actor=caller.name, now=now)
        noted(session, ctx, caller, AuditAction.LABEL_SKIPPED, f"item/{item_id}", now=now)


def undo_audited(ctx: Context, caller: Caller) -> Label:
    with ctx.store.write() as session:
        done = service.undo(session, actor=caller.name, now=ctx.clock())
        _note(session, ctx, caller, AuditAction.LABEL_UNDONE, done)
    return done


def disagreements_audited(ctx: Context, caller: Caller) -> list[tuple[list[Label], list[str]]]:
    """The disagreements that the caller may see."""
    within = caller.identity.region
    with ctx.store.read() as session:
        found = service.disagreements(session)
        mine = items.readable(session, [answers[0].item_id for answers, _ in found], within)
    seen = [(list(answers), fields) for answers, fields in found if answers[0].item_id in mine]
    audited(ctx, caller, AuditAction.LABELS_READ, "labels", {"items": [answers[0].item_id for answers, _ in seen]})
    return seen


def titles_of(ctx: Context, item_ids: Sequence[int]) -> dict[int, str]:
    """The headlines of items, masked."""
    with ctx.store.read() as session:
        return {id_: mask(view.title) for id_, view in items.by_ids(session, item_ids).items()}


def _note(session: Session, ctx: Context, caller: Caller, action: AuditAction, one: Label) -> None:
    noted(session, ctx, caller, action, f"label/{one.id}", {"item": one.item_id, "role": one.role.value}, now=one.at)
