"""Digests in a real browser: the mails as they were looked at, printing, and the texts around them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.sample import NOW
from tests.digests.situations import GOLDEN, SITUATIONS
from tests.e2e.desk.barriers import barriers
from tests.e2e.desk.served import Served, served
from waspada.access import Role
from waspada.digests.service import Maker, keep
from waspada.digests.types import Wanted


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        with running.store.write() as session:
            keep(session, Maker(session, NOW, running.settings).make(Wanted("63")), NOW)
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 700])
def test_mails_fit_can_be_read_and_ask_for_nothing(browser: Browser, scheme: Any, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    problems = []
    for situation in SITUATIONS:
        address = (GOLDEN / f"{situation.name}.html").as_uri()
        asked.clear()
        tab.goto(address)
        assert asked == [address]
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, situation.name
        found = barriers(tab, "wcag2a", "wcag2aa")
        problems += [(situation.name, one["id"], [node["target"] for node in one["nodes"]]) for one in found]
    context.close()
    assert problems == []


def test_a_digest_is_printed_without_what_surrounds_it(console: Served, page: Page) -> None:
    console.signed_in(page, Role.LIAISON)
    page.goto(f"{console.base}/digests")
    page.get_by_role("link", name="1 · Laporan harian").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Laporan harian kewaspadaan dini")
    expect(page.get_by_role("link", name="PDF")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="PDF")).to_be_hidden()
    expect(page.locator("header.top, .top").first).to_be_hidden()
    expect(page.locator("article")).to_contain_text("Belum diverifikasi")


def test_a_digest_is_taken_away_as_pdf(console: Served, page: Page) -> None:
    console.signed_in(page, Role.LIAISON)
    page.goto(f"{console.base}/digests/1")
    with page.expect_download() as taken:
        page.get_by_role("link", name="PDF").click()
    assert taken.value.suggested_filename == "waspada-harian-1.pdf"
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")


def test_the_texts_are_tried_before_they_are_used(console: Served, page: Page) -> None:
    console.signed_in(page, Role.SUBSCRIBER_MANAGER)
    page.goto(f"{console.base}/digests/templates")
    page.get_by_role("link", name="Laporan harian").first.click()
    page.get_by_label("Pembuka").fill("Kepada camat di {wilayah},")
    page.get_by_role("button", name="Pratinjau").click()
    expect(page.locator("pre")).to_contain_text("Kepada camat di Kalimantan Selatan,")
    page.get_by_label("Penutup").fill("Pelaku {apa}")
    page.get_by_role("button", name="Pakai teks ini").click()
    expect(page.get_by_role("alert")).to_contain_text("{apa}")
    page.get_by_label("Penutup").fill("Salam dari kantor.")
    page.get_by_role("button", name="Pakai teks ini").click()
    expect(page.locator("#closing")).to_have_value("Salam dari kantor.")
    expect(page.locator("section", has_text="Teks sebelumnya").locator("li")).to_have_count(1)
