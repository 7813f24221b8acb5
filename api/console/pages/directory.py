"""Signing in through the organisation's directory (OpenID Connect)."""

from __future__ import annotations

import hmac
import json
import logging
from dataclasses import asdict

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api.console import render, words
from api.context import Context, Ctx
from api.cookies import DIRECTORY_COOKIE, drop_cookie, read_cookie, set_cookie
from api.door import knocking, local_path, open_browser, turned_away
from waspada.access.directory import Admitted, NoGroupError, UnknownHereError, admit, read_claims, read_groups
from waspada.access.oidc import Attempt, OpenIdClient, ProviderError, RefusedByProviderError
from waspada.access.repository import end_all_sessions_of
from waspada.access.service import HOW_DIRECTORY, start_session
from waspada.access.types import ForbiddenError, NotSignedInError, TooManyTriesError
from waspada.audit import AuditAction
from waspada.errors import NotFoundError

routes = APIRouter()
_ATTEMPT_SECONDS = 600
_MOST_CHARACTERS = 4000
_log = logging.getLogger("waspada.api")


@routes.get("/login/directory")
def begin(request: Request, ctx: Ctx) -> Response:
    """Sends the browser to the provider. What must come back with it is sealed in a cookie; that one is Lax, since the
    provider's page sends the browser here."""
    client = _client(ctx)
    try:
        address, attempt = client.begin(ctx.clock())
    except ProviderError as error:
        return _failed(request, ctx, error)
    kept = {**asdict(attempt), "going": local_path(request.query_params.get("next", "/"))}
    response = RedirectResponse(address, 303)
    sealed = ctx.vault.seal(json.dumps({**kept, "until": ctx.clock().timestamp() + _ATTEMPT_SECONDS}), "directory")
    set_cookie(request, response, DIRECTORY_COOKIE, sealed, seconds=_ATTEMPT_SECONDS, samesite="lax")
    return response


@routes.get("/login/directory/back")
def finish(request: Request, ctx: Ctx) -> Response:
    """Takes the provider's word for who this is. The page goes on by itself: a browser that was just sent here by
    another site would not yet show the new session on a redirect (SameSite=Strict)."""
    client, targets = _client(ctx), knocking(request, ctx)
    try:
        ctx.throttle.enter(targets, ctx.clock())
        attempt, going = _attempt(request, ctx)
        admitted = _admitted(ctx, client, request.query_params.get("code", "")[:_MOST_CHARACTERS], attempt)
        response = render.page(request, ctx, "login_on.html", None, going=going)
        open_browser(
            request,
            ctx,
            response,
            lambda session, now, browser: start_session(session, admitted.user.id, HOW_DIRECTORY, now, browser),
            words.FIRST_PURPOSE,
            HOW_DIRECTORY,
        )
    except ProviderError as error:
        return _failed(request, ctx, error)
    except (ForbiddenError, NotSignedInError, TooManyTriesError) as error:
        if not isinstance(error, TooManyTriesError):
            turned_away(request, ctx, HOW_DIRECTORY)
        return _refused(request, ctx, error)
    ctx.throttle.passed(targets)
    drop_cookie(request, response, DIRECTORY_COOKIE)
    return response


@routes.get("/login/directory/out")
def leave(ctx: Ctx) -> Response:
    """Also ends the session at the provider, where it has a page for that."""
    back = ctx.settings.link("/login")
    try:
        return RedirectResponse(_client(ctx).way_out(back, ctx.clock()) or "/login", 303)
    except ProviderError:
        return RedirectResponse("/login", 303)


def _client(ctx: Context) -> OpenIdClient:
    if ctx.openid is None:
        raise NotFoundError("No directory is set up here.", hint="See WASPADA_OIDC_ISSUER in docs/settings.md.")
    return ctx.openid


def _attempt(request: Request, ctx: Context) -> tuple[Attempt, str]:
    """The attempt of this browser that the provider answers, and where it was going. Raises RefusedByProviderError."""
    text = ctx.vault.open(read_cookie(request, DIRECTORY_COOKIE), "directory")
    kept = json.loads(text) if text is not None else None
    if kept is None or ctx.clock().timestamp() >= kept["until"]:
        raise RefusedByProviderError("This browser began no such attempt, or too long ago.")
    given = request.query_params.get("state", "")
    if not given.isascii() or not hmac.compare_digest(given, kept["state"]):
        raise RefusedByProviderError("The answer belongs to another attempt.")
    if "code" not in request.query_params:
        raise RefusedByProviderError("The provider did not vouch for anybody.")
    return Attempt(kept["state"], kept["nonce"], kept["verifier"]), kept["going"]


def _admitted(ctx: Context, client: OpenIdClient, code: str, attempt: Attempt) -> Admitted:
    """The account that opens, with what was done for it in the audit log. Raises ForbiddenError and ProviderError."""
    now, settings = ctx.clock(), ctx.settings
    claims = client.finish(code, attempt, now)
    external = read_claims(claims, client.issuer, settings.oidc_claim, settings.oidc_groups_claim)
    try:
        with ctx.store.write() as session:
            admitted = admit(session, external, read_groups(settings.oidc_roles), now)
            _note(ctx, session, admitted)
        return admitted
    except NoGroupError as error:
        with ctx.store.write() as session:
            end_all_sessions_of(session, error.user_id, now)
        raise


def _note(ctx: Context, session: Session, admitted: Admitted) -> None:
    done: list[tuple[AuditAction, dict[str, str | bool | None]]] = []
    if admitted.added is not None:
        user = admitted.added.user
        done.append((AuditAction.USER_ADDED, {"role": user.role.value, "region": user.region}))
    if admitted.changed is not None:
        done.append((AuditAction.USER_CHANGED, dict(admitted.changed.changes)))
    if admitted.bound:
        done.append((AuditAction.LOGIN_CHANGED, {"what": "directory"}))
    for action, detail in done:
        ctx.audit.append(
            session,
            actor=HOW_DIRECTORY,
            action=action,
            object=f"user/{admitted.user.name}",
            detail=detail,
            now=ctx.clock(),
        )


def _failed(request: Request, ctx: Context, error: ProviderError) -> Response:
    _log.error("the OpenID provider: %s (%s)", error.args[0], type(error.__cause__).__name__)
    title, text = words.DIRECTORY["failed"]
    return _said(request, ctx, title, text, 503)


def _refused(request: Request, ctx: Context, error: Exception) -> Response:
    kind = "unknown" if isinstance(error, UnknownHereError) else "refused"
    title, text = words.DIRECTORY["slow" if isinstance(error, TooManyTriesError) else kind]
    response = _said(request, ctx, title, text, 429 if isinstance(error, TooManyTriesError) else 403)
    if isinstance(error, TooManyTriesError):
        response.headers["Retry-After"] = str(error.wait_seconds)
    return response


def _said(request: Request, ctx: Context, title: str, text: str, status: int) -> Response:
    response = render.page(request, ctx, "login_failed.html", None, status=status, title=title, text=text)
    drop_cookie(request, response, DIRECTORY_COOKIE)
    return response
