"""Counting and logging of requests: by the template of a route, never by what stands in an address.

Plain ASGI around all that `Shield` lets through. The numbers are of this process; with several behind one address a
scrape reads each for itself, while what `/metrics` says of the store is the same everywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections.abc import Callable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from waspada.errors import StoreBusyError, StoreError, StoreFullError
from waspada.logs import ACCESS

_log = logging.getLogger(ACCESS)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
OTHER = "other"


class Meter:
    """The counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "waspada_http_requests", "Requests answered by this process.", ("method", "route", "status"),
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "waspada_http_request_seconds", "Time to the end of the answer.", ("route",), buckets=_BUCKETS,
            registry=self.registry,
        )  # fmt: skip
        self.store_errors = Counter(
            "waspada_store_errors", "Errors of the database that reached a request.", ("kind",), registry=self.registry
        )

    def note_error(self, error: Exception) -> None:
        """Counts an error of the store by its kind."""
        if isinstance(error, StoreError):
            kinds = {StoreBusyError: "busy", StoreFullError: "full"}
            self.store_errors.labels(kinds.get(type(error), OTHER)).inc()


class Metering:
    """Measures each request and writes its line of the access log."""

    def __init__(self, app: ASGIApp, meter: Meter, key: bytes, clock: Callable[[], datetime]) -> None:
        self._app, self._meter, self._key, self._clock = app, meter, key, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"] if scope["method"] in _METHODS else OTHER
        try:
            await self._app(scope, receive, sending)
        finally:
            seconds, route = time.perf_counter() - started, route_of(scope)
            self._meter.requests.labels(method, route, str(status)).inc()
            self._meter.seconds.labels(route).observe(seconds)
            if _log.isEnabledFor(logging.INFO):
                _log.info(
                    "request",
                    extra={
                        "method": method,
                        "route": route,
                        "status": status,
                        "milliseconds": round(seconds * 1000, 1),
                        "client": client_key(self._key, scope, self._clock()),
                    },
                )


def route_of(scope: Scope) -> str:
    """The template of the route that answered ("/alerts/{alert_id}"); one word for all that none did."""
    path = getattr(scope.get("route"), "path", None)
    if isinstance(path, str) and path:
        return path
    return "/assets" if scope["path"].startswith("/assets/") else OTHER


def client_key(key: bytes, scope: Scope, now: datetime) -> str:
    """Tells the requests of one address apart for a day: a keyed hash of it that is another one tomorrow."""
    client = scope.get("client")
    text = f"{now:%Y-%m-%d} {client[0] if client else ''}"
    return hmac.digest(hmac.digest(key, b"waspada/access-log", hashlib.sha256), text.encode(), hashlib.sha256).hex()[:8]
