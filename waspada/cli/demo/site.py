"""The small web of the demo: one loopback server an outlet, with feed, sitemap, robots.txt and article pages.

Troubles are part of it, as they are of the real web: a slow server, a feed that is an error page, a site that answers
articles with a challenge, a page that robots.txt forbids, entries that were edited later.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, select_autoescape

from waspada.cli.demo import feeds
from waspada.cli.demo.world import DemoItem, DemoOutlet, World
from waspada.clock import ZONES

SLOW_SECONDS = 0.25
FORBIDDEN_PATH = "/arsip/"

_pages = Environment(loader=PackageLoader("waspada.cli.demo", "designs"), autoescape=select_autoescape())
_pages.globals["wita"] = ZONES["WITA"]


class OutletSite:
    """The content of one outlet by path. `edited` switches the edited articles on."""

    def __init__(self, outlet: DemoOutlet, items: list[DemoItem]) -> None:
        self.outlet = outlet
        self.base = ""
        self.edited = False
        self._items = items

    @property
    def feed_url(self) -> str:
        return self.base + self.outlet.feed_path

    def items(self) -> list[DemoItem]:
        return [item.edited if self.edited and item.edited else item for item in self._items]

    def url_of(self, item: DemoItem) -> str:
        if self.outlet.role == "post":
            return f"{self.base}/{item.author}/{_number(item)}"
        return f"{self.base}/berita/{item.published_at:%Y/%m/%d}/{item.id}"

    def respond(self, path: str) -> tuple[HTTPStatus, str, str]:
        """Status, content type and body for a path."""
        if path == "/robots.txt":
            return HTTPStatus.OK, "text/plain", f"User-agent: *\nDisallow: {FORBIDDEN_PATH}\n"
        if path in {"/feed", self.outlet.feed_path}:
            return self._feed()
        if path == "/":
            return HTTPStatus.OK, "text/html", self._page("front.html", items=self.items()[:20])
        return self._article(path)

    def _feed(self) -> tuple[HTTPStatus, str, str]:
        if self.outlet.trouble == "broken":
            return (
                HTTPStatus.OK,
                "text/html",
                "<html><body><h1>Error establishing a database connection</h1></body></html>",
            )
        return HTTPStatus.OK, "application/xml", feeds.write(self)

    def _article(self, path: str) -> tuple[HTTPStatus, str, str]:
        item = next((one for one in self.items() if urlsplit(self.url_of(one)).path == path), None)
        if item is None:
            return HTTPStatus.NOT_FOUND, "text/html", self._page("missing.html")
        if self.outlet.trouble == "challenge":
            return HTTPStatus.FORBIDDEN, "text/html", self._page("challenge.html")
        return HTTPStatus.OK, "text/html", self.page_of(item)

    def page_of(self, item: DemoItem) -> str:
        """The article page of an item in the outlet's design, with links to its newest other articles."""
        related = [other for other in self.items() if other.id != item.id][:5]
        return self._page(f"{self.outlet.design}.html", item=item, related=related)

    def _page(self, template: str, **values: Any) -> str:
        return _pages.get_template(template).render(outlet=self.outlet, url_of=self.url_of, base=self.base, **values)


@contextmanager
def serve(world: World) -> Iterator[dict[str, OutletSite]]:
    """Serves every outlet on a free port of 127.0.0.1 while the context lasts; outlet id -> site."""
    sites = {outlet.id: OutletSite(outlet, world.of(outlet.id)) for outlet in world.outlets.values()}
    servers = [_start(site) for site in sites.values()]
    try:
        yield sites
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def hosts(sites: dict[str, OutletSite]) -> frozenset[str]:
    """The exact host:port pairs that the demo serves: the only private addresses that its crawler may fetch."""
    return frozenset(urlsplit(site.base).netloc for site in sites.values())


def _start(site: OutletSite) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if site.outlet.trouble == "slow":
                time.sleep(SLOW_SECONDS)
            status, content_type, body = site.respond(urlsplit(self.path).path)
            data = body.encode()
            etag = f'"{zlib.crc32(data):x}"'
            if status is HTTPStatus.OK and self.headers.get("If-None-Match") == etag:
                self.send_response(HTTPStatus.NOT_MODIFIED)
                self.end_headers()
                return
            self.send_response(status)
            self.send_header("Content-Type", f"{content_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("ETag", etag)
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # the collector was stopped while it waited
                self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """The demo's own requests are no news."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.base = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    return server


def _number(item: DemoItem) -> str:
    return f"{int(item.published_at.timestamp())}{zlib.crc32(item.id.encode()) % 10**6:06d}"
