"""The feeds of saved views, for feed readers and other programs.

Few feed readers can send a bearer token, nearly all can send a password: here, and nowhere else, a token may come as
the password of HTTP Basic. It must be one that only reads (scope `read`), since a reader keeps it in its settings. A
token never stands in an address: those are logged, shown and passed on.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBasic, HTTPBearer
from starlette.responses import Response

from api import feeds
from api.auth import SESSION_COOKIE, Caller, Needs, audited, caller_of
from api.context import Context, Ctx
from api.replies import text_reply
from api.v1.params import SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access.service import identify
from waspada.access.types import Action, ForbiddenError, NotSignedInError, Scope
from waspada.alerts import repository
from waspada.audit import AuditAction
from waspada.views import service

routes = router("feeds")
_MAX_CREDENTIALS = 400
_bearer = HTTPBearer(auto_error=False)
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False)
_basic = HTTPBasic(auto_error=False, scheme_name="FeedReader", description="Any name; the password is a read token.")


class FeedSignInError(NotSignedInError):
    """Nobody is signed in; a feed reader is asked for a name and a password."""

    challenge = 'Bearer, Basic realm="Waspada", charset="UTF-8"'


def feed_caller(
    request: Request,
    ctx: Ctx,
    token: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    cookie: Annotated[str | None, Security(_cookie)],
    _password: Annotated[object, Security(_basic)],
    x_purpose: Annotated[str | None, Header(description="Why this is read; written to the audit log.")] = None,
) -> Caller:
    """The caller, by any of the ways of the API or by HTTP Basic.

    Raises FeedSignInError, and ForbiddenError for a password that is a token which could do more than read.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return _by_password(ctx, given)
    try:
        return caller_of(request, ctx, token, cookie, x_purpose)
    except NotSignedInError as error:
        raise FeedSignInError(str(error.args[0])) from None


class NeedsOfFeed(Needs):
    """`Needs`, where HTTP Basic counts too."""

    def __call__(self, caller: Annotated[Caller, Depends(feed_caller)]) -> Caller:
        return super().__call__(caller)


Reader = Annotated[Caller, Depends(NeedsOfFeed(Action.READ_FEEDS))]


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
    """The last 50 alerts of a view, as you may see them. For feed readers: a read token as the password of HTTP Basic.
    Ask with If-None-Match; what has not changed is a 304."""
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
    audited(ctx, caller, AuditAction.FEED_READ, f"view/{view_id}", {"format": format, "found": len(found)})
    return feeds.feed_of(view, found, request.url.path, ctx.settings)


def _by_password(ctx: Context, given: str) -> Caller:
    secret = _password_in(given)
    try:
        with ctx.store.read() as session:
            identity = identify(session, secret, ctx.clock())
    except NotSignedInError as error:
        raise FeedSignInError(str(error.args[0])) from None
    if identity.scope is not Scope.READ:
        raise ForbiddenError(
            f"A feed reader is not given a {identity.scope.value} token.", hint="Make one that only reads."
        )
    return Caller(identity, "feed", None)


def _password_in(given: str) -> str:
    """The password of HTTP Basic credentials (RFC 7617); empty where they cannot be read."""
    if len(given) > _MAX_CREDENTIALS:
        return ""
    try:
        plain = base64.b64decode(given.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return plain.partition(":")[2]
