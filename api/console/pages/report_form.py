"""The form for field reports at phone width, with what lets it work without a network: a script and a manifest.

Both are the same for everybody and hold no data, so nobody has to be signed in for them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from api import schemas
from api.auth import Caller, Needs
from api.console import render
from api.console.bundles import ASSETS
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.regions import RegionChoice
from api.context import Context, Ctx
from api.schemas.reports import KEY_PATTERN
from api.v1 import reports as api
from waspada import places
from waspada.access.types import Action
from waspada.errors import ConflictError, InputError, TooManyError
from waspada.reports import policy
from waspada.reports.types import EventKind, HowKnown

routes = APIRouter()
NAV = Nav("report-form", "/reports/new", N_("New field report"), Action.SEND_REPORTS, 1)
Reporter = Annotated[Caller, Depends(Needs(Action.SEND_REPORTS))]
#: Longer than a report may be: what is too long is told in words, with the words still there.
_MAX_GIVEN = 20 * policy.MAX_TEXT_CHARACTERS
Long = Annotated[str, Form(max_length=_MAX_GIVEN)]
Short = Annotated[str, Form(max_length=200)]
Key = Annotated[str, Form(pattern=KEY_PATTERN)]
_WORKER: Path = ASSETS / "reports" / "worker.js"
_WRONG = N_("This report cannot be taken: it is too short or too long, or its place or time does not fit.")
_TOO_MANY = N_("There are too many drafts. Send or remove one first.")
_SHORT = N_("The report says too little, or nothing. Write what happened.")
_LONG = N_("The report is too long. It may have 4,000 characters at most; shorten it.")
_TOO_FAST = N_("This account sent a great deal within the last hour. Keep this as a draft, and send it later.")
_USED = N_("This form was sent already, with other words. If this is another report, send it again.")
_TIME = N_("The time cannot be: it lies in the future, or too long ago.")


@dataclass(frozen=True, slots=True)
class Values:
    """What stands in the form."""

    key: str
    place: str
    kind: str = EventKind.CONFLICT.value
    known: str = HowKnown.SEEN.value
    text: str = ""
    happened: str = ""


@routes.get("/reports/worker.js")
def worker() -> Response:
    return Response(_WORKER.read_bytes(), headers={"Cache-Control": "no-cache"}, media_type="text/javascript")


@routes.get("/reports/manifest.webmanifest")
def manifest() -> Response:
    """What a phone needs to put the form among its programs."""
    told = {
        "name": "Waspada: laporan lapangan",
        "short_name": "Lapor",
        "lang": "id",
        "start_url": "/reports/new",
        "scope": "/reports/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#173a5e",
        "icons": [{"src": "/assets/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    return JSONResponse(told, headers={"Cache-Control": "no-cache"}, media_type="application/manifest+json")


@routes.get("/reports/new")
def form_page(
    request: Request,
    ctx: Ctx,
    caller: Reporter,
    draft: Annotated[str, Query(max_length=policy.MAX_KEY_CHARACTERS)] = "",
) -> Response:
    region = api.sender_of(caller).region
    values = Values(uuid4().hex, region, happened=_local(ctx, caller, ctx.clock()))
    known = next((one for one in api.drafts_of(ctx, caller) if one.key == draft), None) if draft else None
    if known is not None:
        told = {name: known.fields.get(name, "") for name in ("place", "kind", "known", "text", "happened")}
        kept = {name: value for name, value in told.items() if value}
        values = Values(**{"place": region, "happened": values.happened, **kept, "key": known.key})
    now = known is None or not known.fields.get("happened")
    return _page(request, ctx, caller, values, is_draft=known is not None, is_now=now)


@routes.post("/reports/new")
def send(
    request: Request,
    ctx: Ctx,
    caller: Reporter,
    key: Key,
    place: Short = "",
    kind: Annotated[EventKind, Form()] = EventKind.OTHER,
    known: Annotated[HowKnown, Form()] = HowKnown.TOLD,
    text: Long = "",
    happened: Short = "",
    keep: Short = "",
    csrf: Short = "",
) -> Response:
    """What the plain form sends: a report, or a draft to be kept."""
    check_form(ctx, caller, csrf)
    values = Values(key, place, kind.value, known.value, text, happened)
    if keep:
        return _keep(request, ctx, caller, values)
    moment = _moment(ctx, caller, happened)
    if moment is None:
        return _page(request, ctx, caller, values, status=422, error=_TIME)
    new = schemas.NewFieldReport.model_construct(
        key=key, place=place, kind=kind, known=known, text=text, happened_at=moment
    )
    try:
        api.send_audited(ctx, caller, new)
    except ConflictError:  # "back" after sending leads to the form of the report that was sent
        return _page(request, ctx, caller, replace(values, key=uuid4().hex), status=409, error=_USED)
    except TooManyError:
        return _page(request, ctx, caller, values, status=429, error=_TOO_FAST)
    except InputError:
        return _page(request, ctx, caller, values, status=422, error=_why(values))
    return RedirectResponse("/reports/own?done=sent", 303)


def _keep(request: Request, ctx: Context, caller: Caller, values: Values) -> Response:
    draft = schemas.DraftIn.model_construct(
        place=values.place, kind=values.kind, known=values.known, text=values.text, happened=values.happened
    )
    try:
        api.save_draft(ctx, caller, values.key, draft)
    except ConflictError:
        return _page(request, ctx, caller, values, status=409, error=_TOO_MANY)
    except InputError:
        return _page(request, ctx, caller, values, status=422, error=_LONG)
    return RedirectResponse("/reports/own?done=kept", 303)


def _why(values: Values) -> str:
    length = len(values.text.strip())
    if length > policy.MAX_TEXT_CHARACTERS:
        return _LONG
    return _SHORT if length < policy.LEAST_TEXT_CHARACTERS else _WRONG


def _page(
    request: Request,
    ctx: Context,
    caller: Caller,
    values: Values,
    *,
    status: int = 200,
    error: str = "",
    is_draft: bool = False,
    is_now: bool = False,
) -> Response:
    """`is_now`: the time in the form is this moment, which a phone in another zone writes in its own."""
    me, now = api.sender_of(caller), ctx.clock()
    return render.page(
        request,
        ctx,
        "report_new.html",
        caller,
        status=status,
        deaf=render.Deafness(None, ()),  # how well the desk hears is the desk's matter
        values=values,
        is_draft=is_draft or bool(error),
        is_now=is_now,
        region=me.region,
        owner=ctx.reports.owner(me.user_id),
        places=place_choices(me.region),
        owing=sum(one.is_overdue(now) for one in api.own_owed(ctx, caller)),
        most=policy.MAX_TEXT_CHARACTERS,
        least=policy.LEAST_TEXT_CHARACTERS,
        error=error,
    )


def place_choices(region: str) -> list[RegionChoice]:
    """A reporter's own region and all below it: few enough to stand in the page, so that no network is needed."""
    found = places.place(region)
    own = [RegionChoice(region, found.name if found else region, 0)]
    return [*own, *(RegionChoice(child.code, child.name, 1) for child in places.children(region))]


def _local(ctx: Context, caller: Caller, moment: datetime) -> str:
    """A time as the form has it, in the zone of its reader."""
    return moment.astimezone(render.zone_of_reader(ctx, caller)).strftime("%Y-%m-%dT%H:%M")


def _moment(ctx: Context, caller: Caller, happened: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(happened)
        return found.replace(tzinfo=render.zone_of_reader(ctx, caller)) if 1990 <= found.year < 2200 else None
    except ValueError:
        return None
