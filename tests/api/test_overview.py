"""Map and time line by API and console: the same numbers, no more than the reader may see, and silence is no calm."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select, update

from api.console import words
from api.console.i18n import language
from tests.api.conftest import Client, Desk
from tests.api.sample import CLASH, NOW, add_alert
from tests.api.test_json import problem
from waspada.access import Role
from waspada.sources import day_records
from waspada.sources.days import COUNTRY, Look
from waspada.sources.types import CoverageState
from waspada.store.tables import AlertRow, AuditRow, SourceRow

WITA = ZoneInfo("Asia/Makassar")
HEARD = {CoverageState.COVERED: 13}


def of_map(client: Client, query: str = "region=63") -> dict[str, Any]:
    answer = client.get(f"/api/v1/map?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def by_code(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["id"]: one["properties"] for one in found["features"]}


def test_the_map_counts_what_the_list_shows(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    for query in ("region=63", "region=63&group=open", "region=63&label=neutrality", "region=63&min_level=3", ""):
        found = client.get(f"/api/v1/map?{query}").json()
        listed = client.get(f"/api/v1/alerts?limit=200&{query}").json()["data"]
        assert found["total"] == len(listed), query
        for code, region in by_code(found).items():
            there = [one for one in listed if any(place["code"][:5] == code for place in one["places"])]
            assert region["alerts"] == len(there), (query, code)
            assert region["by_level"] == [sum(one["level"] == level for one in there) for level in range(4)]
            assert region["highest_level"] == max((one["level"] for one in there), default=None)


def test_an_alert_without_a_kabupaten_is_told_beside_the_map(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    before, island_before = of_map(client), of_map(client, "region=kalimantan")
    with desk.store.write() as session:
        add_alert(session, replace(CLASH, regions=["63"]))
        add_alert(session, replace(CLASH, regions=["64.01"]))
        add_alert(session, replace(CLASH, regions=["63.01", "63.02"]))
    after = of_map(client)
    assert (after["total"], after["unplaced"]) == (before["total"] + 2, before["unplaced"] + 1)
    assert [by_code(after)[code]["alerts"] for code in ("63.01", "63.02")] == [1, 1]
    island = of_map(client, "region=kalimantan")
    assert (island["region"], len(island["features"])) == ("kalimantan", 56)
    assert by_code(island)["64.01"]["alerts"] == 1
    assert island["total"] == island_before["total"] + 3
    assert len(of_map(client, "")["features"]) == 514


def test_silence_is_told_from_calm(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    assert by_code(of_map(client, "region=61"))["61.01"]["coverage"] == "none"
    calm = by_code(of_map(client))["63.08"]
    assert (calm["alerts"], calm["coverage"]) == (0, "thin")
    with desk.store.write() as session:
        session.execute(update(SourceRow).values(state="broken", last_success_at=NOW - timedelta(days=9)))
    desk.clock.forward(timedelta(minutes=2))
    silent = by_code(of_map(client))["63.08"]
    assert (silent["alerts"], silent["coverage"]) == (0, "silent")
    page = desk.browser(Role.ANALYST).get("/map").text
    assert 'fill="url(#hatch)"' in page
    assert f"; {language('id').say(words.COVERAGE[CoverageState.SILENT])}</title>" in page


def test_a_reader_sees_no_more_than_their_region(desk: Desk) -> None:
    client = desk.program(Role.LIAISON, region="63.71")
    for query in ("", "region=63", "region=63.71", "region=kalimantan"):
        found = client.get(f"/api/v1/map?{query}").json()
        assert [one["id"] for one in found["features"]] == ["63.71"], query
        assert found["total"] == 1
    for query in ("region=63.03", "region=64", "region=63.03.05"):
        problem(client.get(f"/api/v1/map?{query}"), 404)
        problem(client.get(f"/api/v1/timeline?{query}"), 404)
    line = client.get("/api/v1/timeline?region=63").json()
    assert line["region"] == "63.71"
    assert sum(day["alerts"] for day in line["days"]) == 1
    browser = desk.browser(Role.ANALYST, region="63.71")
    page = browser.get("/map").text
    assert "/alerts?region=63.71" in page
    assert "Seluruh Indonesia" not in page
    assert [browser.get(f"/{page}?region=64").status_code for page in ("map", "timeline")] == [404, 404]


def of_line(client: Client, query: str = "region=63") -> dict[str, Any]:
    answer = client.get(f"/api/v1/timeline?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_time_line_counts_alerts_on_the_day_they_were_opened_in_the_desks_zone(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    before = {day["day"]: day["by_level"][1] for day in of_line(client)["days"]}
    with desk.store.write() as session:
        for moment in ("2024-11-18T15:59:59+00:00", "2024-11-18T16:00:00+00:00"):
            id_ = add_alert(session, replace(CLASH, level=1))
            session.execute(update(AlertRow).where(AlertRow.id == id_).values(opened_at=NOW.fromisoformat(moment)))
    found = of_line(client)
    days = {day["day"]: day for day in found["days"]}
    assert (found["first"], found["last"], found["zone"]) == ("2024-10-24", "2024-12-04", "Asia/Makassar")
    more = [days[day]["by_level"][1] - before[day] for day in ("2024-11-17", "2024-11-18", "2024-11-19")]
    assert more == [0, 1, 1]
    listed = client.get("/api/v1/alerts?region=63&limit=200").json()["data"]
    assert sum(day["alerts"] for day in found["days"]) == len(listed)
    assert sum(day["items"] for day in of_line(client, "")["days"]) > sum(day["items"] for day in found["days"]) > 0
    only = of_line(client, "region=63&min_level=3")
    assert {tuple(day["by_level"][:3]) for day in only["days"]} == {(0, 0, 0)}


def test_a_day_of_the_time_line_leads_to_its_alerts(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    page = browser.get("/timeline").text
    links = re.findall(r'class="day-link" href="([^"]+)" aria-label="[^"]*: (\d+) ', page)
    assert links
    for address, count in links:
        listed = browser.get(address.replace("&amp;", "&")).text
        assert f'<span class="count">{count}</span>' in listed
    assert "opened=2024-11-20" in links[-1][0]
    assert 'name="opened" type="date"' in browser.get("/alerts?opened=2024-11-20").text


def test_a_day_without_a_look_is_not_taken_for_a_calm_one(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    good, deaf = Look(COUNTRY, 6, 8, HEARD), Look(COUNTRY, 0, 8, HEARD)
    with desk.store.write() as session:
        for hour in range(24):
            day_records.keep(session, [good], NOW - timedelta(days=3, hours=hour), WITA)
            day_records.keep(session, [deaf], NOW - timedelta(days=6, hours=hour), WITA)
    days = {date.fromisoformat(day["day"]): day for day in of_line(client, "")["days"]}
    today = NOW.astimezone(WITA).date()
    assert [days[today - timedelta(days=ago)]["hearing"] for ago in (1, 3, 6)] == ["none", "heard", "deaf"]
    assert days[today + timedelta(days=1)]["hearing"] is None
    heard = days[today - timedelta(days=3)]["heard"]
    assert (heard["sources_heard"], heard["sources_total"], heard["regions"]["covered"]) == (6, 8, 13)
    page = desk.browser(Role.ANALYST).get("/timeline?region=indonesia").text
    assert page.count('class="deaf" x=') == 28 - 2  # of two days in which there were looks, each has a half of one
    assert "tidak berjalan" in page


def test_the_stages_of_the_calendar_stand_beside_it(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    names = {stage["name"]: stage for stage in of_line(client)["stages"]}
    assert names["Kampanye"]["first"] == "2024-09-25"
    assert names["Pemungutan suara"]["weight"] == 1
    assert "Pemungutan suara ulang" not in names
    later = of_line(client, "region=63&first=2025-04-01&last=2025-04-30")
    assert [stage["name"] for stage in later["stages"]] == ["Pemungutan suara ulang"]
    assert of_line(client, "region=64&first=2025-04-01&last=2025-04-30")["stages"] == []


def test_reading_either_stands_in_the_audit_log(desk: Desk) -> None:
    client, browser = desk.program(Role.LIAISON), desk.browser(Role.ANALYST)
    for reader, prefix in ((client, "/api/v1"), (browser, "")):
        assert reader.get(f"{prefix}/map?region=63.03").status_code == 200
        assert reader.get(f"{prefix}/timeline?region=63.03").status_code == 200
    with desk.store.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action.in_(["alert.map", "alert.timeline"]))).all()
    assert sorted(row.object for row in rows) == ["map", "map", "timeline", "timeline"]
    assert {row.detail["region"] for row in rows} == {"63.03"}
    assert all("Massa" not in str(row.detail) for row in rows)


def test_both_answer_as_the_document_says(desk: Desk) -> None:
    client = desk.program(Role.LIAISON)
    document = desk.app.openapi()
    for path in ("/api/v1/map", "/api/v1/timeline"):
        described = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer = client.get(f"{path}?region=63")
        Draft202012Validator({**described, "components": document["components"]}).validate(answer.json())
        assert client.get(f"{path}?region=63", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


BOTH = ["region=x", "region=63.7", "region=", "min_level=4", "label=x", "q=1", "region=" + "6" * 60_000]
ODD = {
    "/api/v1/map": [*BOTH, "since=yesterday", "opened_since=2024-11-20", "state=open", "limit=3"],
    "/api/v1/timeline": [
        *BOTH, "first=2024-02-30", "first=20241120", "first=1732060800", "last=x", "first=0001-01-01",
        "last=9999-12-31", "first=2024-01-01&last=2024-12-31", "first=2024-11-20&last=2024-11-19",
        "region=kalimantan",
    ],
    "/map": ["region=x", "level=4", "label=x", "q=1", "period=2d", "state=x", "cursor=a"],
    "/timeline": [
        "region=kalimantan", "first=2024-02-30", "last=x", "first=0001-01-01", "last=9999-12-31",
        "first=2024-01-01&last=2024-12-31", "q=1",
    ],
    "/alerts": ["opened=2024-02-30", "opened=x", "opened=0001-01-01", "opened=9999-12-31"],
}  # fmt: skip


@pytest.mark.parametrize("path", ODD)
def test_odd_questions_are_refused(desk: Desk, path: str) -> None:
    client = desk.program(Role.LIAISON) if path.startswith("/api/") else desk.browser(Role.LIAISON)
    for query in ODD[path]:
        assert client.get(f"{path}?{query}").status_code in (413, 414, 422), query[:60]
    if path != "/alerts":
        assert client.get(f"{path}?region=99").status_code == 404
