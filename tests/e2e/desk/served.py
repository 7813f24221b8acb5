"""The application over a sample store, served on loopback by a thread, for a browser."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy.orm import Session

from api.app import create_app
from api.server import Server
from tests.api.conftest import form_token
from tests.api.sample import NOW, fill
from tests.empty import put_empty_store
from waspada.access import Role, add_user, issue_token
from waspada.access.policy import widest_scope
from waspada.settings import Settings
from waspada.store import Store, open_url

_START_SECONDS = 30.0


@dataclass
class Served:
    """`base` is its address; `alerts` are the ids of the sample's alerts by name."""

    base: str
    app: FastAPI
    store: Store
    settings: Settings
    alerts: dict[str, int]

    def token(self, role: Role, region: str | None = None) -> str:
        """A token of a new user of this role, with the role's widest scope."""
        name = f"{role.value}-{region or 'all'}-{time.monotonic_ns()}"
        with self.store.write() as session:
            add_user(session, name, role, region, actor="test", now=NOW)
            return issue_token(session, name, "test", widest_scope(role), now=NOW).secret

    def cookies(self, role: Role, region: str | None = None) -> list[dict[str, Any]]:
        """Those of somebody who signed in, as Playwright's `add_cookies` takes them."""
        with httpx.Client(base_url=self.base, timeout=30) as client:
            form = {"csrf": form_token(client.get("/login").text), "purpose": "incident"}
            answer = client.post("/login", data={**form, "token": self.token(role, region)})
            assert answer.status_code == 303, answer.text
            return [{"name": name, "value": value, "url": self.base} for name, value in client.cookies.items()]


@contextmanager
def served(folder: Path, fill: Callable[[Session], dict[str, int]] = fill) -> Iterator[Served]:
    """The desk of `tests.api.sample`, or of what `fill` stores; its clock stands still at the sample's time."""
    store = open_url(f"sqlite:///{put_empty_store(folder / 'data')}")
    with store.write() as session:
        alerts = fill(session)
    settings = Settings(data_dir=folder / "settings")
    app = create_app(store, settings, clock=lambda: NOW)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(app)  # as `waspada run` does: an open list would hold up the end of a plain one
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        assert server.started, "the application did not start"
        yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", app, store, settings, alerts)
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
        store.close()
