"""Field reports: sent from the field, clarified by the desk of their level, forwarded to the level above.

A reporter acts under no name in the audit log: who sent a report is sealed, and opened for its clarifier alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import exports, schemas, shape
from api.auth import Caller, Needs, NeedsPurpose, audited, noted
from api.context import Context, Ctx
from api.paging import id_cursor, read_id_cursor
from api.replies import json_reply, revision_asked
from api.schemas.common import REGION_PATTERN
from api.schemas.reports import KEY_PATTERN
from api.v1.params import Id, PageParams, in_our_time, no_query
from api.v1.routing import READ, problems, router
from waspada import places
from waspada.access.types import Action, ForbiddenError
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.clock import local_day
from waspada.errors import NotFoundError
from waspada.reports import owing, policy, repository, service
from waspada.reports.types import (
    REPORTER,
    Draft,
    EventKind,
    FieldReport,
    Level,
    NewReport,
    Owed,
    PeriodicReport,
    Recap,
    ReportFilter,
    ReportState,
    Rhythm,
    Sender,
    Sending,
)

routes = router("reports")
Reporter = Annotated[Caller, Depends(Needs(Action.SEND_REPORTS))]
Reader = Annotated[Caller, Depends(Needs(Action.READ_REPORTS))]
Clarifier = Annotated[Caller, Depends(Needs(Action.CLARIFY_REPORTS))]
Opener = Annotated[Caller, Depends(NeedsPurpose(Action.OPEN_REPORTERS))]
Exporter = Annotated[Caller, Depends(NeedsPurpose(Action.EXPORT))]
FormKey = Annotated[str, Path(pattern=KEY_PATTERN, examples=["7f1c0f7e5d4b4f5ea1b2c3d4e5f60718"])]
DEFAULT_WEEKS = 8


class FieldReportParams(PageParams):
    region: str | None = Field(default=None, pattern=REGION_PATTERN, description="It and all below it.")
    kind: list[EventKind] = Field(default=[], description="Any of these; may be repeated.")
    state: list[ReportState] = Field(default=[], description="Any of these; may be repeated.")
    level: Level | None = None
    since: AwareDatetime | None = Field(default=None, description="Sent not before this.")
    until: AwareDatetime | None = Field(default=None, description="Sent before this.")
    open: bool | None = Field(default=None, description="Cases that are (not) closed.")

    @field_validator("since", "until")
    @classmethod
    def _in_our_time(cls, moment: datetime | None) -> datetime | None:
        return in_our_time(moment)

    def as_filter(self, within: str | None) -> ReportFilter:
        return ReportFilter(
            region=self.region,
            within=within,
            kinds=self.kind,
            states=self.state,
            level=self.level,
            since=self.since,
            until=self.until,
            is_open=self.open,
        )


class RecapParams(BaseModel):
    model_config = ConfigDict(extra="forbid")
    region: str | None = Field(default=None, pattern=REGION_PATTERN, description="Your own where none is named.")
    level: Level = Level.VILLAGE
    weeks: int = Field(default=DEFAULT_WEEKS, ge=1, le=policy.MAX_WEEKS)


@routes.post(
    "/reports",
    response_model=schemas.ReportSentOut,
    status_code=201,
    responses={**problems(400, 409, 413), 200: {"model": schemas.ReportSentOut, "description": "It was here already"}},
    dependencies=[Depends(no_query)],
)
def send_report(request: Request, ctx: Ctx, caller: Reporter, new: schemas.NewFieldReport) -> Response:
    """Sends a field report from your region. The same `key` again is the same report; with other words, place or kind
    it is refused (409)."""
    found = send_audited(ctx, caller, new)
    document = schemas.ReportSentOut(id=found.report_id, is_new=found.is_new)
    return json_reply(request, document, status=201 if found.is_new else 200)


@routes.get("/reports/own", response_model=schemas.OwnReportsOut, responses=READ, dependencies=[Depends(no_query)])
def own_reports(request: Request, ctx: Ctx, caller: Reporter) -> Response:
    """Your own reports and what became of them, the newest first."""
    found = own_audited(ctx, caller)
    return json_reply(request, schemas.OwnReportsOut(data=[shape.own_report(one) for one in found]))


@routes.post(
    "/reports/own/{report_id}/answer",
    response_model=schemas.OwnReportOut,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def answer_question(
    request: Request, ctx: Ctx, caller: Reporter, report_id: Id, given: schemas.ReportWords
) -> Response:
    """Answers what the desk asked about your report."""
    return json_reply(request, shape.own_report(answer_audited(ctx, caller, report_id, given.text)))


@routes.get("/reports/drafts", response_model=schemas.DraftsOut, responses=READ, dependencies=[Depends(no_query)])
def own_drafts(request: Request, ctx: Ctx, caller: Reporter) -> Response:
    """Your drafts, the newest first. They are kept sealed for seven days after the last change."""
    return json_reply(request, schemas.DraftsOut(data=[shape.draft(one) for one in drafts_of(ctx, caller)]))


@routes.put(
    "/reports/drafts/{key}",
    status_code=204,
    responses=problems(400, 409, 413),
    dependencies=[Depends(no_query)],
)
def keep_draft(ctx: Ctx, caller: Reporter, key: FormKey, draft: schemas.DraftIn) -> Response:
    """Keeps a draft, or what was changed of one. Sending the report with this key removes it."""
    save_draft(ctx, caller, key, draft)
    return Response(status_code=204)


@routes.delete("/reports/drafts/{key}", status_code=204, dependencies=[Depends(no_query)])
def remove_draft(ctx: Ctx, caller: Reporter, key: FormKey) -> Response:
    drop_draft(ctx, caller, key)
    return Response(status_code=204)


@routes.get("/reports/recap", response_model=schemas.RecapOut, responses={**READ, **problems(404)})
def read_recap(request: Request, ctx: Ctx, caller: Reader, params: Annotated[RecapParams, Query()]) -> Response:
    """How many reports stand on one level of a region, by the region below and by week."""
    return json_reply(request, shape.recap(recap_audited(ctx, caller, params.region, params.level, params.weeks)))


@routes.get(
    "/reports/recap.csv",
    response_class=Response,
    responses={
        **problems(404, 428),
        200: {"description": "UTF-8 with a byte order mark", "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)
def export_recap(ctx: Ctx, caller: Exporter, params: Annotated[RecapParams, Query()]) -> Response:
    """The same as a table for spreadsheets. Needs a purpose (`X-Purpose`)."""
    return export_audited(ctx, caller, params.region, params.level, params.weeks)


@routes.get("/reports/periodic", response_model=schemas.OwedPageOut, responses=READ, dependencies=[Depends(no_query)])
def read_periodic(request: Request, ctx: Ctx, caller: Reader) -> Response:
    """The periodic reports that the kecamatan of your region owe, those that came and those that are missing."""
    now = ctx.clock()
    found = owed_audited(ctx, caller)
    return json_reply(request, schemas.OwedPageOut(data=[shape.owed(one, now) for one in found]))


@routes.post(
    "/reports/periodic",
    response_model=schemas.OwedPageOut,
    status_code=201,
    responses=problems(400, 409, 413),
    dependencies=[Depends(no_query)],
)
def send_periodic(request: Request, ctx: Ctx, caller: Reporter, new: schemas.NewPeriodic) -> Response:
    """Sends the periodic report of your kecamatan; the answer is what it owed and owes."""
    periodic_audited(ctx, caller, new)
    now = ctx.clock()
    data = [shape.owed(one, now) for one in own_owed(ctx, caller)]
    return json_reply(request, schemas.OwedPageOut(data=data), status=201)


@routes.post(
    "/reports/forward",
    response_model=schemas.FieldReportOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def forward(request: Request, ctx: Ctx, caller: Clarifier, new: schemas.NewForward) -> Response:
    """Makes a new report of the level above that cites clarified ones of your area. Each goes up once."""
    found = forward_audited(ctx, caller, new.reports, new.text)
    return json_reply(request, shape.field_report(found), revision=found.revision, status=201)


@routes.get("/reports", response_model=schemas.Page[schemas.FieldReportOut], responses=READ)
def list_reports(request: Request, ctx: Ctx, caller: Reader, params: Annotated[FieldReportParams, Query()]) -> Response:
    """Field reports of your area, the newest first. Words are searched at `/search`."""
    before = read_id_cursor(params.cursor)
    found = search_audited(ctx, caller, params.as_filter(caller.identity.region), before, params.limit + 1)
    page = found[: params.limit]
    more = id_cursor(page[-1].id) if len(found) > params.limit else None
    return json_reply(
        request, schemas.Page[schemas.FieldReportOut](data=[shape.field_report(one) for one in page], next=more)
    )


@routes.get(
    "/reports/{report_id}",
    response_model=schemas.FieldReportOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_report(request: Request, ctx: Ctx, caller: Reader, report_id: Id) -> Response:
    """One report with its history. Who sent it is not among it."""
    found = read_audited(ctx, caller, report_id)
    return json_reply(request, shape.field_report(found), revision=found.revision)


@routes.post(
    "/reports/{report_id}/clarification",
    response_model=schemas.FieldReportOut,
    responses=problems(400, 404, 409, 412, 413, 428),
    dependencies=[Depends(no_query)],
)
def clarify(request: Request, ctx: Ctx, caller: Clarifier, report_id: Id, given: schemas.Clarification) -> Response:
    """Says what a report is: clarified, refuted, or that it cannot be told."""
    found = decide_audited(ctx, caller, report_id, given.state, given.note, revision_asked(request))
    return json_reply(request, shape.field_report(found), revision=found.revision)


@routes.post(
    "/reports/{report_id}/question",
    response_model=schemas.FieldReportOut,
    responses=problems(400, 404, 409, 412, 413, 428),
    dependencies=[Depends(no_query)],
)
def ask_back(request: Request, ctx: Ctx, caller: Clarifier, report_id: Id, given: schemas.ReportWords) -> Response:
    """Asks whoever sent a report, without knowing who."""
    found = ask_audited(ctx, caller, report_id, given.text, revision_asked(request))
    return json_reply(request, shape.field_report(found), revision=found.revision)


@routes.post(
    "/reports/{report_id}/closing",
    response_model=schemas.FieldReportOut,
    responses=problems(404, 409, 412, 428),
    dependencies=[Depends(no_query)],
)
def close(request: Request, ctx: Ctx, caller: Clarifier, report_id: Id) -> Response:
    """Ends a decided case. Some days later nobody can tell any more who sent the report."""
    found = close_audited(ctx, caller, report_id, revision_asked(request))
    return json_reply(request, shape.field_report(found), revision=found.revision)


@routes.post(
    "/reports/{report_id}/sender",
    response_model=schemas.SenderOut,
    responses=problems(404, 409, 428),
    dependencies=[Depends(no_query)],
)
def open_sender(request: Request, ctx: Ctx, caller: Opener, report_id: Id) -> Response:
    """Who sent a report, for the clarifier of its own level alone. Needs a purpose (`X-Purpose`); the report's history
    shows that it was opened."""
    return json_reply(request, shape.report_sender(open_sender_audited(ctx, caller, report_id)))


def send_audited(ctx: Context, caller: Caller, new: schemas.NewFieldReport) -> Sending:
    """The report and its line in the audit log, both or none; the line names nobody. Raises as `service.send` does."""
    now, sender = ctx.clock(), sender_of(caller)
    report = NewReport(new.key, new.place, new.kind, new.known, new.text, new.happened_at)
    with ctx.store.write() as session:
        found = service.send(session, ctx.reports, sender, report, now)
        if found.is_new:
            detail: Detail = {"region": sender.region, "kind": new.kind.value}
            _noted_nameless(session, ctx, caller, AuditAction.REPORT_SENT, f"report/{found.report_id}", detail, now=now)
    return found


def own_audited(ctx: Context, caller: Caller) -> list[FieldReport]:
    me = sender_of(caller)
    with ctx.store.read() as session:
        found = service.own(session, ctx.reports, me.user_id, me.region)
    audited(ctx, _nameless(caller), AuditAction.OWN_REPORTS_READ, "reports/own")  # a count would lead to whose they are
    return found


def answer_audited(ctx: Context, caller: Caller, report_id: int, text: str) -> FieldReport:
    """Raises as `service.answer` does."""
    now, me = ctx.clock(), sender_of(caller)
    with ctx.store.write() as session:
        found = service.answer(session, ctx.reports, me.user_id, report_id, text, now)
        _noted_nameless(session, ctx, caller, AuditAction.REPORT_ANSWERED, f"report/{report_id}", now=now)
    return found


def drafts_of(ctx: Context, caller: Caller) -> list[Draft]:
    me = sender_of(caller)
    with ctx.store.read() as session:
        return service.drafts(session, ctx.reports, me.user_id)


def save_draft(ctx: Context, caller: Caller, key: str, draft: schemas.DraftIn) -> None:
    """Raises as `service.save_draft` does. A draft is no item and is read by its writer alone: no line tells of it, and
    none betrays at every pause of somebody's typing that a report is about to come."""
    now, me = ctx.clock(), sender_of(caller)
    with ctx.store.write() as session:
        service.save_draft(session, ctx.reports, me.user_id, key, draft.model_dump(), now)


def drop_draft(ctx: Context, caller: Caller, key: str) -> None:
    """Nothing where there is none; no line tells of it either."""
    me = sender_of(caller)
    with ctx.store.write() as session:
        service.remove_draft(session, ctx.reports, me.user_id, key)


def periodic_audited(ctx: Context, caller: Caller, new: schemas.NewPeriodic) -> PeriodicReport:
    """Raises as `service.send_periodic` does."""
    now, me = ctx.clock(), sender_of(caller)
    with ctx.store.write() as session:
        found = service.send_periodic(
            session,
            me.region,
            new.first_day,
            new.text,
            is_nil=new.is_nil,
            rhythm=Rhythm(ctx.settings.report_rhythm),
            now=now,
            today=local_day(now, ctx.settings.zone_info),
        )
        detail: Detail = {"region": me.region, "first_day": found.span.first.isoformat(), "nil": found.is_nil}
        _noted_nameless(session, ctx, caller, AuditAction.PERIODIC_SENT, f"periodic/{found.id}", detail, now=now)
    return found


def own_owed(ctx: Context, caller: Caller) -> list[Owed]:
    """What the reporter's own kecamatan owes; nothing for a desa."""
    rhythm, zone = Rhythm(ctx.settings.report_rhythm), ctx.settings.zone_info
    with ctx.store.read() as session:
        return owing.owed_by(session, sender_of(caller).region, rhythm, ctx.clock(), zone)


def owed_audited(ctx: Context, caller: Caller) -> list[Owed]:
    rhythm, zone, within = Rhythm(ctx.settings.report_rhythm), ctx.settings.zone_info, caller.identity.region
    with ctx.store.read() as session:
        found = owing.owed(session, rhythm, ctx.clock(), zone, within=within)
    audited(ctx, caller, AuditAction.REPORTS_READ, "reports/periodic", {"found": len(found)})
    return found


def search_audited(
    ctx: Context, caller: Caller, wanted: ReportFilter, before: int | None, limit: int, beside: Sequence[int] = ()
) -> list[FieldReport]:
    """`beside` are the ids of others that are shown with them."""
    with ctx.store.read() as session:
        found = repository.search(session, wanted, before_id=before, limit=limit)
    detail: Detail = {
        "region": wanted.region,
        "kinds": [kind.value for kind in wanted.kinds],
        "states": [state.value for state in wanted.states],
        "reports": [*(one.id for one in found), *beside],
    }
    audited(ctx, caller, AuditAction.REPORTS_READ, "reports", detail)
    return found


def read_audited(ctx: Context, caller: Caller, report_id: int) -> FieldReport:
    """Raises NotFoundError."""
    with ctx.store.read() as session:
        found = repository.report(session, report_id, within=caller.identity.region)
    audited(ctx, caller, AuditAction.REPORTS_READ, f"report/{report_id}", {"state": found.state.value})
    return found


def decide_audited(
    ctx: Context, caller: Caller, report_id: int, verdict: ReportState, note: str, revision: int
) -> FieldReport:
    """Raises as `service.decide` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.decide(
            session,
            report_id,
            verdict,
            note,
            actor=caller.name,
            revision=revision,
            now=now,
            within=caller.identity.region,
        )
        detail: Detail = {"state": found.state.value}
        noted(session, ctx, caller, AuditAction.REPORT_DECIDED, f"report/{report_id}", detail, now=now)
    return found


def ask_audited(ctx: Context, caller: Caller, report_id: int, text: str, revision: int) -> FieldReport:
    """Raises as `service.ask` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.ask(
            session, report_id, text, actor=caller.name, revision=revision, now=now, within=caller.identity.region
        )
        noted(session, ctx, caller, AuditAction.REPORT_ASKED, f"report/{report_id}", now=now)
    return found


def close_audited(ctx: Context, caller: Caller, report_id: int, revision: int) -> FieldReport:
    """Raises as `service.close` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.close(
            session, report_id, actor=caller.name, revision=revision, now=now, within=caller.identity.region
        )
        noted(session, ctx, caller, AuditAction.REPORT_CLOSED, f"report/{report_id}", now=now)
    return found


def forward_audited(ctx: Context, caller: Caller, report_ids: Sequence[int], text: str) -> FieldReport:
    """Raises as `service.forward` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.forward(session, report_ids, text, actor=caller.name, now=now, within=caller.identity.region)
        detail: Detail = {"cites": list(found.cites), "region": found.region}
        noted(session, ctx, caller, AuditAction.REPORT_FORWARDED, f"report/{found.id}", detail, now=now)
    return found


def open_sender_audited(ctx: Context, caller: Caller, report_id: int) -> Sender:
    """Raises as `service.open_sender` does. The log says that it was opened, by whom and what for; not who it is."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.open_sender(
            session, ctx.reports, report_id, bound=caller.identity.region, actor=caller.name, now=now
        )
        noted(session, ctx, caller, AuditAction.REPORTER_OPENED, f"report/{report_id}", now=now)
    return found


def recap_audited(ctx: Context, caller: Caller, region: str | None, level: Level, weeks: int) -> Recap:
    """Raises NotFoundError for a region that is none, or lies elsewhere."""
    found = _recap(ctx, caller, region, level, weeks)
    detail: Detail = {"region": found.region, "level": level.value, "found": found.total}
    audited(ctx, caller, AuditAction.REPORTS_READ, "reports/recap", detail)
    return found


def export_audited(ctx: Context, caller: Caller, region: str | None, level: Level, weeks: int) -> Response:
    found = _recap(ctx, caller, region, level, weeks)
    detail: Detail = {"region": found.region, "level": level.value, "found": found.total, "format": "csv"}
    audited(ctx, caller, AuditAction.EXPORTED, "reports/recap", detail)
    name = exports.CSV.file_name(f"laporan-lapangan-{ctx.clock():%Y%m%d-%H%M}")
    return Response(
        "".join(exports.recap_lines(found)),
        media_type=exports.CSV.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


def _recap(ctx: Context, caller: Caller, region: str | None, level: Level, weeks: int) -> Recap:
    within = caller.identity.region
    chosen = region or within or ctx.settings.region
    if places.place(chosen) is None or not places.is_within(chosen, within or ""):
        raise NotFoundError(f"There is no region {chosen} in your area.", hint="/api/v1/places lists the provinces.")
    zone = ctx.settings.zone_info
    mondays: list[date] = policy.weeks(local_day(ctx.clock(), zone), weeks)
    with ctx.store.read() as session:
        return repository.recap(session, chosen, level, mondays, zone, within=within)


def sender_of(caller: Caller) -> Sender:
    """The account that sends. Raises ForbiddenError for one that is bound to nowhere (its role was changed)."""
    me = caller.identity
    if not policy.is_reporters_region(me.region):
        raise ForbiddenError("A reporter is bound to a desa, kelurahan or kecamatan.", hint="Ask an admin to set it.")
    return Sender(me.user_id, me.name, me.region or "")


def _nameless(caller: Caller) -> Caller:
    """The same caller for the audit log, under no name and for no purpose of their session."""
    return replace(caller, identity=replace(caller.identity, name=REPORTER), purpose="")


def _noted_nameless(
    session: Session,
    ctx: Context,
    caller: Caller,
    action: AuditAction,
    object_: str,
    detail: Detail | None = None,
    *,
    now: datetime,
) -> None:
    noted(session, ctx, _nameless(caller), action, object_, detail, now=now)
