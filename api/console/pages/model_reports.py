"""The pages of the monthly reports of the model in use."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api import shape
from api.auth import Caller, Needs
from api.console import render
from api.console.views.model_reports import chart_of
from api.context import Ctx
from api.v1.model_reports import report_audited, reports_audited
from api.v1.params import Month
from waspada.access.types import Action
from waspada.drift.types import Outlets

routes = APIRouter()
Reader = Annotated[Caller, Depends(Needs(Action.READ_MODELS))]


@routes.get("/models/reports")
def reports_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    found = [shape.model_report_line(one) for one in reports_audited(ctx, caller)]
    return render.page(request, ctx, "model_reports.html", caller, reports=found)


@routes.get("/models/reports/{month}")
def report_page(request: Request, ctx: Ctx, caller: Reader, month: Month) -> Response:
    found = report_audited(ctx, caller, month)
    chart = chart_of(found.rates[Outlets.KNOWN])
    return render.page(request, ctx, "model_report.html", caller, report=found, chart=chart)
