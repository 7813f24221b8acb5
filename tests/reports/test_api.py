"""Field reports over the API and the pages: who sees what, from where, and that nothing anywhere says who sent one."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.rights import every
from tests.api.conftest import Client, Desk, desk, form_token, name_purpose, sign_in
from tests.api.sample import NOW
from tests.reports.people import DISTRICT, ELSEWHERE, OTHER_VILLAGE, REGENCY, TEXT, VILLAGE
from waspada.access import Role, add_user, issue_token
from waspada.access.policy import RIGHTS, widest_scope
from waspada.access.types import Action
from waspada.reports.types import REPORTER
from waspada.store.tables import AuditRow

__all__ = ["desk"]
NAME = "kader-rahasia"
KEY = "report-number-0001"


def document(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "key": f"report-number-{number:04}",
        "place": VILLAGE,
        "kind": "conflict",
        "known": "seen",
        "text": TEXT,
        "happened_at": (NOW - timedelta(hours=2)).isoformat(),
        **changes,
    }


def token_of(desk: Desk, name: str, role: Role, region: str | None) -> str:
    with desk.store.write() as session:
        add_user(session, name, role, region, actor="test", now=NOW - timedelta(days=30))
        return issue_token(session, name, "test", widest_scope(role), now=NOW).secret


def program(desk: Desk, name: str, role: Role, region: str | None, **headers: str) -> Client:
    return desk.new_client(Authorization=f"Bearer {token_of(desk, name, role, region)}", **headers)


def browser(desk: Desk, name: str, role: Role, region: str | None) -> Client:
    client = desk.new_client()
    assert sign_in(client, token_of(desk, name, role, region)).status_code == 303
    return client


@pytest.fixture
def reporter(desk: Desk) -> Client:
    return program(desk, NAME, Role.REPORTER, VILLAGE)


@pytest.fixture
def sent(reporter: Client) -> int:
    answer = reporter.post("/api/v1/reports", json=document())
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


class TestSending:
    def test_the_same_key_again_is_the_same_report(self, reporter: Client, sent: int) -> None:
        again = reporter.post("/api/v1/reports", json=document())
        assert (again.status_code, again.json()) == (200, {"id": sent, "is_new": False})
        other = reporter.post("/api/v1/reports", json=document(text="Isi lain sama sekali."))
        assert (other.status_code, other.headers["content-type"]) == (409, "application/problem+json")
        assert [one["text"] for one in reporter.get("/api/v1/reports/own").json()["data"]] == [TEXT]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"place": ELSEWHERE}, {"place": REGENCY}, {"place": "x"}, {"text": "pendek"}, {"text": "a" * 5000},
            {"kind": "rumor"}, {"key": "short"}, {"happened_at": "2024-11-20T09:00:00"},
            {"happened_at": "2030-01-01T00:00:00Z"}, {"photo": "x"},
        ],
    )  # fmt: skip
    def test_what_does_not_fit_is_refused(self, reporter: Client, wrong: dict[str, Any]) -> None:
        answer = reporter.post("/api/v1/reports", json=document(**wrong))
        assert answer.status_code == 422, answer.text

    @pytest.mark.parametrize("field", ["key", "place", "kind", "known", "text", "happened_at"])
    def test_ten_megabytes_in_any_field(self, reporter: Client, field: str) -> None:
        assert reporter.post("/api/v1/reports", json=document() | {field: "a" * 10 * 1024 * 1024}).status_code == 413
        assert reporter.post("/api/v1/reports", json=document() | {field: "a" * 500_000}).status_code == 422

    @pytest.mark.parametrize("field", ["key", "place", "kind", "known", "happened_at"])
    def test_markup_in_any_other_field_is_refused_and_not_repeated(self, reporter: Client, field: str) -> None:
        answer = reporter.post("/api/v1/reports", json=document() | {field: "<script id=planted>alert(1)</script>"})
        assert answer.status_code == 422
        assert "planted" not in answer.text

    def test_markup_in_the_text_is_words_on_every_page(self, desk: Desk, reporter: Client) -> None:
        text = '<script id=planted>alert(1)</script> "><img src=x onerror=alert(1)> di balai desa'
        id_ = reporter.post("/api/v1/reports", json=document(text=text)).json()["id"]
        clarifier = browser(desk, "meja", Role.LIAISON, DISTRICT)
        for path in ("/reports", f"/reports/{id_}"):
            page = clarifier.get(path).text
            assert "<script id=planted>" not in page
            assert "<img src=x" not in page
            assert "&lt;script id=planted&gt;" in page

    def test_the_plain_form_tells_what_is_wrong_and_keeps_the_words(self, desk: Desk) -> None:
        client = browser(desk, "kader-form", Role.REPORTER, DISTRICT)
        page = client.get("/reports/new").text
        form = {
            "csrf": form_token(page), "key": KEY, "place": VILLAGE, "kind": "hoax", "known": "told",
            "happened": "2024-11-20T09:30",
        }  # fmt: skip
        for text, status in (("x", 422), ("a" * 5000, 422), (TEXT, 303), (TEXT, 303)):
            answer = client.post("/reports/new", data={**form, "text": text})
            assert answer.status_code == status
            assert status == 303 or text in answer.text
        assert client.post("/reports/new", data={**form, "text": "a" * 10 * 1024 * 1024}).status_code == 413
        assert client.post("/reports/new", data={**form, "csrf": "x", "text": TEXT}).status_code == 403
        assert client.get("/reports/own").text.count('class="panel" id="report-') == 1

    def test_the_plain_form_of_a_report_that_was_sent_makes_another_one(self, desk: Desk) -> None:
        """ "Back" leads to it, with the key that was used."""
        client = browser(desk, "kader-form", Role.REPORTER, DISTRICT)
        form = {
            "csrf": form_token(client.get("/reports/new").text), "key": KEY, "place": VILLAGE, "kind": "hoax",
            "known": "told", "happened": "2024-11-20T09:30", "text": TEXT,
        }  # fmt: skip
        assert client.post("/reports/new", data=form).status_code == 303
        other = {**form, "text": "Isi lain sama sekali."}
        answer = client.post("/reports/new", data=other)
        assert answer.status_code == 409
        assert "Isi lain sama sekali." in answer.text
        [fresh] = re.findall(r'name="key" value="(\w+)"', answer.text)
        assert fresh != KEY
        assert client.post("/reports/new", data={**other, "key": fresh}).status_code == 303
        assert client.get("/reports/own").text.count('class="panel" id="report-') == 2

    def test_every_page_says_whose_the_browser_is(self, desk: Desk) -> None:
        one, other = (browser(desk, f"kader-{n}", Role.REPORTER, DISTRICT) for n in (1, 2))
        liaison = browser(desk, "meja", Role.LIAISON, DISTRICT)
        marks = [
            re.findall(r'action="/logout" data-owner="(\w*)"', client.get(path).text)
            for client, path in ((one, "/reports/own"), (one, "/account"), (other, "/account"), (liaison, "/reports"))
        ]
        assert marks[0] == marks[1] != marks[2]
        assert [len(found) for found in marks] == [1, 1, 1, 1]
        assert marks[3] == [""]


class TestWhoSentIt:
    def test_nobody_but_its_clarifier_finds_the_name(self, desk: Desk, reporter: Client, sent: int) -> None:
        """Every address that admin, analyst, auditor, operator and the wrong clarifiers can read, page or API."""
        reporter.ask("PUT", "/api/v1/reports/drafts/draft-number-0001", json={"text": "Baru sebagian"})
        reporter.get("/api/v1/reports/own")
        readers = {
            (role, region): program(desk, f"{role.value}-{region or 'all'}", role, region, **{"X-Purpose": "incident"})
            for role, region in (
                (Role.ADMIN, None), (Role.ANALYST, None), (Role.AUDITOR, None), (Role.OPERATOR, None),
                (Role.LIAISON, None), (Role.LIAISON, REGENCY), (Role.LIAISON, DISTRICT),
            )
        }  # fmt: skip
        looked = 0
        for (role, _), client in readers.items():
            for right in every(desk.app):
                if right.method != "GET" or right.path.endswith("/stream") or right.action not in RIGHTS[role]:
                    continue
                if right.path.startswith("/api/v1/users") or "{" in right.path.replace("{report_id}", ""):
                    continue
                answer = client.get(right.path.replace("{report_id}", str(sent)))
                if answer.status_code != 200 or right.path == "/users":
                    continue  # accounts have their page; a report never leads there
                looked += 1
                assert NAME not in answer.text, (role, right.path)
        assert looked > 100

    def test_opening_it_is_for_a_purpose_and_seen_by_all(self, desk: Desk, sent: int) -> None:
        clarifier = program(desk, "meja-kecamatan", Role.LIAISON, DISTRICT)
        assert clarifier.post(f"/api/v1/reports/{sent}/sender").status_code == 428
        answer = clarifier.post(f"/api/v1/reports/{sent}/sender", headers={"X-Purpose": "clarification"})
        assert answer.json()["account"] == NAME
        history = clarifier.get(f"/api/v1/reports/{sent}").json()["history"]
        assert [step["step"] for step in history] == ["sent", "sender_opened"]
        with desk.store.read() as session:
            [line] = session.scalars(select(AuditRow).where(AuditRow.action == "report.open_sender"))
            assert (line.actor, line.purpose, line.object) == ("meja-kecamatan", "clarification", f"report/{sent}")
            assert NAME not in str(line.detail)

    @pytest.mark.parametrize(
        ("role", "region", "status"),
        [
            (Role.LIAISON, None, 403), (Role.LIAISON, REGENCY, 403), (Role.LIAISON, "63", 403),
            (Role.LIAISON, OTHER_VILLAGE, 404), (Role.LIAISON, ELSEWHERE, 404), (Role.ADMIN, None, 403),
            (Role.ADMIN, DISTRICT, 403), (Role.ANALYST, DISTRICT, 403), (Role.AUDITOR, None, 403),
            (Role.REPORTER, VILLAGE, 403),
        ],
    )  # fmt: skip
    def test_others_are_refused(self, desk: Desk, sent: int, role: Role, region: str | None, status: int) -> None:
        client = program(desk, "seseorang", role, region, **{"X-Purpose": "incident"})
        assert client.post(f"/api/v1/reports/{sent}/sender").status_code == status

    def test_the_page_asks_once_more(self, desk: Desk, sent: int) -> None:
        clarifier = name_purpose(browser(desk, "meja-kecamatan", Role.LIAISON, DISTRICT), "clarification")
        page = clarifier.get(f"/reports/{sent}/sender")
        assert NAME not in page.text
        answer = clarifier.post(f"/reports/{sent}/sender", data={"csrf": form_token(page.text)})
        assert NAME in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert NAME not in clarifier.get(f"/reports/{sent}").text

    def test_the_audit_log_names_nobody_for_what_a_reporter_did(self, desk: Desk, reporter: Client, sent: int) -> None:
        reporter.get("/api/v1/reports/own")
        with desk.store.read() as session:
            lines = session.scalars(select(AuditRow).where(AuditRow.action.startswith("report."))).all()
            assert {line.actor for line in lines} == {REPORTER}
            assert sorted(line.action for line in lines) == ["report.own", "report.send"]
            assert not any(NAME in str(line.detail) or NAME in line.object for line in lines)

    def test_reading_ones_own_leaves_the_same_line_whosever_they_are(
        self, desk: Desk, reporter: Client, sent: int
    ) -> None:
        other = program(desk, "kader-lain", Role.REPORTER, VILLAGE)
        assert [len(client.get("/api/v1/reports/own").json()["data"]) for client in (reporter, other)] == [1, 0]
        with desk.store.read() as session:
            lines = session.scalars(select(AuditRow).where(AuditRow.action == "report.own")).all()
            assert [(line.actor, line.object, line.purpose, line.detail) for line in lines] == [
                (REPORTER, "reports/own", "", {})
            ] * 2

    def test_no_line_tells_of_a_draft(self, desk: Desk, reporter: Client) -> None:
        with desk.store.read() as session:
            before = session.scalars(select(AuditRow.id)).all()
        path = "/api/v1/reports/drafts/draft-number-0001"
        for words in ("Baru", "Baru sebagian"):
            assert reporter.ask("PUT", path, json={"text": words}).status_code == 204
        assert len(reporter.get("/api/v1/reports/drafts").json()["data"]) == 1
        assert reporter.ask("DELETE", path).status_code == 204
        assert reporter.get("/api/v1/reports/drafts").json()["data"] == []
        with desk.store.read() as session:
            assert session.scalars(select(AuditRow.id)).all() == before


class TestAreas:
    def test_a_reporter_sees_the_form_and_its_own_and_nothing_else(
        self, desk: Desk, reporter: Client, sent: int
    ) -> None:
        assert [one["id"] for one in reporter.get("/api/v1/reports/own").json()["data"]] == [sent]
        other = program(desk, "kader-lain", Role.REPORTER, VILLAGE)
        assert other.get("/api/v1/reports/own").json()["data"] == []
        assert other.post(f"/api/v1/reports/own/{sent}/answer", json={"text": "Bukan saya."}).status_code == 404
        opened = 0
        for right in every(desk.app):
            if right.action in RIGHTS[Role.REPORTER] or right.action is None:
                opened += 1
                continue
            path = right.path.replace("{report_id}", str(sent)).replace("{alert_id}", "1").replace("{item_id}", "1")
            if "{" not in path:
                answer = reporter.ask(right.method, path, headers={"X-Purpose": "incident"})
                assert answer.status_code in (403, 422), (right.method, path, answer.status_code)
        assert opened > 0
        assert RIGHTS[Role.REPORTER] == {Action.READ_SELF, Action.MANAGE_OWN_LOGIN, Action.SEND_REPORTS}

    @pytest.mark.parametrize(
        ("region", "sees"),
        [(VILLAGE, True), (DISTRICT, True), (REGENCY, True), (OTHER_VILLAGE, False), (ELSEWHERE, False)],
    )
    def test_each_level_sees_its_own_area(self, desk: Desk, sent: int, region: str, sees: bool) -> None:
        api = program(desk, "meja-api", Role.LIAISON, region)
        pages = browser(desk, "meja-pages", Role.LIAISON, region)
        assert [one["id"] for one in api.get("/api/v1/reports").json()["data"]] == ([sent] if sees else [])
        for client, path in ((api, f"/api/v1/reports/{sent}"), (pages, f"/reports/{sent}")):
            assert client.get(path).status_code == (200 if sees else 404)
        assert (f'href="/reports/{sent}"' in pages.get("/reports").text) == sees
        item = program(desk, "admin-x", Role.ADMIN, None).get(f"/api/v1/reports/{sent}").json()["item_id"]
        assert api.get(f"/api/v1/items/{item}").status_code == (200 if sees else 404)
        given = {"state": "refuted", "note": "Dicek."}
        answer = api.post(f"/api/v1/reports/{sent}/clarification", json=given, headers={"If-Match": '"r1"'})
        assert answer.status_code == (200 if sees else 404)

    @pytest.mark.parametrize("role", [Role.ANALYST, Role.ADMIN, Role.REPORTER, Role.AUDITOR, Role.OPERATOR])
    def test_only_clarifiers_clarify(self, desk: Desk, sent: int, role: Role) -> None:
        client = program(desk, "seseorang", role, VILLAGE if role is Role.REPORTER else None)
        for path, body in (
            ("clarification", {"state": "clarified", "note": "x"}), ("question", {"text": "x"}), ("closing", None),
        ):  # fmt: skip
            answer = client.post(f"/api/v1/reports/{sent}/{path}", json=body, headers={"If-Match": '"r1"'})
            assert answer.status_code == 403
        assert client.post("/api/v1/reports/forward", json={"reports": [sent], "text": TEXT}).status_code == 403


class TestTheDesk:
    def test_the_whole_way_up(self, desk: Desk, reporter: Client, sent: int) -> None:
        meja = browser(desk, "meja-kecamatan", Role.LIAISON, DISTRICT)

        def step(path: str, revision: int, **fields: str) -> Any:
            csrf = form_token(meja.get(f"/reports/{sent}").text)
            return meja.post(f"/reports/{sent}/{path}", data={"csrf": csrf, "revision": revision, **fields})

        assert step("question", 1, text="Kapan tepatnya?").status_code == 303
        [own] = reporter.get("/api/v1/reports/own").json()["data"]
        assert (own["state"], own["question"]) == ("asked", "Kapan tepatnya?")
        answered = reporter.post(f"/api/v1/reports/own/{sent}/answer", json={"text": "Sekitar pukul sembilan."})
        assert answered.json()["state"] == "sent"
        assert step("clarification", 1, state="clarified", note="Dicek.").status_code == 409
        assert step("clarification", 3, state="clarified", note="").status_code == 422
        assert step("clarification", 3, state="clarified", note="Dicek ke ketua RT.").status_code == 303
        page = meja.get(f"/reports/forward?report={sent}").text
        form = {"csrf": form_token(page), "report": sent, "text": "Ringkas dari meja kecamatan."}
        answer = meja.post("/reports/forward", data=form)
        parent = int(answer.headers["location"].rpartition("/")[2])
        assert f'href="/reports/{sent}"' in meja.get(f"/reports/{parent}").text
        assert meja.post("/reports/forward", data=form).status_code == 409
        assert step("closing", 5).status_code == 303
        assert reporter.get("/api/v1/reports/own").json()["data"][0]["forwarded"]

    def test_the_recapitulation_leaves_for_a_purpose_as_numbers(self, desk: Desk, sent: int) -> None:
        client = program(desk, "meja-kecamatan", Role.LIAISON, DISTRICT)
        assert client.get("/api/v1/reports/recap.csv").status_code == 428
        answer = client.get("/api/v1/reports/recap.csv", headers={"X-Purpose": "incident"})
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert [(row["key"], row["conflict"], row["total"]) for row in rows if row["part"] == "region"] == [
            (VILLAGE, "1", "1")
        ]
        assert "balai desa" not in answer.text
        for region, status in ((REGENCY, 404), (ELSEWHERE, 404), (VILLAGE, 200)):
            assert client.get(f"/api/v1/reports/recap?region={region}").status_code == status
        with desk.store.read() as session:
            [line] = session.scalars(select(AuditRow).where(AuditRow.action == "export.make"))
            assert (line.object, line.purpose) == ("reports/recap", "incident")

    def test_a_missing_periodic_report_is_shown(self, desk: Desk) -> None:
        kader = program(desk, "kader-kecamatan", Role.REPORTER, DISTRICT)
        meja = program(desk, "meja-kabupaten", Role.LIAISON, REGENCY)
        owed = meja.get("/api/v1/reports/periodic").json()["data"]
        assert {one["region"]["code"] for one in owed} == {DISTRICT}
        assert all(one["is_overdue"] and one["sent_at"] is None for one in owed)
        answer = kader.post("/api/v1/reports/periodic", json={"first_day": owed[0]["first_day"], "is_nil": True})
        assert answer.status_code == 201
        newest = meja.get("/api/v1/reports/periodic").json()["data"][0]
        assert (newest["is_nil"], newest["is_overdue"]) == (True, False)
        assert (
            kader.post("/api/v1/reports/periodic", json={"first_day": owed[0]["first_day"], "is_nil": True}).status_code
            == 409
        )
        assert (newest["id"], newest["is_erased"]) == (1, False)
        desa = program(desk, "kader-desa", Role.REPORTER, VILLAGE)
        assert desa.post("/api/v1/reports/periodic", json={"first_day": owed[1]["first_day"]}).status_code == 422

    def test_the_words_of_a_periodic_report_are_erased_on_request(self, desk: Desk) -> None:
        kader = program(desk, "kader-kecamatan", Role.REPORTER, DISTRICT)
        first_day = kader.post("/api/v1/reports/periodic", json={"first_day": "2000-01-03", "is_nil": True})
        assert first_day.status_code == 422
        meja = browser(desk, "meja-kabupaten", Role.LIAISON, REGENCY)
        api = program(desk, "meja-kabupaten-2", Role.LIAISON, REGENCY)
        owed = api.get("/api/v1/reports/periodic").json()["data"][0]
        new = {"first_day": owed["first_day"], "text": "Tetangga di ujung gang disebut memulai keributan."}
        assert kader.post("/api/v1/reports/periodic", json=new).status_code == 201
        id_ = api.get("/api/v1/reports/periodic").json()["data"][0]["id"]
        assert f'href="/corrections?about=periodic/{id_}"' in meja.get("/reports/periodic").text
        page = meja.get(f"/corrections?about=periodic/{id_}").text
        form = {"csrf": form_token(page), "kind": "erase", "about": f"periodic/{id_}", "reason": "Menyebut tetangga."}
        answer = meja.post("/corrections", data=form)
        assert answer.status_code == 303
        admin = browser(desk, "admin-x", Role.ADMIN, None)
        page = admin.get(answer.headers["location"]).text
        assert "/reports/periodic" in page
        assert 'value="read-again"' not in page
        decision = {"csrf": form_token(page), "revision": 1, "decision": "erase", "reason": "Beralasan."}
        assert admin.post(f"{answer.headers['location']}/decision", data=decision).status_code == 303
        page = meja.get("/reports/periodic").text
        assert "ujung gang" not in page
        assert "kata-katanya dihapus atas permintaan" in page
        assert api.get("/api/v1/reports/periodic").json()["data"][0]["is_erased"]


class TestWhatLetsItWorkOffline:
    def test_the_worker_and_the_manifest_hold_no_data_and_are_open(self, desk: Desk) -> None:
        stranger = desk.stranger()
        worker, manifest = stranger.get("/reports/worker.js"), stranger.get("/reports/manifest.webmanifest")
        assert worker.headers["content-type"].startswith("text/javascript")
        assert manifest.headers["content-type"] == "application/manifest+json"
        assert manifest.json()["start_url"] == "/reports/new"
        assert "http" not in worker.text.replace("https://", "http").split("*/", 1)[1]
        policy = worker.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "manifest-src 'self'" in policy
        assert stranger.get("/reports/new").status_code == 303

    def test_signing_out_clears_the_phone(self, desk: Desk) -> None:
        client = browser(desk, "kader-1", Role.REPORTER, VILLAGE)
        assert client.get("/").headers["location"] == "/reports/new"
        answer = client.post("/logout", data={"csrf": form_token(client.get("/reports/own").text)})
        assert answer.headers["clear-site-data"] == '"cache", "storage"'
