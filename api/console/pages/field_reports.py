"""Field reports as a desk works with them: what is to be clarified, the archive, one report with its steps, forwarding,
the recapitulation and the periodic reports."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from api import shape
from api.auth import Caller, Needs, NeedsPurpose, audited
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.pages.report_own import span_words
from api.console.regions import region_choices
from api.console.views.reports import recap_picture
from api.context import Context, Ctx
from api.paging import MAX_CURSOR_CHARACTERS, MAX_ID, id_cursor, read_id_cursor
from api.schemas.common import REGION_PATTERN
from api.v1 import reports as api
from api.v1.params import Id
from waspada import places
from waspada.access.policy import may
from waspada.access.types import Action, ForbiddenError
from waspada.alerts.exits import mask
from waspada.audit import AuditAction
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.reports import policy, repository
from waspada.reports.types import (
    EventKind,
    FieldReport,
    Level,
    ReportFilter,
    ReportState,
    StaleReportError,
)

routes = APIRouter()
NAV = Nav("reports", "/reports", N_("Field reports"), Action.READ_REPORTS, 16)
Reader = Annotated[Caller, Depends(Needs(Action.READ_REPORTS))]
Clarifier = Annotated[Caller, Depends(Needs(Action.CLARIFY_REPORTS))]
Opener = Annotated[Caller, Depends(NeedsPurpose(Action.OPEN_REPORTERS))]
Exporter = Annotated[Caller, Depends(NeedsPurpose(Action.EXPORT))]
Csrf = Annotated[str, Form(max_length=200)]
Words = Annotated[str, Form(max_length=4 * MAX_REASON_CHARACTERS)]
Revision = Annotated[int, Form(ge=1, le=2**31 - 1)]
Ids = Annotated[list[Annotated[int, Field(ge=1, le=MAX_ID)]], Form(max_length=2 * policy.MAX_FORWARDED)]
ROWS_A_PAGE, TO_CLARIFY = 50, 20

_FASTER = N_("Somebody was faster: this report was changed since you looked at it. Nothing of yours was saved.")
_NOT_NOW = N_("This cannot be done with the report as it stands now. Nothing was saved.")
_NO_WORDS = N_("Words are missing, or there are too many.")
_NOT_YOURS = N_("Only the clarifier of this report's own level may know who sent it. Ask back through the report.")
_NO_SENDER = N_("Who sent this report is not known (any more).")
_UNFIT = N_(
    "These cannot be forwarded together: choose clarified reports of one region that were not forwarded yet, and write "
    "at least a sentence."
)


class ListForm(BaseModel):
    """What the archive is narrowed by: never words."""

    region: str = Field(default="", pattern=REGION_PATTERN.replace("^", "^(|").replace("$", ")$"))
    kind: Literal[""] | EventKind = ""
    state: Literal[""] | ReportState = ""
    level: Literal[""] | Level = ""
    week: str = Field(default="", max_length=10)

    def monday(self) -> date | None:
        try:
            return policy.week_of(date.fromisoformat(self.week)) if self.week else None
        except ValueError:
            return None

    def as_filter(self, ctx: Context, within: str | None) -> ReportFilter:
        monday = self.monday()
        since = datetime.combine(monday, time(), ctx.settings.zone_info) if monday else None
        return ReportFilter(
            region=self.region or None,
            within=within,
            kinds=[EventKind(self.kind)] if self.kind else [],
            states=[ReportState(self.state)] if self.state else [],
            level=Level(self.level) if self.level else None,
            since=since,
            until=since + timedelta(weeks=1) if since else None,
        )

    def query(self) -> str:
        return "".join(f"{name}={value}&" for name, value in self.model_dump(mode="json").items() if value)


class RecapForm(BaseModel):
    region: str = Field(default="", pattern=REGION_PATTERN.replace("^", "^(|").replace("$", ")$"))
    level: Level = Level.VILLAGE
    weeks: int = Field(default=api.DEFAULT_WEEKS, ge=1, le=policy.MAX_WEEKS)


@routes.get("/reports")
def reports_page(
    request: Request,
    ctx: Ctx,
    caller: Reader,
    form: Annotated[ListForm, Query()],
    cursor: Annotated[str | None, Query(max_length=MAX_CURSOR_CHARACTERS)] = None,
) -> Response:
    within, before = caller.identity.region, read_id_cursor(cursor)
    wanted = form.as_filter(ctx, within)
    with ctx.store.read() as session:
        waiting = repository.inbox(session, within=within, limit=TO_CLARIFY) if before is None else []
        to_clarify = repository.count(
            session, ReportFilter(within=within, states=(ReportState.SENT, ReportState.ASKED), is_open=True)
        )
    found = api.search_audited(ctx, caller, wanted, before, ROWS_A_PAGE + 1, [one.id for one in waiting])
    shown = found[:ROWS_A_PAGE]
    return render.page(
        request,
        ctx,
        "field_reports.html",
        caller,
        waiting=[shape.field_report(one) for one in waiting],
        to_clarify=to_clarify,
        reports=[shape.field_report(one) for one in shown],
        form=form,
        regions=region_choices(within or ctx.settings.region, form.region),
        weeks=[monday.isoformat() for monday in reversed(policy.weeks(ctx.clock().date(), policy.MAX_WEEKS))],
        may_clarify=may(caller.identity, Action.CLARIFY_REPORTS),
        next_cursor=id_cursor(shown[-1].id) if len(found) > ROWS_A_PAGE else None,
    )


@routes.get("/reports/recap")
def recap_page(request: Request, ctx: Ctx, caller: Reader, form: Annotated[RecapForm, Query()]) -> Response:
    found = api.recap_audited(ctx, caller, form.region or None, form.level, form.weeks)
    now, within = ctx.clock(), caller.identity.region
    owed = [one for one in api.owed_audited(ctx, caller) if places.is_within(one.region, found.region)]
    return render.page(
        request,
        ctx,
        "report_recap.html",
        caller,
        found=shape.recap(found),
        picture=recap_picture(found),
        form=form,
        kinds=list(EventKind),
        regions=region_choices(within or ctx.settings.region, found.region),
        missing=[shape.owed(one, now) for one in owed if one.is_overdue(now)],
        span=span_words,
        may_export=may(caller.identity, Action.EXPORT),
        most_weeks=policy.MAX_WEEKS,
    )


@routes.get("/reports/recap.csv")
def export_recap(ctx: Ctx, caller: Exporter, form: Annotated[RecapForm, Query()]) -> Response:
    return api.export_audited(ctx, caller, form.region or None, form.level, form.weeks)


@routes.get("/reports/periodic")
def periodic_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    now = ctx.clock()
    found = [shape.owed(one, now) for one in api.owed_audited(ctx, caller)]
    return render.page(
        request,
        ctx,
        "report_periodic.html",
        caller,
        owed=found,
        span=span_words,
        rhythm=ctx.settings.report_rhythm,
    )


@routes.get("/reports/forward")
def forward_page(request: Request, ctx: Ctx, caller: Clarifier, report: Annotated[list[int], Query()] = []) -> Response:  # noqa: B006
    return _forward_page(request, ctx, caller, report)


@routes.post("/reports/forward")
def forward(
    request: Request,
    ctx: Ctx,
    caller: Clarifier,
    report: Ids = [],  # noqa: B006 (never changed)
    text: Annotated[str, Form(max_length=20 * policy.MAX_TEXT_CHARACTERS)] = "",
    csrf: Csrf = "",
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        found = api.forward_audited(ctx, caller, report, text)
    except InputError:
        return _forward_page(request, ctx, caller, report, text, status=422)
    except ConflictError:
        return _forward_page(request, ctx, caller, report, text, status=409)
    if policy.may_clarify(caller.identity.region, found.region):
        return RedirectResponse(f"/reports/{found.id}", 303)
    return RedirectResponse(f"/reports/{found.cites[0]}", 303)  # the new one stands above this desk


@routes.get("/reports/{report_id}")
def report_page(request: Request, ctx: Ctx, caller: Reader, report_id: Id) -> Response:
    return _report_page(request, ctx, caller, report_id)


@routes.post("/reports/{report_id}/clarification")
def clarify(
    request: Request,
    ctx: Ctx,
    caller: Clarifier,
    report_id: Id,
    state: Annotated[ReportState, Form()],
    revision: Revision,
    note: Words = "",
    csrf: Csrf = "",
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        api.decide_audited(ctx, caller, report_id, state, note, revision)
    except (ConflictError, InputError) as error:
        return _refused(request, ctx, caller, report_id, error)
    return RedirectResponse(f"/reports/{report_id}", 303)


@routes.post("/reports/{report_id}/question")
def ask_back(
    request: Request, ctx: Ctx, caller: Clarifier, report_id: Id, revision: Revision, text: Words = "", csrf: Csrf = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        api.ask_audited(ctx, caller, report_id, text, revision)
    except (ConflictError, InputError) as error:
        return _refused(request, ctx, caller, report_id, error)
    return RedirectResponse(f"/reports/{report_id}", 303)


@routes.post("/reports/{report_id}/closing")
def close(
    request: Request, ctx: Ctx, caller: Clarifier, report_id: Id, revision: Revision, csrf: Csrf = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        api.close_audited(ctx, caller, report_id, revision)
    except ConflictError as error:
        return _refused(request, ctx, caller, report_id, error)
    return RedirectResponse(f"/reports/{report_id}", 303)


@routes.get("/reports/{report_id}/sender")
def sender_page(request: Request, ctx: Ctx, caller: Opener, report_id: Id) -> Response:
    """Asks once more before it is opened; nothing is opened here."""
    return _sender_page(request, ctx, caller, report_id)


@routes.post("/reports/{report_id}/sender")
def open_sender(request: Request, ctx: Ctx, caller: Opener, report_id: Id, csrf: Csrf = "") -> Response:
    check_form(ctx, caller, csrf)
    try:
        found = api.open_sender_audited(ctx, caller, report_id)
    except ForbiddenError:
        return _report_page(request, ctx, caller, report_id, status=403, error=_NOT_YOURS)
    except NotFoundError:
        return _report_page(request, ctx, caller, report_id, status=404, error=_NO_SENDER)
    answer = _sender_page(request, ctx, caller, report_id, account=found.name, region=found.region)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _refused(
    request: Request, ctx: Context, caller: Caller, report_id: int, error: ConflictError | InputError
) -> Response:
    match error:
        case StaleReportError():
            return _report_page(request, ctx, caller, report_id, status=409, error=_FASTER)
        case ConflictError():
            return _report_page(request, ctx, caller, report_id, status=409, error=_NOT_NOW)
        case _:
            return _report_page(request, ctx, caller, report_id, status=422, error=_NO_WORDS)


def _report_page(
    request: Request, ctx: Context, caller: Caller, report_id: int, *, status: int = 200, error: str = ""
) -> Response:
    found, within = api.read_audited(ctx, caller, report_id), caller.identity.region
    with ctx.store.read() as session:
        children = repository.by_ids(session, found.cites, within=within)
    may_clarify = may(caller.identity, Action.CLARIFY_REPORTS)
    return render.page(
        request,
        ctx,
        "field_report.html",
        caller,
        status=status,
        report=shape.field_report(found),
        children=[shape.field_report(one) for one in children],
        parent_is_seen=_is_seen(ctx, found.cited_by, within),
        verdicts=policy.next_verdicts(found.state) if found.is_open else (),
        may_clarify=may_clarify,
        may_ask=may_clarify and found.has_sender and found.is_open and not found.decided_at,
        may_close=may_clarify and found.is_open and found.state not in (ReportState.SENT, ReportState.ASKED),
        may_forward=may_clarify and _may_forward(found),
        may_open=found.has_sender
        and may(caller.identity, Action.OPEN_REPORTERS)
        and policy.may_open_sender(within, found.region),
        max_reason=MAX_REASON_CHARACTERS,
        error=error,
    )


def _may_forward(one: FieldReport) -> bool:
    try:
        policy.forwarded_region([one])
    except (ConflictError, InputError):
        return False
    return True


def _is_seen(ctx: Context, report_id: int | None, within: str | None) -> bool:
    if report_id is None:
        return False
    with ctx.store.read() as session:
        return bool(repository.by_ids(session, [report_id], within=within))


def _forward_page(
    request: Request, ctx: Context, caller: Caller, ids: list[int], text: str = "", *, status: int = 200
) -> Response:
    chosen = [id_ for id_ in ids if 0 < id_ <= MAX_ID][: policy.MAX_FORWARDED]
    with ctx.store.read() as session:
        found = repository.by_ids(session, chosen, within=caller.identity.region)
    audited(ctx, caller, AuditAction.REPORTS_READ, "reports", {"reports": [one.id for one in found]})
    try:
        target = policy.forwarded_region(found)
    except (ConflictError, InputError):
        target, status = "", status if status >= 400 else 409
    return render.page(
        request,
        ctx,
        "report_forward.html",
        caller,
        status=status,
        reports=[shape.field_report(one) for one in found],
        target=target,
        text=text or "\n".join(mask(one.text) for one in found)[: policy.MAX_TEXT_CHARACTERS],
        most=policy.MAX_TEXT_CHARACTERS,
        error=_UNFIT if status >= 400 else "",
    )


def _sender_page(
    request: Request, ctx: Context, caller: Caller, report_id: int, *, account: str = "", region: str = ""
) -> Response:
    found = api.read_audited(ctx, caller, report_id)
    return render.page(
        request,
        ctx,
        "report_sender.html",
        caller,
        report=shape.field_report(found),
        account=account,
        region=region,
        days=ctx.settings.report_sender_days,
    )
