"""The form for field reports in a real browser with the network cut, and with a server that dies while it takes one."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tests.api.conftest import form_token
from tests.api.sample import fill
from tests.e2e.desk.served import Served, fits, served
from tests.e2e.programs import environment
from tests.empty import put_empty_store
from tests.patience import until
from waspada.access import Role, add_user, issue_token
from waspada.access.policy import widest_scope
from waspada.clock import utc_now
from waspada.reports import repository, service
from waspada.reports.types import EventKind, FieldReport, HowKnown, NewReport, ReportFilter, ReportState, Sender
from waspada.settings import Settings
from waspada.store import Store, open_store
from waspada.store.tables import ItemRow, UserRow

MARTAPURA, KERATON = "63.03.05", "63.03.05.1001"
ROOT = Path(__file__).resolve().parents[3]
FIRST = "Dua kelompok pemuda saling dorong di depan balai desa."
SECOND = "Kotak suara untuk dua TPS belum datang sampai sore ini."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, fill, clock=utc_now) as running:
        add_people(running.store)
        yield running


def add_people(store: Store) -> None:
    long_ago = utc_now() - timedelta(days=20)
    with store.write() as session:
        for name, role, region in (
            ("kader-1", Role.REPORTER, MARTAPURA),
            ("kader-2", Role.REPORTER, KERATON),
            ("meja-kecamatan", Role.LIAISON, MARTAPURA),
        ):
            add_user(session, name, role, region, actor="test", now=long_ago)


def stored(store: Store) -> list[FieldReport]:
    with store.read() as session:
        return list(reversed(repository.search(session, ReportFilter())))


def at_form(desk: Served, page: Any, name: str = "kader-1") -> Any:
    """The form, ready to work without a network."""
    desk.signed_in(page, Role.REPORTER, name).goto(f"{desk.base}/reports/new")
    expect(page.locator("#report-desk[data-ready=yes]")).to_be_attached()
    return page


def write(page: Any, text: str, kind: str = "Konflik atau bentrokan") -> None:
    page.get_by_label(kind).check()
    page.get_by_label("Apa yang terjadi").fill(text)
    page.get_by_role("button", name="Kirim", exact=True).click()


def waiting(page: Any) -> Any:
    return page.locator("#report-waiting > li")


def left(page: Any) -> int:
    """How many reports wait in the browser's own storage."""
    return int(
        page.evaluate(
            """() => new Promise((resolve, reject) => {
              const opening = indexedDB.open("waspada-reports");
              opening.onerror = () => reject(opening.error);
              opening.onsuccess = () => {
                const counting = opening.result.transaction("outbox").objectStore("outbox").count();
                counting.onsuccess = () => { opening.result.close(); resolve(counting.result); };
              };
            })"""
        )
    )


def test_two_reports_written_without_a_network_arrive_once_each(phone_page: Any, desk: Served) -> None:
    page = at_form(desk, phone_page)
    page.context.set_offline(True)
    write(page, FIRST)
    expect(waiting(page)).to_have_count(1)
    write(page, SECOND, "Logistik pemilu")
    expect(waiting(page)).to_have_count(2)
    page.reload()
    expect(waiting(page)).to_have_count(2)
    expect(page.locator("#report-offline")).to_be_visible()
    assert fits(page)
    assert stored(desk.store) == []
    page.context.set_offline(False)
    until(lambda: left(page) == 0, "the way of both to the desk")
    expect(page.locator("#report-said")).to_contain_text("Terkirim")
    page.reload()
    expect(page.locator("#report-desk[data-ready=yes]")).to_be_attached()
    found = stored(desk.store)
    assert [(one.text, one.kind, one.region) for one in found] == [
        (FIRST, EventKind.CONFLICT, MARTAPURA),
        (SECOND, EventKind.LOGISTICS, MARTAPURA),
    ]


def test_an_answer_that_is_lost_makes_no_second_report(page: Any, desk: Served) -> None:
    at_form(desk, page)
    lost: list[int] = []

    def lose(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/api/v1/reports", lose)
    write(page, FIRST)
    expect(page.locator("#report-said")).to_contain_text("Terkirim")
    assert lost == [201]
    assert [one.text for one in stored(desk.store)] == [FIRST]


def test_a_session_that_ended_loses_nothing(page: Any, desk: Served) -> None:
    at_form(desk, page)
    page.context.clear_cookies()
    write(page, FIRST)
    expect(page.locator("#report-said")).to_contain_text("Masuklah lagi")
    expect(waiting(page)).to_have_count(1)
    at_form(desk, page)
    expect(page.locator("#report-outbox")).to_be_hidden()
    assert [one.text for one in stored(desk.store)] == [FIRST]


def test_a_draft_comes_back_and_whoever_signs_out_leaves_nothing(page: Any, desk: Served) -> None:
    at_form(desk, page)
    page.get_by_label("Apa yang terjadi").fill("Belum selesai ditulis")
    expect(page.locator("#report-draft")).to_contain_text("draf")
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_label("Apa yang terjadi")).to_have_value("Belum selesai ditulis")
    write(page, FIRST)
    expect(waiting(page)).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator("#report-said")).to_contain_text("Terkirim")
    page.get_by_role("button", name="Keluar").click()
    page.wait_for_url(re.compile("/login"))
    left = page.evaluate(
        "async () => [(await indexedDB.databases()).map((one) => one.name), await caches.keys(),"
        " (await navigator.serviceWorker.getRegistrations()).length]"
    )
    assert left == [[], [], 0]


def test_signing_out_with_reports_that_wait_asks_first(page: Any, desk: Served) -> None:
    at_form(desk, page)
    page.route("**/api/v1/reports", lambda route: route.abort())
    write(page, FIRST)
    expect(waiting(page)).to_have_count(1)
    said: list[str] = []

    def answer(dialog: Any) -> None:
        said.append(dialog.message)
        if len(said) == 1:
            dialog.dismiss()
        else:
            dialog.accept()

    page.on("dialog", answer)
    page.get_by_role("button", name="Keluar").click()
    until(lambda: page.wait_for_timeout(20) is None and len(said) == 1, "the question")
    expect(waiting(page)).to_have_count(1)
    page.get_by_role("button", name="Keluar").click()
    page.wait_for_url(re.compile("/login"))
    assert said[0].startswith("1 laporan")


def test_another_account_sees_nothing_of_the_one_before(page: Any, desk: Served) -> None:
    at_form(desk, page)
    page.route("**/api/v1/reports", lambda route: route.abort())
    write(page, FIRST)
    expect(waiting(page)).to_have_count(1)
    page.context.clear_cookies()
    page.unroute("**/api/v1/reports")
    at_form(desk, page, "kader-2")
    expect(waiting(page)).to_have_count(0)
    assert stored(desk.store) == []


@pytest.mark.parametrize("text", ["<script>alert(1)</script> <img src=x onerror=alert(1)> di balai desa", "x" * 10])
def test_markup_is_words(page: Any, desk: Served, text: str) -> None:
    said: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    at_form(desk, page)
    page.context.set_offline(True)
    write(page, text)
    expect(waiting(page)).to_contain_text(text[:40])
    page.context.set_offline(False)
    expect(page.locator("#report-said")).to_contain_text("Terkirim")
    page.goto(f"{desk.base}/reports/own")
    expect(page.locator("article .report-text")).to_have_text(text)
    assert said == []


def test_too_long_a_text_is_refused_in_words_also_without_a_network(page: Any, desk: Served) -> None:
    at_form(desk, page)
    page.context.set_offline(True)
    page.get_by_label("Apa yang terjadi").evaluate(
        "(field) => { field.value = 'a'.repeat(10 * 1024 * 1024);"
        " field.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.locator("#report-said")).to_contain_text("terlalu panjang")
    expect(waiting(page)).to_have_count(0)
    page.get_by_label("Apa yang terjadi").fill("pendek")
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.locator("#report-said")).to_contain_text("terlalu sedikit")
    assert stored(desk.store) == []


def test_without_javascript_it_is_a_plain_form(browser: Any, desk: Served) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    try:
        context.add_cookies(desk.cookies(Role.REPORTER, "kader-2"))
        page = context.new_page()
        page.goto(f"{desk.base}/reports/new")
        page.get_by_label("Apa yang terjadi").fill("Baru sebagian dari isinya")
        page.get_by_role("button", name="Simpan draf").click()
        page.get_by_role("link", name="Lanjutkan menulis").click()
        assert page.get_by_label("Apa yang terjadi").input_value() == "Baru sebagian dari isinya"
        page.get_by_label("Apa yang terjadi").fill("pendek")
        page.get_by_role("button", name="Kirim", exact=True).click()
        assert "terlalu sedikit" in page.locator("#report-said").inner_text()
        page.get_by_label("Apa yang terjadi").fill(SECOND)
        page.get_by_role("button", name="Kirim", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Terkirim")
        expect(page.locator("#drafts")).to_have_count(0)
        assert [one.text for one in stored(desk.store)] == [SECOND]
    finally:
        context.close()


def test_the_pages_of_a_reporter_and_of_a_clarifier_have_no_barrier(browser: Any, desk: Served) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    keys = desk.app.state.context.reports
    now = utc_now()
    with desk.store.write() as session:
        ids = dict(session.execute(select(UserRow.name, UserRow.id)).all())
        me = Sender(ids["kader-1"], "kader-1", MARTAPURA)
        made = [
            service.send(
                session,
                keys,
                me,
                NewReport(f"report-number-{n:04}", KERATON, EventKind.HOAX, HowKnown.TOLD, FIRST, now),
                now,
            ).report_id
            for n in range(3)
        ]
        service.ask(session, made[0], "Kapan tepatnya?", actor="meja-kecamatan", revision=1, now=now)
        for id_ in made[1:]:
            service.decide(session, id_, ReportState.CLARIFIED, "Dicek.", actor="meja-kecamatan", revision=1, now=now)
        service.forward(session, [made[1]], "Hoaks di Keraton sudah dijelaskan.", actor="meja-kecamatan", now=now)
    axe, problems = Axe(), []
    of_role = {
        (Role.REPORTER, "kader-1"): ["/reports/new", "/reports/own"],
        (Role.LIAISON, "meja-kecamatan"): [
            "/reports", *(f"/reports/{id_}" for id_ in made), f"/reports/forward?report={made[2]}",
            "/reports/recap", "/reports/periodic", f"/reports/{made[0]}/sender",
        ],
    }  # fmt: skip
    for (role, name), paths in of_role.items():
        for width, scheme in ((360, "light"), (1280, "dark")):
            context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
            context.add_cookies(desk.cookies(role, name))
            page = context.new_page()
            for path in paths:
                assert page.goto(desk.base + path).status == 200, path
                assert fits(page), (path, width)
                for found in axe.run(page).response["violations"]:
                    problems += [(path, found["id"], node["target"], node["failureSummary"]) for node in found["nodes"]]
            context.close()
    assert problems == []


@pytest.mark.parametrize("when", ["arrived", "written", "answered"])
def test_a_server_killed_while_it_takes_a_report_in(page: Any, tmp_path: Path, when: str) -> None:
    """It dies by SIGKILL at that moment; the phone sends again to the next one, and there is one report."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(data_dir=tmp_path / "desk", port=port)
    put_empty_store(settings.data_dir)
    store, base = open_store(settings), f"http://127.0.0.1:{port}"
    try:
        add_people(store)
        with store.write() as session:
            now = utc_now()
            secret = issue_token(session, "kader-1", "test", widest_scope(Role.REPORTER), now=now).secret
        with running(settings, when) as first:
            page.context.add_cookies(cookies_of(base, secret))
            page.goto(f"{base}/reports/new")
            expect(page.locator("#report-desk[data-ready=yes]")).to_be_attached()
            write(page, FIRST)
            assert first.wait(60) == -signal.SIGKILL
            expect(waiting(page)).to_have_count(1)
            assert len(stored(store)) == (1 if when == "answered" else 0)
        with running(settings, "never"):
            assert left(page) in (0, 1)  # the page tries again by itself
            page.reload()
            until(lambda: left(page) == 0, "the report's way to the next server")
        assert [one.text for one in stored(store)] == [FIRST]
        with store.read() as session:
            assert len(session.scalars(select(ItemRow.id)).all()) == 1
    finally:
        store.close()


@contextmanager
def running(settings: Settings, when: str) -> Iterator[subprocess.Popen[bytes]]:
    arguments = [str(settings.data_dir), str(settings.port), when]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.desk.mortal", *arguments], cwd=ROOT, env=environment()
    ) as process:
        try:
            until(lambda: _answers(settings.port), "the application")
            yield process
        finally:
            process.kill()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/v1/health", timeout=5).status_code < 500
    except httpx.HTTPError:
        return False


def cookies_of(base: str, secret: str) -> list[dict[str, Any]]:
    with httpx.Client(base_url=base, timeout=30) as client:
        form = {"csrf": form_token(client.get("/login").text), "token": secret, "purpose": "incident"}
        answer = client.post("/login", data=form)
        assert answer.status_code == 303, answer.text
        return [{"name": name, "value": value, "url": base} for name, value in client.cookies.items()]


def test_a_draft_of_the_desk_is_sent_and_stands_in_no_later_form(page: Any, desk: Served) -> None:
    with desk.store.write() as session:
        me = session.scalars(select(UserRow.id).where(UserRow.name == "kader-1")).one()
        keys, fields = desk.app.state.context.reports, {"text": SECOND, "kind": "logistics"}
        service.save_draft(session, keys, me, "draft-of-the-desk-1", fields, utc_now())
    desk.signed_in(page, Role.REPORTER, "kader-1").goto(f"{desk.base}/reports/own")
    page.get_by_role("link", name="Lanjutkan menulis").click()
    expect(page.get_by_label("Apa yang terjadi")).to_have_value(SECOND)
    expect(page.locator("#report-desk[data-ready=yes]")).to_be_attached()
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.locator("#report-said")).to_contain_text("Terkirim")
    expect(page.get_by_label("Apa yang terjadi")).to_have_value("")
    page.context.set_offline(True)
    page.goto(f"{desk.base}/reports/new")
    expect(page.get_by_label("Apa yang terjadi")).to_have_value("")
    assert [(one.text, one.kind) for one in stored(desk.store)] == [(SECOND, EventKind.LOGISTICS)]
    with desk.store.read() as session:
        assert service.drafts(session, keys, me) == []
