"""Agreement and suspected answers over the API and in the console: for whom, and nothing about a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.api.conftest import Desk
from tests.api.sample import NOW
from tests.api.test_console import outline
from tests.drift.months import add_answer, add_news
from waspada.access import Role
from waspada.labels.suspects import KEY
from waspada.labels.types import Queue
from waspada.models import service as models
from waspada.store.tables import AuditRow, ItemRow, ItemVersionRow
from waspada.taxonomy import FIELDS

ACTORS = ("siti-penilai", "rahmat-penilai", "yuli-penilai")


def answer(desk: Desk) -> list[int]:
    """Twelve items answered by two of three accounts each, who differ in two of them."""
    with desk.store.write() as session:
        found = add_news(session, NOW - timedelta(days=20), 12)
        for number, item in enumerate(found):
            for place in range(2):
                actor = ACTORS[(number + place) % 3]
                conflict = 2 if number % 3 == 0 and not (number == 3 and place) else 0
                at = NOW - timedelta(days=7 * (number % 2))
                add_answer(
                    session, item, actor, at, queue=Queue.RARE, conflict=conflict, fraud=int(number == 5 - place)
                )
    return found


def test_agreement_by_field_and_week(desk: Desk) -> None:
    answer(desk)
    found = desk.program(Role.ANALYST).get("/api/v1/labels/agreement").json()
    fields = {one["field"]: one for one in found["fields"]}
    assert list(fields) == list(FIELDS)
    assert fields["conflict"]["items"] == 12
    assert 0 < fields["conflict"]["alpha"] < 1
    assert fields["conflict"]["alpha_interval"]["low"] <= fields["conflict"]["alpha"]
    assert (fields["disaster"]["alpha"], fields["disaster"]["no_alpha"]) == (None, "no_variation")
    assert fields["disaster"]["no_positive"] == "no_positives"
    assert [week["name"] for week in found["weeks"]] == ["2024-W46", "2024-W47"]
    assert found["following"][0]["field"] is None
    assert found["following"][0]["why"] == "not_shown"


def test_no_figure_is_given_by_person(desk: Desk) -> None:
    answer(desk)
    for text in (
        desk.program(Role.ANALYST).get("/api/v1/labels/agreement").text,
        desk.browser(Role.ADMIN).get("/labels/agreement").text,
    ):
        assert not [actor for actor in ACTORS if actor in text]
        assert "accounts" not in text


def test_without_answers_the_reasons_are_said(desk: Desk) -> None:
    found = desk.program(Role.ANALYST).get("/api/v1/labels/agreement").json()
    assert {one["no_alpha"] for one in found["fields"]} == {"one_account"}
    assert found["weeks"] == []
    page = desk.browser(Role.ADMIN).get("/labels/agreement?lang=en").text
    assert "nobody else answered" in page
    assert "No report has two answers yet." in page


def test_the_pages_read_well_and_are_linked(desk: Desk) -> None:
    items = answer(desk)
    suspect(desk, items)
    browser = desk.browser(Role.ANALYST)
    desk_page = browser.get("/labels").text
    for address in ("/labels/agreement", "/labels/suspects"):
        assert f'href="{address}"' in desk_page
        found = outline(browser.get(address).text)
        assert (found.problems, found.open) == ([], [])
        assert len(found.ids) == len(set(found.ids))
    page = browser.get("/labels/agreement?lang=en").text
    assert "2024-W47" in page
    assert "all said the same of everything" in page


def suspect(desk: Desk, items: list[int]) -> None:
    found = [
        {"item_id": items[1], "field": "conflict", "given": 0, "likely": 3, "score": 0.01},
        {"item_id": items[2], "field": "alert", "given": 0, "likely": 2, "score": 0.2},
        {"item_id": 999_999, "field": "alert", "given": 0, "likely": 2, "score": 0.1},
    ]
    with desk.store.write() as session:
        models.register(session, "uji~1", "uji~1", kind="heads", actor="ani", now=NOW, made_of={KEY: found})
        for row in (session.get_one(ItemRow, items[1]), session.get_one(ItemVersionRow, (items[1], 1))):
            row.title = "Warga bernama Siti Rahmawati menunggu"


def test_suspects_lead_to_where_they_are_answered_again(desk: Desk) -> None:
    items = answer(desk)
    client = desk.program(Role.ANALYST)
    assert client.get("/api/v1/labels/suspects").json() == {"model": None, "at": None, "data": []}
    browser = desk.browser(Role.ADMIN)
    assert "No training has looked" in browser.get("/labels/suspects?lang=en").text
    suspect(desk, items)
    found = client.get("/api/v1/labels/suspects").json()
    assert found["model"] == "uji~1"
    assert [(one["item_id"], one["field"], one["given"], one["likely"]) for one in found["data"]] == [
        (items[1], "conflict", 0, 3),
        (items[2], "alert", 0, 2),
    ]
    assert "Siti" not in found["data"][0]["title"]
    page = browser.get("/labels/suspects?lang=en").text
    assert f'href="/labels/items/{items[1]}"' in page
    assert "<td>grave</td>" in page
    assert browser.get(f"/labels/items/{items[1]}").status_code == 200
    with desk.store.read() as session:
        noted = session.scalars(select(AuditRow).where(AuditRow.object == "labels/suspects")).all()
        assert noted[-1].detail == {"items": sorted(items[1:3])}
    given = {"key": "a" * 32, "item_id": items[1], "version": 1, "values": {"conflict": 3}}
    desk.clock.forward(timedelta(hours=1))
    assert client.post("/api/v1/labels", json=given).status_code == 201
    assert [one["item_id"] for one in client.get("/api/v1/labels/suspects").json()["data"]] == [items[2]]


def test_suspects_elsewhere_are_not_for_a_region(desk: Desk) -> None:
    suspect(desk, answer(desk))
    assert desk.program(Role.ANALYST, region="64").get("/api/v1/labels/suspects").json()["data"] == []


@pytest.mark.parametrize("path", ["/labels/agreement", "/labels/suspects"])
def test_who_may_read_it(desk: Desk, path: str) -> None:
    for role, status in ((Role.ANALYST, 200), (Role.ADMIN, 200), (Role.LIAISON, 403), (Role.AUDITOR, 403)):
        browser = desk.browser(role)
        assert browser.get(path).status_code == status
        assert browser.get(f"/api/v1{path}").status_code == status
    assert desk.program(Role.ANALYST, region="63").get(f"/api/v1{path}?x=1").status_code == 422
