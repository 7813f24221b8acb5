"""The page of the monthly transparency report."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, Response

from api.auth import Caller, Needs, NeedsPurpose
from api.console import render
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Ctx
from api.v1.transparency import report_audited
from waspada.access.types import Action
from waspada.clock import months
from waspada.transparency.service import render as render_file
from waspada.transparency.types import shown

routes = APIRouter()
NAV = Nav("transparency", "/transparency", N_("Transparency"), Action.READ_TRANSPARENCY, 78)
Reader = Annotated[Caller, Depends(Needs(Action.READ_TRANSPARENCY))]
Exporter = Annotated[Caller, Depends(NeedsPurpose(Action.READ_TRANSPARENCY))]


class MonthForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    month: str | None = Field(default=None, pattern=r"^20\d\d-(0[1-9]|1[0-2])$")
    lang: Literal["id", "en"] | None = None


MonthQuery = Annotated[MonthForm, Query()]


@routes.get("/transparency")
def transparency_page(request: Request, ctx: Ctx, caller: Reader, form: MonthQuery) -> Response:
    report = report_audited(ctx, caller, form.month)
    offered = months(ctx.clock(), ctx.settings.zone_info)
    return render.page(
        request,
        ctx,
        "transparency.html",
        caller,
        report=report,
        months=offered if report.month in offered else [report.month, *offered],
        shown=shown,
        minutes=lambda time: round(time.total_seconds() / 60),
    )


@routes.get("/transparency/file")
def transparency_file(ctx: Ctx, caller: Exporter, form: MonthQuery) -> Response:
    """The report as one HTML file in Indonesian, to be published."""
    report = report_audited(ctx, caller, form.month)
    page = render_file(report, ctx.settings.zone_info, ctx.settings.complaints_contact)
    name = f"waspada-transparansi-{report.month}.html"
    return HTMLResponse(page, headers={"Content-Disposition": f'attachment; filename="{name}"'})
