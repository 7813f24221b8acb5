"""Servers on loopback that speak the APIs: Mastodon and YouTube by HTTP, Jetstream by websocket. Never the network."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.posts.payloads import frame

Query = dict[str, list[str]]
Answer = tuple[int, Any, dict[str, str]]


class FakeApi:
    """An HTTP server; `answers` maps a path to what it gives: JSON, or a function of the query."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, Query, dict[str, str]]] = []
        handler = type("Handler", (_Handler,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, query: Query) -> Answer:
        found = self.answers.get(path, (404, {"error": "Record not found"}))
        found = found(query) if callable(found) else found
        if not isinstance(found, tuple):
            found = (200, found)
        return found if len(found) == 3 else (*found, {})


class _Handler(BaseHTTPRequestHandler):
    api: FakeApi
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        self.api.asked.append((parts.path, query, dict(self.headers.items())))
        code, body, headers = self.api.answer(parts.path, query)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        for name, value in (
            {"Content-Type": "application/json", "Content-Length": str(len(raw)), "Connection": "close"} | headers
        ).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def fake_api() -> Iterator[FakeApi]:
    api = FakeApi()
    try:
        yield api
    finally:
        api.close()


class FakeJetstream:
    """A websocket server; `script(connection number, cursor)` gives the events of a connection, which then stays open,
    or is closed by the server where the script ends with None."""

    def __init__(self, script: Callable[[int, int | None], list[dict[str, Any] | str | None]]) -> None:
        self._script = script
        self.cursors: list[int | None] = []
        self.queries: list[Query] = []
        self._server: Server = serve(self._serve, "127.0.0.1", 0, subprotocols=["xrpc.v1.json"])  # type: ignore[list-item]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.socket.getsockname()[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/"

    def close(self) -> None:
        self._server.shutdown()

    def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        cursor = int(query["cursor"][0]) if "cursor" in query else None
        self.queries.append(query)
        self.cursors.append(cursor)
        try:
            for event in self._script(len(self.cursors), cursor):
                if event is None:
                    return
                connection.send(event if isinstance(event, str) else frame(event))
            connection.recv()
        except ConnectionClosed:
            return


@contextmanager
def fake_jetstream(script: Callable[[int, int | None], list[dict[str, Any] | str | None]]) -> Iterator[FakeJetstream]:
    server = FakeJetstream(script)
    try:
        yield server
    finally:
        server.close()
