"""The pages of alerts: the ranked list, one alert with its steps, two compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas
from api.auth import Caller, Needs, audited
from api.console import render, views
from api.console.filters import FilterQuery, NearQuery
from api.console.forms import check_form, number_in
from api.console.frame import Keys, Nav
from api.console.i18n import N_
from api.console.regions import region_choices
from api.console.views import desk
from api.console.views.saved import chips_of
from api.console.work import work_of
from api.context import Context, Ctx
from api.paging import rank_cursor, read_rank_cursor
from api.v1.alerts import compared_audited, move_audited, search_detail
from api.v1.params import Id
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.alerts import repository, seen
from waspada.alerts.exits import mask
from waspada.alerts.neighbours import neighbours
from waspada.alerts.policy import MAX_NOTE_CHARACTERS, MAX_OFFICE_CHARACTERS
from waspada.alerts.story_text import OTHER_VOICE, story_text
from waspada.alerts.types import AlertState, AlertSummary, StaleRevisionError, StateChange
from waspada.audit import AuditAction
from waspada.audit.types import Scalar
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.escalations import repository as escalations
from waspada.escalations.types import Escalation
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.reports.repository import of_story
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

CHANGED = N_("Somebody was faster: the alert was changed since you looked at it. Nothing of yours was saved.")
_CHANGED_BY_MACHINE = N_(
    "Waspada changed this alert since you looked at it. Look whether your verdict still fits, then decide again."
)
_NO_OFFICE = N_("Name the office to ask, without any person, and write the question in the note.")
_NO_TWIN = N_("There is no such alert that this one could be a duplicate of. Nothing was saved.")
_NO_STEP = N_("This step is not possible any more. Nothing was saved.")
_NO_REASON = N_("Choose a reason first.")
LONG_NOTE = N_("The note is too long. Shorten it and try again.")


@routes.get("/alerts")
def alerts_page(request: Request, ctx: Ctx, caller: Reader, form: FilterQuery) -> Response:
    now = ctx.clock()
    wanted = form.as_filter(caller.identity.region, now, caller.name, ctx.settings.zone_info)
    with ctx.store.read() as session:
        found = repository.search(session, wanted, after=read_rank_cursor(form.cursor), limit=CARDS_A_PAGE + 1)
        region = form.region or caller.identity.region
        heard = ctx.heard.line(session, region, now, home=ctx.settings.region)
        named = topic_names(session, within=caller.identity.region)
        around = desk.around(session, caller.identity, wanted, found, now)
        saved = chips_of(session, caller, form, now)
        deaf = render.deafness(session, ctx.settings, now)
    shown = found[:CARDS_A_PAGE]
    audited(ctx, caller, AuditAction.ALERTS_SEARCHED, "alerts", search_detail(wanted, len(shown)))
    home_region = caller.identity.region or ctx.settings.region
    return render.page(
        request,
        ctx,
        "alerts.html",
        caller,
        deaf=deaf,
        cards=[views.card(view, around.marks[view.id]) for view in shown],
        around=around,
        tools=desk.tools(caller.identity),
        live=form.stream(around.line, now, ctx.settings.zone_info),
        full_score=views.full_score(),
        now=now,
        form=form,
        regions=region_choices(home_region, form.region),
        coverage=heard,
        saved_views=saved,
        may_save=may(caller.identity, Action.SAVE_VIEWS),
        may_export=may(caller.identity, Action.EXPORT),
        topics=tuple(TopicName(one.id, mask(one.title)) for one in named),
        next_page=form.address(rank_cursor(shown[-1].position)) if len(found) > CARDS_A_PAGE else None,
    )


@routes.get("/alerts/{alert_id}")
def alert_page(request: Request, ctx: Ctx, caller: Reader, alert_id: Id, form: NearQuery) -> Response:
    return show_alert(request, ctx, caller, alert_id, look_near=form.near)


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
    office: Text = "",
    twin: Text = "",
) -> Response:
    """Takes the step and goes back to the alert; a step that is not possible shows the alert as it is now."""
    check_form(ctx, caller, csrf)
    draft = views.Draft(to, reason, note, office, twin)
    named = number_in(twin) if twin.strip() else None
    try:
        step = schemas.Move.model_construct(to=to, reason=reason or None, note=note, office=office, duplicate_of=named)
        move_audited(ctx, caller, alert_id, step, revision)
    except StaleRevisionError as error:
        said = _CHANGED_BY_MACHINE if error.is_by_machine else CHANGED
        return show_alert(request, ctx, caller, alert_id, status=409, error=said, changes=error.changes, draft=draft)
    except ConflictError:
        return show_alert(request, ctx, caller, alert_id, status=409, error=_NO_STEP, draft=draft)
    except NotFoundError:
        if named is None:
            raise
        return show_alert(request, ctx, caller, alert_id, status=422, error=_NO_TWIN, draft=draft)
    except InputError:
        return show_alert(request, ctx, caller, alert_id, status=422, error=_unfit(draft, named), draft=draft)
    return RedirectResponse(f"/alerts/{alert_id}", 303)


def _unfit(draft: views.Draft, named: int | None) -> str:
    """What is wrong with a step that the policy refused."""
    if len(draft.note) > MAX_NOTE_CHARACTERS:
        return LONG_NOTE
    if draft.to == AlertState.NEEDS_CLARIFICATION:
        return _NO_OFFICE
    return _NO_TWIN if named is not None else _NO_REASON


def show_alert(
    request: Request,
    ctx: Context,
    caller: Caller,
    alert_id: int,
    *,
    status: int = 200,
    error: str = "",
    changes: Sequence[StateChange] = (),
    draft: views.Draft | None = None,
    look_near: bool = False,
) -> Response:
    """The page of an alert; `error`, `changes` and `draft` say what became of a form."""
    now = ctx.clock()
    with ctx.store.read() as session:
        found = repository.detail(session, alert_id, within=caller.identity.region)
        work = work_of(session, caller, found, now, look_near=look_near)
        reports = escalations.of_alert(session, alert_id)
        beside = neighbours(session, found.summary, now, within=caller.identity.region)
        field_reports = of_story(session, found.summary.story_id, within=caller.identity.region)
    items = [item.id for item in found.items]
    read: dict[str, Scalar | list[str] | list[int]] = {"items": items, "beside": beside.ids}
    if work.near is not None:
        read["near"] = [number for number, _ in work.near]
    reader, revision = caller.identity, {alert_id: found.summary.revision}
    audited(
        ctx,
        caller,
        AuditAction.ALERT_READ,
        f"alert/{alert_id}",
        read,
        also=lambda session: seen.note(session, reader.user_id, revision, ctx.clock(), within=reader.region),
    )
    may_read_reports = may(caller.identity, Action.READ_REPORTS)
    return render.page(
        request,
        ctx,
        "alert.html",
        caller,
        status=status,
        alert=views.card(found.summary),
        story=story_text(found.summary, found.items, found.claims, render.zone_of_reader(ctx, caller), found.reports),
        other_voice=OTHER_VOICE,
        items=items,
        outlets=views.by_outlet(found.items),
        outlets_seen=views.OUTLETS_SEEN,
        places=views.places_of(found),
        beside=views.beside(beside),
        field_reports=found.reports,
        report_ids={one.item_id: one.id for one in field_reports} if may_read_reports else {},
        history=[views.history_line(line) for line in found.history],
        claims=views.claims_of(found, decides=may(caller.identity, Action.DECIDE_CLAIMS)),
        steps=_steps(caller, found.summary),
        passing=_passing(ctx, caller, found.summary, reports),
        full_score=views.full_score(),
        error=error,
        changes=[views.change_line(change) for change in changes],
        work=work,
        draft=draft or views.Draft(),
        now=now,
        max_note=MAX_NOTE_CHARACTERS,
        max_office=MAX_OFFICE_CHARACTERS,
        max_reason=MAX_REASON_CHARACTERS,
    )


def _steps(caller: Caller, alert: AlertSummary) -> Sequence[views.Step]:
    """The ways on from here; a merged alert has none of its own."""
    moves = may(caller.identity, Action.MOVE_ALERTS) and alert.merged_into is None
    return views.steps(alert.state) if moves else []


def _passing(ctx: Context, caller: Caller, alert: AlertSummary, reports: Sequence[Escalation]) -> views.Passing | None:
    """What was passed on, and whether it can be; nothing of an exercise is."""
    if alert.exercise:
        return None
    proposes = may(caller.identity, Action.PROPOSE_ESCALATION) and alert.merged_into is None
    return views.passing(reports, alert.state is AlertState.VERIFIED, proposes, caller.name, ctx.clock())
