"""Cards, documents and parts of pages are remembered: each reader still gets their own, and what is true now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, update

from api import shape
from api.console import i18n, regions, render
from api.console.views import alerts as views
from tests.api.conftest import Desk
from tests.api.sample import NOW
from tests.api.test_seen import cards
from waspada.access import Role, Scope
from waspada.access.service import set_reading
from waspada.store import Store
from waspada.store.tables import AlertRow, TokenRow, UserRow


def test_a_change_by_another_process_is_in_the_next_answer(desk: Desk, another_store: Callable[[], Store]) -> None:
    browser, program = desk.browser(Role.LIAISON), desk.program(Role.ANALYST, Scope.READ)
    for _ in range(2):
        assert "Judul yang baru" not in browser.get("/alerts").text + program.get("/api/v1/alerts").text
    with another_store().write() as session:
        change = update(AlertRow).where(AlertRow.id == desk.alerts["clash"])
        session.execute(change.values(headline="Judul yang baru"))
    assert "Judul yang baru" in browser.get("/alerts").text
    assert "Judul yang baru" in program.get("/api/v1/alerts").text
    with another_store().write() as session:
        session.execute(delete(AlertRow).where(AlertRow.id == desk.alerts["clash"]))
    assert desk.alerts["clash"] not in cards(browser.get("/alerts").text)
    assert "Judul yang baru" not in program.get("/api/v1/alerts").text


def test_a_list_as_it_is_sent_is_the_list_as_it_is_documented(desk: Desk) -> None:
    program = desk.program(Role.LIAISON, Scope.READ)
    first = program.get("/api/v1/alerts?limit=1")
    again = program.get("/api/v1/alerts?limit=1")
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]
    assert first.headers["content-type"] == "application/json"
    assert set(first.json()) == {"data", "next"}
    following = program.get("/api/v1/alerts", params={"limit": 1, "cursor": first.json()["next"]}).json()
    assert following["data"][0]["id"] != first.json()["data"][0]["id"]
    assert program.get("/api/v1/alerts?owner=~mine").json() == {"data": [], "next": None}


def test_marks_are_each_readers_own(desk: Desk) -> None:
    first, second = desk.browser(Role.LIAISON), desk.browser(Role.ANALYST)
    clash = desk.alerts["clash"]
    first.get(f"/alerts/{clash}")
    for _ in range(2):
        assert cards(first.get("/alerts").text)[clash] == ""
        assert cards(second.get("/alerts").text)[clash] == "new"


def test_each_language_and_each_zone_gets_its_own(desk: Desk, another_store: Callable[[], Store]) -> None:
    browser = desk.browser(Role.LIAISON)
    for _ in range(2):
        assert "Belum diverifikasi" in browser.get("/alerts?lang=id").text
        english = browser.get("/alerts?lang=en").text
        assert "Not verified yet" in english
        assert "Belum diverifikasi</span>" not in english
    assert " WITA" in browser.get("/alerts?lang=id").text
    with another_store().write() as session:
        account = session.query(UserRow).filter(UserRow.name.startswith("liaison")).one()
        set_reading(session, account.id, zone="WIT", language=None)
    page = browser.get("/alerts?lang=id").text
    assert " WIT<" in page or ' WIT"' in page
    assert ' WITA"' not in page


def test_each_role_gets_its_own_ways_and_tools(desk: Desk) -> None:
    liaison, admin = desk.browser(Role.LIAISON), desk.browser(Role.ADMIN)
    for _ in range(2):
        assert 'href="/users"' not in liaison.get("/alerts").text
        assert 'href="/users"' in admin.get("/alerts").text
    first, second = (one.get("/alerts").text for one in (liaison, admin))
    assert "liaison-" not in first.partition('id="owner"')[2].partition("</select>")[0]
    assert "liaison-" in second.partition('id="owner"')[2].partition("</select>")[0]


def test_whoever_is_shut_out_elsewhere_is_out_at_the_next_request(
    desk: Desk, another_store: Callable[[], Store]
) -> None:
    program, browser, closed = (
        desk.program(Role.LIAISON, Scope.READ), desk.browser(Role.ANALYST), desk.browser(Role.OPERATOR)
    )  # fmt: skip
    assert program.get("/api/v1/alerts").status_code == browser.get("/alerts").status_code == 200
    other = another_store()
    with other.write() as session:
        session.execute(update(TokenRow).values(revoked_at=NOW))
    assert program.get("/api/v1/alerts").status_code == 401
    assert browser.get("/alerts").status_code != 200
    assert closed.get("/alerts").status_code != 200


def test_a_role_that_is_lost_elsewhere_is_lost_at_once(desk: Desk, another_store: Callable[[], Store]) -> None:
    program = desk.program(Role.ADMIN)
    assert program.get("/api/v1/users").status_code == 200
    with another_store().write() as session:
        session.execute(update(UserRow).values(role=Role.LIAISON.value))
    assert program.get("/api/v1/users").status_code == 403
    with another_store().write() as session:
        session.execute(update(UserRow).values(active=False))
    assert program.get("/api/v1/alerts").status_code == 401


def test_an_age_is_told_to_the_minute_however_often_it_is_asked() -> None:
    own, other = i18n.language("id"), i18n.language("en")
    for seconds in (0, 29, 59, 89, 90, 91, 3_000, 3_060, 73_439, 73_440, 86_400 * 5, 86_400 * 6):
        length = timedelta(seconds=seconds)
        assert own.age(NOW - length, NOW) == own.length(length)
    assert own.length(timedelta(hours=3)) == "3 jam"
    assert other.length(timedelta(hours=3)) == "3 hours"


def test_every_memory_is_bounded() -> None:
    bounded: list[Any] = [
        views.card, shape.alert_json, render._card, render._fragment, regions.region_choices, i18n._length
    ]  # fmt: skip
    assert all(1 <= one.cache_parameters()["maxsize"] <= 20_000 for one in bounded)
