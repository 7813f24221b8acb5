"""The time line: alerts day by day, the stages of the calendar, and the days on which the desk could not hear."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.auth import Caller, Needs
from api.console import render
from api.console.filters import WHOLE_COUNTRY, TimelineQuery, area_asked
from api.console.frame import Nav
from api.console.i18n import N_, language
from api.console.regions import region_choices
from api.console.views.timeline import chart, dates_of, shifted
from api.context import Ctx
from api.v1.overview import timeline_audited, today
from waspada.access.types import Action
from waspada.clock import Days

routes = APIRouter()
NAV = Nav("timeline", "/timeline", N_("Time line"), Action.READ_ALERTS, 16, go="t")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]


@routes.get("/timeline")
def timeline_page(request: Request, ctx: Ctx, caller: Reader, form: TimelineQuery) -> Response:
    within, now = caller.identity.region, ctx.clock()
    home, this_day = within or ctx.settings.region, today(ctx, now)
    area = area_asked(form.region, home, within)
    window = form.window(this_day)
    found = timeline_audited(ctx, caller, form.as_filter(area.region, within), area, window)
    locale = language(render.language_of(request, caller)).locale
    return render.page(
        request,
        ctx,
        "timeline.html",
        caller,
        form=form,
        found=found,
        window=window,
        today=this_day,
        chart=chart(found, this_day, locale),
        stage_dates=lambda stage: dates_of(stage, locale),
        regions=region_choices(home, area.region or ""),
        chosen=area.word or WHOLE_COUNTRY,
        wide=() if within else (WHOLE_COUNTRY,),
        before=form.address(Days(*shifted(found, -1))),
        after=form.address(Days(*shifted(found, 1))),
        day_list=lambda day: form.day_address(area.region, day),
    )
