"""Every route times every role: what the table of rights does not allow is refused, and nothing is open by mistake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.app import openapi_document
from api.auth import Needs
from tests.api.conftest import Desk
from waspada.access import Role, Scope, allowed
from waspada.access.policy import covers, widest_scope
from waspada.access.types import Action

#: The only addresses that answer without a token: no data behind any of them.
OPEN = {("GET", "/api/v1/health"), ("GET", "/api/v1/ready"), ("GET", "/login"), ("POST", "/login")}
#: The link of a message is a secret of its own (tests/api/test_calls.py); the script of push messages holds no data.
OPEN |= {("GET", "/acknowledge/{word}"), ("POST", "/acknowledge/{word}"), ("GET", "/push.js")}


def routes(app: FastAPI) -> Iterator[APIRoute]:
    def walk(found: object) -> Iterator[APIRoute]:
        for route in getattr(found, "routes", []):
            if isinstance(route, APIRoute):
                yield route
            else:
                yield from walk(getattr(route, "original_router", None) or getattr(route, "router", None))

    yield from walk(app)


def needs(dependant: Dependant) -> list[Action]:
    own = [dependant.call.action] if isinstance(dependant.call, Needs) else []
    return own + [action for below in dependant.dependencies for action in needs(below)]


def every(app: FastAPI) -> list[tuple[str, str, Action | None]]:
    """Method, address and the right it needs, of every route."""
    out = []
    for route in routes(app):
        actions = needs(route.dependant)
        assert len(actions) <= 1, route.path
        for method in sorted(route.methods or ()):
            out.append((method, route.path, actions[0] if actions else None))
    return out


def address(desk: Desk, path: str) -> str:
    filled = path.replace("{alert_id}", str(desk.alerts["clash"])).replace("{source_id}", "warta-intan")
    filled = filled.replace("{other_id}", str(desk.alerts["neutrality"]))
    small = ("item_id", "story_id", "edit_id", "token_id", "match_id", "silence_id", "topic_id")
    for name in (*small, "shift_id", "contact_id", "call_id"):
        filled = filled.replace(f"{{{name}}}", "1")
    return filled.replace("{code}", "63").replace("{name}", "operator-read-all")


def test_only_health_and_sign_in_are_open(desk: Desk) -> None:
    found = every(desk.app)
    assert len(found) > 30
    assert {(method, path) for method, path, action in found if action is None} == OPEN


def test_strangers_get_nothing(desk: Desk) -> None:
    client = desk.stranger()
    for method, path, _ in every(desk.app):
        if (method, path) in OPEN:
            continue
        answer = client.ask(method, address(desk, path))
        if path.startswith("/api/"):
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"] == "Bearer"
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize("role", Role)
def test_a_role_reaches_exactly_what_the_table_allows(desk: Desk, role: Role) -> None:
    for scope in Scope:
        if not covers(widest_scope(role), scope):
            continue  # the role has no use for this scope, and gets no such token
        client = desk.program(role, scope)
        for method, path, action in every(desk.app):
            if action is None:
                continue
            answer = client.ask(method, address(desk, path))
            permitted = allowed(role, scope, action)
            assert (answer.status_code != 403) == permitted or _is_form(method, path), (role, scope, method, path)
            assert answer.status_code < 500, (path, answer.text)


def _is_form(method: str, path: str) -> bool:
    """Console forms refuse programs whatever their rights: they belong to a browser session."""
    return method == "POST" and not path.startswith("/api/")


def test_a_region_bound_reader_sees_their_region_only(desk: Desk) -> None:
    client = desk.program(Role.LIAISON, region="63.71")
    assert [alert["id"] for alert in client.get("/api/v1/alerts").json()["data"]] == [desk.alerts["neutrality"]]
    assert client.get("/api/v1/alerts?region=63").json()["data"][0]["id"] == desk.alerts["neutrality"]
    clash = desk.alerts["clash"]
    assert client.get(f"/api/v1/alerts/{clash}").status_code == 404
    assert client.get(f"/api/v1/alerts/{clash}/history").status_code == 404
    own = desk.alerts["neutrality"]
    for pair in (f"{own}/compare/{clash}", f"{clash}/compare/{own}"):
        assert client.get(f"/api/v1/alerts/{pair}").status_code == 404
        assert client.get(f"/alerts/{pair}").status_code == 404
    assert client.get("/api/v1/items/1").status_code == 404
    assert client.get("/api/v1/stories/1").status_code == 404
    moved = client.post(f"/api/v1/alerts/{clash}/moves", json={"to": "acknowledged"}, headers={"If-Match": "1"})
    assert moved.status_code == 404
    for path in (f"/alerts/{clash}", "/items/1"):
        assert client.get(path).status_code == 404


def test_without_a_store_the_document_says_the_same(desk: Desk) -> None:
    assert openapi_document() == desk.app.openapi()
