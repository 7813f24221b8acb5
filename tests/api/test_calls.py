"""Rota, calls and contacts over HTTP: rights, regions, audit, and the link that answers without signing in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.app import create_app
from tests.api.conftest import BASE, Client, Clock, Desk, form_token
from tests.api.sample import NOW, fill
from tests.jobs.calling import MINUTE, Recorder, add_person, calls, link_word, on_duty, settings_in
from waspada.access import Role
from waspada.audit import audit_log
from waspada.jobs.messages import one_round
from waspada.jobs.notify import notify_due
from waspada.notify.calls.links import GOOD_FOR
from waspada.notify.messages import Channel
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import AlertRow, AuditRow, UserRow


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "calling", webpush_subject="mailto:desk@kesbang.example")


@pytest.fixture
def desk(store: Store, settings: Settings) -> Iterator[Desk]:
    with store.write() as session:
        alerts = fill(session)
    clock = Clock()
    app = create_app(store, settings, clock=clock)
    clients: list[Client] = []
    with asyncio.Runner() as runner:

        def new_client(base: str = BASE, **headers: str) -> Client:
            clients.append(Client(app, runner, base, **headers))
            return clients[-1]

        yield Desk(store, app, alerts, clock, new_client)
        for client in clients:
            client.close()


def called(desk: Desk, settings: Settings) -> str:
    """Somebody on duty is called of the clash; returns the path of the link in their message."""
    with desk.store.write() as session:
        on_duty(session, add_person(session, settings, "ana", Channel.MAIL))
        on_duty(session, add_person(session, settings, "budi", Channel.MAIL), 2)
    notify_due(desk.store, settings, NOW)
    mail = Recorder()
    one_round(desk.store, settings, [mail], lambda: NOW)
    (url,) = re.findall(r"https://waspada\.example(/acknowledge/\S+)", mail.seen[0].body["text"])
    return str(url)


def audit(desk: Desk, action: str) -> list[AuditRow]:
    with desk.store.read() as session:
        rows = list(session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id)))
        session.expunge_all()
        return rows


def owner(desk: Desk) -> tuple[str, str | None]:
    with desk.store.read() as session:
        row = session.get_one(AlertRow, desk.alerts["clash"])
        return row.state, row.owner


def test_opening_a_link_answers_nothing_and_its_button_does(desk: Desk, settings: Settings) -> None:
    path = called(desk, settings)
    stranger = desk.stranger()
    for method in ("GET", "HEAD", "GET"):  # a scanner of mails opens it, again and again
        answer = stranger.ask(method, path)
        assert answer.status_code == 200
    assert owner(desk) == ("new", None)
    assert audit(desk, "call.acknowledge") == []
    assert stranger.post(path).status_code == 200
    assert owner(desk) == ("acknowledged", "ana")
    (line,) = audit(desk, "call.acknowledge")
    assert (line.actor, line.detail["alerts"], line.detail["by"]) == ("ana", [desk.alerts["clash"]], "link")
    assert [row.actor for row in audit(desk, "alert.move")] == ["ana"]
    again = stranger.post(path)
    assert "ana" in again.text
    assert [row.detail["first"] for row in audit(desk, "call.acknowledge")] == [True, False]
    with desk.store.read() as session:
        assert audit_log(settings).verify(session).ok


def test_the_page_of_a_link_shows_no_more_than_the_message(desk: Desk, settings: Settings) -> None:
    path = called(desk, settings)
    with desk.store.write() as session:
        session.get_one(AlertRow, desk.alerts["clash"]).headline = "Judul baru yang tidak dikirim"
    page = desk.stranger().get(path)
    assert "Massa dua kubu" in page.text
    assert "Judul baru" not in page.text
    assert "Content-Security-Policy" in page.headers
    assert page.headers["cache-control"] == "no-store"
    assert "<nav" not in page.text


@pytest.mark.parametrize("word", ["x", "a" * 90, "%00", "..%2F..", "a" * 500, "%F0%9F%92%A5"])
def test_odd_links_open_nothing(desk: Desk, word: str) -> None:
    for method in ("GET", "POST"):
        assert desk.stranger().ask(method, f"/acknowledge/{word}").status_code in (404, 422)


def test_a_link_ends_after_a_day_and_with_its_account(desk: Desk, settings: Settings) -> None:
    path = called(desk, settings)
    desk.clock.forward(GOOD_FOR)
    assert desk.stranger().post(path).status_code == 404
    desk.clock.forward(-GOOD_FOR)
    with desk.store.write() as session:
        session.scalars(select(UserRow).where(UserRow.name == "ana")).one().active = False
    assert desk.stranger().post(path).status_code == 404
    assert owner(desk) == ("new", None)


def test_what_was_sent_is_in_the_audit_log_without_words(desk: Desk, settings: Settings) -> None:
    called(desk, settings)
    (line,) = audit(desk, "call.send")
    assert line.actor == "waspada"
    assert line.detail["account"] == "ana"
    assert line.detail["alerts"] == [desk.alerts["clash"]]


def test_calls_are_listed_and_answered_by_the_api(desk: Desk, settings: Settings) -> None:
    called(desk, settings)
    client = desk.program(Role.LIAISON)
    (one,) = client.get("/api/v1/calls").json()["data"]
    assert (one["account"], one["alerts"], one["channels"], one["level"]) == (
        "ana",
        [desk.alerts["clash"]],
        ["mail"],
        3,
    )
    done = client.post(f"/api/v1/calls/{one['id']}/answer").json()
    assert (done["first"], done["by"]) == (True, "liaison-write-all")
    assert client.post(f"/api/v1/calls/{one['id']}/answer").json()["first"] is False
    assert owner(desk) == ("acknowledged", "liaison-write-all")
    assert client.post("/api/v1/calls/999/answer").status_code == 404
    elsewhere = desk.program(Role.LIAISON, region="63.71")
    assert elsewhere.get("/api/v1/calls").json()["data"] == []
    assert elsewhere.get("/api/v1/calls?desk=63").status_code == 404
    assert elsewhere.post(f"/api/v1/calls/{one['id']}/answer").status_code == 404


def test_calls_are_paged(desk: Desk, settings: Settings) -> None:
    called(desk, settings)
    one_round(desk.store, settings, [Recorder()], lambda: NOW + 11 * MINUTE)
    client = desk.program(Role.LIAISON)
    first = client.get("/api/v1/calls?limit=1").json()
    second = client.get(f"/api/v1/calls?limit=1&cursor={first['next']}").json()
    assert [page["data"][0]["step"] for page in (first, second)] == [2, 1]
    assert second["next"] is None
    assert client.get("/api/v1/calls?cursor=zzz").status_code == 422


def test_the_rota_by_the_api(desk: Desk, settings: Settings) -> None:
    admin, reader = desk.program(Role.ADMIN), desk.program(Role.LIAISON)
    new = {
        "desk": "63",
        "account": "liaison-write-all",
        "starts_at": "2024-11-20T07:00:00+08:00",
        "ends_at": "2024-11-20T19:00:00+08:00",
    }
    assert reader.post("/api/v1/rota", json=new).status_code == 403
    made = admin.post("/api/v1/rota", json=new)
    assert made.status_code == 201
    assert made.json()["reachable"] is False
    assert admin.post("/api/v1/rota", json=new).status_code == 409
    assert admin.post("/api/v1/rota", json=new | {"ends_at": new["starts_at"]}).status_code == 422
    assert admin.post("/api/v1/rota", json=new | {"starts_at": "2024-11-20T07:00:00"}).status_code == 422
    view = reader.get("/api/v1/rota").json()
    assert (view["first"], view["last"], len(view["shifts"]), len(view["gaps"])) == ("2024-11-18", "2024-11-24", 1, 8)
    week = {"desk": "63", "from_week": "2024-11-20", "to_week": "2024-11-27"}
    assert len(admin.post("/api/v1/rota/copy", json=week).json()["added"]) == 1
    file = reader.get("/api/v1/rota/calendar?days=14")
    assert file.headers["content-type"].startswith("text/calendar")
    assert file.text.count("BEGIN:VEVENT") == 2
    assert admin.ask("DELETE", f"/api/v1/rota/{made.json()['id']}").status_code == 204
    assert admin.ask("DELETE", f"/api/v1/rota/{made.json()['id']}").status_code == 404
    steps = [row.detail["step"] for row in audit(desk, "rota.change")]
    assert steps == ["add", "copy", "remove"]
    for query in ("days=0", "days=900", "first=kemarin", "first=9999-12-31", "desk=x", "nama=ana"):
        assert reader.get(f"/api/v1/rota?{query}").status_code == 422


def test_contacts_by_the_api_never_give_an_address_out(desk: Desk, settings: Settings) -> None:
    client = desk.program(Role.LIAISON)
    made = client.post("/api/v1/contacts", json={"channel": "mail", "address": "rahasia.sekali@kantor.example"})
    assert made.status_code == 201
    id_ = made.json()["id"]
    mail = Recorder()
    one_round(desk.store, settings, [mail], lambda: NOW)
    (code,) = re.findall(r"\d{6}", mail.seen[0].body["subject"])
    wrong = "000000" if code != "000000" else "111111"
    assert client.post(f"/api/v1/contacts/{id_}/confirm", json={"code": wrong}).status_code == 422
    proved = client.post(f"/api/v1/contacts/{id_}/confirm", json={"code": code})
    assert proved.json()["state"] == "ready"
    assert client.post(f"/api/v1/contacts/{id_}/test").status_code == 202
    assert client.post(f"/api/v1/contacts/{id_}/first").status_code == 200
    assert client.post(f"/api/v1/contacts/{id_}/code").status_code == 409
    other = desk.program(Role.ANALYST)
    for method, path in (("DELETE", ""), ("POST", "/test"), ("POST", "/first"), ("POST", "/code")):
        assert other.ask(method, f"/api/v1/contacts/{id_}{path}").status_code == 404
    assert other.get("/api/v1/contacts").json()["data"] == []
    assert "rahasia" not in made.text + proved.text + client.get("/api/v1/contacts").text
    for bad in ({"channel": "webhook", "address": "x"}, {"channel": "mail", "address": "x"}, {"channel": "mail"}):
        assert client.post("/api/v1/contacts", json=bad).status_code == 422
    assert client.get("/api/v1/contacts/push-key").json()["key"]
    assert client.ask("DELETE", f"/api/v1/contacts/{id_}").status_code == 204
    lines = audit(desk, "contact.change")
    assert [row.detail["step"] for row in lines] == ["add", "confirm", "confirm", "first", "remove"]
    assert "rahasia" not in str([row.detail for row in lines])
    assert len(audit(desk, "call.test")) == 1


def test_a_channel_that_is_not_set_up_is_refused(store: Store, tmp_path: Path, desk: Desk) -> None:
    answer = desk.program(Role.LIAISON).post("/api/v1/contacts", json={"channel": "telegram", "address": "-5"})
    assert answer.status_code == 422


def test_telegram_and_push_keys_need_their_settings(store: Store, tmp_path: Path) -> None:
    bare = settings_in(tmp_path / "bare", telegram_token=None)
    app = create_app(store, bare, clock=Clock())
    with asyncio.Runner() as runner:
        desk = Desk(store, app, {}, Clock(), lambda **headers: Client(app, runner, **headers))
        client = desk.program(Role.LIAISON)
        assert client.get("/api/v1/contacts/push-key").status_code == 404
        given = {"channel": "telegram", "address": "123"}
        assert client.post("/api/v1/contacts", json=given).json()["hint"] == "See docs/notify.md."


FORMS: list[tuple[str, dict[str, Any]]] = [
    ("/rota", {"day": "2024-11-20", "begins": "07:00", "ends": "19:00", "account": "ana"}),
    ("/rota/copy", {"from_week": "2024-11-11", "to_week": "2024-11-18"}),
    ("/rota/1/remove", {"week": "2024-11-18"}),
    ("/account/contacts", {"channel": "mail", "address": "a@kantor.example"}),
    ("/account/contacts/1/code", {}),
    ("/account/contacts/1/confirm", {"code": "1"}),
    ("/account/contacts/1/test", {}),
    ("/account/contacts/1/first", {}),
    ("/account/contacts/1/remove", {}),
    ("/account/contacts/telegram", {}),
    ("/calls/1/answer", {}),
]


def test_forms_of_another_site_are_refused(desk: Desk) -> None:
    browser = desk.browser(Role.ADMIN)
    for path, fields in FORMS:
        for csrf in ("", "x"):
            assert browser.post(path, data={**fields, "csrf": csrf}).status_code == 403, path


def test_pages_stand_also_where_a_step_is_refused(desk: Desk, settings: Settings) -> None:
    called(desk, settings)
    browser = desk.browser(Role.ADMIN)
    page = browser.get("/rota")
    csrf = form_token(page.text)
    wanted = {"day": "2024-11-21", "begins": "19:00", "ends": "07:00", "csrf": csrf, "desk": "63"}
    for account, status in (("ana", 303), ("ana", 409), ("siapa", 404), ("", 404)):
        assert browser.post("/rota", data={**wanted, "account": account}).status_code == status
    assert browser.post("/rota", data={**wanted, "account": "ana", "day": "9999-12-31"}).status_code == 422
    assert browser.post("/rota/999/remove", data={"week": "2024-11-18", "csrf": csrf}).status_code == 404
    file = {"file": ("jaga.ics", b"bukan kalender", "text/calendar")}
    assert browser.post("/rota/import", data={"csrf": csrf}, files=file).status_code == 422
    for path in ("/calls", "/account/contacts", "/rota?week=2024-11-27&lang=en", "/calls?lang=en"):
        assert browser.get(path).status_code == 200
    (row,) = calls(desk.store)
    assert browser.post(f"/calls/{row.id}/answer", data={"csrf": csrf}).status_code == 303
    assert "admin-admin-all" in browser.get("/calls").text
    given = {"channel": "mail", "address": "bukan alamat", "csrf": csrf}
    assert browser.post("/account/contacts", data=given).status_code == 422


def test_a_region_sees_its_own_rota(desk: Desk) -> None:
    client = desk.program(Role.LIAISON, region="63.71")
    assert client.get("/api/v1/rota").json()["desk"] == "63.71"
    assert client.get("/api/v1/rota?desk=63").status_code == 404
    assert desk.browser(Role.ANALYST, region="63.71").get("/rota?desk=63").status_code == 404


def test_the_script_of_push_messages_is_for_all_pages(desk: Desk) -> None:
    answer = desk.stranger().get("/push.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "showNotification" in answer.text


def test_links_are_for_the_account_that_was_called(desk: Desk, settings: Settings) -> None:
    called(desk, settings)
    (row,) = calls(desk.store)
    row.user_id = (row.user_id or 0) + 1
    assert desk.stranger().get(f"/acknowledge/{link_word(settings, row, NOW)}").status_code == 404
