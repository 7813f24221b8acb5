"""The pages of reports that leave the team: the list, one report with its second account, and proposing one."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from api import schemas
from api.auth import Caller, Needs
from api.console import render, views
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.regions import place_name
from api.context import Context, Ctx
from api.paging import MAX_CURSOR_CHARACTERS, id_cursor, read_id_cursor
from api.v1 import escalations as api
from api.v1.params import Id
from waspada.access.policy import may
from waspada.access.types import Action, ForbiddenError
from waspada.alerts import repository as alerts
from waspada.alerts.types import AlertState
from waspada.errors import ConflictError, InputError
from waspada.escalations import service
from waspada.escalations.gathering import facts_of
from waspada.escalations.types import PROPOSABLE, EscalationState, ReportKind, StaleEscalationError
from waspada.privacy.reasons import MAX_REASON_CHARACTERS

routes = APIRouter()
NAV = Nav("escalations", "/escalations", N_("Reports passed on"), Action.READ_ALERTS, 35)
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Proposer = Annotated[Caller, Depends(Needs(Action.PROPOSE_ESCALATION))]
Approver = Annotated[Caller, Depends(Needs(Action.APPROVE_ESCALATION))]
Text = Annotated[str, Form(max_length=200)]
Reason = Annotated[str, Form(max_length=2 * MAX_REASON_CHARACTERS)]
Revision = Annotated[int, Form(ge=1, le=2**31 - 1)]
ROWS_A_PAGE = 50

_UNFIT = N_(
    "The report cannot be proposed so. It needs an institution and a reason, and a remark that is not too long."
)
_NOT_NOW = N_(
    "This cannot be passed on now: the alert is not verified (any more), an institution may not be sent anything, or "
    "a report to it is open already. Nothing was saved."
)
_NOT_RAISED = N_("It cannot be raised now: it is not verified (any more), or was raised to that desk already.")
_SAME = N_("Whoever proposes a report cannot decide on it. Another account must.")
_NOT_MINE = N_("Only whoever proposed a report withdraws it. Refuse it, with a reason.")
_NO_REASON = N_("A reason is needed.")
_FASTER = N_("Somebody was faster: this report was decided since you looked at it. Nothing of yours was saved.")
_NOT_APPROVED = N_(
    "This cannot be approved now: the alert does not stand any more, an institution may not be sent anything (any "
    "more), or the time to answer is over. Nothing was sent."
)


@routes.get("/escalations")
def escalations_page(
    request: Request,
    ctx: Ctx,
    caller: Reader,
    state: Annotated[EscalationState | Literal[""], Query()] = "",
    cursor: Annotated[str | None, Query(max_length=MAX_CURSOR_CHARACTERS)] = None,
) -> Response:
    before = read_id_cursor(cursor)
    found = api.search_audited(ctx, caller, [EscalationState(state)] if state else [], before, ROWS_A_PAGE + 1)
    now, shown = ctx.clock(), found[:ROWS_A_PAGE]
    return render.page(
        request,
        ctx,
        "escalations.html",
        caller,
        reports=[views.report(one, caller.name, now) for one in shown],
        state=state,
        next_cursor=id_cursor(shown[-1].id) if len(found) > ROWS_A_PAGE else None,
    )


@routes.get("/escalations/{escalation_id}")
def escalation_page(request: Request, ctx: Ctx, caller: Reader, escalation_id: Id) -> Response:
    return _report_page(request, ctx, caller, escalation_id)


@routes.post("/escalations/{escalation_id}/decision")
def decide(
    request: Request,
    ctx: Ctx,
    caller: Approver,
    escalation_id: Id,
    approved: Annotated[bool, Form()],
    revision: Revision,
    reason: Reason = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    decision = schemas.SecondDecision.model_construct(approved=approved, reason=reason)
    try:
        api.decide_audited(ctx, caller, escalation_id, decision, revision)
    except ForbiddenError:
        return _report_page(request, ctx, caller, escalation_id, status=403, error=_SAME)
    except StaleEscalationError:
        return _report_page(request, ctx, caller, escalation_id, status=409, error=_FASTER)
    except ConflictError:
        return _report_page(request, ctx, caller, escalation_id, status=409, error=_NOT_APPROVED)
    except InputError:
        return _report_page(request, ctx, caller, escalation_id, status=422, error=_NO_REASON)
    return RedirectResponse(f"/escalations/{escalation_id}", 303)


@routes.post("/escalations/{escalation_id}/withdrawal")
def withdraw(
    request: Request, ctx: Ctx, caller: Proposer, escalation_id: Id, revision: Revision, csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        api.withdraw_audited(ctx, caller, escalation_id, revision)
    except ForbiddenError:
        return _report_page(request, ctx, caller, escalation_id, status=403, error=_NOT_MINE)
    except ConflictError:
        return _report_page(request, ctx, caller, escalation_id, status=409, error=_FASTER)
    return RedirectResponse(f"/escalations/{escalation_id}", 303)


@routes.get("/alerts/{alert_id}/escalate")
def escalate_page(
    request: Request,
    ctx: Ctx,
    caller: Proposer,
    alert_id: Id,
    kind: Annotated[ReportKind, Query()] = ReportKind.ATENSI,
) -> Response:
    """What would be sent, and to whom it could go."""
    return _propose_page(request, ctx, caller, alert_id, kind)


@routes.post("/alerts/{alert_id}/escalate")
def propose(
    request: Request,
    ctx: Ctx,
    caller: Proposer,
    alert_id: Id,
    recipient: Annotated[list[int], Form()] = [],  # noqa: B006 (never changed)
    kind: Annotated[ReportKind, Form()] = ReportKind.ATENSI,
    reason: Reason = "",
    remark: Reason = "",
    csrf: Text = "",
) -> Response:
    check_form(ctx, caller, csrf)
    chosen = [one for one in recipient if 0 < one < 2**31]
    new = schemas.NewEscalation.model_construct(recipients=chosen, kind=kind, reason=reason, remark=remark)
    try:
        found = api.propose_audited(ctx, caller, alert_id, new)
    except InputError:
        return _propose_page(request, ctx, caller, alert_id, kind, status=422, error=_UNFIT)
    except ConflictError:
        return _propose_page(request, ctx, caller, alert_id, kind, status=409, error=_NOT_NOW)
    return RedirectResponse(f"/escalations/{found.id}", 303)


@routes.post("/alerts/{alert_id}/raise")
def raise_alert(
    request: Request, ctx: Ctx, caller: Proposer, alert_id: Id, reason: Reason = "", csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        api.raise_audited(ctx, caller, alert_id, reason)
    except InputError:
        return _propose_page(request, ctx, caller, alert_id, ReportKind.ATENSI, status=422, error=_NO_REASON)
    except ConflictError:
        return _propose_page(request, ctx, caller, alert_id, ReportKind.ATENSI, status=409, error=_NOT_RAISED)
    return RedirectResponse(f"/alerts/{alert_id}", 303)


def _report_page(
    request: Request, ctx: Context, caller: Caller, escalation_id: int, *, status: int = 200, error: str = ""
) -> Response:
    found = api.read_audited(ctx, caller, escalation_id)
    with ctx.store.read() as session:
        alert = alerts.summary(session, found.alert_id, within=caller.identity.region)
    return render.page(
        request,
        ctx,
        "escalation.html",
        caller,
        status=status,
        report=views.report(found, caller.name, ctx.clock()),
        alert=views.card(alert),
        has_changed=alert.revision != found.alert_revision,
        may_decide=may(caller.identity, Action.APPROVE_ESCALATION),
        may_propose=may(caller.identity, Action.PROPOSE_ESCALATION),
        max_reason=MAX_REASON_CHARACTERS,
        error=error,
    )


def _propose_page(
    request: Request,
    ctx: Context,
    caller: Caller,
    alert_id: int,
    kind: ReportKind,
    *,
    status: int = 200,
    error: str = "",
) -> Response:
    shown = kind if kind in PROPOSABLE else ReportKind.ATENSI
    desk, candidates, _ = api.options_audited(ctx, caller, alert_id)
    with ctx.store.read() as session:
        alert = alerts.summary(session, alert_id, within=caller.identity.region)
        facts = facts_of(session, alert_id, within=caller.identity.region)
        bodies = service.preview(session, facts, shown, "", ctx.settings, ctx.clock())
    return render.page(
        request,
        ctx,
        "escalate.html",
        caller,
        status=status,
        alert=views.card(alert),
        verified=alert.state is AlertState.VERIFIED and not alert.exercise and alert.merged_into is None,
        choices=[views.choice(one) for one in candidates],
        desk=place_name(desk) if desk and desk not in alert.raised_to else "",
        kinds=PROPOSABLE,
        kind=shown,
        body=bodies["id"],
        max_reason=MAX_REASON_CHARACTERS,
        may_see_recipients=may(caller.identity, Action.READ_RECIPIENTS),
        error=error,
    )
