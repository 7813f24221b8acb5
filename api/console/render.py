"""Turns a template and its values into a page, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Match

from api.auth import Caller
from api.console import words
from api.console.frame import Frame, Nav, bar
from api.console.i18n import LANGUAGES, language
from api.console.regions import place_name
from api.console.views.alerts import Card
from api.context import Context
from api.middleware import is_https
from waspada.access.policy import may
from waspada.access.types import Role
from waspada.clock import zone_of
from waspada.jobs.canary import Canary, look
from waspada.settings import Settings
from waspada.stops.repository import in_force
from waspada.stops.types import Stop

LANGUAGE_COOKIE = "waspada_lang"
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_YEAR_SECONDS = 365 * 24 * 3600


def language_of(request: Request, caller: Caller | None = None) -> str:
    """The language asked for in the address, else the one remembered here, else the caller's own, else Indonesian."""
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
    return language(asked or _own(caller, "language") or "").code


def page(
    request: Request,
    ctx: Context,
    template: str,
    caller: Caller | None,
    *,
    status: int = 200,
    deaf: Deafness | None = None,
    **values: Any,
) -> HTMLResponse:
    """A whole page. `values` are given to the template beside what every page has; `deaf` is what `deafness` said,
    where the page has asked already."""
    lang = language_of(request, caller)
    body = (
        _environment(lang)
        .get_template(template)
        .render(
            **_common(request, ctx, caller, lang, deaf),
            **values,
        )
    )
    response = HTMLResponse(body, status)
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, lang, max_age=_YEAR_SECONDS, httponly=True, samesite="strict", secure=is_https(request)
        )
    return response


def _common(request: Request, ctx: Context, caller: Caller | None, lang: str, deaf: Deafness | None) -> dict[str, Any]:
    now = ctx.clock()
    own, zone, frame = language(lang), zone_of_reader(ctx, caller), frame_in(request)
    deaf = deaf or (_deafness(ctx, now) if caller else Deafness(None, ()))
    return {
        "lang": lang,
        "words": words,
        "say": own.say,
        "number": own.number,
        "fixed": own.fixed,
        "percent": own.percent,
        "when": lambda moment: own.when(moment, zone),
        "age": lambda moment: own.age(moment, now),
        "length": lambda seconds: own.length(timedelta(seconds=seconds)),
        "card_html": lambda card, below, full, pick: _card(
            lang,
            card,
            below,
            full,
            pick,
            own.age(card.last_item_at, now),
            own.when(card.last_item_at, zone),
            own.when(card.due_at, zone) if card.is_open and card.due_at and card.due_at < now else "",
        ),
        "remembered": lambda template, **values: _fragment(lang, template, **values),
        "place_name": place_name,
        "me": caller.identity if caller else None,
        "csrf": ctx.signer.form_token(caller.browser.nonce) if caller and caller.browser else "",
        "path": request.url.path,
        "languages": [(code, _with_language(request, code)) for code in LANGUAGES],
        "may_see": {one.key: _sees(caller, one) for one in frame.nav},
        "bar": bar(frame.nav, lambda one: _sees(caller, one), request.url.path),
        "keys": {group.key: group for group in frame.keys},
        "style": frame.style.address,
        "script": frame.script.address,
        "form_script": frame.form_script.address,
        "report_owner": ctx.reports.owner(caller.identity.user_id)
        if caller and caller.identity.role is Role.REPORTER
        else "",
        "exercise": deaf.exercise,
        "stopped": deaf.stopped,
    }


@dataclass(frozen=True, slots=True)
class Deafness:
    """The exercise of the night where it failed, and the stops of the collection in force.

    Every page says so: a desk that may be deaf must not look like a calm region.
    """

    exercise: Canary | None
    stopped: Sequence[Stop]


def deafness(session: Session, settings: Settings, now: datetime) -> Deafness:
    found = look(session, settings, now)
    return Deafness(None if found.is_fine else found, in_force(session))


def _deafness(ctx: Context, now: datetime) -> Deafness:
    with ctx.store.read() as session:
        return deafness(session, ctx.settings, now)


def frame_in(request: Request) -> Frame:
    found = request.app.state.frame
    assert isinstance(found, Frame)  # noqa: S101 (set when the application is made)
    return found


def _sees(caller: Caller | None, entry: Nav) -> bool:
    return caller is not None and may(caller.identity, entry.action)


def _own(caller: Caller | None, name: str) -> str | None:
    """What the account of a reader says of itself, where it says anything."""
    found = getattr(caller.identity, name, None) if caller else None
    return found if isinstance(found, str) else None


def zone_of_reader(ctx: Context, caller: Caller | None) -> ZoneInfo:
    """The zone that an account chose, else the desk's."""
    own = _own(caller, "zone")
    return zone_of(own) if own else ctx.settings.zone_info


def _with_language(request: Request, code: str) -> str:
    """The same page in another language; a page that answered a form goes to the page of the form."""
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{_readable(request)}?{urlencode([*rest, ('lang', code)])}"


def _readable(request: Request) -> str:
    """The address of this page, or the nearest one above it that can be read."""
    path = request.url.path
    route = request.scope.get("route")  # the one that answers, or was tried: nearly always it can be read
    if isinstance(route, BaseRoute) and _answers(route, request, path):
        return path
    above = path
    while above:
        if any(_answers(route, request, above) for route in request.app.router.routes):
            return above
        above = above.rpartition("/")[0]
    return path


def _answers(route: BaseRoute, request: Request, path: str) -> bool:
    match, _ = route.matches({**request.scope, "method": "GET", "path": path})
    return match is Match.FULL


@lru_cache(maxsize=4_000)
def _card(
    lang: str,
    card: Card,
    below: int | None,
    full: float,
    pick: bool,
    age_text: str,
    when_text: str,
    overdue_text: str,
) -> Markup:
    """A card of the list: most of the work of a page, and the same on the next one until something of it changes."""
    own, macros = language(lang), _environment(lang).get_template("alert_card.html").make_module().__dict__
    html: Markup = macros["alert_card"](
        card, below, full, pick, age_text, when_text, overdue_text, words, own.say, own.number, own.percent
    )
    return html


@lru_cache(maxsize=500)
def _fragment(lang: str, template: str, **values: Hashable) -> Markup:
    """A part of a page that is the same until something of `values` changes: it is given nothing else that could."""
    own = language(lang)
    known = {"words": words, "say": own.say, "length": lambda seconds: own.length(timedelta(seconds=seconds))}
    return Markup(_environment(lang).get_template(template).render(**known, **values))  # noqa: S704 (it escapes)


@lru_cache(maxsize=len(LANGUAGES))
def _environment(lang: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("api.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        finalize=_undirected,
        auto_reload=False,  # templates come with the program
    )
    environment.install_gettext_translations(language(lang).translations, newstyle=True)  # type: ignore[attr-defined]
    return environment


def _undirected(value: object) -> object:
    """What a template shows, without characters that turn the direction of what stands around them.

    <https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing>. No Indonesian text needs them.
    """
    return _DIRECTIONS.sub("", value) if type(value) is str and not value.isascii() else value
