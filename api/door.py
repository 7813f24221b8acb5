"""What all ways in share: failures are counted and written down, a good one opens a session of the console."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.auth import address_of, refused, session_in
from api.context import Context
from api.cookies import DEVICE_COOKIE, STEP_COOKIE, drop_cookie, read_cookie, set_cookie, set_session
from waspada.access.browsers import browser_kind
from waspada.access.secrets import BrowserSession, new_nonce
from waspada.access.service import end_quietly, find_user
from waspada.access.throttle import Target, by_account, by_address, by_code
from waspada.access.types import Identity, Token
from waspada.audit import AuditAction
from waspada.errors import NotFoundError

LOGIN_COOKIE = "waspada_login"
_FORM_SECONDS = 3600
_STEP_LIFETIME = timedelta(minutes=10)
_DEVICE_LIFETIME = timedelta(days=180)
_LONGEST_NONCE = 64


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody whose password was right and whose second factor is still to come. `mark` is of the password."""

    user_id: int
    mark: str
    purpose: str
    going: str
    until: float


def local_path(asked: str) -> str:
    """The path to go on to; anything that could lead to another site becomes the start page."""
    plain = asked.isascii() and asked.isprintable() and "\\" not in asked
    return asked if plain and asked.startswith("/") and not asked.startswith("//") else "/"


def guard_nonce(request: Request) -> str:
    """What ties a form for strangers to this browser (CSRF); `put_guard` gives it to a browser that has none."""
    known = read_cookie(request, LOGIN_COOKIE)
    return known if 0 < len(known) <= _LONGEST_NONCE and known.isascii() else new_nonce()


def put_guard(request: Request, response: Response, nonce: str) -> None:
    set_cookie(request, response, LOGIN_COOKIE, nonce, seconds=_FORM_SECONDS)


def guard_holds(request: Request, ctx: Context, csrf: str) -> bool:
    """Whether a form for strangers came from a page that this browser was shown."""
    return ctx.signer.form_token_fits(read_cookie(request, LOGIN_COOKIE), csrf)


def knocking(request: Request, ctx: Context, *, name: str | None = None, user_id: int | None = None) -> list[Target]:
    """What counts a try: the address, and the account that it is for."""
    found = [by_address(address_of(request))]
    if name is not None:
        found.append(by_account(name, _device_of(request, ctx, name)))
    if user_id is not None:
        found.append(by_code(user_id))
    return found


def turned_away(request: Request, ctx: Context, how: str, name: str = "") -> None:
    """Writes down a refused try; the account only where there is one: what somebody types may be a password."""
    with ctx.store.read() as session:
        object_ = f"user/{name}" if name and _exists(session, name) else "console"
    refused(ctx, request, how, object_)


def open_browser(
    request: Request,
    ctx: Context,
    response: Response,
    opened: Callable[[Session, datetime, str], tuple[Identity, Token]],
    purpose: str,
    how: str,
) -> Identity:
    """Opens a session by `opened(session, now, browser)`, in place of the one that this browser had, and gives it to
    the browser. Raises NotSignedInError."""
    now, old = ctx.clock(), session_in(request, ctx)
    with ctx.store.write() as session:
        identity, token = opened(session, now, browser_kind(request.headers.get("user-agent", "")))
        if old is not None:
            end_quietly(session, old.token_id, now)
        ctx.audit.append(
            session,
            actor=identity.name,
            action=AuditAction.SIGN_IN,
            object=f"token/{token.id}",
            purpose=purpose,
            detail={"how": how},
            now=now,
        )
    assert token.expires_at is not None  # noqa: S101 (sessions always end)
    browser = BrowserSession(token.id, token.expires_at, new_nonce(), purpose)
    set_session(request, response, ctx.signer, browser, seconds=int((token.expires_at - now).total_seconds()))
    drop_cookie(request, response, LOGIN_COOKIE)
    drop_cookie(request, response, STEP_COOKIE)
    return identity


def know_device(request: Request, ctx: Context, response: Response, name: str) -> None:
    """Marks this browser as one that the account has used: failures of strangers do not slow it down."""
    sealed = ctx.vault.seal(json.dumps([name, new_nonce()]), "device")
    set_cookie(request, response, DEVICE_COOKIE, sealed, seconds=int(_DEVICE_LIFETIME.total_seconds()))


def put_step(
    request: Request, ctx: Context, response: Response, *, user_id: int, mark: str, purpose: str, going: str
) -> None:
    """Remembers in the browser, sealed, that the password was right; for ten minutes."""
    step = Step(user_id, mark, purpose, going, (ctx.clock() + _STEP_LIFETIME).timestamp())
    sealed = ctx.vault.seal(json.dumps(asdict(step)), "step")
    set_cookie(request, response, STEP_COOKIE, sealed, seconds=int(_STEP_LIFETIME.total_seconds()))


def step_in(request: Request, ctx: Context) -> Step | None:
    """The step that this browser is at; None where there is none, it took too long, or the password changed since."""
    text = ctx.vault.open(read_cookie(request, STEP_COOKIE), "step")
    if text is None:
        return None
    step = Step(**json.loads(text))
    if ctx.clock().timestamp() >= step.until:
        return None
    with ctx.store.read() as session:
        return step if ctx.credentials.mark_holds(session, step.user_id, step.mark) else None


def _device_of(request: Request, ctx: Context, name: str) -> str:
    text = ctx.vault.open(read_cookie(request, DEVICE_COOKIE), "device")
    known, nonce = json.loads(text) if text is not None else ("", "")
    return str(nonce) if known == name else ""


def _exists(session: Session, name: str) -> bool:
    try:
        find_user(session, name)
    except NotFoundError:
        return False
    return True
