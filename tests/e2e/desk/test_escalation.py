"""Passing an alert on in a real browser: two accounts, the police only with a permission, and the mail that leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from api.app import create_app
from tests.api.sample import fill
from tests.empty import put_empty_store
from tests.escalations.desk import Mailbox
from waspada.access import Role, add_user, issue_token
from waspada.access.policy import widest_scope
from waspada.clock import utc_now
from waspada.escalations import service
from waspada.escalations.types import ReportKind
from waspada.jobs.escalate import follow_reports
from waspada.notify.outbox import run_once
from waspada.recipients import service as recipients
from waspada.recipients.types import NewRecipient, RecipientKind
from waspada.settings import Settings
from waspada.store import Store, open_url


@dataclass
class Console:
    """A console served on loopback over the sample desk; `alert` is verified and stands in 63.07."""

    base: str
    store: Store
    settings: Settings
    alert: int

    def sign_in(self, page: Page, role: Role, name: str) -> None:
        with self.store.write() as session:
            now = utc_now()
            add_user(session, name, role, None, actor="test", now=now)
            secret = issue_token(session, name, "test", widest_scope(role), now=now).secret
        page.goto(f"{self.base}/login")
        page.fill("input[name=token]", secret)
        page.press("input[name=token]", "Enter")
        expect(page.locator("nav").first).to_be_visible()


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    store = open_url(f"sqlite:///{put_empty_store(tmp_path / 'data')}")
    with store.write() as session:
        alerts = fill(session)
    settings = Settings(data_dir=tmp_path / "settings")
    config = uvicorn.Config(create_app(store, settings), host="127.0.0.1", port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Console(f"http://127.0.0.1:{port}", store, settings, alerts["logistics"])
    server.should_exit = True
    thread.join(10)
    store.close()


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


def test_two_accounts_pass_an_alert_on(console: Console, page: Page, second: Page) -> None:
    console.sign_in(second, Role.ADMIN, "admin-satu")
    second.goto(f"{console.base}/recipients")
    add_institution(second, "Kesbangpol Hulu Sungai Tengah", "kesbangpol", "kesbangpol@hst.example")

    console.sign_in(page, Role.LIAISON, "petugas")
    page.goto(f"{console.base}/alerts/{console.alert}")
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


def test_the_police_only_after_two_accounts_agreed(console: Console, page: Page, second: Page) -> None:
    console.sign_in(page, Role.ADMIN, "admin-satu")
    page.goto(f"{console.base}/recipients")
    add_institution(page, "Polres Hulu Sungai Tengah", "police", "polres@hst.example")
    form = f"{console.base}/alerts/{console.alert}/escalate"
    page.goto(form)
    expect(page.get_by_label("Polres Hulu Sungai Tengah")).to_be_disabled()

    page.goto(f"{console.base}/recipients")
    page.locator("details.asking summary").click()
    page.locator("details.asking").get_by_label("Alasan").fill("Pengamanan pemungutan suara")
    press(page, "Minta")
    expect(page.locator(".grant")).to_contain_text("akun lain harus menyetujui")
    expect(page.get_by_role("button", name="Setujui sebagai akun kedua")).to_have_count(0)
    console.sign_in(second, Role.SUBSCRIBER_MANAGER, "pengelola")
    second.goto(f"{console.base}/recipients")
    press(second, "Setujui sebagai akun kedua")
    expect(second.locator(".grant")).to_contain_text("Berlaku")
    page.goto(form)
    expect(page.get_by_label("Polres Hulu Sungai Tengah")).to_be_enabled()


def test_the_pages_fit_a_phone(console: Console, phone_page: Page) -> None:
    _fill(console)
    console.sign_in(phone_page, Role.ADMIN, "admin-satu")
    for path in ("/recipients", "/escalations", "/escalations/1", f"/alerts/{console.alert}/escalate"):
        phone_page.goto(console.base + path)
        assert phone_page.evaluate("document.documentElement.scrollWidth") <= 360, path
        expect(phone_page.locator("h1")).to_be_visible()


def _fill(console: Console) -> None:
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
            session, console.alert, [office.id], ReportKind.ATENSI, reason="Distribusi terganggu", actor="petugas",
            settings=console.settings, now=now,
        )  # fmt: skip
