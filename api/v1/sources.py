"""Sources and how well they can be heard: a silent source is not a calm region."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import queries, schemas
from api.auth import Caller, Needs
from api.context import Ctx
from api.paging import name_cursor, read_name_cursor
from api.replies import json_reply
from api.v1.params import SourceId, SourceQuery, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.sources import repository as source_repository
from waspada.sources import service as source_service
from waspada.store.tables import SourceEventRow, SourceRow

routes = router("sources")
Reader = Annotated[Caller, Depends(Needs(Action.READ_SOURCES))]
HEARD_WITHIN = timedelta(days=1)
_FIELDS = (
    *("id", "name", "outlet", "url", "kind", "role", "region", "tier", "verified", "enabled", "state", "parked"),
    *("reliability", "failures", "interval_seconds", "next_poll_at", "last_poll_at", "last_success_at"),
    "last_item_at",
)


@routes.get("/sources", response_model=schemas.Page[schemas.SourceOut], responses=READ)
def list_sources(request: Request, ctx: Ctx, caller: Reader, params: SourceQuery) -> Response:  # noqa: ARG001
    """Sources with their health, in the order of their ids."""
    with ctx.store.read() as session:
        found = queries.sources(
            session,
            region=params.region,
            enabled=params.enabled,
            after=read_name_cursor(params.cursor),
            limit=params.limit + 1,
        )
        data = [schemas.SourceOut(**source_fields(row, ctx.clock())) for row in found[: params.limit]]
    more = name_cursor(data[-1].id) if len(found) > params.limit else None
    return json_reply(request, schemas.Page[schemas.SourceOut](data=data, next=more))


@routes.get(
    "/sources/{source_id}",
    response_model=schemas.SourceDetailOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_source(request: Request, ctx: Ctx, caller: Reader, source_id: SourceId) -> Response:  # noqa: ARG001
    """One source with its last polls, newest first."""
    with ctx.store.read() as session:
        row = source_service.find(session, source_id)
        events = [event_out(line) for line in source_repository.events(session, source_id)]
        found = schemas.SourceDetailOut(**source_fields(row, ctx.clock()), terms=row.terms, events=events)
    return json_reply(request, found)


def source_fields(row: SourceRow, now: datetime) -> dict[str, object]:
    heard = row.last_success_at is not None and now - row.last_success_at < HEARD_WITHIN
    return {**{name: getattr(row, name) for name in _FIELDS}, "heard": heard}


def event_out(row: SourceEventRow) -> schemas.SourceEventOut:
    return schemas.SourceEventOut(
        at=row.at,
        outcome=row.outcome,
        http_status=row.http_status,
        entries=row.entries,
        new_entries=row.new_entries,
        detail=row.detail,
    )
