"""The page of institutions outside the team, and of the permissions that police and intelligence need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas, shape
from api.auth import Caller, Needs
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.regions import region_choices
from api.context import Context, Ctx
from api.v1 import recipients as api
from api.v1.params import SmallId
from waspada.access.policy import may
from waspada.access.types import Action, ForbiddenError
from waspada.errors import ConflictError, InputError
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.recipients.policy import MAX_ADDRESS_CHARACTERS, MAX_GRANT, MAX_INSTITUTION_CHARACTERS
from waspada.recipients.types import LANGUAGES, RecipientKind

routes = APIRouter()
NAV = Nav("recipients", "/recipients", N_("Recipients"), Action.READ_RECIPIENTS, 55)
Reader = Annotated[Caller, Depends(Needs(Action.READ_RECIPIENTS))]
Manager = Annotated[Caller, Depends(Needs(Action.MANAGE_RECIPIENTS))]
Granter = Annotated[Caller, Depends(Needs(Action.GRANT_RECIPIENTS))]
Revoker = Annotated[Caller, Depends(Needs(Action.REVOKE_GRANT))]
Text = Annotated[str, Form(max_length=200)]
Reason = Annotated[str, Form(max_length=2 * MAX_REASON_CHARACTERS)]

_UNFIT = N_(
    "This institution cannot be added so. It is named by what it is, never by a person, with the mail address of its "
    "office; what is police, military or intelligence must be added as such."
)
_TWICE = N_("This address stands for this region already.")
_STANDS = N_("It stands so already. Nothing was changed.")
_BAD_GRANT = N_("The permission cannot be asked for so. It needs a region, at most 90 days and a reason.")
_NO_REASON = N_("A reason is needed.")
_SAME = N_("Whoever asks for a permission cannot decide on it. Another account must.")
_DECIDED = N_("This permission was decided, revoked or is over already. Nothing was changed.")


@routes.get("/recipients")
def recipients_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    return _page(request, ctx, caller)


@routes.post("/recipients")
def add_recipient(
    request: Request,
    ctx: Ctx,
    caller: Manager,
    institution: Annotated[str, Form(max_length=2 * MAX_INSTITUTION_CHARACTERS)] = "",
    kind: Annotated[RecipientKind, Form()] = RecipientKind.OTHER,
    region: Annotated[str, Form(max_length=13)] = "",
    address: Annotated[str, Form(max_length=2 * MAX_ADDRESS_CHARACTERS)] = "",
    language: Annotated[str, Form(max_length=2)] = "id",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    new = schemas.NewRecipientIn.model_construct(
        institution=institution, kind=kind, region=region, address=address, language=language
    )
    try:
        api.add_audited(ctx, caller, new)
    except InputError:
        return _page(request, ctx, caller, status=422, error=_UNFIT)
    except ConflictError:
        return _page(request, ctx, caller, status=409, error=_TWICE)
    return RedirectResponse("/recipients", 303)


@routes.post("/recipients/{recipient_id}/switch")
def switch_recipient(
    request: Request, ctx: Ctx, caller: Manager, recipient_id: SmallId, active: Annotated[bool, Form()], csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        api.switch_audited(ctx, caller, recipient_id, active)
    except ConflictError:
        return _page(request, ctx, caller, status=409, error=_STANDS)
    return RedirectResponse("/recipients", 303)


@routes.post("/recipients/{recipient_id}/grants")
def ask_grant(
    request: Request,
    ctx: Ctx,
    caller: Granter,
    recipient_id: SmallId,
    region: Annotated[str, Form(max_length=13)] = "",
    days: Annotated[int, Form(ge=1, le=MAX_GRANT.days)] = 30,
    reason: Reason = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    now = ctx.clock()
    new = schemas.NewGrant.model_construct(
        region=region, starts_at=now, ends_at=now + timedelta(days=days), reason=reason
    )
    try:
        api.ask_audited(ctx, caller, recipient_id, new)
    except InputError:
        return _page(request, ctx, caller, status=422, error=_BAD_GRANT)
    except ConflictError:
        return _page(request, ctx, caller, status=409, error=_BAD_GRANT)
    return RedirectResponse("/recipients", 303)


@routes.post("/recipients/grants/{grant_id}/decision")
def decide_grant(
    request: Request,
    ctx: Ctx,
    caller: Manager,
    grant_id: SmallId,
    approved: Annotated[bool, Form()],
    reason: Reason = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    decision = schemas.SecondDecision.model_construct(approved=approved, reason=reason)
    return _done(request, ctx, caller, lambda: api.decide_audited(ctx, caller, grant_id, decision))


@routes.post("/recipients/grants/{grant_id}/revocation")
def revoke_grant(
    request: Request, ctx: Ctx, caller: Revoker, grant_id: SmallId, reason: Reason = "", csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    return _done(request, ctx, caller, lambda: api.revoke_audited(ctx, caller, grant_id, reason))


def _done(request: Request, ctx: Context, caller: Caller, work: Callable[[], object]) -> Response:
    try:
        work()
    except ForbiddenError:
        return _page(request, ctx, caller, status=403, error=_SAME)
    except InputError:
        return _page(request, ctx, caller, status=422, error=_NO_REASON)
    except ConflictError:
        return _page(request, ctx, caller, status=409, error=_DECIDED)
    return RedirectResponse("/recipients", 303)


def _page(request: Request, ctx: Context, caller: Caller, *, status: int = 200, error: str = "") -> Response:
    found, now = api.read_audited(ctx, caller), ctx.clock()
    home, within = caller.identity.region or ctx.settings.region, caller.identity.region
    return render.page(
        request,
        ctx,
        "recipients.html",
        caller,
        status=status,
        recipients=[shape.recipient(one, now) for one in found],
        regions=[one for one in region_choices(home, home) if within is None or one.code.startswith(within)],
        home=home,
        kinds=list(RecipientKind),
        tongues=LANGUAGES,
        may_manage=may(caller.identity, Action.MANAGE_RECIPIENTS),
        may_grant=may(caller.identity, Action.GRANT_RECIPIENTS),
        may_revoke=may(caller.identity, Action.REVOKE_GRANT),
        max_days=MAX_GRANT.days,
        max_reason=MAX_REASON_CHARACTERS,
        max_institution=MAX_INSTITUTION_CHARACTERS,
        max_address=MAX_ADDRESS_CHARACTERS,
        error=error,
    )
