"""Who is asking, and may they? Every route but health and sign-in depends on `Needs(action)`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from api.context import Context, Ctx
from api.cookies import SESSION_COOKIE, read_cookie
from waspada.access.policy import may, takes_basic
from waspada.access.secrets import BrowserSession
from waspada.access.service import identify, identify_session, is_stale, note_use
from waspada.access.throttle import by_address
from waspada.access.types import (
    Action,
    ForbiddenError,
    Identity,
    NotSignedInError,
    PurposeMissingError,
    TooManyTriesError,
)
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.errors import StoreError
from waspada.items.policy import clean_text

CSRF_HEADER = "X-CSRF-Token"
_LEAST_PURPOSE, _MAX_PURPOSE_CHARACTERS = 3, 200
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

bearer = HTTPBearer(auto_error=False, bearerFormat="wsp_...", description="A personal token.")
cookie_of = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="The session of the console.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who is signed in, and what for. `browser` is their console session; None for a program with a token."""

    identity: Identity
    purpose: str
    browser: BrowserSession | None

    @property
    def name(self) -> str:
        return self.identity.name


def caller_of(
    request: Request,
    ctx: Ctx,
    token: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
    _: Annotated[str | None, Security(cookie_of)],
    x_purpose: Annotated[
        str | None, Header(description="Why this is read; written to the audit log.", examples=["daily watch"])
    ] = None,
) -> Caller:
    """The caller of a request. A token in the header goes before a cookie. Raises NotSignedInError."""
    if "authorization" in request.headers:
        secret = token.credentials if token is not None else _basic_password(request.headers["authorization"])
        return _by_token(request, ctx, secret, _purpose(x_purpose), is_basic=token is None)
    browser = session_in(request, ctx)
    if browser is None:
        raise NotSignedInError("Nobody is signed in.")
    now = ctx.clock()
    with ctx.store.read() as session:
        identity = identify_session(session, browser.token_id, now, idle_time(ctx))
    if is_stale(identity.used_at, now):
        _note_use(ctx, browser.token_id, now)
    if request.method not in _SAFE_METHODS and request.url.path.startswith("/api/"):
        check_form_token(ctx, browser, request.headers.get(CSRF_HEADER, ""))
    return Caller(identity, _purpose(x_purpose) or browser.purpose, browser)


class Needs:
    """A dependency that lets only callers through who may do `action`; default deny stands in `access.policy`."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
        """Pure, so it stays in the event loop: what is not `async` costs a change of threads."""
        return self.check(caller)

    def check(self, caller: Caller) -> Caller:
        """Raises ForbiddenError."""
        if not may(caller.identity, self.action):
            me = caller.identity
            limits = "" if me.areas is None else f" for {', '.join(sorted(me.areas)) or 'nothing'}"
            raise ForbiddenError(f"The role {me.role} with a {me.scope} token{limits} may not do this ({self.action}).")
        return caller


class NeedsPurpose(Needs):
    """`Needs`, for what searches in texts or takes something out: a purpose must have been named as well.

    Programs name it in X-Purpose with every request; in the console it is asked once a session (`/purpose`), the first
    time that something of the kind is done. Raises PurposeMissingError.
    """

    def check(self, caller: Caller) -> Caller:
        found = super().check(caller)
        is_named = caller.browser.is_named if caller.browser is not None else len(caller.purpose) >= _LEAST_PURPOSE
        if not is_named:
            raise PurposeMissingError("A purpose is needed for this: it is written to the audit log.")
        return found


def check_form_token(ctx: Context, browser: BrowserSession, given: str) -> None:
    """Raises ForbiddenError when a form did not come from a page of this session (CSRF)."""
    if not ctx.signer.form_token_fits(browser.nonce, given):
        raise ForbiddenError("This form does not belong to your session.", hint="Load the page again and repeat it.")


def audited(
    ctx: Context,
    caller: Caller,
    action: AuditAction,
    object_: str,
    detail: Detail | None = None,
    *,
    also: Callable[[Session], object] | None = None,
) -> None:
    """Writes a read to the audit log, before what was read leaves: no log, no answer. Raises StoreError.

    `also` is written in the same transaction.
    """
    now = ctx.clock()
    with ctx.store.write() as session:
        noted(session, ctx, caller, action, object_, detail, now=now)
        if also is not None:
            also(session)
        if is_stale(caller.identity.used_at, now):
            note_use(session, caller.identity.token_id, now)


def noted(
    session: Session,
    ctx: Context,
    caller: Caller,
    action: AuditAction,
    object_: str,
    detail: Detail | None = None,
    *,
    now: datetime,
) -> None:
    """Writes a change to the audit log in the transaction that makes it: both or none. Raises StoreError."""
    ctx.audit.append(
        session,
        actor=caller.name,
        action=action,
        object=object_,
        purpose=caller.purpose,
        detail=detail,
        now=now,
    )


def session_in(request: Request, ctx: Context) -> BrowserSession | None:
    """What the session cookie of a request says; whether it still holds, `identify_session` knows."""
    value = read_cookie(request, SESSION_COOKIE)
    return ctx.signer.read_cookie(value, ctx.clock()) if value else None


def idle_time(ctx: Context) -> timedelta:
    """How long a session of the console may lie unused."""
    return timedelta(minutes=ctx.settings.session_idle_minutes)


def address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def refused(ctx: Context, request: Request, how: str, object_: str = "console") -> None:
    """Writes down that somebody was not let in; the address as a keyed hash."""
    with ctx.store.write() as session:
        ctx.audit.append(
            session,
            actor="nobody",
            action=AuditAction.SIGN_IN_REFUSED,
            object=object_,
            detail={"address": ctx.audit.keyed_hash(address_of(request)), "how": how},
            now=ctx.clock(),
        )


def _note_use(ctx: Context, token_id: int, now: datetime) -> None:
    """To the minute. A store that is busy now hinders nobody: the session only looks idle for longer."""
    with suppress(StoreError), ctx.store.write() as session:
        note_use(session, token_id, now)


def _by_token(request: Request, ctx: Context, secret: str, purpose: str, *, is_basic: bool) -> Caller:
    """A good token is let through whatever others of its address did: nobody guesses 256 bits. A wrong one counts.

    Raises NotSignedInError and TooManyTriesError.
    """
    now = ctx.clock()
    try:
        with ctx.store.read() as session:
            identity = identify(session, secret, now)
        if is_basic and not takes_basic(identity.areas):
            raise NotSignedInError("Only a token limited to feeds or CAP is taken as a password.")
    except NotSignedInError:
        targets = [by_address(address_of(request))]
        if wait := ctx.throttle.wait_seconds(targets, now):
            raise TooManyTriesError(wait) from None
        ctx.throttle.enter(targets, now)
        refused(ctx, request, "basic" if is_basic else "bearer", "api")
        raise
    return Caller(identity, purpose, None)


def _basic_password(header: str) -> str:
    """The password of HTTP Basic, in which feed readers send a token (RFC 7617). Raises NotSignedInError."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() == "basic":
        with suppress(ValueError, binascii.Error):
            return base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")[2]
    raise NotSignedInError("The Authorization header is not a bearer token.")


def _purpose(header: str | None) -> str:
    """HTTP headers are Latin-1; what was meant as UTF-8 is read as such."""
    if not header:
        return ""
    with suppress(UnicodeError):
        header = header.encode("latin-1").decode("utf-8")
    return " ".join(clean_text(header).split())[:_MAX_PURPOSE_CHARACTERS]
