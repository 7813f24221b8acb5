"""The files behind the buttons of the alert list."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api import exports
from api.auth import Caller, NeedsPurpose
from api.console.filters import FilterForm, FilterQuery
from api.context import Context, Ctx
from api.v1.exports import export_audited
from waspada.access.types import Action
from waspada.alerts.types import AlertFilter

routes = APIRouter()
Exporter = Annotated[Caller, Depends(NeedsPurpose(Action.EXPORT))]


@routes.get("/alerts/export.csv")
def export_csv(ctx: Ctx, caller: Exporter, form: FilterQuery) -> Response:
    return export_audited(ctx, caller, _wanted(ctx, caller, form), exports.CSV)


@routes.get("/alerts/export.geojson")
def export_geojson(ctx: Ctx, caller: Exporter, form: FilterQuery) -> Response:
    return export_audited(ctx, caller, _wanted(ctx, caller, form), exports.GEOJSON)


def _wanted(ctx: Context, caller: Caller, form: FilterForm) -> AlertFilter:
    return form.as_filter(caller.identity.region, ctx.clock(), caller.name, ctx.settings.zone_info)
