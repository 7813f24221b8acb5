"""The machine and webhooks in a real browser: an admin sets one up, sees it told, sends it again, and takes it away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Page, expect

from api.app import create_app
from tests.api.sample import NOW, fill
from tests.empty import put_empty_store
from waspada.access import Role, Scope, add_user, issue_token
from waspada.processes import repository
from waspada.settings import Settings
from waspada.store import Store, open_store


@dataclass
class Served:
    base: str
    token: str
    store: Store


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    settings = Settings(data_dir=tmp_path / "desk")
    put_empty_store(settings.data_dir)
    store = open_store(settings)
    with store.write() as session:
        fill(session)
        add_user(session, "admin-1", Role.ADMIN, None, actor="test", now=NOW)
        token = issue_token(session, "admin-1", "test", Scope.ADMIN, now=NOW).secret
        for role in ("collector", "worker", "api"):
            detail = {"touched_at": NOW.isoformat()} if role == "worker" else {}
            repository.beat(
                session, role, "9f86d081884c", 4242, started_at=NOW, now=NOW, version="0.6.0", detail=detail
            )
    app = create_app(store, settings, clock=lambda: NOW)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(f"http://127.0.0.1:{port}", token, store)
    server.should_exit = True
    thread.join(10)
    store.close()


def sign_in(page: Page, served: Served) -> None:
    page.goto(f"{served.base}/login")
    page.locator("input[name=token]").fill(served.token)
    page.locator("main form button").first.click()
    page.wait_for_url(f"{served.base}/**")


def wide(page: Page) -> bool:
    """Whether the page is wider than the screen."""
    found: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return found


def test_a_webhook_from_its_setting_up_to_its_end(page: Page, served: Served) -> None:
    sign_in(page, served)
    page.goto(f"{served.base}/webhooks")
    page.get_by_label("Judul").fill("Posko kabupaten")
    page.get_by_label("Alamat (https)").fill("https://posko.example/terima")
    page.get_by_label("Label").select_option("conflict")
    page.get_by_role("button", name="Pasang").click()
    secret = page.locator("code.secret").inner_text()
    assert secret.startswith("whsec_")
    page.get_by_role("button", name="Kirim uji coba").click()
    expect(page.locator("table")).to_contain_text("Pesan uji coba")
    page.set_viewport_size({"width": 360, "height": 780})
    assert not wide(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert secret not in page.content()
    page.get_by_role("button", name="Jeda").click()
    expect(page.get_by_role("alert")).to_contain_text("Dijeda sejak")
    page.get_by_role("button", name="Nyalakan").click()
    page.get_by_role("button", name="Kirim lagi").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.goto(f"{served.base}/webhooks")
    expect(page.locator("tbody")).to_contain_text("Posko kabupaten")
    page.get_by_role("link", name="Posko kabupaten").click()
    page.get_by_text("Rahasia baru atau penghapusan").click()
    page.get_by_role("button", name="Hapus webhook ini").click()
    expect(page.locator("main")).to_contain_text("Tidak ada webhook")


def test_an_address_inside_is_refused_and_what_was_typed_stays(page: Page, served: Served) -> None:
    sign_in(page, served)
    page.goto(f"{served.base}/webhooks")
    page.get_by_label("Judul").fill("Dalam")
    page.get_by_label("Alamat (https)").fill("https://10.0.0.8/terima")
    page.get_by_role("button", name="Pasang").click()
    expect(page.get_by_role("alert")).to_contain_text("tidak dapat dipasang")
    expect(page.get_by_label("Judul")).to_have_value("Dalam")


def test_the_machine_says_who_is_silent(page: Page, served: Served) -> None:
    sign_in(page, served)
    page.goto(f"{served.base}/operations")
    expect(page.locator("main")).to_contain_text("Meja siap")
    with served.store.write() as session:
        repository.beat(
            session, "worker", "9f86d081884c", 4242, started_at=NOW, now=NOW.replace(hour=1), version="0.6.0", detail={}
        )
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("Pekerja")


@pytest.mark.parametrize("path", ["/operations", "/webhooks"])
def test_pages_fit_a_phone_and_need_no_script(phone_page: Page, served: Served, path: str) -> None:
    sign_in(phone_page, served)
    phone_page.goto(f"{served.base}{path}")
    assert not wide(phone_page)
    context = phone_page.context.browser
    assert context is not None
    plain = context.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 780},
        storage_state=phone_page.context.storage_state(),
    )  # fmt: skip
    without = plain.new_page()
    without.goto(f"{served.base}{path}?lang=en")
    expect(without.locator("h1")).to_have_text("Machine" if path == "/operations" else "Webhooks")
    plain.close()
