"""The page that asks for a purpose, once a session, before the first search or export."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api.auth import Caller, Needs, noted
from api.console import render, words
from api.console.forms import check_form
from api.console.i18n import N_
from api.context import Context, Ctx
from api.cookies import set_session
from api.door import local_path
from waspada.access.types import Action
from waspada.audit import AuditAction

routes = APIRouter()
Anyone = Annotated[Caller, Depends(Needs(Action.READ_SELF))]
#: A number of a case or an order, never words: nobody writes a name there.
_REFERENCE = re.compile(r"[A-Za-z0-9./-]{0,40}")
_UNKNOWN = N_("Choose one of the purposes.")
_ODD_REFERENCE = N_("A reference holds letters, digits, dots, dashes and slashes only, without spaces.")
_MAX_NEXT = 2000


@routes.get("/purpose")
def purpose_page(request: Request, ctx: Ctx, caller: Anyone) -> Response:
    return _page(request, ctx, caller, request.query_params.get("next", "/"))


@routes.post("/purpose")
def name_purpose(
    request: Request,
    ctx: Ctx,
    caller: Anyone,
    purpose: Annotated[str, Form(max_length=100)] = "",
    reference: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form(max_length=_MAX_NEXT)] = "/",
    csrf: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Keeps the purpose in the signed cookie of this session, and goes on to what was asked for."""
    check_form(ctx, caller, csrf)
    assert caller.browser is not None  # noqa: S101 (check_form let it through)
    if purpose not in words.PURPOSES:
        return _page(request, ctx, caller, next, status=422, error=_UNKNOWN)
    if not _REFERENCE.fullmatch(reference.strip()):
        return _page(request, ctx, caller, next, status=422, error=_ODD_REFERENCE)
    named = f"{purpose} ({reference.strip()})" if reference.strip() else purpose
    browser = replace(caller.browser, purpose=named, is_named=True)
    now = ctx.clock()
    with ctx.store.write() as session:
        again = replace(caller, purpose=named)
        noted(session, ctx, again, AuditAction.PURPOSE_NAMED, f"token/{caller.identity.token_id}", now=now)
    response = RedirectResponse(local_path(next), 303)
    left = browser.expires_at - now
    set_session(request, response, ctx.signer, browser, seconds=int(left.total_seconds()))
    return response


def _page(
    request: Request, ctx: Context, caller: Caller, going: str, *, status: int = 200, error: str = ""
) -> Response:
    chosen = caller.purpose.partition(" (")[0]
    return render.page(
        request, ctx, "purpose.html", caller, status=status, next=local_path(going), chosen=chosen, error=error
    )
