"""The page of the rota: a week of a desk, gaps and double duty, and for admins the forms that make it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from api import schemas
from api.auth import Caller, Needs, noted
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_, language, zone_name
from api.console.views.duty import day_cards, double_lines
from api.context import Context, Ctx
from api.schemas.common import REGION_PATTERN
from api.v1 import rota
from api.v1.params import SmallId
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.clock import local_day
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.notify.duty import calendar, service
from waspada.notify.duty.policy import MAX_POSITION, WEEK, monday_of
from waspada.notify.duty.types import Imported
from waspada.notify.service import desk_of

routes = APIRouter()
NAV = Nav("rota", "/rota", N_("Duty"), Action.READ_ROTA, 33)
Reader = Annotated[Caller, Depends(Needs(Action.READ_ROTA))]
Manager = Annotated[Caller, Depends(Needs(Action.MANAGE_ROTA))]
Text = Annotated[str, Form(max_length=200)]
Code = Annotated[str, Form(pattern=f"^$|{REGION_PATTERN}")]
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2199, 1, 1)
Day = Annotated[date, Form(ge=_FIRST_DAY, le=_LAST_DAY)]

_UNFIT = N_("The shift cannot be set so. Check the account, the times and the day.")
_BUSY = N_("This account is on duty for this desk in that time already.")
_GONE = N_("This shift is gone already, or the account or desk is not there.")
_NO_CALENDAR = N_("This is no calendar that can be read, or it is too large.")


class RotaForm(BaseModel):
    """Which week of which desk; empty is one's own desk and this week."""

    model_config = ConfigDict(extra="forbid")
    desk: str = Field(default="", pattern=f"^$|{REGION_PATTERN}")
    week: date | None = Field(default=None, ge=_FIRST_DAY, le=_LAST_DAY)
    copied: int | None = Field(default=None, ge=0, le=10_000)
    left_out: int | None = Field(default=None, ge=0, le=10_000)
    lang: Literal["id", "en"] | None = None


@routes.get("/rota")
def rota_page(request: Request, ctx: Ctx, caller: Reader, form: Annotated[RotaForm, Query()]) -> Response:
    return _page(request, ctx, caller, form.desk, form.week, copied=form.copied, left_out=form.left_out)


@routes.post("/rota")
def add_shift(
    request: Request,
    ctx: Ctx,
    caller: Manager,
    day: Day,
    begins: Annotated[time, Form()],
    ends: Annotated[time, Form()],
    account: Annotated[str, Form(max_length=40)] = "",
    desk: Code = "",
    position: Annotated[int, Form(ge=1, le=MAX_POSITION)] = 1,
    days: Annotated[int, Form(ge=1, le=14)] = 1,
    csrf: Text = "",
) -> Response:
    """One shift, or the same on so many days in a row; an end that is not after its beginning is of the next day."""
    check_form(ctx, caller, csrf)
    chosen = desk_of(caller.identity.region, desk or None, ctx.settings)
    wanted = [_duty(ctx, chosen, account, day + timedelta(days=n), begins, ends, position) for n in range(days)]
    error = ""
    try:
        rota.add_audited(ctx, caller, *wanted)
    except InputError:
        error, status = _UNFIT, 422
    except ConflictError:
        error, status = _BUSY, 409
    except NotFoundError:
        error, status = _GONE, 404
    if error:
        return _page(request, ctx, caller, chosen, day, status=status, error=error)
    return RedirectResponse(_address(chosen, day), 303)


@routes.post("/rota/copy")
def copy_week(
    request: Request, ctx: Ctx, caller: Manager, from_week: Day, to_week: Day, desk: Code = "", csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    chosen = desk_of(caller.identity.region, desk or None, ctx.settings)
    asked = schemas.CopyWeek(desk=chosen, from_week=from_week, to_week=to_week)
    try:
        found = rota.copy_audited(ctx, caller, asked)
    except (InputError, NotFoundError):
        return _page(request, ctx, caller, chosen, to_week, status=422, error=_UNFIT)
    return RedirectResponse(f"{_address(chosen, to_week)}&copied={len(found.added)}&left_out={found.left_out}", 303)


@routes.post("/rota/import")
def import_calendar(
    request: Request, ctx: Ctx, caller: Manager, file: UploadFile, desk: Code = "", csrf: Text = ""
) -> Response:
    """Shifts of an iCalendar file; what cannot be one is named and left out."""
    check_form(ctx, caller, csrf)
    chosen, now = desk_of(caller.identity.region, desk or None, ctx.settings), ctx.clock()
    try:
        entries = calendar.read(file.file.read(calendar.MAX_BYTES + 1), ctx.settings.zone_info)
        with ctx.store.write() as session:
            found = service.add_entries(
                session, chosen, entries, ctx.settings, actor=caller.name, now=now, within=caller.identity.region
            )
            for made in found.added:
                detail = rota.detail_of(made, "import")
                noted(session, ctx, caller, AuditAction.ROTA_CHANGED, f"duty/{made.id}", detail, now=now)
    except (InputError, NotFoundError):
        return _page(request, ctx, caller, chosen, None, status=422, error=_NO_CALENDAR)
    week = found.added[0].starts_at.astimezone(ctx.settings.zone_info).date() if found.added else None
    return _page(request, ctx, caller, chosen, week, imported=found)


@routes.post("/rota/{shift_id}/remove")
def remove_shift(
    request: Request, ctx: Ctx, caller: Manager, shift_id: SmallId, week: Day, desk: Code = "", csrf: Text = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        gone = rota.remove_audited(ctx, caller, shift_id)
    except NotFoundError:
        return _page(request, ctx, caller, desk, week, status=404, error=_GONE)
    return RedirectResponse(_address(gone.desk, week), 303)


def _duty(ctx: Context, desk: str, account: str, day: date, begins: time, ends: time, position: int) -> schemas.NewDuty:
    zone = ctx.settings.zone_info
    begin, end = begins.replace(tzinfo=None), ends.replace(tzinfo=None)
    last = day if end > begin else day + timedelta(days=1)
    return schemas.NewDuty.model_construct(
        desk=desk,
        account=account,
        starts_at=datetime.combine(day, begin, zone).astimezone(UTC),
        ends_at=datetime.combine(last, end, zone).astimezone(UTC),
        position=position,
    )


def _address(desk: str, week: date) -> str:
    return f"/rota?desk={desk}&week={monday_of(week).isoformat()}"


def _page(
    request: Request,
    ctx: Context,
    caller: Caller,
    desk: str,
    week: date | None,
    *,
    status: int = 200,
    error: str = "",
    copied: int | None = None,
    left_out: int | None = None,
    imported: Imported | None = None,
) -> Response:
    zone, now, manages = ctx.settings.zone_info, ctx.clock(), may(caller.identity, Action.MANAGE_ROTA)
    monday = monday_of(week or local_day(now, zone))
    view = rota.read_audited(ctx, caller, rota.RotaParams(desk=desk or None, first=monday, days=WEEK))
    with ctx.store.read() as session:
        desks = service.desks(session, ctx.settings, caller.identity.region)
        accounts = [user.name for user in service.choosable(session, view.desk)] if manages else []
    locale = language(render.language_of(request, caller)).locale
    days = day_cards(view, now, zone, locale)
    return render.page(
        request,
        ctx,
        "rota.html",
        caller,
        status=status,
        error=error,
        desk=view.desk,
        desks=desks,
        days=days,
        gaps=sum(len(day.gaps) for day in days),
        doubles=double_lines(view, zone, locale),
        monday=monday,
        before=monday - timedelta(days=WEEK),
        after=monday + timedelta(days=WEEK),
        today=local_day(now, zone),
        zone_name=zone_name(zone, now),
        accounts=accounts,
        manages=manages,
        positions=MAX_POSITION,
        copied=copied,
        left_out=left_out,
        imported=imported,
        shift_start=ctx.settings.notify_shift_start,
    )
