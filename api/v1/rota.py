"""Who is on duty for which desk, and when."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.replies import json_reply
from api.schemas.common import REGION_PATTERN
from api.v1.params import SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.clock import local_day
from waspada.notify.duty import calendar, service
from waspada.notify.duty.policy import WEEK, monday_of
from waspada.notify.duty.types import Copied, DutyShift, RotaView
from waspada.notify.service import desk_of

routes = router("rota")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ROTA))]
Manager = Annotated[Caller, Depends(Needs(Action.MANAGE_ROTA))]
_PLAIN = [Depends(no_query)]
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2199, 1, 1)


class RotaParams(BaseModel):
    model_config = ConfigDict(extra="forbid")
    desk: str | None = Field(
        default=None, pattern=REGION_PATTERN, description="Region of a desk; your own without it.", examples=["63"]
    )
    first: date | None = Field(
        default=None, ge=_FIRST_DAY, le=_LAST_DAY, description="First day; Monday of this week without it."
    )
    days: int = Field(default=WEEK, ge=1, le=service.MAX_DAYS)


RotaQuery = Annotated[RotaParams, Query()]


@routes.get("/rota", response_model=schemas.RotaOut, responses={**READ, **problems(404)})
def read_rota(request: Request, ctx: Ctx, caller: Reader, params: RotaQuery) -> Response:
    """The rota of a desk: shifts, gaps in which nobody is on duty, and accounts that are on duty twice."""
    return json_reply(request, shape.rota(read_audited(ctx, caller, params)))


@routes.get(
    "/rota/calendar",
    responses={200: {"content": {calendar.MEDIA_TYPE: {}}, "description": "iCalendar"}, **problems(404)},
    response_class=Response,
)
def read_calendar(ctx: Ctx, caller: Reader, params: RotaQuery) -> Response:
    """The same as iCalendar (RFC 5545)."""
    view = read_audited(ctx, caller, params)
    shifts = {one.id: one for day in view.days for one in day.shifts}
    body = calendar.written(view.desk, shifts.values(), ctx.clock())
    name = f"jaga-{view.desk}-{view.days[0].day.isoformat()}.ics"
    return Response(body, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type="text/calendar")


@routes.post(
    "/rota",
    response_model=schemas.DutyOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=_PLAIN,
)
def add_duty(request: Request, ctx: Ctx, caller: Manager, new: schemas.NewDuty) -> Response:
    """Puts an account on duty."""
    return json_reply(request, shape.duty(add_audited(ctx, caller, new)), status=201)


@routes.post("/rota/copy", response_model=schemas.CopiedOut, responses=problems(400, 404, 413), dependencies=_PLAIN)
def copy_week(request: Request, ctx: Ctx, caller: Manager, asked: schemas.CopyWeek) -> Response:
    """Copies the shifts that begin in one week to another; twice changes nothing."""
    return json_reply(request, shape.copied(copy_audited(ctx, caller, asked)))


@routes.delete("/rota/{shift_id}", status_code=204, responses=problems(404), dependencies=_PLAIN)
def remove_duty(ctx: Ctx, caller: Manager, shift_id: SmallId) -> Response:
    """Takes a shift out of the rota."""
    remove_audited(ctx, caller, shift_id)
    return Response(status_code=204)


def read_audited(ctx: Context, caller: Caller, params: RotaParams) -> RotaView:
    desk = desk_of(caller.identity.region, params.desk, ctx.settings)
    zone = ctx.settings.zone_info
    first = params.first or monday_of(local_day(ctx.clock(), zone))
    with ctx.store.read() as session:
        found = service.view(session, desk, first, params.days, zone)
    audited(ctx, caller, AuditAction.ROTA_READ, f"desk/{desk}", {"first": first.isoformat(), "days": params.days})
    return found


def add_audited(ctx: Context, caller: Caller, *given: schemas.NewDuty) -> DutyShift:
    """Shifts and their lines in the audit log, all or none; returns the last one. Raises as `service.add` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        for new in given:
            made = service.add(
                session,
                new.desk,
                new.account,
                new.starts_at,
                new.ends_at,
                new.position,
                ctx.settings,
                actor=caller.name,
                now=now,
                within=caller.identity.region,
            )
            noted(session, ctx, caller, AuditAction.ROTA_CHANGED, f"duty/{made.id}", detail_of(made, "add"), now=now)
    return made


def copy_audited(ctx: Context, caller: Caller, asked: schemas.CopyWeek) -> Copied:
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.copy_week(
            session,
            asked.desk,
            asked.from_week,
            asked.to_week,
            ctx.settings,
            actor=caller.name,
            now=now,
            within=caller.identity.region,
        )
        detail: Detail = {
            "step": "copy",
            "from": asked.from_week.isoformat(),
            "to": asked.to_week.isoformat(),
            "added": len(found.added),
        }
        noted(session, ctx, caller, AuditAction.ROTA_CHANGED, f"desk/{asked.desk}", detail, now=now)
    return found


def remove_audited(ctx: Context, caller: Caller, shift_id: int) -> DutyShift:
    now = ctx.clock()
    with ctx.store.write() as session:
        gone = service.remove(session, shift_id, within=caller.identity.region)
        noted(session, ctx, caller, AuditAction.ROTA_CHANGED, f"duty/{shift_id}", detail_of(gone, "remove"), now=now)
    return gone


def detail_of(shift: DutyShift, step: str) -> Detail:
    """What the log says of a shift that came or went."""
    return {
        "step": step,
        "desk": shift.desk,
        "account": shift.user,
        "starts_at": shift.starts_at.isoformat(),
        "ends_at": shift.ends_at.isoformat(),
        "position": shift.position,
    }
