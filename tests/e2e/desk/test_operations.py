"""The machine and webhooks in a real browser: an admin sets one up, sees it told, sends it again, and takes it away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.api import sample
from tests.api.sample import NOW
from tests.e2e.desk.served import Served, fits, served
from waspada.access import Role
from waspada.processes import repository


def fill(session: Session) -> dict[str, int]:
    """The sample, and a living process of each kind."""
    for role in ("collector", "worker", "api"):
        detail = {"touched_at": NOW.isoformat()} if role == "worker" else {}
        repository.beat(session, role, "9f86d081884c", 4242, started_at=NOW, now=NOW, version="0.6.0", detail=detail)
    return sample.fill(session)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, fill) as running:
        yield running


def test_a_webhook_from_its_setting_up_to_its_end(page: Page, desk: Served) -> None:
    desk.signed_in(page, Role.ADMIN)
    page.goto(f"{desk.base}/webhooks")
    page.get_by_label("Judul").fill("Posko kabupaten")
    page.get_by_label("Alamat (https)").fill("https://posko.example/terima")
    page.get_by_label("Label").select_option("conflict")
    page.get_by_role("button", name="Pasang").click()
    secret = page.locator("code.secret").inner_text()
    assert secret.startswith("whsec_")
    page.get_by_role("button", name="Kirim uji coba").click()
    expect(page.locator("table")).to_contain_text("Pesan uji coba")
    page.set_viewport_size({"width": 360, "height": 780})
    assert fits(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert secret not in page.content()
    page.get_by_role("button", name="Jeda").click()
    expect(page.get_by_role("alert")).to_contain_text("Dijeda sejak")
    page.get_by_role("button", name="Aktifkan").click()
    page.get_by_role("button", name="Kirim lagi").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.goto(f"{desk.base}/webhooks")
    expect(page.locator("tbody")).to_contain_text("Posko kabupaten")
    page.get_by_role("link", name="Posko kabupaten").click()
    page.get_by_text("Rahasia baru atau penghapusan").click()
    page.get_by_role("button", name="Hapus webhook ini").click()
    expect(page.locator("main")).to_contain_text("Tidak ada webhook")


def test_an_address_inside_is_refused_and_what_was_typed_stays(page: Page, desk: Served) -> None:
    desk.signed_in(page, Role.ADMIN)
    page.goto(f"{desk.base}/webhooks")
    page.get_by_label("Judul").fill("Dalam")
    page.get_by_label("Alamat (https)").fill("https://10.0.0.8/terima")
    page.get_by_role("button", name="Pasang").click()
    expect(page.get_by_role("alert")).to_contain_text("tidak dapat dipasang")
    expect(page.get_by_label("Judul")).to_have_value("Dalam")


def test_the_machine_says_who_is_silent(page: Page, desk: Served) -> None:
    desk.signed_in(page, Role.ADMIN)
    page.goto(f"{desk.base}/operations")
    expect(page.locator("main")).to_contain_text("Meja siap")
    with desk.store.write() as session:
        repository.beat(
            session, "worker", "9f86d081884c", 4242, started_at=NOW, now=NOW.replace(hour=1), version="0.6.0", detail={}
        )
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("Pekerja")


@pytest.mark.parametrize("path", ["/operations", "/webhooks"])
def test_pages_fit_a_phone_and_need_no_script(phone_page: Page, desk: Served, path: str) -> None:
    desk.signed_in(phone_page, Role.ADMIN)
    phone_page.goto(f"{desk.base}{path}")
    assert fits(phone_page)
    context = phone_page.context.browser
    assert context is not None
    plain = context.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 780},
        storage_state=phone_page.context.storage_state(),
    )  # fmt: skip
    without = plain.new_page()
    without.goto(f"{desk.base}{path}?lang=en")
    expect(without.locator("h1")).to_have_text("Machine" if path == "/operations" else "Webhooks")
    plain.close()
