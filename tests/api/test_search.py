"""Searching for words over the API and in the console: rights, purpose, audit without the words, refusals, pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tests.api.conftest import Client, Desk, form_token, name_purpose, sign_in
from tests.api.sample import CLASH, add_alert
from waspada.access import Role
from waspada.store.tables import AuditRow

PURPOSE = {"X-Purpose": "klarifikasi laporan"}


def ask(client: Client, words: str, **more: Any) -> httpx.Response:
    return client.post("/api/v1/search", json={"words": words, **more}, headers=PURPOSE)


def log(desk: Desk) -> list[AuditRow]:
    with desk.store.read() as session:
        return list(session.scalars(select(AuditRow).where(AuditRow.action == "search.text").order_by(AuditRow.id)))


def test_hits_are_masked_and_grouped_by_alert(desk: Desk) -> None:
    answer = ask(desk.program(Role.ANALYST), "lempar batu")
    assert answer.status_code == 200, answer.text
    (group,) = answer.json()["groups"]
    assert (group["alert_id"], group["level"], group["state"]) == (desk.alerts["clash"], 3, "new")
    (hit,) = group["hits"]
    assert [one["text"] for one in hit["excerpt"] if one["found"]] == ["lempar", "batu", "batu"]
    assert [one["text"] for one in hit["title"] if one["found"]] == ["lempar", "batu"]
    assert "Rudi" not in answer.text
    assert "[nama]" in answer.text


def test_the_audit_log_has_hash_and_purpose_and_never_the_words(desk: Desk) -> None:
    client = desk.program(Role.ANALYST)
    ask(client, "lempar batu")
    ask(client, "Batu, LEMPAR")
    ask(client, "kaca")
    ask(client, "Rudi Hartono")
    first, same, other, refused = log(desk)
    assert (first.purpose, first.actor) == (PURPOSE["X-Purpose"], "analyst-write-all")
    assert first.detail["words"] == same.detail["words"] != other.detail["words"]
    assert first.detail["items"] == [1]
    assert refused.detail["refused"] == "person"
    with desk.store.read() as session:
        everything = str([(row.object, row.detail) for row in session.scalars(select(AuditRow))]).lower()
    assert not any(word in everything for word in ("lempar", "batu", "kaca", "rudi", "hartono"))


def test_only_analysts_and_admins_search_and_only_for_a_purpose(desk: Desk) -> None:
    for role in Role:
        status = ask(desk.program(role), "batu").status_code
        assert status == (200 if role in (Role.ANALYST, Role.ADMIN) else 403), role
    bare = desk.program(Role.ANALYST, region="63").post("/api/v1/search", json={"words": "batu"})
    assert (bare.status_code, bare.json()["type"]) == (428, "urn:waspada:problem:purpose-missing")


def test_words_never_stand_in_an_address(desk: Desk) -> None:
    client = desk.program(Role.ANALYST)
    assert client.get("/api/v1/search?words=batu", headers=PURPOSE).status_code == 405
    assert client.post("/api/v1/search?words=batu", json={"words": "batu"}, headers=PURPOSE).status_code == 422
    document = desk.app.openapi()
    names = {p["name"] for p in document["paths"]["/api/v1/search"]["post"].get("parameters", [])}
    assert names <= {"x-purpose"}


@pytest.mark.parametrize("words", ["Rudi Hartono", "batu -hartono", "@warga", "0812-3456-7890"])
def test_a_search_for_somebody_is_refused_with_the_reason(desk: Desk, words: str) -> None:
    answer = ask(desk.program(Role.ANALYST), words)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:waspada:problem:names-a-person"
    assert "tell an admin" in answer.json()["hint"]


def test_bad_searches_are_problems(desk: Desk) -> None:
    client = desk.program(Role.ANALYST)
    for words in ("", "  ", "-batu", '""', "a" * 201, "a" * 5000, " ".join("abcdefghijklmn")):
        assert ask(client, words).status_code == 422, words
    for more in ({"order": "name"}, {"limit": 0}, {"limit": 51}, {"cursor": "x"}, {"persons": "x"}, {"cursor": "W10"}):
        assert ask(client, "batu", **more).status_code == 422, more
    assert client.post("/api/v1/search", content=b"\xff", headers=PURPOSE).status_code in (400, 422)
    odd = b'{"words": "\\u0000 \\ud83d batu"}'
    assert client.post("/api/v1/search", content=odd, headers=PURPOSE).status_code in (200, 422)


@pytest.mark.parametrize("order", ["newest", "best"])
def test_pages(desk: Desk, order: str) -> None:
    with desk.store.write() as session:
        for number in range(4):
            add_alert(session, replace(CLASH, headline=f"Kabar {number}"))
    client = desk.program(Role.ANALYST)
    seen, cursor = list[int](), None
    for _ in range(20):
        page = ask(client, "kaca", order=order, limit=3, **({"cursor": cursor} if cursor else {})).json()
        seen += [hit["item_id"] for group in page["groups"] for hit in group["hits"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 10


def test_a_bound_analyst_finds_their_region_only(desk: Desk) -> None:
    client = desk.program(Role.ANALYST, region="63.71")
    assert ask(client, "batu").json()["groups"] == []
    (group,) = ask(client, "deklarasi").json()["groups"]
    assert group["alert_id"] == desk.alerts["neutrality"]


class TestConsole:
    def test_asked_for_a_purpose_then_found_and_paged(self, desk: Desk) -> None:
        browser = desk.new_client()
        sign_in(browser, desk.token(Role.ANALYST), purpose="daily watch")
        asked = browser.get("/search")
        assert asked.headers["location"] == "/purpose?next=%2Fsearch"
        csrf = form_token(browser.get("/purpose?next=/search").text)
        browser.post("/purpose", data={"purpose": "quality check", "next": "/search", "csrf": csrf})
        page = browser.post("/search", data={"words": "lempar batu", "csrf": csrf})
        assert "<mark>lempar</mark> <mark>batu</mark>" in page.text
        assert "Rudi" not in page.text
        assert f'href="/alerts/{desk.alerts["clash"]}"' in page.text
        assert [row.purpose for row in log(desk)] == ["quality check"]
        nothing = browser.post("/search", data={"words": "katayangtidakada", "csrf": csrf})
        assert "Tidak ada yang ditemukan." in nothing.text
        assert browser.post("/search", data={"words": "batu"}).status_code == 403

    def test_a_name_is_refused_with_the_reason_and_hostile_words_are_text(self, desk: Desk) -> None:
        browser = name_purpose(desk.browser(Role.ANALYST))
        csrf = form_token(browser.get("/search").text)
        refused = browser.post("/search?lang=en", data={"words": "Rudi Hartono", "csrf": csrf})
        assert refused.status_code == 422
        assert "may name a person" in refused.text
        assert "never for people" in refused.text
        odd = browser.post("/search", data={"words": '"><script>alert(1)</script>', "csrf": csrf})
        assert "<script>alert" not in odd.text
        long = browser.post("/search", data={"words": "a" * 300, "csrf": csrf})
        assert long.status_code == 422
        assert "200" in long.text

    def test_liaisons_see_no_way_to_it(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON)
        assert 'href="/search"' not in browser.get("/alerts").text
        assert browser.get("/search").status_code == 403
