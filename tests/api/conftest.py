"""An application over a real store, and people who ask it things."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from tests.api.sample import NOW, fill
from waspada.access import Role, Scope, add_user, issue_token
from waspada.access.policy import widest_scope
from waspada.settings import Settings
from waspada.store import Store

#: Roles that are bound to a region in any case.
REGIONS = {Role.REPORTER: "63.03.05"}
BASE = "http://127.0.0.1:8765"


class Client:
    """A plain synchronous face over httpx's ASGI transport: every request goes through the whole application."""

    def __init__(self, app: FastAPI, runner: asyncio.Runner, base: str = BASE, **headers: str) -> None:
        self._runner = runner
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base, headers=headers)

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        return self._runner.run(self.http.request(method, path, **given))

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("POST", path, **given)

    def close(self) -> None:
        self._runner.run(self.http.aclose())


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Desk:
    """A filled store with its application; `alerts` are the ids of the sample's alerts by name."""

    store: Store
    app: FastAPI
    alerts: dict[str, int]
    clock: Clock
    new_client: Callable[..., Client]

    def token(
        self, role: Role, scope: Scope | None = None, region: str | None = None, areas: Sequence[str] | None = None
    ) -> str:
        """A token of a new user of this role; the widest scope of the role unless told otherwise."""
        chosen = scope or widest_scope(role)
        region = region or REGIONS.get(role)
        name = "-".join((role.value, chosen.value, region or "all", *(areas or ())))
        with self.store.write() as session:
            add_user(session, name, role, region, actor="test", now=NOW)
            return issue_token(session, name, "test", chosen, now=NOW, areas=areas).secret

    def program(self, role: Role, scope: Scope | None = None, region: str | None = None, **headers: str) -> Client:
        """Somebody with a token in the header."""
        return self.new_client(Authorization=f"Bearer {self.token(role, scope, region)}", **headers)

    def stranger(self, **headers: str) -> Client:
        return self.new_client(**headers)

    def browser(self, role: Role, region: str | None = None) -> Client:
        """Somebody who signed in to the console through its form."""
        client = self.new_client()
        answer = sign_in(client, self.token(role, region=region))
        assert answer.status_code == 303, answer.text
        return client


def name_purpose(client: Client, purpose: str = "incident") -> Client:
    """Says in the console what searches and exports are for, as a session is asked once."""
    answer = client.post("/purpose", data={"purpose": purpose, "csrf": form_token(client.get("/purpose").text)})
    assert answer.status_code == 303, answer.text
    return client


def sign_in(client: Client, token: str, **fields: str) -> httpx.Response:
    page = client.get("/login")
    form = {"token": token, "csrf": form_token(page.text), "purpose": "incident", **fields}
    return client.post("/login", data=form)


def form_token(page: str) -> str:
    """The CSRF token in the first form of a page."""
    return page.partition('name="csrf" value="')[2].partition('"')[0]


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[Desk]:
    with store.write() as session:
        alerts = fill(session)
    clock = Clock()
    app = create_app(store, Settings(data_dir=tmp_path / "settings"), clock=clock)
    clients: list[Client] = []
    with asyncio.Runner() as runner:

        def new_client(base: str = BASE, **headers: str) -> Client:
            clients.append(Client(app, runner, base, **headers))
            return clients[-1]

        yield Desk(store, app, alerts, clock, new_client)
        for client in clients:
            client.close()
