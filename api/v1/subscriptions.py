"""Subscriptions to digests: who gets which, what each was sent, and everything that was delivered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.paging import id_cursor, read_id_cursor
from api.replies import json_reply
from api.schemas.common import REGION_PATTERN
from api.v1.params import Id, PageParams, SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access.policy import check_reach
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.digests.rendering import rendered
from waspada.digests.service import Maker
from waspada.digests.types import Personal, Rendered
from waspada.notify.messages import Channel
from waspada.store.tables import SubscriptionRow
from waspada.subscriptions import deliveries, policy, repository, service
from waspada.subscriptions.deliveries import DeliveryFilter, DeliveryLine
from waspada.subscriptions.types import (
    EndReason,
    NewSubscription,
    Rhythm,
    Send,
    SendState,
    Subscription,
    SubscriptionFilter,
    SubscriptionState,
    Topic,
)

routes = router("subscriptions")
Reader = Annotated[Caller, Depends(Needs(Action.READ_SUBSCRIPTIONS))]
Manager = Annotated[Caller, Depends(Needs(Action.MANAGE_SUBSCRIPTIONS))]
DeliveryReader = Annotated[Caller, Depends(Needs(Action.READ_DELIVERIES))]
_PLAIN = [Depends(no_query)]


class SubscriptionParams(PageParams):
    region: str | None = Field(default=None, pattern=REGION_PATTERN, examples=["63"])
    state: SubscriptionState | None = None
    channel: Channel | None = None


class DeliveryParams(PageParams):
    channel: Channel | None = None
    state: SendState | None = None
    subscription: int | None = Field(default=None, ge=1, le=2**31 - 1)


@routes.get("/subscriptions", response_model=schemas.Page[schemas.SubscriptionOut], responses=READ)
def list_subscriptions(
    request: Request, ctx: Ctx, caller: Reader, params: Annotated[SubscriptionParams, Query()]
) -> Response:
    """Subscriptions of your region, the newest first."""
    asked = SubscriptionFilter(params.region, params.state, params.channel, caller.identity.region)
    found, more = list_audited(ctx, caller, asked, read_id_cursor(params.cursor), params.limit)
    data = [shape.subscription(one, ctx.clock()) for one in found]
    return json_reply(request, schemas.Page[schemas.SubscriptionOut](data=data, next=more))


@routes.post(
    "/subscriptions",
    response_model=schemas.SubscriptionOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=_PLAIN,
)
def add_subscription(request: Request, ctx: Ctx, caller: Manager, new: schemas.NewSubscriptionIn) -> Response:
    """Adds somebody. They are asked to confirm, and get nothing before they did."""
    given = NewSubscription(new.channel, new.address, shape.topic_of(new), shape.rhythm_of(new))
    return json_reply(request, shape.subscription(add_audited(ctx, caller, given), ctx.clock()), status=201)


@routes.post(
    "/subscriptions/preview",
    response_model=schemas.DigestPreviewOut,
    responses=problems(400, 404, 413),
    dependencies=_PLAIN,
)
def preview_digest(request: Request, ctx: Ctx, caller: Manager, wanted: schemas.SubscriptionFilterIn) -> Response:
    """The digest of this moment for a filter, before anybody subscribes to it."""
    words = preview_audited(ctx, caller, shape.topic_of(wanted), shape.rhythm_of(wanted))
    return json_reply(request, shape.digest_preview(words))


@routes.get(
    "/subscriptions/{subscription_id}",
    response_model=schemas.SubscriptionOut,
    responses={**READ, **problems(404)},
    dependencies=_PLAIN,
)
def read_subscription(request: Request, ctx: Ctx, caller: Reader, subscription_id: SmallId) -> Response:
    """One subscription."""
    found, _ = read_audited(ctx, caller, subscription_id)
    return json_reply(request, shape.subscription(found, ctx.clock()))


@routes.put(
    "/subscriptions/{subscription_id}",
    response_model=schemas.SubscriptionOut,
    responses=problems(400, 404, 409, 413),
    dependencies=_PLAIN,
)
def change_subscription(
    request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId, wanted: schemas.SubscriptionFilterIn
) -> Response:
    """Another filter, hour or zone, from the next digest on."""
    found = change_audited(ctx, caller, subscription_id, shape.topic_of(wanted), shape.rhythm_of(wanted))
    return json_reply(request, shape.subscription(found, ctx.clock()))


@routes.post(
    "/subscriptions/{subscription_id}/address",
    response_model=schemas.SubscriptionOut,
    responses=problems(400, 404, 409, 413),
    dependencies=_PLAIN,
)
def change_address(
    request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId, given: schemas.NewAddressIn
) -> Response:
    """Another address, which is asked to confirm first; every link to the old one ends."""
    found = address_audited(ctx, caller, subscription_id, given.channel, given.address)
    return json_reply(request, shape.subscription(found, ctx.clock()))


@routes.post(
    "/subscriptions/{subscription_id}/opt-in",
    response_model=schemas.SubscriptionOut,
    responses=problems(404, 409),
    dependencies=_PLAIN,
)
def ask_again(request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId) -> Response:
    """Asks once more for the confirmation: at most once an hour, and three times a day."""
    return json_reply(request, shape.subscription(ask_audited(ctx, caller, subscription_id), ctx.clock()))


@routes.post(
    "/subscriptions/{subscription_id}/pause",
    response_model=schemas.SubscriptionOut,
    responses=problems(400, 404, 409, 413),
    dependencies=_PLAIN,
)
def pause_subscription(
    request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId, given: schemas.PauseIn
) -> Response:
    """Nothing is sent before a day begins."""
    found = pause_audited(ctx, caller, subscription_id, given.until.isoformat())
    return json_reply(request, shape.subscription(found, ctx.clock()))


@routes.post(
    "/subscriptions/{subscription_id}/resume",
    response_model=schemas.SubscriptionOut,
    responses=problems(404, 409),
    dependencies=_PLAIN,
)
def resume_subscription(request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId) -> Response:
    """Digests come again."""
    return json_reply(request, shape.subscription(resume_audited(ctx, caller, subscription_id), ctx.clock()))


@routes.post(
    "/subscriptions/{subscription_id}/end",
    response_model=schemas.SubscriptionOut,
    responses=problems(404),
    dependencies=_PLAIN,
)
def end_subscription(request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId) -> Response:
    """Nothing more is sent; the address is deleted some days later."""
    return json_reply(request, shape.subscription(end_audited(ctx, caller, subscription_id), ctx.clock()))


@routes.post(
    "/subscriptions/{subscription_id}/links",
    response_model=schemas.SubscriptionOut,
    responses=problems(404),
    dependencies=_PLAIN,
)
def revoke_links(request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId) -> Response:
    """Every link by which the subscription can be changed ends; the next digest brings a new one."""
    found = _changed(ctx, caller, subscription_id, "links", service.revoke_links)
    return json_reply(request, shape.subscription(found, ctx.clock()))


@routes.get(
    "/subscriptions/{subscription_id}/sends",
    response_model=schemas.Page[schemas.SendOut],
    responses={**READ, **problems(404)},
    dependencies=_PLAIN,
)
def list_sends(request: Request, ctx: Ctx, caller: Reader, subscription_id: SmallId) -> Response:
    """What it was sent, the newest 100 first."""
    _, sends = read_audited(ctx, caller, subscription_id)
    return json_reply(request, schemas.Page[schemas.SendOut](data=[shape.send(one) for one in sends]))


@routes.get("/deliveries", response_model=schemas.Page[schemas.DeliveryOut], responses=READ)
def list_deliveries(
    request: Request, ctx: Ctx, caller: DeliveryReader, params: Annotated[DeliveryParams, Query()]
) -> Response:
    """Messages that left, wait or failed, the newest first, without their words."""
    asked = DeliveryFilter(params.channel, params.state, params.subscription, caller.identity.region)
    found, more = deliveries_audited(ctx, caller, asked, read_id_cursor(params.cursor), params.limit)
    data = [shape.delivery(one) for one in found]
    return json_reply(request, schemas.Page[schemas.DeliveryOut](data=data, next=more))


@routes.post(
    "/deliveries/{delivery_id}/again",
    response_model=schemas.PutOut,
    status_code=202,
    responses=problems(404, 409),
    dependencies=_PLAIN,
)
def send_again(request: Request, ctx: Ctx, caller: Manager, delivery_id: Id) -> Response:
    """Sends a digest again of which nobody knows whether it arrived; it may come twice."""
    return json_reply(request, schemas.PutOut(delivery_id=again_audited(ctx, caller, delivery_id)), status=202)


def list_audited(
    ctx: Context, caller: Caller, asked: SubscriptionFilter, before_id: int | None, limit: int
) -> tuple[list[Subscription], str | None]:
    """A page, and the cursor of the next one."""
    now = ctx.clock()
    with ctx.store.read() as session:
        found = service.listed(session, asked, ctx.settings, now, before_id=before_id, limit=limit + 1)
    page = found[:limit]
    audited(ctx, caller, AuditAction.SUBSCRIPTIONS_READ, "subscriptions", {"found": len(page)})
    return page, id_cursor(page[-1].id) if len(found) > limit else None


def read_audited(ctx: Context, caller: Caller, subscription_id: int) -> tuple[Subscription, list[Send]]:
    """Raises NotFoundError."""
    within = caller.identity.region
    with ctx.store.read() as session:
        found = service.find(session, subscription_id, ctx.settings, within=within)
        sends = service.sends_of(session, subscription_id, within=within)
    audited(ctx, caller, AuditAction.SUBSCRIPTIONS_READ, f"subscription/{subscription_id}")
    return found, sends


def add_audited(ctx: Context, caller: Caller, new: NewSubscription) -> Subscription:
    """The subscription and its line in the audit log, both or none. Raises as `service.add` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.add(session, new, ctx.settings, actor=caller.name, now=now, within=caller.identity.region)
        _note(session, ctx, caller, found.id, "added", {"channel": found.channel.value, "region": found.topic.region})
    return found


def preview_audited(ctx: Context, caller: Caller, topic: Topic, rhythm: Rhythm) -> Rendered:
    """The digest of this moment. Raises InputError, NotFoundError (outside the manager's region)."""
    wanted = policy.wanted(policy.checked_topic(topic), policy.checked_rhythm(rhythm))
    check_reach(wanted.region, caller.identity.region)
    with ctx.store.read() as session:
        made = Maker(session, ctx.clock(), ctx.settings).make(wanted)
    audited(ctx, caller, AuditAction.DIGEST_MADE, f"region/{wanted.region}", {"how": "preview"})
    return rendered(made.content, Personal(base_url=ctx.settings.link("/").rstrip("/")))


def change_audited(ctx: Context, caller: Caller, subscription_id: int, topic: Topic, rhythm: Rhythm) -> Subscription:
    check_reach(policy.checked_topic(topic).region, caller.identity.region)

    def work(session: Session, row: SubscriptionRow) -> None:
        service.change(session, row, topic, rhythm, now=ctx.clock())

    return _changed(ctx, caller, subscription_id, "changed", work)


def address_audited(ctx: Context, caller: Caller, subscription_id: int, channel: Channel, given: str) -> Subscription:
    def work(session: Session, row: SubscriptionRow) -> None:
        service.change_address(session, row, ctx.settings, channel, given, now=ctx.clock())

    return _changed(ctx, caller, subscription_id, "address", work)


def ask_audited(ctx: Context, caller: Caller, subscription_id: int) -> Subscription:
    def work(session: Session, row: SubscriptionRow) -> None:
        service.ask_again(session, row.id, ctx.settings, now=ctx.clock())

    return _changed(ctx, caller, subscription_id, "asked", work)


def pause_audited(ctx: Context, caller: Caller, subscription_id: int, until: str) -> Subscription:
    def work(session: Session, row: SubscriptionRow) -> None:
        service.pause(session, row, service.pause_end(until, row.zone), now=ctx.clock())

    return _changed(ctx, caller, subscription_id, "paused", work)


def resume_audited(ctx: Context, caller: Caller, subscription_id: int) -> Subscription:
    def work(session: Session, row: SubscriptionRow) -> None:
        service.resume(session, row, now=ctx.clock())

    return _changed(ctx, caller, subscription_id, "resumed", work)


def end_audited(ctx: Context, caller: Caller, subscription_id: int) -> Subscription:
    def work(session: Session, row: SubscriptionRow) -> None:
        service.end(session, row, EndReason.MANAGER, now=ctx.clock())

    return _changed(ctx, caller, subscription_id, "ended", work)


def chat_audited(ctx: Context, caller: Caller, subscription_id: int, chat: str) -> Subscription:
    """The chat from which the person sent the word."""

    def work(session: Session, row: SubscriptionRow) -> None:
        service.found_chat(session, row, ctx.settings, chat, now=ctx.clock())

    return _changed(ctx, caller, subscription_id, "chat", work)


def deliveries_audited(
    ctx: Context, caller: Caller, asked: DeliveryFilter, before_id: int | None, limit: int
) -> tuple[list[DeliveryLine], str | None]:
    with ctx.store.read() as session:
        found = deliveries.listed(session, asked, before_id=before_id, limit=limit + 1)
    page = found[:limit]
    audited(ctx, caller, AuditAction.DELIVERIES_READ, "deliveries", {"found": len(page)})
    return page, id_cursor(page[-1].id) if len(found) > limit else None


def again_audited(ctx: Context, caller: Caller, delivery_id: int) -> int:
    now = ctx.clock()
    with ctx.store.write() as session:
        put = service.send_again(session, delivery_id, now=now, within=caller.identity.region)
        row = repository.subscription_of_delivery(session, put)
        assert row is not None  # noqa: S101 (it was put for one)
        _note(session, ctx, caller, row.id, "again", {"delivery": put})
    return put


def _changed(
    ctx: Context,
    caller: Caller,
    subscription_id: int,
    step: str,
    work: Callable[[Session, SubscriptionRow], object],
) -> Subscription:
    """A change and its line in the audit log, both or none. Raises NotFoundError and what `work` raises."""
    with ctx.store.write() as session:
        row = repository.row_of(session, subscription_id, within=caller.identity.region, lock=True)
        work(session, row)
        _note(session, ctx, caller, subscription_id, step)
        return service.find(session, subscription_id, ctx.settings)


def _note(
    session: Session, ctx: Context, caller: Caller, subscription_id: int, step: str, more: Detail | None = None
) -> None:
    detail: Detail = {"step": step, **(more or {})}
    object_ = f"subscription/{subscription_id}"
    noted(session, ctx, caller, AuditAction.SUBSCRIPTION_CHANGED, object_, detail, now=ctx.clock())
