"""Setting a password by a one-time link."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api.console import render, words
from api.context import Context, Ctx
from api.cookies import LINK_COOKIE, drop_cookie, read_cookie, set_cookie
from api.door import guard_holds, guard_nonce, knocking, put_guard, turned_away
from waspada.access.credentials import WeakPasswordError, link_owner, new_hash, use_link
from waspada.access.passwords import MIN_CHARACTERS
from waspada.access.secrets import looks_like_token
from waspada.access.types import NotSignedInError, TooManyTriesError, User
from waspada.audit import AuditAction

routes = APIRouter()
_LINK_SECONDS = 1800
Text = Annotated[str, Form(max_length=500)]


@routes.get("/login/set")
def set_page(request: Request, ctx: Ctx) -> Response:
    """The form, for whoever holds the link. Its code leaves the address at once, so that no history or log keeps it;
    looking uses nothing up, since mail programs look at links, too."""
    if "code" in request.query_params:
        given = request.query_params["code"]
        response = RedirectResponse("/login/set", 303)
        set_cookie(request, response, LINK_COOKIE, given if looks_like_token(given) else "x", seconds=_LINK_SECONDS)
        return response
    try:
        owner = _owner(request, ctx)
    except (NotSignedInError, TooManyTriesError):
        return _over(request, ctx)
    return _page(request, ctx, owner)


@routes.post("/login/set")
def set_password(request: Request, ctx: Ctx, password: Text = "", again: Text = "", csrf: Text = "") -> Response:
    """Uses the link up and sets the password; every session of the account ends."""
    try:
        owner = _owner(request, ctx)
        if not guard_holds(request, ctx, csrf):
            return _page(request, ctx, owner, error=words.DOOR["stale"], status=403)
        if password != again:
            return _page(request, ctx, owner, error=words.DOOR["differ"], status=422)
        hashed = new_hash(password, owner.name)
        now = ctx.clock()
        with ctx.store.write() as session:
            use_link(session, read_cookie(request, LINK_COOKIE), now)
            ctx.credentials.set_password(session, owner.id, hashed, now, keep=None)
            ctx.audit.append(
                session,
                actor=owner.name,
                action=AuditAction.LOGIN_CHANGED,
                object=f"user/{owner.name}",
                detail={"what": "password", "how": "link"},
                now=now,
            )
    except WeakPasswordError as error:
        return _page(request, ctx, owner, error=words.FLAWS[error.flaw], status=422)
    except (NotSignedInError, TooManyTriesError):
        return _over(request, ctx)
    response = RedirectResponse("/login?done=password", 303)
    drop_cookie(request, response, LINK_COOKIE)
    return response


def _owner(request: Request, ctx: Context) -> User:
    """Whose link this browser holds. A wrong one counts against the address. Raises NotSignedInError and
    TooManyTriesError."""
    now, targets = ctx.clock(), knocking(request, ctx)
    try:
        with ctx.store.read() as session:
            return link_owner(session, read_cookie(request, LINK_COOKIE), now)
    except NotSignedInError:
        ctx.throttle.enter(targets, now)
        turned_away(request, ctx, "link")
        raise


def _page(request: Request, ctx: Context, owner: User, *, error: str = "", status: int = 200) -> Response:
    nonce = guard_nonce(request)
    response = render.page(
        request,
        ctx,
        "login_set.html",
        None,
        status=status,
        form_token=ctx.signer.form_token(nonce),
        owner=owner.name,
        least=MIN_CHARACTERS,
        error=error,
    )
    put_guard(request, response, nonce)
    return response


def _over(request: Request, ctx: Context) -> Response:
    title, text = words.LINK_OVER
    response = render.page(request, ctx, "error.html", None, status=410, title=title, text=text, fields=[])
    drop_cookie(request, response, LINK_COOKIE)
    return response
