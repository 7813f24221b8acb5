"""What an account has read: marks on the list, in the title and in the API; who has an alert in hand."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from tests.api.conftest import Client, Desk, form_token
from tests.api.sample import NOW
from tests.plans import Asked
from waspada.access import Role, Scope
from waspada.alerts import repository, seen
from waspada.alerts.seen import Mark, mark_of
from waspada.alerts.types import OPEN_STATES, AlertFilter, AlertState
from waspada.store.tables import AlertRow, AlertSeenRow, UserRow


def cards(page: str) -> dict[int, str]:
    """id -> mark of the cards of a page, in their order."""
    found = re.findall(r'data-alert="(\d+)".*?</p>', page, re.DOTALL)
    pieces = page.split('data-alert="')[1:]
    marks = [re.search(r'class="mark mark-(\w+)"', piece.partition("<h2>")[0]) for piece in pieces]
    return {int(id_): mark[1] if mark else "" for id_, mark in zip(found, marks, strict=True)}


def title(page: str) -> str:
    return page.partition("<title>")[2].partition("</title>")[0]


def revision_of(desk: Desk, name: str) -> int:
    with desk.store.read() as session:
        return session.get_one(AlertRow, desk.alerts[name]).revision


def test_a_card_is_new_until_its_page_was_opened_and_changed_when_it_went_on(desk: Desk) -> None:
    browser, clash = desk.browser(Role.LIAISON), desk.alerts["clash"]
    page = browser.get("/alerts").text
    assert set(cards(page).values()) == {"new"}
    assert title(page).startswith(f"({len(cards(page))}) Peringatan")
    browser.get(f"/alerts/{clash}")
    page = browser.get("/alerts").text
    assert cards(page)[clash] == ""
    assert title(page).startswith(f"({len(cards(page)) - 1}) ")
    with desk.store.write() as session:
        session.execute(update(AlertRow).where(AlertRow.id == clash).values(revision=AlertRow.revision + 1))
    assert cards(browser.get("/alerts").text)[clash] == "changed"


def test_everything_shown_can_be_marked_and_only_that(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    page = browser.get("/alerts?level=2").text
    shown = re.findall(r'name="shown" value="([\d:]+)"', page)
    assert {int(one.partition(":")[0]) for one in shown} == set(cards(page))
    form = {"csrf": form_token(page), "shown": shown, "back": "/alerts?level=2"}
    assert browser.post("/alerts/seen", data={**form, "csrf": "x"}).status_code == 403
    answer = browser.post("/alerts/seen", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts?level=2")
    after = browser.get("/alerts?level=2").text
    assert set(cards(after).values()) == {""}
    assert title(after).startswith("Peringatan")
    assert "Tandai semua" not in after
    assert "new" in cards(browser.get("/alerts?state=any&period=any").text).values()
    for hostile in ("https://elsewhere.example", "//x.example/alerts", "/account", "/alerts/1/move"):
        assert browser.post("/alerts/seen", data={**form, "back": hostile}).headers["location"] == "/alerts"


def test_marks_are_of_one_account(desk: Desk) -> None:
    first, second = desk.browser(Role.LIAISON), desk.browser(Role.ANALYST)
    first.get(f"/alerts/{desk.alerts['clash']}")
    assert cards(first.get("/alerts").text)[desk.alerts["clash"]] == ""
    assert cards(second.get("/alerts").text)[desk.alerts["clash"]] == "new"


def test_programs_read_and_set_marks(desk: Desk) -> None:
    client, clash = desk.program(Role.LIAISON, Scope.READ), desk.alerts["clash"]
    assert {one["mark"] for one in client.get("/api/v1/alerts").json()["data"]} == {"new"}
    revision = revision_of(desk, "clash")
    answer = client.post("/api/v1/alerts/seen", json={"alerts": [{"id": clash, "revision": revision}]})
    assert (answer.status_code, answer.json()) == (200, {"marked": 1})
    marks = {one["id"]: one["mark"] for one in client.get("/api/v1/alerts").json()["data"]}
    assert marks[clash] == "read"
    client.get(f"/api/v1/alerts/{desk.alerts['hoax']}")  # a program that fetches is nobody who reads
    assert marks[desk.alerts["hoax"]] == "new"
    odd_ones: list[dict[str, object]] = [
        {"alerts": []}, {"alerts": [{"id": 0, "revision": 1}]}, {"alerts": [{"id": clash}]}, {}, {"x": 1},
    ]  # fmt: skip
    for odd in odd_ones:
        assert client.post("/api/v1/alerts/seen", json=odd).status_code == 422
    many = [{"id": n, "revision": 1} for n in range(1, seen.MOST_AT_ONCE + 2)]
    assert client.post("/api/v1/alerts/seen", json={"alerts": many}).status_code == 422


def test_nothing_outside_the_region_is_marked(desk: Desk) -> None:
    client = desk.program(Role.LIAISON, region="63.71")
    alerts = [{"id": id_, "revision": 1} for id_ in desk.alerts.values()] + [{"id": 999_999, "revision": 1}]
    assert client.post("/api/v1/alerts/seen", json={"alerts": alerts}).json() == {"marked": 1}
    with desk.store.read() as session:
        assert session.scalars(select(AlertSeenRow.alert_id)).all() == [desk.alerts["neutrality"]]


def test_a_mark_never_goes_back_and_never_ahead(desk: Desk) -> None:
    clash = desk.alerts["clash"]
    desk.token(Role.LIAISON)
    with desk.store.write() as session:
        user = session.scalars(select(UserRow.id)).first()
        assert user is not None
        session.execute(update(AlertRow).where(AlertRow.id == clash).values(revision=5))
        for told, kept in ((3, 3), (2, 3), (9, 5), (4, 5)):
            assert seen.note(session, user, {clash: told}, NOW, within=None) == 1
            assert session.get_one(AlertSeenRow, (user, clash), populate_existing=True).revision == kept
        assert seen.note(session, user, {}, NOW, within=None) == 0


def test_marks_go_with_their_alert(desk: Desk) -> None:
    clash = desk.alerts["clash"]
    desk.browser(Role.LIAISON).get(f"/alerts/{clash}")
    with desk.store.write() as session:
        assert session.scalars(select(AlertSeenRow.alert_id)).all() == [clash]
        session.execute(delete(AlertRow).where(AlertRow.id == clash))
        assert session.scalars(select(AlertSeenRow.alert_id)).all() == []


@given(st.integers(1, 99), st.none() | st.integers(1, 99))
def test_a_mark_says_what_is_left_to_read(revision: int, read: int | None) -> None:
    assert (mark_of(revision, read) is Mark.READ) == (read is not None and read >= revision)
    assert (mark_of(revision, read) is Mark.NEW) == (read is None)


def test_unread_is_counted_no_further_than_it_says(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = desk.browser(Role.LIAISON)
    total = len(cards(browser.get("/alerts").text))
    monkeypatch.setattr(seen, "MOST_COUNTED", total)
    assert title(browser.get("/alerts").text).startswith(f"({total - 1}+) ")


@pytest.mark.parametrize(
    "wanted", [AlertFilter(), AlertFilter(since=NOW - timedelta(days=7)), AlertFilter(within="63")]
)
def test_a_tally_is_what_one_counts_by_hand(desk: Desk, wanted: AlertFilter) -> None:
    desk.token(Role.LIAISON)
    with desk.store.write() as session:
        seen.note(session, 1, {desk.alerts["clash"]: 1}, NOW, within=None)
        listed = repository.search(session, wanted)
        marks = seen.marks(session, 1, {one.id: one.revision for one in listed})
        recent = [one for one in listed if one.last_item_at >= NOW - timedelta(days=7)]
        unread = sum(marks[one.id] is not Mark.READ for one in recent)
        told = seen.tally(session, 1, wanted, NOW)
        assert (told.total, told.unread) == (len(listed), unread)


def owned(desk: Desk, name: str, owner: str | None) -> None:
    with desk.store.write() as session:
        session.execute(update(AlertRow).where(AlertRow.id == desk.alerts[name]).values(owner=owner))


def ids(client: Client, query: str) -> set[int]:
    return {one["id"] for one in client.get(f"/api/v1/alerts?{query}").json()["data"]}


def test_the_list_is_narrowed_by_who_has_it_in_hand(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    owned(desk, "clash", "liaison-write-all")
    owned(desk, "hoax", "somebody-else")
    clash, hoax = desk.alerts["clash"], desk.alerts["hoax"]
    assert ids(client, "owner=~mine") == {clash}
    assert ids(client, "owner=somebody-else") == {hoax}
    assert ids(client, "owner=~nobody") == set(desk.alerts.values()) - {clash, hoax}
    assert client.get("/api/v1/alerts?owner=~mine").json()["data"][0]["owner"] == "liaison-write-all"
    for odd in ("~", "~all", "A", "a b", "%27--", "x" * 81):
        assert client.get(f"/api/v1/alerts?owner={odd}").status_code == 422
    browser = desk.browser(Role.ANALYST)
    page = browser.get("/alerts?owner=somebody-else").text
    assert list(cards(page)) == [hoax]
    assert "Ditangani: somebody-else" in page
    assert '<option value="somebody-else" selected>' in page
    assert list(cards(browser.get("/alerts?owner=~mine").text)) == []
    assert clash not in cards(browser.get("/alerts?owner=~nobody").text)


def test_states_have_groups(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    every = {one["id"]: AlertState(one["state"]) for one in client.get("/api/v1/alerts").json()["data"]}
    assert ids(client, "group=open") == {id_ for id_, state in every.items() if state in OPEN_STATES}
    assert ids(client, "group=finished") == {id_ for id_, state in every.items() if state not in OPEN_STATES}
    assert client.get("/api/v1/alerts?group=open&state=new").status_code == 422
    assert client.get("/api/v1/alerts?group=x").status_code == 422
    page = desk.browser(Role.ANALYST).get("/alerts?state=finished&period=any").text
    assert set(cards(page)) == ids(client, "group=finished")


def test_a_bound_reader_is_not_told_who_works_elsewhere(desk: Desk) -> None:
    desk.token(Role.ANALYST, region="64")
    desk.token(Role.AUDITOR)
    page = desk.browser(Role.LIAISON, region="63.71").get("/alerts").text
    names = re.findall(r'<option value="([a-z][^"~]*)"', page.partition('name="owner"')[2].partition("</select>")[0])
    assert "analyst-write-64" not in names
    assert not any(name.startswith("auditor") for name in names)
    wide = desk.browser(Role.ADMIN).get("/alerts").text.partition('name="owner"')[2].partition("</select>")[0]
    assert 'value="analyst-write-64"' in wide
    assert "auditor" not in wide


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_what_is_counted_and_marked_reads_no_more_where_more_is_stored(desk: Desk, dialect: str) -> None:
    asked = Asked(desk.store)
    with desk.store.read() as session:
        seen.marks(session, 1, {1: 1, 2: 1})
        seen.tally(session, 1, AlertFilter(states=OPEN_STATES), NOW)
        seen.tally(session, 1, AlertFilter(since=NOW - timedelta(days=7)), NOW)
    steps = asked.plan("alert_seen")
    assert any("ix_alerts_time" in step for step in steps)
    assert not [step for step in steps if step.startswith("SCAN") and "CONSTANT" not in step and "anon" not in step], (
        steps
    )


def test_a_list_that_goes_back_further_is_counted_less_far(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MOST_LISTED_EVER", 2)
    browser = desk.browser(Role.LIAISON)
    assert '<span class="count">2+</span>' in browser.get("/alerts?period=any").text
    assert '<span class="count">2+</span>' not in browser.get("/alerts").text
