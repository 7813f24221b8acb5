"""What surrounds every page: found by name, in an order that hides nothing, with one stylesheet and one script."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from fastapi import APIRouter, FastAPI, Request

import api.console
from api import v1
from api.app import create_app
from api.auth import Caller
from api.console import bundles, catalogue, pages, render
from api.console.frame import MOST_SIDE_BY_SIDE, Keys, Nav, bar, frame_of
from api.context import Context
from api.finding import joined, modules_with_routes, place
from tests.api.conftest import Desk
from tests.api.test_rights import routes
from waspada.access import Role
from waspada.access.types import Action

HERE = Path(api.console.__file__).parent
TEMPLATES = sorted((HERE / "templates").glob("*.html"))


def shape(path: str) -> str:
    return re.sub(r"\{\w+(:\w+)?\}", "{}", path)


def test_no_route_hides_another(desk: Desk) -> None:
    found = [(method, route.path) for route in routes(desk.app) for method in route.methods or ()]
    assert len(found) > 80
    shapes = [(method, shape(path)) for method, path in found]
    assert len(shapes) == len(set(shapes))
    for before, after in pairwise([path for _, path in found if path.startswith("/api/")]):
        assert place(before) <= place(after)


def test_every_route_answers_for_its_own_address(desk: Desk) -> None:
    """Each written-out address is answered by the route that wrote it, whatever stands before it."""
    for route in routes(desk.app):
        for method in route.methods or ():
            path = route.path.replace("{", "x").replace("}", "x")
            scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
            first = next(one for one in routes(desk.app) if one.matches(dict(scope))[0].value == 2)
            assert first.path == route.path, (method, route.path)


def module(name: str, **given: object) -> ModuleType:
    made = ModuleType(name)
    for key, value in given.items():
        setattr(made, key, value)
    return made


def router(*paths: str) -> APIRouter:
    made = APIRouter()
    for path in paths:
        made.add_api_route(path, lambda: None)
    return made


def test_the_order_of_modules_and_of_their_routes_does_not_matter() -> None:
    one = module("one", routes=router("/x/{id}", "/x/{id}/y", "/x"))
    two = module("two", routes=router("/x/new", "/x/new/{id}"))
    orders = [[getattr(r, "path", "") for r in joined(order)] for order in ([one, two], [two, one])]
    assert orders[0] == orders[1] == ["/x", "/x/new", "/x/new/{id}", "/x/{id}", "/x/{id}/y"]


def test_a_router_within_a_router_is_refused() -> None:
    outer = APIRouter()
    outer.include_router(router("/x"))
    with pytest.raises(TypeError, match="odd"):
        joined([module("odd", routes=outer)])


def test_every_module_of_pages_has_routes() -> None:
    names = {path.stem for path in Path(str(pages.__file__)).parent.glob("*.py")} - {"__init__"}
    assert {one.__name__.rpartition(".")[2] for one in modules_with_routes(pages)} == names
    assert {one.__name__ for one in modules_with_routes(v1)} >= {"api.v1.alerts", "api.v1.health"}


def nav(key: str, order: int = 1, go: str = "") -> Nav:
    return Nav(key, f"/{key}", key, Action.READ_SELF, order, go)


@pytest.mark.parametrize(
    ("wanted", "one", "two"),
    [
        ("navigation", module("one", NAV=nav("a")), module("two", NAV=nav("a"))),
        ("key after g", module("one", NAV=nav("a", go="x")), module("two", NAV=nav("b", go="x"))),
        ("group of keys", module("one", KEYS=Keys("a", "a", (), 1)), module("two", KEYS=Keys("a", "b", (), 2))),
    ],
)
def test_two_pages_cannot_want_the_same_place(wanted: str, one: ModuleType, two: ModuleType) -> None:
    with pytest.raises(ValueError, match=wanted):
        frame_of([one, two])


def test_many_entries_go_behind_more() -> None:
    entries = [nav(f"p{n}") for n in range(12)]
    few = bar(entries[:MOST_SIDE_BY_SIDE], lambda _: True, "/p1")
    assert (len(few.first), len(few.rest), few.current) == (MOST_SIDE_BY_SIDE, 0, entries[1])
    many = bar(entries, lambda one: one.key != "p0", "/p11/5")
    assert [one.key for one in many.every] == [f"p{n}" for n in range(1, 12)]
    assert len(many.first) == MOST_SIDE_BY_SIDE - 1
    assert many.current == entries[11]
    assert bar(entries, lambda _: True, "/p1x").current is None
    assert bar([], lambda _: True, "/").every == []


def test_a_full_navigation_is_drawn_whole(desk: Desk) -> None:
    frame = desk.app.state.frame
    desk.app.state.frame = replace(frame, nav=[*frame.nav, nav("far"), replace(nav("farther"), order=99)])
    page = desk.browser(Role.LIAISON).get("/alerts").text
    row = page.partition("<nav")[2].partition("</nav>")[0]
    assert [row.count(f'href="/{key}"') for key in ("alerts", "account", "far", "farther")] == [1, 1, 1, 1]
    assert row.index("<details") < row.index('href="/farther"')
    assert row.count('aria-current="page"') == 1


def test_the_stylesheet_and_the_script_may_be_kept(desk: Desk) -> None:
    stranger = desk.stranger()
    page = stranger.get("/login").text
    scripts = (bundles.script(), bundles.form_script())
    for bundle, kind in ((bundles.style(), "text/css"), *((one, "text/javascript") for one in scripts)):
        assert (f'"{bundle.address}"' in page) is (bundle != bundles.form_script())
        kept = stranger.get(bundle.address)
        assert (kept.status_code, kept.content) == (200, bundle.body)
        assert kept.headers["content-type"].startswith(kind)
        assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert kept.headers["x-content-type-options"] == "nosniff"
        for odd in (bundle.path, f"{bundle.path}?v=x"):  # under another name, it is asked for again
            assert stranger.get(odd).headers["cache-control"] == "no-cache"
        known = stranger.get(bundle.address, headers={"If-None-Match": kept.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
        assert stranger.get(bundle.address, headers={"If-None-Match": '"old"'}).status_code == 200
        assert stranger.ask("HEAD", bundle.address).content == b""
        assert stranger.post(bundle.path).status_code == 405
    assert len(bundles.style().body) < 45_000
    assert len(bundles.script().body) < 45_000
    assert len(bundles.form_script().body) < 20_000


def test_every_part_is_in_the_bundle() -> None:
    for folder, bundle in (("parts", bundles.style()), ("scripts", bundles.script())):
        found = sorted((HERE / "assets" / folder).iterdir())
        assert found
        for part in found:
            assert re.fullmatch(r"\d\d-[a-z-]+\.(css|js)", part.name), part.name
            assert part.read_bytes() in bundle.body
    for script in (bundles.script(), bundles.form_script()):
        assert b"eval(" not in script.body
        assert b"innerHTML" not in script.body
        assert re.search(rb"https?://", script.body) is None


def test_scripts_come_from_here_only(desk: Desk) -> None:
    csp = desk.stranger().get("/login").headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in csp.split("; "))
    assert rules["script-src"] == rules["connect-src"] == rules["style-src"] == "'self'"
    assert rules["default-src"] == "'none'"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_bears_inline_code(path: Path) -> None:
    text = path.read_text()
    assert not re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", text, re.IGNORECASE)
    for tag in re.findall(r"<script[^>]*>.{0,9}", text):
        assert re.fullmatch(r'<script src="\{\{ (form_)?script \}\}" defer></script>', tag), tag


def test_the_keys_are_listed_in_the_page_and_on_their_own(desk: Desk) -> None:
    browser = desk.browser(Role.LIAISON)
    box = browser.get("/alerts").text.partition("<dialog")[2]
    own = browser.get("/help/keys").text.partition("<main")[2].partition("</main>")[0]
    for key in ("?", "j", "k", "Enter", "/"):
        assert f"<kbd>{key}</kbd>" in box
        assert f"<kbd>{key}</kbd>" in own
    assert "<kbd>g</kbd> <kbd>a</kbd></dt><dd>Peringatan" in box
    assert "<kbd>j</kbd>" not in browser.get("/account").text.partition("<dialog")[2]
    auditor = desk.browser(Role.AUDITOR).get("/sources").text
    assert "<kbd>g</kbd> <kbd>s</kbd>" in auditor
    assert "<kbd>g</kbd> <kbd>a</kbd>" not in auditor  # no key to a page that is not theirs
    assert "<dialog" not in desk.stranger().get("/login").text


def asked(app: FastAPI, path: str, method: str = "GET", cookie: str = "", query: str = "") -> Request:
    headers = [(b"cookie", cookie.encode())] if cookie else []
    return Request(
        {
            "type": "http", "method": method, "path": path, "root_path": "", "query_string": query.encode(),
            "headers": headers, "app": app, "scheme": "http", "server": ("127.0.0.1", 8765),
        }
    )  # fmt: skip


def test_the_other_language_leads_to_a_page_that_can_be_read(desk: Desk) -> None:
    for path, reached in (
        ("/alerts/12/move", "/alerts/12"), ("/alerts/12/claims/4", "/alerts/12"), ("/account/tokens", "/account"),
        ("/silences/3/end", "/silences"), ("/stories/4/edits/2/undo", "/stories/4"), ("/topics/2/off", "/topics/2"),
        ("/topics/2/answers/301", "/topics/2"), ("/alerts/1/compare/2", "/alerts/1/compare/2"), ("/x/y", "/x/y"),
    ):  # fmt: skip
        assert render._with_language(asked(desk.app, path, "POST"), "en") == f"{reached}?lang=en"


def person(**own: object) -> Caller:
    return SimpleNamespace(identity=SimpleNamespace(**own))  # type: ignore[return-value]


def test_a_reader_has_their_own_zone_and_language(desk: Desk) -> None:
    context: Context = desk.app.state.context
    moment = datetime(2024, 11, 20, 3, 5, tzinfo=UTC)
    for caller, zone in ((person(zone="WIB"), "Asia/Jakarta"), (person(zone=None), None), (person(), None)):
        found = render.zone_of_reader(context, caller)
        assert found.key == (zone or context.settings.zone_info.key)
        assert moment.astimezone(found).utcoffset() is not None
    plain = asked(desk.app, "/alerts")
    assert render.language_of(plain, person(language="en")) == "en"
    assert render.language_of(plain, person(language=None)) == render.language_of(plain, None) == "id"
    assert render.language_of(asked(desk.app, "/alerts", cookie="waspada_lang=id"), person(language="en")) == "id"
    assert render.language_of(asked(desk.app, "/alerts", query="lang=en"), person(language="id")) == "en"
    assert render.language_of(plain, person(language="xx")) == "id"


def test_titles_of_the_navigation_are_in_the_catalogue(desk: Desk) -> None:
    known = {message.id for message in catalogue.template()}
    frame = desk.app.state.frame
    assert {one.title for one in frame.nav} <= known
    assert {text for one in frame.keys for text in (one.title, *(what for _, what in one.rows))} <= known


def test_an_application_has_a_frame_of_its_own(desk: Desk) -> None:
    context: Context = desk.app.state.context
    assert create_app(context.store, context.settings).state.frame == desk.app.state.frame
