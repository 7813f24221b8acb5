"""Oneself: who one is here, how one reads, one's tokens and sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, idle_time, noted
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access import service
from waspada.access.policy import may
from waspada.access.types import Action, IssuedToken, TokenRevoked
from waspada.audit import AuditAction
from waspada.errors import NotFoundError

routes = router("accounts")
Anyone = Annotated[Caller, Depends(Needs(Action.READ_SELF))]
LoginOwner = Annotated[Caller, Depends(Needs(Action.MANAGE_OWN_LOGIN))]
TokenOwner = Annotated[Caller, Depends(Needs(Action.MANAGE_OWN_TOKENS))]
_PLAIN = [Depends(no_query)]


@routes.get("/me", response_model=schemas.MeOut, responses=READ, dependencies=_PLAIN)
def read_me(request: Request, ctx: Ctx, caller: Anyone) -> Response:
    """Who I am here, how I read, and what this token may do."""
    return json_reply(request, _me(ctx, caller))


@routes.put("/me/reading", response_model=schemas.MeOut, responses=problems(400, 413), dependencies=_PLAIN)
def set_reading(request: Request, ctx: Ctx, caller: LoginOwner, wanted: schemas.Reading) -> Response:
    """In which zone and language I read; null for the desk's zone and the browser's language."""
    reading_audited(ctx, caller, wanted.zone, wanted.language)
    return json_reply(request, _me(ctx, caller))


@routes.get("/tokens", response_model=schemas.Page[schemas.TokenOut], responses=READ, dependencies=_PLAIN)
def list_own_tokens(request: Request, ctx: Ctx, caller: TokenOwner) -> Response:
    """My tokens, newest first; never their secrets."""
    with ctx.store.read() as session:
        found = service.list_tokens(session, caller.name)
    shown = [shape.token(view) for view in found if not (view.is_session or view.is_link)]
    return json_reply(request, schemas.Page[schemas.TokenOut](data=shown))


@routes.post(
    "/tokens",
    response_model=schemas.IssuedTokenOut,
    status_code=201,
    responses=problems(400, 413),
    dependencies=_PLAIN,
)
def issue_own_token(request: Request, ctx: Ctx, caller: TokenOwner, wanted: schemas.NewToken) -> Response:
    """A new token for me, no wider than the one at hand. The secret is shown here and never again."""
    issued = issue_audited(ctx, caller, wanted)
    reply = json_reply(request, shape.issued_token(issued.token, issued.secret), status=201)
    reply.headers["Cache-Control"] = "no-store"
    return reply


@routes.delete("/tokens/{token_id}", status_code=204, responses=problems(404), dependencies=_PLAIN)
def revoke_own_token(ctx: Ctx, caller: TokenOwner, token_id: SmallId) -> Response:
    """Ends one of my tokens, with the sessions it opened."""
    revoke_audited(ctx, caller, token_id)
    return Response(status_code=204)


@routes.get("/sessions", response_model=schemas.Page[schemas.SessionOut], responses=READ, dependencies=_PLAIN)
def list_own_sessions(request: Request, ctx: Ctx, caller: LoginOwner) -> Response:
    """My sessions of the console that are open now, newest first."""
    with ctx.store.read() as session:
        found = service.list_sessions(session, caller.name, ctx.clock(), idle_time(ctx))
    shown = [shape.session(view, caller.identity.token_id) for view in found]
    return json_reply(request, schemas.Page[schemas.SessionOut](data=shown))


@routes.delete("/sessions", status_code=204, dependencies=_PLAIN)
def end_other_sessions(ctx: Ctx, caller: LoginOwner) -> Response:
    """Ends all my sessions of the console but the one that asks."""
    end_others_audited(ctx, caller)
    return Response(status_code=204)


@routes.delete("/sessions/{token_id}", status_code=204, responses=problems(404), dependencies=_PLAIN)
def end_own_session(ctx: Ctx, caller: LoginOwner, token_id: SmallId) -> Response:
    """Ends one of my sessions of the console at once."""
    end_audited(ctx, caller, caller.name, token_id)
    return Response(status_code=204)


def _me(ctx: Context, caller: Caller) -> schemas.MeOut:
    me = caller.identity
    with ctx.store.read() as session:
        own = service.user_of(session, me.user_id)
    return schemas.MeOut(
        name=me.name,
        role=me.role,
        scope=me.scope,
        region=me.region,
        areas=None if me.areas is None else sorted(me.areas),
        zone=own.zone,
        language=own.language,
        may=[action for action in Action if may(me, action)],
    )


def reading_audited(ctx: Context, caller: Caller, zone: str | None, language: str | None) -> None:
    """Sets how the caller reads. Raises InputError."""
    now = ctx.clock()
    with ctx.store.write() as session:
        service.set_reading(session, caller.identity.user_id, zone=zone, language=language)
        detail = {"zone": zone, "language": language}
        noted(session, ctx, caller, AuditAction.USER_CHANGED, f"user/{caller.name}", detail, now=now)


def issue_audited(ctx: Context, caller: Caller, wanted: schemas.NewToken) -> IssuedToken:
    """A token for the caller and its line in the audit log, both or none."""
    now = ctx.clock()
    areas = None if wanted.areas is None else [str(area) for area in wanted.areas]
    with ctx.store.write() as session:
        issued = service.issue_token(
            session,
            caller.name,
            wanted.name,
            wanted.scope,
            now=now,
            lifetime=timedelta(days=wanted.days),
            issuer=caller.identity,
            areas=areas,
        )
        noted(
            session,
            ctx,
            caller,
            AuditAction.TOKEN_ISSUED,
            f"token/{issued.token.id}",
            {"scope": issued.token.scope, "days": wanted.days, "areas": areas or []},
            now=now,
        )
    return issued


def revoke_audited(ctx: Context, caller: Caller, token_id: int) -> TokenRevoked:
    """Ends a token of the caller. Raises NotFoundError when it is somebody else's."""
    now = ctx.clock()
    with ctx.store.write() as session:
        if token_id not in {token.id for token in service.list_tokens(session, caller.name)}:
            raise NotFoundError(f"You have no token {token_id}.", hint="/api/v1/tokens lists yours.")
        revoked = service.revoke_token(session, token_id, actor=caller.name, now=now)
        noted(session, ctx, caller, AuditAction.TOKEN_REVOKED, f"token/{token_id}", now=now)
    return revoked


def end_audited(ctx: Context, caller: Caller, user: str, token_id: int) -> None:
    """Ends a session of an account. Raises NotFoundError."""
    now = ctx.clock()
    with ctx.store.write() as session:
        service.end_session(session, user, token_id, actor=caller.name, now=now)
        noted(session, ctx, caller, AuditAction.SESSION_ENDED, f"token/{token_id}", {"user": user}, now=now)


def end_others_audited(ctx: Context, caller: Caller) -> None:
    """Ends the sessions of the caller, but for the one at hand."""
    now = ctx.clock()
    with ctx.store.write() as session:
        ended = service.end_sessions(session, caller.name, now=now, but=caller.identity.token_id)
        noted(session, ctx, caller, AuditAction.SESSION_ENDED, f"user/{caller.name}", {"ended": ended}, now=now)
