"""Turns a template and its values into a page, in the reader's language."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.auth import Caller
from api.console import words
from api.console.i18n import LANGUAGES, language
from api.console.regions import place_name
from api.context import Context
from api.middleware import is_https
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.jobs.canary import Canary, look

LANGUAGE_COOKIE = "waspada_lang"
_YEAR_SECONDS = 365 * 24 * 3600


def language_of(request: Request) -> str:
    """The language asked for in the address, else the remembered one, else Indonesian."""
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
    return language(asked).code


def page(
    request: Request, ctx: Context, template: str, caller: Caller | None, *, status: int = 200, **values: Any
) -> HTMLResponse:
    """A whole page. `values` are given to the template beside what every page has."""
    lang = language_of(request)
    body = (
        _environment(lang)
        .get_template(template)
        .render(
            **_common(request, ctx, caller, lang),
            **values,
        )
    )
    response = HTMLResponse(body, status)
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, lang, max_age=_YEAR_SECONDS, httponly=True, samesite="strict", secure=is_https(request)
        )
    return response


def _common(request: Request, ctx: Context, caller: Caller | None, lang: str) -> dict[str, Any]:
    now = ctx.clock()
    own, zone = language(lang), ctx.settings.zone_info
    return {
        "lang": lang,
        "words": words,
        "say": own.say,
        "number": own.number,
        "percent": own.percent,
        "when": lambda moment: own.when(moment, zone),
        "age": lambda moment: own.age(moment, now),
        "length": lambda seconds: own.length(timedelta(seconds=seconds)),
        "place_name": place_name,
        "me": caller.identity if caller else None,
        "csrf": ctx.signer.form_token(caller.browser.nonce) if caller and caller.browser else "",
        "path": request.url.path,
        "languages": [(code, _with_language(request, code)) for code in LANGUAGES],
        "may_see": _seen_by(caller),
        "exercise": _failed_exercise(ctx, now) if caller else None,
    }


def _failed_exercise(ctx: Context, now: datetime) -> Canary | None:
    """The exercise of the night where it failed: a desk that may be deaf must not look like a calm region."""
    with ctx.store.read() as session:
        found = look(session, ctx.settings, now)
    return None if found.is_fine else found


def _seen_by(caller: Caller | None) -> dict[str, bool]:
    pages = {
        "alerts": Action.READ_ALERTS,
        "notices": Action.READ_ALERTS,
        "silences": Action.READ_ALERTS,
        "topics": Action.READ_TOPICS,
        "sources": Action.READ_SOURCES,
        "coverage": Action.READ_SOURCES,
    }
    return {name: caller is not None and may(caller.identity, action) for name, action in pages.items()}


def _with_language(request: Request, code: str) -> str:
    """The same page in another language; a page that answered a form goes to the page of the form."""
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    path = re.sub(r"/(move|tokens|claims/[0-9]+)$", "", request.url.path)
    path = re.sub(r"^(/silences|/stories/[^/]+|/topics/[0-9]+)/.*", r"\1", path)
    return f"{path}?{urlencode([*rest, ('lang', code)])}"


@lru_cache(maxsize=len(LANGUAGES))
def _environment(lang: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("api.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(language(lang).translations, newstyle=True)  # type: ignore[attr-defined]
    return environment
