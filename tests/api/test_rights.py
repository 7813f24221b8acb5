"""Every route times every role: what the table of rights does not allow is refused, and nothing is open by mistake."""

from __future__ import annotations

import re

import pytest

from api import rights
from api.app import bare_app, openapi_document
from api.rights import Right, every, routes
from tests.api.conftest import Desk
from waspada.access import Role, Scope, allowed
from waspada.access.policy import covers, widest_scope
from waspada.access.types import Action

__all__ = ["every", "routes"]

#: The only addresses that answer without a token: no data behind any of them.
OPEN = {
    ("GET", "/about"),
    ("GET", "/api/v1/health"),
    ("GET", "/api/v1/ready"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/login/code"),
    ("POST", "/login/code"),
    ("GET", "/login/enrol"),
    ("GET", "/login/enrol.svg"),
    ("POST", "/login/enrol"),
    ("GET", "/login/set"),
    ("POST", "/login/set"),
    ("GET", "/login/directory"),
    ("GET", "/login/directory/back"),
    ("GET", "/login/directory/out"),
    # The link of a message is a secret of its own (tests/api/test_calls.py); the script of push messages holds no data.
    ("GET", "/acknowledge/{word}"),
    ("POST", "/acknowledge/{word}"),
    ("GET", "/push.js"),
    # What lets the form for field reports work without a network; the form itself is for who is signed in.
    ("GET", "/reports/worker.js"),
    ("GET", "/reports/manifest.webmanifest"),
    # So are those of a subscription; the form for strangers is there only where the operator opened it
    # (tests/api/test_subscriptions.py).
    ("GET", "/subscription/confirm/{word}"),
    ("POST", "/subscription/confirm/{word}"),
    ("GET", "/subscription/manage/{word}"),
    ("POST", "/subscription/manage/{word}"),
    ("GET", "/unsubscribe/{word}"),
    ("POST", "/unsubscribe/{word}"),
    ("GET", "/subscribe"),
    ("POST", "/subscribe"),
}


#: What stands for a parameter of an address; 1 for every other one.
VALUES = {
    "source_id": "warta-intan",
    "code": "63",
    "name": "nobody-of-this-name",
    "identifier": "waspada.kesbang.example-12-1",
}


def address(desk: Desk, path: str) -> str:
    """An address that could be asked: each parameter filled with something that fits its kind."""
    path = f"{path}?seconds=0" if path.endswith("/alerts/stream") else path  # else it would answer without end
    values = {"alert_id": str(desk.alerts["clash"]), "other_id": str(desk.alerts["neutrality"]), **VALUES}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: values.get(found[1], "1"), path)


def test_only_health_and_sign_in_are_open(desk: Desk) -> None:
    found = every(desk.app)
    assert len(found) > 30
    assert {(one.method, one.path) for one in found if one.action is None} == OPEN


def test_the_document_holds_the_table_that_the_code_makes() -> None:
    written = rights.documented(rights.DOCUMENT.read_text(encoding="utf-8"))
    assert written == rights.table(every(bare_app())), "run `python -m api.rights --write`"


def test_a_route_that_forgot_its_right_would_be_seen() -> None:
    app = bare_app()
    app.add_api_route("/forgotten", lambda: None, methods=["POST"])
    found = every(app)
    assert Right("POST", "/forgotten", None) in found
    assert {(one.method, one.path) for one in found if one.action is None} != OPEN
    assert "| POST | `/forgotten` |  |  | open |" in rights.table(found)


def test_strangers_get_nothing(desk: Desk) -> None:
    client = desk.stranger()
    for one in every(desk.app):
        method, path = one.method, one.path
        if (method, path) in OPEN:
            continue
        answer = client.ask(method, address(desk, path))
        if path.startswith("/api/") or path == "/metrics":
            assert answer.status_code == 401, path
            takes_basic = one.action in (Action.READ_FEEDS, Action.READ_CAP)
            assert ("Basic" in answer.headers["www-authenticate"]) == takes_basic, path
            assert answer.headers["www-authenticate"].startswith("Bearer")
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize("role", Role)
def test_a_role_reaches_exactly_what_the_table_allows(desk: Desk, role: Role) -> None:
    for scope in Scope:
        if not covers(widest_scope(role), scope):
            continue  # the role has no use for this scope, and gets no such token
        client = desk.program(role, scope)
        for one in every(desk.app):
            method, path, action = one.method, one.path, one.action
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


def test_a_feed_asks_its_reader_for_a_password(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Feed readers send what they were given only when they are asked by HTTP Basic; no other address asks so."""
    one = next(one for one in routes(desk.app) if one.path == "/api/v1/alerts")
    assert desk.stranger().get("/api/v1/alerts").headers["www-authenticate"] == "Bearer"
    monkeypatch.setattr(rights, "BASIC_ACTIONS", frozenset({rights.action_of(one)}))
    assert "Basic realm" in desk.stranger().get("/api/v1/alerts").headers["www-authenticate"]
    assert desk.stranger().get("/api/v1/sources").headers["www-authenticate"] == "Bearer"
