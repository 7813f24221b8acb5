"""The pages of accounts, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas
from api.auth import Caller, Needs, idle_time
from api.console import render, words
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Context, Ctx
from api.paging import MAX_LIMIT
from api.v1 import users as api
from api.v1.accounts import end_audited
from api.v1.params import SmallId, UserName
from waspada.access import credentials, directory, service
from waspada.access.types import Action, ForbiddenError, Role
from waspada.errors import ConflictError, InputError

routes = APIRouter()
NAV = Nav("users", "/users", N_("Accounts"), Action.MANAGE_USERS, 80)
UserManager = Annotated[Caller, Depends(Needs(Action.MANAGE_USERS))]
Text = Annotated[str, Form(max_length=300)]


@routes.get("/users")
def users_page(request: Request, ctx: Ctx, caller: UserManager) -> Response:
    return _users_page(request, ctx, caller)


@routes.post("/users")
def add_user(
    request: Request,
    ctx: Ctx,
    caller: UserManager,
    role: Annotated[Role, Form()],
    name: Annotated[str, Form(max_length=80)] = "",
    region: Annotated[str, Form(max_length=13)] = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    wanted = schemas.NewUser.model_construct(name=name.strip(), role=role, region=region.strip() or None)
    try:
        added = api.add_audited(ctx, caller, wanted)
    except ConflictError:
        return _users_page(request, ctx, caller, status=409, error=words.ACCOUNT_PROBLEMS["taken"], form=wanted)
    except InputError as error:
        key = "region" if "region" in str(error) else "name"
        return _users_page(request, ctx, caller, status=422, error=words.ACCOUNT_PROBLEMS[key], form=wanted)
    return RedirectResponse(f"/users/{added.name}?done=added", 303)


@routes.get("/users/{name}")
def user_page(request: Request, ctx: Ctx, caller: UserManager, name: UserName) -> Response:
    done = words.USER_DONE.get(request.query_params.get("done", ""), "")
    return _user_page(request, ctx, caller, name, done=done)


@routes.post("/users/{name}/change")
def change_user(
    request: Request,
    ctx: Ctx,
    caller: UserManager,
    name: UserName,
    role: Annotated[Role, Form()],
    region: Annotated[str, Form(max_length=13)] = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    with ctx.store.read() as session:
        active = service.find_user(session, name).active
    wanted = schemas.UserChange.model_construct(role=role, region=region.strip() or None, active=active)
    try:
        api.change_audited(ctx, caller, name, wanted)
    except (ConflictError, ForbiddenError, InputError) as error:
        return _not_done(request, ctx, caller, name, error)
    return RedirectResponse(f"/users/{name}?done=changed", 303)


@routes.post("/users/{name}/disable")
def disable_user(request: Request, ctx: Ctx, caller: UserManager, name: UserName, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    try:
        api.disable_audited(ctx, caller, name)
    except (ConflictError, ForbiddenError) as error:
        return _not_done(request, ctx, caller, name, error)
    return RedirectResponse(f"/users/{name}?done=disabled", 303)


@routes.post("/users/{name}/enable")
def enable_user(ctx: Ctx, caller: UserManager, name: UserName, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    with ctx.store.read() as session:
        known = service.find_user(session, name)
    wanted = schemas.UserChange.model_construct(role=known.role, region=known.region, active=True)
    api.change_audited(ctx, caller, name, wanted)
    return RedirectResponse(f"/users/{name}?done=enabled", 303)


@routes.post("/users/{name}/password-link")
def make_link(request: Request, ctx: Ctx, caller: UserManager, name: UserName, csrf: Text = "") -> Response:
    """The link is on this one page."""
    check_form(ctx, caller, csrf)
    try:
        link = api.link_audited(ctx, caller, name)
    except (ConflictError, ForbiddenError) as error:
        return _not_done(request, ctx, caller, name, error)
    return _user_page(request, ctx, caller, name, link=link)


@routes.post("/users/{name}/totp-reset")
def reset_totp(request: Request, ctx: Ctx, caller: UserManager, name: UserName, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    try:
        api.reset_totp_audited(ctx, caller, name)
    except ForbiddenError as error:
        return _not_done(request, ctx, caller, name, error)
    return RedirectResponse(f"/users/{name}?done=totp", 303)


@routes.post("/users/{name}/directory")
def note_directory(
    request: Request, ctx: Ctx, caller: UserManager, name: UserName, claim: Text = "", csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        api.directory_audited(ctx, caller, name, claim)
    except (ConflictError, InputError):
        wrong = words.ACCOUNT_PROBLEMS["directory"]
        return _user_page(request, ctx, caller, name, status=409, error=wrong)
    return RedirectResponse(f"/users/{name}?done=directory", 303)


@routes.post("/users/{name}/sessions/end")
def end_sessions(ctx: Ctx, caller: UserManager, name: UserName, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    api.end_all_audited(ctx, caller, name)
    return RedirectResponse(f"/users/{name}?done=sessions", 303)


@routes.post("/users/{name}/sessions/{token_id}/end")
def end_session(ctx: Ctx, caller: UserManager, name: UserName, token_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    end_audited(ctx, caller, name, token_id)
    return RedirectResponse(f"/users/{name}?done=sessions", 303)


@routes.post("/users/{name}/tokens/{token_id}/revoke")
def revoke_token(ctx: Ctx, caller: UserManager, name: UserName, token_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    api.revoke_of_audited(ctx, caller, name, token_id)
    return RedirectResponse(f"/users/{name}?done=token", 303)


def _users_page(
    request: Request,
    ctx: Context,
    caller: Caller,
    *,
    status: int = 200,
    error: str = "",
    form: schemas.NewUser | None = None,
) -> Response:
    with ctx.store.read() as session:
        found = [(one, credentials.standing(session, one.id)) for one in service.list_users(session)]
    return render.page(
        request,
        ctx,
        "users.html",
        caller,
        status=status,
        users=found,
        roles=list(Role),
        error=error,
        form=form,
        home=ctx.settings.region,
    )


def _user_page(
    request: Request,
    ctx: Context,
    caller: Caller,
    name: str,
    *,
    status: int = 200,
    error: str = "",
    done: str = "",
    link: schemas.LinkOut | None = None,
) -> Response:
    now = ctx.clock()
    with ctx.store.read() as session:
        user = service.find_user(session, name)
        has = credentials.standing(session, user.id)
        noted = directory.noted_at(session, user.id)
        sessions = service.list_sessions(session, name, now, idle_time(ctx))
        tokens = service.list_tokens(session, name)
    usable = [token for token in tokens if token.usable(now) and not (token.is_session or token.is_link)]
    return render.page(
        request,
        ctx,
        "user.html",
        caller,
        status=status,
        user=user,
        has=has,
        noted=noted,
        sessions=sessions[:MAX_LIMIT],
        tokens=usable[:MAX_LIMIT],
        roles=list(Role),
        link=link,
        error=error,
        done=done,
        with_directory=bool(ctx.settings.oidc_issuer),
        claim_name=ctx.settings.oidc_claim,
        is_me=name == caller.name,
    )


def _not_done(request: Request, ctx: Context, caller: Caller, name: str, error: Exception) -> Response:
    match error:
        case ForbiddenError():
            key, status = "own", 403
        case InputError():
            key, status = "region", 422
        case _:
            with ctx.store.read() as session:
                key, status = ("last" if service.find_user(session, name).active else "closed"), 409
    return _user_page(request, ctx, caller, name, status=status, error=words.ACCOUNT_PROBLEMS[key])
