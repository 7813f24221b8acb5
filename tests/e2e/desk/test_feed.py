"""The living list in a real browser: what comes is told and loaded in place, steps with several, keys all the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import TimeoutError, expect
from sqlalchemy import update

from tests.api.sample import CLASH, NOW, add_alert
from tests.e2e.desk.served import Served, served
from waspada.access import Role
from waspada.alerts.service import move
from waspada.alerts.types import AlertState
from waspada.store.tables import AlertRow

TOP = "(one) => one.getBoundingClientRect().top"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        running.app.state.context.live._every_seconds = 0.1
        yield running


def signed_in(page: Any, desk: Served, path: str = "/alerts") -> Any:
    desk.signed_in(page, Role.LIAISON)
    page.goto(f"{desk.base}{path}")
    return page


def come(desk: Served) -> int:
    with desk.store.write() as session:
        return add_alert(session, CLASH)


def state(desk: Served, name: str) -> tuple[str, int]:
    with desk.store.read() as session:
        row = session.get_one(AlertRow, desk.alerts[name])
        return row.state, row.revision


def acknowledge(desk: Served, name: str) -> None:
    with desk.store.write() as session:
        move(
            session,
            desk.alerts[name],
            AlertState.ACKNOWLEDGED,
            actor="liaison-2",
            revision=state(desk, name)[1],
            now=NOW,
        )


def test_what_comes_is_told_and_loaded_without_moving_the_page(page: Any, desk: Served) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})  # the page goes on below what is looked at
    signed_in(page, desk)
    bar, hoax = page.locator("#live"), desk.alerts["hoax"]
    before = int(re.match(r"\((\d+)\)", page.title())[1])  # type: ignore[index]
    assert not bar.is_visible()
    page.locator(f"#pick-{hoax}").check()
    page.locator(f'[data-alert="{hoax}"] h2 a').focus()
    fresh = come(desk)
    page.get_by_text("1 peringatan baru").wait_for()
    acknowledge(desk, "clash")
    page.get_by_text("1 peringatan baru, 1 berubah").wait_for()
    page.get_by_role("button", name="Muat", exact=True).hover()  # what scrolls into sight does so before it is measured
    top = page.locator(f'[data-alert="{hoax}"]').evaluate(TOP)
    assert page.title().startswith(f"({before + 2}) ")
    expect(page.locator(f'[data-alert="{fresh}"]')).to_have_count(0)  # nothing moves before it is asked for
    page.get_by_role("button", name="Muat", exact=True).click()
    page.locator(f'[data-alert="{fresh}"]').wait_for()
    assert not bar.is_visible()
    assert page.locator(f"#pick-{hoax}").is_checked()
    assert page.evaluate("document.activeElement.closest('[data-alert]')?.dataset.alert") == str(hoax)
    there = page.locator(f'[data-alert="{hoax}"]')
    assert there.evaluate(TOP) == pytest.approx(top, abs=12)  # a card of 300 px came above it
    come(desk)  # it goes on listening
    page.get_by_text("1 peringatan baru").wait_for()


def test_a_lost_connection_is_said_and_found_again(page: Any, desk: Served) -> None:
    with page.expect_response(re.compile("/alerts/stream")):
        signed_in(page, desk)
    said = page.get_by_text(re.compile(r"Tidak tersambung sejak \d\d\.\d\d"))
    for _ in range(5):  # a greeting that was on its way says once more that all is well
        page.context.set_offline(True)
        try:
            said.wait_for(timeout=4_000)
            break
        except TimeoutError:
            page.context.set_offline(False)
    assert said.is_visible()
    page.context.set_offline(False)
    page.locator("#live").wait_for(state="hidden")


def test_a_session_that_ended_is_said(page: Any, desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.v1.stream.BEAT_SECONDS", 0.1)
    signed_in(page, desk)
    page.evaluate(
        "fetch('/logout', {method: 'POST', body: new FormData(document.querySelector('form[action=\"/logout\"]'))})"
    )
    page.get_by_text("Sesi Anda telah berakhir.").wait_for()
    assert page.get_by_role("link", name="Masuk lagi").is_visible()


def test_a_list_is_worked_by_keys_alone(page: Any, desk: Served) -> None:
    signed_in(page, desk)
    focused = "document.activeElement.closest('[data-alert]')?.dataset.alert"
    first, second = (page.locator("[data-alert]").nth(n).get_attribute("data-alert") for n in (0, 1))
    page.keyboard.press("j")
    assert page.evaluate(focused) == first
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate(focused) == first
    page.keyboard.press("x")
    assert page.locator(f"#pick-{first}").is_checked()
    assert page.locator("#with-several").get_attribute("open") is not None
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "region"
    page.locator(f'[data-alert="{first}"] h2 a').focus()
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    page.keyboard.press("Escape")
    page.locator(f'[data-alert="{first}"] h2 a').focus()
    page.keyboard.press("a")  # taken in hand, and back on the list
    expect(page.locator(f"[data-alert='{first}'] .state-acknowledged")).to_have_count(1)
    assert state(desk, "clash")[0] == "acknowledged"
    page.locator(f'[data-alert="{first}"] h2 a').focus()
    page.keyboard.press("o")
    page.wait_for_url(f"**/alerts/{first}")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.name") == "note"
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("v")
    page.locator("header .state-verified").wait_for()
    page.keyboard.press("u")
    page.wait_for_url("**/alerts")
    assert second is not None


def test_several_are_moved_at_once_and_the_overtaken_one_is_named(page: Any, desk: Served) -> None:
    signed_in(page, desk)
    for name in ("clash", "hoax"):
        page.locator(f"#pick-{desk.alerts[name]}").check()
    assert page.locator("[data-count]").inner_text() == "2"
    acknowledge(desk, "hoax")
    page.get_by_label("Langkah").select_option("not_a_threat")
    page.get_by_label("Alasan").select_option("old_news")
    page.get_by_role("button", name="Lakukan").click()
    page.get_by_text("1 selesai, 1 didahului orang lain.").wait_for()
    assert page.get_by_text("liaison-2").is_visible()
    assert state(desk, "clash")[0] == "not_a_threat"
    assert state(desk, "hoax")[0] == "acknowledged"


def test_all_shown_are_chosen_and_read(page: Any, desk: Served) -> None:
    signed_in(page, desk)
    page.get_by_text("Beberapa sekaligus").click()
    page.get_by_label("Pilih semua yang tampil").check()
    shown = page.locator("[data-alert]").count()
    expect(page.locator("[name=chosen]:checked")).to_have_count(shown)
    expect(page.locator(".mark-new")).to_have_count(shown)
    page.get_by_role("button", name="Tandai semua yang tampil sudah dibaca").click()
    expect(page.locator(".mark")).to_have_count(0)
    expect(page).to_have_title(re.compile("^Peringatan"))
    with desk.store.write() as session:
        session.execute(update(AlertRow).where(AlertRow.id == desk.alerts["hoax"]).values(revision=9))
    page.reload()
    expect(page.locator(".mark-changed")).to_have_count(1)


def test_the_list_fits_a_phone_and_serves_without_javascript(phone_page: Any, desk: Served) -> None:
    signed_in(phone_page, desk)
    phone_page.locator("#with-several summary").click()
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 360
    plain = phone_page.context.browser.new_context(java_script_enabled=False)
    page = signed_in(plain.new_page(), desk)
    page.locator("#with-several summary").click()
    page.locator(f"#pick-{desk.alerts['clash']}").check()
    page.get_by_label("Langkah").select_option("assign")
    page.get_by_role("button", name="Lakukan").click()
    page.get_by_text("1 selesai.").wait_for()
    assert not page.locator("#live").is_visible()
    plain.close()
