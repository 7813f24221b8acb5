"""Duty, channels and calls in a real browser: an admin makes a week, a liaison proves a channel, a call is answered
from its link on a phone. Served by uvicorn over a sample store; what is sent is recorded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.api.sample import NOW
from tests.e2e.desk.served import Served, fits, served
from tests.jobs.calling import MAIL, MINUTE, Recorder, add_person, calls, link_word, on_duty
from waspada.access import Role
from waspada.jobs.messages import one_round
from waspada.jobs.notify import notify_due
from waspada.notify.messages import Channel


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Served]:
    given: dict[str, Any] = {"webpush_subject": "mailto:desk@kesbang.example", **MAIL}
    with served(tmp_path, **given) as running:
        yield running


@pytest.fixture
def mail() -> Recorder:
    return Recorder()


def one_more_round(desk: Served, mail: Recorder, minutes: float = 0) -> None:
    one_round(desk.store, desk.settings, [mail], lambda: NOW + minutes * MINUTE)


def test_an_admin_makes_a_week_and_copies_it(desk: Served, page: Any, phone_page: Any, tmp_path: Path) -> None:
    with desk.store.write() as session:
        add_person(session, desk.settings, "ana", Channel.MAIL)
        add_person(session, desk.settings, "budi")
    desk.signed_in(page, Role.ADMIN, "kepala")
    page.goto(f"{desk.base}/rota")
    expect(page.locator(".gap")).to_have_count(7)
    page.select_option("#account", "ana")
    page.fill("#days", "3")
    page.get_by_role("button", name="Jadwalkan").click()
    expect(page.locator(".duty")).to_have_count(3)
    page.select_option("#account", "budi")
    page.fill("#begins", "19:00")
    page.fill("#ends", "07:00")
    page.get_by_role("button", name="Jadwalkan").click()
    expect(page.get_by_text("tidak punya saluran")).to_have_count(2)  # over midnight: it stands in both days
    page.select_option("#account", "ana")
    page.get_by_role("button", name="Jadwalkan").click()
    expect(page.get_by_role("alert")).to_contain_text("sudah terjadwal jaga")
    page.get_by_role("link", name=re.compile("Minggu berikutnya")).click()
    page.get_by_role("button", name="Salin ke minggu ini").click()
    expect(page.get_by_role("status")).to_contain_text("4 giliran disalin, 0 dilewati")
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile(r"\.ics")).click()
    file = tmp_path / "jaga.ics"
    waiting.value.save_as(file)
    assert file.read_bytes().count(b"BEGIN:VEVENT") == 4
    page.get_by_role("button", name=re.compile("Hapus ana")).first.click()
    expect(page.locator(".duty")).to_have_count(4)  # three shifts, one over midnight
    page.set_input_files("#file", str(file))
    page.get_by_role("button", name="Baca").click()
    expect(page.get_by_role("status")).to_contain_text("1 giliran dibaca dari kalender, 3 dilewati")
    desk.signed_in(phone_page, Role.ADMIN, "kepala")
    phone_page.goto(f"{desk.base}/rota")
    assert fits(phone_page)


def test_a_liaison_proves_a_channel_by_its_code(desk: Served, mail: Recorder, page: Any) -> None:
    desk.signed_in(page, Role.LIAISON, "ana")
    page.goto(f"{desk.base}/account")
    page.get_by_role("link", name="Saluran saya").click()
    page.fill("#mail", "ana@kesbang.example")
    page.get_by_role("button", name="Tambah surel").click()
    expect(page.locator("main")).to_contain_text("a•••@kesbang.example")
    assert "ana@kesbang.example" not in page.content()
    one_more_round(desk, mail)
    (sent,) = mail.seen
    (code,) = re.findall(r"\b\d{6}\b", sent.body["subject"])
    page.get_by_label("Kode dari pesan").fill("000000" if code != "000000" else "111111")
    page.get_by_role("button", name="Buktikan").click()
    expect(page.get_by_role("alert")).to_contain_text("bukan yang dikirim")
    page.get_by_label("Kode dari pesan").fill(code)
    page.get_by_role("button", name="Buktikan").click()
    expect(page.get_by_text("Dipanggil", exact=True)).to_have_count(1)
    page.get_by_role("button", name="Kirim pesan percobaan").click()
    one_more_round(desk, mail)
    assert "percobaan" in mail.seen[-1].body["text"]
    page.reload()
    expect(page.get_by_text(re.compile("diserahkan"))).to_have_count(1)
    page.get_by_role("button", name="Hapus").click()
    expect(page.get_by_text("Belum ada saluran")).to_have_count(1)


def test_a_call_is_answered_from_its_link_without_signing_in(
    desk: Served, mail: Recorder, page: Any, phone_page: Any
) -> None:
    with desk.store.write() as session:
        on_duty(session, add_person(session, desk.settings, "ana", Channel.MAIL))
    notify_due(desk.store, desk.settings, NOW)
    one_more_round(desk, mail)
    (call,) = calls(desk.store)
    url = f"{desk.base}/acknowledge/{link_word(desk.settings, call, NOW)}"
    phone_page.goto(url)
    expect(phone_page.get_by_role("heading", name="Anda yang menangani?")).to_have_count(1)
    expect(phone_page.locator("main")).to_contain_text("Massa dua kubu")
    assert fits(phone_page)
    assert calls(desk.store)[0].acknowledged_at is None  # opening it answers nothing
    phone_page.get_by_role("button", name="Ya, saya tangani").click()
    expect(phone_page.get_by_role("heading", name="Anda yang menangani")).to_have_count(1)
    phone_page.goto(url)
    expect(phone_page.get_by_role("button")).to_have_count(0)
    desk.signed_in(page, Role.ADMIN, "kepala")
    page.goto(f"{desk.base}/calls")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("dijawab oleh ana")


def test_the_script_of_push_messages_shows_what_comes(desk: Served, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["notifications"], origin=desk.base)
    page = context.new_page()
    desk.signed_in(page, Role.LIAISON, "ana")
    page.goto(f"{desk.base}/account/contacts")
    assert page.get_by_role("button", name="Panggil peramban ini").is_visible()
    page.evaluate("navigator.serviceWorker.register('/push.js').then(() => navigator.serviceWorker.ready)")
    wire = context.new_cdp_session(page)
    found: list[str] = []
    wire.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(r["registrationId"] for r in told["registrations"]),
    )
    wire.send("ServiceWorker.enable")
    _looking(page, lambda: found)
    data = '{"title": "Waspada tingkat 3", "body": "Belum diverifikasi", "url": "/calls", "tag": "waspada-call-1"}'
    wire.send("ServiceWorker.deliverPushMessage", {"origin": desk.base, "registrationId": found[0], "data": data})
    shown = _looking(
        page,
        lambda: page.evaluate(
            "navigator.serviceWorker.ready.then((one) => one.getNotifications())"
            ".then((all) => all.map((each) => [each.title, each.body, each.data.url]))"
        ),
    )
    context.close()
    assert shown == [["Waspada tingkat 3", "Belum diverifikasi", "/calls"]]


def _looking(page: Any, look: Callable[[], list[Any]]) -> list[Any]:
    """What `look` gives once it gives something; the page's events go on meanwhile."""
    found: list[Any] = []
    for _ in range(300):
        if found := look():
            break
        page.wait_for_timeout(100)
    return found
