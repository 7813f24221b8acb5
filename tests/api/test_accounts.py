"""The pages and the API of accounts: one's own, and others' for admins."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from tests.api.conftest import Client, Desk, form_token
from tests.api.test_console import outline
from tests.api.test_json import problem
from tests.api.test_signing import GOOD, by_password, code_of, enrol, give_account
from waspada.access import Role, Scope, add_user, issue_token
from waspada.access import service as access
from waspada.access.credentials import standing
from waspada.store.tables import AuditRow

OTHER = "lima perahu di muara"


@pytest.fixture
def dialect() -> str:
    """What is proved here is in the console; the store has its own tests on both databases."""
    return "sqlite"


def signed_in(desk: Desk, name: str = "liaison-1") -> Client:
    client = desk.stranger()
    assert by_password(client, name).status_code == 303
    return client


def send(client: Client, path: str, page: str = "/account", **fields: str) -> httpx.Response:
    csrf = form_token(client.get(page).text)
    return client.post(path, data={"csrf": csrf, **fields})


def audited(desk: Desk, action: str) -> list[tuple[str, str, object]]:
    with desk.store.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id))
        return [(row.actor, row.object, row.detail) for row in rows]


def test_changing_the_password_asks_for_the_old_one_and_ends_the_others(desk: Desk) -> None:
    give_account(desk, "liaison-1")
    mine, other = signed_in(desk), signed_in(desk)
    for old, password, again, status in (
        ("salah semua katanya", OTHER, OTHER, 422), (GOOD, "pendek", "pendek", 422), (GOOD, OTHER, GOOD, 422),
    ):  # fmt: skip
        answer = send(mine, "/account/password", old=old, password=password, again=again)
        assert answer.status_code == status
    done = send(mine, "/account/password", old=GOOD, password=OTHER, again=OTHER)
    assert done.headers["location"] == "/account?done=password"
    assert mine.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    assert by_password(desk.stranger(), "liaison-1", OTHER).status_code == 303
    assert by_password(desk.stranger(), "liaison-1", GOOD).status_code == 401
    assert audited(desk, "access.login_changed") == [("liaison-1", "user/liaison-1", {"what": "password"})]


def test_who_finds_a_console_open_cannot_guess_the_password_there(desk: Desk) -> None:
    give_account(desk, "liaison-1")
    mine = signed_in(desk)
    for _ in range(5):
        assert send(mine, "/account/password", old="salah", password=OTHER, again=OTHER).status_code == 422
    assert send(mine, "/account/password", old=GOOD, password=OTHER, again=OTHER).status_code == 429


def test_a_phone_is_enrolled_changed_and_taken_away(desk: Desk) -> None:
    id_ = give_account(desk, "liaison-1")
    mine, other = signed_in(desk), signed_in(desk)
    assert mine.get("/account/totp").headers["location"] == "/account"
    assert mine.get("/account/totp.svg").headers["location"] == "/account"
    assert send(mine, "/account/totp", old="salah semua katanya").status_code == 422
    assert send(mine, "/account/totp", old=GOOD).headers["location"] == "/account/totp"
    page = mine.get("/account/totp").text
    assert not outline(page).problems
    secret = re.sub(r"\s", "", re.findall(r'<code class="secret">([A-Z2-7 ]+)</code>', page)[0])
    assert mine.get("/account/totp.svg").text.startswith("<svg")
    assert send(mine, "/account/totp/confirm", "/account/totp", code="000000").status_code == 422
    done = send(mine, "/account/totp/confirm", "/account/totp", code=code_of(secret, desk.clock.now))
    codes = re.findall(r"<li><code>([a-z2-9]{5}-[a-z2-9]{5})</code></li>", done.text)
    assert len(codes) == 10
    assert not outline(done.text).problems
    assert other.get("/account").status_code == 303
    assert codes[0] not in mine.get("/account").text
    desk.clock.forward(timedelta(minutes=1))
    fresh = send(mine, "/account/recovery", code=code_of(secret, desk.clock.now))
    assert codes[0] not in fresh.text
    assert len(re.findall(r"<li><code>[a-z2-9]{5}-[a-z2-9]{5}</code></li>", fresh.text)) == 10
    desk.clock.forward(timedelta(minutes=1))
    assert send(mine, "/account/totp/remove", old=GOOD, code="000000").status_code == 422
    gone = send(mine, "/account/totp/remove", old=GOOD, code=code_of(secret, desk.clock.now))
    assert gone.headers["location"] == "/account?done=totp-off"
    with desk.store.read() as session:
        assert not standing(session, id_).has_totp
    whats = [detail for _, _, detail in audited(desk, "access.login_changed")]
    assert whats == [{"what": "totp"}, {"what": "recovery"}, {"what": "totp off"}]


def test_a_role_that_needs_the_second_step_keeps_it(desk: Desk) -> None:
    secret, _ = enrol(desk, give_account(desk, "siti-1", Role.ANALYST))
    client = desk.stranger()
    by_password(client, "siti-1")
    csrf = form_token(client.get("/login/code").text)
    client.post("/login/code", data={"code": code_of(secret, desk.clock.now), "csrf": csrf})
    assert "/account/totp/remove" not in client.get("/account").text
    desk.clock.forward(timedelta(minutes=1))
    answer = send(client, "/account/totp/remove", old=GOOD, code=code_of(secret, desk.clock.now))
    assert answer.status_code == 409


def test_an_account_without_a_password_is_told_how_it_gets_one(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    page = browser.get("/account").text
    assert "/account/password" not in page
    assert "Admin membuatkan tautan" in page
    assert send(browser, "/account/password", old="", password=OTHER, again=OTHER).status_code == 422


def test_sessions_are_listed_and_ended(desk: Desk) -> None:
    give_account(desk, "liaison-1")
    mine, two, three = (signed_in(desk) for _ in range(3))
    page = mine.get("/account").text
    ids = re.findall(r"/account/sessions/(\d+)/end", page)
    assert len(ids) == 3
    found = mine.get("/api/v1/sessions").json()["data"]
    current = next(one["id"] for one in found if one["current"])
    assert {str(one["id"]) for one in found} == set(ids)
    assert found[0]["how"] == "password"
    other = next(one["id"] for one in found if not one["current"])
    assert send(mine, f"/account/sessions/{other}/end").headers["location"] == "/account?done=sessions"
    assert sorted(client.get("/account").status_code for client in (mine, two, three)) == [200, 200, 303]
    assert send(mine, "/account/sessions/end-others").status_code == 303
    assert [client.get("/account").status_code for client in (mine, two, three)] == [200, 303, 303]
    assert send(mine, f"/account/sessions/{other + 100}/end").status_code == 404
    foreign = desk.browser(Role.ANALYST)
    assert send(foreign, f"/account/sessions/{current}/end").status_code == 404
    assert mine.get("/account").status_code == 200
    actors = {actor for actor, _, _ in audited(desk, "access.session_ended")}
    assert actors == {"liaison-1"}


def test_zone_and_language_are_the_readers(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    assert "WITA" in browser.get("/account").text
    assert send(browser, "/account/reading", zone="WIT", language="en").headers["location"] == "/account?done=reading"
    page = browser.get("/account").text
    assert re.search(r"20 Nov 2024, 12:00 WIT\b", page)
    assert '<html lang="en">' in page
    assert '<html lang="id">' in browser.get("/account?lang=id").text
    for odd in ({"zone": "MYT"}, {"zone": "wib"}, {"language": "jv"}, {"zone": "x" * 300}):
        assert send(browser, "/account/reading", **odd).status_code == 422
    program = desk.program(Role.ANALYST)
    me = program.ask("PUT", "/api/v1/me/reading", json={"zone": "WIB", "language": None}).json()
    assert (me["zone"], me["language"]) == ("WIB", None)
    assert program.get("/api/v1/me").json()["zone"] == "WIB"
    problem(program.ask("PUT", "/api/v1/me/reading", json={"zone": "MYT", "language": None}), 422)
    alert = program.get("/api/v1/alerts").json()["data"][0]
    assert alert["opened_at"].endswith("Z")  # the API stays UTC


def test_a_token_for_some_things_is_made_from_the_page(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    csrf = form_token(browser.get("/account").text)
    form = {"name": "umpan", "scope": "read", "days": "30", "csrf": csrf}
    made = browser.post("/account/tokens", data={**form, "areas": ["alerts", "self"]})
    secret = re.findall(r"wsp_[\w-]{43}", made.text)[0]
    program = desk.new_client(Authorization=f"Bearer {secret}")
    assert program.get("/api/v1/alerts").status_code == 200
    problem(program.get("/api/v1/sources"), 403)
    assert program.get("/api/v1/me").json()["areas"] == ["alerts", "self"]
    assert "hanya:" in browser.get("/account").text
    assert browser.post("/account/tokens", data={**form, "areas": ["x"]}).status_code == 422
    assert browser.post("/account/tokens", data={**form, "areas": ["users"]}).status_code == 403
    listed = browser.get("/api/v1/tokens").json()["data"]
    assert ["alerts", "self"] in [one["areas"] for one in listed]
    assert not any(one["name"].startswith(("session:", "link:")) for one in listed)


def test_the_pages_of_accounts_are_for_admins(desk: Desk) -> None:
    for role in Role:
        browser = desk.browser(role)
        expected = 200 if role is Role.ADMIN else 403
        assert browser.get("/users").status_code == expected
        assert browser.get("/users/admin-admin-all").status_code in (expected, 404)
        assert ('href="/users"' in browser.get("/account").text) == (role is Role.ADMIN)


def test_an_admin_makes_and_changes_an_account(desk: Desk) -> None:
    admin = desk.browser(Role.ADMIN)
    assert send(admin, "/users", "/users", name="Siti 1", role="liaison").status_code == 422
    assert send(admin, "/users", "/users", name="siti-1", role="liaison", region="banjar").status_code == 422
    made = send(admin, "/users", "/users", name="siti-1", role="liaison", region="63.71")
    assert made.headers["location"] == "/users/siti-1?done=added"
    assert send(admin, "/users", "/users", name="siti-1", role="liaison").status_code == 409
    page = admin.get("/users/siti-1?done=added").text
    assert not outline(page).problems
    assert "Buat tautan kata sandinya" in page
    shown = send(admin, "/users/siti-1/password-link", "/users/siti-1")
    link = re.findall(r"/login/set\?code=(wsp_[\w-]{43})", shown.text)
    assert len(link) == 1
    assert "wsp_" not in admin.get("/users/siti-1").text
    with desk.store.write() as session:
        session_id = access.start_session(session, access.find_user(session, "siti-1").id, "password", desk.clock.now)[
            1
        ].id
        token_id = issue_token(session, "siti-1", "skrip", Scope.READ, now=desk.clock.now).token.id
    assert f"/users/siti-1/sessions/{session_id}/end" in admin.get("/users/siti-1").text
    assert send(admin, f"/users/siti-1/tokens/{token_id}/revoke", "/users/siti-1").status_code == 303
    changed = send(admin, "/users/siti-1/change", "/users/siti-1", role="analyst", region="")
    assert changed.headers["location"] == "/users/siti-1?done=changed"
    assert f"/users/siti-1/sessions/{session_id}/end" not in admin.get("/users/siti-1").text
    assert send(admin, "/users/siti-1/change", "/users/siti-1", role="analyst", region="x").status_code == 422
    assert send(admin, "/users/siti-1/disable", "/users/siti-1").status_code == 303
    assert send(admin, "/users/siti-1/password-link", "/users/siti-1").status_code == 409
    assert send(admin, "/users/siti-1/enable", "/users/siti-1").status_code == 303
    assert admin.get("/users/nobody").status_code == 404
    assert [detail for _, _, detail in audited(desk, "access.user_changed")] == [
        {"role": "analyst", "region": None}, {"active": True},
    ]  # fmt: skip


def test_an_admin_does_nothing_of_it_at_their_own_account(desk: Desk) -> None:
    admin = desk.browser(Role.ADMIN)
    own = "/users/admin-admin-all"
    with desk.store.write() as session:
        add_user(session, "admin-2", Role.ADMIN, None, actor="test", now=desk.clock.now)
    assert send(admin, f"{own}/change", own, role="liaison").status_code == 403
    assert send(admin, f"{own}/disable", own).status_code == 403
    assert send(admin, f"{own}/totp-reset", own).status_code == 403
    assert send(admin, f"{own}/password-link", own).status_code == 200  # the first admin's first password
    hashed = give_account(desk, "siti-1", Role.ADMIN)
    assert hashed
    program = desk.program(Role.ADMIN, region="63")
    problem(program.ask("DELETE", "/api/v1/users/admin-admin-63"), 403)


def test_an_open_console_gives_no_link_for_a_password_that_is_there(desk: Desk) -> None:
    secret, _ = enrol(desk, give_account(desk, "siti-1", Role.ADMIN))
    client = desk.stranger()
    by_password(client, "siti-1")
    csrf = form_token(client.get("/login/code").text)
    client.post("/login/code", data={"code": code_of(secret, desk.clock.now), "csrf": csrf})
    assert send(client, "/users/siti-1/password-link", "/users/siti-1").status_code == 403


def test_the_last_admin_can_be_neither_closed_nor_demoted(desk: Desk) -> None:
    give_account(desk, "last-1", Role.ADMIN)
    with desk.store.write() as session:
        add_user(session, "op-1", Role.ADMIN, None, actor="test", now=desk.clock.now)
        secret = issue_token(session, "op-1", "x", Scope.ADMIN, now=desk.clock.now).secret
    op = desk.new_client(Authorization=f"Bearer {secret}")
    change = {"role": "liaison", "region": None, "active": True}
    assert op.ask("PUT", "/api/v1/users/last-1", json=change).status_code == 200
    with desk.store.write() as session:  # op-1 is the last one now; somebody else tries
        access.change_user(session, "last-1", role=Role.ADMIN, region=None, actor="cli", now=desk.clock.now)
        access.disable_user(session, "op-1", actor="cli", now=desk.clock.now)
    other = signed_in_admin(desk, "last-1")
    assert send(other, "/users/last-1/disable", "/users/last-1").status_code == 409


def signed_in_admin(desk: Desk, name: str) -> Client:
    with desk.store.write() as session:
        secret = issue_token(session, name, "x", Scope.ADMIN, now=desk.clock.now).secret
    client = desk.stranger()
    csrf = form_token(client.get("/login").text)
    assert client.post("/login", data={"token": secret, "csrf": csrf}).status_code == 303
    return client


def test_accounts_over_the_api(desk: Desk) -> None:
    admin = desk.program(Role.ADMIN)
    made = admin.post("/api/v1/users", json={"name": "siti-1", "role": "liaison", "region": "63"}).json()
    assert (made["has_password"], made["has_totp"], made["directory"]) == (False, False, None)
    changed = admin.ask("PUT", "/api/v1/users/siti-1", json={"role": "auditor", "region": None, "active": False})
    assert (changed.json()["role"], changed.json()["active"]) == ("auditor", False)
    problem(admin.post("/api/v1/users/siti-1/password-link"), 409)
    assert admin.ask("PUT", "/api/v1/users/siti-1", json={"role": "auditor", "region": None, "active": True}).json()[
        "active"
    ]
    for body in ({}, {"role": "auditor"}, {"role": "x", "region": None, "active": True}):
        problem(admin.ask("PUT", "/api/v1/users/siti-1", json=body), 422)
    problem(admin.ask("PUT", "/api/v1/users/siti-1", json={"role": "auditor", "region": "x", "active": True}), 422)
    enrol(desk, give_account(desk, "budi-1"))
    assert admin.get("/api/v1/users/budi-1").json()["has_totp"]
    assert admin.ask("DELETE", "/api/v1/users/budi-1/totp").status_code == 204
    assert not admin.get("/api/v1/users/budi-1").json()["has_totp"]
    client = signed_in(desk, "budi-1")
    sessions = admin.get("/api/v1/users/budi-1/sessions").json()["data"]
    assert len(sessions) == 1
    assert admin.ask("DELETE", f"/api/v1/users/budi-1/sessions/{sessions[0]['id']}").status_code == 204
    assert client.get("/account").status_code == 303
    problem(admin.ask("DELETE", f"/api/v1/users/siti-1/sessions/{sessions[0]['id']}"), 404)
    client = signed_in(desk, "budi-1")
    assert admin.ask("DELETE", "/api/v1/users/budi-1/sessions").status_code == 204
    assert client.get("/account").status_code == 303
    with desk.store.write() as session:
        token_id = issue_token(session, "budi-1", "skrip", Scope.READ, now=desk.clock.now).token.id
    assert [one["id"] for one in admin.get("/api/v1/users/budi-1/tokens").json()["data"]] == [token_id]
    problem(admin.ask("DELETE", f"/api/v1/users/siti-1/tokens/{token_id}"), 404)
    assert admin.ask("DELETE", f"/api/v1/users/budi-1/tokens/{token_id}").status_code == 204
    problem(admin.ask("PUT", "/api/v1/users/budi-1/directory", json={"claim": "budi"}), 409)  # no provider is set up
    assert admin.ask("PUT", "/api/v1/users/budi-1/directory", json={"claim": ""}).status_code == 204
    for method, path in (
        ("GET", ""), ("GET", "/sessions"), ("GET", "/tokens"), ("DELETE", "/totp"), ("DELETE", "/sessions"),
        ("POST", "/password-link"),
    ):  # fmt: skip
        problem(admin.ask(method, f"/api/v1/users/nobody{path}"), 404)


HOSTILE = ["<script>alert(1)</script>", "'; DROP TABLE users;--", "\u202egnp", "a" * 5000, "\x00", "=1+1", "../../etc"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_is_refused_or_harmless(desk: Desk, text: str) -> None:
    admin = desk.browser(Role.ADMIN)
    give_account(desk, "liaison-1")
    mine = signed_in(desk)
    answers = [
        by_password(desk.stranger(), text, text, next=text, purpose=text),
        send(admin, "/users", "/users", name=text, role="liaison", region=text),
        send(admin, "/users/liaison-1/change", "/users", role="liaison", region=text),
        send(admin, "/users/liaison-1/directory", "/users", claim=text),
        send(mine, "/account/reading", zone=text, language=text),
        send(mine, "/account/password", old=text, password=text, again=text),
        send(mine, "/account/totp", old=text),
        send(mine, "/account/totp/confirm", code=text),
        send(mine, "/account/recovery", code=text),
        mine.get("/account", params={"done": text}),
        desk.stranger().get("/login", params={"done": text, "next": text}),
        desk.stranger().get("/login/set", params={"code": text}),
    ]
    for answer in answers:
        assert answer.status_code < 500
        assert "<script>alert" not in answer.text
        assert answer.headers.get("location", "/").startswith("/")
