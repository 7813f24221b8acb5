"""Signing in and out of the console: a password or a token in, a session cookie out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api.auth import Caller, Needs, check_form_token, noted
from api.console import render, words
from api.context import Context, Ctx
from api.cookies import SESSION_COOKIE, drop_cookie
from api.door import (
    guard_holds,
    guard_nonce,
    knocking,
    know_device,
    local_path,
    open_browser,
    put_guard,
    put_step,
    turned_away,
)
from waspada.access import credentials
from waspada.access.credentials import Known, must_have_totp, standing
from waspada.access.service import HOW_PASSWORD, HOW_TOKEN, open_session, revoke_token, start_session
from waspada.access.types import Action, NotSignedInError, Role, TooManyTriesError
from waspada.audit import AuditAction

routes = APIRouter()
_MAX_TOKEN_CHARACTERS = 200
_MAX_NAME_CHARACTERS = 80

Text = Annotated[str, Form(max_length=500)]


@routes.get("/login")
def login_page(request: Request, ctx: Ctx) -> Response:
    going = request.query_params.get("next", "/")
    return _form(request, ctx, going, done=words.DONE.get(request.query_params.get("done", ""), ""))


@routes.post("/login")
def sign_in(
    request: Request,
    ctx: Ctx,
    token: Annotated[str, Form(max_length=_MAX_TOKEN_CHARACTERS)] = "",
    user: Annotated[str, Form(max_length=_MAX_NAME_CHARACTERS)] = "",
    password: Text = "",
    purpose: Text = "",
    csrf: Text = "",
    next: Text = "/",
) -> Response:
    """Takes a token, or a name and a password. Failures are counted by address and account, slowed down, audited."""
    chosen, going = purpose if purpose in words.PURPOSES else words.FIRST_PURPOSE, local_path(next)
    if not guard_holds(request, ctx, csrf):
        return _form(request, ctx, going, error=words.DOOR["stale"], status=403)
    try:
        if token:
            return _by_token(request, ctx, token.strip(), chosen, going)
        return _by_password(request, ctx, user.strip().casefold(), password, chosen, going)
    except TooManyTriesError as error:
        response = _form(request, ctx, going, error=words.DOOR["slow"], status=429, is_token=bool(token))
        response.headers["Retry-After"] = str(error.wait_seconds)
        return response
    except NotSignedInError:
        wrong = words.DOOR["token" if token else "password"]
        return _form(request, ctx, going, error=wrong, status=401, is_token=bool(token))


@routes.post("/logout")
def sign_out(
    request: Request,
    ctx: Ctx,
    caller: Annotated[Caller, Depends(Needs(Action.READ_SELF))],
    csrf: Text = "",
    tidied: Text = "",
) -> Response:
    """Ends the session in the store, not only in the browser. `tidied`: the page's script has taken away what this
    account kept there, and reports of another one wait in the same storage."""
    done = "out"
    if caller.browser is not None:
        check_form_token(ctx, caller.browser, csrf)
        now = ctx.clock()
        with ctx.store.write() as session:
            ended = revoke_token(session, caller.identity.token_id, actor=caller.name, now=now)
            noted(session, ctx, caller, AuditAction.SIGN_OUT, f"token/{caller.identity.token_id}", now=now)
        done = "out-directory" if ended.token.how == "directory" and ctx.openid is not None else "out"
    response = RedirectResponse(f"/login?done={done}", 303)
    drop_cookie(request, response, SESSION_COOKIE)
    if caller.identity.role is Role.REPORTER:  # a phone is handed on: its drafts and reports go with the session
        response.headers["Clear-Site-Data"] = '"cache"' if tidied else '"cache", "storage"'
    return response


def _by_token(request: Request, ctx: Context, secret: str, purpose: str, going: str) -> Response:
    targets = knocking(request, ctx)
    ctx.throttle.enter(targets, ctx.clock())
    response = RedirectResponse(going, 303)
    try:
        open_browser(
            request,
            ctx,
            response,
            lambda session, now, browser: open_session(session, secret, now, browser),
            purpose,
            HOW_TOKEN,
        )
    except NotSignedInError:
        turned_away(request, ctx, HOW_TOKEN)
        raise
    ctx.throttle.passed(targets)
    return response


def _by_password(request: Request, ctx: Context, name: str, password: str, purpose: str, going: str) -> Response:
    targets = knocking(request, ctx, name=name)
    ctx.throttle.enter(targets, ctx.clock())
    known = ctx.credentials.check_password(ctx.store, name, password, ctx.clock())
    if known is None:
        turned_away(request, ctx, HOW_PASSWORD, name)
        raise NotSignedInError("Name and password do not fit.")
    ctx.throttle.passed(targets)
    return _after_password(request, ctx, known, purpose, going)


def _after_password(request: Request, ctx: Context, known: Known, purpose: str, going: str) -> Response:
    """On to the second factor, or to its enrolment where the role needs one, or in."""
    with ctx.store.read() as session:
        has = standing(session, known.user.id).has_totp
    if has or must_have_totp(known.user.role, ctx.settings.totp_roles):
        response = RedirectResponse("/login/code" if has else "/login/enrol", 303)
        put_step(request, ctx, response, user_id=known.user.id, mark=known.mark, purpose=purpose, going=going)
        return response
    response = RedirectResponse(going, 303)
    open_browser(
        request,
        ctx,
        response,
        lambda session, now, browser: start_session(session, known.user.id, HOW_PASSWORD, now, browser),
        purpose,
        HOW_PASSWORD,
    )
    know_device(request, ctx, response, known.user.name)
    return response


def _form(
    request: Request,
    ctx: Context,
    going: str,
    *,
    error: str = "",
    done: str = "",
    status: int = 200,
    is_token: bool = False,
) -> Response:
    nonce = guard_nonce(request)
    with ctx.store.read() as session:
        has_passwords = credentials.any_password(session)
    response = render.page(
        request,
        ctx,
        "login.html",
        None,
        status=status,
        form_token=ctx.signer.form_token(nonce),
        next=local_path(going),
        error=error,
        done=done,
        with_directory=ctx.openid is not None,
        leave_directory=request.query_params.get("done") == "out-directory" and ctx.openid is not None,
        token_first=is_token or not has_passwords,
    )
    put_guard(request, response, nonce)
    return response
