"""What a search or an export is for: asked once a session, kept in the session, written to the audit log."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api.auth import SESSION_COOKIE, Caller, Needs, audited
from api.console import render
from api.console.forms import check_form
from api.console.i18n import N_
from api.console.pages.signing import local_path
from api.context import Context, Ctx
from api.middleware import is_https
from api.purpose import purposes_to_name
from waspada.access.types import Action
from waspada.audit import AuditAction

routes = APIRouter()
Anyone = Annotated[Caller, Depends(Needs(Action.READ_SELF))]
Text = Annotated[str, Form(max_length=2000)]
_NONE = N_("Choose a purpose first.")


@routes.get("/purpose")
def purpose_page(request: Request, ctx: Ctx, caller: Anyone) -> Response:
    return _page(request, ctx, caller, request.query_params.get("next", "/"))


@routes.post("/purpose")
def name_purpose(
    request: Request, ctx: Ctx, caller: Anyone, purpose: Text = "", next: Text = "/", csrf: Text = ""
) -> Response:
    """Keeps the purpose in the session and goes on."""
    check_form(ctx, caller, csrf)
    if purpose not in purposes_to_name() or caller.browser is None:
        return _page(request, ctx, caller, next, status=422, error=_NONE)
    named = replace(caller, purpose=purpose)
    audited(ctx, named, AuditAction.PURPOSE_NAMED, f"token/{caller.identity.token_id}")
    response = RedirectResponse(local_path(next), 303)
    response.set_cookie(
        SESSION_COOKIE,
        ctx.signer.cookie(replace(caller.browser, purpose=purpose)),
        max_age=int((caller.browser.expires_at - ctx.clock()).total_seconds()),
        httponly=True,
        samesite="strict",
        secure=is_https(request),
    )
    return response


def _page(
    request: Request, ctx: Context, caller: Caller, going: str, *, status: int = 200, error: str = ""
) -> Response:
    return render.page(
        request,
        ctx,
        "purpose.html",
        caller,
        status=status,
        purposes=purposes_to_name(),
        chosen=caller.purpose,
        next=local_path(going),
        error=error,
    )
