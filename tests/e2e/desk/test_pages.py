"""Every page of the console in a real browser: found by itself, so that a new page is looked at without being named.

axe-core (Deque, MPL 2.0) looks for barriers; besides, no page scrolls sideways on a phone, asks for anything elsewhere,
breaks its own content security policy, or says less without JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from api.rights import every
from tests.api.sample import MODEL, NOW, add_compared_model, fill
from tests.e2e.desk.served import Served, served
from tests.subscriptions.people import wanted
from waspada.access import Role
from waspada.access.policy import RIGHTS
from waspada.digests.service import Maker, keep
from waspada.digests.types import Wanted
from waspada.settings import Settings
from waspada.store.tables import SubscriptionRow
from waspada.subscriptions import service
from waspada.subscriptions.links import SubscriptionLinks

#: What stands for a name in an address; pages with another one have to be added here.
_SAMPLES: Mapping[str, str] = {"source_id": "warta-intan", "other_id": "2", "code": "63"}
#: Of what has the same word for its name as something else.
_OF_ITS_OWN: Mapping[str, Mapping[str, str]] = {
    "/models/{name}": {"name": MODEL},
    "/users/{name}": {"name": "admin-1"},
    "/digests/templates/{kind}/{language}": {"kind": "harian", "language": "id"},
}
#: The log lists what was read last, another page each time: asked for what never happens, it stands still.
_STANDING_STILL: Mapping[str, str] = {"/audit": "/audit?action=backup.restore"}
#: Signed links of a desk, made once.
_LINKS: dict[str, dict[str, str]] = {}
_WIDTHS = {"screen": (1280, 900), "phone": (360, 780)}


def fill_with_model(session: Session) -> dict[str, int]:
    """The sample desk, with a model that was compared and a digest that was kept."""
    add_compared_model(session)
    alerts = fill(session)
    keep(session, Maker(session, NOW, Settings()).make(Wanted("63")), NOW)
    return alerts


def links_of(running: Served) -> dict[str, str]:
    """The signed links of a subscriber, by the address of their page."""
    links = SubscriptionLinks(running.settings.secret_key)
    with running.store.write() as session:
        made = service.add(session, wanted(), running.settings, actor="manager-1", now=NOW)
        service.confirm(session, session.get_one(SubscriptionRow, made.id), now=NOW)
        asked = service.add(session, wanted("lurah@kantor.example"), running.settings, actor="manager-1", now=NOW)
    return {
        "/subscription/confirm/{word}": links.confirm(asked.id, 1, NOW),
        "/subscription/manage/{word}": links.manage(made.id, 1, NOW),
        "/unsubscribe/{word}": links.unsubscribe(made.id, 1),
    }


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("desk"), fill_with_model, delivery="files", self_service=True) as running:
        yield running


def filled(path: str, number: str = "1", **given: str) -> str:
    """An address with a sample, or what is given, for each name in it."""
    samples = {**_SAMPLES, **_OF_ITS_OWN.get(path, {}), **given}
    return re.sub(r"\{(\w+)\}", lambda name: samples.get(name[1], number), path)


def pages(desk: Served, **given: str) -> list[str]:
    """The address of every page that a browser can open."""
    if desk.base not in _LINKS:
        _LINKS[desk.base] = links_of(desk)
    found, links = [], _LINKS[desk.base]
    for right in every(desk.app):
        if right.method != "GET" or right.path.startswith(("/api/", "/assets/")) or right.path in ("/", "/login"):
            continue
        if right.action is None or right.action in RIGHTS[Role.ADMIN]:
            found.append(links.get(right.path) or filled(right.path, **given))
    return sorted(found)


@pytest.fixture(scope="module")
def cookies(desk: Served) -> list[dict[str, Any]]:
    """The session of one admin."""
    return desk.cookies(Role.ADMIN)


def opened(browser: Any, cookies: list[dict[str, Any]], width: str, **given: Any) -> Any:
    size = _WIDTHS[width]
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **given)
    context.add_cookies(cookies)
    return context


def shown(tab: Any, address: str) -> str:
    """Opens a page; returns its kind. A download opens none."""
    answer = tab.goto(address, wait_until="load")
    return str(answer.headers.get("content-type", ""))


def is_page(desk: Served, cookies: list[dict[str, Any]], path: str) -> bool:
    """Whether something is there to be looked at: not a file, nor what the sample store does not have."""
    jar = {one["name"]: one["value"] for one in cookies}
    answer = httpx.get(desk.base + path, cookies=jar, timeout=30)
    assert answer.status_code < 500, (path, answer.text)
    return answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")


@pytest.fixture(scope="module")
def listed(desk: Served, cookies: list[dict[str, Any]]) -> list[str]:
    found = [path for path in pages(desk) if is_page(desk, cookies, path)]
    assert len(found) > 8
    assert {f"/models/{MODEL}", "/users/admin-1", "/subscriptions/1", "/deliveries/1", "/subscribe"} <= set(found)
    assert sum(path.startswith(("/subscription/", "/unsubscribe/")) for path in found) == 3
    return found


@pytest.mark.parametrize("width", _WIDTHS)
def test_axe_finds_no_barrier(
    browser: Any, desk: Served, cookies: list[dict[str, Any]], listed: list[str], width: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    axe, problems = Axe(), []
    for language, scheme in (("id", "light"), ("en", "dark")):
        context = opened(browser, cookies, width, color_scheme=scheme)
        tab = context.new_page()
        for path in (*listed, "/login"):
            shown(tab, f"{desk.base}{path}?lang={language}")
            for found in axe.run(tab).response["violations"]:
                problems += [
                    (path, scheme, found["id"], node["target"], node["failureSummary"]) for node in found["nodes"]
                ]
        context.close()
    assert problems == []


def test_no_page_scrolls_sideways_on_a_phone(
    browser: Any, desk: Served, cookies: list[dict[str, Any]], listed: list[str]
) -> None:
    context = opened(browser, cookies, "phone")
    tab = context.new_page()
    wide = {}
    for path in listed:
        shown(tab, desk.base + path)
        needed = tab.evaluate("document.documentElement.scrollWidth")
        if needed > _WIDTHS["phone"][0]:
            wide[path] = needed
    context.close()
    assert wide == {}


def test_pages_keep_to_themselves(browser: Any, desk: Served, cookies: list[dict[str, Any]], listed: list[str]) -> None:
    """No request to another host, no error in the browser's console (a breach of the policy is one), no dialog."""
    context = opened(browser, cookies, "screen")
    tab = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda line: said.append(f"{tab.url}: {line.type} {line.text}"))
    tab.on("pageerror", lambda error: said.append(f"{tab.url}: {error}"))
    tab.on("dialog", lambda dialog: said.append(f"{tab.url}: dialog {dialog.message}"))
    for path in listed:
        shown(tab, desk.base + path)
    context.close()
    assert {url for url in asked if not url.startswith(f"{desk.base}/")} == set()
    assert said == []


def test_pages_say_the_same_without_javascript(
    browser: Any, desk: Served, cookies: list[dict[str, Any]], listed: list[str]
) -> None:
    texts = []
    for runs in (True, False):
        context = opened(browser, cookies, "screen", java_script_enabled=runs)
        tab = context.new_page()
        said = {}
        for path in listed:
            shown(tab, desk.base + _STANDING_STILL.get(path, path))
            said[path] = " ".join(tab.locator("#main").inner_text().split())
        context.close()
        texts.append(said)
    with_scripts, without = texts
    assert all(len(text) > 20 for text in without.values())
    lost = {path: _words(path, said) - set(without[path].split()) for path, said in with_scripts.items()}
    assert {path: words for path, words in lost.items() if words} == {}


def _words(path: str, said: str) -> set[str]:
    """The words of a page; without the figures where every read makes the database larger."""
    return {word for word in said.split() if path != "/operations" or not word[0].isdigit()}
