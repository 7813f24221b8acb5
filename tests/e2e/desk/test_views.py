"""Saved views, exports and searches in a real browser: what a liaison and an analyst do with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.sample import CLASH, add_alert
from tests.e2e.desk.served import Served, served
from waspada.access import Role


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("a1")) as one:
        yield one


def test_a_view_is_saved_opened_renamed_and_removed(desk: Served, page: Any) -> None:
    desk.signed_in(page, Role.LIAISON).goto(f"{desk.base}/alerts")
    page.select_option("#region", "63.03")
    page.select_option("#level", "2")
    page.click("main form.filters button")
    page.click("text=Simpan tampilan ini")
    page.fill("#title", "Rudi Hartono")
    page.click("main button.primary")
    assert "menurut orang" in page.inner_text("[role=alert]")
    page.fill("#title", "Banjar ke atas")
    page.check("input[name=shared]")
    page.click("main button.primary")
    assert page.inner_text(".saved a[aria-current]").strip() == "Banjar ke atas"
    page.goto(f"{desk.base}/alerts")
    with desk.store.write() as session:
        add_alert(session, CLASH)
    page.reload()
    assert page.inner_text(".saved .count-new").split() == ["1", "baru"]
    page.click(".saved a:has-text('Banjar ke atas')")
    assert "region=63.03&level=2" in page.url
    page.goto(f"{desk.base}/alerts")
    assert page.query_selector(".saved .count-new") is None
    page.goto(f"{desk.base}/views")
    page.click("summary:text-is('Ubah')")
    page.fill("input[name=title]", "Banjar saja")
    page.click("li button:text-is('Simpan')")
    assert "Banjar saja" in page.inner_text("main h2")
    page.click("summary:text-is('Ubah')")
    page.click("button.danger")
    assert "Belum ada tampilan tersimpan." in page.inner_text("main")


def test_an_export_asks_for_its_purpose_once_and_comes_as_a_file(desk: Served, page: Any, tmp_path: Path) -> None:
    desk.signed_in(page, Role.LIAISON).goto(f"{desk.base}/alerts")
    page.click("text=Ekspor CSV")
    page.select_option("#purpose", "clarification")
    with page.expect_download() as coming:
        page.click("main button.primary")
    coming.value.save_as(tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    page.goto(f"{desk.base}/alerts")
    with page.expect_download() as coming:
        page.click("text=Ekspor GeoJSON")
    assert coming.value.suggested_filename.endswith(".geojson")


def test_an_analyst_searches_by_keyboard_and_a_name_is_refused(desk: Served, page: Any) -> None:
    desk.signed_in(page, Role.ANALYST).goto(f"{desk.base}/alerts")
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.select_option("#purpose", "incident")
    page.click("main button.primary")
    page.wait_for_url(f"{desk.base}/search")
    page.keyboard.press("/")
    page.keyboard.type("lempar batu")
    page.keyboard.press("Enter")
    page.wait_for_selector("ol.found")
    assert page.url == f"{desk.base}/search"
    assert [mark.inner_text() for mark in page.query_selector_all("h3 mark")][:2] == ["lempar", "batu"]
    assert "Rudi" not in page.content()
    page.fill("#words", "Rudi Hartono")
    page.click("main button.primary")
    assert "mungkin nama orang" in page.inner_text("[role=alert]")
    page.fill("#words", '<img src=x onerror="document.title=1"> batu')
    page.click("main button.primary")
    assert page.title() == "Cari · Waspada"


@pytest.mark.parametrize("path", ["/alerts", "/views", "/views/new?region=63.71&level=2", "/search", "/purpose"])
def test_nothing_is_wider_than_a_phone(desk: Served, phone_page: Any, path: str) -> None:
    phone_page.context.add_cookies(desk.cookies(Role.ANALYST))
    phone_page.goto(f"{desk.base}{path}")
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 360
