"""What is done with several alerts of a list at once, and marking a list as read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import schemas
from api.auth import Caller, Needs
from api.console import render
from api.console.forms import check_form
from api.console.frame import Keys
from api.console.i18n import N_
from api.console.views import desk
from api.context import Context, Ctx
from api.door import local_path
from api.paging import MAX_ID
from api.schemas.desk import MOST_IN_BULK, BulkDo, BulkOutcome
from api.v1.bulk import Outcome, bulk_audited
from api.v1.params import MINE
from api.v1.seen import note_seen
from waspada.access.types import Action
from waspada.alerts.exits import mask
from waspada.alerts.policy import MAX_NOTE_CHARACTERS
from waspada.alerts.repository import headlines
from waspada.alerts.seen import MOST_AT_ONCE
from waspada.alerts.types import AlertState
from waspada.errors import InputError

routes = APIRouter()
KEYS = Keys(
    "alert",
    N_("On the page of an alert"),
    (
        ("a", N_("I am on it")),
        ("v", N_("Mark as verified")),
        ("n", N_("to the note")),
        ("u", N_("back to the list")),
    ),
    30,
)
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Mover = Annotated[Caller, Depends(Needs(Action.MOVE_ALERTS))]
Text = Annotated[str, Form(max_length=500)]
_SHOWN = re.compile(r"([1-9]\d{0,18}):([1-9]\d{0,9})")

_NONE = N_("Choose at least one alert first.")
_MANY = N_("At most 100 alerts can be moved at once.")
_NO_STEP = N_("Choose what to do with them.")
_UNFIT = N_(
    "Something is missing: no threat, a duplicate and closing need a reason, a silence a note that says why, a merge "
    "two alerts. Nothing was done."
)


@routes.get("/alerts/bulk")
def back_to_the_list(caller: Reader) -> Response:  # noqa: ARG001
    """Who loads the answer again, or its other language, goes to the list."""
    return RedirectResponse("/alerts", 303)


@routes.post("/alerts/seen")
def mark_read(
    ctx: Ctx,
    caller: Reader,
    shown: Annotated[list[str] | None, Form(max_length=MOST_AT_ONCE)] = None,
    csrf: Text = "",
    back: Text = "/alerts",
) -> Response:
    """Everything that the page showed counts as read, in the revisions that it showed."""
    check_form(ctx, caller, csrf)
    if read := _pairs(shown or ()):
        note_seen(ctx, caller, read)
    return RedirectResponse(_list_path(back), 303)


@routes.post("/alerts/bulk")
def several(
    request: Request,
    ctx: Ctx,
    caller: Mover,
    chosen: Annotated[list[str] | None, Form(max_length=10 * MOST_IN_BULK)] = None,
    do: Text = "",
    reason: Text = "",
    note: Annotated[str, Form(max_length=2 * MAX_NOTE_CHARACTERS)] = "",
    hours: Annotated[int, Form(ge=1, le=14 * 24)] = 12,
    csrf: Text = "",
    back: Text = "/alerts",
    quick: Text = "",
) -> Response:
    """Does it and says of each alert what became of it. `quick` goes back to the list where all was done."""
    check_form(ctx, caller, csrf)
    pairs = _pairs(chosen or ())
    wanted = _wanted(pairs, do, reason, note, hours)
    problem = _problem(pairs, wanted)
    found: list[Outcome] = []
    if wanted is not None and not problem:
        try:
            found = bulk_audited(ctx, caller, wanted)
        except InputError:
            problem = _UNFIT
    if quick and found and all(one.outcome is BulkOutcome.DONE for one in found):
        return RedirectResponse(_list_path(back), 303)
    return render.page(
        request,
        ctx,
        "alerts_bulk.html",
        caller,
        status=422 if problem else 200,
        problem=problem,
        lines=_lines(ctx, caller, found),
        counts=desk.counts(found),
        pairs=[f"{id_}:{revision}" for id_, revision in pairs.items()][:MOST_IN_BULK],
        chosen_do=do,
        note=note[:MAX_NOTE_CHARACTERS],
        tools=desk.tools(caller.identity),
        max_note=MAX_NOTE_CHARACTERS,
        back=_list_path(back),
    )


def _wanted(pairs: dict[int, int], do: str, reason: str, note: str, hours: int) -> schemas.Bulk | None:
    alerts = [schemas.AlertRevision.model_construct(id=id_, revision=revision) for id_, revision in pairs.items()]
    if do in list(AlertState):
        step, to = BulkDo.MOVE, AlertState(do)
    elif do in (BulkDo.ASSIGN, BulkDo.MERGE, BulkDo.SILENCE):
        step, to = BulkDo(do), None
    else:
        return None
    return schemas.Bulk.model_construct(
        alerts=alerts, do=step, to=to, reason=reason or None, note=note, hours=hours, owner=MINE
    )


def _problem(pairs: dict[int, int], wanted: schemas.Bulk | None) -> str:
    if not pairs:
        return _NONE
    if len(pairs) > MOST_IN_BULK:
        return _MANY
    return _NO_STEP if wanted is None else ""


def _pairs(given: Sequence[str]) -> dict[int, int]:
    """id -> revision of what a form names as "12:3"; what is no such pair is left out."""
    found = (_SHOWN.fullmatch(one) for one in given)
    pairs = {int(one[1]): int(one[2]) for one in found if one is not None}
    return {id_: revision for id_, revision in pairs.items() if id_ <= MAX_ID and revision <= 2**31 - 1}


def _lines(ctx: Context, caller: Caller, found: Sequence[Outcome]) -> list[desk.OutcomeLine]:
    """With the headlines of those in the reader's region; of others nothing is said but their number."""
    if not found:
        return []
    with ctx.store.read() as session:
        known = headlines(session, [one.alert_id for one in found], within=caller.identity.region)
    return [desk.OutcomeLine(mask(known.get(one.alert_id, "")), one) for one in found]


def _list_path(asked: str) -> str:
    """The list to go back to; anything else becomes the plain one."""
    path = local_path(asked)
    return path if path == "/alerts" or path.startswith("/alerts?") else "/alerts"
