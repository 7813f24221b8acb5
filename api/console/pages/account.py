"""The page of one's own account: how one reads, what one signs in with, sessions and tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas
from api.auth import Caller, Needs, idle_time
from api.console import render, words
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.render import LANGUAGE_COOKIE
from api.context import Context, Ctx
from api.middleware import is_https
from api.paging import MAX_LIMIT
from api.schemas.accounts import Area
from api.v1.accounts import end_audited, end_others_audited, issue_audited, reading_audited, revoke_audited
from api.v1.params import SmallId
from waspada.access import service as access
from waspada.access.credentials import must_have_totp, standing
from waspada.access.policy import areas_of, covers, may
from waspada.access.service import READER_LANGUAGES, READER_ZONES
from waspada.access.types import Action, IssuedToken, Scope
from waspada.errors import InputError

routes = APIRouter()
NAV = Nav("account", "/account", N_("Account"), Action.READ_SELF, 90)
Anyone = Annotated[Caller, Depends(Needs(Action.READ_SELF))]
LoginOwner = Annotated[Caller, Depends(Needs(Action.MANAGE_OWN_LOGIN))]
TokenOwner = Annotated[Caller, Depends(Needs(Action.MANAGE_OWN_TOKENS))]
Text = Annotated[str, Form(max_length=200)]


@routes.get("/account")
def account_page(request: Request, ctx: Ctx, caller: Anyone) -> Response:
    return page(request, ctx, caller, done=words.ACCOUNT_DONE.get(request.query_params.get("done", ""), ""))


@routes.post("/account/reading")
def set_reading(
    request: Request, ctx: Ctx, caller: LoginOwner, zone: Text = "", language: Text = "", csrf: Text = ""
) -> Response:
    """Zone and language of the account; the language goes before what this browser remembered."""
    check_form(ctx, caller, csrf)
    reading_audited(ctx, caller, zone or None, language or None)
    response = RedirectResponse("/account?done=reading", 303)
    response.delete_cookie(LANGUAGE_COOKIE, httponly=True, samesite="strict", secure=is_https(request))
    return response


@routes.post("/account/tokens")
def issue_token(
    request: Request,
    ctx: Ctx,
    caller: TokenOwner,
    name: Annotated[str, Form(max_length=60)],
    scope: Annotated[Scope, Form()],
    days: Annotated[int, Form(ge=1, le=365)],
    areas: Annotated[list[Area] | None, Form()] = None,
    csrf: Text = "",
) -> Response:
    """A new token for programs; its secret is on this one page and never again. Without areas it may all that its
    scope allows."""
    check_form(ctx, caller, csrf)
    wanted = schemas.NewToken.model_construct(name=name, scope=scope, days=days, areas=areas or None)
    try:
        issued = issue_audited(ctx, caller, wanted)
    except InputError:
        return page(request, ctx, caller, status=422, error=words.ACCOUNT_PROBLEMS["token"])
    return page(request, ctx, caller, issued=issued)


@routes.post("/account/tokens/{token_id}/revoke")
def revoke_token(ctx: Ctx, caller: TokenOwner, token_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    revoke_audited(ctx, caller, token_id)
    return RedirectResponse("/account?done=token", 303)


@routes.post("/account/sessions/end-others")
def end_others(ctx: Ctx, caller: LoginOwner, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    end_others_audited(ctx, caller)
    return RedirectResponse("/account?done=sessions", 303)


@routes.post("/account/sessions/{token_id}/end")
def end_session(ctx: Ctx, caller: LoginOwner, token_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    end_audited(ctx, caller, caller.name, token_id)
    return RedirectResponse("/account?done=sessions", 303)


def page(
    request: Request,
    ctx: Context,
    caller: Caller,
    *,
    status: int = 200,
    error: str = "",
    done: str = "",
    issued: IssuedToken | None = None,
    codes: Sequence[str] = (),
) -> Response:
    """The whole page; `issued` and `codes` are what is shown on it this once."""
    me, now = caller.identity, ctx.clock()
    manages = may(me, Action.MANAGE_OWN_TOKENS)
    with ctx.store.read() as session:
        tokens = access.list_tokens(session, caller.name) if manages else []
        sessions = access.list_sessions(session, caller.name, now, idle_time(ctx)) if manages else []
        has = standing(session, me.user_id)
        own = access.user_of(session, me.user_id)
    usable = [token for token in tokens if token.usable(now) and not (token.is_session or token.is_link)]
    return render.page(
        request,
        ctx,
        "account.html",
        caller,
        status=status,
        tokens=usable[:MAX_LIMIT],
        sessions=sessions[:MAX_LIMIT],
        scopes=[scope for scope in Scope if covers(me.scope, scope)],
        areas=[area for area in areas_of(me.role, me.scope) if me.areas is None or area in me.areas],
        manages=manages,
        purpose=caller.purpose,
        error=error,
        done=done,
        issued=issued,
        codes=codes,
        has=has,
        own=own,
        zones=READER_ZONES,
        desk_zone=ctx.settings.zone,
        reader_languages=READER_LANGUAGES,
        needs_totp=must_have_totp(me.role, ctx.settings.totp_roles),
    )
