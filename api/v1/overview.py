"""Alerts by region, with how well each can be heard, and by day, with the stages of the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.alerts import search_detail
from api.v1.params import MapQuery, TimelineQuery
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.alerts.types import AlertFilter
from waspada.audit import AuditAction
from waspada.calendar import Stage, load_stages
from waspada.clock import Days
from waspada.overview.areas import Area, area_of
from waspada.overview.policy import window_of
from waspada.overview.service import alert_map, timeline
from waspada.overview.types import AlertMap, Timeline

routes = router("alerts")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]


@routes.get("/map", response_model=schemas.MapOut, responses={**READ, **problems(404)})
def read_map(request: Request, ctx: Ctx, caller: Reader, params: MapQuery) -> Response:
    """How many alerts fit in each kabupaten and kota, and how well each can be heard: silence is no calm. Choices as in
    the list of alerts; GeoJSON."""
    area = area_of(params.region, caller.identity.region)
    found = map_audited(ctx, caller, params.as_filter(caller.identity.region, caller.name), area)
    return json_reply(request, shape.alert_map(found))


@routes.get("/timeline", response_model=schemas.TimelineOut, responses={**READ, **problems(404)})
def read_timeline(request: Request, ctx: Ctx, caller: Reader, params: TimelineQuery) -> Response:
    """Day by day: the alerts opened, the items found, how well the desk could hear, and the stages of elections."""
    area = area_of(params.region, caller.identity.region)
    window = window_of(params.first, params.last, today(ctx, ctx.clock()))
    found = timeline_audited(ctx, caller, params.as_filter(caller.identity.region), area, window)
    return json_reply(request, shape.timeline(found, ctx.settings.zone_info.key))


def map_audited(ctx: Context, caller: Caller, wanted: AlertFilter, area: Area) -> AlertMap:
    """The map and its line in the audit log."""
    with ctx.store.read() as session:
        coverage = ctx.heard.states(session, area.regions, ctx.clock())
        found = alert_map(session, wanted, area, coverage)
    audited(ctx, caller, AuditAction.MAP_READ, "map", {**search_detail(wanted, found.total), "region": area.word})
    return found


def timeline_audited(ctx: Context, caller: Caller, wanted: AlertFilter, area: Area, window: Days) -> Timeline:
    """The time line of an area that is a region or the country, and its line in the audit log."""
    asked = AlertFilter(region=area.region, within=wanted.within, labels=wanted.labels, min_level=wanted.min_level)
    with ctx.store.read() as session:
        found = timeline(session, asked, window, stages_of(ctx), ctx.clock(), ctx.settings.zone_info)
    days = {"first": window.first.isoformat(), "last": window.last.isoformat()}
    detail = {**search_detail(asked, sum(day.alerts for day in found.days)), **days}
    audited(ctx, caller, AuditAction.TIMELINE_READ, "timeline", detail)
    return found


def stages_of(ctx: Context) -> Sequence[Stage]:
    return load_stages(ctx.settings.calendar_file)


def today(ctx: Context, now: datetime) -> date:
    return now.astimezone(ctx.settings.zone_info).date()
