"""The page of what left, waits or failed; in development also what was written instead of being sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api import shape
from api.auth import Caller, Needs, audited
from api.console import render
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Ctx
from api.paging import read_id_cursor
from api.v1 import subscriptions as api
from api.v1.params import Id
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.notify.messages import Channel
from waspada.subscriptions import deliveries
from waspada.subscriptions.deliveries import DeliveryFilter
from waspada.subscriptions.types import SendState

routes = APIRouter()
NAV = Nav("deliveries", "/deliveries", N_("Deliveries"), Action.READ_DELIVERIES, 57)
Reader = Annotated[Caller, Depends(Needs(Action.READ_DELIVERIES))]
_SHOWN = 50
_STATES = (SendState.WAITING, SendState.SENT, SendState.UNCERTAIN, SendState.FAILED, SendState.DROPPED)


@routes.get("/deliveries")
def deliveries_page(
    request: Request,
    ctx: Ctx,
    caller: Reader,
    channel: Annotated[str, Query(max_length=10)] = "",
    state: Annotated[str, Query(max_length=10)] = "",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    by = channel if channel in list(Channel) else None
    chosen = SendState(state) if state in _STATES else None
    asked = DeliveryFilter(by, chosen, None, caller.identity.region)
    found, more = api.deliveries_audited(ctx, caller, asked, read_id_cursor(cursor), _SHOWN)
    return render.page(
        request,
        ctx,
        "deliveries.html",
        caller,
        deliveries=[shape.delivery(one) for one in found],
        more=more,
        channel=by,
        state=chosen,
        states=_STATES,
        channels=list(Channel),
        is_dry=ctx.settings.delivery == "files",
        may_subscriptions=may(caller.identity, Action.READ_SUBSCRIPTIONS),
    )


@routes.get("/deliveries/{delivery_id}")
def delivery_page(request: Request, ctx: Ctx, caller: Reader, delivery_id: Id) -> Response:
    """The words are shown in development only, to those who may write them."""
    with ctx.store.read() as session:
        found = deliveries.find(session, delivery_id, within=caller.identity.region)
    audited(ctx, caller, AuditAction.DELIVERIES_READ, f"delivery/{delivery_id}")
    may_manage = may(caller.identity, Action.MANAGE_SUBSCRIPTIONS)
    is_theirs = found.subscription_id is not None
    return render.page(
        request,
        ctx,
        "delivery.html",
        caller,
        one=shape.delivery(found),
        content=deliveries.preview(found, ctx.settings) if may_manage and is_theirs else None,
        may_subscriptions=may(caller.identity, Action.READ_SUBSCRIPTIONS),
    )
