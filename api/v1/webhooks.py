"""Programs elsewhere that are told of alerts: set up by admins, signed, and only of what a person verified."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.paging import id_cursor, read_id_cursor
from api.replies import json_reply
from api.v1.params import Id, PageQuery, SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.types import Scalar
from waspada.webhooks import service
from waspada.webhooks.types import Filter, Issued, NewWebhook, Webhook

routes = router("webhooks")
Manager = Annotated[Caller, Depends(Needs(Action.MANAGE_WEBHOOKS))]
_PLAIN = [Depends(no_query)]


@routes.get("/webhooks", response_model=schemas.Page[schemas.WebhookOut], responses=READ, dependencies=_PLAIN)
def list_webhooks(request: Request, ctx: Ctx, caller: Manager) -> Response:
    """All webhooks, at most 50."""
    with ctx.store.read() as session:
        found = service.listed(session, caller.identity.region)
    audited(ctx, caller, AuditAction.WEBHOOKS_READ, "webhooks", {"found": len(found)})
    return json_reply(request, schemas.Page[schemas.WebhookOut](data=[shape.webhook(one) for one in found]))


@routes.post(
    "/webhooks",
    response_model=schemas.IssuedWebhookOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=_PLAIN,
)
def add_webhook(request: Request, ctx: Ctx, caller: Manager, new: schemas.NewWebhookIn) -> Response:
    """Sets a webhook up. The answer holds its secret, once."""
    return json_reply(request, shape.issued_webhook(add_audited(ctx, caller, new)), status=201)


@routes.get(
    "/webhooks/{webhook_id}",
    response_model=schemas.WebhookOut,
    responses={**READ, **problems(404)},
    dependencies=_PLAIN,
)
def read_webhook(request: Request, ctx: Ctx, caller: Manager, webhook_id: SmallId) -> Response:
    """One webhook and how it is doing."""
    with ctx.store.read() as session:
        found = service.find(session, webhook_id, caller.identity.region)
    audited(ctx, caller, AuditAction.WEBHOOKS_READ, f"webhook/{webhook_id}")
    return json_reply(request, shape.webhook(found))


@routes.delete("/webhooks/{webhook_id}", status_code=204, responses=problems(404), dependencies=_PLAIN)
def remove_webhook(ctx: Ctx, caller: Manager, webhook_id: SmallId) -> Response:
    """Takes it away; what waits for it is dropped."""
    remove_audited(ctx, caller, webhook_id)
    return Response(status_code=204)


@routes.post(
    "/webhooks/{webhook_id}/pause", response_model=schemas.WebhookOut, responses=problems(404), dependencies=_PLAIN
)
def pause_webhook(request: Request, ctx: Ctx, caller: Manager, webhook_id: SmallId) -> Response:
    """Tells it nothing any more; what waits for it is dropped."""
    return json_reply(request, shape.webhook(switch_audited(ctx, caller, webhook_id, on=False)))


@routes.post(
    "/webhooks/{webhook_id}/resume", response_model=schemas.WebhookOut, responses=problems(404), dependencies=_PLAIN
)
def resume_webhook(request: Request, ctx: Ctx, caller: Manager, webhook_id: SmallId) -> Response:
    """Tells it again, of what happens from now on."""
    return json_reply(request, shape.webhook(switch_audited(ctx, caller, webhook_id, on=True)))


@routes.post(
    "/webhooks/{webhook_id}/secret",
    response_model=schemas.IssuedWebhookOut,
    responses=problems(404),
    dependencies=_PLAIN,
)
def renew_secret(request: Request, ctx: Ctx, caller: Manager, webhook_id: SmallId) -> Response:
    """A new secret, in the answer and nowhere else; the old one signs nothing from now on."""
    return json_reply(request, shape.issued_webhook(renew_audited(ctx, caller, webhook_id)))


@routes.post(
    "/webhooks/{webhook_id}/test",
    response_model=schemas.PutOut,
    status_code=202,
    responses=problems(404, 409),
    dependencies=_PLAIN,
)
def test_webhook(request: Request, ctx: Ctx, caller: Manager, webhook_id: SmallId) -> Response:
    """Sends a signed message without any content."""
    return json_reply(request, schemas.PutOut(delivery_id=test_audited(ctx, caller, webhook_id)), status=202)


@routes.get(
    "/webhooks/{webhook_id}/deliveries",
    response_model=schemas.Page[schemas.WebhookDeliveryOut],
    responses={**READ, **problems(404)},
)
def list_deliveries(request: Request, ctx: Ctx, caller: Manager, webhook_id: SmallId, params: PageQuery) -> Response:
    """Messages to a webhook, the newest first, each with its tries."""
    before = read_id_cursor(params.cursor)
    with ctx.store.read() as session:
        found = service.deliveries(
            session, webhook_id, within=caller.identity.region, before_id=before, limit=params.limit + 1
        )
    page = found[: params.limit]
    audited(ctx, caller, AuditAction.WEBHOOKS_READ, f"webhook/{webhook_id}", {"deliveries": len(page)})
    more = id_cursor(page[-1].id) if len(found) > params.limit else None
    data = [shape.webhook_delivery(view) for view in page]
    return json_reply(request, schemas.Page[schemas.WebhookDeliveryOut](data=data, next=more))


@routes.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/again",
    response_model=schemas.PutOut,
    status_code=202,
    responses=problems(404, 409),
    dependencies=_PLAIN,
)
def redeliver(request: Request, ctx: Ctx, caller: Manager, webhook_id: SmallId, delivery_id: Id) -> Response:
    """Sends what ended once more, under the id by which the receiver knows it, if it may leave as things stand now."""
    put = redeliver_audited(ctx, caller, webhook_id, delivery_id)
    return json_reply(request, schemas.PutOut(delivery_id=put), status=202)


def add_audited(ctx: Context, caller: Caller, new: schemas.NewWebhookIn) -> Issued:
    """The webhook and its line in the audit log, both or none. Raises as `service.add` does."""
    now = ctx.clock()
    told_of = Filter(new.region or None, new.label or None, new.min_level, new.state or None)
    asked = NewWebhook(new.title, new.url, told_of, new.internal, new.internal_reason)
    with ctx.store.write() as session:
        issued = service.add(
            session,
            asked,
            installation=ctx.settings.secret_key,
            actor=caller.name,
            now=now,
            within=caller.identity.region,
        )
        made = issued.webhook
        detail: dict[str, Scalar | list[str] | list[int]] = {
            "change": "add",
            "host": made.url.split("/")[2],
            "region": made.told_of.region,
            "label": made.told_of.label,
            "min_level": made.told_of.min_level,
            "state": made.told_of.state,
            "internal": made.internal,
        }
        noted(session, ctx, caller, AuditAction.WEBHOOK_CHANGED, f"webhook/{made.id}", detail, now=now)
    return issued


def switch_audited(ctx: Context, caller: Caller, webhook_id: int, *, on: bool) -> Webhook:
    now, within = ctx.clock(), caller.identity.region
    work = service.resume if on else service.pause
    with ctx.store.write() as session:
        found = work(session, webhook_id, now=now, within=within)
        detail = {"change": "resume" if on else "pause"}
        noted(session, ctx, caller, AuditAction.WEBHOOK_CHANGED, f"webhook/{webhook_id}", detail, now=now)
    return found


def renew_audited(ctx: Context, caller: Caller, webhook_id: int) -> Issued:
    now = ctx.clock()
    with ctx.store.write() as session:
        issued = service.renew_secret(
            session, webhook_id, installation=ctx.settings.secret_key, within=caller.identity.region
        )
        noted(session, ctx, caller, AuditAction.WEBHOOK_CHANGED, f"webhook/{webhook_id}", {"change": "secret"}, now=now)
    return issued


def remove_audited(ctx: Context, caller: Caller, webhook_id: int) -> None:
    now = ctx.clock()
    with ctx.store.write() as session:
        service.remove(session, webhook_id, now=now, within=caller.identity.region)
        noted(session, ctx, caller, AuditAction.WEBHOOK_CHANGED, f"webhook/{webhook_id}", {"change": "remove"}, now=now)


def test_audited(ctx: Context, caller: Caller, webhook_id: int) -> int:
    now = ctx.clock()
    with ctx.store.write() as session:
        put = service.send_test(session, webhook_id, now=now, within=caller.identity.region)
        noted(session, ctx, caller, AuditAction.WEBHOOK_CHANGED, f"webhook/{webhook_id}", {"change": "test"}, now=now)
    return put


def redeliver_audited(ctx: Context, caller: Caller, webhook_id: int, delivery_id: int) -> int:
    now = ctx.clock()
    with ctx.store.write() as session:
        put = service.redeliver(session, webhook_id, delivery_id, now=now, within=caller.identity.region)
        detail: dict[str, Scalar | list[str] | list[int]] = {"change": "again", "delivery": delivery_id}
        noted(session, ctx, caller, AuditAction.WEBHOOK_CHANGED, f"webhook/{webhook_id}", detail, now=now)
    return put
