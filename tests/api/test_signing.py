"""Signing in as a browser does it: passwords, the second step, links, the directory; and what guards each form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from api.app import create_app
from tests.access.provider import CLIENT, SECRET, Provider, running
from tests.api.conftest import Client, Desk, form_token
from waspada.access import Role, add_user, totp
from waspada.access import service as access
from waspada.access.credentials import new_hash
from waspada.access.throttle import ACCOUNT, ADDRESS
from waspada.settings import Settings
from waspada.store.tables import AuditRow, CredentialRow, TokenRow

GOOD = "kereta malam lewat jembatan"


@pytest.fixture
def dialect() -> str:
    """What is proved here is in the console; the store has its own tests on both databases."""
    return "sqlite"


def give_account(desk: Desk, name: str, role: Role = Role.LIAISON, password: str = GOOD) -> int:
    hashed = new_hash(password, name)
    with desk.store.write() as session:
        id_ = add_user(session, name, role, None, actor="test", now=desk.clock.now).user.id
        desk.app.state.context.credentials.set_password(session, id_, hashed, desk.clock.now, keep=None)
    return id_


def enrol(desk: Desk, user_id: int) -> tuple[str, list[str]]:
    """Secret and recovery codes of an account whose phone was enrolled a while ago."""
    own, before = desk.app.state.context.credentials, desk.clock.now - timedelta(minutes=2)
    with desk.store.write() as session:
        secret = own.begin_totp(session, user_id, before)
        return secret, own.confirm_totp(session, user_id, code_of(secret, before), before, keep=None)


def code_of(secret: str, at: datetime) -> str:
    return totp.code_at(secret, totp.step_of(at))


def by_password(client: Client, name: str, password: str = GOOD, **fields: str) -> httpx.Response:
    csrf = form_token(client.get("/login").text)
    return client.post(
        "/login", data={"user": name, "password": password, "csrf": csrf, "purpose": "incident", **fields}
    )


def send_code(client: Client, code: str, path: str = "/login/code") -> httpx.Response:
    return client.post(path, data={"code": code, "csrf": form_token(client.get(path).text)})


def refusals(desk: Desk) -> list[tuple[str, object]]:
    with desk.store.read() as session:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.action == "access.sign_in_refused").order_by(AuditRow.id)
        )
        return [(row.object, row.detail["how"]) for row in rows]


def test_a_name_and_its_password_open_the_console(desk: Desk) -> None:
    give_account(desk, "liaison-1")
    client = desk.stranger(**{"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"})
    answer = by_password(client, " Liaison-1 ", next="/sources")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sources")
    assert client.get("/alerts").status_code == 200
    account = client.get("/account").text
    assert "Firefox, Windows" in account
    assert "140.0" not in account
    with desk.store.read() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "access.sign_in")).one()
    assert (row.actor, row.purpose, row.detail) == ("liaison-1", "incident", {"how": "password"})


def test_unknown_names_wrong_passwords_and_closed_accounts_look_the_same(desk: Desk) -> None:
    give_account(desk, "liaison-1")
    give_account(desk, "closed-1")
    with desk.store.write() as session:
        access.disable_user(session, "closed-1", actor="test", now=desk.clock.now)
    shown = []
    for name, password in (("liaison-1", "salah semua katanya"), ("nobody-1", GOOD), ("closed-1", GOOD), ("", "")):
        answer = by_password(desk.stranger(), name, password)
        assert answer.status_code == 401
        shown.append(re.sub(r'value="[0-9a-f]{64,}"', "", answer.text))
    assert len(set(shown)) == 1
    assert "tidak cocok" in shown[0]
    assert refusals(desk) == [
        ("user/liaison-1", "password"), ("console", "password"), ("user/closed-1", "password"), ("console", "password"),
    ]  # fmt: skip


def test_what_was_typed_as_a_name_stands_in_no_log(desk: Desk) -> None:
    by_password(desk.stranger(), "kata sandi saya yang salah ketik", "x")
    with desk.store.read() as session:
        assert "salah ketik" not in str([(row.object, row.detail) for row in session.scalars(select(AuditRow))])


def test_guessing_one_account_is_slowed_down_from_everywhere(desk: Desk) -> None:
    give_account(desk, "liaison-1")
    own = desk.stranger()
    assert by_password(own, "liaison-1").status_code == 303
    for _ in range(ACCOUNT.free):
        assert by_password(desk.stranger(), "liaison-1", "salah semua katanya").status_code == 401
    slowed = by_password(desk.stranger(), "liaison-1")
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "5")
    known = desk.stranger()
    known.http.cookies.set("waspada_device", own.http.cookies["waspada_device"])
    assert by_password(known, "liaison-1").status_code == 303  # strangers slow down strangers, not the owner
    desk.clock.forward(timedelta(seconds=5))
    assert by_password(desk.stranger(), "liaison-1").status_code == 303


def test_the_mark_of_a_browser_is_good_for_its_account_only(desk: Desk) -> None:
    give_account(desk, "liaison-1")
    give_account(desk, "liaison-2")
    own = desk.stranger()
    by_password(own, "liaison-2")
    for _ in range(ACCOUNT.free):
        by_password(desk.stranger(), "liaison-1", "salah semua katanya")
    other = desk.stranger()
    other.http.cookies.set("waspada_device", own.http.cookies["waspada_device"])
    assert by_password(other, "liaison-1").status_code == 429


def test_guessing_from_one_address_is_slowed_down_over_all_accounts(desk: Desk) -> None:
    give_account(desk, "liaison-1")
    for number in range(ADDRESS.free):
        assert by_password(desk.stranger(), f"nobody-{number}").status_code == 401
    assert by_password(desk.stranger(), "liaison-1").status_code == 429


def test_wrong_tokens_of_programs_are_slowed_down_and_good_ones_are_not(desk: Desk) -> None:
    good = desk.program(Role.LIAISON)
    for number in range(ADDRESS.free):
        wrong = desk.new_client(Authorization=f"Bearer wsp_{number:043}").get("/api/v1/alerts")
        assert wrong.status_code == 401
    slowed = desk.new_client(Authorization="Bearer wsp_" + "x" * 43).get("/api/v1/alerts")
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "10")
    assert slowed.json()["type"] == "urn:waspada:problem:too-many-tries"
    assert good.get("/api/v1/alerts").status_code == 200
    assert refusals(desk) == [("api", "bearer")] * ADDRESS.free


def test_a_second_step_is_asked_for_where_there_is_one(desk: Desk) -> None:
    secret, codes = enrol(desk, give_account(desk, "liaison-1"))
    client = desk.stranger()
    answer = by_password(client, "liaison-1", next="/sources")
    assert answer.headers["location"] == "/login/code"
    assert client.get("/alerts").headers["location"].startswith("/login")
    assert send_code(client, "000000").status_code == 401
    done = send_code(client, code_of(secret, desk.clock.now))
    assert (done.status_code, done.headers["location"]) == (303, "/sources")
    assert client.get("/alerts").status_code == 200
    assert client.get("/login/code").headers["location"] == "/login"  # the step is over
    again = desk.stranger()
    by_password(again, "liaison-1")
    assert send_code(again, code_of(secret, desk.clock.now)).status_code == 401
    assert send_code(again, codes[0]).status_code == 303
    assert refusals(desk) == [("user/liaison-1", "code")] * 2


def test_the_second_step_needs_the_first_in_this_browser_and_in_time(desk: Desk) -> None:
    secret, _ = enrol(desk, give_account(desk, "liaison-1"))
    assert desk.stranger().get("/login/code").headers["location"] == "/login"
    assert desk.stranger().post("/login/code", data={"code": "1"}).headers["location"] == "/login"
    for forged in ("x", "", "A" * 200):
        client = desk.stranger(Cookie=f"waspada_step={forged}")
        assert client.get("/login/code").headers["location"] == "/login"
    slow, changed = desk.stranger(), desk.stranger()
    by_password(slow, "liaison-1")
    by_password(changed, "liaison-1")
    page = changed.get("/login/code").text
    hashed = new_hash("lima perahu di muara", "liaison-1")
    with desk.store.write() as session:
        user = access.find_user(session, "liaison-1")
        desk.app.state.context.credentials.set_password(session, user.id, hashed, desk.clock.now, keep=None)
    late = changed.post("/login/code", data={"code": code_of(secret, desk.clock.now), "csrf": form_token(page)})
    assert late.headers["location"] == "/login"  # the password was changed in between
    by_password(slow, "liaison-1", "lima perahu di muara")
    assert slow.get("/login/code").status_code == 200
    desk.clock.forward(timedelta(minutes=10))
    assert slow.get("/login/code").headers["location"] == "/login"


def test_codes_are_guessed_slowly_and_a_right_password_forgives_none(desk: Desk) -> None:
    enrol(desk, give_account(desk, "liaison-1"))
    client = desk.stranger()
    for _ in range(ACCOUNT.free):
        by_password(client, "liaison-1")
        assert send_code(client, "000000").status_code == 401
    by_password(client, "liaison-1")
    assert send_code(client, "000000").status_code == 429


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.ANALYST])
def test_roles_that_need_a_second_step_set_it_up_first(desk: Desk, role: Role) -> None:
    give_account(desk, "siti-1", role)
    client = desk.stranger()
    assert by_password(client, "siti-1").headers["location"] == "/login/enrol"
    page = client.get("/login/enrol").text
    secret = re.sub(r"\s", "", re.findall(r'<code class="secret">([A-Z2-7 ]+)</code>', page)[0])
    picture = client.get("/login/enrol.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.headers["cache-control"] == "no-store"
    assert picture.text.startswith("<svg")
    assert "script" not in picture.text
    assert client.get("/account").status_code == 303
    assert send_code(client, "000000", "/login/enrol").status_code == 401
    done = send_code(client, code_of(secret, desk.clock.now), "/login/enrol")
    assert done.status_code == 200
    codes = re.findall(r"<li><code>([a-z2-9]{5}-[a-z2-9]{5})</code></li>", done.text)
    assert len(codes) == 10
    assert client.get("/account").status_code == 200
    assert codes[0] not in client.get("/account").text
    with desk.store.read() as session:
        assert secret not in str([row.secret for row in session.scalars(select(CredentialRow))])
    for path in ("/login/enrol", "/login/enrol.svg"):
        assert client.get(path).headers["location"] == "/login"


def test_an_enrolment_at_the_door_cannot_replace_a_phone(desk: Desk) -> None:
    enrol(desk, give_account(desk, "siti-1", Role.ADMIN))
    client = desk.stranger()
    assert by_password(client, "siti-1").headers["location"] == "/login/code"
    for method, path in (("GET", "/login/enrol"), ("GET", "/login/enrol.svg"), ("POST", "/login/enrol")):
        assert client.ask(method, path).headers["location"] == "/login"


def test_a_link_sets_the_first_password(desk: Desk) -> None:
    admin = desk.program(Role.ADMIN)
    admin.post("/api/v1/users", json={"name": "siti-1", "role": "liaison"})
    made = admin.post("/api/v1/users/siti-1/password-link")
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    link = urlsplit(made.json()["link"])
    client = desk.stranger()
    first = client.get(f"{link.path}?{link.query}")
    assert (first.status_code, first.headers["location"]) == (303, "/login/set")  # the code leaves the address bar
    page = client.get("/login/set").text
    assert "siti-1" in page
    assert "wsp_" not in page
    csrf = form_token(page)
    for password, again, status in (
        ("pendek", "pendek", 422), ("bismillah1234", "bismillah1234", 422), (GOOD, f"{GOOD}!", 422),
        ("siti-1 dan kawan", "siti-1 dan kawan", 422),
    ):  # fmt: skip
        answer = client.post("/login/set", data={"password": password, "again": again, "csrf": csrf})
        assert answer.status_code == status
    assert client.post("/login/set", data={"password": GOOD, "again": GOOD, "csrf": "x"}).status_code == 403
    done = client.post("/login/set", data={"password": GOOD, "again": GOOD, "csrf": csrf})
    assert done.headers["location"] == "/login?done=password"
    assert "Silakan masuk" in client.get("/login?done=password").text
    assert by_password(client, "siti-1").status_code == 303
    other = desk.stranger()
    other.get(f"{link.path}?{link.query}")
    over = other.get("/login/set")
    assert over.status_code == 410
    assert "sudah berakhir" in over.text


def test_looking_at_a_link_uses_nothing_up(desk: Desk) -> None:
    admin = desk.program(Role.ADMIN)
    admin.post("/api/v1/users", json={"name": "siti-1", "role": "liaison"})
    link = urlsplit(admin.post("/api/v1/users/siti-1/password-link").json()["link"])
    for _ in range(3):  # a mail program, a preview, the person
        client = desk.stranger()
        client.get(f"{link.path}?{link.query}")
        assert client.get("/login/set").status_code == 200


def test_links_are_guessed_slowly(desk: Desk) -> None:
    for number in range(ADDRESS.free):
        client = desk.stranger(Cookie=f"waspada_link=wsp_{number:043}")
        assert client.get("/login/set").status_code == 410
    assert len(refusals(desk)) == ADDRESS.free
    desk.stranger(Cookie="waspada_link=wsp_" + "x" * 43).get("/login/set")
    assert len(refusals(desk)) == ADDRESS.free
    assert by_password(desk.stranger(), "nobody").status_code == 429


def test_a_new_sign_in_takes_the_place_of_the_old_session(desk: Desk) -> None:
    give_account(desk, "liaison-1")
    client = desk.stranger()
    by_password(client, "liaison-1")
    kept = client.http.cookies["waspada_session"]
    by_password(client, "liaison-1")
    assert client.http.cookies["waspada_session"] != kept
    assert desk.stranger(Cookie=f"waspada_session={kept}").get("/alerts").status_code == 303
    assert client.get("/alerts").status_code == 200


def test_a_session_ends_when_nobody_uses_it(desk: Desk) -> None:
    give_account(desk, "liaison-1")
    client = desk.stranger()
    by_password(client, "liaison-1")
    for _ in range(3):
        desk.clock.forward(timedelta(minutes=59))
        assert client.get("/alerts").status_code == 200
    desk.clock.forward(timedelta(minutes=60))
    assert client.get("/alerts").headers["location"].startswith("/login")


def test_forms_at_the_door_cannot_be_sent_from_elsewhere(desk: Desk) -> None:
    give_account(desk, "liaison-1")
    client = desk.stranger()
    client.get("/login")
    for csrf in ("", "0" * 64):
        answer = client.post("/login", data={"user": "liaison-1", "password": GOOD, "csrf": csrf})
        assert answer.status_code == 403
    assert refusals(desk) == []


@pytest.mark.parametrize(
    ("site", "passes"), [("same-origin", True), ("none", True), ("cross-site", False), ("same-site", False)]
)
def test_what_another_site_makes_a_browser_send_is_refused(desk: Desk, site: str, passes: bool) -> None:
    browser = desk.browser(Role.LIAISON)
    csrf = form_token(browser.get("/account").text)
    answer = browser.post("/account/reading", data={"csrf": csrf}, headers={"Sec-Fetch-Site": site})
    assert (answer.status_code == 303) is passes
    assert browser.get("/account", headers={"Sec-Fetch-Site": site}).status_code == 200
    api = browser.ask("DELETE", "/api/v1/sessions", headers={"Sec-Fetch-Site": site, "X-CSRF-Token": csrf})
    assert (api.status_code == 204) is passes


# The directory


class Directory:
    """A desk that signs in through a provider."""

    def __init__(self, desk: Desk, provider: Provider, folder: Path, roles: str = "") -> None:
        self.desk, self.provider = desk, provider
        provider.now = lambda: desk.clock().timestamp()
        settings = Settings(
            data_dir=folder,
            oidc_issuer=provider.url,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_roles=roles,
        )
        self.app = create_app(desk.store, settings, clock=desk.clock)

    def client(self) -> Client:
        client = self.desk.new_client()
        client.http._transport = httpx.ASGITransport(self.app)
        return client

    def sign_in(self, client: Client, going: str = "/") -> httpx.Response:
        start = client.get(f"/login/directory?next={going}")
        assert start.status_code == 303
        back = urlsplit(self.provider.consent(start.headers["location"]))
        return client.get(f"{back.path}?{back.query}")


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as found:
        yield found


def name_in_directory(desk: Desk, provider: Provider, name: str = "liaison-1", claim: str = "siti.n") -> None:
    from waspada.access.directory import note_claim

    with desk.store.write() as session:
        add_user(session, name, Role.LIAISON, None, actor="test", now=desk.clock.now)
        note_claim(session, name, provider.url, claim, desk.clock.now)


def test_the_directory_opens_the_account_that_an_admin_named(desk: Desk, provider: Provider, tmp_path: Path) -> None:
    own = Directory(desk, provider, tmp_path / "d")
    name_in_directory(desk, provider)
    client = own.client()
    assert "/login/directory" in client.get("/login").text
    answer = own.sign_in(client, "/sources")
    assert answer.status_code == 200
    assert 'content="0; url=/sources"' in answer.text
    assert client.get("/alerts").status_code == 200
    csrf = form_token(client.get("/account").text)
    out = client.post("/logout", data={"csrf": csrf})
    assert out.headers["location"] == "/login?done=out-directory"
    assert "/login/directory/out" in client.get(out.headers["location"]).text
    assert client.get("/login/directory/out").headers["location"].startswith(f"{provider.url}/out?client_id=")
    with desk.store.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(row.actor, row.action) for row in rows][:2] == [
        ("directory", "access.login_changed"), ("liaison-1", "access.sign_in"),
    ]  # fmt: skip
    assert "siti" not in str([row.detail for row in rows])


def test_who_has_no_account_is_told_so_and_written_down(desk: Desk, provider: Provider, tmp_path: Path) -> None:
    own = Directory(desk, provider, tmp_path / "d")
    client = own.client()
    answer = own.sign_in(client)
    assert answer.status_code == 403
    assert "tidak ada akun" in answer.text
    assert "waspada_session" not in client.http.cookies
    assert refusals(desk) == [("console", "directory")]


def test_a_group_gives_and_takes(desk: Desk, provider: Provider, tmp_path: Path) -> None:
    own = Directory(desk, provider, tmp_path / "d", "waspada-desk=liaison@63.71")
    provider.person = {"sub": "p-9", "preferred_username": "budi", "groups": ["waspada-desk"]}
    client = own.client()
    assert own.sign_in(client).status_code == 200
    me = client.get("/api/v1/me").json()
    assert (me["name"], me["role"], me["region"]) == ("budi", "liaison", "63.71")
    provider.person = {"sub": "p-9", "preferred_username": "budi", "groups": []}
    assert own.sign_in(own.client()).status_code == 403
    assert client.get("/alerts").status_code == 303  # out of the group: the open session has ended, too


def test_an_answer_belongs_to_one_attempt_of_one_browser(desk: Desk, provider: Provider, tmp_path: Path) -> None:
    own = Directory(desk, provider, tmp_path / "d")
    name_in_directory(desk, provider)
    one, two = own.client(), own.client()
    back = urlsplit(provider.consent(one.get("/login/directory").headers["location"]))
    two.get("/login/directory")
    stolen = two.get(f"{back.path}?{back.query}")
    assert stolen.status_code == 403
    assert own.client().get(f"{back.path}?{back.query}").status_code == 403  # a browser that began nothing
    for query in ("", "code=x", "state=x", "code=x&state=x", "error=access_denied&state=x", "code=x&state=%C3%A9"):
        client = own.client()
        client.get("/login/directory")
        assert client.get(f"/login/directory/back?{query}").status_code == 403
    late = own.client()
    back = urlsplit(provider.consent(late.get("/login/directory").headers["location"]))
    desk.clock.forward(timedelta(minutes=10))
    assert late.get(f"{back.path}?{back.query}").status_code in (403, 429)


def test_a_code_replayed_in_the_same_browser_opens_nothing(desk: Desk, provider: Provider, tmp_path: Path) -> None:
    own = Directory(desk, provider, tmp_path / "d")
    name_in_directory(desk, provider)
    client = own.client()
    start = client.get("/login/directory")
    kept = client.http.cookies["waspada_directory"]
    back = urlsplit(provider.consent(start.headers["location"]))
    assert client.get(f"{back.path}?{back.query}").status_code == 200
    assert client.get(f"{back.path}?{back.query}").status_code == 403
    thief = own.client()
    thief.http.cookies.set("waspada_directory", kept)
    assert thief.get(f"{back.path}?{back.query}").status_code == 403  # the provider takes its code once


def test_the_way_through_the_directory_leads_nowhere_else(desk: Desk, provider: Provider, tmp_path: Path) -> None:
    own = Directory(desk, provider, tmp_path / "d")
    name_in_directory(desk, provider)
    for asked in ("//evil.example", "https://evil.example", "/%5Cevil.example"):
        assert 'content="0; url=/"' in own.sign_in(own.client(), asked).text


def test_a_provider_that_does_not_answer_is_said(desk: Desk, tmp_path: Path) -> None:
    with running() as gone:
        own = Directory(desk, gone, tmp_path / "d")
    answer = own.client().get("/login/directory")
    assert answer.status_code == 503
    assert "tidak menjawab" in answer.text


def test_without_a_provider_there_is_no_such_door(desk: Desk) -> None:
    for path in ("/login/directory", "/login/directory/back?code=x&state=y", "/login/directory/out"):
        assert desk.stranger().get(path).status_code == 404
    assert "/login/directory" not in desk.stranger().get("/login").text


def test_a_feed_token_is_taken_as_a_password_and_no_other_is(desk: Desk) -> None:
    """With HTTP Basic; there the token's own limits decide what it opens."""
    from waspada.access import Scope, issue_token

    with desk.store.write() as session:
        add_user(session, "liaison-1", Role.LIAISON, None, actor="test", now=desk.clock.now)
        wide = issue_token(session, "liaison-1", "x", Scope.READ, now=desk.clock.now).secret
        feeds = issue_token(session, "liaison-1", "x", Scope.READ, now=desk.clock.now, areas=["feeds", "cap"]).secret
        more = issue_token(session, "liaison-1", "x", Scope.READ, now=desk.clock.now, areas=["feeds", "self"]).secret

    def status(secret: str) -> int:
        return desk.new_client().get("/api/v1/me", auth=("anybody", secret)).status_code

    assert status(wide) == status(more) == 401
    assert status(feeds) == 403  # known, but good for feeds and CAP alone
    assert desk.new_client(Authorization=f"Bearer {more}").get("/api/v1/me").json()["areas"] == ["feeds", "self"]
    for odd in ("Basic", "Basic x", "Basic é", "Digest x", "Basic " + "A" * 5000, "Basic gIA="):
        assert desk.new_client().get("/api/v1/me", headers={"Authorization": odd.encode()}).status_code in (401, 429)


def test_one_row_a_session_and_none_by_a_refused_try(desk: Desk) -> None:
    give_account(desk, "liaison-1")
    by_password(desk.stranger(), "liaison-1", "salah semua katanya")
    by_password(desk.stranger(), "liaison-1")
    with desk.store.read() as session:
        assert [row.name for row in session.scalars(select(TokenRow))] == ["session:password"]
