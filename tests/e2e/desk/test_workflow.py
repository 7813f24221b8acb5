"""The work on an alert in a real browser: take it, ask an office, overtake each other, silence, merge, hand over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.desk.served import Served, served
from waspada.access import Role


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        yield running


def signed_in(page: Any, desk: Served, role: Role = Role.LIAISON) -> Any:
    return desk.signed_in(page, role)


def opened(page: Any, summary: str) -> Any:
    page.locator("summary", has_text=summary).first.click()
    return page


def test_an_alert_goes_its_way(page: Any, desk: Served) -> None:
    signed_in(page, desk).goto(f"{desk.base}/alerts/{desk.alerts['clash']}")
    page.get_by_role("button", name="Saya tangani").click()
    assert page.locator(".work-line").inner_text().startswith("Anda")
    opened(page, "Pasang tenggat")
    page.get_by_label("Selesai dalam").select_option("2")
    page.get_by_role("button", name="Pasang", exact=True).click()
    expect(page.locator(".work-line")).to_contain_text("selesai paling lambat")
    page.get_by_label("Catatan untuk semua di meja").fill("Camat sudah di lokasi. Hubungi 0812-3456-7890.")
    page.get_by_role("button", name="Catat", exact=True).click()
    said = page.locator(".history").inner_text()
    assert "Camat sudah di lokasi." in said
    assert "3456" not in said
    opened(page, "Minta klarifikasi")
    page.get_by_label("Kantor yang ditanya").fill("Polsek Martapura")
    page.get_by_label("Pertanyaan").fill("Apakah massa sudah bubar?")
    page.get_by_role("button", name="Minta klarifikasi", exact=True).click()
    expect(page.locator(".asked")).to_contain_text("Polsek Martapura")
    page.get_by_role("button", name="Jawaban sudah ada").click()
    page.get_by_role("button", name="Tandai terverifikasi").click()
    expect(page.locator(".unverified")).to_have_count(0)
    opened(page, "Tutup")
    page.get_by_label("Alasan", exact=True).last.wait_for(state="attached")
    page.locator("select[name=reason]:visible").select_option("resolved")
    page.locator("details[open] button.primary").click()
    expect(page.locator("header .badges")).to_contain_text("Ditutup")


def test_the_second_sees_field_by_field_who_did_what_and_keeps_the_own_note(
    page: Any, phone_page: Any, desk: Served
) -> None:
    address = f"{desk.base}/alerts/{desk.alerts['clash']}"
    for tab, role in ((page, Role.LIAISON), (phone_page, Role.ANALYST)):
        signed_in(tab, desk, role).goto(address)
    page.get_by_role("button", name="Saya tangani").click()
    phone_page.locator("#note-acknowledged").fill("Saya telepon kecamatan.")
    phone_page.get_by_role("button", name="Saya tangani").click()
    told = phone_page.get_by_role("alert").inner_text()
    assert "Ada yang lebih dulu" in told
    assert "Baru → Ditangani" in told
    assert "Ditangani oleh" in told
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 360


def test_one_alert_and_one_report_are_silenced_and_a_report_is_taken_out_and_back(page: Any, desk: Served) -> None:
    signed_in(page, desk).goto(f"{desk.base}/alerts/{desk.alerts['neutrality']}")
    opened(page, "Senyapkan peringatan ini")
    page.locator("#silence-reason").fill("Sudah ditangani Bawaslu.")
    page.get_by_role("button", name="Senyapkan", exact=True).click()
    expect(page.locator(".silenced")).to_contain_text("Sudah ditangani Bawaslu.")
    page.locator(".silenced").get_by_role("button", name="Akhiri").click()
    expect(page.locator(".silenced")).to_have_count(0)
    page.goto(f"{desk.base}/alerts/{desk.alerts['clash']}")
    reports = page.locator("article.item")
    before = reports.count()
    opened(page, "Laporan ini")
    page.locator("article.item").first.get_by_label("Alasan mengeluarkannya").fill("Kejadian lain.")
    page.locator("article.item").first.get_by_role("button", name="Keluarkan dari peringatan ini").click()
    expect(reports).to_have_count(before - 1)
    page.locator(".edit").get_by_role("button", name="Batalkan").click()
    expect(reports).to_have_count(before)


def test_a_duplicate_is_merged_into_the_one_it_doubles(page: Any, desk: Served) -> None:
    signed_in(page, desk).goto(f"{desk.base}/alerts/{desk.alerts['hoax']}")
    opened(page, "Ini ganda")
    page.locator("#twin").fill(str(desk.alerts["clash"]))
    page.get_by_role("button", name="Ini ganda").click()
    page.get_by_role("button", name="Gabungkan laporan keduanya").click()
    page.wait_for_url("**/alerts/*")
    expect(page.locator(".edit")).to_contain_text("Digabungkan")
    assert "Ganda" not in page.locator("header .badges").inner_text()


def test_a_shift_is_handed_over(page: Any, phone_page: Any, desk: Served) -> None:
    signed_in(page, desk).goto(f"{desk.base}/handover")
    page.get_by_label("Apa yang perlu diketahui giliran berikutnya?").fill("Tunggu kabar Polsek Martapura.")
    page.get_by_role("button", name="Serahkan").click()
    expect(page.locator("main")).to_contain_text("Tunggu kabar Polsek Martapura.")
    expect(page.get_by_role("button", name="Diterima")).to_have_count(0)
    signed_in(phone_page, desk, Role.ANALYST).goto(f"{desk.base}/handover")
    phone_page.get_by_role("button", name="Diterima").click()
    expect(phone_page.locator("main")).to_contain_text("diterima analyst-1")
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 360
