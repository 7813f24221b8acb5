"""The pages of the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import queries, schemas
from api.auth import Caller, Needs, audited
from api.console import quieting, render, signing, stories, views
from api.console.filters import FilterQuery, RegionQuery
from api.console.forms import check_form
from api.console.i18n import N_
from api.console.regions import region_choices
from api.context import Context, Ctx
from api.paging import MAX_LIMIT, rank_cursor, read_name_cursor, read_rank_cursor
from api.v1.accounts import issue_audited, revoke_audited
from api.v1.alerts import compared_audited, move_audited, search_detail
from api.v1.params import Id, SmallId, SourceId
from api.v1.sources import coverage_out, event_out, page_of_regions, source_detail, sources_out
from waspada.access import service as access
from waspada.access.policy import covers, may
from waspada.access.repository import SESSION_PREFIX
from waspada.access.types import Action, IssuedToken, Scope
from waspada.alerts import items, repository
from waspada.alerts.exits import mask
from waspada.alerts.policy import MAX_NOTE_CHARACTERS
from waspada.alerts.types import AlertState, AlertSummary, StaleRevisionError, StateChange
from waspada.audit import AuditAction
from waspada.errors import ConflictError, InputError
from waspada.sources import repository as source_repository
from waspada.sources import service as source_service
from waspada.sources.types import GOOD_STATES
from waspada.topics.repository import names as topic_names
from waspada.topics.types import TopicName

routes = APIRouter()
routes.include_router(signing.routes)
routes.include_router(quieting.routes)
routes.include_router(stories.routes)
CARDS_A_PAGE = 25
#: All kabupaten and kota of any province.
_REGIONS_A_PAGE = 50
_SOURCES_SHOWN = 2000
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
ItemReader = Annotated[Caller, Depends(Needs(Action.READ_ITEMS))]
Mover = Annotated[Caller, Depends(Needs(Action.MOVE_ALERTS))]
SourceReader = Annotated[Caller, Depends(Needs(Action.READ_SOURCES))]
Anyone = Annotated[Caller, Depends(Needs(Action.READ_SELF))]
TokenOwner = Annotated[Caller, Depends(Needs(Action.MANAGE_OWN_TOKENS))]
Text = Annotated[str, Form(max_length=200)]

_CHANGED = N_("Somebody was faster: the alert was changed since you looked at it. Nothing of yours was saved.")
_NO_STEP = N_("This step is not possible any more. Nothing was saved.")
_NO_REASON = N_("Choose a reason first.")
_LONG_NOTE = N_("The note is too long. Shorten it and try again.")


@routes.get("/")
def home(caller: Anyone) -> Response:
    """The first page that this role may see."""
    return RedirectResponse("/alerts" if may(caller.identity, Action.READ_ALERTS) else "/sources", 303)


@routes.get("/alerts")
def alerts_page(request: Request, ctx: Ctx, caller: Reader, form: FilterQuery) -> Response:
    now = ctx.clock()
    wanted = form.as_filter(caller.identity.region, now)
    with ctx.store.read() as session:
        found = repository.search(session, wanted, after=read_rank_cursor(form.cursor), limit=CARDS_A_PAGE + 1)
        region = form.region or caller.identity.region
        heard = repository.coverage(session, region, now, home=ctx.settings.region)
        fitting = repository.count(session, wanted)
        named = topic_names(session, within=caller.identity.region)
    shown = found[:CARDS_A_PAGE]
    audited(ctx, caller, AuditAction.ALERTS_SEARCHED, "alerts", search_detail(wanted, len(shown)))
    home_region = caller.identity.region or ctx.settings.region
    return render.page(
        request,
        ctx,
        "alerts.html",
        caller,
        cards=[views.card(view) for view in shown],
        full_score=views.full_score(),
        now=now,
        form=form,
        regions=region_choices(home_region, form.region),
        coverage=heard,
        total=fitting,
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


@routes.get("/items/{item_id}")
def item_page(request: Request, ctx: Ctx, caller: ItemReader, item_id: Id) -> Response:
    with ctx.store.read() as session:
        found = items.item(session, item_id, within=caller.identity.region)
        story = items.story(session, found.story_id) if found.story_id is not None else None
    audited(ctx, caller, AuditAction.ITEM_READ, f"item/{item_id}")
    alert_id = story.alert_id if story else None
    return render.page(request, ctx, "item.html", caller, item=views.full_item(found), alert_id=alert_id)


@routes.get("/sources")
def sources_page(request: Request, ctx: Ctx, caller: SourceReader) -> Response:
    with ctx.store.read() as session:
        rows = queries.sources(session, region=None, enabled=None, after=None, limit=_SOURCES_SHOWN)
        sources = sources_out(session, rows, ctx.clock())
        heard = repository.coverage(session, None, ctx.clock(), home=ctx.settings.region)
    sources.sort(key=lambda source: (not source.enabled, source.heard, source.name.lower()))
    return render.page(request, ctx, "sources.html", caller, sources=sources, coverage=heard)


@routes.get("/sources/{source_id}")
def source_page(request: Request, ctx: Ctx, caller: SourceReader, source_id: SourceId) -> Response:
    with ctx.store.read() as session:
        row = source_service.find(session, source_id)
        events = [event_out(line) for line in source_repository.events(session, source_id)]
        source = source_detail(session, row, events, ctx.clock())
    return render.page(request, ctx, "source.html", caller, source=source, good=[str(s) for s in GOOD_STATES])


@routes.get("/coverage")
def coverage_page(request: Request, ctx: Ctx, caller: SourceReader, form: RegionQuery) -> Response:
    home = caller.identity.region or ctx.settings.region
    region = form.region or home
    shown, more = page_of_regions(region, read_name_cursor(form.cursor), _REGIONS_A_PAGE)
    with ctx.store.read() as session:
        covered = coverage_out(session, shown, ctx.clock(), within=region)
    return render.page(
        request,
        ctx,
        "coverage.html",
        caller,
        region=region,
        regions=region_choices(home, region),
        coverage=covered,
        next_page=form.address(more) if more else None,
    )


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
    seen = {"items": [item.id for item in found.items]}
    audited(ctx, caller, AuditAction.ALERT_READ, f"alert/{alert_id}", seen)
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
