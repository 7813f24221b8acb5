"""The page of how well each region can be heard."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.auth import Caller, Needs
from api.console import render
from api.console.filters import RegionQuery
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.regions import region_choices
from api.context import Ctx
from api.paging import read_name_cursor
from api.v1.sources import coverage_out, page_of_regions
from waspada.access.types import Action

routes = APIRouter()
NAV = Nav("coverage", "/coverage", N_("Coverage"), Action.READ_SOURCES, 60)
Reader = Annotated[Caller, Depends(Needs(Action.READ_SOURCES))]
#: All kabupaten and kota of any province.
_REGIONS_A_PAGE = 50


@routes.get("/coverage")
def coverage_page(request: Request, ctx: Ctx, caller: Reader, form: RegionQuery) -> Response:
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
