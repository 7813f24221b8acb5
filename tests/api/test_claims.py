"""Fact-checks in the API and the console: who may do what, what is shown, and how two people meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from tests.api.conftest import Client, Desk, form_token
from tests.api.sample import NOW
from tests.api.test_console import outline
from tests.api.test_json import problem
from waspada.access import Role, Scope
from waspada.claims.types import MATCHER
from waspada.store.tables import AuditRow, ClaimMatchRow, FactCheckRow, ItemRow, StoryItemRow, StoryRow

PERSON = "Rudi Hartono"
TITLE = f"[SALAH] TPS Tutup Pukul 10.00, Kata Warga Bernama {PERSON} (34)"
NONE_KNOWN = "Belum ada cek fakta yang diketahui."


@dataclass
class Matched:
    """A desk whose hoax alert has a suggested and a rejected match."""

    desk: Desk
    match: int
    rejected: int

    @property
    def alert(self) -> int:
        return self.desk.alerts["hoax"]

    def decide(self, client: Client, confirmed: bool, revision: int | str = 1, **body: Any) -> httpx.Response:
        sent = {"confirmed": confirmed, **body}
        return client.post(f"/api/v1/matches/{self.match}/decisions", json=sent, headers={"If-Match": f'"r{revision}"'})

    def form(self, client: Client, confirmed: str, revision: str = "1", **fields: str) -> httpx.Response:
        csrf = fields.pop("csrf", "") or form_token(client.get(f"/alerts/{self.alert}").text)
        sent = {"confirmed": confirmed, "revision": revision, "csrf": csrf, **fields}
        return client.post(f"/alerts/{self.alert}/claims/{self.match}", data=sent)


@pytest.fixture
def matched(desk: Desk) -> Matched:
    with desk.store.write() as session:
        query = (
            select(ItemRow.id)
            .join(StoryItemRow, StoryItemRow.item_id == ItemRow.id)
            .join(StoryRow, StoryRow.id == StoryItemRow.story_id)
            .where(StoryRow.headline.like("Beredar pesan%"))
            .order_by(ItemRow.id)
        )
        item, post = session.scalars(query).all()
        claim = f"Pesan: TPS tutup jam 10, {PERSON} (34) sudah pulang."
        for id_, title, verdict, url in (
            ("item-9001", TITLE, "SALAH", "https://cek.example/77"),
            ("imp-2", "<script>alert(1)</script> TPS pindah", "BENAR", "javascript:alert(1)"),
        ):
            session.add(FactCheckRow(id=id_, claim=claim, title=title, verdict=verdict, url=url, outlet="Cek Banua"))
        session.flush()
        rows = [
            _row(item, "item-9001", "suggested", "machine", "waspada", ""),
            _row(post, "imp-2", "rejected", "person", "analis-1", f"Kata {PERSON} (34), beda TPS."),
        ]
        session.add_all(rows)
        session.flush()
        return Matched(desk, rows[0].id, rows[1].id)


def _row(item: int, claim: str, state: str, origin: str, actor: str, reason: str) -> ClaimMatchRow:
    return ClaimMatchRow(
        item_id=item, claim_id=claim, score=0.5, state=state, origin=origin, actor=actor, at=NOW, reason=reason,
        model=MATCHER,
    )  # fmt: skip


def audit(desk: Desk, action: str) -> list[tuple[str, str, Any]]:
    with desk.store.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id)).all()
        return [(row.actor, row.object, row.detail) for row in rows]


class TestReading:
    def test_alert_says_which_fact_check_it_may_repeat(self, matched: Matched) -> None:
        detail = matched.desk.program(Role.LIAISON).get(f"/api/v1/alerts/{matched.alert}").json()
        assert detail["claim_line"].startswith('Mungkin sama dengan cek fakta Cek Banua: "[SALAH] TPS Tutup')
        assert "(disarankan, belum diverifikasi)" in detail["claim_line"]
        assert 'Putusan menurut Cek Banua: "SALAH"' in detail["claim_line"]
        assert [(m["state"], m["fact_check"]["standing"]) for m in detail["claims"]] == [
            ("suggested", "refutes"), ("rejected", "supports"),
        ]  # fmt: skip
        assert PERSON not in str(detail)

    def test_none_known_is_said_of_misinformation_only(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        assert client.get(f"/api/v1/alerts/{desk.alerts['hoax']}").json()["claim_line"] == NONE_KNOWN
        assert client.get(f"/api/v1/alerts/{desk.alerts['clash']}").json()["claim_line"] == ""

    def test_only_rejected_ones_are_as_none(self, matched: Matched) -> None:
        with matched.desk.store.write() as session:
            session.execute(update(ClaimMatchRow).values(state="rejected"))
        client = matched.desk.program(Role.LIAISON)
        assert client.get(f"/api/v1/alerts/{matched.alert}/claims").json()["claim_line"] == NONE_KNOWN

    def test_matches_of_an_item_and_one_with_its_history(self, matched: Matched) -> None:
        client = matched.desk.program(Role.LIAISON)
        one = client.get(f"/api/v1/matches/{matched.match}").json()
        assert (one["state"], one["revision"], one["history"]) == ("suggested", 1, [])
        of_item = client.get(f"/api/v1/items/{one['item_id']}/claims").json()
        assert [m["id"] for m in of_item["matches"]] == [matched.match]
        assert audit(matched.desk, "claim.read")[-1][1:] == (f"item/{one['item_id']}", {"matches": [matched.match]})

    def test_addresses_that_are_none_of_the_web_do_not_leave(self, matched: Matched) -> None:
        found = matched.desk.program(Role.LIAISON).get("/api/v1/fact-checks").json()["data"]
        assert {one["id"]: one["url"] for one in found} == {"item-9001": "https://cek.example/77", "imp-2": None}
        assert PERSON not in str(found)

    def test_readers_of_other_regions_see_nothing(self, matched: Matched) -> None:
        client = matched.desk.program(Role.LIAISON, region="63.71")
        item = matched.desk.program(Role.ADMIN).get(f"/api/v1/matches/{matched.match}").json()["item_id"]
        for path in (f"alerts/{matched.alert}/claims", f"items/{item}/claims", f"matches/{matched.match}"):
            problem(client.get(f"/api/v1/{path}"), 404)
        problem(matched.decide(client, confirmed=True), 404)
        mine = matched.desk.program(Role.LIAISON, region="63.72")
        assert matched.decide(mine, confirmed=True).status_code == 200

    def test_pages_of_fact_checks(self, matched: Matched) -> None:
        client = matched.desk.program(Role.LIAISON)
        first = client.get("/api/v1/fact-checks?limit=1").json()
        second = client.get(f"/api/v1/fact-checks?limit=1&cursor={first['next']}").json()
        assert {first["data"][0]["id"], second["data"][0]["id"]} == {"item-9001", "imp-2"}
        assert second["next"] is None
        for odd in ("x", "WyJhIl0", "WyJ4IHkiXQ", "WyIxIl0", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OSBhIl0"):
            problem(client.get(f"/api/v1/fact-checks?cursor={odd}"), 422)


class TestDeciding:
    def test_two_at_once_the_second_sees_what_changed(self, matched: Matched) -> None:
        one, two = matched.desk.program(Role.LIAISON), matched.desk.program(Role.ANALYST)
        first = matched.decide(one, confirmed=True)
        assert (first.json()["state"], first.json()["origin"], first.json()["revision"]) == ("confirmed", "person", 2)
        late = problem(matched.decide(two, confirmed=False, reason="klaim lain"), 412)
        assert late["revision"] == 2
        assert late["changes"][0]["to_state"] == "confirmed"
        assert audit(matched.desk, "claim.decide") == [
            (
                "liaison-write-all", f"match/{matched.match}",
                {"item": first.json()["item_id"], "from": "suggested", "to": "confirmed"},
            )
        ]  # fmt: skip

    def test_what_cannot_be_decided_is_said(self, matched: Matched) -> None:
        client = matched.desk.program(Role.LIAISON)
        problem(matched.decide(client, confirmed=False), 422)
        problem(matched.decide(client, confirmed=False, reason="x" * 501), 422)
        problem(client.post(f"/api/v1/matches/{matched.match}/decisions", json={"confirmed": True}), 428)
        problem(matched.decide(client, confirmed=True, revision="x"), 412)
        assert matched.decide(client, confirmed=True).status_code == 200
        problem(matched.decide(client, confirmed=True, revision=2), 409)
        problem(matched.decide(matched.desk.program(Role.LIAISON, Scope.READ), confirmed=True), 403)


class TestImporting:
    LINES = [  # noqa: RUF012
        {"id": 1, "claim": "TPS tutup pukul 10.00 di seluruh kota.", "verdict": "SALAH", "url": "https://cek.example/1"},
        {"id": 2}, {"claim": "tanpa id"}, {"id": 3, "title": "[BENAR] Air PDAM mati"},
    ]  # fmt: skip

    def test_analysts_import_and_bad_lines_stop_no_other(self, desk: Desk) -> None:
        client = desk.program(Role.ANALYST)
        done = client.post("/api/v1/fact-checks", json={"claims": self.LINES}).json()
        assert {k: done[k] for k in ("new", "changed", "same", "bad")} == {"new": 2, "changed": 0, "same": 0, "bad": 2}
        assert [line.partition(":")[0] for line in done["problems"]] == ["2", "3"]
        again = client.post("/api/v1/fact-checks", json={"claims": self.LINES}).json()
        assert (again["new"], again["same"]) == (0, 2)
        assert [actor for actor, _, _ in audit(desk, "claim.import")] == ["analyst-write-all"] * 2

    def test_liaisons_do_not_import(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        problem(client.post("/api/v1/fact-checks", json={"claims": self.LINES}), 403)
        problem(client.post("/api/v1/verdicts", json={"claim": "a b c", "verdict": "SALAH", "reason": "x"}), 403)

    @pytest.mark.parametrize("body", [{}, {"claims": []}, {"claims": ["x"]}, {"claims": [{"id": 1}] * 501}, {"x": 1}])
    def test_odd_bodies(self, desk: Desk, body: Any) -> None:
        problem(desk.program(Role.ANALYST).post("/api/v1/fact-checks", json=body), 422)

    def test_own_verdict(self, desk: Desk) -> None:
        client = desk.program(Role.ANALYST)
        body = {"claim": "TPS tutup pukul 10.00 di kota ini.", "verdict": "SALAH", "reason": "KPU kota, 20 November."}
        made = client.post("/api/v1/verdicts", json=body)
        assert made.status_code == 201
        assert (made.json()["origin"], made.json()["actor"], made.json()["standing"]) == (
            "own", "analyst-write-all", "refutes",
        )  # fmt: skip
        again = {**body, "verdict": "BENAR"}
        assert "analyst-write-all" in problem(client.post("/api/v1/verdicts", json=again), 409)["detail"]
        seen = client.post("/api/v1/verdicts", json={**again, "revision": made.json()["revision"]})
        assert (seen.status_code, seen.json()["verdict"]) == (201, "BENAR")
        problem(client.post("/api/v1/verdicts", json={**body, "claim": "dua kata"}), 422)
        problem(client.post("/api/v1/verdicts", json={**body, "url": "javascript:1"}), 422)
        assert audit(desk, "claim.verdict") == [
            ("analyst-write-all", f"fact-check/{made.json()['id']}", {"new": new}) for new in (True, False)
        ]


class TestConsole:
    def test_panel_shows_state_verdict_outlet_and_link(self, matched: Matched) -> None:
        page = matched.desk.browser(Role.LIAISON).get(f"/alerts/{matched.alert}").text
        for said in ("Cek fakta", "disarankan", "ditolak", "Cek Banua", "https://cek.example/77", "analis-1",
                     "cek fakta ini bukan bantahan", "Klaim sama", "Klaim lain"):  # fmt: skip
            assert said in page, said
        for never in (PERSON, "<script>alert", "javascript:alert"):
            assert never not in page
        found = outline(page)
        assert not found.problems
        assert not found.open
        assert len(found.ids) == len(set(found.ids))
        assert set(found.fields) <= set(found.labels)

    def test_panel_says_that_none_is_known(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON)
        assert NONE_KNOWN in browser.get(f"/alerts/{desk.alerts['hoax']}").text
        assert 'id="fact-checks"' not in browser.get(f"/alerts/{desk.alerts['clash']}").text

    def test_match_is_confirmed_and_rejected_from_the_page(self, matched: Matched) -> None:
        browser = matched.desk.browser(Role.LIAISON)
        done = matched.form(browser, "true")
        assert (done.status_code, done.headers["location"]) == (303, f"/alerts/{matched.alert}#fact-checks")
        page = browser.get(f"/alerts/{matched.alert}").text
        assert "dikonfirmasi oleh petugas" in page
        assert matched.form(browser, "false", "2", reason="TPS di kota lain").status_code == 303
        assert "TPS di kota lain" in browser.get(f"/alerts/{matched.alert}").text

    def test_what_became_of_a_form_is_said(self, matched: Matched) -> None:
        one, two = matched.desk.browser(Role.LIAISON), matched.desk.browser(Role.ANALYST)
        assert "mengapa klaimnya berbeda" in matched.form(one, "false").text
        assert matched.form(one, "true").status_code == 303
        late = matched.form(two, "false", reason="klaim lain")
        assert late.status_code == 409
        assert "Ada yang lebih cepat" in late.text
        assert "liaison-write-all" in late.text
        assert f'href="/alerts/{matched.alert}?lang=en"' in late.text
        assert "sudah diputuskan" in matched.form(one, "true", "2").text
        for odd in ({"confirmed": "x"}, {"revision": "0"}, {"reason": "x" * 1001}):
            assert matched.form(one, **{"confirmed": "true", **odd}).status_code == 422
        assert matched.form(one, "true", "2", csrf="x").status_code == 403

    def test_other_roles_have_no_buttons(self, matched: Matched) -> None:
        auditor = matched.desk.browser(Role.AUDITOR)
        assert auditor.post(f"/alerts/{matched.alert}/claims/{matched.match}", data={}).status_code in (403, 422)


def test_digest_says_it_too(matched: Matched, tmp_path: Any) -> None:
    from waspada.digests.rendering import rendered
    from waspada.digests.service import of_day
    from waspada.digests.types import Wanted
    from waspada.settings import load_settings

    settings = load_settings(data_dir=tmp_path / "d", zone="WITA")
    with matched.desk.store.read() as session:
        days = (NOW.date(), NOW.date().replace(day=19))
        digests = [of_day(session, Wanted("63"), day, settings) for day in days]
    lines = {entry.label: entry.claim for digest in digests for entry in digest.content.entries}
    assert lines["misinformation"].startswith("Mungkin sama dengan cek fakta Cek Banua")
    assert lines["conflict"] == ""
    written = [rendered(digest.content) for digest in digests]
    both = [text for one in written for text in (one.text, one.html)]
    assert sum("Mungkin sama dengan" in text for text in both) == 2
    assert not any(PERSON in text for text in both)
