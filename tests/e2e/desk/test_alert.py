"""The page of one alert in a real browser: what happened where, how sure it is, who is on it, and why it ranks here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from tests.api.sample import CLASH, Report, add_alert, fill
from tests.e2e.desk.barriers import barriers
from tests.e2e.desk.served import Served, served
from waspada.access import Role


def filled(session: Session) -> dict[str, int]:
    """The sample, and an alert that one outlet reports again and again, and seven others once."""
    loud = [Report("Warta Intan", f"Laporan {n}", f"«Regu {n} tiba di simpang {n}.»", hours_ago=n) for n in range(1, 6)]
    others = [Report(f"Media {n}", f"Kabar {n}", f"«Warga {n} menonton dari kios {n}.»", hours_ago=9) for n in range(7)]
    many = replace(CLASH, regions=["63.03.05", "63.71"], headline="Keributan di pasar", reports=[*loud, *others])
    return {**fill(session), "many": add_alert(session, many)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("desk")
    with served(folder, filled) as running:
        yield running


def opened(tab: Any, desk: Served, name: str) -> Any:
    tab.context.add_cookies(desk.cookies(Role.LIAISON))
    tab.set_default_timeout(10_000)
    tab.goto(f"{desk.base}/alerts/{desk.alerts[name]}")
    return tab


def test_five_seconds_are_enough_also_on_a_phone(phone_page: Any, desk: Served) -> None:
    tab = opened(phone_page, desk, "clash")
    head = tab.locator("article.alert > header")
    told = head.inner_text()
    for words in ("Martapura, Kabupaten Banjar", "sangat mungkin (94%)", "Belum ada", "Tujuh orang luka"):
        assert words in told
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert head.bounding_box()["height"] < 2 * 780


def test_a_quote_leads_to_its_report_also_where_that_is_folded(page: Any, desk: Served) -> None:
    tab = opened(page, desk, "many")
    expect(tab.locator("details.folded")).to_have_count(2)
    first = tab.locator(".story a").first
    report = tab.locator(f"article{first.get_attribute('href')}")
    assert not report.is_visible()
    first.click()
    report.wait_for(state="visible")


def test_one_goes_to_the_neighbour_and_to_what_makes_the_difference(page: Any, desk: Served) -> None:
    tab = opened(page, desk, "hoax")
    tab.locator(".beside", has_text="Tepat di atas").get_by_role("link", name="Bagian demi bagian").click()
    expect(tab.locator("main")).to_contain_text("Peringatan")
    tab.go_back()
    tab.locator(".beside", has_text="Tepat di atas").get_by_role("link").first.click()
    tab.wait_for_url(f"**/alerts/{desk.alerts['neutrality']}")


def test_the_other_voice_is_marked_and_places_lead_on(page: Any, desk: Served) -> None:
    expect(opened(page, desk, "hoax").locator(".story .other")).to_contain_text("KPU kota menyatakan itu tidak benar.")
    tab = opened(page, desk, "many")
    tab.locator(".places").get_by_role("link", name="Kota Banjarmasin").click()
    expect(tab.locator(".cards")).to_contain_text("Keributan di pasar")
    assert "rekapitulasi" not in tab.locator(".cards").inner_text()


def test_from_an_edited_report_to_the_change_and_to_its_correction(page: Any, desk: Served) -> None:
    tab = opened(page, desk, "clash")
    tab.get_by_role("link", name="apa yang diubah").click()
    assert tab.locator("#edits ins").count()
    assert tab.locator("#edits .chip").first.inner_text()  # in words, not in colour alone
    tab.get_by_role("link", name="Minta koreksi").click()
    assert tab.locator("#about").input_value().startswith("item/")


def test_no_barrier_with_much_to_show(page: Any, desk: Served) -> None:
    tab = opened(page, desk, "many")
    assert not [(one["id"], one["nodes"][0]["html"]) for one in barriers(tab)]
