"""The work on an alert over the API and in the console: rights, locks, bad input, masks, the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tests.api.conftest import Client, Desk, form_token
from tests.api.sample import NOW
from tests.api.test_json import problem
from waspada.access import Role
from waspada.alerts.types import SYSTEM
from waspada.store.tables import AlertEventRow, AlertRow, AuditRow, HandoverRow, SilenceRow, StoryItemRow


def path(desk: Desk, name: str = "clash") -> str:
    return f"/api/v1/alerts/{desk.alerts[name]}"


def written(desk: Desk) -> list[tuple[str, str, dict[str, Any]]]:
    with desk.store.read() as session:
        return [(row.action, row.object, dict(row.detail)) for row in session.scalars(select(AuditRow))]


def put(client: Client, address: str, document: dict[str, Any], revision: int | str | None = 1) -> httpx.Response:
    headers = {} if revision is None else {"If-Match": str(revision)}
    return client.ask("PUT", address, json=document, headers=headers)


class TestAssignment:
    def test_it_is_given_with_the_lock_and_audited(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        first = client.get(f"{path(desk)}/assignment")
        assert first.json()["owner"] is None
        assert first.json()["candidates"] == ["liaison-write-all"]
        done = put(client, f"{path(desk)}/assignment", {"owner": "liaison-write-all"}, first.headers["etag"])
        assert (done.status_code, done.json()["owner"], done.json()["revision"]) == (200, "liaison-write-all", 2)
        assert client.get(path(desk)).json()["owner"] == "liaison-write-all"
        late = problem(put(client, f"{path(desk)}/assignment", {"owner": None}, first.headers["etag"]), 412)
        assert late["changes"][0]["fields"] == [{"field": "owner", "before": None, "after": "liaison-write-all"}]
        assert put(client, f"{path(desk)}/assignment", {"owner": None}, 2).json()["owner"] is None
        object_ = f"alert/{desk.alerts['clash']}"
        assert ("alert.assign", object_, {"owner": "liaison-write-all"}) in written(desk)

    def test_what_is_refused(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        problem(put(client, f"{path(desk)}/assignment", {"owner": "liaison-write-all"}, None), 428)
        problem(put(client, f"{path(desk)}/assignment", {"owner": "nobody-there"}), 422)
        problem(put(client, f"{path(desk)}/assignment", {}), 422)
        problem(put(client, f"{path(desk)}/assignment", {"owner": "x", "more": 1}), 422)
        problem(put(client, f"{path(desk, 'dismissed')}/assignment", {"owner": "liaison-write-all"}), 409)
        problem(put(desk.program(Role.LIAISON, region="64"), f"{path(desk)}/assignment", {"owner": None}), 404)

    def test_due_times(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        done = put(client, f"{path(desk)}/due", {"due_at": "2024-11-20T05:00:00Z"})
        assert (done.json()["due_at"], done.json()["overdue"]) == ("2024-11-20T05:00:00Z", False)
        for odd in ("2024-11-20T05:00:00", "yesterday", "2024-11-01T05:00:00Z", "2026-11-20T05:00:00Z"):
            problem(put(client, f"{path(desk)}/due", {"due_at": odd}, 2), 422)
        assert put(client, f"{path(desk)}/due", {"due_at": None}, 2).json()["due_at"] is None


class TestNotes:
    def test_a_note_needs_no_revision_and_hides_contacts_and_names(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        text = "Kata seorang warga, Rudi Hartono (34), di 0812-3456-7890: massa bubar."
        done = client.post(f"{path(desk)}/notes", json={"text": text})
        assert (done.status_code, done.json()["action"]) == (201, "noted")
        for said in (done.text, client.get(f"{path(desk)}/history").text, client.get(path(desk)).text):
            assert "Rudi Hartono" not in said
            assert "3456" not in said
            assert "massa bubar" in said
        assert client.get(path(desk)).json()["revision"] == 1
        assert [action for action, *_ in written(desk)].count("alert.note") == 1
        assert "massa bubar" not in str(written(desk))

    def test_bad_ones(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        for odd in ({}, {"text": ""}, {"text": "x" * 2001}, {"text": 3}, {"text": "x", "more": 1}, {"text": "\x00"}):
            problem(client.post(f"{path(desk)}/notes", json=odd), 422)
        problem(client.post("/api/v1/alerts/999999/notes", json={"text": "x"}), 404)
        with desk.store.read() as session:
            assert session.scalars(select(AlertEventRow).where(AlertEventRow.action == "noted")).all() == []


class TestMoves:
    def move(self, client: Client, desk: Desk, document: dict[str, Any], revision: int = 1) -> httpx.Response:
        return client.post(f"{path(desk)}/moves", json=document, headers={"If-Match": str(revision)})

    def test_an_office_is_asked(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        step = {"to": "needs_clarification", "office": "KPU Kabupaten Banjar", "note": "TPS 4 dibuka?"}
        assert self.move(client, desk, step).json()["state"] == "needs_clarification"
        line = client.get(f"{path(desk)}/history").json()["data"][0]
        assert (line["detail"]["office"], line["note"]) == ("KPU Kabupaten Banjar", "TPS 4 dibuka?")
        assert self.move(client, desk, {"to": "acknowledged"}, 2).status_code == 200
        for odd in ({"office": "Budi Santoso"}, {"office": ""}, {"note": ""}):
            problem(self.move(client, desk, {**step, **odd}, 3), 422)

    def test_a_duplicate_names_the_other(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        problem(self.move(client, desk, {"to": "duplicate", "duplicate_of": desk.alerts["clash"]}), 422)
        problem(self.move(client, desk, {"to": "duplicate", "duplicate_of": 999999}), 404)
        done = self.move(client, desk, {"to": "duplicate", "duplicate_of": desk.alerts["hoax"]})
        assert (done.json()["state"], done.json()["reason"]) == ("duplicate", "duplicate")
        detail = next(detail for action, _, detail in written(desk) if action == "alert.move")
        assert detail["duplicate_of"] == desk.alerts["hoax"]

    def test_the_machine_alone_stands_in_the_way_of_verdicts_only(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        lowered(desk)
        late = problem(self.move(client, desk, {"to": "not_a_threat", "reason": "old_news"}), 412)
        assert late["changes"] == [
            {"at": NOW.isoformat(), "actor": "waspada", "action": "lowered", "to_state": None,
             "fields": [{"field": "level", "before": 3, "after": 2}]},
        ]  # fmt: skip
        assert self.move(client, desk, {"to": "acknowledged"}).json()["revision"] == 3


def lowered(desk: Desk) -> None:
    with desk.store.write() as session:
        row = session.get_one(AlertRow, desk.alerts["clash"])
        row.level, row.revision = 2, 2
        session.add(
            AlertEventRow(
                alert_id=row.id, at=NOW, actor=SYSTEM, action="lowered", revision=2, detail={"from": 3, "to": 2}
            )
        )


class TestSilences:
    def test_of_an_alert_and_of_a_report(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        base = {"until": "2024-11-21T00:00:00Z", "reason": "sudah ditangani"}
        alert = client.post("/api/v1/silences", json={**base, "alert_id": desk.alerts["neutrality"]})
        assert (alert.status_code, alert.json()["region"]["code"], alert.json()["level"]) == (201, "63.71", 2)
        with desk.store.read() as session:
            story = session.get_one(AlertRow, desk.alerts["clash"]).story_id
            item = session.scalars(select(StoryItemRow.item_id).where(StoryItemRow.story_id == story)).first()
        report = client.post("/api/v1/silences", json={**base, "item_id": item})
        assert (report.status_code, report.json()["item_id"]) == (201, item)
        problem(client.post("/api/v1/silences", json={**base, "item_id": item}), 409)
        problem(client.post("/api/v1/silences", json={**base, "alert_id": desk.alerts["clash"]}), 409)  # level 3, new
        for odd in ({}, {"region": "63", "alert_id": 1}, {"alert_id": 1, "label": "conflict"}, {"alert_id": 0}):
            problem(client.post("/api/v1/silences", json={**base, **odd}), 422)
        problem(client.post("/api/v1/silences", json={**base, "alert_id": 999999}), 404)
        told = [detail for action, _, detail in written(desk) if action == "silence.add"]
        assert [(one["alert"], one["item"]) for one in told] == [(desk.alerts["neutrality"], None), (None, item)]

    def test_the_page_names_what_is_silenced(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON)
        post(browser, desk, "silence", name="neutrality", hours="4", reason="sudah ditangani")
        assert f"Peringatan {desk.alerts['neutrality']}" in browser.get("/silences").text


def post(browser: Client, desk: Desk, what: str, name: str = "clash", **fields: str) -> httpx.Response:
    page = browser.get(f"/alerts/{desk.alerts[name]}").text
    data = {"csrf": form_token(page), **fields}
    return browser.post(f"/alerts/{desk.alerts[name]}/{what}", data=data)


class TestConsole:
    def test_every_form_is_refused_without_its_token(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON)
        with desk.store.read() as session:
            item = session.scalars(select(StoryItemRow.item_id)).first()
        forms = ["assignment", "due", "notes", "silence", "merge", f"items/{item}/silence", f"items/{item}/split"]
        for what in (*forms, "edits/1/undo", "silences/1/end"):
            fields = {"revision": "1", "story_revision": "0", "text": "x", "reason": "x"}
            answer = browser.post(f"/alerts/{desk.alerts['clash']}/{what}", data=fields)
            assert answer.status_code == 403, what
        assert browser.post("/handover", data={"revision": "0", "started": NOW.isoformat()}).status_code == 403
        assert browser.post("/handover/1/receipt").status_code == 403

    def test_hostile_words_are_shown_as_words(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON)
        evil = "<script>alert(1)</script>\"'><img src=x>{{ 7*7 }}\u202e=cmd"
        assert post(browser, desk, "notes", text=evil).status_code == 303
        page = browser.get(f"/alerts/{desk.alerts['clash']}").text
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert "{{ 7*7 }}" in page

    @pytest.mark.parametrize(
        ("what", "fields", "status"),
        [
            ("assignment", {"revision": "1", "owner": "nobody-there"}, 422),
            ("assignment", {"revision": "9", "owner": ""}, 409),
            ("assignment", {"revision": "1", "owner": ""}, 409),  # nobody's already
            ("due", {"revision": "1", "hours": "0"}, 409),
            ("due", {"revision": "1", "hours": "99999"}, 422),
            ("due", {"revision": "x", "hours": "1"}, 422),
            ("notes", {"text": " "}, 422),
            ("notes", {"text": "x" * 2001}, 422),
            ("silence", {"hours": "4", "reason": "x"}, 409),  # of level 3, and in nobody's hand
            ("silence", {"hours": "4", "reason": ""}, 409),
            ("merge", {"story_revision": "0", "other": "999999", "reason": "x"}, 422),
            ("merge", {"story_revision": "0", "other": "satu", "reason": "x"}, 422),
            ("merge", {"story_revision": "0", "other": "2", "reason": ""}, 422),
            ("items/999999/split", {"story_revision": "0", "reason": "x"}, 422),
            ("items/999999/silence", {"hours": "4", "reason": "x"}, 422),
            ("silences/999/end", {}, 422),
            ("edits/999/undo", {}, 422),
        ],
    )
    def test_what_is_not_possible_says_so_and_changes_nothing(
        self, desk: Desk, what: str, fields: dict[str, str], status: int
    ) -> None:
        browser = desk.browser(Role.LIAISON)
        answer = post(browser, desk, what, **fields)
        assert answer.status_code == status, answer.text[:500]
        assert 'role="alert"' in answer.text or status == 422
        with desk.store.read() as session:
            assert session.get_one(AlertRow, desk.alerts["clash"]).revision == 1
            assert session.scalars(select(SilenceRow)).all() == []

    def test_an_alert_elsewhere_is_not_there(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON, region="63.71")
        token = form_token(browser.get(f"/alerts/{desk.alerts['neutrality']}").text)
        for what in ("assignment", "due", "notes", "silence", "merge"):
            fields = {"csrf": token, "revision": "1", "story_revision": "0", "text": "x", "reason": "x", "hours": "1"}
            assert browser.post(f"/alerts/{desk.alerts['clash']}/{what}", data=fields).status_code == 404, what

    def test_alerts_of_the_region_only_are_near(self, desk: Desk) -> None:
        page = desk.browser(Role.LIAISON).get(f"/alerts/{desk.alerts['clash']}?near=1")
        assert page.status_code == 200
        assert desk.browser(Role.LIAISON, region="63.03").get(f"/alerts/{desk.alerts['clash']}?x=1").status_code == 422

    def test_a_reader_without_the_right_sees_no_form(self, desk: Desk) -> None:
        client = desk.program(Role.AUDITOR)
        assert client.get(f"/alerts/{desk.alerts['clash']}").status_code == 403
        page = desk.browser(Role.LIAISON).get(f"/alerts/{desk.alerts['clash']}").text
        assert f'action="/alerts/{desk.alerts["clash"]}/notes"' in page


class TestHandover:
    def test_over_the_api(self, desk: Desk) -> None:
        one, two = desk.program(Role.LIAISON), desk.program(Role.ANALYST)
        page = one.get("/api/v1/handover")
        assert page.json()["counts"]["in_hand"] == 2
        wrote = put(
            one, "/api/v1/handover", {"note": "Tunggu kabar dari Rudi Hartono, 0812-3456-7890."}, page.headers["etag"]
        )
        assert wrote.status_code == 200, wrote.text
        assert "Rudi Hartono" not in wrote.text
        late = problem(put(two, "/api/v1/handover", {"note": "x"}, page.headers["etag"]), 412)
        assert late["revision"] == 1
        id_ = wrote.json()["id"]
        problem(one.post(f"/api/v1/handovers/{id_}/receipt"), 409)
        assert two.post(f"/api/v1/handovers/{id_}/receipt").json()["received_by"] == "analyst-write-all"
        problem(two.post(f"/api/v1/handovers/{id_}/receipt"), 409)
        assert [row["id"] for row in two.get("/api/v1/handovers").json()["data"]] == [id_]
        parts = [detail["part"] for action, _, detail in written(desk) if action == "alert.hand_over"]
        assert parts == ["note", "receipt"]

    def test_a_bound_reader_has_the_own_desk_only(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON, region="63.71")
        found = client.get("/api/v1/handover").json()
        assert found["desk"] == "63.71"
        assert {one["id"] for one in found["in_hand"]} <= {desk.alerts["neutrality"]}
        for method in ("GET", "PUT"):
            answer = client.ask(method, "/api/v1/handover?desk=63", json={"note": "x"}, headers={"If-Match": "0"})
            assert answer.status_code == 404
        assert client.get("/handover?desk=63").status_code == 404

    def test_bad_input(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        for query in ("desk=xx", "at=yesterday", "more=1", "desk=99"):
            assert client.get(f"/api/v1/handover?{query}").status_code in (404, 422)
        for odd in ({}, {"note": ""}, {"note": "x" * 4001}, {"note": "\x00"}):
            problem(put(client, "/api/v1/handover", odd, 0), 422)
        browser = desk.browser(Role.ANALYST)
        for query in ("back=-1", "back=61", "desk=x", "x=1"):
            assert browser.get(f"/handover?{query}").status_code == 422
        assert browser.get("/handover?back=60").status_code == 200

    def test_the_page_keeps_what_was_typed_when_somebody_was_faster(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON)
        page = browser.get("/handover").text
        started = page.partition('name="started" value="')[2].partition('"')[0]
        with desk.store.write() as session:
            session.add(
                HandoverRow(
                    desk="63", shift_start=datetime.fromisoformat(started), shift_end=NOW, actor="ani", at=NOW,
                    note="jalan Martapura ditutup", figures={}, revision=1,
                )
            )  # fmt: skip
        form = {"csrf": form_token(page), "started": started, "revision": "0", "note": "ketikan saya"}
        answer = browser.post("/handover", data=form)
        assert answer.status_code == 409
        assert "jalan Martapura ditutup" in answer.text
        assert "ketikan saya</textarea>" in answer.text
