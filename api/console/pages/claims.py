"""The console's forms on fact-checks: confirming and rejecting a match on the page of its alert."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas
from api.auth import Caller, Needs
from api.console.forms import check_form
from api.console.i18n import N_
from api.console.pages.alerts import show_alert
from api.context import Ctx
from api.v1.claims import decide_audited
from api.v1.params import Id
from waspada.access.types import Action
from waspada.claims.service import StaleMatchError
from waspada.errors import ConflictError, InputError
from waspada.privacy.reasons import MAX_REASON_CHARACTERS

routes = APIRouter()
Decider = Annotated[Caller, Depends(Needs(Action.DECIDE_CLAIMS))]

_CHANGED = N_("Somebody was faster: this fact-check was decided on since you looked. Nothing of yours was saved.")
_DECIDED = N_("That was decided already. Nothing was saved.")
_NO_REASON = N_("Say in a few words why it is another claim.")
_LONG_REASON = N_("The reason is too long. Shorten it and try again.")


@routes.post("/alerts/{alert_id}/claims/{match_id}")
def decide_match(
    request: Request,
    ctx: Ctx,
    caller: Decider,
    alert_id: Id,
    match_id: Id,
    confirmed: Annotated[bool, Form()],
    revision: Annotated[int, Form(ge=1, le=2**31 - 1)],
    csrf: Annotated[str, Form(max_length=200)] = "",
    reason: Annotated[str, Form(max_length=2 * MAX_REASON_CHARACTERS)] = "",
) -> Response:
    """Keeps the decision and goes back to the alert; one that is not possible shows the alert as it is now."""
    check_form(ctx, caller, csrf)
    try:
        body = schemas.NewDecision.model_construct(confirmed=confirmed, reason=reason)
        decide_audited(ctx, caller, match_id, body, revision)
    except StaleMatchError as error:
        return show_alert(request, ctx, caller, alert_id, status=409, error=_CHANGED, changes=error.changes)
    except ConflictError:
        return show_alert(request, ctx, caller, alert_id, status=409, error=_DECIDED)
    except InputError:
        problem = _LONG_REASON if len(reason) > MAX_REASON_CHARACTERS else _NO_REASON
        return show_alert(request, ctx, caller, alert_id, status=422, error=problem)
    return RedirectResponse(f"/alerts/{alert_id}#fact-checks", 303)
