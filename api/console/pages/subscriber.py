"""The pages of somebody who gets digests, behind signed links and without signing in: confirm, change, leave.

Opening one does nothing: programs that look at the links of a mail open them, too. A mail program leaves by one POST to
the same address (RFC 8058). The signed word is the secret that another site cannot know, as the token of a form is
elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import shape
from api.auth import address_of
from api.console import render
from api.console.i18n import N_
from api.console.regions import region_choices
from api.console.subscription_form import EMPTY, Filled, choices, filled
from api.context import Context, Ctx
from api.door import guard_holds, guard_nonce, put_guard
from waspada.access.throttle import by_address
from waspada.access.types import TooManyTriesError
from waspada.audit import AuditAction
from waspada.digests.rendering import rendered
from waspada.digests.service import Maker
from waspada.digests.types import Personal, Rendered
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.notify.messages import Channel
from waspada.store.tables import SubscriptionRow
from waspada.subscriptions import policy, repository, service
from waspada.subscriptions.links import CONFIRM_PATH, MANAGE_PATH, UNSUBSCRIBE_PATH, LinkKind
from waspada.subscriptions.sealing import AddressBook
from waspada.subscriptions.types import SUBSCRIBER, EndReason, NewSubscription, Subscription

routes = APIRouter()
Word = Annotated[str, Path(max_length=100)]
Form_ = Annotated[Filled, Depends(filled)]
Text = Annotated[str, Form(max_length=200)]
Address = Annotated[str, Form(max_length=300)]
SUBSCRIBE_PATH = "/subscribe"
#: After these the link by which they were taken is good no more. What the page says then.
_LAST_STEPS = {"address": "asked", "revoked": "revoked", "ended": "ended"}

_UNFIT = N_("This cannot be saved so. Check the address, the region, the day and an hour outside the quiet hours.")
_NOT_NOW = N_("Not possible now. Perhaps it was asked for a moment ago: try again in an hour.")
_SLOW = N_("Too many at once from this address. Wait a little, then try again.")
_STALE = N_("This form was open for too long. Try again.")


@routes.get(CONFIRM_PATH + "/{word}")
def confirm_page(request: Request, ctx: Ctx, word: Word) -> Response:
    return _opened(request, ctx, LinkKind.CONFIRM, word, "subscriber_confirm.html", is_done=False)


@routes.post(CONFIRM_PATH + "/{word}")
def confirm(request: Request, ctx: Ctx, word: Word) -> Response:
    def work(session: Session, row: SubscriptionRow) -> str:
        return "confirmed" if service.confirm(session, row, now=ctx.clock()) else ""

    try:
        found = ctx.store.retrying(partial(_acted, ctx=ctx, kind=LinkKind.CONFIRM, word=word, work=work))
    except (NotFoundError, ConflictError):
        return _no_link(request, ctx)
    return _page(request, ctx, "subscriber_confirm.html", found, is_done=True)


@routes.get(UNSUBSCRIBE_PATH + "/{word}")
def unsubscribe_page(request: Request, ctx: Ctx, word: Word) -> Response:
    return _opened(request, ctx, LinkKind.UNSUBSCRIBE, word, "subscriber_leave.html", is_done=False)


@routes.post(UNSUBSCRIBE_PATH + "/{word}")
def unsubscribe(request: Request, ctx: Ctx, word: Word) -> Response:
    """By the button of the page, or by a mail program (`List-Unsubscribe=One-Click`): no cookie, no form token."""

    def work(session: Session, row: SubscriptionRow) -> str:
        return "ended" if service.end(session, row, EndReason.UNSUBSCRIBED, now=ctx.clock()) else ""

    try:
        found = ctx.store.retrying(partial(_acted, ctx=ctx, kind=LinkKind.UNSUBSCRIBE, word=word, work=work))
    except NotFoundError:
        return _no_link(request, ctx)
    return _page(request, ctx, "subscriber_leave.html", found, is_done=True)


@routes.get(MANAGE_PATH + "/{word}")
def manage_page(request: Request, ctx: Ctx, word: Word) -> Response:
    try:
        with ctx.store.read() as session:
            row = service.open_link(session, ctx.settings, LinkKind.MANAGE, word, ctx.clock())
            found = repository.as_subscription(row, AddressBook(ctx.settings.secret_key))
    except NotFoundError:
        return _no_link(request, ctx)
    return _manage(request, ctx, found)


@routes.post(MANAGE_PATH + "/{word}")
def manage(
    request: Request,
    ctx: Ctx,
    word: Word,
    form: Form_,
    step: Annotated[str, Form(max_length=10)] = "",
    until: Text = "",
    address: Address = "",
) -> Response:
    """One step: preview, change, pause, resume, address, revoked, ended."""
    try:
        with ctx.store.read() as session:
            row = service.open_link(session, ctx.settings, LinkKind.MANAGE, word, ctx.clock())
            found = repository.as_subscription(row, AddressBook(ctx.settings.secret_key))
    except NotFoundError:
        return _no_link(request, ctx)
    try:
        if step == "preview":
            _slow_down(request, ctx, "preview")
            return _manage(request, ctx, found, form=form, preview=_preview(ctx, form, found.id))
        work = _step_of(ctx, step, form, until, address)
        found = ctx.store.retrying(partial(_acted, ctx=ctx, kind=LinkKind.MANAGE, word=word, work=work))
    except TooManyTriesError:
        return _manage(request, ctx, found, form=form, status=429, error=_SLOW)
    except (InputError, ConflictError, NotFoundError) as error:
        status, text = (422, _UNFIT) if isinstance(error, InputError) else (409, _NOT_NOW)
        return _manage(request, ctx, found, form=form if status == 422 else None, status=status, error=text)
    if step in _LAST_STEPS:
        return _page(request, ctx, "subscriber_done.html", found, done=_LAST_STEPS[step])
    return _manage(request, ctx, found, done=step)


@routes.get(SUBSCRIBE_PATH)
def subscribe_page(request: Request, ctx: Ctx) -> Response:
    """Only where the operator lets strangers in (`WASPADA_SELF_SERVICE`)."""
    _check_open(ctx)
    return _stranger(request, ctx)


@routes.post(SUBSCRIBE_PATH)
def subscribe(
    request: Request,
    ctx: Ctx,
    form: Form_,
    address: Address = "",
    csrf: Text = "",
) -> Response:
    """What it answers is the same whether the address is known or not. Strangers are shown no digest: what stands in
    one may not be verified yet, and who reads it confirmed an address first."""
    _check_open(ctx)
    if not guard_holds(request, ctx, csrf):
        return _stranger(request, ctx, form=form, status=403, error=_STALE)
    try:
        _slow_down(request, ctx, "subscribe")
        new = NewSubscription(Channel.MAIL, address, form.topic, form.rhythm)
        ctx.store.retrying(partial(_asked, ctx=ctx, new=new))
    except TooManyTriesError:
        return _stranger(request, ctx, form=form, address=address, status=429, error=_SLOW)
    except (InputError, NotFoundError):
        return _stranger(request, ctx, form=form, address=address, status=422, error=_UNFIT)
    except ConflictError:
        return _stranger(request, ctx, form=form, address=address, status=409, error=_NOT_NOW)
    return _stranger(request, ctx, is_done=True)


def _asked(session: Session, ctx: Context, new: NewSubscription) -> None:
    made = service.ask_strangers(session, new, ctx.settings, now=ctx.clock())
    if made is not None:
        _note(ctx, session, made.id, "asked")


def _acted(
    session: Session, ctx: Context, kind: LinkKind, word: str, work: Callable[[Session, SubscriptionRow], str]
) -> Subscription:
    """What the link does and its line in the audit log, both or none. Raises NotFoundError and what `work` raises."""
    row = service.open_link(session, ctx.settings, kind, word, ctx.clock(), lock=True)
    step = work(session, row)
    if step:
        _note(ctx, session, row.id, step)
    return repository.as_subscription(row, AddressBook(ctx.settings.secret_key))


def _step_of(
    ctx: Context, step: str, form: Filled, until: str, address: str
) -> Callable[[Session, SubscriptionRow], str]:
    """Raises InputError for a step that is none."""

    def change(session: Session, row: SubscriptionRow) -> None:
        service.change(session, row, form.topic, form.rhythm, now=ctx.clock())

    def pause(session: Session, row: SubscriptionRow) -> None:
        service.pause(session, row, service.pause_end(until, row.zone), now=ctx.clock())

    def resume(session: Session, row: SubscriptionRow) -> None:
        service.resume(session, row, now=ctx.clock())

    def change_address(session: Session, row: SubscriptionRow) -> None:
        if row.channel != Channel.MAIL:
            raise InputError("Only a mail address is changed here.", hint="A manager changes other channels.")
        service.change_address(session, row, ctx.settings, Channel.MAIL, address, now=ctx.clock())

    def revoke(session: Session, row: SubscriptionRow) -> None:
        service.revoke_links(session, row)

    def end(session: Session, row: SubscriptionRow) -> None:
        service.end(session, row, EndReason.UNSUBSCRIBED, now=ctx.clock())

    steps: dict[str, Callable[[Session, SubscriptionRow], None]] = {
        "changed": change,
        "paused": pause,
        "resumed": resume,
        "address": change_address,
        "revoked": revoke,
        "ended": end,
    }
    if step not in steps:
        raise InputError("There is no such step.", hint="Use the buttons of the page.")

    def work(session: Session, row: SubscriptionRow) -> str:
        steps[step](session, row)
        return step

    return work


def _slow_down(request: Request, ctx: Context, what: str) -> None:
    """Counts what somebody does without signing in, by where they come from. Raises TooManyTriesError."""
    ctx.throttle.enter([replace(by_address(address_of(request)), kind=what)], ctx.clock())


def _preview(ctx: Context, form: Filled, subscription_id: int) -> Rendered:
    """The digest of this moment for a filter, with its line in the audit log. Raises InputError."""
    wanted = policy.wanted(policy.checked_topic(form.topic), policy.checked_rhythm(form.rhythm))
    with ctx.store.read() as session:
        made = Maker(session, ctx.clock(), ctx.settings).make(wanted)
    ctx.store.retrying(partial(_note_preview, ctx=ctx, region=wanted.region, subscription_id=subscription_id))
    return rendered(made.content, Personal(base_url=ctx.settings.link("/").rstrip("/")))


def _note_preview(session: Session, ctx: Context, region: str, subscription_id: int) -> None:
    ctx.audit.append(
        session,
        actor=SUBSCRIBER,
        action=AuditAction.DIGEST_MADE,
        object=f"region/{region}",
        detail={"how": "preview", "subscription": subscription_id, "by": "link"},
        now=ctx.clock(),
    )


def _note(ctx: Context, session: Session, subscription_id: int, step: str) -> None:
    ctx.audit.append(
        session,
        actor=SUBSCRIBER,
        action=AuditAction.SUBSCRIPTION_CHANGED,
        object=f"subscription/{subscription_id}",
        detail={"step": step, "by": "link"},
        now=ctx.clock(),
    )


def _check_open(ctx: Context) -> None:
    if not ctx.settings.self_service:
        raise NotFoundError("There is no such page here.", hint="Ask whoever runs this desk to add you.")


def _opened(request: Request, ctx: Context, kind: LinkKind, word: str, template: str, *, is_done: bool) -> Response:
    try:
        with ctx.store.read() as session:
            row = service.open_link(session, ctx.settings, kind, word, ctx.clock())
            found = repository.as_subscription(row, AddressBook(ctx.settings.secret_key))
    except NotFoundError:
        return _no_link(request, ctx)
    return _page(request, ctx, template, found, is_done=is_done)


def _no_link(request: Request, ctx: Context) -> Response:
    return render.page(request, ctx, "subscriber_done.html", None, status=404, one=None, done="")


def _page(request: Request, ctx: Context, template: str, found: Subscription, **values: Any) -> Response:
    return render.page(request, ctx, template, None, one=shape.subscription(found, ctx.clock()), **values)


def _manage(
    request: Request,
    ctx: Context,
    found: Subscription,
    *,
    status: int = 200,
    error: str = "",
    done: str = "",
    form: Filled | None = None,
    preview: Rendered | None = None,
) -> Response:
    with ctx.store.read() as session:
        sends = service.sends_of(session, found.id)
    region = found.topic.region
    return render.page(
        request,
        ctx,
        "subscriber.html",
        None,
        status=status,
        one=shape.subscription(found, ctx.clock()),
        sends=[shape.send(one) for one in sends],
        form=form or Filled(found.topic, found.rhythm),
        regions=region_choices(ctx.settings.region, region),
        home=region,
        done=done,
        error=error,
        preview=preview,
        **choices(),
    )


def _stranger(
    request: Request,
    ctx: Context,
    *,
    status: int = 200,
    error: str = "",
    form: Filled | None = None,
    address: str = "",
    is_done: bool = False,
) -> Response:
    nonce, home = guard_nonce(request), ctx.settings.region
    response = render.page(
        request,
        ctx,
        "subscribe.html",
        None,
        status=status,
        guard=ctx.signer.form_token(nonce),
        form=form or EMPTY,
        regions=region_choices(home, (form.topic.region if form else "") or home),
        home=home,
        address=address,
        is_done=is_done,
        error=error,
        **choices(),
    )
    put_guard(request, response, nonce)
    return response
