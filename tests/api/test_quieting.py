"""Notices and silences over the API, in the console and on the command line: regions, rights, bad input, the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from tests.api.conftest import Client, Desk, form_token
from tests.api.sample import CLASH, NOW, add_alert
from waspada.access import Role, Scope
from waspada.cli.main import app as cli
from waspada.errors import WaspadaError
from waspada.jobs.canary import switch_on
from waspada.jobs.notify import notify_due
from waspada.notify.exercise import SOURCE_ID
from waspada.settings import load_settings
from waspada.store import open_url
from waspada.store.tables import AlertRow, AuditRow, SilenceRow, SourceRow

HOUR = timedelta(hours=1)


def new(**given: Any) -> dict[str, Any]:
    until = (NOW + 6 * HOUR).isoformat()
    return {"region": "63.03", "label": "conflict", "until": until, "reason": "Posko sudah menangani", **given}


@pytest.fixture
def told(desk: Desk) -> Desk:
    """The sample with its notices decided: the clash of level 3 ready, those of level 2 held by the cap but one."""
    notify_due(desk.store, load_settings(), NOW)
    return desk


def audit(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.read() as session:
        return [(row.action, row.object) for row in session.scalars(select(AuditRow).order_by(AuditRow.id))]


class TestNotices:
    def test_ready_and_held_with_the_reason(self, told: Desk) -> None:
        client = told.program(Role.LIAISON)
        data = client.get("/api/v1/notices").json()["data"]
        by_alert = {notice["alert_id"]: notice for notice in data}
        clash = by_alert[told.alerts["clash"]]
        assert (clash["state"], clash["kind"], clash["level"], clash["desk"]) == ("ready", "first", 3, "63")
        assert [place["code"] for place in clash["places"]] == ["63.03"]
        held = [notice for notice in data if notice["state"] == "held"]
        assert held
        assert {notice["held_reason"] for notice in held} == {"cap"}
        assert [n["id"] for n in client.get("/api/v1/notices?state=held").json()["data"]] == [n["id"] for n in held]
        assert ("notice.read", "desk/63") in audit(told)

    def test_pages(self, told: Desk) -> None:
        client, seen, more = told.program(Role.LIAISON), list[int](), "/api/v1/notices?limit=1"
        while more:
            page = client.get(more).json()
            seen += [notice["id"] for notice in page["data"]]
            more = f"/api/v1/notices?limit=1&cursor={page['next']}" if page["next"] else ""
        assert seen == sorted(seen, reverse=True)
        assert len(seen) > 1

    def test_the_shift_counts_what_its_cap_held_back(self, told: Desk) -> None:
        shift = told.program(Role.LIAISON).get("/api/v1/notices/shift").json()
        assert (shift["start"], shift["cap"]) == ("2024-11-19T23:00:00Z", 2)
        assert sum(shift["held_by_label"].values()) == len(shift["held"]) > 0
        before = told.program(Role.ANALYST).get(f"/api/v1/notices/shift?at={(NOW - 24 * HOUR):%Y-%m-%dT%H:%M:%SZ}")
        assert (before.json()["used"], before.json()["held"]) == (0, [])

    def test_a_bound_reader_has_a_desk_of_their_own(self, told: Desk) -> None:
        client = told.program(Role.LIAISON, region="63.03")
        assert client.get("/api/v1/notices").json()["data"] == []
        notify_due(told.store, load_settings(), NOW + HOUR)
        (notice,) = client.get("/api/v1/notices").json()["data"]
        assert (notice["alert_id"], notice["desk"], notice["state"]) == (told.alerts["clash"], "63.03", "ready")
        for desk in ("63", "63.71", "64"):
            assert client.get(f"/api/v1/notices?desk={desk}").status_code == 404
            assert client.get(f"/api/v1/notices/shift?desk={desk}").status_code == 404
        assert client.get("/api/v1/notices?desk=63.03").status_code == 200

    @pytest.mark.parametrize("query", ["desk=x", "desk=99", "state=open", "cursor=x", "limit=0", "at=now", "q=nama"])
    def test_odd_questions_are_refused(self, told: Desk, query: str) -> None:
        client = told.program(Role.LIAISON)
        assert client.get(f"/api/v1/notices?{query}").status_code in (404, 422)
        assert client.get(f"/api/v1/notices/shift?{query}").status_code in (404, 422)

    def test_the_headline_is_masked(self, desk: Desk) -> None:
        with desk.store.write() as session:
            session.execute(update(AlertRow).values(headline="Warga bernama Rudi Hartono (34) luka saat bentrok"))
        notify_due(desk.store, load_settings(), NOW)
        text = desk.program(Role.LIAISON).get("/api/v1/notices").text
        page = desk.browser(Role.ANALYST).get("/notices").text
        assert "Hartono" not in text + page


class TestSilences:
    def test_added_listed_and_ended_all_in_the_audit_log(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        added = client.post("/api/v1/silences", json=new())
        assert added.status_code == 201, added.text
        one = added.json()
        assert (one["region"]["name"], one["label"], one["active"]) == ("Kabupaten Banjar", "conflict", True)
        assert one["actor"] == "liaison-write-all"
        assert [s["id"] for s in client.get("/api/v1/silences?active=true").json()["data"]] == [one["id"]]
        ended = client.post(f"/api/v1/silences/{one['id']}/end").json()
        assert (ended["active"], ended["ended_by"]) == (False, "liaison-write-all")
        assert client.get("/api/v1/silences?active=true").json()["data"] == []
        assert len(client.get("/api/v1/silences").json()["data"]) == 1
        written = audit(desk)
        object_ = f"silence/{one['id']}"
        assert ("silence.add", object_) in written
        assert ("silence.end", object_) in written
        assert ("silence.read", "silences") in written

    @pytest.mark.parametrize(
        ("given", "status"),
        [
            ({"until": (NOW - HOUR).isoformat()}, 422),
            ({"until": NOW.isoformat()}, 422),
            ({"until": (NOW + timedelta(days=14, minutes=1)).isoformat()}, 422),
            ({"until": "9999-12-31T23:59:59Z"}, 422),
            ({"until": "0001-01-01T00:00:00+14:00"}, 422),
            ({"until": "2024-11-20T09:00:00"}, 422),  # without a zone
            ({"until": None}, 422),
            ({"region": "99.99"}, 422),
            ({"region": "Banjar"}, 422),
            ({"region": ""}, 422),
            ({"label": "election"}, 422),
            ({"label": "apa saja"}, 422),
            ({"reason": ""}, 422),
            ({"reason": " \u202e\n"}, 422),
            ({"reason": "x" * 501}, 422),
            ({"reason": "x" * 5000}, 422),
            ({"alert": 1}, 422),
        ],
    )
    def test_what_cannot_be_used_is_refused_and_changes_nothing(
        self, desk: Desk, given: dict[str, Any], status: int
    ) -> None:
        answer = desk.program(Role.LIAISON).post("/api/v1/silences", json=new(**given))
        assert answer.status_code == status, answer.text
        with desk.store.read() as session:
            assert session.scalars(select(SilenceRow)).all() == []

    def test_a_silence_may_last_fourteen_days(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        answer = client.post("/api/v1/silences", json=new(until=(NOW + timedelta(days=14)).isoformat(), label=None))
        assert answer.status_code == 201

    def test_the_same_silence_twice_is_a_conflict_until_the_first_is_over(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        assert client.post("/api/v1/silences", json=new()).status_code == 201
        assert client.post("/api/v1/silences", json=new()).status_code == 409
        assert client.post("/api/v1/silences", json=new(label=None)).status_code == 201
        desk.clock.forward(6 * HOUR)
        assert client.post("/api/v1/silences", json=new(until=(NOW + 9 * HOUR).isoformat())).status_code == 201

    def test_what_is_over_cannot_be_ended(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        first, second = (
            client.post("/api/v1/silences", json=new(region=code)).json()["id"] for code in ("63.03", "63.71")
        )
        assert client.post(f"/api/v1/silences/{first}/end").status_code == 200
        assert client.post(f"/api/v1/silences/{first}/end").status_code == 409
        desk.clock.forward(6 * HOUR)
        assert client.post(f"/api/v1/silences/{second}/end").status_code == 409
        assert client.post("/api/v1/silences/999/end").status_code == 404

    def test_a_bound_person_silences_their_own_region_and_sees_what_touches_it(self, desk: Desk) -> None:
        everywhere, bound = desk.program(Role.LIAISON), desk.program(Role.LIAISON, region="63.03")
        wide = everywhere.post("/api/v1/silences", json=new(region="63")).json()["id"]
        other = everywhere.post("/api/v1/silences", json=new(region="63.71")).json()["id"]
        for region in ("63", "63.71", "64"):
            assert bound.post("/api/v1/silences", json=new(region=region)).status_code == 404
        own = bound.post("/api/v1/silences", json=new(region="63.03.05")).json()["id"]
        assert {s["id"] for s in bound.get("/api/v1/silences").json()["data"]} == {wide, own}
        assert bound.post(f"/api/v1/silences/{wide}/end").status_code == 404
        assert bound.post(f"/api/v1/silences/{other}/end").status_code == 404
        assert bound.post(f"/api/v1/silences/{own}/end").status_code == 200

    def test_who_only_reads_sets_none(self, desk: Desk) -> None:
        reader = desk.program(Role.LIAISON, Scope.READ)
        assert reader.post("/api/v1/silences", json=new()).status_code == 403
        assert reader.get("/api/v1/silences").status_code == 200
        assert desk.program(Role.AUDITOR).get("/api/v1/silences").status_code == 403

    def test_a_silence_hides_no_alert(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        before = client.get("/api/v1/alerts").json()
        client.post("/api/v1/silences", json=new(region="63", label=None))
        notify_due(desk.store, load_settings(), NOW)
        assert client.get("/api/v1/alerts").json() == before
        states = {n["alert_id"]: (n["state"], n["held_reason"]) for n in client.get("/api/v1/notices").json()["data"]}
        assert states.pop(desk.alerts["clash"]) == ("ready", None)  # level 3 breaks through
        assert set(states.values()) <= {("held", "silence"), ("dropped", None)}

    def test_contacts_in_a_reason_are_not_stored(self, desk: Desk) -> None:
        answer = desk.program(Role.LIAISON).post("/api/v1/silences", json=new(reason="hubungi 081234567890"))
        assert "081234567890" not in answer.text


class TestParents:
    def parent(self, desk: Desk, child: str, parent: int | None, client: Client | None = None) -> int:
        path = f"/api/v1/alerts/{desk.alerts[child]}/parent"
        body = {"parent_id": parent, "reason": "kejadian yang sama"}
        return (client or desk.program(Role.ANALYST)).post(path, json=body).status_code

    def test_a_person_says_which_alert_speaks_for_another(self, desk: Desk) -> None:
        client, clash = desk.program(Role.LIAISON), desk.alerts["clash"]
        assert self.parent(desk, "hoax", clash, client) == 200
        notify_due(desk.store, load_settings(), NOW)
        notices = {n["alert_id"]: n for n in client.get("/api/v1/notices").json()["data"]}
        assert notices[desk.alerts["hoax"]]["held_by"] == f"alert/{clash}"
        assert self.parent(desk, "hoax", None, client) == 200
        assert self.parent(desk, "hoax", None, client) == 409
        assert ("alert.parent", f"alert/{desk.alerts['hoax']}") in audit(desk)

    def test_no_chains_no_rings_and_nothing_finished(self, desk: Desk) -> None:
        client = desk.program(Role.LIAISON)
        assert self.parent(desk, "clash", desk.alerts["clash"], client) == 422
        assert self.parent(desk, "clash", 99999, client) == 404
        assert self.parent(desk, "clash", desk.alerts["dismissed"], client) == 409
        assert self.parent(desk, "hoax", desk.alerts["clash"], client) == 200
        assert self.parent(desk, "clash", desk.alerts["hoax"], client) == 409
        assert self.parent(desk, "logistics", desk.alerts["hoax"], client) == 409
        bound = desk.program(Role.LIAISON, region="63.71")
        assert self.parent(desk, "clash", desk.alerts["neutrality"], bound) == 404


class TestConsole:
    def test_the_pages_say_what_is_ready_and_what_is_held_back(self, told: Desk) -> None:
        page = told.browser(Role.LIAISON).get("/notices").text
        assert "Pemberitahuan" in page
        assert "Siap dikirim" in page
        assert "giliran ini sudah cukup disela" in page
        assert CLASH.headline in page

    def test_a_notice_stands_under_the_place_where_it_happened(self, desk: Desk) -> None:
        """Not under the first of the places that it names, in the order of their codes."""
        with desk.store.write() as session:
            city = replace(CLASH, headline="Massa membakar ban di depan balai kota", regions=["63.71", "63.03"])
            alert_id = add_alert(session, city)
        notify_due(desk.store, load_settings(), NOW)
        page = desk.browser(Role.LIAISON).get("/notices").text
        line = page[page.index("Massa membakar ban") :].split("</th>")[0]
        assert "Kota Banjarmasin" in line
        data = desk.program(Role.ANALYST).get("/api/v1/notices").json()["data"]
        (notice,) = [one for one in data if one["alert_id"] == alert_id]
        assert [place["code"] for place in notice["places"]] == ["63.71", "63.03"]

    def test_a_silence_is_set_and_ended_with_forms(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON)
        csrf = form_token(browser.get("/silences").text)
        fields = {"region": "63.03", "label": "", "hours": "12", "reason": "posko <b>ada</b>", "csrf": csrf}
        assert browser.post("/silences", data=fields).status_code == 303
        page = browser.get("/silences").text
        assert "posko &lt;b&gt;ada&lt;/b&gt;" in page
        assert browser.post("/silences", data=fields).status_code == 409
        for wrong in ({"reason": " "}, {"region": "99"}, {"label": "x"}):
            answer = browser.post("/silences", data=fields | wrong)
            assert answer.status_code == 422
            assert "Senyap tidak dapat dipasang begitu" in answer.text
        assert browser.post("/silences", data=fields | {"hours": "337"}).status_code == 422
        with desk.store.read() as session:
            (one,) = session.scalars(select(SilenceRow)).all()
        assert browser.post(f"/silences/{one.id}/end", data={"csrf": csrf}).status_code == 303
        over = browser.post(f"/silences/{one.id}/end", data={"csrf": csrf})
        assert over.status_code == 409
        assert "Senyap ini sudah berakhir" in over.text

    def test_no_form_works_from_another_site(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON)
        fields = {"region": "63.03", "hours": "12", "reason": "x", "csrf": "0" * 64}
        assert browser.post("/silences", data=fields).status_code == 403
        assert browser.post("/silences/1/end", data={"csrf": "0" * 64}).status_code == 403

    def test_every_page_says_that_the_exercise_failed(self, desk: Desk) -> None:
        browser = desk.browser(Role.LIAISON)
        assert "Latihan 20 Nov" not in browser.get("/alerts").text
        with desk.store.write() as session:
            switch_on(session, "http://127.0.0.1:9/x/feed", load_settings(), NOW - timedelta(days=2))
        for path in ("/alerts", "/notices", "/sources", "/account"):
            assert "Latihan 20 Nov 2024, 02.30 WITA tidak menjadi peringatan" in browser.get(path).text
        ready = desk.stranger().get("/api/v1/ready").json()
        assert (ready["status"], ready["exercise"]) == ("ready", "missing")
        assert SOURCE_ID not in browser.get("/sources").text
        assert "Latihan 20 Nov" not in desk.stranger().get("/login").text

    def test_exercises_are_shown_where_they_are_asked_for(self, desk: Desk) -> None:
        with desk.store.write() as session:
            drill = add_alert(session, CLASH)
            session.execute(update(AlertRow).where(AlertRow.id == drill).values(exercise=True))
        client = desk.program(Role.LIAISON)
        assert drill not in {alert["id"] for alert in client.get("/api/v1/alerts").json()["data"]}
        assert [a["id"] for a in client.get("/api/v1/alerts?exercise=true").json()["data"]] == [drill]


class TestCommands:
    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        """A data folder with a clash that is told already."""
        folder = tmp_path / "data"
        folder.mkdir()
        store = open_url(f"sqlite:///{folder / 'waspada.db'}")
        with store.write() as session:
            add_alert(session, CLASH)
        notify_due(store, load_settings(), NOW)
        store.close()
        return folder

    def run(self, data: Path, *arguments: str) -> Any:
        return CliRunner().invoke(cli, [*arguments, "--data", str(data)])

    @pytest.mark.usefixtures("wide_tables")
    def test_notices_and_silences(self, data: Path) -> None:
        shown = self.run(data, "notices")
        assert shown.exit_code == 0, shown.output
        assert "ready" in shown.output
        assert CLASH.headline in shown.output
        assert self.run(data, "silences", "add", "Kabupaten Banjar", "--hours", "5", "--reason", "posko").exit_code == 0
        listed = self.run(data, "silences", "list").output
        assert "63.03 Kabupaten Banjar" in listed
        assert "in force" in listed
        assert self.run(data, "silences", "end", "1").exit_code == 0
        assert "63.03" not in self.run(data, "silences", "list").output
        assert "ended by cli" in self.run(data, "silences", "list", "--all").output
        store = open_url(f"sqlite:///{data / 'waspada.db'}")
        with store.read() as session:
            actions = session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
            assert session.get(SourceRow, SOURCE_ID) is None
        store.close()
        assert actions == [
            "notice.read", "silence.add", "silence.read", "silence.end", "silence.read", "silence.read",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "arguments",
        [
            ("silences", "add", "63.03", "--reason", "x"),
            ("silences", "add", "63.03", "--reason", "x", "--hours", "2", "--until", "2025-01-01"),
            ("silences", "add", "63.03", "--reason", "x", "--until", "2020-01-01"),
            ("silences", "add", "63.03", "--reason", "x", "--until", "besok"),
            ("silences", "add", "63.03", "--reason", "x", "--hours", "400"),
            ("silences", "add", "63.03", "--reason", "x", "--hours", "1e12"),
            ("silences", "add", "Atlantis", "--reason", "x", "--hours", "4"),
            ("silences", "add", "63.03", "--reason", " ", "--hours", "4"),
            ("silences", "add", "63.03", "--reason", "x", "--hours", "4", "--label", "x"),
            ("silences", "end", "7"),
            ("notices", "--desk", "Atlantis"),
        ],
    )
    def test_what_cannot_be_used_is_one_message(self, data: Path, arguments: tuple[str, ...]) -> None:
        found = self.run(data, *arguments)
        assert isinstance(found.exception, WaspadaError), found.output
        assert found.exception.hint
