"""Saved views of the alert list: one's own, and those that the desk shares."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.views import service
from waspada.views.types import NewView, View, ViewFilter

routes = router("views")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Saver = Annotated[Caller, Depends(Needs(Action.SAVE_VIEWS))]


@routes.get("/views", response_model=schemas.Page[schemas.ViewOut], responses=READ, dependencies=[Depends(no_query)])
def list_views(request: Request, ctx: Ctx, caller: Reader) -> Response:
    """Your views and those that are shared and touch your region, your own first."""
    found = views_audited(ctx, caller)
    return json_reply(request, schemas.Page[schemas.ViewOut](data=[shape.saved_view(one) for one in found]))


@routes.post(
    "/views",
    response_model=schemas.ViewOut,
    status_code=201,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def save_view(request: Request, ctx: Ctx, caller: Saver, new: schemas.NewViewIn) -> Response:
    """Keeps choices under a title. There is no field for words: a view has a feed, and no feed looks for a name."""
    chosen = ViewFilter(
        region=new.region,
        label=new.label.value if new.label else None,
        min_level=new.min_level,
        state=str(new.state),
        period=new.period,
        topic=new.topic,
        mine=new.mine,
    )
    saved = save_audited(ctx, caller, NewView(new.title, chosen, new.shared))
    return json_reply(request, shape.saved_view(saved), status=201)


@routes.get(
    "/views/{view_id}",
    response_model=schemas.ViewOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_view(request: Request, ctx: Ctx, caller: Reader, view_id: SmallId) -> Response:
    """One view, and how many alerts are new in it. Reading it here is not looking at its alerts."""
    with ctx.store.read() as session:
        found = service.view(session, view_id, caller.identity, ctx.clock())
    audited(ctx, caller, AuditAction.VIEWS_READ, f"view/{view_id}")
    return json_reply(request, shape.saved_view(found))


@routes.patch(
    "/views/{view_id}",
    response_model=schemas.ViewOut,
    responses=problems(400, 404, 409, 413),
    dependencies=[Depends(no_query)],
)
def change_view(request: Request, ctx: Ctx, caller: Saver, view_id: SmallId, new: schemas.ViewChange) -> Response:
    """Renames a view of your own, shares it, or takes it back. Its choices stay: save another one for others."""
    return json_reply(request, shape.saved_view(change_audited(ctx, caller, view_id, new.title, new.shared)))


@routes.delete("/views/{view_id}", status_code=204, responses=problems(404), dependencies=[Depends(no_query)])
def remove_view(ctx: Ctx, caller: Saver, view_id: SmallId) -> Response:
    """Erases a view with its feed. An admin may remove what others share."""
    remove_audited(ctx, caller, view_id)
    return Response(status_code=204)


def views_audited(ctx: Context, caller: Caller) -> list[View]:
    """What the caller may use, with what is new."""
    with ctx.store.read() as session:
        found = service.views(session, caller.identity, ctx.clock())
    audited(ctx, caller, AuditAction.VIEWS_READ, "views", {"found": len(found)})
    return found


def save_audited(ctx: Context, caller: Caller, new: NewView) -> View:
    """The view and its line in the audit log, both or none. Raises as `service.save` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        saved = service.save(session, new, owner=caller.identity, now=now).view
        noted(session, ctx, caller, AuditAction.VIEW_SAVED, f"view/{saved.id}", _detail(saved), now=now)
    return saved


def change_audited(ctx: Context, caller: Caller, view_id: int, title: str | None, shared: bool | None) -> View:
    """The change and its line in the audit log, both or none. Raises as `service.change` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        saved = service.change(session, view_id, owner=caller.identity, title=title, shared=shared, now=now).view
        noted(session, ctx, caller, AuditAction.VIEW_SAVED, f"view/{view_id}", _detail(saved), now=now)
    return saved


def remove_audited(ctx: Context, caller: Caller, view_id: int) -> None:
    """The end and its line in the audit log, both or none. Raises as `service.remove` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.remove(session, view_id, actor=caller.identity)
        noted(session, ctx, caller, AuditAction.VIEW_REMOVED, f"view/{view_id}", {"shared": found.shared}, now=now)


def _detail(view: View) -> Detail:
    chosen = view.filter
    return {
        "region": chosen.region,
        "label": chosen.label,
        "min_level": chosen.min_level,
        "state": chosen.state,
        "period": chosen.period.value,
        "topic": chosen.topic,
        "mine": chosen.mine,
        "shared": view.shared,
    }
