"""When the desk is interrupted, what is held back and why, and the silences that people set."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.paging import id_cursor, read_id_cursor
from api.replies import json_reply
from api.v1.params import Id, NoticeQuery, ShiftQuery, SilenceQuery, SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.notify import repository, service
from waspada.notify.policy import rules_of
from waspada.notify.types import Silence, SilenceView

routes = router("notices")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Quieter = Annotated[Caller, Depends(Needs(Action.QUIET))]


@routes.get("/notices", response_model=schemas.Page[schemas.NoticeOut], responses={**READ, **problems(404)})
def list_notices(request: Request, ctx: Ctx, caller: Reader, params: NoticeQuery) -> Response:
    """Notices to a desk, the newest first: those that are ready, those held back with the reason, and those dropped."""
    desk = service.desk_of(caller.identity.region, params.desk, ctx.settings)
    before = read_id_cursor(params.cursor)
    with ctx.store.read() as session:
        found = repository.search(session, desk, params.state, before_id=before, limit=params.limit + 1)
    page = found[: params.limit]
    seen: Detail = {"states": [state.value for state in params.state], "found": len(page)}
    audited(ctx, caller, AuditAction.NOTICES_READ, f"desk/{desk}", seen)
    more = id_cursor(page[-1].notice.id) if len(found) > params.limit else None
    data = [shape.notice(view) for view in page]
    return json_reply(request, schemas.Page[schemas.NoticeOut](data=data, next=more))


@routes.get("/notices/shift", response_model=schemas.ShiftOut, responses={**READ, **problems(404)})
def read_shift(request: Request, ctx: Ctx, caller: Reader, params: ShiftQuery) -> Response:
    """How often the desk was interrupted in a shift of twelve hours, and what the cap held back in it."""
    desk = service.desk_of(caller.identity.region, params.desk, ctx.settings)
    with ctx.store.read() as session:
        found = service.shift_view(session, desk, rules_of(ctx.settings), params.at or ctx.clock())
    audited(ctx, caller, AuditAction.NOTICES_READ, f"desk/{desk}", {"part": "shift", "found": len(found.held)})
    return json_reply(request, shape.shift(found))


@routes.get("/silences", response_model=schemas.Page[schemas.SilenceOut], responses=READ)
def list_silences(request: Request, ctx: Ctx, caller: Reader, params: SilenceQuery) -> Response:
    """Silences that touch your region, the newest first: at most 200."""
    with ctx.store.read() as session:
        found = service.list_silences(session, ctx.clock(), active_only=params.active, within=caller.identity.region)
    audited(ctx, caller, AuditAction.SILENCES_READ, "silences", {"found": len(found)})
    return json_reply(request, schemas.Page[schemas.SilenceOut](data=[shape.silence(view) for view in found]))


@routes.post(
    "/silences",
    response_model=schemas.SilenceOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def add_silence(request: Request, ctx: Ctx, caller: Quieter, new: schemas.NewSilence) -> Response:
    """Holds the notices of a region, of one alert or by one report for a time. It hides no alert, and level 3 breaks
    through that of a region; a higher level than it has now breaks through that of an alert."""
    found = add_audited(ctx, caller, new)
    view = SilenceView(found, found.is_active(ctx.clock()), 0)
    return json_reply(request, shape.silence(view), status=201)


@routes.post(
    "/silences/{silence_id}/end",
    response_model=schemas.SilenceOut,
    responses=problems(404, 409),
    dependencies=[Depends(no_query)],
)
def end_silence(request: Request, ctx: Ctx, caller: Quieter, silence_id: SmallId) -> Response:
    """Ends a silence before its time."""
    found = end_audited(ctx, caller, silence_id)
    return json_reply(request, shape.silence(SilenceView(found, found.is_active(ctx.clock()), 0)))


@routes.post(
    "/alerts/{alert_id}/parent",
    response_model=schemas.ParentOut,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def set_parent(request: Request, ctx: Ctx, caller: Quieter, alert_id: Id, new: schemas.NewParent) -> Response:
    """Says which alert speaks for this one: its notices are held while that one is open, of no lower level and known to
    the desk."""
    now = ctx.clock()
    with ctx.store.write() as session:
        service.set_parent(
            session,
            alert_id,
            new.parent_id,
            new.reason,
            actor=caller.name,
            now=now,
            within=caller.identity.region,
        )
        noted(
            session, ctx, caller, AuditAction.ALERT_PARENT_SET, f"alert/{alert_id}", {"parent": new.parent_id}, now=now
        )
    return json_reply(request, schemas.ParentOut(alert_id=alert_id, parent_id=new.parent_id))


def add_audited(ctx: Context, caller: Caller, new: schemas.NewSilence) -> Silence:
    """The silence and its line in the audit log, both or none. Raises as the functions of `service` do."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = _added(session, ctx, caller, new, now)
        noted(
            session,
            ctx,
            caller,
            AuditAction.SILENCE_ADDED,
            f"silence/{found.id}",
            {
                "region": found.region,
                "label": found.label,
                "until": found.until.isoformat(),
                "alert": found.alert_id,
                "item": found.item_id,
            },
            now=now,
        )
    return found


def _added(session: Session, ctx: Context, caller: Caller, new: schemas.NewSilence, now: datetime) -> Silence:
    who, within, home = caller.name, caller.identity.region, ctx.settings.region
    if new.alert_id is not None:
        return service.silence_alert(
            session, new.alert_id, new.until, new.reason, actor=who, now=now, home=home, within=within
        )
    if new.item_id is not None:
        return service.silence_item(
            session, new.item_id, new.until, new.reason, actor=who, now=now, home=home, within=within
        )
    return service.add_silence(
        session, new.region or "", new.label, new.until, new.reason, actor=who, now=now, within=within
    )


def end_audited(ctx: Context, caller: Caller, silence_id: int) -> Silence:
    """The end and its line in the audit log, both or none. Raises as `service.end_silence` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.end_silence(session, silence_id, actor=caller.name, now=now, within=caller.identity.region)
        noted(session, ctx, caller, AuditAction.SILENCE_ENDED, f"silence/{silence_id}", now=now)
    return found
