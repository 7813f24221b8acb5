"""A real browser for the desk's pages, and the application served to it over a sample store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.screenshots import FLAGS
from tests.conftest import not_run
from tests.patience import PATIENCE_SECONDS


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright; one for all tests of a module.

    Not one for the whole process: while Playwright runs, its event loop does, and tests that run one of their own
    could not.
    """
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        not_run("chromium is not installed")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A tab of its own, as wide as a desk's screen."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def phone_page(browser: Any) -> Iterator[Any]:
    """A tab of its own, as narrow as a small phone."""
    context = browser.new_context(viewport={"width": 360, "height": 780})
    yield context.new_page()
    context.close()
