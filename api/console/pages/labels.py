"""The labelling desk: one item a screen, by keys or by a plain form; and answers that differ."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.auth import Caller, Needs
from api.console import render
from api.console.forms import check_form
from api.console.frame import Keys, Nav
from api.console.i18n import N_
from api.console.views.labelling import LabelItem, label_item
from api.context import Context, Ctx
from api.paging import MAX_ID
from api.v1.labels import (
    disagreements_audited,
    label_audited,
    skip_audited,
    task_audited,
    tasks_audited,
    titles_of,
    undo_audited,
)
from api.v1.params import Id
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.labels import repository, service
from waspada.labels.advice import MORE
from waspada.labels.codebook import WITHOUT_EVIDENCE
from waspada.labels.policy import MAX_KEY, MAX_NOTE, MAX_SPANS
from waspada.labels.types import Given, LabelSpan, Role
from waspada.models.curves import newest_advice
from waspada.taxonomy import FIELDS, TextField

routes = APIRouter()
NAV = Nav("labels", "/labels", N_("Labelling"), Action.READ_LABELS, 45, go="l")
KEYS = Keys(
    "labels",
    N_("Labelling"),
    [
        ("1 … 0", N_("one value up in this field, after its highest back to the first")),
        ("Enter", N_("answer and go on")),
        ("s", N_("leave it to others")),
        ("u", N_("take the last answer back")),
        ("b", N_("back to the one before")),
        ("j k", N_("next and previous sentence")),
        ("e", N_("mark the sentence as evidence of the field used last")),
        ("i", N_("what the field used last means")),
        ("n", N_("write a note")),
    ],
    45,
)
Reader = Annotated[Caller, Depends(Needs(Action.READ_LABELS))]
Labeller = Annotated[Caller, Depends(Needs(Action.GIVE_LABELS))]
Csrf = Annotated[str, Form(max_length=200)]
#: So many items lie ready in the browser.
AHEAD = service.MOST_AHEAD

_GONE = N_("This item is gone, or it lies outside your area. Go on with the next one.")
_WRONG = N_("This answer cannot be kept: a value or a sentence does not fit the item.")
_DECIDED = N_("Nothing is to be decided here: the answers do not differ any more, or one of them is your own.")
_NOTHING = N_("There is no answer of the last hour to take back.")


class AnswerForm(BaseModel):
    """What the plain form sends: one value a field of the codebook, and the sentences that were marked."""

    key: str = Field(max_length=MAX_KEY)
    item_id: int = Field(ge=1, le=MAX_ID)
    version: int = Field(ge=1, le=2**31 - 1)
    conflict: int = 0
    polarization: int = 0
    neutrality: int = 0
    misinformation: int = 0
    fraud: int = 0
    logistics: int = 0
    disaster: int = 0
    election: int = 0
    alert: int = 0
    foreign: int = 0
    sentence: list[str] = Field(default=[], max_length=MAX_SPANS)
    note: str = Field(default="", max_length=MAX_NOTE)
    role: Literal[Role.LABELLER, Role.ADJUDICATOR] = Role.LABELLER
    csrf: str = Field(default="", max_length=200)


@routes.get("/labels")
def labels_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    return _desk_page(request, ctx, caller)


@routes.post("/labels/ahead")
def more_items(request: Request, ctx: Ctx, caller: Labeller, csrf: Csrf = "") -> Response:
    """What comes next, as parts of the page: [{"item_id", "html"}]. The desk keeps them until they are needed."""
    check_form(ctx, caller, csrf)
    found = [label_item(task, of) for task, of in tasks_audited(ctx, caller, AHEAD)]
    return JSONResponse([{"item_id": one.item_id, "html": _part(request, ctx, caller, one)} for one in found])


@routes.post("/labels/answer")
def give_answer(request: Request, ctx: Ctx, caller: Labeller, form: Annotated[AnswerForm, Form()]) -> Response:
    """An answer of the plain form."""
    check_form(ctx, caller, form.csrf)
    try:
        label_audited(ctx, caller, _given(form), form.role)
    except NotFoundError:
        return _desk_page(request, ctx, caller, status=404, error=_GONE)
    except ConflictError:
        return _desk_page(request, ctx, caller, status=409, error=_DECIDED)
    except InputError:
        return _desk_page(request, ctx, caller, status=422, error=_WRONG)
    return RedirectResponse("/labels/disagreements" if form.role is Role.ADJUDICATOR else "/labels", 303)


@routes.post("/labels/skip")
def leave_item(
    request: Request, ctx: Ctx, caller: Labeller, item_id: Annotated[int, Form(ge=1, le=MAX_ID)], csrf: Csrf = ""
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        skip_audited(ctx, caller, item_id)
    except NotFoundError:
        return _desk_page(request, ctx, caller, status=404, error=_GONE)
    return RedirectResponse("/labels", 303)


@routes.post("/labels/undo")
def take_back(request: Request, ctx: Ctx, caller: Labeller, csrf: Csrf = "") -> Response:
    check_form(ctx, caller, csrf)
    try:
        undo_audited(ctx, caller)
    except NotFoundError:
        return _desk_page(request, ctx, caller, status=404, error=_NOTHING)
    return RedirectResponse("/labels", 303)


@routes.get("/labels/disagreements")
def disagreements_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    """Answers for one item that differ."""
    found = disagreements_audited(ctx, caller)
    titles = titles_of(ctx, [answers[0].item_id for answers, _ in found])
    return render.page(request, ctx, "labels_disagreements.html", caller, found=found, titles=titles)


@routes.get("/labels/items/{item_id}")
def one_item_page(request: Request, ctx: Ctx, caller: Labeller, item_id: Id) -> Response:
    """A certain item: to answer again, or to decide between the answers of others."""
    return _item_page(request, ctx, caller, item_id)


def _given(form: AnswerForm) -> Given:
    """What the form says: a marked sentence is evidence of every field that is not 0 and has any. Raises InputError."""
    values = {name: getattr(form, name) for name in FIELDS}
    evident = [name for name, value in values.items() if value and name not in WITHOUT_EVIDENCE]
    spans = [LabelSpan(label, *_place(one)) for one in form.sentence for label in evident]
    return Given(form.key, form.item_id, form.version, values, spans, form.note)


def _place(given: str) -> tuple[TextField, int, int]:
    field, _, rest = given.partition(":")
    start, _, end = rest.partition(":")
    try:
        return TextField(field), int(start), int(end)
    except ValueError:
        raise InputError(f"{given[:20]!r} is no sentence.", hint="Use the form as it stands.") from None


def _desk_page(request: Request, ctx: Context, caller: Caller, *, status: int = 200, error: str = "") -> Response:
    labels = may(caller.identity, Action.GIVE_LABELS)
    found = tasks_audited(ctx, caller, 1) if labels else []
    with ctx.store.read() as session:
        standing = service.how_it_stands(session, actor=caller.name, now=ctx.clock())
        found_advice = newest_advice(session)
    return render.page(
        request,
        ctx,
        "labels.html",
        caller,
        status=status,
        error=error,
        item=label_item(*found[0]) if found else None,
        standing=standing,
        advice=found_advice,
        more=MORE,
        may_label=labels,
        may_train=may(caller.identity, Action.TRAIN_MODELS),
    )


def _item_page(request: Request, ctx: Context, caller: Caller, item_id: int) -> Response:
    task, of = task_audited(ctx, caller, item_id)
    with ctx.store.read() as session:
        answers = [one for one in repository.standing(session, [item_id]) if one.actor != caller.name]
    decides = task.own is None and service.is_undecided(answers)
    return render.page(
        request,
        ctx,
        "labels_item.html",
        caller,
        item=label_item(task, of, answers if decides else ()),
        answers=answers if decides else [],
        role=Role.ADJUDICATOR if decides else Role.LABELLER,
    )


def _part(request: Request, ctx: Context, caller: Caller, one: LabelItem) -> str:
    page = render.page(request, ctx, "label_item.html", caller, item=one, role=Role.LABELLER)
    return bytes(page.body).decode()
