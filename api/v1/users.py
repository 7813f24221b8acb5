"""The accounts of this installation, for admins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, idle_time, noted
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.accounts import end_audited
from api.v1.params import SmallId, UserName, no_query
from api.v1.routing import READ, problems, router
from waspada.access import credentials, directory, service
from waspada.access.types import Action, ForbiddenError, TokenRevoked, User
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.errors import NotFoundError

routes = router("users")
UserManager = Annotated[Caller, Depends(Needs(Action.MANAGE_USERS))]
_PLAIN = [Depends(no_query)]


@routes.get("/users", response_model=schemas.Page[schemas.UserOut], responses=READ, dependencies=_PLAIN)
def list_users(request: Request, ctx: Ctx, caller: UserManager) -> Response:  # noqa: ARG001
    """The accounts of this installation, by name."""
    with ctx.store.read() as session:
        found = [_user(session, one) for one in service.list_users(session)]
    return json_reply(request, schemas.Page[schemas.UserOut](data=found))


@routes.post(
    "/users",
    response_model=schemas.UserOut,
    status_code=201,
    responses=problems(400, 409, 413),
    dependencies=_PLAIN,
)
def add_user(request: Request, ctx: Ctx, caller: UserManager, wanted: schemas.NewUser) -> Response:
    """A new account, without anything to sign in with yet: send it a link (`/users/{name}/password-link`)."""
    added = add_audited(ctx, caller, wanted)
    with ctx.store.read() as session:
        return json_reply(request, _user(session, added), status=201)


@routes.get("/users/{name}", response_model=schemas.UserOut, responses=READ | problems(404), dependencies=_PLAIN)
def read_user(request: Request, ctx: Ctx, caller: UserManager, name: UserName) -> Response:  # noqa: ARG001
    with ctx.store.read() as session:
        return json_reply(request, _user(session, service.find_user(session, name)))


@routes.put(
    "/users/{name}",
    response_model=schemas.UserOut,
    responses=problems(400, 404, 409, 413),
    dependencies=_PLAIN,
)
def change_user(
    request: Request, ctx: Ctx, caller: UserManager, name: UserName, wanted: schemas.UserChange
) -> Response:
    """Gives an account a role and a region, closes or opens it. Its sessions end with a change; nobody changes their
    own account, and the last admin stays."""
    change_audited(ctx, caller, name, wanted)
    with ctx.store.read() as session:
        return json_reply(request, _user(session, service.find_user(session, name)))


@routes.delete("/users/{name}", status_code=204, responses=problems(404, 409), dependencies=_PLAIN)
def disable_user(ctx: Ctx, caller: UserManager, name: UserName) -> Response:
    """Closes an account; all its tokens and sessions end with it. The account stays in the history."""
    disable_audited(ctx, caller, name)
    return Response(status_code=204)


@routes.post(
    "/users/{name}/password-link",
    response_model=schemas.LinkOut,
    status_code=201,
    responses=problems(404, 409),
    dependencies=_PLAIN,
)
def make_link(request: Request, ctx: Ctx, caller: UserManager, name: UserName) -> Response:
    """A link with which the account sets its password, once, within a day; earlier links end. Give it to its holder on
    a way that you trust."""
    reply = json_reply(request, link_audited(ctx, caller, name), status=201)
    reply.headers["Cache-Control"] = "no-store"
    return reply


@routes.delete("/users/{name}/totp", status_code=204, responses=problems(404), dependencies=_PLAIN)
def reset_totp(ctx: Ctx, caller: UserManager, name: UserName) -> Response:
    """Takes the second factor from an account whose holder has lost it; its sessions end."""
    reset_totp_audited(ctx, caller, name)
    return Response(status_code=204)


@routes.put("/users/{name}/directory", status_code=204, responses=problems(400, 404, 409, 413), dependencies=_PLAIN)
def note_directory(ctx: Ctx, caller: UserManager, name: UserName, wanted: schemas.DirectoryName) -> Response:
    """Notes what the organisation's directory calls the holder of an account."""
    directory_audited(ctx, caller, name, wanted.claim)
    return Response(status_code=204)


@routes.get(
    "/users/{name}/sessions",
    response_model=schemas.Page[schemas.SessionOut],
    responses=READ | problems(404),
    dependencies=_PLAIN,
)
def list_sessions(request: Request, ctx: Ctx, caller: UserManager, name: UserName) -> Response:
    """The sessions of the console that an account has open."""
    with ctx.store.read() as session:
        found = service.list_sessions(session, name, ctx.clock(), idle_time(ctx))
    shown = [shape.session(view, caller.identity.token_id) for view in found]
    return json_reply(request, schemas.Page[schemas.SessionOut](data=shown))


@routes.delete("/users/{name}/sessions", status_code=204, responses=problems(404), dependencies=_PLAIN)
def end_sessions(ctx: Ctx, caller: UserManager, name: UserName) -> Response:
    """Ends all sessions of an account at once."""
    end_all_audited(ctx, caller, name)
    return Response(status_code=204)


@routes.delete("/users/{name}/sessions/{token_id}", status_code=204, responses=problems(404), dependencies=_PLAIN)
def end_session(ctx: Ctx, caller: UserManager, name: UserName, token_id: SmallId) -> Response:
    """Ends one session of an account at once."""
    end_audited(ctx, caller, name, token_id)
    return Response(status_code=204)


@routes.get(
    "/users/{name}/tokens",
    response_model=schemas.Page[schemas.TokenOut],
    responses=READ | problems(404),
    dependencies=_PLAIN,
)
def list_tokens(request: Request, ctx: Ctx, caller: UserManager, name: UserName) -> Response:  # noqa: ARG001
    """The tokens of an account, newest first; never their secrets."""
    with ctx.store.read() as session:
        found = service.list_tokens(session, name)
    shown = [shape.token(view) for view in found if not (view.is_session or view.is_link)]
    return json_reply(request, schemas.Page[schemas.TokenOut](data=shown))


@routes.delete("/users/{name}/tokens/{token_id}", status_code=204, responses=problems(404), dependencies=_PLAIN)
def revoke_token(ctx: Ctx, caller: UserManager, name: UserName, token_id: SmallId) -> Response:
    """Ends a token of an account, with the sessions it opened."""
    revoke_of_audited(ctx, caller, name, token_id)
    return Response(status_code=204)


@contextmanager
def _noting(
    ctx: Context, caller: Caller, action: AuditAction, object_: str, detail: Detail | None = None
) -> Iterator[tuple[Session, datetime, dict[str, str | bool | None]]]:
    """A change and its line in the audit log, both or none; the last one given may be filled meanwhile."""
    now, more = ctx.clock(), dict[str, str | bool | None]()
    with ctx.store.write() as session:
        yield session, now, more
        noted(session, ctx, caller, action, object_, {**(detail or {}), **more}, now=now)


def add_audited(ctx: Context, caller: Caller, wanted: schemas.NewUser) -> User:
    """Raises InputError and ConflictError."""
    detail = {"role": wanted.role, "region": wanted.region}
    with _noting(ctx, caller, AuditAction.USER_ADDED, f"user/{wanted.name}", detail) as (session, now, _):
        return service.add_user(session, wanted.name, wanted.role, wanted.region, actor=caller.name, now=now).user


def change_audited(ctx: Context, caller: Caller, name: str, wanted: schemas.UserChange) -> None:
    """Role, region and standing in one step. Raises NotFoundError, InputError, ConflictError and ForbiddenError."""
    with _noting(ctx, caller, AuditAction.USER_CHANGED, f"user/{name}") as (session, now, more):
        was_active = service.find_user(session, name).active
        if wanted.active and not was_active:
            more.update(service.enable_user(session, name, actor=caller.name, now=now).changes)
        changed = service.change_user(session, name, role=wanted.role, region=wanted.region, actor=caller.name, now=now)
        more.update(changed.changes)
        if was_active and not wanted.active:
            service.disable_user(session, name, actor=caller.name, now=now)
            more["active"] = False


def disable_audited(ctx: Context, caller: Caller, name: str) -> None:
    """Raises NotFoundError, ConflictError and ForbiddenError."""
    with _noting(ctx, caller, AuditAction.USER_DISABLED, f"user/{name}") as (session, now, _):
        service.disable_user(session, name, actor=caller.name, now=now)


def link_audited(ctx: Context, caller: Caller, name: str) -> schemas.LinkOut:
    """Raises NotFoundError and ConflictError; ForbiddenError for oneself where a password is there already: whoever
    sits at an open console must not take the account over by it."""
    with _noting(ctx, caller, AuditAction.LOGIN_CHANGED, f"user/{name}", {"what": "link"}) as (session, now, _):
        if name == caller.name and credentials.standing(session, caller.identity.user_id).has_password:
            raise ForbiddenError("You have a password.", hint="Change it on the page of your account.")
        issued = credentials.password_link(session, name, now)
    assert issued.token.expires_at is not None  # noqa: S101 (links always end)
    address = ctx.settings.link(f"/login/set?{urlencode({'code': issued.secret})}")
    return schemas.LinkOut(link=address, expires_at=issued.token.expires_at)


def reset_totp_audited(ctx: Context, caller: Caller, name: str) -> None:
    """Raises NotFoundError; ForbiddenError for oneself: another admin does that."""
    if name == caller.name:
        raise ForbiddenError("Nobody resets their own second factor.", hint="Ask another admin.")
    with _noting(ctx, caller, AuditAction.LOGIN_CHANGED, f"user/{name}", {"what": "totp reset"}) as (session, now, _):
        ctx.credentials.remove_totp(session, service.find_user(session, name).id, now, keep=None)


def directory_audited(ctx: Context, caller: Caller, name: str, claim: str) -> None:
    """Raises NotFoundError, InputError and ConflictError."""
    with _noting(ctx, caller, AuditAction.LOGIN_CHANGED, f"user/{name}", {"what": "directory"}) as (session, now, _):
        directory.note_claim(session, name, ctx.settings.oidc_issuer, claim, now)


def end_all_audited(ctx: Context, caller: Caller, name: str) -> None:
    """Raises NotFoundError."""
    with _noting(ctx, caller, AuditAction.SESSION_ENDED, f"user/{name}") as (session, now, _):
        service.end_sessions(session, name, now=now)


def revoke_of_audited(ctx: Context, caller: Caller, name: str, token_id: int) -> TokenRevoked:
    """Raises NotFoundError where the account has no such token."""
    with _noting(ctx, caller, AuditAction.TOKEN_REVOKED, f"token/{token_id}", {"user": name}) as (session, now, _):
        if token_id not in {token.id for token in service.list_tokens(session, name)}:
            raise NotFoundError(f"{name!r} has no token {token_id}.", hint="It may have ended already.")
        return service.revoke_token(session, token_id, actor=caller.name, now=now)


def _user(session: Session, view: User) -> schemas.UserOut:
    return shape.user(view, credentials.standing(session, view.id), directory.noted_at(session, view.id))
