"""The map: alerts and coverage by kabupaten and kota."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.auth import Caller, Needs
from api.console import render
from api.console.filters import WHOLE_COUNTRY, MapQuery, area_asked
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.regions import region_choices
from api.console.views.map import picture
from api.context import Ctx
from api.v1.overview import map_audited
from waspada.access.types import Action
from waspada.overview.areas import ISLAND

routes = APIRouter()
NAV = Nav("map", "/map", N_("Map"), Action.READ_ALERTS, 14, go="m")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]


@routes.get("/map")
def map_page(request: Request, ctx: Ctx, caller: Reader, form: MapQuery) -> Response:
    within, now = caller.identity.region, ctx.clock()
    home = within or ctx.settings.region
    area = area_asked(form.region, home, within)
    listed = form.list_form(area.region or "")
    found = map_audited(ctx, caller, listed.as_filter(within, now, caller.name, ctx.settings.zone_info), area)
    return render.page(
        request,
        ctx,
        "map.html",
        caller,
        form=form,
        listed=listed,
        found=found,
        picture=picture(found),
        regions=region_choices(home, area.region or ""),
        chosen=area.word or WHOLE_COUNTRY,
        wide=() if within else (ISLAND, WHOLE_COUNTRY),
        list_of=lambda code: form.list_form(code).address(),
    )
