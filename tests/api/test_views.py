"""Saved views: whose they are, what they hold and never hold, what is new in them, in the API and in the console."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import inspect, select

from api import schemas
from tests.api.conftest import Desk, form_token
from tests.api.sample import CLASH, NEUTRALITY, NOW, add_alert
from waspada.access import Role, Scope
from waspada.store.tables import AlertRow, AuditRow, SavedViewRow, UserRow, ViewLookRow
from waspada.views.service import MOST_VIEWS
from waspada.views.types import ViewFilter

VIEW: dict[str, Any] = {"title": "Konflik Kabupaten Banjar", "region": "63.03", "min_level": 2}
#: Every column of a view is a choice among known ones, an id, a moment, or its title.
COLUMNS = {
    "id", "user_id", "title", "shared", "region", "label", "min_level", "state", "period", "topic_id", "mine",
    "created_at",
}  # fmt: skip


def log(desk: Desk, action: str) -> list[tuple[str, str, dict[str, Any]]]:
    with desk.store.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id))
        return [(row.actor, row.object, dict(row.detail)) for row in rows]


def test_no_view_holds_words_to_look_for(desk: Desk) -> None:
    """Design, rule 9: the schema has no field for words, and the table no column."""
    found = {column["name"] for column in inspect(desk.store.engine).get_columns("saved_views")}
    assert found == COLUMNS
    assert set(schemas.NewViewIn.model_fields) | {"id", "user_id", "topic_id", "created_at"} == COLUMNS | {"topic"}
    assert set(ViewFilter.__slots__) == {"region", "label", "min_level", "state", "period", "topic", "mine"}
    client = desk.program(Role.ANALYST)
    for name in ("words", "text", "q", "query", "search", "owner", "name"):
        assert client.post("/api/v1/views", json={**VIEW, name: "banjir"}).status_code == 422
    for field in ("label", "state", "period", "region"):
        assert client.post("/api/v1/views", json={**VIEW, field: "Rudi Hartono"}).status_code == 422


def test_saved_listed_changed_and_removed_all_in_the_audit_log(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    made = client.post("/api/v1/views", json=VIEW)
    assert made.status_code == 201, made.text
    one = made.json()
    assert (one["title"], one["region"]["name"], one["state"], one["shared"]) == (
        VIEW["title"], "Kabupaten Banjar", "open", False,
    )  # fmt: skip
    path = f"/api/v1/views/{one['id']}"
    assert client.get(path).json() == one
    assert client.get("/api/v1/views").json()["data"] == [one]
    changed = client.ask("PATCH", path, json={"title": "Banjar", "shared": True}).json()
    assert (changed["title"], changed["shared"], changed["min_level"]) == ("Banjar", True, 2)
    assert client.ask("DELETE", path).status_code == 204
    assert client.get(path).status_code == 404
    assert [what["min_level"] for _, _, what in log(desk, "view.save")] == [2, 2]
    assert [what for _, what, _ in log(desk, "view.remove")] == ["view/1"]
    assert str(VIEW["title"]) not in str(log(desk, "view.save"))
    assert len(log(desk, "view.read")) == 2


def test_a_view_of_ones_own_is_nobody_elses_until_it_is_shared(desk: Desk) -> None:
    owner, other, admin = desk.program(Role.LIAISON), desk.program(Role.ANALYST), desk.program(Role.ADMIN)
    path = f"/api/v1/views/{owner.post('/api/v1/views', json=VIEW).json()['id']}"
    assert other.get(path).status_code == admin.get(path).status_code == 404
    assert other.get("/api/v1/views").json()["data"] == []
    owner.ask("PATCH", path, json={"shared": True})
    assert other.get(path).json()["owner"] == "liaison-write-all"
    assert other.ask("PATCH", path, json={"title": "Lain"}).status_code == 403
    assert other.ask("DELETE", path).status_code == 403
    assert admin.ask("DELETE", path).status_code == 204


def test_what_a_disabled_account_shared_is_gone_from_the_desk(desk: Desk) -> None:
    owner, other = desk.program(Role.LIAISON), desk.program(Role.ANALYST)
    owner.post("/api/v1/views", json={**VIEW, "shared": True})
    assert len(other.get("/api/v1/views").json()["data"]) == 1
    with desk.store.write() as session:
        session.scalars(select(UserRow).where(UserRow.name == "liaison-write-all")).one().active = False
    assert other.get("/api/v1/views").json()["data"] == []


def test_a_bound_reader_sees_shared_views_that_touch_the_region_and_saves_none_wider(desk: Desk) -> None:
    desk_wide = desk.program(Role.ANALYST)
    for title, region in (("Banjar", "63.03"), ("Kalsel", "63"), ("Banjarmasin", "63.71"), ("Semua", None)):
        added = desk_wide.post("/api/v1/views", json={"title": title, "region": region, "shared": True})
        assert added.status_code == 201, added.text
    bound = desk.program(Role.LIAISON, region="63.71")
    titles = [one["title"] for one in bound.get("/api/v1/views").json()["data"]]
    assert titles == ["Banjarmasin", "Kalsel", "Semua"]
    assert bound.get("/api/v1/views/1").status_code == 404
    assert bound.post("/api/v1/views", json=VIEW).status_code == 404
    assert bound.post("/api/v1/views", json={"title": "Kota"}).json()["region"]["code"] == "63.71"


@pytest.mark.parametrize(
    "title", ["Rudi Hartono", "berita rudi hartono", "@warga_biasa", "Bupati Banjar", "0812 3456 7890"]
)
def test_no_view_is_called_after_a_person(desk: Desk, title: str) -> None:
    client = desk.program(Role.LIAISON)
    assert client.post("/api/v1/views", json={"title": title}).status_code == 422
    assert client.post("/api/v1/views", json=VIEW).status_code == 201
    assert client.ask("PATCH", "/api/v1/views/1", json={"title": title}).status_code == 422
    assert client.get("/api/v1/views/1").json()["title"] == VIEW["title"]


def test_bad_choices_are_refused(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    for bad, status in (
        ({"title": ""}, 422), ({"title": "   "}, 422), ({"title": "a" * 61}, 422), ({"title": "a" * 1000}, 422),
        ({"region": "99"}, 404), ({"region": "63.3"}, 422), ({"label": "x"}, 422), ({"min_level": 4}, 422),
        ({"state": "gone"}, 422), ({"period": "9d"}, 422), ({"topic": 7}, 404), ({"topic": 0}, 422),
    ):  # fmt: skip
        answer = client.post("/api/v1/views", json={**VIEW, **bad})
        assert answer.status_code == status, (bad, answer.text)
    assert client.post("/api/v1/views", content=b"{").status_code in (400, 422)
    assert client.post("/api/v1/views", json=VIEW).status_code == 201
    assert client.post("/api/v1/views", json={**VIEW, "title": VIEW["title"].upper()}).status_code == 409


def test_an_account_has_so_many_views_and_no_more(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    client.post("/api/v1/views", json=VIEW)
    with desk.store.write() as session:
        first = session.get_one(SavedViewRow, 1)
        for number in range(MOST_VIEWS - 1):
            session.add(
                SavedViewRow(
                    user_id=first.user_id, title=f"t{number}", state="open", period="any", min_level=0, created_at=NOW
                )
            )
    assert client.post("/api/v1/views", json={"title": "Satu lagi"}).status_code == 409


def test_what_came_since_one_looked_is_new_to_that_reader_alone(desk: Desk) -> None:
    browser, other = desk.browser(Role.LIAISON), desk.program(Role.ANALYST)
    csrf = form_token(browser.get("/views/new").text)
    saved = browser.post(
        "/views", data={"title": "Kota dan Banjar", "choices": "period=any", "shared": "true", "csrf": csrf}
    )
    assert saved.status_code == 303, saved.text
    with desk.store.write() as session:
        add_alert(session, CLASH)
        add_alert(session, NEUTRALITY)
    assert other.get("/api/v1/views/1").json()["new"] == len(desk.alerts) - 1 + 2  # never looked: all that are open
    assert re.search(r'class="count-new"[^>]*>2<', browser.get("/alerts").text)
    assert browser.get("/views/1").headers["location"] == "/alerts?period=any"
    assert 'class="count-new"' not in browser.get("/alerts").text
    assert other.get("/api/v1/views/1").json()["new"] == len(desk.alerts) - 1 + 2
    with desk.store.read() as session:
        assert session.scalars(select(ViewLookRow.alert_id)).one() == len(desk.alerts) + 2


def test_mine_is_of_whoever_looks(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    with desk.store.write() as session:
        session.get_one(AlertRow, desk.alerts["hoax"]).owner = "liaison-write-all"
    page = browser.get("/alerts?owner=~mine").text
    assert re.findall(r'<h2><a href="/alerts/(\d+)"', page) == [str(desk.alerts["hoax"])]
    csrf = form_token(browser.get("/views/new?owner=~mine").text)
    browser.post(
        "/views", data={"title": "Punya saya", "choices": "owner=~mine&period=any", "shared": "true", "csrf": csrf}
    )
    assert browser.get("/views/1").headers["location"] == "/alerts?period=any&owner=~mine"
    assert desk.program(Role.ANALYST).get("/api/v1/views/1/feed.json").json()["items"] == []


class TestConsole:
    def test_saved_from_the_list_opened_renamed_shared_and_removed(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON)
        listed = browser.get("/alerts?region=63.03&level=2").text
        assert 'href="/views/new?region=63.03&amp;level=2"' in listed
        form = browser.get("/views/new?region=63.03&level=2").text
        assert all(words in form for words in ("Kabupaten Banjar", "Tingkat 2 ke atas", "Masih terbuka"))
        csrf = form_token(form)
        saved = browser.post("/views", data={"title": "Banjar", "choices": "region=63.03&level=2", "csrf": csrf})
        assert (saved.status_code, saved.headers["location"]) == (303, "/alerts?region=63.03&level=2")
        current = browser.get("/alerts?region=63.03&level=2").text
        assert '<a href="/views/1" aria-current="page">' in current
        assert "/views/new" not in current  # it is saved already
        assert (
            browser.post("/views/1", data={"title": "Banjar saja", "shared": "true", "csrf": csrf}).status_code == 303
        )
        page = browser.get("/views?lang=en").text
        assert "Banjar saja" in page
        assert "Shared with the desk" in page
        assert browser.post("/views/1/remove", data={"csrf": csrf}).status_code == 303
        assert "No saved views yet." in browser.get("/views").text

    def test_a_bad_form_says_what_is_wrong_and_keeps_what_was_written(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON)
        csrf = form_token(browser.get("/views/new").text)
        for title, words in (("Rudi Hartono", "menurut orang"), ("", "judul yang singkat"), ("x" * 100, "singkat")):
            answer = browser.post("/views", data={"title": title, "choices": "level=1", "csrf": csrf})
            assert answer.status_code == 422
            assert words in answer.text
            assert title in answer.text
        for choices in ("level=9", "words=banjir", "region=x", "a=b"):
            assert browser.post("/views", data={"title": "Baik", "choices": choices, "csrf": csrf}).status_code == 422
        assert browser.post("/views", data={"title": "Baik", "choices": ""}).status_code == 403
        browser.post("/views", data={"title": "Baik", "choices": "", "csrf": csrf})
        assert browser.post("/views", data={"title": "baik", "choices": "", "csrf": csrf}).status_code == 409
        assert browser.post("/views/1", data={"title": "Rudi Hartono", "csrf": csrf}).status_code == 422

    def test_hostile_titles_are_only_text(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON)
        csrf = form_token(browser.get("/views/new").text)
        title = '"><script>alert(1)</script>{{7*7}}'
        assert browser.post("/views", data={"title": title, "choices": "", "csrf": csrf}).status_code == 303
        for path in ("/views", "/alerts"):
            page = browser.get(path).text
            assert "<script>alert" not in page
            assert "{{7*7}}" in page

    def test_a_reader_without_the_right_sees_no_way_to_save(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON, Scope.READ)
        page = client.get("/alerts").text
        assert "/views/new" not in page
        assert client.get("/views").status_code == 200
        assert client.get("/views/new").status_code == 403
        assert client.post("/api/v1/views", json=VIEW).status_code == 403
