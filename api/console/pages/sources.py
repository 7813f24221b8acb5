"""The pages of sources."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api import queries
from api.auth import Caller, Needs
from api.console import render
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Ctx
from api.v1.params import SourceId
from api.v1.sources import event_out, source_detail, sources_out
from waspada.access.types import Action
from waspada.alerts import repository
from waspada.sources import repository as source_repository
from waspada.sources import service as source_service
from waspada.sources.types import GOOD_STATES

routes = APIRouter()
NAV = Nav("sources", "/sources", N_("Sources"), Action.READ_SOURCES, 50, go="s")
_SOURCES_SHOWN = 2000
Reader = Annotated[Caller, Depends(Needs(Action.READ_SOURCES))]


@routes.get("/sources")
def sources_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    with ctx.store.read() as session:
        rows = queries.sources(session, region=None, enabled=None, after=None, limit=_SOURCES_SHOWN)
        sources = sources_out(session, rows, ctx.clock())
        heard = repository.coverage(session, None, ctx.clock(), home=ctx.settings.region)
    sources.sort(key=lambda source: (not source.enabled, source.heard, source.name.lower()))
    return render.page(request, ctx, "sources.html", caller, sources=sources, coverage=heard)


@routes.get("/sources/{source_id}")
def source_page(request: Request, ctx: Ctx, caller: Reader, source_id: SourceId) -> Response:
    with ctx.store.read() as session:
        row = source_service.find(session, source_id)
        events = [event_out(line) for line in source_repository.events(session, source_id)]
        source = source_detail(session, row, events, ctx.clock())
    return render.page(request, ctx, "source.html", caller, source=source, good=[str(s) for s in GOOD_STATES])
