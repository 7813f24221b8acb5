"""The page of trainings in a real browser: it follows along by itself, keeps what is open, and has no barrier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from tests.api.sample import NOW
from tests.e2e.desk.barriers import barriers
from tests.e2e.desk.served import Served, fits, served
from tests.models.learning_steps import add_answers
from waspada.access import Role
from waspada.models import service, training_repository, trainings
from waspada.models.types import Training, TrainingKind, TrainingState

NAME = "uji-id-v1~1"
LONG = "begitu-panjang-" * 20


def fill(session: Session) -> dict[str, int]:
    """One that failed, one that was cancelled, one that is done, one that runs, one that waits."""
    add_answers(session)
    service.register(session, NAME, NAME, kind="hashed-linear", actor="tuan", now=NOW)
    for state, problem in ((TrainingState.FAILED, LONG), (TrainingState.CANCELLED, ""), (TrainingState.DONE, "")):
        trainings.ask(session, TrainingKind.HEADS, actor="ani", now=NOW)
        training = claim(session)
        trainings.note_model(session, training, NAME)
        say(session, training, LONG)
        trainings.end(session, training, state, NOW, problem)
    trainings.ask(session, TrainingKind.HEADS, actor="ani", now=NOW)
    say(session, claim(session), "belajar")
    trainings.ask(session, TrainingKind.COMPARE, actor="ani", now=NOW, model=NAME)
    return {}


def claim(session: Session) -> Training:
    found = trainings.claim(session, NOW)
    assert found is not None
    return found


def say(session: Session, training: Training, line: str, done: int = 1) -> None:
    assert trainings.beat(session, training, stage="learn", done=done, total=4, lines=[line], now=NOW)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, fill) as running:
        yield running


def running(desk: Served) -> Training:
    with desk.store.read() as session:
        return next(one for one in training_repository.unfinished(session) if one.state is TrainingState.RUNNING)


def opened(page: Any, desk: Served) -> Any:
    desk.signed_in(page, Role.ANALYST)
    page.goto(f"{desk.base}/models/trainings?lang=en")
    return page


def test_it_follows_along_and_keeps_what_is_open(page: Any, desk: Served) -> None:
    opened(page, desk)
    training = running(desk)
    article = page.locator(f"#training-{training.id}")
    article.locator("summary").click()
    expect(article.locator("progress")).to_have_attribute("value", "1")
    with desk.store.write() as session:
        say(session, training, "lanjut", 3)
    expect(article.locator("progress")).to_have_attribute("value", "3")
    expect(article.locator("pre")).to_contain_text("lanjut")
    expect(article.locator("details")).to_have_attribute("open", "")
    expect(article.locator("summary")).to_be_focused()
    with desk.store.write() as session:
        trainings.note_model(session, training, NAME)
        trainings.end(session, training, TrainingState.DONE, NOW)
    expect(page.locator("#trainings-said")).to_have_text(f"Quick training {training.id}: done")
    expect(article.get_by_role("link", name=NAME)).to_be_visible()
    expect(page.locator("#ask-heads")).to_be_enabled()


def test_asked_and_cancelled(page: Any, desk: Served) -> None:
    opened(page, desk)
    expect(page.locator("#ask-heads")).to_be_disabled()
    page.locator("#ask-full").click()
    waits = page.locator("article").first
    expect(waits).to_contain_text("waits for the worker")
    waits.get_by_role("button", name="Cancel").click()
    expect(page.locator("article").first).to_contain_text("cancelled")
    page.locator("article").first.get_by_role("button", name="Go on where it was").click()
    expect(page.locator("article").first).to_contain_text("waits for the worker")


@pytest.mark.parametrize("width", [1280, 360])
def test_no_barrier_and_nothing_stands_out(browser: Any, desk: Served, width: int) -> None:
    for language, scheme in (("id", "light"), ("en", "dark")):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        tab = context.new_page()
        desk.signed_in(tab, Role.ANALYST)
        tab.goto(f"{desk.base}/models/trainings?lang={language}")
        for fold in tab.locator("details").all():
            fold.evaluate("one => { one.open = true; }")
        found = barriers(tab)
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
        assert fits(tab)
        tab.goto(f"{desk.base}/models/{NAME}?lang={language}")
        assert fits(tab)
        context.close()
