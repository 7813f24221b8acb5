"""Passing an alert on in a real browser: two accounts, the police only with a permission, and the mail that leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.desk.served import Served, fits, served
from tests.escalations.desk import Mailbox
from waspada.access import Role, add_user
from waspada.clock import utc_now
from waspada.escalations import service
from waspada.escalations.types import ReportKind
from waspada.jobs.escalate import follow_reports
from waspada.notify.outbox import run_once
from waspada.recipients import service as recipients
from waspada.recipients.types import NewRecipient, RecipientKind


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, clock=utc_now) as running:
        yield running


def alert_of(console: Served) -> int:
    """One that is verified and stands in 63.07."""
    return console.alerts["logistics"]


@pytest.fixture
def second(browser: Browser) -> Iterator[Page]:
    """The browser of somebody else."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def add_institution(page: Page, name: str, kind: str, address: str) -> None:
    """On the empty page of recipients, where the form stands open."""
    page.fill("#institution", name)
    page.select_option("#kind", kind)
    page.select_option("#region", "63.07")
    page.fill("#address", address)
    press(page, "Tambah")
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_two_accounts_pass_an_alert_on(console: Served, page: Page, second: Page) -> None:
    console.signed_in(second, Role.ADMIN, "admin-satu")
    second.goto(f"{console.base}/recipients")
    add_institution(second, "Kesbangpol Hulu Sungai Tengah", "kesbangpol", "kesbangpol@hst.example")

    console.signed_in(page, Role.LIAISON, "petugas")
    page.goto(f"{console.base}/alerts/{alert_of(console)}")
    page.get_by_role("link", name="Teruskan ke …").click()
    expect(page.locator(".report-text")).to_contain_text("Surat suara untuk dua desa belum tiba")
    page.get_by_label("Kesbangpol Hulu Sungai Tengah").check()
    page.get_by_label("Mengapa perlu diteruskan").fill("Distribusi logistik terganggu")
    press(page, "Usulkan")
    expect(page.locator("main")).to_contain_text("akun lain harus menyetujui")
    expect(page.get_by_role("button", name="Setujui dan kirim")).to_have_count(0)

    second.goto(page.url)
    press(second, "Setujui dan kirim")
    expect(second.locator("header.panel")).to_contain_text("Disetujui, sedang dikirim")
    box = Mailbox()
    run_once(console.store, [box], utc_now)
    follow_reports(console.store, console.settings, utc_now())
    assert box.targets == ["kesbangpol@hst.example"]
    page.reload()
    expect(page.locator("header.panel")).to_contain_text("Terkirim")
    assert box.seen[0].body["text"].strip() == page.locator(".report-text").inner_text().strip()


def test_the_police_only_after_two_accounts_agreed(console: Served, page: Page, second: Page) -> None:
    console.signed_in(page, Role.ADMIN, "admin-satu")
    page.goto(f"{console.base}/recipients")
    add_institution(page, "Polres Hulu Sungai Tengah", "police", "polres@hst.example")
    form = f"{console.base}/alerts/{alert_of(console)}/escalate"
    page.goto(form)
    expect(page.get_by_label("Polres Hulu Sungai Tengah")).to_be_disabled()

    page.goto(f"{console.base}/recipients")
    page.locator("details.asking summary").click()
    page.locator("details.asking").get_by_label("Alasan").fill("Pengamanan pemungutan suara")
    press(page, "Minta")
    expect(page.locator(".grant")).to_contain_text("akun lain harus menyetujui")
    expect(page.get_by_role("button", name="Setujui sebagai akun kedua")).to_have_count(0)
    console.signed_in(second, Role.SUBSCRIBER_MANAGER, "pengelola")
    second.goto(f"{console.base}/recipients")
    press(second, "Setujui sebagai akun kedua")
    expect(second.locator(".grant")).to_contain_text("Berlaku")
    page.goto(form)
    expect(page.get_by_label("Polres Hulu Sungai Tengah")).to_be_enabled()


def test_the_pages_fit_a_phone(console: Served, phone_page: Page) -> None:
    _fill(console)
    console.signed_in(phone_page, Role.ADMIN, "admin-satu")
    for path in ("/recipients", "/escalations", "/escalations/1", f"/alerts/{alert_of(console)}/escalate"):
        phone_page.goto(console.base + path)
        assert fits(phone_page), path
        expect(phone_page.locator("h1")).to_be_visible()


def _fill(console: Served) -> None:
    """An office and a police station with a permission, and a report that waits."""
    now = utc_now()
    with console.store.write() as session:
        add_user(session, "admin-dua", Role.ADMIN, None, actor="test", now=now)
        office = recipients.add_recipient(
            session,
            NewRecipient(
                "Badan Kesatuan Bangsa dan Politik Kabupaten Hulu Sungai Tengah", RecipientKind.KESBANGPOL, "63.07",
                "kesatuanbangsadanpolitik@hulusungaitengahkab.example",
            ),
            actor="admin-dua",
            now=now,
        )  # fmt: skip
        police = recipients.add_recipient(
            session,
            NewRecipient("Polres Hulu Sungai Tengah", RecipientKind.POLICE, "63.07", "polres@hst.example"),
            actor="admin-dua",
            now=now,
        )
        recipients.ask_grant(
            session, police.id, "63.07", now, now + timedelta(days=30), "Pemungutan suara", actor="admin-dua", now=now
        )
        service.propose(
            session, alert_of(console), [office.id], ReportKind.ATENSI, reason="Distribusi terganggu", actor="petugas",
            settings=console.settings, now=now,
        )  # fmt: skip
