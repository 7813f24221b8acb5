"""Every page of the console in a real browser: found by itself, so that a new page is looked at without being named.

axe-core (Deque, MPL 2.0) looks for barriers; besides, no page scrolls sideways, asks for anything elsewhere, breaks its
own content security policy, or says less without JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from api.rights import every
from tests.api.sample import MODEL, NOW, add_compared_model, fill
from tests.e2e.desk.barriers import barriers
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
#: The language of each width, the colours in which a page is opened, and the others.
_LOOKS = {"screen": ("en", "dark", "light"), "phone": ("id", "light", "dark")}


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


def shown_pages(desk: Served, cookies: list[dict[str, Any]], **given: str) -> list[str]:
    """Where something is to be looked at: not a file, nor what the sample store does not have."""
    jar = {one["name"]: one["value"] for one in cookies}
    with httpx.Client(base_url=desk.base, cookies=jar, timeout=30) as reader:
        return [path for path in pages(desk, **given) if is_page(reader.get(path))]


def is_page(answer: httpx.Response) -> bool:
    assert answer.status_code < 500, (answer.url, answer.text)
    return answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")


@pytest.fixture(scope="module")
def listed(desk: Served, cookies: list[dict[str, Any]]) -> list[str]:
    found = shown_pages(desk, cookies)
    assert len(found) > 8
    assert {f"/models/{MODEL}", "/users/admin-1", "/subscriptions/1", "/deliveries/1", "/subscribe"} <= set(found)
    assert sum(path.startswith(("/subscription/", "/unsubscribe/")) for path in found) == 3
    return found


@dataclass
class Seen:
    """What was seen on one page."""

    #: Barriers, each with the colours in which it stands.
    barriers: list[tuple[Any, ...]]
    #: What needs more room than the screen is wide.
    sideways: list[int]
    #: Requests to another host, lines in the browser's console (a breach of the policy is one), errors and dialogs.
    noises: list[str]
    text: str

    @property
    def problems(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {
            "barriers": self.barriers,
            "scrolls sideways": self.sideways,
            "asks or says something": self.noises,
        }
        return {name: problems for name, problems in found.items() if problems}


def looked_at(tab: Any, desk: Served, path: str, width: str) -> Seen:
    """A page that is opened once, in the first colours, and then put into the others.

    In these only the contrast can differ; all else is the same document.
    """
    language, first, other = _LOOKS[width]
    noises: list[str] = []
    listeners = {
        "request": lambda asked: noises.append(asked.url) if not asked.url.startswith(f"{desk.base}/") else None,
        "console": lambda line: noises.append(f"{line.type} {line.text}"),
        "pageerror": lambda error: noises.append(str(error)),
        "dialog": lambda dialog: noises.append(f"dialog {dialog.message}"),
    }
    tab.emulate_media(color_scheme=first)
    for event, listener in listeners.items():
        tab.on(event, listener)
    shown(tab, in_language(desk.base + path, language))
    needed, text = tab.evaluate("document.documentElement.scrollWidth"), said_on(tab)
    found = [(first, one) for one in barriers(tab)]
    tab.emulate_media(color_scheme=other)
    found += [(other, one) for one in barriers(tab, "color-contrast")]
    for event, listener in listeners.items():
        tab.remove_listener(event, listener)
    told = [
        (colours, one["id"], node["target"], node["failureSummary"]) for colours, one in found for node in one["nodes"]
    ]
    return Seen(told, [needed] if needed > _WIDTHS[width][0] else [], noises, text)


def in_language(address: str, language: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}lang={language}"


def said_on(tab: Any) -> str:
    return " ".join(tab.locator("#main").inner_text().split())


def test_every_page_on_a_phone(browser: Any, desk: Served, cookies: list[dict[str, Any]], listed: list[str]) -> None:
    """axe finds no barrier, nothing stands out to the right, and the page keeps to itself."""
    context = opened(browser, cookies, "phone")
    tab = context.new_page()
    problems = {path: looked_at(tab, desk, path, "phone").problems for path in (*listed, "/login")}
    context.close()
    assert {path: found for path, found in problems.items() if found} == {}


def test_every_page_on_a_screen(browser: Any, desk: Served, cookies: list[dict[str, Any]], listed: list[str]) -> None:
    """The same, and without JavaScript the page says the same."""
    context, plain = (opened(browser, cookies, "screen", java_script_enabled=runs) for runs in (True, False))
    tab, plain_tab = context.new_page(), plain.new_page()
    problems = {}
    for path in (*listed, "/login"):
        seen = looked_at(tab, desk, path, "screen")
        problems[path] = seen.problems
        if lost := lost_without_scripts(tab, plain_tab, desk, path, seen.text):
            problems[path]["lost without JavaScript"] = lost
    context.close()
    plain.close()
    assert {path: found for path, found in problems.items() if found} == {}


def lost_without_scripts(tab: Any, plain: Any, desk: Served, path: str, text: str) -> list[str]:
    """The words that a page on a screen says with its scripts only."""
    address = in_language(desk.base + _STANDING_STILL.get(path, path), _LOOKS["screen"][0])
    if path in _STANDING_STILL:
        shown(tab, address)
        text = said_on(tab)
    shown(plain, address)
    without = said_on(plain)
    assert len(without) > 20, path
    return sorted(_words(path, text) - set(without.split()))


def _words(path: str, said: str) -> set[str]:
    """The words of a page; without the figures where every read makes the database larger."""
    return {word for word in said.split() if path != "/operations" or not word[0].isdigit()}
