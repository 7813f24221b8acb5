"""What one signs in with, changed by oneself: the password, the codes of the phone, the recovery codes.

Each step asks for the password once more: whoever finds a console open must not be able to keep the account.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api.auth import Caller, Needs, noted
from api.console import render, words
from api.console.forms import check_form
from api.console.pages.account import page
from api.console.qr import picture
from api.context import Context, Ctx
from api.door import knocking
from waspada.access import totp
from waspada.access.credentials import (
    WeakPasswordError,
    WrongCodeError,
    WrongPasswordError,
    must_have_totp,
    new_hash,
    standing,
)
from waspada.access.throttle import Target
from waspada.access.types import Action, TooManyTriesError
from waspada.audit import AuditAction
from waspada.errors import ConflictError

routes = APIRouter()
LoginOwner = Annotated[Caller, Depends(Needs(Action.MANAGE_OWN_LOGIN))]
Text = Annotated[str, Form(max_length=500)]


@routes.post("/account/password")
def change_password(
    request: Request,
    ctx: Ctx,
    caller: LoginOwner,
    old: Text = "",
    password: Text = "",
    again: Text = "",
    csrf: Text = "",
) -> Response:
    """Another password; every other session of the account ends. A first one comes by a link of an admin."""
    check_form(ctx, caller, csrf)
    if password != again:
        return page(request, ctx, caller, status=422, error=words.DOOR["differ"])
    try:
        _ask_again(request, ctx, caller, old)
        hashed = new_hash(password, caller.name)
    except WeakPasswordError as error:
        return page(request, ctx, caller, status=422, error=words.FLAWS[error.flaw])
    except (WrongPasswordError, TooManyTriesError) as error:
        return _not_taken(request, ctx, caller, error)
    now, me = ctx.clock(), caller.identity
    with ctx.store.write() as session:
        ctx.credentials.set_password(session, me.user_id, hashed, now, keep=me.token_id)
        noted(session, ctx, caller, AuditAction.LOGIN_CHANGED, f"user/{me.name}", {"what": "password"}, now=now)
    return RedirectResponse("/account?done=password", 303)


@routes.post("/account/totp")
def begin_totp(request: Request, ctx: Ctx, caller: LoginOwner, old: Text = "", csrf: Text = "") -> Response:
    """Begins an enrolment, also of another phone: until its first code, what was there holds."""
    check_form(ctx, caller, csrf)
    try:
        _ask_again(request, ctx, caller, old)
    except (WrongPasswordError, TooManyTriesError) as error:
        return _not_taken(request, ctx, caller, error)
    with ctx.store.write() as session:
        ctx.credentials.begin_totp(session, caller.identity.user_id, ctx.clock())
    return RedirectResponse("/account/totp", 303)


@routes.get("/account/totp")
def totp_page(request: Request, ctx: Ctx, caller: LoginOwner) -> Response:
    return _totp_page(request, ctx, caller)


@routes.get("/account/totp.svg")
def totp_picture(ctx: Ctx, caller: LoginOwner) -> Response:
    with ctx.store.read() as session:
        secret = ctx.credentials.pending_totp(session, caller.identity.user_id, ctx.clock())
    if secret is None:
        return RedirectResponse("/account", 303)
    return picture(totp.app_address(secret, caller.name))


@routes.post("/account/totp/confirm")
def confirm_totp(request: Request, ctx: Ctx, caller: LoginOwner, code: Text = "", csrf: Text = "") -> Response:
    """The first code ends the enrolment; the recovery codes are on this one page."""
    check_form(ctx, caller, csrf)
    now, me, targets = ctx.clock(), caller.identity, _code_targets(request, ctx, caller)
    try:
        ctx.throttle.enter(targets, now)
        with ctx.store.write() as session:
            codes = ctx.credentials.confirm_totp(session, me.user_id, code, now, keep=me.token_id)
            noted(session, ctx, caller, AuditAction.LOGIN_CHANGED, f"user/{me.name}", {"what": "totp"}, now=now)
    except ConflictError:
        return RedirectResponse("/account", 303)
    except WrongCodeError:
        return _totp_page(request, ctx, caller, error=words.DOOR["code"], status=422)
    except TooManyTriesError as error:
        return _not_taken(request, ctx, caller, error)
    ctx.throttle.passed(targets)
    return page(request, ctx, caller, codes=codes)


@routes.post("/account/totp/remove")
def remove_totp(
    request: Request, ctx: Ctx, caller: LoginOwner, old: Text = "", code: Text = "", csrf: Text = ""
) -> Response:
    """Takes the second factor away, with a code of it; not where the role needs one."""
    check_form(ctx, caller, csrf)
    me, now = caller.identity, ctx.clock()
    if must_have_totp(me.role, ctx.settings.totp_roles):
        return page(request, ctx, caller, status=409, error=words.ACCOUNT_PROBLEMS["required"])
    try:
        _ask_again(request, ctx, caller, old)
        targets = _code_targets(request, ctx, caller)
        ctx.throttle.enter(targets, now)
        with ctx.store.write() as session:
            ctx.credentials.use_code(session, me.user_id, code, now)
            ctx.credentials.remove_totp(session, me.user_id, now, keep=me.token_id)
            noted(session, ctx, caller, AuditAction.LOGIN_CHANGED, f"user/{me.name}", {"what": "totp off"}, now=now)
    except (WrongPasswordError, WrongCodeError, TooManyTriesError) as error:
        return _not_taken(request, ctx, caller, error)
    ctx.throttle.passed(targets)
    return RedirectResponse("/account?done=totp-off", 303)


@routes.post("/account/recovery")
def renew_codes(request: Request, ctx: Ctx, caller: LoginOwner, code: Text = "", csrf: Text = "") -> Response:
    """Ten new recovery codes, shown once; the old ones are good no more."""
    check_form(ctx, caller, csrf)
    me, now, targets = caller.identity, ctx.clock(), _code_targets(request, ctx, caller)
    try:
        ctx.throttle.enter(targets, now)
        with ctx.store.write() as session:
            codes = ctx.credentials.renew_recovery_codes(session, me.user_id, code, now)
            noted(session, ctx, caller, AuditAction.LOGIN_CHANGED, f"user/{me.name}", {"what": "recovery"}, now=now)
    except (WrongCodeError, TooManyTriesError) as error:
        return _not_taken(request, ctx, caller, error)
    ctx.throttle.passed(targets)
    return page(request, ctx, caller, codes=codes)


def _ask_again(request: Request, ctx: Context, caller: Caller, password: str) -> None:
    """The password once more; a wrong one counts as at the door. Raises WrongPasswordError and TooManyTriesError."""
    targets = knocking(request, ctx, name=caller.name)
    ctx.throttle.enter(targets, ctx.clock())
    known = ctx.credentials.check_password(ctx.store, caller.name, password, ctx.clock())
    if known is None:
        raise WrongPasswordError("The present password is not right.")
    ctx.throttle.passed(targets)


def _code_targets(request: Request, ctx: Context, caller: Caller) -> list[Target]:
    return knocking(request, ctx, user_id=caller.identity.user_id)


def _not_taken(request: Request, ctx: Context, caller: Caller, error: Exception) -> Response:
    match error:
        case TooManyTriesError():
            response = page(request, ctx, caller, status=429, error=words.DOOR["slow"])
            response.headers["Retry-After"] = str(error.wait_seconds)
            return response
        case WrongCodeError():
            return page(request, ctx, caller, status=422, error=words.DOOR["code"])
        case _:
            return page(request, ctx, caller, status=422, error=words.ACCOUNT_PROBLEMS["old"])


def _totp_page(request: Request, ctx: Context, caller: Caller, *, error: str = "", status: int = 200) -> Response:
    with ctx.store.read() as session:
        secret = ctx.credentials.pending_totp(session, caller.identity.user_id, ctx.clock())
        replaces = standing(session, caller.identity.user_id).has_totp
    if secret is None:
        return RedirectResponse("/account", 303)
    return render.page(request, ctx, "totp.html", caller, status=status, secret=secret, replaces=replaces, error=error)
