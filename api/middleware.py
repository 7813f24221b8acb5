"""What surrounds every request: headers that protect the reader, limits, and a last net for faults.

Plain ASGI, outermost first: `Shield` (headers, faults), `Metering` (api.metering), `HostGuard`, `SiteGuard`,
`BodyLimit`, `HeadAsGet`.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import traceback
from collections.abc import Collection, Iterable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems

MAX_BODY_BYTES = 1024 * 1024
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
_RAW_NAMES = frozenset(name for name, _ in _RAW_HEADERS) | {b"strict-transport-security"}
#: Marks a GET that was a HEAD, for what would answer without end.
HEAD_ONLY = "waspada.head"
_log = logging.getLogger("waspada.api")


class Shield:
    """Adds the security headers to every answer and turns any fault into a plain 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = _with_headers(message["headers"], https=scope.get("scheme") == "https")
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            # The message of a database error can quote an item: only the type and the place go to the log.
            frames = "".join(traceback.format_tb(error.__traceback__))
            _log.error("%s in %s %s\n%s", type(error).__name__, scope["method"], scope["path"], frames)
            if started:
                raise
            await problems.internal().response(scope["path"])(scope, receive, sending)


class HostGuard:
    """Answers only to names of this machine: a page elsewhere cannot point its own name here (DNS rebinding).

    An address in numbers is always good, since rebinding needs a name.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = {"localhost", socket.gethostname().lower(), *(name.lower() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.knows(Headers(scope=scope).get("host", "")):
            await self._app(scope, receive, send)
            return
        await problems.wrong_host().response(scope["path"])(scope, receive, send)

    def knows(self, host: str) -> bool:
        """Whether a Host header (with or without a port) names this machine."""
        name = host.lower().strip()
        if name.startswith("["):
            name, closed, _ = name[1:].partition("]")
            name = name if closed else ""
        elif name.count(":") == 1:
            name = name.partition(":")[0]
        return name in self._names or _is_address(name)


class SiteGuard:
    """Refuses what a page of another site makes a browser send: a second line behind the tokens in the forms (CSRF).

    Browsers say by themselves where a request comes from (Fetch Metadata, `Sec-Fetch-Site`); programs say nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            site = Headers(scope=scope).get("sec-fetch-site", "none")
            if site not in ("same-origin", "none"):
                await problems.cross_site().response(scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)


class BodyLimit:
    """Reads the body up to the limit before anything else sees it; a longer one is refused."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app, self._max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        body = await self._read(scope, receive)
        if body is None:
            await problems.too_large().response(scope["path"])(scope, receive, send)
            return
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, replay, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and (len(announced) > 15 or int(announced) > self._max_bytes):
            return None
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self._max_bytes:
                return None
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                return bytes(body)


class HeadAsGet:
    """HEAD is GET without the body, on every address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        inner = {**scope, "method": "GET", HEAD_ONLY: True}
        await self._app(inner, receive, sending)
        scope["route"] = inner.get("route")  # for what counts by route


def is_https(request: Request) -> bool:
    return request.url.scheme == "https"


def _with_headers(given: Iterable[tuple[bytes, bytes]], *, https: bool) -> list[tuple[bytes, bytes]]:
    """The headers of an answer with those of every answer, which go before its own of the same name."""
    kept = [pair for pair in given if pair[0] not in _RAW_NAMES]
    kept += _RAW_HEADERS
    if all(name != b"cache-control" for name, _ in kept):
        kept.append((b"cache-control", b"no-store"))
    if https:
        kept.append((b"strict-transport-security", b"max-age=31536000"))
    return kept


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
