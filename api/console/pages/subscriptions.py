"""The pages of subscriptions: who gets digests, what each was sent; for whoever manages them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from api import shape
from api.auth import Caller, Needs, noted
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.regions import region_choices
from api.console.subscription_form import EMPTY, Filled, choices, filled
from api.context import Context, Ctx
from api.paging import read_id_cursor
from api.schemas.common import REGION_PATTERN
from api.v1 import subscriptions as api
from api.v1.params import SmallId
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.digests.types import Rendered
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.notify.messages import Channel
from waspada.notify.senders import telegram
from waspada.subscriptions import importing
from waspada.subscriptions.repository import row_of
from waspada.subscriptions.sealing import AddressBook
from waspada.subscriptions.types import (
    CHANNELS,
    Imported,
    NewSubscription,
    SubscriptionFilter,
    SubscriptionState,
)

routes = APIRouter()
NAV = Nav("subscriptions", "/subscriptions", N_("Subscriptions"), Action.READ_SUBSCRIPTIONS, 56)
Reader = Annotated[Caller, Depends(Needs(Action.READ_SUBSCRIPTIONS))]
Manager = Annotated[Caller, Depends(Needs(Action.MANAGE_SUBSCRIPTIONS))]
Form_ = Annotated[Filled, Depends(filled)]
Text = Annotated[str, Form(max_length=200)]
Address = Annotated[str, Form(max_length=300)]

_UNFIT = N_(
    "This subscription cannot be saved so. Check the address, the region, the day and an hour outside the quiet hours. "
    "Police and intelligence get none without a permission."
)
_TWICE = N_(
    "Not possible now: the address has the same digest already, has too many, or was asked within the last hour."
)
_NO_LIST = N_("This list cannot be read. Its first line names the columns; address and region are needed.")
_NO_CHAT = N_("The word was not found among the bot's messages of the last day. Have it sent, then look again.")
_SHOWN = 50


@routes.get("/subscriptions")
def subscriptions_page(
    request: Request,
    ctx: Ctx,
    caller: Reader,
    region: Annotated[str, Query(max_length=13, pattern=f"^$|{REGION_PATTERN}")] = "",
    state: Annotated[str, Query(max_length=10)] = "",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    return _list(request, ctx, caller, region=region, state=state, cursor=cursor)


@routes.post("/subscriptions")
def add_subscription(
    request: Request,
    ctx: Ctx,
    caller: Manager,
    form: Form_,
    channel: Annotated[Channel, Form()] = Channel.MAIL,
    address: Address = "",
    step: Annotated[str, Form(max_length=10)] = "add",
    csrf: Text = "",
) -> Response:
    """Adds, or (`step` preview) shows the digest of this moment for the same form first."""
    check_form(ctx, caller, csrf)
    given = (channel, address)
    try:
        if step == "preview":
            shown = api.preview_audited(ctx, caller, form.topic, form.rhythm)
            return _list(request, ctx, caller, form=form, given=given, preview=shown)
        made = api.add_audited(ctx, caller, NewSubscription(channel, address, form.topic, form.rhythm))
    except (InputError, NotFoundError):
        return _list(request, ctx, caller, status=422, error=_UNFIT, form=form, given=given)
    except ConflictError:
        return _list(request, ctx, caller, status=409, error=_TWICE, form=form, given=given)
    return RedirectResponse(f"/subscriptions/{made.id}", 303)


@routes.post("/subscriptions/import")
def import_list(
    request: Request,
    ctx: Ctx,
    caller: Manager,
    lines: Annotated[str, Form(max_length=importing.MAX_CHARACTERS)] = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    now = ctx.clock()
    try:
        with ctx.store.write() as session:
            done = importing.add_all(
                session, lines, ctx.settings, actor=caller.name, now=now, within=caller.identity.region
            )
            detail: Detail = {"step": "imported", "added": len(done.added), "left_out": len(done.left_out)}
            noted(session, ctx, caller, AuditAction.SUBSCRIPTION_CHANGED, "subscriptions", detail, now=now)
    except InputError:
        return _list(request, ctx, caller, status=422, error=_NO_LIST)
    return _list(request, ctx, caller, imported=done)


@routes.get("/subscriptions/{subscription_id}")
def subscription_page(request: Request, ctx: Ctx, caller: Reader, subscription_id: SmallId) -> Response:
    return _one(request, ctx, caller, subscription_id)


@routes.post("/subscriptions/{subscription_id}")
def change_subscription(
    request: Request,
    ctx: Ctx,
    caller: Manager,
    subscription_id: SmallId,
    form: Form_,
    step: Annotated[str, Form(max_length=10)] = "change",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    if step != "preview":
        return _done(
            request,
            ctx,
            caller,
            subscription_id,
            lambda: api.change_audited(ctx, caller, subscription_id, form.topic, form.rhythm),
        )
    try:
        shown = api.preview_audited(ctx, caller, form.topic, form.rhythm)
    except (InputError, NotFoundError):
        return _one(request, ctx, caller, subscription_id, status=422, error=_UNFIT)
    return _one(request, ctx, caller, subscription_id, form=form, preview=shown)


@routes.post("/subscriptions/{subscription_id}/address")
def change_address(
    request: Request,
    ctx: Ctx,
    caller: Manager,
    subscription_id: SmallId,
    channel: Annotated[Channel, Form()] = Channel.MAIL,
    address: Address = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    return _done(
        request,
        ctx,
        caller,
        subscription_id,
        lambda: api.address_audited(ctx, caller, subscription_id, channel, address),
    )


@routes.post("/subscriptions/{subscription_id}/pause")
def pause(
    request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId, until: Text = "", csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    return _done(request, ctx, caller, subscription_id, lambda: api.pause_audited(ctx, caller, subscription_id, until))


@routes.post("/subscriptions/{subscription_id}/resume")
def resume(request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    return _done(request, ctx, caller, subscription_id, lambda: api.resume_audited(ctx, caller, subscription_id))


@routes.post("/subscriptions/{subscription_id}/end")
def end(request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    return _done(request, ctx, caller, subscription_id, lambda: api.end_audited(ctx, caller, subscription_id))


@routes.post("/subscriptions/{subscription_id}/opt-in")
def ask_again(request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    return _done(request, ctx, caller, subscription_id, lambda: api.ask_audited(ctx, caller, subscription_id))


@routes.post("/subscriptions/{subscription_id}/chat")
def find_chat(request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId, csrf: Text = "") -> Response:
    """Looks among the bot's messages for the word of this subscription, and for nothing else."""
    check_form(ctx, caller, csrf)
    with ctx.store.read() as session:
        row = row_of(session, subscription_id, within=caller.identity.region)
        word = AddressBook(ctx.settings.secret_key).start_word(row)
    try:
        chat = telegram.find_chat(ctx.settings, word) if telegram.is_set_up(ctx.settings) else None
    except InputError:
        chat = None
    if chat is None:
        return _one(request, ctx, caller, subscription_id, status=409, error=_NO_CHAT)
    return _done(request, ctx, caller, subscription_id, lambda: api.chat_audited(ctx, caller, subscription_id, chat))


@routes.post("/subscriptions/{subscription_id}/deliveries/{delivery_id}/again")
def send_again(
    request: Request, ctx: Ctx, caller: Manager, subscription_id: SmallId, delivery_id: SmallId, csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    return _done(request, ctx, caller, subscription_id, lambda: api.again_audited(ctx, caller, delivery_id))


def _done(request: Request, ctx: Context, caller: Caller, subscription_id: int, work: Callable[[], object]) -> Response:
    try:
        work()
    except InputError:
        return _one(request, ctx, caller, subscription_id, status=422, error=_UNFIT)
    except ConflictError:
        return _one(request, ctx, caller, subscription_id, status=409, error=_TWICE)
    return RedirectResponse(f"/subscriptions/{subscription_id}", 303)


def _list(
    request: Request,
    ctx: Context,
    caller: Caller,
    *,
    status: int = 200,
    error: str = "",
    region: str = "",
    state: str = "",
    cursor: str | None = None,
    form: Filled | None = None,
    given: tuple[Channel, str] = (Channel.MAIL, ""),
    preview: Rendered | None = None,
    imported: Imported | None = None,
) -> Response:
    chosen = SubscriptionState(state) if state in list(SubscriptionState) else None
    asked = SubscriptionFilter(region or None, chosen, None, caller.identity.region)
    found, more = api.list_audited(ctx, caller, asked, read_id_cursor(cursor), _SHOWN)
    now, home = ctx.clock(), caller.identity.region or ctx.settings.region
    return render.page(
        request,
        ctx,
        "subscriptions.html",
        caller,
        status=status,
        subscriptions=[shape.subscription(one, now) for one in found],
        more=more,
        region=region,
        state=chosen,
        states=list(SubscriptionState),
        may_manage=may(caller.identity, Action.MANAGE_SUBSCRIPTIONS),
        channels=CHANNELS,
        regions=_regions(home, (form.topic.region if form else "") or region or home, caller.identity.region),
        home=home,
        form=form or EMPTY,
        is_filled=form is not None or bool(error),
        given_channel=given[0],
        given_address=given[1],
        preview=preview,
        imported=imported,
        columns=importing.COLUMNS,
        error=error,
        **choices(),
    )


def _one(
    request: Request,
    ctx: Context,
    caller: Caller,
    subscription_id: int,
    *,
    status: int = 200,
    error: str = "",
    form: Filled | None = None,
    preview: Rendered | None = None,
) -> Response:
    found, sends = api.read_audited(ctx, caller, subscription_id)
    with ctx.store.read() as session:
        word = AddressBook(ctx.settings.secret_key).start_word(row_of(session, subscription_id))
    home = caller.identity.region or ctx.settings.region
    return render.page(
        request,
        ctx,
        "subscription.html",
        caller,
        status=status,
        one=shape.subscription(found, ctx.clock()),
        sends=[shape.send(one) for one in sends],
        may_manage=may(caller.identity, Action.MANAGE_SUBSCRIPTIONS),
        channels=CHANNELS,
        regions=_regions(home, found.topic.region, caller.identity.region),
        home=found.topic.region,
        form=form or Filled(found.topic, found.rhythm),
        word=word,
        preview=preview,
        error=error,
        **choices(),
    )


def _regions(home: str, chosen: str, within: str | None) -> list[object]:
    return [one for one in region_choices(home, chosen) if within is None or one.code.startswith(within)]
