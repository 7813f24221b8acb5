"""Map and time line in a real browser: a silent region does not look calm, and everything leads to its alerts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.api import sample
from tests.api.sample import CLASH, NEUTRALITY, NOW, add_alert
from tests.e2e.desk.barriers import barriers
from tests.e2e.desk.served import Served, served
from waspada.access import Role
from waspada.sources import day_records
from waspada.sources.days import Look
from waspada.sources.types import CoverageState

ZONE = ZoneInfo("Asia/Makassar")
#: Days before today on which nobody looked, or nobody could be heard.
OFF, DEAF = (9, 8), (4,)
_HEARD = {CoverageState.COVERED: 9, CoverageState.THIN: 3, CoverageState.SILENT: 1}


def fill(session: Session) -> dict[str, int]:
    """The sample desk, more alerts in more places, a kabupaten whose one source is silent, and four weeks of looks."""
    found = sample.fill(session)
    for number, code in enumerate(["63.01", "63.71", "63.71", "63.71", "63.72", "63.08", "63.07", "64.72", "62.71"]):
        one = replace(NEUTRALITY if number % 2 else CLASH, headline=f"Peringatan {number}", regions=[code])
        add_alert(session, replace(one, level=1 + number % 3, hours_ago=3.0 + 40 * number))
    add_alert(session, replace(NEUTRALITY, headline="Hanya provinsi", regions=["63"]))
    for days_ago in range(27, -1, -1):
        for hour in range(24):
            now = NOW - timedelta(days=days_ago, hours=hour)
            local = now.astimezone(ZONE)
            if (NOW.astimezone(ZONE).date() - local.date()).days in OFF:
                continue
            deaf = (NOW.astimezone(ZONE).date() - local.date()).days in DEAF
            day_records.keep(session, [Look("63", 0 if deaf else 6, 8, _HEARD)], now, ZONE)
    return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("map"), fill) as running:
        yield running


@pytest.fixture
def tab(page: Page, desk: Served) -> Page:
    page.context.add_cookies(desk.cookies(Role.LIAISON))  # type: ignore[arg-type]
    return page


def test_the_map_tells_calm_from_silence_and_leads_to_the_alerts(tab: Page, desk: Served) -> None:
    tab.goto(f"{desk.base}/map")
    expect(tab.locator("h1")).to_contain_text("Peta")
    bubble = tab.get_by_role("link", name=re.compile("^Kota Banjarmasin: 4 peringatan, tingkat tertinggi 3 .*tipis$"))
    expect(bubble.first).to_be_visible()
    assert tab.locator("svg.map .ring").count() > 3
    tab.goto(f"{desk.base}/map?region=kalimantan")
    unheard = tab.locator("svg.map g:has(.unheard)")
    assert unheard.count() > 20
    expect(unheard.first.locator("title")).to_contain_text("tanpa sumber")
    tab.get_by_role("link", name=re.compile("^Kota Banjarmasin: 4 peringatan, ")).focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/alerts?region=63.71")
    expect(tab.locator("#feed .card")).to_have_count(4)


def test_no_bubble_covers_another(tab: Page, desk: Served) -> None:
    tab.goto(f"{desk.base}/map?period=any")
    boxes = [one.bounding_box() for one in tab.locator("svg.map .disc").all()]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 2) for box in boxes if box]
    assert len(middles) > 4
    for number, (x, y, radius) in enumerate(middles):
        for other_x, other_y, other in middles[number + 1 :]:
            assert ((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5 >= radius + other


def test_the_choices_of_the_map_stay_with_its_links(tab: Page, desk: Served) -> None:
    tab.goto(f"{desk.base}/map")
    tab.get_by_label("Label").select_option("neutrality")
    tab.get_by_label("Waktu").select_option("any")
    tab.get_by_role("button", name="Tampilkan").click()
    expect(tab.locator("svg.map .bubble").first).to_have_attribute("href", re.compile("label=neutrality&period=any$"))
    shown = sum(int(text) for text in tab.locator("svg.map .sum").all_text_contents())
    assert shown == sum(int(text) for text in tab.locator("table td.num").all_inner_texts())
    expect(tab.get_by_role("link", name="1 peringatan tidak menyebut kabupaten atau kota di sini")).to_be_visible()


def test_the_time_line_hatches_what_nobody_heard(tab: Page, desk: Served) -> None:
    tab.goto(f"{desk.base}/timeline")
    expect(tab.locator("h1")).to_have_text("Garis waktu")
    expect(tab.locator("svg.chart .deaf")).to_have_count(len(OFF) + len(DEAF))
    expect(tab.locator("svg.chart .to-come")).to_have_count(14)
    expect(tab.locator("svg.chart .band.vote title")).to_contain_text("Pemungutan suara (pilkada-2024): 27 Nov 2024")
    off = NOW.astimezone(ZONE).date() - timedelta(days=OFF[0])
    row = tab.locator("table tr", has_text=f"{off.day} Nov")
    expect(row).to_contain_text("tidak berjalan")
    day = tab.locator("svg.chart a").last
    count = int(tab.locator("svg.chart a .bar-sum").last.text_content() or 0)
    day.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/alerts?region=63&state=any&opened=2024-11-20")
    expect(tab.locator("h1 .count")).to_have_text(str(count))
    expect(tab.get_by_label("Dibuka pada")).to_have_value("2024-11-20")


@pytest.mark.parametrize("path", ["/map?region=63", "/map?region=indonesia", "/timeline"])
def test_both_fit_a_phone_in_a_box_that_keys_can_scroll(phone_page: Page, desk: Served, path: str) -> None:
    phone_page.context.add_cookies(desk.cookies(Role.LIAISON))  # type: ignore[arg-type]
    phone_page.goto(desk.base + path)
    assert phone_page.evaluate("document.documentElement.scrollWidth") == 360
    box = phone_page.locator(".map-wrap, .chart-wrap")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    box.focus()
    phone_page.keyboard.press("ArrowRight")
    for _ in range(60):
        phone_page.wait_for_timeout(50)
        if box.evaluate("box => box.scrollLeft") > 0:
            return
    pytest.fail("the arrow key does not scroll it")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier_in_a_full_picture(browser: Any, desk: Served, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)
    context.add_cookies(desk.cookies(Role.LIAISON))
    tab, problems = context.new_page(), []
    for path in ("/map?period=any", "/map?region=kalimantan&period=any", "/timeline", "/alerts?opened=2024-11-20"):
        tab.goto(desk.base + path)
        problems += [(path, one["id"], one["nodes"][0]["target"]) for one in barriers(tab)]
    context.close()
    assert problems == []
