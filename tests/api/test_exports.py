"""Exports: the rows that fit, masked, harmless in a spreadsheet, for a purpose, audited, cut with a word."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from api import exports
from tests.api.conftest import Client, Desk, form_token, name_purpose, sign_in
from tests.api.sample import CLASH, add_alert
from waspada.access import Role, Scope
from waspada.alerts.exits import mask
from waspada.audit import AuditAction
from waspada.corrections.repository import left_before
from waspada.store.tables import AlertRow, AuditRow

PURPOSE = {"X-Purpose": "rapat mingguan"}
FILES = ("/api/v1/alerts/export.csv", "/api/v1/alerts/export.geojson")


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/api/v1/alerts/export.csv?{query}", headers=PURPOSE)
    assert answer.status_code == 200, answer.text
    return rows(answer.content.decode())


def log(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    with desk.store.read() as session:
        found = session.scalars(select(AuditRow).where(AuditRow.action == "export.make").order_by(AuditRow.id))
        return [(row.purpose, dict(row.detail)) for row in found]


def test_the_csv_holds_what_fits_best_first(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    found = exported(client, "region=63&min_level=2")
    assert [int(row["id"]) for row in found] == [desk.alerts[name] for name in ("clash", "neutrality", "hoax")]
    first = found[0]
    assert (first["place_code"], first["regency_code"], first["regency"]) == ("63.03.05", "63.03", "Kabupaten Banjar")
    assert (first["verified"], first["level"], first["label_words"]) == ("Belum diverifikasi", "3", "konflik")
    assert first["link"].endswith(f"/alerts/{desk.alerts['clash']}")
    assert [row["verified"] for row in exported(client, "state=verified")] == ["diverifikasi"]
    assert exported(client, "label=fraud") == []


def test_the_geojson_has_points_and_codes(desk: Desk) -> None:
    answer = desk.program(Role.LIAISON).get("/api/v1/alerts/export.geojson?min_level=3", headers=PURPOSE)
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    assert (document["type"], document["cut"]) == ("FeatureCollection", False)
    (one,) = document["features"]
    assert one["type"] == "Feature"
    longitude, latitude = one["geometry"]["coordinates"]
    assert 114 < longitude < 116
    assert -4 < latitude < -2
    assert one["properties"]["place_code"] == "63.03.05"
    assert one["properties"]["regency_code"] == "63.03"


def test_an_alert_without_a_place_has_no_point_and_an_empty_file_is_valid(desk: Desk) -> None:
    with desk.store.write() as session:
        add_alert(session, replace(CLASH, regions=[]))
        add_alert(session, replace(CLASH, regions=["63"]))
    client = desk.program(Role.LIAISON)
    features = client.get("/api/v1/alerts/export.geojson", headers=PURPOSE).json()["features"]
    assert [one["geometry"] for one in features].count(None) == 2
    assert client.get("/api/v1/alerts/export.geojson?label=fraud", headers=PURPOSE).json()["features"] == []


@pytest.mark.parametrize("path", FILES)
def test_an_export_needs_a_right_and_a_purpose_and_is_audited(desk: Desk, path: str) -> None:
    client = desk.program(Role.LIAISON, Scope.READ)
    refused = client.get(path)
    assert (refused.status_code, refused.json()["type"]) == (428, "urn:waspada:problem:purpose-missing")
    assert log(desk) == []
    answer = client.get(f"{path}?region=63", headers=PURPOSE)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["cache-control"] == "private, no-store"
    ((purpose, detail),) = log(desk)
    assert (purpose, detail["found"], detail["region"], detail["cut"]) == ("rapat mingguan", 4, "63", False)
    left = {id_ for name, id_ in desk.alerts.items() if name != "dismissed"}  # that one lies elsewhere
    assert set(detail["alerts"]) == left
    with desk.store.read() as session:  # so that an erasure names the file
        assert len(left_before(session, [desk.alerts["clash"]], AuditAction.EXPORTED)) == 1
        assert left_before(session, [desk.alerts["dismissed"]], AuditAction.EXPORTED) == []
    assert desk.program(Role.AUDITOR).get(path, headers=PURPOSE).status_code == 403
    for query in ("region=x", "words=banjir", "limit=5", "min_level=9"):
        assert client.get(f"{path}?{query}", headers=PURPOSE).status_code == 422, query


def test_a_bound_reader_exports_their_region_only(desk: Desk) -> None:
    client = desk.program(Role.LIAISON, region="63.71")
    assert [int(row["id"]) for row in exported(client)] == [desk.alerts["neutrality"]]
    assert exported(client, "region=63.03") == []


def test_what_is_cut_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    client = desk.program(Role.LIAISON)
    *found, last = exported(client)
    assert len(found) == 2
    assert last["id"].startswith("Terpotong: hanya 2 ")
    document = client.get("/api/v1/alerts/export.geojson", headers=PURPOSE).json()
    assert (document["cut"], len(document["features"])) == (True, 2)
    assert document["note"].startswith("Terpotong")
    assert [detail["cut"] for _, detail in log(desk)] == [True, True]


HOSTILE = [
    '=HYPERLINK("http://x.example","klik")', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", " =1+1", "＝1+1", "|calc",
    "\u202e=1+1", "\u200b=1+1", "\ufeff@x", "a\r\nb", 'x","=1+1', "<script>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("headline", HOSTILE)
def test_no_cell_is_a_formula(desk: Desk, headline: str) -> None:
    with desk.store.write() as session:
        session.get_one(AlertRow, desk.alerts["clash"]).headline = headline
    client = desk.program(Role.LIAISON)
    row = exported(client, "min_level=3")[0]
    assert_harmless(row["headline"])
    document = client.get("/api/v1/alerts/export.geojson?min_level=3", headers=PURPOSE).json()
    assert document["features"][0]["properties"]["headline"] == mask(headline)


@given(st.text(max_size=60))
@example("=1")
@example("\u2066-1")
def test_whatever_a_text_is_its_cell_is_harmless(text: str) -> None:
    assert_harmless(exports.cell(text))
    assert_harmless(exports.cell("=" + text))


def assert_harmless(cell: str) -> None:
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not any(c in cell for c in "\t\r\n\x00")
    assert not any(0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069 or c in "\u200e\u200f" for c in cell)


def test_private_persons_are_masked_in_both_files(desk: Desk) -> None:
    with desk.store.write() as session:
        row = session.get_one(AlertRow, desk.alerts["clash"])
        row.headline, row.why = "Warga bernama Rudi Hartono (34) terluka", "Menurut keluarga Rudi Hartono (34)."
    client = desk.program(Role.LIAISON)
    for path in FILES:
        text = client.get(path, headers=PURPOSE).content.decode()
        assert "Rudi" not in text
        assert "[nama]" in text


class TestConsole:
    def test_the_buttons_keep_the_choices_of_the_list(self, desk: Desk) -> None:
        browser = name_purpose(desk.browser(Role.LIAISON))
        page = browser.get("/alerts?region=63.71&period=any").text
        assert 'href="/alerts/export.csv?region=63.71&amp;period=any"' in page
        found = rows(browser.get("/alerts/export.csv?region=63.71&period=any").content.decode())
        assert [int(row["id"]) for row in found] == [desk.alerts["neutrality"]]
        assert json.loads(browser.get("/alerts/export.geojson").content)["type"] == "FeatureCollection"

    def test_a_session_without_a_purpose_of_its_own_is_asked_once(self, desk: Desk) -> None:
        browser = desk.new_client()
        assert sign_in(browser, desk.token(Role.LIAISON), purpose="daily watch").status_code == 303
        asked = browser.get("/alerts/export.csv?region=63")
        assert asked.status_code == 303
        assert asked.headers["location"] == "/purpose?next=%2Falerts%2Fexport.csv%3Fregion%3D63"
        page = browser.get(asked.headers["location"])
        assert "Untuk apa ini?" in page.text
        form = {"csrf": form_token(page.text), "next": "/alerts/export.csv?region=63"}
        for wrong in ("", "Rudi Hartono"):
            assert browser.post("/purpose", data={**form, "purpose": wrong}).status_code == 422
        named = browser.post("/purpose", data={**form, "purpose": "clarification"})
        assert (named.status_code, named.headers["location"]) == (303, "/alerts/export.csv?region=63")
        assert browser.get(named.headers["location"]).status_code == 200
        assert browser.get("/alerts/export.geojson").status_code == 200
        assert [purpose for purpose, _ in log(desk)] == ["clarification", "clarification"]
        with desk.store.read() as session:
            said = session.scalars(select(AuditRow.purpose).where(AuditRow.action == "access.purpose")).all()
        assert said == ["clarification"]
        away = browser.post("/purpose", data={**form, "purpose": "incident", "next": "https://elsewhere.example"})
        assert away.headers["location"] == "/"
