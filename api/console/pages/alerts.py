"""The pages of alerts: the ranked list, one alert with its steps, two compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas
from api.auth import Caller, Needs, audited
from api.console import render, views
from api.console.filters import FilterQuery
from api.console.forms import check_form
from api.console.frame import Keys, Nav
from api.console.i18n import N_
from api.console.regions import region_choices
from api.console.views import desk
from api.context import Context, Ctx
from api.paging import rank_cursor, read_rank_cursor
from api.v1.alerts import compared_audited, move_audited, search_detail
from api.v1.params import Id
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.alerts import repository, seen
from waspada.alerts.exits import mask
from waspada.alerts.policy import MAX_NOTE_CHARACTERS
from waspada.alerts.types import AlertState, AlertSummary, StaleRevisionError, StateChange
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.errors import ConflictError, InputError
from waspada.topics.repository import names as topic_names
from waspada.topics.types import TopicName

routes = APIRouter()
NAV = Nav("alerts", "/alerts", N_("Alerts"), Action.READ_ALERTS, 10, go="a")
KEYS = Keys(
    "cards",
    N_("In a list"),
    (
        ("j", N_("next card")),
        ("k", N_("previous card")),
        ("Enter", N_("open it")),
        ("o", N_("open it")),
        ("x", N_("choose it, for one step with several")),
        ("r", N_("load what came")),
        ("a", N_("I am on it")),
        ("v", N_("Mark as verified")),
        ("/", N_("to the first choice that narrows the list")),
    ),
    20,
)
CARDS_A_PAGE = 25
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Mover = Annotated[Caller, Depends(Needs(Action.MOVE_ALERTS))]
Text = Annotated[str, Form(max_length=200)]

_CHANGED = N_("Somebody was faster: the alert was changed since you looked at it. Nothing of yours was saved.")
_NO_STEP = N_("This step is not possible any more. Nothing was saved.")
_NO_REASON = N_("Choose a reason first.")
_LONG_NOTE = N_("The note is too long. Shorten it and try again.")


@routes.get("/alerts")
def alerts_page(request: Request, ctx: Ctx, caller: Reader, form: FilterQuery) -> Response:
    now = ctx.clock()
    wanted = form.as_filter(caller.identity.region, now, caller.name)
    with ctx.store.read() as session:
        found = repository.search(session, wanted, after=read_rank_cursor(form.cursor), limit=CARDS_A_PAGE + 1)
        region = form.region or caller.identity.region
        heard = ctx.heard.line(session, region, now, home=ctx.settings.region)
        named = topic_names(session, within=caller.identity.region)
        around = desk.around(session, caller.identity, wanted, found, now)
    shown = found[:CARDS_A_PAGE]
    audited(ctx, caller, AuditAction.ALERTS_SEARCHED, "alerts", search_detail(wanted, len(shown)))
    home_region = caller.identity.region or ctx.settings.region
    return render.page(
        request,
        ctx,
        "alerts.html",
        caller,
        cards=[views.card(view, around.marks[view.id]) for view in shown],
        around=around,
        tools=desk.tools(caller.identity),
        live=form.stream(around.line, now),
        full_score=views.full_score(),
        now=now,
        form=form,
        regions=region_choices(home_region, form.region),
        coverage=heard,
        total=around.total,
        topics=[TopicName(one.id, mask(one.title)) for one in named],
        next_page=form.address(rank_cursor(shown[-1].position)) if len(found) > CARDS_A_PAGE else None,
    )


@routes.get("/alerts/{alert_id}")
def alert_page(request: Request, ctx: Ctx, caller: Reader, alert_id: Id) -> Response:
    return show_alert(request, ctx, caller, alert_id)


@routes.get("/alerts/{alert_id}/compare/{other_id}")
def compare_page(request: Request, ctx: Ctx, caller: Reader, alert_id: Id, other_id: Id) -> Response:
    """Two alerts part by part, as the ranking puts them."""
    found = compared_audited(ctx, caller, alert_id, other_id)
    return render.page(
        request,
        ctx,
        "compare.html",
        caller,
        upper=views.card(found.upper),
        lower=views.card(found.lower),
        difference=found.difference,
        sentence=found.sentence,
        parts=views.compared_parts(found),
        full_score=views.full_score(),
    )


@routes.post("/alerts/{alert_id}/move")
def move_alert(
    request: Request,
    ctx: Ctx,
    caller: Mover,
    alert_id: Id,
    to: Annotated[AlertState, Form()],
    revision: Annotated[int, Form(ge=1, le=2**31 - 1)],
    csrf: Text = "",
    reason: Text = "",
    note: Annotated[str, Form(max_length=2 * MAX_NOTE_CHARACTERS)] = "",
) -> Response:
    """Takes the step and goes back to the alert; a step that is not possible shows the alert as it is now."""
    check_form(ctx, caller, csrf)
    try:
        step = schemas.Move.model_construct(to=to, reason=reason or None, note=note)
        move_audited(ctx, caller, alert_id, step, revision)
    except StaleRevisionError as error:
        return show_alert(request, ctx, caller, alert_id, status=409, error=_CHANGED, changes=error.changes)
    except ConflictError:
        return show_alert(request, ctx, caller, alert_id, status=409, error=_NO_STEP)
    except InputError:
        problem = _LONG_NOTE if len(note) > MAX_NOTE_CHARACTERS else _NO_REASON
        return show_alert(request, ctx, caller, alert_id, status=422, error=problem)
    return RedirectResponse(f"/alerts/{alert_id}", 303)


def show_alert(
    request: Request,
    ctx: Context,
    caller: Caller,
    alert_id: int,
    *,
    status: int = 200,
    error: str = "",
    changes: Sequence[StateChange] = (),
) -> Response:
    """The page of an alert; `error` and `changes` say what became of a form."""
    with ctx.store.read() as session:
        found = repository.detail(session, alert_id, within=caller.identity.region)
    read: Detail = {"items": [item.id for item in found.items]}
    reader, revision = caller.identity, {alert_id: found.summary.revision}
    audited(
        ctx,
        caller,
        AuditAction.ALERT_READ,
        f"alert/{alert_id}",
        read,
        also=lambda session: seen.note(session, reader.user_id, revision, ctx.clock(), within=reader.region),
    )
    return render.page(
        request,
        ctx,
        "alert.html",
        caller,
        status=status,
        alert=views.card(found.summary),
        items=views.item_cards(found.items),
        outlets=views.outlets(found),
        history=[views.history_line(line) for line in found.history],
        claims=views.claims_of(found, decides=may(caller.identity, Action.DECIDE_CLAIMS)),
        steps=_steps(caller, found.summary),
        full_score=views.full_score(),
        error=error,
        changes=changes,
        max_note=MAX_NOTE_CHARACTERS,
    )


def _steps(caller: Caller, alert: AlertSummary) -> Sequence[views.Step]:
    """The ways on from here; a merged alert has none of its own."""
    moves = may(caller.identity, Action.MOVE_ALERTS) and alert.merged_into is None
    return views.steps(alert.state) if moves else []
