"""Server-sent events: which alerts came or changed, so that a page or a program knows when to ask again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.auth import Caller, Needs, audited
from api.context import Context, Ctx
from api.live import Listener, News
from api.middleware import HEAD_ONLY
from api.paging import MAX_ID
from api.v1.alerts import search_detail
from api.v1.params import AlertParams
from api.v1.routing import problems, router
from waspada.access.policy import may
from waspada.access.service import identify_again
from waspada.access.types import Action, NotSignedInError
from waspada.alerts import feed, repository
from waspada.alerts.types import AlertFilter
from waspada.audit import AuditAction
from waspada.errors import InputError, StoreError

routes = router("alerts")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]

#: A sign of life this often; with it the session is looked at again.
BEAT_SECONDS = 15.0
#: A stream ends after this long at the latest; who listens connects again, and is asked who they are.
MAX_SECONDS = 3600
#: What a browser waits before it connects again.
_RETRY_MILLISECONDS = 3000
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class StreamParams(AlertParams):
    """The filter of a list, and where to go on. `cursor` and `limit` mean nothing here and are refused."""

    after: int | None = Field(
        default=None, ge=0, le=MAX_ID, description="Goes on after this event; Last-Event-ID wins."
    )
    seconds: int = Field(default=MAX_SECONDS, ge=0, le=MAX_SECONDS, description="How long it stays open at most.")


StreamQuery = Annotated[StreamParams, Query()]


@routes.get(
    "/alerts/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Server-sent events"}, **problems(404, 429)},
)
async def stream_alerts(
    request: Request,
    ctx: Ctx,
    caller: Reader,
    params: StreamQuery,
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
) -> Response:
    """Tells of alerts that came or changed: ids and revisions, never content. Takes the filters of the list.

    `hello` opens it; `alerts` holds `{"alerts": [{"id", "revision", "fits"}], "fits": 1}`, where `fits` says whether
    an alert stands in the list of this filter now; `missed` says that there was too much to tell: load the list again;
    `beat` comes every 15 s; `end` when the session is over. Go on after a break with Last-Event-ID (or `after`). Four
    streams of an account may be open.
    """
    if params.cursor is not None:
        raise InputError("A stream has no pages.", hint="Leave the cursor out; use `after`.")
    wanted = params.as_filter(caller.identity.region, caller.name)
    line = _line(last_event_id, params.after)
    if request.scope.get(HEAD_ONLY):
        return Response(headers=_HEADERS, media_type="text/event-stream")
    listener = ctx.live.enter(caller.identity.user_id, wanted)
    try:
        await ctx.live.begun()
        first = await run_in_threadpool(_first, ctx, wanted, line)
        detail = search_detail(wanted, len(first.told))
        await run_in_threadpool(audited, ctx, caller, AuditAction.ALERTS_LISTENED, "alerts", detail)
    except BaseException:
        ctx.live.leave(listener)
        raise
    return _Stream(_Session(ctx, caller, listener, float(params.seconds)), first)


@dataclass(frozen=True, slots=True)
class _Session:
    ctx: Context
    caller: Caller
    listener: Listener
    seconds: float

    async def events(self, first: News) -> AsyncIterator[bytes]:
        """The stream, from its greeting to its end."""
        now = asyncio.get_running_loop().time
        ends_at, checked_at = now() + self.seconds, now()
        yield _event("hello", {}, first.line, retry=_RETRY_MILLISECONDS)
        if first.told or first.missed:
            yield _news(first)
        while (left := ends_at - now()) > 0:
            try:
                news = await asyncio.wait_for(self.listener.queue.get(), min(left, BEAT_SECONDS))
            except TimeoutError:
                yield _event("beat", {})
            else:
                if news is None:
                    return
                yield _news(news)
            if now() - checked_at >= BEAT_SECONDS:
                checked_at = now()
                if not await run_in_threadpool(self.is_valid):
                    yield _event("end", {"reason": "session"})
                    return

    def is_valid(self) -> bool:
        """Whether whoever listens may still: same rights, same region, a session that has not ended."""
        mine, now = self.caller.identity, self.ctx.clock()
        if self.caller.browser is not None and now >= self.caller.browser.expires_at:
            return False
        try:
            with self.ctx.store.read() as session:
                found = identify_again(session, mine.token_id, now)
        except NotSignedInError:
            return False
        except StoreError:
            return True  # nobody can tell now; the next look will
        return may(found, Action.READ_ALERTS) and found.region == mine.region


class _Stream(StreamingResponse):
    """Whatever becomes of the connection, its listener leaves."""

    def __init__(self, session: _Session, first: News) -> None:
        super().__init__(session.events(first), headers=_HEADERS, media_type="text/event-stream")
        self._session = session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._session.ctx.live.leave(self._session.listener)


def _first(ctx: Context, wanted: AlertFilter, line: int | None) -> News:
    """Where the stream starts, with what came since `line`. Raises NotFoundError for a topic out of reach."""
    with ctx.store.read() as session:
        repository.fitting(session, wanted, [])
        now = feed.position(session)
        if line is None or line > now:  # the line of another database
            return News(now)
        missed = feed.after(session, line)
        if len(missed) >= feed.MOST:
            return News(now, missed=True)
        return News(now, feed.told(session, missed, wanted))


def _line(header: str | None, given: int | None) -> int | None:
    """Raises InputError for a Last-Event-ID that this program did not give out."""
    if not header:
        return given
    if not (header.isascii() and header.isdigit() and len(header) < 19):
        raise InputError("The Last-Event-ID cannot be used.", hint="Send the id of the last event, or leave it out.")
    return int(header)


def _news(news: News) -> bytes:
    if news.missed:
        return _event("missed", {}, news.line)
    return _event("alerts", {"alerts": _documents(news), "fits": sum(one.fits for one in news.told)}, news.line)


def _documents(news: News) -> Sequence[dict[str, Any]]:
    return [{"id": one.alert_id, "revision": one.revision, "fits": one.fits} for one in news.told]


def _event(name: str, data: dict[str, Any], line: int | None = None, *, retry: int | None = None) -> bytes:
    lines = [f"event: {name}", f"data: {json.dumps(data, separators=(',', ':'))}"]
    lines += [f"id: {line}"] if line is not None else []
    lines += [f"retry: {retry}"] if retry is not None else []
    return ("\n".join(lines) + "\n\n").encode()
