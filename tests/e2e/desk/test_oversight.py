"""The ways of oversight in a real browser: a stop with four eyes, an erasure, a purpose before an export, the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.desk.served import Served, fits, served
from waspada.access import Role


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, complaints_contact="aduan@kantor.example") as running:
        yield running


def test_a_stop_is_set_by_the_auditor_and_lifted_by_an_admin(desk: Served, page: Any, phone_page: Any) -> None:
    desk.signed_in(page, Role.AUDITOR)
    page.goto(f"{desk.base}/collection")
    page.select_option("#what", "all")
    page.fill("#reason", "keberatan sedang diperiksa")
    page.click("main section form button.primary")
    page.wait_for_selector(".stops .in-force")
    expect(page.locator(".in-force form")).to_have_count(0)
    desk.signed_in(phone_page, Role.ADMIN)
    phone_page.goto(f"{desk.base}/alerts")
    banner = phone_page.locator("main > .notice.bad").first
    expect(banner).to_contain_text("Pengumpulan dihentikan sejak")
    banner.locator("a").click()
    phone_page.fill(".in-force input[name=reason]", "sudah diperiksa")
    phone_page.click(".in-force form button")
    phone_page.wait_for_selector(".stops li:not(.in-force)")
    expect(phone_page.locator("main > .notice.bad")).to_have_count(0)
    assert fits(phone_page)


def test_somebody_outside_objects_and_what_is_granted_is_gone(desk: Served, page: Any, phone_page: Any) -> None:
    page.goto(f"{desk.base}/about")
    assert "aduan@kantor.example" in page.inner_text("main")
    desk.signed_in(phone_page, Role.LIAISON)
    phone_page.goto(f"{desk.base}/corrections")
    phone_page.select_option("#kind", "erase")
    phone_page.fill("#about", f"alert/{desk.alerts['clash']}")
    phone_page.fill("#reason", "media sudah mencabut beritanya")
    phone_page.click("main section form button.primary")
    phone_page.wait_for_url("**/corrections/1")
    expect(phone_page.locator("input[name=decision]")).to_have_count(0)
    desk.signed_in(page, Role.ADMIN)
    page.goto(f"{desk.base}/corrections/1")
    headline = page.locator("section[aria-labelledby=reach] li a").first.inner_text()
    page.check("input[value=erase]")
    page.fill("#reason", "permohonan beralasan")
    page.click("section[aria-labelledby=decide] button.primary")
    page.wait_for_selector("#effects")
    page.goto(f"{desk.base}/alerts/{desk.alerts['clash']}")
    assert headline not in page.content()
    assert "[dihapus]" in page.inner_text("main")
    assert fits(phone_page)


def test_the_auditor_checks_the_log_and_takes_it_out_for_a_purpose(desk: Served, page: Any) -> None:
    desk.signed_in(page, Role.AUDITOR)
    page.goto(f"{desk.base}/audit")
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
    page.goto(f"{desk.base}/audit?action=export.make")
    assert "quality check (12/ST/2026)" in page.inner_text("main table")
    page.goto(f"{desk.base}/transparency?month=2024-11")
    assert "Laporan transparansi 2024-11" in page.inner_text("h1")
