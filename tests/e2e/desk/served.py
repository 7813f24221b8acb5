"""The application over a store of its own, served on loopback by a thread as `waspada run` does, for a browser."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.app import create_app
from api.server import Server
from tests.api.conftest import REGIONS, form_token
from tests.api.sample import NOW, fill
from tests.empty import put_empty_store
from tests.patience import until
from waspada.access import Role, add_user, issue_token
from waspada.access.policy import widest_scope
from waspada.settings import Settings
from waspada.store import Store, open_store
from waspada.store.tables import UserRow

_END_SECONDS = 30.0


@dataclass
class Served:
    """`base` is its address; `alerts` are the ids of the sample's alerts by name."""

    base: str
    app: FastAPI
    store: Store
    settings: Settings
    alerts: dict[str, int]

    def token(self, role: Role, name: str = "") -> str:
        """A token with the role's widest scope, of a user who is added where there is none of this name."""
        name = name or f"{role.value}-1"
        now = self.app.state.context.clock()
        with self.store.write() as session:
            if session.scalar(select(UserRow.id).where(UserRow.name == name)) is None:
                add_user(session, name, role, REGIONS.get(role), actor="test", now=now)
            return issue_token(session, name, "test", widest_scope(role), now=now).secret

    def cookies(self, role: Role, name: str = "") -> list[dict[str, Any]]:
        """Those of somebody who signed in, as Playwright's `add_cookies` takes them."""
        with httpx.Client(base_url=self.base, timeout=30) as client:
            form = {"csrf": form_token(client.get("/login").text), "purpose": "incident"}
            answer = client.post("/login", data={**form, "token": self.token(role, name)})
            assert answer.status_code == 303, answer.text
            return [{"name": name, "value": value, "url": self.base} for name, value in client.cookies.items()]

    def signed_in(self, page: Any, role: Role, name: str = "") -> Any:
        """The page, in a browser that is somebody's from now on."""
        page.context.add_cookies(self.cookies(role, name))
        return page


@contextmanager
def served(
    folder: Path,
    fill: Callable[[Session], dict[str, int]] = fill,
    *,
    clock: Callable[[], datetime] = lambda: NOW,
    **given: Any,
) -> Iterator[Served]:
    """The desk of `tests.api.sample`, or of what `fill` stores; its clock stands still at the sample's time.

    `given` are settings.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    settings = Settings(data_dir=folder / "desk", port=port, **given)
    put_empty_store(settings.data_dir)
    store = open_store(settings)
    with store.write() as session:
        alerts = fill(session)
    app = create_app(store, settings, clock=clock)
    server = Server(app)  # as `waspada run` does: an open list would hold up the end of a plain one
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        until(lambda: server.started, "the start of the application")
        yield Served(f"http://127.0.0.1:{port}", app, store, settings, alerts)
    finally:
        server.should_exit = True
        thread.join(_END_SECONDS)
        store.close()


def fits(page: Any) -> bool:
    """Whether nothing of a page stands out of the screen to the right."""
    page.locator("main").wait_for()
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
