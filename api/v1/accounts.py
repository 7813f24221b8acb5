"""Accounts of this product: oneself, one's tokens, and for admins the users."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, noted
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import SmallId, UserName, no_query
from api.v1.routing import READ, problems, router
from waspada.access import service
from waspada.access.policy import may
from waspada.access.types import Action, IssuedToken, TokenRevoked
from waspada.audit import AuditAction
from waspada.errors import NotFoundError

routes = router("accounts")
Anyone = Annotated[Caller, Depends(Needs(Action.READ_SELF))]
TokenOwner = Annotated[Caller, Depends(Needs(Action.MANAGE_OWN_TOKENS))]
UserManager = Annotated[Caller, Depends(Needs(Action.MANAGE_USERS))]
_PLAIN = [Depends(no_query)]


@routes.get("/me", response_model=schemas.MeOut, responses=READ, dependencies=_PLAIN)
def read_me(request: Request, caller: Anyone) -> Response:
    """Who I am here, and what this token may do."""
    me = caller.identity
    rights = [action for action in Action if may(me, action)]
    return json_reply(request, schemas.MeOut(name=me.name, role=me.role, scope=me.scope, region=me.region, may=rights))


@routes.get("/tokens", response_model=schemas.Page[schemas.TokenOut], responses=READ, dependencies=_PLAIN)
def list_own_tokens(request: Request, ctx: Ctx, caller: TokenOwner) -> Response:
    """My tokens and sessions, newest first; never their secrets."""
    with ctx.store.read() as session:
        found = service.list_tokens(session, caller.name)
    return json_reply(request, schemas.Page[schemas.TokenOut](data=[shape.token(view) for view in found]))


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


@routes.get("/users", response_model=schemas.Page[schemas.UserOut], responses=READ, dependencies=_PLAIN)
def list_users(request: Request, ctx: Ctx, caller: UserManager) -> Response:  # noqa: ARG001
    """The accounts of this installation, by name."""
    with ctx.store.read() as session:
        found = service.list_users(session)
    return json_reply(request, schemas.Page[schemas.UserOut](data=[shape.user(view) for view in found]))


@routes.post(
    "/users",
    response_model=schemas.UserOut,
    status_code=201,
    responses=problems(400, 409, 413),
    dependencies=_PLAIN,
)
def add_user(request: Request, ctx: Ctx, caller: UserManager, wanted: schemas.NewUser) -> Response:
    """A new account, without a token; `waspada tokens issue` makes one."""
    now = ctx.clock()
    with ctx.store.write() as session:
        added = service.add_user(session, wanted.name, wanted.role, wanted.region, actor=caller.name, now=now)
        noted(
            session,
            ctx,
            caller,
            AuditAction.USER_ADDED,
            f"user/{added.user.name}",
            {"role": added.user.role, "region": added.user.region},
            now=now,
        )
    return json_reply(request, shape.user(added.user), status=201)


@routes.delete("/users/{name}", status_code=204, responses=problems(404, 409), dependencies=_PLAIN)
def disable_user(ctx: Ctx, caller: UserManager, name: UserName) -> Response:
    """Closes an account; all its tokens and sessions end with it. The account stays in the history."""
    now = ctx.clock()
    with ctx.store.write() as session:
        service.disable_user(session, name, actor=caller.name, now=now)
        noted(session, ctx, caller, AuditAction.USER_DISABLED, f"user/{name}", now=now)
    return Response(status_code=204)


def issue_audited(ctx: Context, caller: Caller, wanted: schemas.NewToken) -> IssuedToken:
    """A token for the caller and its line in the audit log, both or none."""
    now = ctx.clock()
    with ctx.store.write() as session:
        issued = service.issue_token(
            session,
            caller.name,
            wanted.name,
            wanted.scope,
            now=now,
            lifetime=timedelta(days=wanted.days),
            issuer=caller.identity,
        )
        noted(
            session,
            ctx,
            caller,
            AuditAction.TOKEN_ISSUED,
            f"token/{issued.token.id}",
            {"scope": issued.token.scope, "days": wanted.days},
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
