"""Signing in and out of the console: a token in, a session cookie out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api.auth import SESSION_COOKIE, Caller, Needs, check_form_token, noted
from api.console import render, words
from api.console.i18n import N_
from api.context import Context, Ctx
from api.middleware import is_https
from waspada.access.secrets import BrowserSession, new_nonce
from waspada.access.service import open_session, revoke_token
from waspada.access.types import Action, NotSignedInError, Token
from waspada.audit import AuditAction

routes = APIRouter()
LOGIN_COOKIE = "waspada_login"
_LOGIN_SECONDS = 3600
_REFUSED = N_("This token is not valid: it is unknown, expired, used up or revoked.")
_STALE = N_("This form was open for too long. Try again.")
_SLOW = N_("Too many failed attempts. Wait a little, then try again.")
_MAX_TOKEN_CHARACTERS = 200

Text = Annotated[str, Form(max_length=500)]


@routes.get("/login")
def login_page(request: Request, ctx: Ctx) -> Response:
    return _form(request, ctx, request.query_params.get("next", "/"))


@routes.post("/login")
def sign_in(
    request: Request,
    ctx: Ctx,
    token: Annotated[str, Form(max_length=_MAX_TOKEN_CHARACTERS)] = "",
    purpose: Text = "",
    csrf: Text = "",
    next: Text = "/",
) -> Response:
    """Takes a token. Failures are counted by address, slowed down, and audited."""
    now, address = ctx.clock(), request.client.host if request.client else "unknown"
    wait = ctx.throttle.wait_seconds(address, now)
    if wait:
        response = _form(request, ctx, next, error=_SLOW, status=429)
        response.headers["Retry-After"] = str(wait)
        return response
    if not ctx.signer.form_token_fits(request.cookies.get(LOGIN_COOKIE, ""), csrf):
        return _form(request, ctx, next, error=_STALE, status=403)
    chosen = purpose if purpose in words.PURPOSES else next_purpose()
    try:
        session_token = _open(ctx, token.strip(), chosen, now)
    except NotSignedInError:
        _refused(ctx, address, now)
        return _form(request, ctx, next, error=_REFUSED, status=401)
    ctx.throttle.succeeded(address)
    response = RedirectResponse(local_path(next), 303)
    _set_session(request, response, ctx, session_token, chosen)
    response.delete_cookie(LOGIN_COOKIE, httponly=True, samesite="strict")
    return response


@routes.post("/logout")
def sign_out(ctx: Ctx, caller: Annotated[Caller, Depends(Needs(Action.READ_SELF))], csrf: Text = "") -> Response:
    """Ends the session in the store, not only in the browser."""
    if caller.browser is not None:
        check_form_token(ctx, caller.browser, csrf)
        now = ctx.clock()
        with ctx.store.write() as session:
            revoke_token(session, caller.identity.token_id, actor=caller.name, now=now)
            noted(session, ctx, caller, AuditAction.SIGN_OUT, f"token/{caller.identity.token_id}", now=now)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
    return response


def local_path(asked: str) -> str:
    """The path to go on to; anything that could lead to another site becomes the start page."""
    plain = asked.isascii() and asked.isprintable() and "\\" not in asked
    return asked if plain and asked.startswith("/") and not asked.startswith("//") else "/"


def next_purpose() -> str:
    """The purpose of somebody who chose none."""
    return next(iter(words.PURPOSES))


def _form(request: Request, ctx: Context, going: str, *, error: str = "", status: int = 200) -> Response:
    nonce = new_nonce()
    response = render.page(
        request,
        ctx,
        "login.html",
        None,
        status=status,
        form_token=ctx.signer.form_token(nonce),
        next=local_path(going),
        error=error,
    )
    response.set_cookie(
        LOGIN_COOKIE, nonce, max_age=_LOGIN_SECONDS, httponly=True, samesite="strict", secure=is_https(request)
    )
    return response


def _open(ctx: Context, secret: str, purpose: str, now: datetime) -> Token:
    with ctx.store.write() as session:
        identity, token = open_session(session, secret, now)
        ctx.audit.append(
            session,
            actor=identity.name,
            action=AuditAction.SIGN_IN,
            object=f"token/{token.id}",
            purpose=purpose,
            now=now,
        )
    return token


def _refused(ctx: Context, address: str, now: datetime) -> None:
    ctx.throttle.failed(address, now)
    with ctx.store.write() as session:
        ctx.audit.append(
            session,
            actor="nobody",
            action=AuditAction.SIGN_IN_REFUSED,
            object="console",
            detail={"address": ctx.audit.keyed_hash(address)},
            now=now,
        )


def _set_session(request: Request, response: Response, ctx: Context, token: Token, purpose: str) -> None:
    assert token.expires_at is not None  # noqa: S101 (sessions always end)
    left = token.expires_at - ctx.clock()
    response.set_cookie(
        SESSION_COOKIE,
        ctx.signer.cookie(BrowserSession(token.id, token.expires_at, new_nonce(), purpose)),
        max_age=int(left.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=is_https(request),
    )
