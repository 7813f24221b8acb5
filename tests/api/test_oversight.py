"""Oversight by HTTP: stops with four eyes, purposes, the auditor's page, requests from outside, the report."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests.api.conftest import Client, Desk, form_token
from tests.api.sample import NOW
from waspada.access import Role, Scope
from waspada.access.secrets import Signer
from waspada.audit import AuditAction
from waspada.store.tables import AlertRow, AuditRow, ItemRow, StoryItemRow


def lines(desk: Desk, action: AuditAction) -> list[AuditRow]:
    with desk.store.read() as session:
        return list(session.scalars(select(AuditRow).where(AuditRow.action == action.value).order_by(AuditRow.id)))


def post(client: Client, page: str, path: str, **fields: str) -> int:
    """Sends a form of a page; returns the status."""
    token = form_token(client.get(page).text)
    return client.post(path, data={"csrf": token, **fields}).status_code


def item_of(desk: Desk, name: str) -> int:
    with desk.store.read() as session:
        story = session.scalars(select(AlertRow.story_id).where(AlertRow.id == desk.alerts[name])).one()
        return session.scalars(select(StoryItemRow.item_id).where(StoryItemRow.story_id == story)).all()[0]


# ------------------------------------------------------------------------------------------------------------- stops


def test_an_auditors_stop_shows_everywhere_and_is_lifted_by_another_account(desk: Desk) -> None:
    auditor, admin, liaison = desk.browser(Role.AUDITOR), desk.browser(Role.ADMIN), desk.browser(Role.LIAISON)
    assert post(auditor, "/collection", "/collection", what="all", reason="") == 422
    assert post(auditor, "/collection", "/collection", what="kucing/1", reason="uji") == 422
    assert post(auditor, "/collection", "/collection", what="region/99", reason="uji") == 422
    assert post(auditor, "/collection", "/collection", what="all", reason="keberatan diperiksa") == 303
    assert post(auditor, "/collection", "/collection", what="all", reason="lagi") == 409
    for path in ("/alerts", "/collection", "/sources", "/transparency"):
        assert "Pengumpulan dihentikan sejak" in liaison.get(path).text
    assert "akun lain yang harus mencabutnya" in auditor.get("/collection").text
    assert "/lift" not in liaison.get("/collection").text
    assert post(auditor, "/collection", "/collection/1/lift", reason="selesai") == 403
    assert post(liaison, "/alerts", "/collection/1/lift", reason="selesai") == 403
    assert post(admin, "/collection", "/collection/1/lift", reason="") == 422
    assert post(admin, "/collection", "/collection/1/lift", reason="selesai") == 303
    assert post(admin, "/collection", "/collection/1/lift", reason="lagi") == 409
    assert "Pengumpulan dihentikan sejak" not in liaison.get("/alerts").text
    assert [line.object for line in lines(desk, AuditAction.COLLECTION_STOPPED)] == ["stop/1"]
    assert [line.actor.startswith("admin") for line in lines(desk, AuditAction.COLLECTION_RESUMED)] == [True]


def test_stops_by_the_api(desk: Desk) -> None:
    auditor, admin = desk.program(Role.AUDITOR), desk.program(Role.ADMIN)
    new = auditor.post("/api/v1/collection/stops", json={"region": "63.71", "reason": "uji"})
    assert (new.status_code, new.json()["needs_another"], new.json()["in_force"]) == (201, True, True)
    lift = f"/api/v1/collection/stops/{new.json()['id']}/lift"
    assert auditor.post(lift, json={"reason": "uji"}).status_code == 403
    assert admin.post(lift, json={"reason": "uji"}).json()["in_force"] is False
    assert desk.program(Role.OPERATOR).get("/api/v1/collection/stops").json()["data"][0]["region"] == "63.71"
    for bad in ({"reason": ""}, {"region": "x", "reason": "uji"}, {"reason": "u" * 501}, {}, {"reason": "u", "x": 1}):
        assert auditor.post("/api/v1/collection/stops", json=bad).status_code == 422
    assert auditor.post("/api/v1/collection/stops", json={"source_id": "tidak-ada", "reason": "u"}).status_code == 404
    bound = desk.program(Role.ADMIN, region="63.71")
    assert bound.post("/api/v1/collection/stops", json={"reason": "uji"}).status_code == 404


# ----------------------------------------------------------------------------------------------------------- purposes


def test_a_program_names_its_purpose_with_every_export(desk: Desk) -> None:
    auditor = desk.program(Role.AUDITOR)
    refused = auditor.get("/api/v1/audit/export")
    assert refused.status_code == 428
    assert refused.json()["type"] == "urn:waspada:problem:purpose-missing"
    assert auditor.get("/api/v1/audit/export", headers={"X-Purpose": " x "}).status_code == 428
    assert not lines(desk, AuditAction.EXPORTED)
    assert auditor.get("/api/v1/audit/export", headers={"X-Purpose": "pemeriksaan"}).status_code == 200
    assert [line.purpose for line in lines(desk, AuditAction.EXPORTED)] == ["pemeriksaan"]
    assert desk.program(Role.LIAISON).get("/api/v1/audit/export", headers={"X-Purpose": "coba"}).status_code == 403


def test_the_console_asks_once_a_session_and_comes_back(desk: Desk) -> None:
    auditor = desk.browser(Role.AUDITOR)
    asked = auditor.get("/audit/export?action=access.sign_in")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/purpose?next=%2Faudit%2Fexport%3Faction%3Daccess.sign_in"
    page = auditor.get(asked.headers["location"])
    assert 'value="incident" selected' in page.text  # what was chosen at the sign-in
    token = form_token(page.text)
    back = "/audit/export?action=access.sign_in"
    for bad in ({"purpose": "mencari Budi"}, {"purpose": "incident", "reference": "nama orang"}):
        assert auditor.post("/purpose", data={"csrf": token, "next": back, **bad}).status_code == 422
    named = auditor.post(
        "/purpose", data={"csrf": token, "next": back, "purpose": "clarification", "reference": "12/ST/2026"}
    )
    assert (named.status_code, named.headers["location"]) == (303, back)
    assert auditor.get(back).status_code == 200
    assert auditor.get("/audit/export").status_code == 200  # not asked again
    assert [line.purpose for line in lines(desk, AuditAction.PURPOSE_NAMED)] == ["clarification (12/ST/2026)"]
    assert {line.purpose for line in lines(desk, AuditAction.EXPORTED)} == {"clarification (12/ST/2026)"}
    assert desk.browser(Role.ADMIN).get("/audit/export").status_code == 303  # another session names its own


def test_the_purpose_leads_nowhere_else_and_needs_the_form(desk: Desk) -> None:
    client = desk.browser(Role.AUDITOR)
    token = form_token(client.get("/purpose").text)
    away = client.post("/purpose", data={"csrf": token, "purpose": "incident", "next": "//evil.example/x"})
    assert away.headers["location"] == "/"
    assert client.post("/purpose", data={"csrf": "x", "purpose": "incident"}).status_code == 403
    assert desk.program(Role.ADMIN).post("/purpose", data={"purpose": "incident"}).status_code == 403


def test_a_download_of_the_api_leads_a_browser_to_the_purpose_and_a_script_to_a_problem(desk: Desk) -> None:
    client = desk.browser(Role.AUDITOR)
    followed = client.get("/api/v1/audit/export", headers={"Accept": "text/html,*/*"})
    assert followed.headers["location"] == "/purpose?next=%2Fapi%2Fv1%2Faudit%2Fexport"
    assert client.get("/api/v1/audit/export").status_code == 428


def test_a_cookie_of_before_names_no_purpose() -> None:
    """Four fields, as they were written before there was a fifth."""
    import base64

    from waspada.access.secrets import BrowserSession

    signer = Signer(b"k" * 32)
    new = signer.cookie(BrowserSession(1, NOW + timedelta(hours=1), "n", "incident", True))
    read = signer.read_cookie(new, NOW)
    assert read is not None
    assert read.is_named
    fields = json.loads(base64.urlsafe_b64decode(new.partition(".")[0] + "=="))
    body = base64.urlsafe_b64encode(json.dumps(fields[:4]).encode()).decode().rstrip("=")
    old = signer.read_cookie(f"{body}.{signer._signature(body)}", NOW)
    assert old is not None
    assert not old.is_named


# --------------------------------------------------------------------------------------------------------------- audit


def test_the_auditor_narrows_the_log_by_equality_and_by_time(desk: Desk) -> None:
    desk.browser(Role.LIAISON).get("/alerts")
    auditor = desk.browser(Role.AUDITOR)
    page = auditor.get("/audit?action=alert.search").text
    assert page.count("<td>alert.search</td>") == 1
    assert "Tidak ada baris yang cocok" in auditor.get("/audit?actor=liaison").text  # no part of a name
    assert "<td>liaison-write-all</td>" in auditor.get("/audit?actor=liaison-write-all").text
    desk.clock.forward(timedelta(days=2))
    later = desk.browser(Role.AUDITOR, region="63")
    assert "Tidak ada baris yang cocok" in later.get("/audit?action=alert.search&period=1d").text
    assert "<td>alert.search</td>" in later.get("/audit?action=alert.search&period=7d").text
    for bad in ("actor=%25", "action=alert%27", "object=%3Cscript%3E", "period=9d", "x=1", "cursor=x"):
        assert later.get(f"/audit?{bad}").status_code == 422, bad
    program = desk.program(Role.AUDITOR, Scope.READ)
    since = NOW.isoformat().replace("+00:00", "Z")
    assert program.get(f"/api/v1/audit?since={since}&action=alert.search").json()["data"]
    assert program.get(f"/api/v1/audit?until={since}").json()["data"] == []
    assert program.get("/api/v1/audit?since=2024-11-20").status_code == 422


def test_the_chain_is_checked_by_a_button_and_a_broken_one_is_said(desk: Desk) -> None:
    auditor = desk.browser(Role.AUDITOR)
    assert "Belum pernah diperiksa" in auditor.get("/audit").text
    assert post(auditor, "/audit", "/audit/check") == 303
    assert "utuh" in auditor.get("/audit").text
    program = desk.program(Role.AUDITOR, Scope.READ)
    checked = program.post("/api/v1/audit/checkpoints").json()
    assert (checked["ok"], checked["left"], checked["broken"]) == (True, 0, None)
    with desk.store.write() as session:
        if desk.store.is_sqlite:
            session.execute(text("DROP TRIGGER audit_no_delete"))
        else:
            session.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        session.execute(text("DELETE FROM audit WHERE id = (SELECT min(id) + 1 FROM audit)"))
    token = form_token(auditor.get("/audit").text)
    broken = auditor.post("/audit/check", data={"csrf": token})
    assert broken.status_code == 409
    assert "Catatan rusak pada baris" in broken.text
    assert program.post("/api/v1/audit/checkpoints").json()["broken"] == "missing"


def test_the_export_holds_the_chain_and_no_more_than_there_was(desk: Desk) -> None:
    desk.browser(Role.LIAISON).get("/alerts")
    auditor, purpose = desk.program(Role.AUDITOR), {"X-Purpose": "pemeriksaan"}
    answer = auditor.get("/api/v1/audit/export", headers=purpose)
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [one["previous"] for one in rows[1:]] == [one["hash"] for one in rows[:-1]]
    assert rows[-1]["action"] != "export.make"  # its own line came after what it holds
    (line,) = lines(desk, AuditAction.EXPORTED)
    assert line.detail == {"rows": len(rows), "narrowed": []}
    only = auditor.get("/api/v1/audit/export?action=alert.search", headers=purpose).text.splitlines()
    assert {json.loads(one)["action"] for one in only} == {"alert.search"}


# --------------------------------------------------------------------------------------------------------- corrections


def test_a_request_is_written_down_by_the_desk_and_decided_by_an_admin(desk: Desk) -> None:
    liaison, admin = desk.browser(Role.LIAISON), desk.browser(Role.ADMIN)
    item = item_of(desk, "clash")
    assert post(liaison, "/corrections", "/corrections", kind="erase", about="kucing", reason="uji") == 422
    assert post(liaison, "/corrections", "/corrections", kind="erase", about="item/999", reason="uji") == 404
    asked = {"kind": "erase", "about": f"item/{item}", "reason": "sudah dicabut media, telp 0812-3456-7890"}
    assert post(liaison, "/corrections", "/corrections", **asked) == 303
    page = liaison.get("/corrections/1").text
    assert "0812" not in page
    assert 'name="decision"' not in page
    assert "sudah dicabut media" in liaison.get("/corrections?state=open").text
    decide = {"revision": "1", "decision": "erase", "reason": "beralasan"}
    assert post(liaison, "/corrections", "/corrections/1/decision", **decide) == 403
    assert post(admin, "/corrections/1", "/corrections/1/decision", **{**decide, "decision": "jual"}) == 422
    assert post(admin, "/corrections/1", "/corrections/1/decision", **{**decide, "decision": "read-again"}) == 422
    assert post(admin, "/corrections/1", "/corrections/1/decision", **decide) == 303
    assert post(admin, "/corrections/1", "/corrections/1/decision", **decide) == 409
    assert "Yang dilakukan" in admin.get("/corrections/1").text
    assert liaison.get(f"/items/{item}").status_code == 404
    (line,) = lines(desk, AuditAction.CORRECTION_DECIDED)
    assert line.detail["rows.articles"] == 1
    assert [one.detail["about"] for one in lines(desk, AuditAction.CORRECTION_ASKED)] == [f"item/{item}"]


def test_requests_by_the_api_with_revisions(desk: Desk) -> None:
    liaison, admin = desk.program(Role.LIAISON), desk.program(Role.ADMIN)
    with desk.store.read() as session:
        item = session.get_one(ItemRow, item_of(desk, "hoax"))
    body = {"kind": "correct", "about": f"item/{item.id}", "reason": "angka salah"}
    new = liaison.post("/api/v1/corrections", json=body)
    assert (new.status_code, new.json()["about"], new.json()["late"]) == (201, f"item/{item.id}", False)
    path = f"/api/v1/corrections/{new.json()['id']}"
    tag = liaison.get(path).headers["etag"]
    assert liaison.get(path).json()["items"] == [item.id]
    decision = {"granted": True, "effect": "strike", "passage": item.title[:12], "reason": "benar"}
    assert admin.post(f"{path}/decision", json=decision).status_code == 428
    assert admin.post(f"{path}/decision", json=decision, headers={"If-Match": "9"}).status_code == 412
    without = {**decision, "effect": None}
    assert admin.post(f"{path}/decision", json=without, headers={"If-Match": tag}).status_code == 422
    done = admin.post(f"{path}/decision", json=decision, headers={"If-Match": tag})
    assert (done.status_code, done.json()["state"]) == (200, "granted")
    assert admin.post(f"{path}/decision", json=decision, headers={"If-Match": tag}).status_code == 412
    assert item.title[:12] not in liaison.get(f"/api/v1/items/{item.id}").text
    assert liaison.get("/api/v1/corrections?state=granted").json()["data"][0]["id"] == new.json()["id"]
    assert desk.program(Role.AUDITOR).get("/api/v1/corrections").status_code == 403
    bound = desk.program(Role.LIAISON, region="64")
    assert bound.get(path).status_code == 404
    assert bound.get("/api/v1/corrections").json()["data"] == []


# ------------------------------------------------------------------------------------------- the report, and the public


def test_everybody_with_an_account_reads_the_report_and_nobody_is_in_it(desk: Desk) -> None:
    desk.browser(Role.LIAISON).get("/alerts")
    operator = desk.browser(Role.OPERATOR)
    page = operator.get("/transparency?month=2024-11")
    assert page.status_code == 200
    for account in ("liaison-write-all", "operator"):
        assert account not in page.text.partition("<main")[2].partition("</main>")[0]
    report = desk.program(Role.OPERATOR, Scope.READ).get("/api/v1/transparency?month=2024-11").json()["report"]
    assert sum(report["items"].values()) > 0
    assert {str(count) for states in report["alerts"].values() for count in states.values()} <= {"<5", "0"}
    assert operator.get("/transparency?month=2024-13").status_code == 422
    assert operator.get("/transparency?month=2030-01").status_code == 422
    assert report["model"]["version"].startswith("waspada-id")
    assert operator.get("/transparency/file?month=2024-11").status_code == 303  # what leaves needs a purpose


def test_anybody_may_read_what_is_watched_and_how_to_object(desk: Desk) -> None:
    stranger = desk.stranger()
    page = stranger.get("/about")
    assert page.status_code == 200
    for words in ("Apa yang diamati", "3 x 24 jam", "90 hari", "pengawas independen"):
        assert words.lower() in page.text.lower()
    for name in desk.alerts:
        assert name not in page.text
    assert "What is watched" in stranger.get("/about?lang=en").text
    assert stranger.get("/api/v1/retention").status_code == 401


def test_a_program_reads_the_retention_of_the_desk(desk: Desk) -> None:
    data = desk.program(Role.OPERATOR).get("/api/v1/retention").json()["data"]
    assert data[0]["key"] == "posts"
    assert all("{" not in one["kept_for"] + one["erasure"] for one in data)


@pytest.mark.parametrize("path", ["/collection", "/corrections", "/audit", "/transparency", "/purpose"])
def test_pages_are_there_in_both_languages(desk: Desk, path: str) -> None:
    admin = desk.browser(Role.ADMIN)
    assert '<html lang="id"' in admin.get(path).text
    assert '<html lang="en"' in admin.get(f"{path}?lang=en").text
