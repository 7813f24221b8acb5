"""The page of one's own channels: where one is called, proved by a code, tried by a test message."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api.auth import Caller, Needs
from api.console import render
from api.console.bundles import ASSETS
from api.console.forms import check_form
from api.console.i18n import N_
from api.context import Context, Ctx
from api.v1 import contacts
from api.v1.params import SmallId
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.errors import ConflictError, InputError, WaspadaError
from waspada.notify.contacts import service
from waspada.notify.contacts.policy import CODE_LASTS, MAX_PUSH_CHARS
from waspada.notify.contacts.types import PERSONAL
from waspada.notify.messages import Channel
from waspada.notify.senders import channels_of, push, telegram

routes = APIRouter()
PAGE = "/account/contacts"
Anyone = Annotated[Caller, Depends(Needs(Action.READ_SELF))]
Owner = Annotated[Caller, Depends(Needs(Action.MANAGE_OWN_LOGIN))]
Text = Annotated[str, Form(max_length=200)]

_UNFIT = N_("This cannot be used. Check the address; an account has at most eight channels.")
_NOT_NOW = N_("This is not possible now: it is named already, or too much was sent in a short time.")
_NO_CODE = N_("No code is good for this channel now. Have another one sent.")
_WRONG_CODE = N_("This is not the code that was sent. Look at the newest message.")
_NO_WORD = N_("Your word was not found among the newest messages to the bot. Send it, then try again.")
_NO_TELEGRAM = N_("Telegram could not be asked. Try again in a moment.")
_SENT_SOON = N_("A code was sent a moment ago. Wait a minute.")
_NOT_CALLED = N_("This channel is not called, or too much was sent today.")
_WORKER: Path = ASSETS / "push" / "worker.js"


@routes.get("/push.js")
def push_worker() -> Response:
    """The script that shows push messages. It stands at the root, so that it is good for every page; it holds no data
    and is the same for everybody."""
    return Response(_WORKER.read_bytes(), headers={"Cache-Control": "no-cache"}, media_type="text/javascript")


@routes.get(PAGE)
def contacts_page(request: Request, ctx: Ctx, caller: Anyone) -> Response:
    return _page(request, ctx, caller)


@routes.post(PAGE)
def add_contact(
    request: Request,
    ctx: Ctx,
    caller: Owner,
    channel: Annotated[Channel, Form()],
    address: Annotated[str, Form(max_length=MAX_PUSH_CHARS)] = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    return _done(request, ctx, caller, lambda: contacts.add_audited(ctx, caller, channel, address), _NOT_NOW)


@routes.post(PAGE + "/telegram")
def find_telegram(request: Request, ctx: Ctx, caller: Owner, csrf: Text = "") -> Response:
    """Looks for the word that this account sent to the bot, and names the chat that it came from."""
    check_form(ctx, caller, csrf)
    if not telegram.is_set_up(ctx.settings):
        return _page(request, ctx, caller, status=422, error=_UNFIT)
    try:
        chat = telegram.find_chat(ctx.settings, telegram.word_of(ctx.settings, caller.identity.user_id))
    except InputError:
        return _page(request, ctx, caller, status=422, error=_NO_TELEGRAM)
    if chat is None:
        return _page(request, ctx, caller, status=409, error=_NO_WORD)
    named = partial(contacts.add_audited, ctx, caller, Channel.TELEGRAM, chat)
    return _done(request, ctx, caller, named, _NOT_NOW)


@routes.post(PAGE + "/{contact_id}/code")
def send_code(request: Request, ctx: Ctx, caller: Owner, contact_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    return _done(request, ctx, caller, lambda: contacts.code_audited(ctx, caller, contact_id), _SENT_SOON)


@routes.post(PAGE + "/{contact_id}/confirm")
def confirm(
    request: Request,
    ctx: Ctx,
    caller: Owner,
    contact_id: SmallId,
    code: Annotated[str, Form(max_length=20)] = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        contacts.confirm_audited(ctx, caller, contact_id, code)
    except InputError:
        return _page(request, ctx, caller, status=422, error=_WRONG_CODE)
    except ConflictError:
        return _page(request, ctx, caller, status=409, error=_NO_CODE)
    return RedirectResponse(PAGE, 303)


@routes.post(PAGE + "/{contact_id}/test")
def send_test(request: Request, ctx: Ctx, caller: Owner, contact_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    return _done(request, ctx, caller, lambda: contacts.test_audited(ctx, caller, contact_id), _NOT_CALLED)


@routes.post(PAGE + "/{contact_id}/first")
def put_first(ctx: Ctx, caller: Owner, contact_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    contacts.first_audited(ctx, caller, contact_id)
    return RedirectResponse(PAGE, 303)


@routes.post(PAGE + "/{contact_id}/remove")
def remove(ctx: Ctx, caller: Owner, contact_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    contacts.remove_audited(ctx, caller, contact_id)
    return RedirectResponse(PAGE, 303)


def _done(request: Request, ctx: Context, caller: Caller, work: Callable[[], object], refused: str) -> Response:
    """Runs a step; the page again, where it was refused."""
    try:
        work()
    except InputError:
        return _page(request, ctx, caller, status=422, error=_UNFIT)
    except ConflictError:
        return _page(request, ctx, caller, status=409, error=refused)
    return RedirectResponse(PAGE, 303)


def _page(request: Request, ctx: Context, caller: Caller, *, status: int = 200, error: str = "") -> Response:
    channels = channels_of(ctx.settings)
    with ctx.store.read() as session:
        found = service.contacts_of(session, caller.identity.user_id, contacts.sealer_of(ctx))
        sent = {one.id: service.sent_state(session, caller.identity.user_id, one.id) for one in found}
    return render.page(
        request,
        ctx,
        "contacts.html",
        caller,
        status=status,
        contacts=found,
        sent=sent,
        channels=[channel.value for channel in channels],
        missing=[channel.value for channel in PERSONAL if channel not in channels],
        telegram_word=telegram.word_of(ctx.settings, caller.identity.user_id),
        push_key=_push_key(ctx) if Channel.PUSH in channels else "",
        may_change=may(caller.identity, Action.MANAGE_OWN_LOGIN),
        is_called=may(caller.identity, Action.READ_ALERTS),
        code_seconds=CODE_LASTS.total_seconds(),
        error=error,
    )


def _push_key(ctx: Context) -> str:
    """ "" where the key cannot be read: the rest of the page is still of use, and `waspada doctor` says why."""
    try:
        return push.public_key(ctx.settings)
    except WaspadaError:
        return ""
