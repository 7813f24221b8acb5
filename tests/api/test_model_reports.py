"""Monthly reports of the model over the API and in the console: who reads them, and what bad input gets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from api.console.views.model_reports import WIDTH, chart_of
from tests.api.conftest import Desk
from tests.api.test_console import outline
from tests.drift.months import MODEL, NOW, fill
from waspada.access import Role
from waspada.clock import DEFAULT_ZONE, month_of
from waspada.drift import repository
from waspada.drift.service import make_report
from waspada.drift.types import Outlets
from waspada.jobs.model_report import report_due
from waspada.store.tables import AuditRow, ModelReportRow

PATH = "/api/v1/models/reports"


@pytest.fixture
def month(desk: Desk) -> Desk:
    """A desk with the report of October 2024, in November."""
    desk.clock.now = NOW
    with desk.store.write() as session:
        fill(session)
    assert report_due(desk.store, DEFAULT_ZONE, MODEL, NOW) is not None
    return desk


def test_a_report_is_read_by_those_who_read_models(month: Desk) -> None:
    for role in (Role.ANALYST, Role.OPERATOR, Role.AUDITOR, Role.ADMIN):
        client = month.program(role)
        (line,) = client.get(PATH).json()["data"]
        assert (line["month"], line["model"], line["changed"]) == ("2024-10", MODEL, ["conflict", "alert_1", "alert_2"])
        found = client.get(f"{PATH}/2024-10").json()
        assert (found["month"], found["heard"]["known"], found["heard"]["new"]) == ("2024-10", 150, 90)
        assert found["rates"]["known"][0]["change"] == "changed"
        assert [one["change"] for one in found["shifts"]].count("changed") == 3
    liaison = month.program(Role.LIAISON)
    assert (liaison.get(PATH).status_code, liaison.get(f"{PATH}/2024-10").status_code) == (403, 403)
    assert month.stranger().get(f"{PATH}/2024-10").status_code == 401


def test_reading_one_is_noted_and_writes_no_report(month: Desk) -> None:
    month.program(Role.ANALYST).get(f"{PATH}/2024-10")
    month.program(Role.ANALYST, region="63").get(f"{PATH}/2024-09")
    with month.store.read() as session:
        noted = session.scalars(select(AuditRow.object).where(AuditRow.action == "model.read")).all()
        assert noted == ["report/2024-10"]
        assert session.scalar(select(func.count()).select_from(ModelReportRow)) == 1


def test_what_is_no_month_and_what_has_no_report(month: Desk) -> None:
    program, browser = month.program(Role.ANALYST), month.browser(Role.ADMIN)
    odd = ("2024-13", "2024-1", "202410", "kemarin", "2024-10-01", "%00", "٢٠٢٤-10", "x" * 300)
    for named, status in {
        "2024-09": 404,
        "2024-11": 422,
        "2024-12": 422,
        "2099-01": 422,
        **dict.fromkeys(odd, 422),
    }.items():
        answer = program.get(f"{PATH}/{named}")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), named
        assert browser.get(f"/models/reports/{named}").status_code == status, named
    assert "waspada models report --month 2024-09" in program.get(f"{PATH}/2024-09").text


def test_queries_are_refused(month: Desk) -> None:
    client = month.program(Role.ANALYST)
    for path in (PATH, f"{PATH}/2024-10"):
        assert client.get(path, params={"all": "1"}).status_code == 422


def test_the_pages_say_the_same(month: Desk) -> None:
    browser = month.browser(Role.ANALYST)
    assert 'href="/models/reports"' in browser.get("/models").text
    listed = browser.get("/models/reports")
    assert 'href="/models/reports/2024-10"' in listed.text
    page = browser.get("/models/reports/2024-10?lang=en").text
    for words in (
        "Model report of 2024-10",
        MODEL,
        "38 of 150",
        "45 of 90",
        "<b>changed</b>",
        "too few to say",
        "<svg",
    ):
        assert words in page, words
    for address in ("/models/reports", "/models/reports/2024-10"):
        found = outline(browser.get(address).text)
        assert (found.problems, found.open) == ([], [])
        assert len(found.ids) == len(set(found.ids))
    assert "Laporan model bulan 2024-10" in browser.get("/models/reports/2024-10?lang=id").text
    assert month.browser(Role.LIAISON).get("/models/reports").status_code == 403


def test_an_empty_month_and_a_desk_without_reports_say_so(desk: Desk) -> None:
    desk.clock.now = NOW
    browser = desk.browser(Role.ANALYST)
    assert "No month is over yet" in browser.get("/models/reports?lang=en").text
    with desk.store.read() as session:
        empty = make_report(session, month_of("2021-03"), default=MODEL, zone=DEFAULT_ZONE, now=NOW)
    with desk.store.write() as session:
        repository.save(session, empty)
    assert "Nothing was heard in this month." in browser.get("/models/reports/2021-03?lang=en").text
    assert desk.program(Role.ADMIN).get(f"{PATH}/2021-03").json()["heard"]["known"] == 0
    assert chart_of(empty.rates[Outlets.KNOWN]) is None


def test_marks_of_the_picture_lie_in_it(month: Desk) -> None:
    with month.store.read() as session:
        rates = repository.get(session, "2024-10").rates[Outlets.KNOWN]
    chart = chart_of(rates)
    assert chart is not None
    assert (chart.width, len(chart.rows)) == (WIDTH, len(rates))
    assert 2 <= len(chart.ticks) <= 6
    for row in chart.rows:
        for one in (row.now, row.before):
            assert one is not None
            assert 0 <= one.low <= one.middle <= one.high <= WIDTH
            assert 0 < one.y < chart.bottom < chart.height
    assert [row.rate.figure for row in chart.rows if row.is_changed] == ["conflict", "alert_1", "alert_2"]


def test_a_report_is_the_same_to_a_program_that_asks_again(month: Desk) -> None:
    client = month.program(Role.ANALYST)
    tag = client.get(f"{PATH}/2024-10").headers["etag"]
    assert client.get(f"{PATH}/2024-10", headers={"If-None-Match": tag}).status_code == 304
    month.clock.forward(timedelta(days=1))
    assert client.get(f"{PATH}/2024-10").headers["etag"] == tag
