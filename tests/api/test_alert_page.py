"""The page of an alert and its document: the story in quotes, reports by outlet, neighbours, places, confidence."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.api.conftest import Desk
from tests.api.sample import CLASH, NOW, Report, add_alert
from waspada.access import Role
from waspada.jobs.erase import Cause, erase_items
from waspada.store.tables import AlertRow, AuditRow, ItemRow


def document(desk: Desk, name: str, **who: Any) -> dict[str, Any]:
    answer = desk.program(Role.ANALYST, **who).get(f"/api/v1/alerts/{desk.alerts[name]}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def added(desk: Desk, *reports: Report) -> int:
    with desk.store.write() as session:
        return add_alert(session, replace(CLASH, reports=list(reports)))


class TestStory:
    def test_the_document_and_the_page_tell_it_in_the_reports_own_sentences(self, desk: Desk) -> None:
        story = document(desk, "clash")["story"]
        assert story["paragraph"] == (
            "Kabar Banua Kita (20 Nov 2024, 08.48 WITA; juga 1 media lain): “Kaca depan kantor camat pecah terkena "
            "lemparan batu saat rekapitulasi berlangsung.” Warta Intan (09.30): “Dua kelompok pendukung saling lempar "
            "batu di depan kantor kecamatan sekitar pukul 09.30 Wita.” Warta Intan (09.30): “Tujuh orang luka, dua di "
            "antaranya dirawat di rumah sakit.”"
        )
        page = desk.browser(Role.LIAISON).get(f"/alerts/{desk.alerts['clash']}").text
        shown = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", page.partition('<p class="story"')[2].partition("</p>")[0]))
        assert story["paragraph"] in shown
        for quote in story["quotes"]:
            assert f'id="item-{quote["item_id"]}"' in page

    def test_the_other_voice_is_one_of_the_quotes(self, desk: Desk) -> None:
        quotes = document(desk, "hoax")["story"]["quotes"]
        assert [(one["voice"], one["text"]) for one in quotes] == [
            ("evidence", "Pesan berantai menyebut TPS di Banjarbaru ditutup pukul 10.00."),
            ("counter", "KPU kota menyatakan itu tidak benar."),
        ]
        assert "Suara lain:" in desk.browser(Role.LIAISON).get(f"/alerts/{desk.alerts['hoax']}").text

    def test_erased_reports_leave_it(self, desk: Desk) -> None:
        with desk.store.write() as session:
            item = session.scalars(select(ItemRow.id).where(ItemRow.outlet == "Warta Intan").limit(1)).one()
            erase_items(session, [item], NOW, cause=Cause.REQUEST)
        assert "Tujuh orang luka" not in document(desk, "clash")["story"]["paragraph"]

    def test_hostile_words_and_names_leave_it_as_harmless_text(self, desk: Desk) -> None:
        text = "«<script>alert(1)</script> Warga bernama Rudi Hartono luka.” Polri (10.00): “Semua aman.»"
        alert = added(desk, Report("Warta <b>Intan</b>", "Judul", text))
        page = desk.browser(Role.LIAISON).get(f"/alerts/{alert}").text
        assert "<script>alert" not in page
        assert "<b>Intan" not in page
        paragraph = desk.program(Role.ANALYST).get(f"/api/v1/alerts/{alert}").json()["story"]["paragraph"]
        assert "Rudi" not in paragraph
        assert "Rudi" not in page
        assert paragraph.count("“") == 1


class TestNeighbours:
    def test_they_say_which_part_makes_the_difference(self, desk: Desk) -> None:
        found = document(desk, "neutrality")["neighbours"]
        assert found["listed"]
        assert (found["above"]["alert"]["id"], found["above"]["part"]) == (desk.alerts["clash"], "level")
        assert found["below"]["alert"]["id"] == desk.alerts["hoax"]
        page = desk.browser(Role.LIAISON).get(f"/alerts/{desk.alerts['neutrality']}").text
        for one in (found["above"], found["below"]):
            assert one["sentence"] in page
            assert f'href="/alerts/{desk.alerts["neutrality"]}/compare/{one["alert"]["id"]}"' in page

    def test_the_first_says_so(self, desk: Desk) -> None:
        assert document(desk, "clash")["neighbours"]["above"] is None
        assert "Ini yang teratas" in desk.browser(Role.LIAISON).get(f"/alerts/{desk.alerts['clash']}").text

    def test_a_bound_reader_learns_of_no_alert_elsewhere(self, desk: Desk) -> None:
        assert document(desk, "neutrality", region="63.71")["neighbours"] == {
            "listed": True, "above": None, "below": None
        }  # fmt: skip
        page = desk.browser(Role.LIAISON, region="63.71").get(f"/alerts/{desk.alerts['neutrality']}").text
        assert f'/alerts/{desk.alerts["clash"]}"' not in page

    def test_a_finished_one_has_none(self, desk: Desk) -> None:
        assert not document(desk, "dismissed")["neighbours"]["listed"]
        page = desk.browser(Role.LIAISON).get(f"/alerts/{desk.alerts['dismissed']}").text
        assert "tidak ada di daftar yang masih terbuka" in page

    def test_what_one_saw_beside_it_stands_in_the_log(self, desk: Desk) -> None:
        document(desk, "neutrality")
        desk.browser(Role.LIAISON).get(f"/alerts/{desk.alerts['neutrality']}")
        with desk.store.read() as session:
            rows = session.scalars(select(AuditRow).where(AuditRow.action == "alert.read")).all()
        assert [row.detail["beside"] for row in rows] == [[desk.alerts["clash"], desk.alerts["hoax"]]] * 2


def test_reports_stand_by_outlet_newest_first_and_long_lists_are_folded(desk: Desk) -> None:
    many = [Report("Warta Intan", f"Laporan {n}", f"«Kejadian {n}.»", hours_ago=n) for n in (3, 1, 4, 2)]
    others = [Report(f"Media {n}", "Lain", "«Lain.»", hours_ago=5 + n) for n in range(7)]
    page = desk.browser(Role.LIAISON).get(f"/alerts/{added(desk, *others, *many)}").text
    heads = re.findall(r"<h3><bdi>([^<]+)</bdi> <span class=\"quiet\">(\d+) laporan", page)
    assert heads[0] == ("Warta Intan", "4")
    assert [name for name, _ in heads[1:]] == [f"Media {n}" for n in range(7)]
    seen = page.partition("2 laporan lamanya")[0]
    assert re.findall(r"<bdi>(Laporan \d)", seen) == ["Laporan 1", "Laporan 2"]
    assert re.findall(r"<bdi>(Laporan \d)", page) == [f"Laporan {n}" for n in (1, 2, 3, 4)]
    assert "2 media lagi" in page


def test_an_edited_report_leads_to_what_was_changed(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    page = browser.get(f"/alerts/{desk.alerts['clash']}").text
    (way,) = re.findall(r'href="(/items/\d+)#edits"', page)
    assert 'id="edits"' in browser.get(way).text


def test_places_lead_to_their_alerts_and_say_where_they_come_from(desk: Desk) -> None:
    with desk.store.write() as session:
        alert = add_alert(session, replace(CLASH, regions=["63.03.05", "63.71"]))
    page = desk.browser(Role.LIAISON).get(f"/alerts/{alert}").text
    panel = page.partition('<h2 id="places">')[2].partition("</section>")[0]
    assert re.findall(r'href="/alerts\?region=([\d.]+)"', panel) == ["63.03.05", "63.71"]
    first, second = panel.split("</li>")[:2]
    assert "Disebut dalam 3 laporan." in first
    assert "Tempat kejadian menurut mesin." in first
    assert "Tidak disebut laporan yang tampil" in second


@pytest.mark.parametrize(
    ("p", "said"), [(0.94, "sangat mungkin"), (0.951, "hampir pasti"), (0.5, "kurang lebih berimbang")]
)
def test_confidence_has_the_same_words_everywhere(desk: Desk, p: float, said: str) -> None:
    with desk.store.write() as session:
        session.execute(update(AlertRow).where(AlertRow.id == desk.alerts["clash"]).values(confidence=p))
    assert document(desk, "clash")["confidence_words"] == said
    browser = desk.browser(Role.LIAISON)
    assert f"{said} ({round(p * 100)}%)" in browser.get(f"/alerts/{desk.alerts['clash']}").text
    assert f"Keyakinan {round(p * 100)}%: {said}" in browser.get("/alerts").text
