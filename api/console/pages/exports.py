"""The files behind the buttons of the alert list."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api import exports
from api.auth import Caller, NeedsPurpose
from api.console.filters import FilterQuery
from api.context import Ctx
from api.v1.exports import export_audited
from waspada.access.types import Action

routes = APIRouter()
Exporter = Annotated[Caller, Depends(NeedsPurpose(Action.EXPORT))]


@routes.get("/alerts/export.csv")
def export_csv(ctx: Ctx, caller: Exporter, form: FilterQuery) -> Response:
    return export_audited(ctx, caller, form.as_filter(caller.identity.region, ctx.clock(), caller.name), exports.CSV)


@routes.get("/alerts/export.geojson")
def export_geojson(ctx: Ctx, caller: Exporter, form: FilterQuery) -> Response:
    wanted = form.as_filter(caller.identity.region, ctx.clock(), caller.name)
    return export_audited(ctx, caller, wanted, exports.GEOJSON)
