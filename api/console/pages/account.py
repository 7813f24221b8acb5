"""The page of one's own account and its tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas
from api.auth import Caller, Needs
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Context, Ctx
from api.paging import MAX_LIMIT
from api.v1.accounts import issue_audited, revoke_audited
from api.v1.params import SmallId
from waspada.access import service as access
from waspada.access.policy import covers, may
from waspada.access.repository import SESSION_PREFIX
from waspada.access.types import Action, IssuedToken, Scope
from waspada.errors import InputError

routes = APIRouter()
NAV = Nav("account", "/account", N_("Account"), Action.READ_SELF, 90)
Anyone = Annotated[Caller, Depends(Needs(Action.READ_SELF))]
TokenOwner = Annotated[Caller, Depends(Needs(Action.MANAGE_OWN_TOKENS))]
Text = Annotated[str, Form(max_length=200)]


@routes.get("/account")
def account_page(request: Request, ctx: Ctx, caller: Anyone) -> Response:
    return _account_page(request, ctx, caller)


@routes.post("/account/tokens")
def issue_token(
    request: Request,
    ctx: Ctx,
    caller: TokenOwner,
    name: Annotated[str, Form(max_length=60)],
    scope: Annotated[Scope, Form()],
    days: Annotated[int, Form(ge=1, le=365)],
    csrf: Text = "",
) -> Response:
    """A new token for programs; its secret is on this one page and never again."""
    check_form(ctx, caller, csrf)
    try:
        issued = issue_audited(ctx, caller, schemas.NewToken.model_construct(name=name, scope=scope, days=days))
    except InputError:
        return _account_page(request, ctx, caller, status=422, error=N_("The token needs a name."))
    return _account_page(request, ctx, caller, issued=issued)


@routes.post("/account/tokens/{token_id}/revoke")
def revoke_token(ctx: Ctx, caller: TokenOwner, token_id: SmallId, csrf: Text = "") -> Response:
    check_form(ctx, caller, csrf)
    revoke_audited(ctx, caller, token_id)
    return RedirectResponse("/account", 303)


def _account_page(
    request: Request,
    ctx: Context,
    caller: Caller,
    *,
    status: int = 200,
    error: str = "",
    issued: IssuedToken | None = None,
) -> Response:
    manages = may(caller.identity, Action.MANAGE_OWN_TOKENS)
    with ctx.store.read() as session:
        tokens = access.list_tokens(session, caller.name) if manages else []
    usable = [token for token in tokens if token.usable(ctx.clock())]
    return render.page(
        request,
        ctx,
        "account.html",
        caller,
        status=status,
        tokens=usable[:MAX_LIMIT],
        session_prefix=SESSION_PREFIX,
        scopes=[scope for scope in Scope if covers(caller.identity.scope, scope)],
        manages=manages,
        purpose=caller.purpose,
        error=error,
        issued=issued,
    )
