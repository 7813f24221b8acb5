"""The monthly reports of the model in use. The worker makes them, or `waspada models report`; here they are read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import Month, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.clock import month_of
from waspada.drift import repository, service
from waspada.drift.types import ModelReport

routes = router("models")
Reader = Annotated[Caller, Depends(Needs(Action.READ_MODELS))]


@routes.get(
    "/models/reports",
    response_model=schemas.Page[schemas.ModelReportLineOut],
    responses=READ,
    dependencies=[Depends(no_query)],
)
def list_model_reports(request: Request, ctx: Ctx, caller: Reader) -> Response:
    """The reports that were made, the newest month first."""
    data = [shape.model_report_line(one) for one in reports_audited(ctx, caller)]
    return json_reply(request, schemas.Page[schemas.ModelReportLineOut](data=data))


@routes.get(
    "/models/reports/{month}",
    response_model=schemas.ModelReportOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_model_report(request: Request, ctx: Ctx, caller: Reader, month: Month) -> Response:
    """A report: rates, calibration, drift, agreement, decisions. A month that is not over has none (422)."""
    return json_reply(request, shape.model_report(report_audited(ctx, caller, month)))


def reports_audited(ctx: Context, caller: Caller) -> list[ModelReport]:
    with ctx.store.read() as session:
        found = repository.reports(session)
    audited(ctx, caller, AuditAction.MODELS_READ, "report", {"found": len(found)})
    return found


def report_audited(ctx: Context, caller: Caller, month: str) -> ModelReport:
    """Raises InputError for a month that is not over, NotFoundError for one without a report."""
    service.checked_month(month_of(month), ctx.clock(), ctx.settings.zone_info)
    with ctx.store.read() as session:
        found = repository.get(session, month)
    audited(ctx, caller, AuditAction.MODELS_READ, f"report/{month}")
    return found
