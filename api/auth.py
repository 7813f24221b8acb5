"""Who is asking, and may they? Every route but health and sign-in depends on `Needs(action)`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from api.context import Context, Ctx
from waspada.access.policy import may
from waspada.access.secrets import BrowserSession
from waspada.access.service import identify, identify_session, note_use
from waspada.access.types import Action, ForbiddenError, Identity, NotSignedInError
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.items.policy import clean_text

SESSION_COOKIE = "waspada_session"
CSRF_HEADER = "X-CSRF-Token"
_MAX_PURPOSE_CHARACTERS = 200
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
    cookie: Annotated[str | None, Security(cookie_of)],
    x_purpose: Annotated[
        str | None, Header(description="Why this is read; written to the audit log.", examples=["daily watch"])
    ] = None,
) -> Caller:
    """The caller of a request. A token in the header goes before a cookie. Raises NotSignedInError."""
    if "authorization" in request.headers:
        if token is None:
            raise NotSignedInError("The Authorization header is not a bearer token.")
        return _by_token(ctx, token.credentials, _purpose(x_purpose))
    browser = ctx.signer.read_cookie(cookie, ctx.clock()) if cookie else None
    if browser is None:
        raise NotSignedInError("Nobody is signed in.")
    with ctx.store.read() as session:
        identity = identify_session(session, browser.token_id, ctx.clock())
    if request.method not in _SAFE_METHODS and request.url.path.startswith("/api/"):
        check_form_token(ctx, browser, request.headers.get(CSRF_HEADER, ""))
    return Caller(identity, _purpose(x_purpose) or browser.purpose, browser)


class Needs:
    """A dependency that lets only callers through who may do `action`; default deny stands in `access.policy`."""

    def __init__(self, action: Action) -> None:
        self.action = action

    def __call__(self, caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
        if not may(caller.identity, self.action):
            raise ForbiddenError(
                f"The role {caller.identity.role} with a {caller.identity.scope} token may not do this ({self.action})."
            )
        return caller


def check_form_token(ctx: Context, browser: BrowserSession, given: str) -> None:
    """Raises ForbiddenError when a form did not come from a page of this session (CSRF)."""
    if not ctx.signer.form_token_fits(browser.nonce, given):
        raise ForbiddenError("This form does not belong to your session.", hint="Load the page again and repeat it.")


def audited(ctx: Context, caller: Caller, action: AuditAction, object_: str, detail: Detail | None = None) -> None:
    """Writes a read to the audit log, before what was read leaves: no log, no answer. Raises StoreError."""
    now = ctx.clock()
    with ctx.store.write() as session:
        noted(session, ctx, caller, action, object_, detail, now=now)
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


def _by_token(ctx: Context, secret: str, purpose: str) -> Caller:
    with ctx.store.read() as session:
        return Caller(identify(session, secret, ctx.clock()), purpose, None)


def _purpose(header: str | None) -> str:
    """HTTP headers are Latin-1; what was meant as UTF-8 is read as such."""
    if not header:
        return ""
    with suppress(UnicodeError):
        header = header.encode("latin-1").decode("utf-8")
    return " ".join(clean_text(header).split())[:_MAX_PURPOSE_CHARACTERS]
