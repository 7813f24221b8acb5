"""Topics of a region's own: add one, read what it finds, say what fits, switch it off."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.paging import id_cursor, read_id_cursor
from api.replies import json_reply
from api.v1.params import PageQuery, SmallId, TopicQuery, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.alerts import items
from waspada.alerts.types import ItemView
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.topics import repository, service
from waspada.topics.types import ItemAnswered, NewTopic, Topic, TopicItem

routes = router("topics")
Reader = Annotated[Caller, Depends(Needs(Action.READ_TOPICS))]
Answerer = Annotated[Caller, Depends(Needs(Action.ANSWER_TOPICS))]
Manager = Annotated[Caller, Depends(Needs(Action.MANAGE_TOPICS))]


@routes.get("/topics", response_model=schemas.Page[schemas.TopicOut], responses=READ)
def list_topics(request: Request, ctx: Ctx, caller: Reader, params: TopicQuery) -> Response:
    """The topics that touch your region, by title."""
    with ctx.store.read() as session:
        found = repository.topics(session, within=caller.identity.region, with_off=params.off)
    audited(ctx, caller, AuditAction.TOPICS_READ, "topics", {"found": len(found)})
    return json_reply(request, schemas.Page[schemas.TopicOut](data=[shape.topic(view) for view in found]))


@routes.post(
    "/topics",
    response_model=schemas.TopicOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def add_topic(request: Request, ctx: Ctx, caller: Manager, new: schemas.NewTopicIn) -> Response:
    """A topic about an event, a place, an institution or a claim; one that names a person is a 422. The worker compares
    the items of the last 30 days with it at once."""
    found = add_audited(ctx, caller, NewTopic(new.title, new.description, new.examples, new.places))
    return json_reply(request, shape.topic(found), status=201)


@routes.get(
    "/topics/{topic_id}",
    response_model=schemas.TopicDetailOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_topic(request: Request, ctx: Ctx, caller: Reader, topic_id: SmallId) -> Response:
    """A topic, and what was learned from answers."""
    with ctx.store.read() as session:
        found = repository.topic(session, topic_id, within=caller.identity.region)
        heads = repository.heads(session, topic_id)
    audited(ctx, caller, AuditAction.TOPICS_READ, f"topic/{topic_id}")
    return json_reply(request, shape.topic_detail(found, heads))


@routes.get(
    "/topics/{topic_id}/items",
    response_model=schemas.Page[schemas.TopicItemOut],
    responses={**READ, **problems(404)},
)
def list_topic_items(request: Request, ctx: Ctx, caller: Reader, topic_id: SmallId, params: PageQuery) -> Response:
    """Its items in your region, the newest first, with those that a person took out of it. Public posts stand here only
    where their story reached an alert."""
    before = read_id_cursor(params.cursor)
    _, page, more = page_audited(ctx, caller, topic_id, before, params.limit)
    data = [shape.topic_item(one, of) for one, of in page]
    return json_reply(request, schemas.Page[schemas.TopicItemOut](data=data, next=more))


@routes.post(
    "/topics/{topic_id}/answers",
    response_model=schemas.AnswerOut,
    responses=problems(400, 404, 409, 412, 413),
    dependencies=[Depends(no_query)],
)
def answer_topic(request: Request, ctx: Ctx, caller: Answerer, topic_id: SmallId, new: schemas.NewAnswer) -> Response:
    """Says whether an item belongs to the topic; no machine changes that. `revision` is that of the answer that you
    saw; an answer of another in between is a 412."""
    done = answer_audited(ctx, caller, topic_id, new.item_id, new.fits, new.revision)
    return json_reply(request, shape.answer(done))


@routes.post(
    "/topics/{topic_id}/off",
    response_model=schemas.TopicOut,
    responses=problems(404, 409),
    dependencies=[Depends(no_query)],
)
def switch_topic_off(request: Request, ctx: Ctx, caller: Manager, topic_id: SmallId) -> Response:
    """Tags nothing more with it and hides it; what it tagged stays on record."""
    return json_reply(request, shape.topic(off_audited(ctx, caller, topic_id)))


@routes.post(
    "/topics/{topic_id}/on",
    response_model=schemas.TopicOut,
    responses=problems(404, 409),
    dependencies=[Depends(no_query)],
)
def switch_topic_on(request: Request, ctx: Ctx, caller: Manager, topic_id: SmallId) -> Response:
    """Tags with it again, with what it had learned; the items of the last 30 days are compared with it."""
    return json_reply(request, shape.topic(on_audited(ctx, caller, topic_id)))


@routes.delete("/topics/{topic_id}", status_code=204, responses=problems(404), dependencies=[Depends(no_query)])
def remove_topic(ctx: Ctx, caller: Manager, topic_id: SmallId) -> Response:
    """Erases it with its tags, answers and heads."""
    remove_audited(ctx, caller, topic_id)
    return Response(status_code=204)


def page_audited(
    ctx: Context, caller: Caller, topic_id: int, before: int | None, limit: int
) -> tuple[Topic, list[tuple[TopicItem, ItemView]], str | None]:
    """A topic, a page of its items that the caller may read, and the cursor of the next one."""
    within = caller.identity.region
    with ctx.store.read() as session:
        topic = repository.topic(session, topic_id, within=within)
        found = repository.items_of(session, topic_id, within=within, before_id=before, limit=limit + 1)
        shown = found[:limit]
        views = items.by_ids(session, [one.item_id for one in shown])
    seen: Detail = {"items": [one.item_id for one in shown]}
    audited(ctx, caller, AuditAction.TOPICS_READ, f"topic/{topic_id}", seen)
    more = id_cursor(shown[-1].item_id) if len(found) > limit else None
    return topic, [(one, views[one.item_id]) for one in shown if one.item_id in views], more


def add_audited(ctx: Context, caller: Caller, new: NewTopic) -> Topic:
    """The topic and its line in the audit log, both or none. Raises as `service.add_topic` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.add_topic(session, new, actor=caller.name, now=now, within=caller.identity.region)
        noted(
            session,
            ctx,
            caller,
            AuditAction.TOPIC_ADDED,
            f"topic/{found.id}",
            {"places": list(found.places), "examples": len(found.examples)},
            now=now,
        )
    return found


def answer_audited(
    ctx: Context, caller: Caller, topic_id: int, item_id: int, fits: bool, revision: int
) -> ItemAnswered:
    """The answer and its line in the audit log, both or none. Raises as `service.answer` does."""
    now, within = ctx.clock(), caller.identity.region
    with ctx.store.write() as session:
        done = service.answer(session, topic_id, item_id, fits, revision, actor=caller.name, now=now, within=within)
        noted(
            session,
            ctx,
            caller,
            AuditAction.TOPIC_ANSWERED,
            f"topic/{topic_id}",
            {"item": item_id, "fits": fits},
            now=now,
        )
    return done


def off_audited(ctx: Context, caller: Caller, topic_id: int) -> Topic:
    """The end and its line in the audit log, both or none. Raises as `service.switch_off` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.switch_off(session, topic_id, actor=caller.name, now=now, within=caller.identity.region)
        noted(session, ctx, caller, AuditAction.TOPIC_OFF, f"topic/{topic_id}", now=now)
    return found


def on_audited(ctx: Context, caller: Caller, topic_id: int) -> Topic:
    """The topic, on again, and its line in the audit log, both or none. Raises as `service.switch_on` does."""
    with ctx.store.write() as session:
        found = service.switch_on(session, topic_id, within=caller.identity.region)
        noted(
            session,
            ctx,
            caller,
            AuditAction.TOPIC_ON,
            f"topic/{topic_id}",
            now=ctx.clock(),
        )
    return found


def remove_audited(ctx: Context, caller: Caller, topic_id: int) -> None:
    """The erasure and its line in the audit log, both or none. Raises NotFoundError."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.remove_topic(session, topic_id, within=caller.identity.region)
        noted(
            session,
            ctx,
            caller,
            AuditAction.TOPIC_REMOVED,
            f"topic/{topic_id}",
            {"items": found.tagged, "answers": found.answers},
            now=now,
        )
