"""The feeds of saved views, for feed readers and other programs.

Few feed readers can send a bearer token, nearly all can send a password: a token that is for feeds alone may come as
the password of HTTP Basic (`api.auth`), since a reader keeps it in its settings. A token never stands in an address:
those are logged, shown and passed on.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import feeds
from api.auth import Caller, Needs, audited
from api.context import Context, Ctx
from api.replies import text_reply
from api.v1.params import SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.alerts import repository
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.views import service

routes = router("feeds")


Reader = Annotated[Caller, Depends(Needs(Action.READ_FEEDS))]


@routes.get(
    "/views/{view_id}/feed.atom",
    response_class=Response,
    responses={
        **READ,
        **problems(404),
        200: {"description": "Atom (RFC 4287)", "content": {"application/atom+xml": {"schema": {"type": "string"}}}},
    },
    dependencies=[Depends(no_query)],
)
def atom_feed(request: Request, ctx: Ctx, caller: Reader, view_id: SmallId) -> Response:
    """The last 50 alerts of a view, as you may see them. A feed reader sends a token for feeds as the password of
    HTTP Basic. Ask with If-None-Match; what has not changed is a 304."""
    return text_reply(request, feeds.atom(_feed_audited(request, ctx, caller, view_id, "atom")), feeds.ATOM_TYPE)


@routes.get(
    "/views/{view_id}/feed.json",
    response_class=Response,
    responses={
        **READ,
        **problems(404),
        200: {"description": "JSON Feed 1.1", "content": {"application/feed+json": {"schema": {"type": "object"}}}},
    },
    dependencies=[Depends(no_query)],
)
def json_feed(request: Request, ctx: Ctx, caller: Reader, view_id: SmallId) -> Response:
    """The same as a JSON Feed 1.1."""
    return text_reply(request, feeds.json_feed(_feed_audited(request, ctx, caller, view_id, "json")), feeds.JSON_TYPE)


def _feed_audited(request: Request, ctx: Context, caller: Caller, view_id: int, format: str) -> feeds.Feed:
    now, reader = ctx.clock(), caller.identity
    with ctx.store.read() as session:
        view = service.view(session, view_id, reader, now)
        wanted = view.filter.as_filter(within=reader.region, reader=reader.name, now=now)
        found = repository.newest(session, wanted, limit=feeds.MOST_ENTRIES)
    left: Detail = {"format": format, "found": len(found), "alerts": [alert.id for alert in found]}
    audited(ctx, caller, AuditAction.FEED_READ, f"view/{view_id}", left)
    return feeds.feed_of(view, found, request.url.path, ctx.settings)
