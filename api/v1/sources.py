"""Sources and how well they can be heard: a silent source is not a calm region."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import queries, schemas, shape
from api.auth import Caller, Needs
from api.context import Ctx
from api.paging import bad_cursor, name_cursor, read_name_cursor
from api.replies import json_reply
from api.v1.params import CoverageQuery, SourceId, SourceQuery, no_query
from api.v1.routing import READ, problems, router
from waspada import places
from waspada.access.types import Action
from waspada.errors import NotFoundError
from waspada.places import Place
from waspada.sources import repository as source_repository
from waspada.sources import service as source_service
from waspada.sources.coverage import regions_in
from waspada.sources.health import is_heard
from waspada.sources.types import SourceHealth
from waspada.store.tables import SourceEventRow, SourceRow

routes = router("sources")
Reader = Annotated[Caller, Depends(Needs(Action.READ_SOURCES))]
_FIELDS = (
    *("id", "name", "outlet", "url", "kind", "role", "region", "tier", "verified", "enabled", "state", "parked"),
    *("reliability", "failures", "interval_seconds", "next_poll_at", "last_poll_at", "last_success_at"),
    "last_item_at",
)


@routes.get("/sources", response_model=schemas.Page[schemas.SourceOut], responses=READ)
def list_sources(request: Request, ctx: Ctx, caller: Reader, params: SourceQuery) -> Response:  # noqa: ARG001
    """Sources with their health, in the order of their ids."""
    with ctx.store.read() as session:
        rows, more = _page_of(session, params)
        data = sources_out(session, rows, ctx.clock())
    return json_reply(request, schemas.Page[schemas.SourceOut](data=data, next=more))


@routes.get("/sources/health", response_model=schemas.Page[schemas.SourceHealthOut], responses=READ)
def list_health(request: Request, ctx: Ctx, caller: Reader, params: SourceQuery) -> Response:  # noqa: ARG001
    """How sources stand with their own rhythm, in the order of their ids."""
    with ctx.store.read() as session:
        rows, more = _page_of(session, params)
        found = source_service.healths(session, ctx.clock(), [row.id for row in rows])
        data = [shape.source_health(health) for health in found]
    return json_reply(request, schemas.Page[schemas.SourceHealthOut](data=data, next=more))


@routes.get("/coverage", response_model=schemas.Page[schemas.RegionCoverageOut], responses={**READ, **problems(404)})
def list_coverage(request: Request, ctx: Ctx, caller: Reader, params: CoverageQuery) -> Response:  # noqa: ARG001
    """How well each kabupaten and kota can be heard: a quiet map is not a quiet region."""
    page, more = page_of_regions(params.region or "", read_name_cursor(params.cursor), params.limit)
    with ctx.store.read() as session:
        data = coverage_out(session, page, ctx.clock(), within=params.region or "")
    return json_reply(request, schemas.Page[schemas.RegionCoverageOut](data=data, next=more))


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
        found = source_detail(session, row, events, ctx.clock())
    return json_reply(request, found)


def page_of_regions(region: str, after: str | None, limit: int) -> tuple[list[Place], str | None]:
    """The regions of one page and the cursor of the next. Raises NotFoundError, InputError."""
    if region and places.place(region) is None:
        raise NotFoundError(f"There is no region {region}.", hint="/api/v1/places lists the provinces.")
    rest = regions_in(region)
    if after is not None:
        codes = [place.code for place in rest]
        if after not in codes:
            raise bad_cursor()
        rest = rest[codes.index(after) + 1 :]
    return rest[:limit], name_cursor(rest[limit - 1].code) if len(rest) > limit else None


def coverage_out(
    session: Session, regions: Sequence[Place], now: datetime, within: str
) -> list[schemas.RegionCoverageOut]:
    """How well these regions, all in the region `within`, can be heard."""
    found = source_service.healths(session, now)
    return [shape.coverage(one) for one in source_service.coverages(session, found, regions, now, within=within)]


def sources_out(session: Session, rows: Sequence[SourceRow], now: datetime) -> list[schemas.SourceOut]:
    found = {each.source.id: each for each in source_service.healths(session, now, [row.id for row in rows])}
    return [schemas.SourceOut(**_fields(row, found[row.id], now)) for row in rows]


def _page_of(session: Session, params: SourceQuery) -> tuple[Sequence[SourceRow], str | None]:
    """The sources that a list asks for, and the cursor of what follows."""
    found = queries.sources(
        session,
        region=params.region,
        enabled=params.enabled,
        after=read_name_cursor(params.cursor),
        limit=params.limit + 1,
    )
    rows = found[: params.limit]
    return rows, name_cursor(rows[-1].id) if len(found) > params.limit else None


def source_detail(
    session: Session, row: SourceRow, events: list[schemas.SourceEventOut], now: datetime
) -> schemas.SourceDetailOut:
    (found,) = source_service.healths(session, now, [row.id])
    habit = shape.source_health(found)
    return schemas.SourceDetailOut(
        **_fields(row, found, now),
        alarm=habit.alarm,
        usual_gap_seconds=habit.usual_gap_seconds,
        rings_at=habit.rings_at,
        terms=row.terms,
        events=events,
    )


def _fields(row: SourceRow, found: SourceHealth, now: datetime) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in _FIELDS}
    return {**columns, "health": found.state, "heard": is_heard(found, now)}


def event_out(row: SourceEventRow) -> schemas.SourceEventOut:
    return schemas.SourceEventOut(
        at=row.at,
        outcome=row.outcome,
        http_status=row.http_status,
        entries=row.entries,
        new_entries=row.new_entries,
        detail=row.detail,
    )
