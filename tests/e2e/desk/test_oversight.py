"""The ways of oversight in a real browser: a stop with four eyes, an erasure, a purpose before an export, the log."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from api.app import create_app
from tests.api.sample import NOW, fill
from tests.empty import put_empty_store
from tests.patience import until
from waspada.access import Role, add_user, issue_token
from waspada.access.policy import widest_scope
from waspada.settings import Settings
from waspada.store import open_url


@dataclass
class Served:
    """The application at an address, a token for each role, and the ids of the sample's alerts."""

    base: str
    tokens: dict[Role, str]
    alerts: dict[str, int]

    def sign_in(self, page: Any, role: Role) -> None:
        page.goto(f"{self.base}/login")
        page.fill("#token", self.tokens[role])
        page.press("#token", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    store = open_url(f"sqlite:///{put_empty_store(tmp_path / 'data')}")
    tokens: dict[Role, str] = {}
    with store.write() as session:
        alerts = fill(session)
        for role in (Role.ADMIN, Role.AUDITOR, Role.LIAISON):
            add_user(session, f"{role.value}-1", role, None, actor="test", now=NOW)
            tokens[role] = issue_token(session, f"{role.value}-1", "test", widest_scope(role), now=NOW).secret
    app = create_app(
        store, Settings(data_dir=tmp_path / "data", complaints_contact="aduan@kantor.example"), clock=lambda: NOW
    )
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(f"http://127.0.0.1:{port}", tokens, alerts)
    server.should_exit = True
    thread.join(10)
    store.close()


def test_a_stop_is_set_by_the_auditor_and_lifted_by_an_admin(served: Served, page: Any, phone_page: Any) -> None:
    served.sign_in(page, Role.AUDITOR)
    page.goto(f"{served.base}/collection")
    page.select_option("#what", "all")
    page.fill("#reason", "keberatan sedang diperiksa")
    page.click("main section form button.primary")
    page.wait_for_selector(".stops .in-force")
    assert page.locator(".in-force form").count() == 0
    served.sign_in(phone_page, Role.ADMIN)
    phone_page.goto(f"{served.base}/alerts")
    banner = phone_page.locator("main > .notice.bad").first
    assert "Pengumpulan dihentikan sejak" in banner.inner_text()
    banner.locator("a").click()
    phone_page.fill(".in-force input[name=reason]", "sudah diperiksa")
    phone_page.click(".in-force form button")
    phone_page.wait_for_selector(".stops li:not(.in-force)")
    assert phone_page.locator("main > .notice.bad").count() == 0
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 360


def test_somebody_outside_objects_and_what_is_granted_is_gone(served: Served, page: Any, phone_page: Any) -> None:
    page.goto(f"{served.base}/about")
    assert "aduan@kantor.example" in page.inner_text("main")
    served.sign_in(phone_page, Role.LIAISON)
    phone_page.goto(f"{served.base}/corrections")
    phone_page.select_option("#kind", "erase")
    phone_page.fill("#about", f"alert/{served.alerts['clash']}")
    phone_page.fill("#reason", "media sudah mencabut beritanya")
    phone_page.click("main section form button.primary")
    phone_page.wait_for_url("**/corrections/1")
    assert phone_page.locator("input[name=decision]").count() == 0
    served.sign_in(page, Role.ADMIN)
    page.goto(f"{served.base}/corrections/1")
    headline = page.locator("section[aria-labelledby=reach] li a").first.inner_text()
    page.check("input[value=erase]")
    page.fill("#reason", "permohonan beralasan")
    page.click("section[aria-labelledby=decide] button.primary")
    page.wait_for_selector("#effects")
    page.goto(f"{served.base}/alerts/{served.alerts['clash']}")
    assert headline not in page.content()
    assert "[dihapus]" in page.inner_text("main")
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_auditor_checks_the_log_and_takes_it_out_for_a_purpose(served: Served, page: Any) -> None:
    served.sign_in(page, Role.AUDITOR)
    page.goto(f"{served.base}/audit")
    page.click("section[aria-labelledby=chain] button")
    page.wait_for_selector(".head-hash")
    page.click("text=Ekspor")
    page.wait_for_url("**/purpose?*")
    page.select_option("#purpose", "quality check")
    page.fill("#reference", "12/ST/2026")
    with page.expect_download() as download:
        page.click("main form button.primary")
    rows = [json.loads(line) for line in Path(download.value.path()).read_text("utf-8").splitlines()]
    assert rows[0]["previous"] == "0" * 64
    assert rows[-1]["action"] == "access.purpose"
    page.goto(f"{served.base}/audit?action=export.make")
    assert "quality check (12/ST/2026)" in page.inner_text("main table")
    page.goto(f"{served.base}/transparency?month=2024-11")
    assert "Laporan transparansi 2024-11" in page.inner_text("h1")
