"""The labelling desk in a real browser: fifty items by keys alone, a line that breaks, two at once, no JavaScript."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.api.sample import NOW
from tests.e2e.desk.served import Served, fits, served
from tests.labels.test_service import add_task
from tests.patience import until
from waspada.access import Role
from waspada.labels import repository
from waspada.store.tables import LabelRow, LabelTaskRow
from waspada.taxonomy import Label

ITEMS = 50


def fill(session: Session) -> dict[str, int]:
    text = "Dua kelompok warga saling dorong di Martapura. Polisi melerai. Rapat dilanjutkan pada sore hari."
    for number in range(1, ITEMS + 1):
        on = (Label.CONFLICT,) if number % 2 else ()
        add_task(session, number, title=f"Rapat ke-{number} di Martapura", text=text, on=on, found_at=NOW)
    return {}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, fill) as running:
        yield running


def labels(desk: Served) -> list[LabelRow]:
    with desk.store.read() as session:
        return list(session.scalars(select(LabelRow).order_by(LabelRow.id)))


def shown(page: Any) -> str:
    return str(page.locator("form.label-item").get_attribute("data-item"))


def answer(page: Any, keys: str = "") -> None:
    """Presses keys and Enter, and waits for the next item."""
    now = shown(page)
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator(f'form.label-item[data-item="{now}"]')).to_have_count(0)


def test_fifty_items_by_keys_alone(page: Any, desk: Served) -> None:
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    desk.signed_in(page, Role.ANALYST).goto(f"{desk.base}/labels")
    for number in range(ITEMS):
        expect(page.locator("form.label-item")).to_be_visible()
        if number == 0:  # evidence: the second sentence of the text, for neutrality
            for key in "3jjje":
                page.keyboard.press(key)
            answer(page)
        elif number == 1:  # a note
            page.keyboard.press("n")
            page.keyboard.type("Judul tidak sesuai isi")
            now = shown(page)
            page.keyboard.press("Enter")
            expect(page.locator(f'form.label-item[data-item="{now}"]')).to_have_count(0)
        elif number == 2:  # left to others
            now = shown(page)
            page.keyboard.press("s")
            expect(page.locator(f'form.label-item[data-item="{now}"]')).to_have_count(0)
        elif number == 3:  # answered, taken back, answered anew
            first = shown(page)
            answer(page, "5")
            until(lambda: len(labels(desk)) == 3, "the answer at the desk")
            page.keyboard.press("u")
            expect(page.locator(f'form.label-item[data-item="{first}"]')).to_be_visible()
            answer(page, "5")
        elif number == 4:  # one back and forward again
            last = shown(page)
            page.keyboard.press("b")
            expect(page.locator(f'form.label-item[data-item="{last}"]')).to_have_count(0)
            answer(page)
            expect(page.locator(f'form.label-item[data-item="{last}"]')).to_be_visible()
            answer(page, "99")
        else:
            answer(page, "8")
    expect(page.locator("#labelling .empty")).to_contain_text("tidak ada yang menunggu")
    until(lambda: len({one.item_id for one in labels(desk) if one.standing}) == ITEMS - 1, "the answers at the desk")
    assert loads == [f"{desk.base}/labels"]
    kept = [one for one in labels(desk) if one.standing]
    assert [span["label"] for span in kept[0].spans] == ["neutrality"]
    assert kept[0].spans[0]["field"] == "text"
    assert "Judul tidak sesuai isi" in {one.note for one in kept}
    assert all(one.seconds is not None and one.seconds < 300 for one in kept)
    hidden = Counter(one.shown for one in kept)
    assert hidden[False] < hidden[True]
    for one in kept:
        if one.shown:
            assert one.proposed is not None


def test_a_line_that_breaks_loses_and_doubles_nothing(page: Any, desk: Served) -> None:
    desk.signed_in(page, Role.ANALYST).goto(f"{desk.base}/labels")
    expect(page.locator("form.label-item")).to_be_visible()
    answer(page, "8")
    until(lambda: len(labels(desk)) == 1, "the first answer")
    page.context.set_offline(True)
    for _ in range(4):
        answer(page, "8")
    expect(page.locator("#label-said")).to_contain_text("4")
    page.context.set_offline(False)
    until(lambda: len(labels(desk)) == 5, "the answers that had waited")
    expect(page.locator("#label-said")).to_be_hidden()
    assert len({one.item_id for one in labels(desk)}) == 5
    assert len(labels(desk)) == 5


def test_what_was_not_sent_is_sent_by_the_next_page(page: Any, desk: Served) -> None:
    desk.signed_in(page, Role.ANALYST).goto(f"{desk.base}/labels")
    expect(page.locator("form.label-item")).to_be_visible()
    page.route("**/api/v1/labels", lambda route: route.abort())
    answer(page, "8")
    expect(page.locator("#label-said")).to_contain_text("1")
    page.unroute("**/api/v1/labels")
    page.goto(f"{desk.base}/labels")
    until(lambda: len(labels(desk)) == 1, "the answer that the browser had kept")


def test_without_javascript_the_form_does_the_same(browser: Any, desk: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        context.add_cookies(desk.cookies(Role.ANALYST))
        page = context.new_page()
        page.goto(f"{desk.base}/labels")
        now = shown(page)
        page.get_by_label("insiden").check()
        page.locator(".sentence input").nth(1).check(force=True)
        page.get_by_role("button", name="Jawab dan lanjutkan").click()
        assert shown(page) != now
        [kept] = labels(desk)
        assert (kept.item_id, kept.fields["conflict"]) == (int(now), 2)
        assert "conflict" in {span["label"] for span in kept.spans}
        page.get_by_role("button", name="Serahkan kepada yang lain").click()
        page.get_by_role("button", name="Tarik jawaban terakhir").click()
        assert shown(page) == now
        assert not labels(desk)[0].standing
    finally:
        context.close()


def test_a_third_person_decides_on_a_phone(phone_page: Any, desk: Served) -> None:
    with desk.store.write() as session:
        item = session.scalars(select(LabelTaskRow.item_id)).first()
        task = session.get(LabelTaskRow, item)
        assert task is not None
        task.seats = 2
    for number, conflict in enumerate((1, 2)):
        client_name = f"analyst-{number + 5}"
        token = desk.token(Role.ANALYST, client_name)
        said = {"key": f"key-number-{number}", "item_id": item, "version": 1, "values": {"conflict": conflict}}
        reply = httpx.post(
            f"{desk.base}/api/v1/labels", json=said, headers={"Authorization": f"Bearer {token}"}, timeout=30
        )
        assert reply.status_code == 201, reply.text
    page = desk.signed_in(phone_page, Role.ANALYST)
    page.goto(f"{desk.base}/labels/disagreements")
    assert fits(page)
    expect(page.locator("tbody th")).to_have_count(1)
    page.locator("tbody th a").click()
    assert fits(page)
    expect(page.get_by_role("table")).to_contain_text("insiden")
    page.get_by_label("ketegangan").check()
    page.get_by_role("button", name="Jawab dan lanjutkan").click()
    expect(page.locator(".empty")).to_be_visible()
    assert item is not None
    with desk.store.read() as session:
        assert [one.role for one in repository.standing(session, [item])] == ["labeller", "labeller", "adjudicator"]
