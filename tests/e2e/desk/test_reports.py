"""The form for field reports in a real browser with the network cut, and with a server that dies while it takes one."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tests.api.conftest import form_token
from tests.api.sample import fill
from tests.e2e.desk.barriers import barriers
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


def own(desk: Served, name: str) -> list[str]:
    """The words of an account's own reports."""
    region = KERATON if name == "kader-2" else MARTAPURA
    with desk.store.read() as session:
        me = session.scalars(select(UserRow.id).where(UserRow.name == name)).one()
        return [one.text for one in service.own(session, desk.app.state.context.reports, me, region)]


def one_waits(desk: Served, page: Any, text: str = FIRST) -> None:
    """A report of kader-1 waits in the browser, and its session is over."""
    at_form(desk, page)
    page.route("**/api/v1/reports", lambda route: route.abort())
    write(page, text)
    expect(waiting(page)).to_have_count(1)
    page.context.clear_cookies()
    page.unroute("**/api/v1/reports")


def change(page: Any, wanted: dict[str, Any]) -> None:
    """In the browser's own storage: adds to `outbox` and `drafts`, and changes `every` report that waits."""
    page.evaluate(
        """(wanted) => new Promise((resolve, reject) => {
          const opening = indexedDB.open("waspada-reports");
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const transaction = opening.result.transaction(["outbox", "drafts"], "readwrite");
            const [outbox, drafts] = [transaction.objectStore("outbox"), transaction.objectStore("drafts")];
            const getting = outbox.getAll();
            getting.onsuccess = () => {
              for (const one of getting.result) outbox.put({ ...one, ...wanted.every });
              for (const one of wanted.outbox ?? []) outbox.put(one);
              for (const one of wanted.drafts ?? []) drafts.put(one);
            };
            transaction.oncomplete = () => { opening.result.close(); resolve(); };
            transaction.onabort = () => reject(transaction.error);
          };
        })""",
        wanted,
    )


def test_what_waits_is_its_own_accounts_alone(page: Any, desk: Served) -> None:
    one_waits(desk, page)
    at_form(desk, page, "kader-2")
    expect(waiting(page)).to_have_count(0)
    expect(page.locator("#report-sealed")).to_contain_text("akun lain menunggu di ponsel ini: 1")
    write(page, SECOND)
    expect(page.locator("#report-said")).to_contain_text("Terkirim")
    assert (own(desk, "kader-1"), own(desk, "kader-2")) == ([], [SECOND])
    page.get_by_role("button", name="Keluar").click()
    page.wait_for_url(re.compile("/login"))
    assert left(page) == 1
    at_form(desk, page)
    until(lambda: left(page) == 0, "the way of the first account's report")
    expect(page.locator("#report-sealed")).to_be_hidden()
    assert (own(desk, "kader-1"), own(desk, "kader-2")) == ([FIRST], [SECOND])


def test_the_form_of_another_account_sends_nothing_as_the_one_that_signed_in(page: Any, desk: Served) -> None:
    at_form(desk, page)
    page.context.clear_cookies()
    desk.signed_in(page, Role.REPORTER, "kader-2")
    write(page, FIRST)
    expect(page.locator("#report-said")).to_contain_text("Akun lain sedang masuk")
    expect(waiting(page)).to_have_count(1)
    assert stored(desk.store) == []
    page.context.clear_cookies()
    at_form(desk, page)
    expect(page.locator("#report-outbox")).to_be_hidden()
    assert (own(desk, "kader-1"), own(desk, "kader-2")) == ([FIRST], [])


def test_reports_of_another_account_are_kept_for_a_week(page: Any, desk: Served) -> None:
    one_waits(desk, page)
    change(page, {"every": {"at": (utc_now() - timedelta(days=6)).timestamp() * 1000}})
    at_form(desk, page, "kader-2")
    assert left(page) == 1
    change(page, {"every": {"at": (utc_now() - timedelta(days=8)).timestamp() * 1000}})
    at_form(desk, page, "kader-2")
    expect(page.locator("#report-sealed")).to_be_hidden()
    assert left(page) == 0


def test_what_bears_no_owner_is_nobodys(page: Any, desk: Served) -> None:
    at_form(desk, page)
    one: dict[str, Any] = {"place": MARTAPURA, "kind": "other", "known": "seen", "happened": "2024-11-20T09:00"}
    one |= {"text": FIRST, "at": utc_now().timestamp() * 1000}
    change(page, {"outbox": [{**one, "key": "nobodys-report-01"}], "drafts": [{**one, "key": "nobodys-draft-001"}]})
    at_form(desk, page)
    expect(page.locator("#report-sealed")).to_be_visible()
    expect(waiting(page)).to_have_count(0)
    expect(page.get_by_label("Apa yang terjadi")).to_have_value("")
    assert stored(desk.store) == []


def test_whoever_is_no_reporter_finds_no_form_and_no_draft(page: Any, desk: Served) -> None:
    one_waits(desk, page)
    page.get_by_label("Apa yang terjadi").fill("Belum selesai ditulis")
    expect(page.locator("#report-draft")).to_contain_text("draf")
    desk.signed_in(page, Role.LIAISON, "meja-kecamatan").goto(f"{desk.base}/reports")
    until(lambda: page.evaluate("caches.keys()") == [], "the end of the form in this browser")
    assert left(page) == 1
    page.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.goto(f"{desk.base}/reports/new")
    page.context.set_offline(False)
    page.context.clear_cookies()
    at_form(desk, page)
    expect(page.get_by_label("Apa yang terjadi")).to_have_value("")
    until(lambda: left(page) == 0, "the way of what waited")
    assert own(desk, "kader-1") == [FIRST]


def test_a_tab_that_stays_open_keeps_nothing_after_signing_out(page: Any, desk: Served) -> None:
    at_form(desk, page)
    other = page.context.new_page()
    other.goto(f"{desk.base}/reports/new")
    expect(other.locator("#report-desk[data-ready=yes]")).to_be_attached()
    page.get_by_label("Apa yang terjadi").fill("Belum selesai ditulis")
    page.get_by_role("button", name="Keluar").click()
    page.wait_for_url(re.compile("/login"))
    expect(other.locator("#report-said")).to_contain_text("Seseorang keluar")
    other.get_by_label("Apa yang terjadi").fill(FIRST)
    other.get_by_role("button", name="Kirim", exact=True).click()
    other.wait_for_timeout(1500)  # longer than a draft waits to be kept
    other.goto(f"{desk.base}/login")
    assert page.evaluate("async () => (await indexedDB.databases()).length") == 0


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "content_type": "text/html", "body": "<h1>Sign in</h1>"},
        {"status": 200, "json": {"status": "maintenance"}},
        {"status": 302, "headers": {"Location": "/login"}},
        {"status": 404, "content_type": "text/html", "body": "<h1>Not here</h1>"},
    ],
)
def test_only_the_desks_own_answer_counts_as_sent(page: Any, desk: Served, answer: dict[str, Any]) -> None:
    at_form(desk, page)
    tries: list[str] = []

    def pretend(route: Any) -> None:
        tries.append(route.request.post_data)
        route.fulfill(**answer)

    page.route("**/api/v1/reports", pretend)
    write(page, FIRST)
    until(lambda: page.wait_for_timeout(20) is None and len(tries) > 1, "a second try")
    expect(page.locator("#report-said")).to_contain_text("Tersimpan di ponsel ini")
    expect(waiting(page).locator("button")).to_have_count(0)
    assert (left(page), stored(desk.store)) == (1, [])
    page.unroute("**/api/v1/reports")
    page.reload()
    until(lambda: left(page) == 0, "the way to the desk itself")
    assert [one.text for one in stored(desk.store)] == [FIRST]


def test_other_words_under_a_used_key_are_refused_and_can_be_sent_anew(page: Any, desk: Served) -> None:
    at_form(desk, page)
    key = page.locator("input[name=key]").input_value()
    with desk.store.write() as session:
        me = session.scalars(select(UserRow.id).where(UserRow.name == "kader-1")).one()
        new = NewReport(key, MARTAPURA, EventKind.OTHER, HowKnown.TOLD, FIRST, utc_now())
        service.send(session, desk.app.state.context.reports, Sender(me, "kader-1", MARTAPURA), new, utc_now())
    write(page, SECOND)
    expect(waiting(page)).to_contain_text("Meja sudah menerima laporan lain dari formulir ini")
    page.get_by_role("button", name="Ganti").click()
    expect(page.get_by_label("Apa yang terjadi")).to_have_value(SECOND)
    expect(waiting(page)).to_have_count(0)
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.locator("#report-said")).to_contain_text("Terkirim")
    assert [one.text for one in stored(desk.store)] == [FIRST, SECOND]


def test_one_draft_in_two_tabs_is_sent_once_and_not_put_back(page: Any, desk: Served) -> None:
    at_form(desk, page).get_by_label("Apa yang terjadi").fill(FIRST)
    expect(page.locator("#report-draft")).to_contain_text("draf")
    same, changed = (page.context.new_page() for _ in range(2))
    for tab in (same, changed):
        tab.goto(f"{desk.base}/reports/new")
        expect(tab.locator("#report-desk[data-ready=yes]")).to_be_attached()
        expect(tab.get_by_label("Apa yang terjadi")).to_have_value(FIRST)
    changed.get_by_label("Apa yang terjadi").fill(SECOND)
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.locator("#report-said")).to_contain_text("Terkirim")
    expect(same.get_by_label("Apa yang terjadi")).to_have_value("")
    expect(changed.get_by_label("Apa yang terjadi")).to_have_value(SECOND)
    changed.get_by_role("button", name="Kirim", exact=True).click()
    expect(changed.locator("#report-said")).to_contain_text("Terkirim")
    for tab in (page, same, changed):
        tab.reload()
        expect(tab.locator("#report-desk[data-ready=yes]")).to_be_attached()
        expect(tab.get_by_label("Apa yang terjadi")).to_have_value("")
    assert [one.text for one in stored(desk.store)] == [FIRST, SECOND]


def test_an_update_leaves_no_form_without_its_script(page: Any, desk: Served) -> None:
    at_form(desk, page)
    frame = desk.app.state.frame
    desk.app.state.frame = replace(frame, form_script=replace(frame.form_script, path="/assets/not-there.js"))
    assert "not-there.js" in page.goto(f"{desk.base}/reports/new").text()
    page.context.set_offline(True)
    page.reload()
    write(page, FIRST)
    expect(waiting(page)).to_have_count(1)
    page.context.set_offline(False)
    later = replace(frame.form_script, body=frame.form_script.body + b"\n// later")
    desk.app.state.frame = replace(frame, form_script=later)
    at_form(desk, page)
    kept = page.evaluate("async () => (await (await caches.open('waspada-report-form')).keys()).map((one) => one.url)")
    scripts = {frame.script.address, later.address}
    assert {one.removeprefix(desk.base) for one in kept if ".js" in one} == scripts
    until(lambda: left(page) == 0, "the way of what waited")


def test_a_full_storage_without_a_network_loses_no_word(page: Any, desk: Served) -> None:
    page.add_init_script("IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); };")
    at_form(desk, page)
    page.context.set_offline(True)
    write(page, FIRST)
    expect(page.locator("#report-said")).to_contain_text("Tidak terkirim dan tidak tersimpan")
    expect(page.get_by_label("Apa yang terjadi")).to_have_value(FIRST)
    page.context.set_offline(False)
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.locator("#report-said")).to_contain_text("Terkirim")
    expect(page.get_by_label("Apa yang terjadi")).to_have_value("")
    assert [one.text for one in stored(desk.store)] == [FIRST]


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
    problems = []
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
                for found in barriers(page):
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
