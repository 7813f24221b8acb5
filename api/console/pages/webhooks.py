"""The pages of webhooks."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas, shape
from api.auth import Caller, Needs, audited
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.regions import region_choices
from api.context import Context, Ctx
from api.v1 import webhooks as api
from api.v1.params import Id, SmallId
from waspada.access.types import Action
from waspada.alerts.types import AlertState
from waspada.audit import AuditAction
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.taxonomy import EVENT_LABELS, MAX_LEVEL
from waspada.webhooks import service
from waspada.webhooks.types import Issued

routes = APIRouter()
NAV = Nav("webhooks", "/webhooks", N_("Webhooks"), Action.MANAGE_WEBHOOKS, 80)
Manager = Annotated[Caller, Depends(Needs(Action.MANAGE_WEBHOOKS))]
Text = Annotated[str, Form(max_length=200)]

_UNFIT = N_(
    "The webhook cannot be set up so. It needs a title and a public https address; one of your own team also needs a "
    "reason."
)
_MANY = N_("There are too many webhooks already. Remove one that nobody needs.")
_NOT_NOW = N_("This is not possible now: the webhook is paused, the message still waits, or it may not leave any more.")
_SHOWN = 50


@routes.get("/webhooks")
def webhooks_page(request: Request, ctx: Ctx, caller: Manager) -> Response:
    return _list(request, ctx, caller)


@routes.post("/webhooks")
def add_webhook(
    request: Request,
    ctx: Ctx,
    caller: Manager,
    title: Annotated[str, Form(max_length=2 * service.MAX_TITLE_CHARACTERS)] = "",
    url: Annotated[str, Form(max_length=2 * service.MAX_URL_CHARACTERS)] = "",
    region: Annotated[str, Form(max_length=13)] = "",
    label: Annotated[str, Form(max_length=20)] = "",
    min_level: Annotated[int, Form(ge=0, le=MAX_LEVEL)] = 2,
    state: Annotated[AlertState | Literal[""], Form()] = "",
    internal: Annotated[bool, Form()] = False,
    internal_reason: Annotated[str, Form(max_length=2 * MAX_REASON_CHARACTERS)] = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    new = schemas.NewWebhookIn.model_construct(
        title=title,
        url=url.strip(),
        region=region or None,
        label=label or None,
        min_level=min_level,
        state=state or None,
        internal=internal,
        internal_reason=internal_reason,
    )
    try:
        issued = api.add_audited(ctx, caller, new)
    except (InputError, NotFoundError):
        return _list(request, ctx, caller, status=422, error=_UNFIT, form=new)
    except ConflictError:
        return _list(request, ctx, caller, status=409, error=_MANY, form=new)
    return _one(request, ctx, caller, issued.webhook.id, issued=issued)


@routes.get("/webhooks/{webhook_id}")
def webhook_page(request: Request, ctx: Ctx, caller: Manager, webhook_id: SmallId) -> Response:
    return _one(request, ctx, caller, webhook_id)


@routes.post("/webhooks/{webhook_id}/pause")
def pause(ctx: Ctx, caller: Manager, webhook_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    api.switch_audited(ctx, caller, webhook_id, on=False)
    return _back(webhook_id)


@routes.post("/webhooks/{webhook_id}/resume")
def resume(ctx: Ctx, caller: Manager, webhook_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    api.switch_audited(ctx, caller, webhook_id, on=True)
    return _back(webhook_id)


@routes.post("/webhooks/{webhook_id}/secret")
def renew(request: Request, ctx: Ctx, caller: Manager, webhook_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    return _one(request, ctx, caller, webhook_id, issued=api.renew_audited(ctx, caller, webhook_id))


@routes.post("/webhooks/{webhook_id}/remove")
def remove(ctx: Ctx, caller: Manager, webhook_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    api.remove_audited(ctx, caller, webhook_id)
    return RedirectResponse("/webhooks", 303)


@routes.post("/webhooks/{webhook_id}/test")
def send_test(request: Request, ctx: Ctx, caller: Manager, webhook_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    try:
        api.test_audited(ctx, caller, webhook_id)
    except ConflictError:
        return _one(request, ctx, caller, webhook_id, status=409, error=_NOT_NOW)
    return _back(webhook_id)


@routes.post("/webhooks/{webhook_id}/deliveries/{delivery_id}/again")
def redeliver(
    request: Request, ctx: Ctx, caller: Manager, webhook_id: SmallId, delivery_id: Id, csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        api.redeliver_audited(ctx, caller, webhook_id, delivery_id)
    except ConflictError:
        return _one(request, ctx, caller, webhook_id, status=409, error=_NOT_NOW)
    return _back(webhook_id)


def _back(webhook_id: int) -> Response:
    return RedirectResponse(f"/webhooks/{webhook_id}", 303)


def _list(
    request: Request,
    ctx: Context,
    caller: Caller,
    *,
    status: int = 200,
    error: str = "",
    form: schemas.NewWebhookIn | None = None,
) -> Response:
    within = caller.identity.region
    with ctx.store.read() as session:
        found = service.listed(session, within)
    audited(ctx, caller, AuditAction.WEBHOOKS_READ, "webhooks", {"found": len(found)})
    home = within or ctx.settings.region
    choices = [one for one in region_choices(home, home) if within is None or one.code.startswith(within)]
    return render.page(
        request,
        ctx,
        "webhooks.html",
        caller,
        status=status,
        webhooks=[shape.webhook(one) for one in found],
        form=form,
        error=error,
        regions=choices,
        bound=within is not None,
        labels=[label.value for label in EVENT_LABELS],
        levels=range(MAX_LEVEL + 1),
        states=[state.value for state in AlertState],
        max_title=service.MAX_TITLE_CHARACTERS,
        max_url=service.MAX_URL_CHARACTERS,
        max_reason=MAX_REASON_CHARACTERS,
    )


def _one(
    request: Request,
    ctx: Context,
    caller: Caller,
    webhook_id: int,
    *,
    status: int = 200,
    error: str = "",
    issued: Issued | None = None,
) -> Response:
    within = caller.identity.region
    with ctx.store.read() as session:
        found = service.find(session, webhook_id, within)
        sent = service.deliveries(session, webhook_id, within=within, limit=_SHOWN)
    audited(ctx, caller, AuditAction.WEBHOOKS_READ, f"webhook/{webhook_id}", {"deliveries": len(sent)})
    response = render.page(
        request,
        ctx,
        "webhook.html",
        caller,
        status=status,
        one=shape.webhook(found),
        deliveries=[shape.webhook_delivery(view) for view in sent],
        secret=issued.secret if issued else "",
        error=error,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
