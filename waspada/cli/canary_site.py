"""Serves the fictional article of the night's exercise on loopback, with its feed, for the collector of `waspada run`.

Feed and article stand under a word that nobody else knows, so that no other source can lead the collector to them.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, select_autoescape

from waspada.clock import utc_now
from waspada.jobs import canary
from waspada.notify.exercise import MARK, OUTLET, exercise_of, newest_time
from waspada.settings import Settings
from waspada.store import Store

_pages = Environment(
    loader=PackageLoader("waspada.cli", "canary_designs"), autoescape=select_autoescape(("html", "xml"))
)


@contextmanager
def exercising(settings: Settings, store: Store, clock: Callable[[], datetime] = utc_now) -> Iterator[frozenset[str]]:
    """Serves the exercise while the context lasts, where it is switched on; yields the one host:port that the collector
    may ask past its guard, or none. Switched off, its source is asked no more."""
    if not settings.canary:
        store.retrying(canary.switch_off)
        yield frozenset()
        return
    server, base = _start(settings, clock)
    try:
        store.retrying(lambda session: canary.switch_on(session, f"{base}/feed", settings, clock()))
        yield frozenset({urlsplit(base).netloc})
    finally:
        server.shutdown()
        server.server_close()


def respond(path: str, base: str, settings: Settings, now: datetime) -> tuple[HTTPStatus, str, str]:
    """Status, content type and body for a path; `base` is the address that feed and article stand under."""
    found = exercise_of(settings, newest_time(settings, now))
    values = {"exercise": found, "base": base, "outlet": OUTLET, "mark": MARK}
    root = urlsplit(base).path
    if path == "/robots.txt":
        return HTTPStatus.OK, "text/plain", "User-agent: *\nAllow: /\n"
    if path == f"{root}/feed":
        return HTTPStatus.OK, "application/xml", _pages.get_template("feed.xml").render(values)
    if path == f"{root}/{found.day.isoformat()}":
        return HTTPStatus.OK, "text/html", _pages.get_template("article.html").render(values)
    return HTTPStatus.NOT_FOUND, "text/plain", "Tidak ada."


def _start(settings: Settings, clock: Callable[[], datetime]) -> tuple[ThreadingHTTPServer, str]:
    secret, bases = secrets.token_urlsafe(12), list[str]()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, content_type, body = respond(urlsplit(self.path).path, bases[0], settings, clock())
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{content_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # the collector was stopped while it waited
                self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """The program's own requests are no news."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    bases.append(f"http://127.0.0.1:{server.server_port}/{secret}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.5}, daemon=True).start()
    return server, bases[0]
