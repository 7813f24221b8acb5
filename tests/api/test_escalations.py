"""Recipients, reports and CAP over the API and in the console: rights, four eyes, bad input, the audit."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select, update

from tests.api.conftest import Client, Desk, form_token
from tests.api.sample import NOW
from tests.escalations.desk import Mailbox
from waspada.access import Role, Scope
from waspada.jobs.escalate import follow_reports, issue_cap
from waspada.notify.outbox import run_once
from waspada.settings import Settings
from waspada.store.tables import AlertRow, AuditRow, EscalationRow, RecipientGrantRow, RecipientRow

DAY = timedelta(days=1)
OFFICE = {
    "institution": "Kesbangpol Kabupaten Hulu Sungai Tengah", "kind": "kesbangpol", "region": "63.07",
    "address": "kesbangpol@hst.example",
}  # fmt: skip
POLICE = {**OFFICE, "institution": "Polres Hulu Sungai Tengah", "kind": "police", "address": "polres@hst.example"}


def added(desk: Desk, new: dict[str, Any] = OFFICE, client: Client | None = None) -> int:
    answer = (client or desk.program(Role.SUBSCRIBER_MANAGER)).post("/api/v1/recipients", json=new)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def proposal(*ids: int, **more: Any) -> dict[str, Any]:
    return {"recipients": list(ids), "kind": "atensi", "reason": "Distribusi terganggu", **more}


def audit(desk: Desk, action: str) -> list[AuditRow]:
    with desk.store.read() as session:
        return list(session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id)))


class TestReports:
    """The alert of logistics is verified; it stands in 63.07."""

    def test_from_the_proposal_to_the_mail(self, desk: Desk) -> None:
        office, alert = added(desk), desk.alerts["logistics"]
        one, two = desk.program(Role.LIAISON), desk.program(Role.ANALYST)
        options = one.get(f"/api/v1/alerts/{alert}/escalations").json()
        assert [(c["recipient_id"], c["refusal"]) for c in options["candidates"]] == [(office, None)]
        made = one.post(f"/api/v1/alerts/{alert}/escalations", json=proposal(office))
        assert (made.status_code, made.json()["state"]) == (201, "proposed")
        assert "Surat suara untuk dua desa belum tiba" in made.json()["bodies"]["id"]["text"]
        path, tag = f"/api/v1/escalations/{made.json()['id']}", made.headers["etag"]
        own = one.post(f"{path}/decision", json={"approved": True}, headers={"If-Match": tag})
        assert own.status_code == 403
        assert one.post(f"{path}/decision", json={"approved": True}).status_code in (403, 428)
        done = two.post(
            f"{path}/decision", json={"approved": True}, headers={"If-Match": two.get(path).headers["etag"]}
        )
        assert (done.status_code, done.json()["state"], done.json()["decided_by"]) == (
            200, "approved", "analyst-write-all"
        )  # fmt: skip
        late = one.post(f"{path}/withdrawal", headers={"If-Match": tag})
        assert late.status_code == 412
        assert late.json()["changes"][0]["to_state"] == "approved"
        box = Mailbox()
        run_once(desk.store, [box], lambda: NOW)
        follow_reports(desk.store, Settings(), NOW)
        assert box.targets == ["kesbangpol@hst.example"]
        assert one.get(path).json()["state"] == "sent"
        assert [r["id"] for r in one.get("/api/v1/escalations?state=sent").json()["data"]] == [made.json()["id"]]
        assert one.get("/api/v1/escalations?state=proposed").json()["data"] == []
        (line,) = audit(desk, "escalation.propose")
        assert (line.actor, line.detail["recipients"]) == ("liaison-write-all", [office])
        assert [row.detail["state"] for row in audit(desk, "escalation.decide")] == ["approved", "sent"]

    def test_pages(self, desk: Desk) -> None:
        alert, manager = desk.alerts["logistics"], desk.program(Role.SUBSCRIBER_MANAGER)
        client = desk.program(Role.LIAISON)
        for number in range(3):
            office = added(desk, {**OFFICE, "address": f"kantor{number}@hst.example"}, manager)
            client.post(f"/api/v1/alerts/{alert}/escalations", json=proposal(office))
        seen, more = list[int](), "/api/v1/escalations?limit=1"
        while more:
            page = client.get(more).json()
            seen += [one["id"] for one in page["data"]]
            more = f"/api/v1/escalations?limit=1&cursor={page['next']}" if page["next"] else ""
        assert seen == sorted(seen, reverse=True)
        assert len(seen) == 3

    def test_what_is_wrong_is_said(self, desk: Desk) -> None:
        office, client, alert = added(desk), desk.program(Role.LIAISON), desk.alerts["logistics"]
        path = f"/api/v1/alerts/{alert}/escalations"
        clash = f"/api/v1/alerts/{desk.alerts['clash']}/escalations"
        for where, body, status in (
            (path, proposal(), 422), (path, proposal(office, kind="ralat"), 422),
            (path, proposal(office, kind="x"), 422), (path, proposal(10**30), 422),
            (path, proposal(office, reason=" "), 422), (path, proposal(office, reason="x" * 900), 422),
            (path, proposal(999), 404), (path, proposal(10**12), 422), (path, proposal(-1), 422),
            (path, proposal(office, more=1), 422), (clash, proposal(office), 409),
            ("/api/v1/alerts/999999/escalations", proposal(office), 404),
        ):  # fmt: skip
            assert client.post(where, json=body).status_code == status, body
        assert client.post(path, content=b"\xff\xfe").status_code in (400, 422)
        assert client.get("/api/v1/escalations?state=x").status_code == 422
        assert client.get("/api/v1/escalations?cursor=x").status_code == 422
        assert client.get("/api/v1/escalations/999").status_code == 404

    def test_raising_goes_to_the_desk_above(self, desk: Desk) -> None:
        client, alert = desk.program(Role.LIAISON, region="63.07"), desk.alerts["logistics"]
        assert client.get(f"/api/v1/alerts/{alert}/escalations").json()["desk_above"]["code"] == "63"
        made = client.post(f"/api/v1/alerts/{alert}/raise", json={"reason": "Meluas"})
        assert (made.status_code, made.json()["state"], made.json()["desk"]["code"]) == (201, "sent", "63")
        assert client.post(f"/api/v1/alerts/{alert}/raise", json={"reason": "Meluas"}).status_code == 409
        above = desk.program(Role.LIAISON)
        assert above.get(f"/api/v1/alerts/{alert}").json()["raised_to"][0]["code"] == "63"
        notices = above.get("/api/v1/notices").json()["data"]
        assert [(n["alert_id"], n["kind"], n["state"]) for n in notices] == [(alert, "raised", "ready")]
        assert "Dinaikkan ke Kalimantan Selatan" in desk.browser(Role.ANALYST).get("/alerts?state=any").text

    def test_a_bound_account_sees_its_own_region(self, desk: Desk) -> None:
        office, alert = added(desk), desk.alerts["logistics"]
        made = desk.program(Role.LIAISON).post(f"/api/v1/alerts/{alert}/escalations", json=proposal(office)).json()
        other, own = desk.program(Role.ANALYST, region="63.71"), desk.program(Role.ANALYST, region="63.07")
        path = f"/api/v1/escalations/{made['id']}"
        assert other.get(path).status_code == 404
        assert other.post(f"{path}/decision", json={"approved": True}, headers={"If-Match": "1"}).status_code == 404
        assert other.get("/api/v1/escalations").json()["data"] == []
        assert other.get("/api/v1/recipients").status_code == 200
        assert own.post(f"{path}/decision", json={"approved": True}, headers={"If-Match": "1"}).status_code == 200


class TestRecipients:
    def test_added_switched_and_listed(self, desk: Desk) -> None:
        manager = desk.program(Role.SUBSCRIBER_MANAGER)
        id_ = added(desk, client=manager)
        assert manager.post("/api/v1/recipients", json=OFFICE).status_code == 409
        assert manager.post(f"/api/v1/recipients/{id_}/switch", json={"active": False}).json()["active"] is False
        assert manager.post(f"/api/v1/recipients/{id_}/switch", json={"active": False}).status_code == 409
        (one,) = desk.program(Role.AUDITOR).get("/api/v1/recipients").json()["data"]
        assert (one["institution"], one["active"], one["open"]) == (OFFICE["institution"], False, False)
        assert [row.detail["step"] for row in audit(desk, "recipient.change")] == ["added", "off"]

    @pytest.mark.parametrize(
        "change",
        [
            {"institution": "Budi Santoso"}, {"institution": "x" * 500}, {"address": "budi.santoso@hst.example"},
            {"address": "a@b"}, {"region": "99"}, {"kind": "tni"}, {"language": "jv"},
            {"institution": "Polres Hulu Sungai Tengah"}, {"address": "pos@polri.go.id"},
            {"address": "a@b.example\r\nBcc: c@d.example"},
        ],
    )  # fmt: skip
    def test_what_is_no_institution_is_refused(self, desk: Desk, change: dict[str, str]) -> None:
        answer = desk.program(Role.SUBSCRIBER_MANAGER).post("/api/v1/recipients", json={**OFFICE, **change})
        assert answer.status_code == 422, answer.text
        with desk.store.read() as session:
            assert session.scalars(select(RecipientRow.id)).all() == []

    def test_a_permission_takes_an_admin_and_a_second_account(self, desk: Desk) -> None:
        manager, admin = desk.program(Role.SUBSCRIBER_MANAGER), desk.program(Role.ADMIN)
        police, alert = added(desk, POLICE, manager), desk.alerts["logistics"]
        liaison = desk.program(Role.LIAISON)
        path = f"/api/v1/alerts/{alert}/escalations"
        assert liaison.get(path).json()["candidates"][0]["refusal"] == "no_grant"
        assert liaison.post(path, json=proposal(police)).status_code == 409
        ask = {"region": "63.07", "ends_at": (NOW + 30 * DAY).isoformat(), "reason": "Pemungutan suara"}
        assert manager.post(f"/api/v1/recipients/{police}/grants", json=ask).status_code == 403
        for odd in (
            {**ask, "ends_at": (NOW + 91 * DAY).isoformat()}, {**ask, "ends_at": NOW.isoformat()},
            {**ask, "reason": ""},
            {**ask, "ends_at": "2024-12-01T00:00:00"}, {**ask, "region": "64"},
        ):  # fmt: skip
            assert admin.post(f"/api/v1/recipients/{police}/grants", json=odd).status_code == 422
        asked = admin.post(f"/api/v1/recipients/{police}/grants", json=ask)
        assert (asked.status_code, asked.json()["state"]) == (201, "asked")
        decision = f"/api/v1/recipient-grants/{asked.json()['id']}/decision"
        assert admin.post(decision, json={"approved": True}).status_code == 403
        assert liaison.post(decision, json={"approved": True}).status_code == 403
        assert liaison.post(path, json=proposal(police)).status_code == 409
        given = manager.post(decision, json={"approved": True})
        assert (given.json()["state"], given.json()["decided_by"]) == ("live", "subscriber-manager-write-all")
        assert manager.post(decision, json={"approved": True}).status_code == 409
        assert liaison.post(path, json=proposal(police)).status_code == 201
        auditor, end = desk.program(Role.AUDITOR), f"/api/v1/recipient-grants/{asked.json()['id']}/revocation"
        assert auditor.post(end, json={"reason": ""}).status_code == 422
        assert auditor.post(end, json={"reason": "Alasannya tidak berlaku lagi"}).json()["state"] == "revoked"
        assert auditor.post(end, json={"reason": "x"}).status_code == 409
        assert [row.detail["step"] for row in audit(desk, "recipient.grant")] == ["asked", "approved", "revoked"]
        found = desk.program(Role.ANALYST).post(
            "/api/v1/escalations/1/decision", json={"approved": True}, headers={"If-Match": "1"}
        )
        assert found.status_code == 409

    def test_for_those_who_need_one(self, desk: Desk) -> None:
        office = added(desk)
        ask = {"region": "63.07", "ends_at": (NOW + DAY).isoformat(), "reason": "x"}
        assert desk.program(Role.ADMIN).post(f"/api/v1/recipients/{office}/grants", json=ask).status_code == 409

    def test_a_token_that_reads_changes_nothing(self, desk: Desk) -> None:
        office = added(desk)
        admin = desk.program(Role.ADMIN, Scope.READ)
        assert admin.get("/api/v1/recipients").status_code == 200
        assert admin.post(f"/api/v1/recipients/{office}/switch", json={"active": False}).status_code == 403
        assert desk.program(Role.ADMIN, Scope.WRITE).post(
            f"/api/v1/recipients/{office}/grants", json={"region": "63", "ends_at": NOW.isoformat(), "reason": "x"}
        ).status_code == 403  # fmt: skip


class TestCap:
    def test_the_index_leads_to_the_documents(self, desk: Desk) -> None:
        issue_cap(desk.store, Settings(), NOW)
        client = desk.program(Role.LIAISON, Scope.READ)
        feed = client.get("/api/v1/cap")
        assert feed.headers["content-type"] == "application/atom+xml; charset=utf-8"
        links = re.findall(r'rel="alternate" type="application/cap\+xml" href="([^"]+)"', feed.text)
        assert len(links) == 1
        path = links[0].partition("/api/")[2]
        document = client.get(f"/api/{path}")
        assert document.headers["content-type"] == "application/cap+xml; charset=utf-8"
        assert etree.fromstring(document.content).tag.endswith("}alert")
        for answer, where in ((feed, "/api/v1/cap"), (document, f"/api/{path}")):
            tag = answer.headers["etag"]
            assert client.get(where, headers={"If-None-Match": tag}).status_code == 304
        assert [row.object for row in audit(desk, "cap.read")][:2] == ["cap", f"cap/{path.rpartition('/')[2]}"]
        other = desk.program(Role.LIAISON, Scope.READ, region="63.71")
        assert "<entry>" not in other.get("/api/v1/cap").text
        assert other.get(f"/api/{path}").status_code == 404
        assert "<entry>" not in client.get("/api/v1/cap?region=64").text
        assert "<entry>" not in client.get("/api/v1/cap?since=2030-01-01T00:00:00Z").text

    def test_what_is_wrong_is_said(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        for query in ("?region=x", "?since=yesterday", "?limit=0", "?q=name", "?since=0001-01-01T00:00:00Z"):
            assert client.get(f"/api/v1/cap{query}").status_code == 422
        assert client.get("/api/v1/cap/none").status_code == 404
        assert client.get("/api/v1/cap/a%20b").status_code == 422
        assert desk.program(Role.AUDITOR).get("/api/v1/cap").status_code == 403


class TestConsole:
    def test_the_whole_way_by_forms(self, desk: Desk) -> None:
        manager, one, two = (desk.browser(role) for role in (Role.SUBSCRIBER_MANAGER, Role.LIAISON, Role.ANALYST))
        page = manager.get("/recipients").text
        assert manager.post("/recipients", data={**OFFICE, "csrf": form_token(page)}).status_code == 303
        alert = desk.alerts["logistics"]
        assert "Teruskan ke …" in one.get(f"/alerts/{alert}").text
        page = one.get(f"/alerts/{alert}/escalate").text
        assert "Surat suara untuk dua desa belum tiba" in page
        form = {"recipient": "1", "kind": "khusus", "reason": "Distribusi terganggu", "csrf": form_token(page)}
        went = one.post(f"/alerts/{alert}/escalate", data=form)
        assert went.status_code == 303
        report = went.headers["location"]
        assert "akun lain harus menyetujui" in one.get(report).text
        page = two.get(report).text
        assert "Anda memutuskan sebagai akun kedua" in page
        answer = {"approved": "true", "revision": "1", "csrf": form_token(page)}
        assert two.post(f"{report}/decision", data=answer).status_code == 303
        for query in ("", "?state=", "?state=approved"):
            assert f'href="{report}"' in two.get(f"/escalations{query}").text
        assert f'href="{report}"' not in two.get("/escalations?state=sent").text
        assert two.get("/escalations?state=x").status_code == 422
        late = two.post(f"{report}/decision", data=answer)
        assert late.status_code == 409
        assert "Ada yang lebih cepat" in late.text
        assert "Laporan disetujui akun kedua" in one.get(f"/alerts/{alert}").text

    def test_a_form_that_does_not_fit_says_why(self, desk: Desk) -> None:
        office, alert = added(desk), desk.alerts["logistics"]
        one = desk.browser(Role.LIAISON)
        csrf = form_token(one.get(f"/alerts/{alert}/escalate").text)
        for data, status in (
            ({"reason": "x"}, 422), ({"recipient": str(office)}, 422), ({"recipient": "x", "reason": "x"}, 422),
            ({"recipient": "999999", "reason": "x"}, 404),
            ({"recipient": str(office), "reason": "x", "csrf": "0"}, 403),
        ):  # fmt: skip
            assert one.post(f"/alerts/{alert}/escalate", data={"csrf": csrf, **data}).status_code == status, data
        own = one.post(f"/alerts/{alert}/escalate", data={"csrf": csrf, "recipient": str(office), "reason": "x"})
        report = own.headers["location"]
        mine = one.post(f"{report}/decision", data={"csrf": csrf, "approved": "true", "revision": "1"})
        assert mine.status_code == 403
        assert "Harus akun lain" in mine.text
        assert one.post(f"{report}/withdrawal", data={"csrf": csrf, "revision": "1"}).status_code == 303
        clash = one.post(
            f"/alerts/{desk.alerts['clash']}/escalate", data={"csrf": csrf, "recipient": str(office), "reason": "x"}
        )
        assert clash.status_code == 409

    def test_permissions_by_forms(self, desk: Desk) -> None:
        police = added(desk, POLICE)
        admin, manager, auditor = (
            desk.browser(role) for role in (Role.ADMIN, Role.ANALYST, Role.AUDITOR)
        )  # fmt: skip
        csrf = form_token(admin.get("/recipients").text)
        form = {"csrf": csrf, "region": "63.07", "days": "30", "reason": "Pemungutan suara"}
        assert admin.post(f"/recipients/{police}/grants", data=form).status_code == 303
        assert admin.post(f"/recipients/{police}/grants", data={**form, "days": "91"}).status_code == 422
        same = admin.post("/recipients/grants/1/decision", data={"csrf": csrf, "approved": "true"})
        assert same.status_code == 403
        assert "Harus akun lain" in same.text
        analyst = manager.post("/recipients/grants/1/decision", data={"csrf": "x", "approved": "true"})
        assert analyst.status_code == 403
        page = auditor.get("/recipients").text
        assert "Menunggu akun kedua" in page
        done = auditor.post("/recipients/grants/1/revocation", data={"csrf": form_token(page), "reason": "Tidak perlu"})
        assert done.status_code == 303
        with desk.store.read() as session:
            assert session.get_one(RecipientGrantRow, 1).revoked_by == "auditor-write-all"

    def test_hostile_words_stay_words(self, desk: Desk) -> None:
        office, alert = added(desk), desk.alerts["logistics"]
        odd = '"><script>alert(1)</script> \u202e =cmd|x {{7*7}}'
        made = desk.program(Role.LIAISON).post(
            f"/api/v1/alerts/{alert}/escalations", json=proposal(office, reason=odd, remark=odd)
        )
        assert made.status_code == 201
        browser = desk.browser(Role.ANALYST)
        for path in ("/escalations", f"/escalations/{made.json()['id']}", f"/alerts/{alert}"):
            text = browser.get(path).text
            assert "<script>alert" not in text
            assert "\u202e" not in text
        assert "{{7*7}}" in browser.get(f"/escalations/{made.json()['id']}").text

    def test_an_expired_one_offers_no_decision(self, desk: Desk) -> None:
        office, alert = added(desk), desk.alerts["logistics"]
        made = desk.program(Role.LIAISON).post(f"/api/v1/alerts/{alert}/escalations", json=proposal(office)).json()
        with desk.store.write() as session:
            session.execute(update(EscalationRow).values(expires_at=NOW))
            session.execute(update(AlertRow).values(revision=9))
        text = desk.browser(Role.ANALYST).get(f"/escalations/{made['id']}").text
        assert "Gugur: tidak ada jawaban" in text
        assert "Setujui dan kirim" not in text
