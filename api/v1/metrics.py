"""Metrics for Prometheus, behind a token or, where the operator says so, for this machine itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import Response

from api.auth import Caller, Needs, bearer, caller_of, cookie_of
from api.context import Context, Ctx
from api.metering import Meter
from api.metrics import StoreCollector
from api.v1.params import no_query
from waspada.access.service import note_use
from waspada.access.types import Action
from waspada.settings import LOOPBACK

routes = APIRouter()


class Scraper(Needs):
    """Lets a program of this machine in without a token where `metrics_open_on_loopback` is set; others need the right.

    A proxy on this machine speaks from loopback too, for whoever asks it: a request that came through one, or that
    names another host than this machine itself, needs a token.
    """

    def __call__(  # type: ignore[override]
        self,
        request: Request,
        ctx: Ctx,
        token: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
        cookie: Annotated[str | None, Security(cookie_of)],
    ) -> Caller | None:
        if "authorization" not in request.headers and _is_this_machine(request, ctx):
            return None
        return self.check(caller_of(request, ctx, token, cookie))


@routes.get("/metrics", include_in_schema=False, dependencies=[Depends(no_query)])
def metrics(
    request: Request, ctx: Ctx, caller: Annotated[Caller | None, Depends(Scraper(Action.READ_PROCESSES))]
) -> Response:
    """Counts of the machine in the text format of Prometheus. It holds no content, and a scrape is no read of any: it
    is not in the audit log; the use of its token is noted."""
    meter = request.app.state.meter
    assert isinstance(meter, Meter)  # noqa: S101 (set in create_app)
    of_store = CollectorRegistry()
    with ctx.store.read() as session:
        of_store.register(StoreCollector(session, ctx.settings, ctx.clock()))
        body = generate_latest(meter.registry) + generate_latest(of_store)
    if caller is not None:
        _note_use(ctx, caller)
    return Response(body, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _note_use(ctx: Context, caller: Caller) -> None:
    now = ctx.clock()
    with ctx.store.write() as session:
        note_use(session, caller.identity.token_id, now)


def _is_this_machine(request: Request, ctx: Context) -> bool:
    if not ctx.settings.metrics_open_on_loopback or request.client is None or request.client.host not in LOOPBACK:
        return False
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via")):
        return False
    return (request.url.hostname or "") in LOOPBACK
