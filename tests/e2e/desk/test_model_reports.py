"""A month's report, agreement and suspected answers in a real browser: no barrier, a phone's width, no JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from tests.api.sample import fill as fill_desk
from tests.drift.months import MODEL, MONTHS, NOW, add_answer, add_news, fill
from tests.e2e.desk.barriers import barriers
from tests.e2e.desk.served import Served, fits, served
from waspada.access import Role
from waspada.clock import DEFAULT_ZONE
from waspada.jobs.model_report import report_due
from waspada.labels.suspects import KEY
from waspada.models import service as models

PAGES = ("/models/reports", "/models/reports/2024-10", "/labels/agreement", "/labels/suspects", "/labels", "/models")


def months(session: Session) -> dict[str, int]:
    alerts = fill_desk(session)
    fill(session)
    items = add_news(session, MONTHS[3], 3, seed=4)
    for item in items:
        add_answer(session, item, "ana-analis", NOW - timedelta(days=9))
    found = [
        {"item_id": item, "field": field, "given": 0, "likely": 1, "score": 0.1}
        for item, field in zip(items, ("fraud", "conflict", "alert"), strict=True)
    ]
    made_of = {KEY: found}
    models.register(session, "uji~1", "uji~1", kind="heads", actor="ani", now=NOW - timedelta(hours=1), made_of=made_of)
    models.register(session, MODEL, MODEL, kind="tiny", actor="ani", now=MONTHS[0])
    who = {"default": "uji-0", "seen": "uji-0", "actor": "ani", "reason": "coba"}
    models.promote(session, MODEL, override=True, now=MONTHS[3], **who)
    return alerts


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("desk"), months, clock=lambda: NOW) as running:
        assert report_due(running.store, DEFAULT_ZONE, MODEL, NOW) is not None
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(browser: Any, desk: Served, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)
    context.add_cookies(desk.cookies(Role.ADMIN))
    tab, problems = context.new_page(), []
    for path in PAGES:
        tab.goto(desk.base + path)
        problems += [(path, one["id"], one["nodes"][0]["target"]) for one in barriers(tab)]
    context.close()
    assert problems == []


def test_every_page_fits_a_phone(phone_page: Any, desk: Served) -> None:
    page = desk.signed_in(phone_page, Role.ADMIN)
    for path in PAGES:
        page.goto(desk.base + path)
        assert fits(page), path
    page.goto(f"{desk.base}/models/reports/2024-10")
    assert page.locator(".chart-wrap").evaluate("box => box.scrollWidth <= box.clientWidth")


def test_from_the_models_to_a_report_without_scripts(browser: Any, desk: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = desk.signed_in(context.new_page(), Role.ADMIN)
    page.goto(f"{desk.base}/models")
    page.get_by_role("link", name="Laporan bulanan").click()
    page.get_by_role("link", name="2024-10").click()
    expect(page.locator("h1")).to_have_text("Laporan model bulan 2024-10")
    expect(page.locator("#decisions + ul")).to_contain_text(f"{MODEL} mulai dipakai")
    expect(page.locator("svg.rates[role=img] .share.now").first).to_be_visible()
    page.get_by_text("Sama, dengan jawaban bulan-bulan sebelumnya").click()
    expect(page.locator("#calibration-before")).to_be_visible()
    context.close()


def test_a_suspected_answer_is_given_again(page: Any, desk: Served) -> None:
    desk.signed_in(page, Role.ANALYST).goto(f"{desk.base}/labels")
    page.get_by_role("link", name="Jawaban yang mungkin keliru").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.locator("tbody a").first.click()
    page.get_by_role("button", name="Jawab dan lanjutkan").click()
    page.goto(f"{desk.base}/labels/suspects")
    expect(page.locator("tbody tr")).to_have_count(2)
