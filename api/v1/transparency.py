"""What anybody with an account may know of the desk as a whole: the monthly report, and what is kept for how long."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas
from api.auth import Caller, Needs, audited
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import MonthQuery, no_query
from api.v1.routing import READ, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.clock import last_month, month_of
from waspada.errors import ModelError
from waspada.privacy import retention
from waspada.transparency.service import make_report, model_figures
from waspada.transparency.types import ModelFigures, Report

routes = router("transparency")
Reader = Annotated[Caller, Depends(Needs(Action.READ_TRANSPARENCY))]
#: The folder of the package `models` that ships (nlp.DEFAULT_MODEL, which this room does not import).
_SHIPPED = "waspada-id-v1"


@routes.get("/transparency", response_model=schemas.TransparencyOut, responses=READ)
def read_transparency(request: Request, ctx: Ctx, caller: Reader, params: MonthQuery) -> Response:
    """The transparency report of a month: counts, no persons and no accounts."""
    found = report_audited(ctx, caller, params.month)
    return json_reply(request, schemas.TransparencyOut(report=found.as_json()))


@routes.get(
    "/retention",
    response_model=schemas.Page[schemas.RetentionOut],
    responses=READ,
    dependencies=[Depends(no_query), Depends(Needs(Action.READ_TRANSPARENCY))],
)
def read_retention(request: Request, ctx: Ctx) -> Response:
    """What is kept for how long, as the program enforces it on this desk."""
    periods = retention.periods_of(ctx.settings)
    data = [
        schemas.RetentionOut(
            key=one.key,
            data=one.data,
            tables=list(one.tables),
            kept_for=retention.kept_for(one, periods),
            ground=one.ground,
            erasure=retention.erasure_of(one, periods),
        )
        for one in retention.CLASSES
    ]
    return json_reply(request, schemas.Page[schemas.RetentionOut](data=data))


def report_audited(ctx: Context, caller: Caller, month: str | None) -> Report:
    """The report of a month, by default of the last that is over. Raises InputError for one that has not begun."""
    now = ctx.clock()
    first: date = month_of(month) if month else last_month(now, ctx.settings.zone_info)
    with ctx.store.read() as session:
        found = make_report(session, ctx.settings, first, now, model=_model(ctx))
    audited(ctx, caller, AuditAction.TRANSPARENCY_READ, f"month/{found.month}")
    return found


def _model(ctx: Context) -> ModelFigures | None:
    try:
        return model_figures(ctx.settings.model_dir or files("models").joinpath(_SHIPPED))
    except ModelError:
        return None
