"""The pages of topics: the list with a form for a new one, and the items of one with yes and no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api import shape
from api.auth import Caller, Needs, audited
from api.console import render, views
from api.console.filters import StoryQuery
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.console.regions import own_choices
from api.context import Context, Ctx
from api.paging import MAX_CURSOR_CHARACTERS, read_id_cursor
from api.v1.params import Id, SmallId
from api.v1.topics import add_audited, answer_audited, off_audited, on_audited, page_audited, remove_audited
from waspada.access.policy import may
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.errors import ConflictError, NotFoundError
from waspada.topics import repository, service
from waspada.topics.names import Reason
from waspada.topics.types import NewTopic, StaleAnswerError

routes = APIRouter()
NAV = Nav("topics", "/topics", N_("Topics"), Action.READ_TOPICS, 40)
ITEMS_A_PAGE = 40
#: Rows for example sentences in the form; the API takes more.
EXAMPLE_ROWS = 6
Reader = Annotated[Caller, Depends(Needs(Action.READ_TOPICS))]
Answerer = Annotated[Caller, Depends(Needs(Action.ANSWER_TOPICS))]
Manager = Annotated[Caller, Depends(Needs(Action.MANAGE_TOPICS))]
Csrf = Annotated[str, Form(max_length=200)]

_FIELDS = {
    "title": N_("Title"),
    "description": N_("Description"),
    "examples": N_("What several texts share"),
    "places": N_("Places"),
}
_EXAMPLE = N_("Example %(number)s")
_NAMED = {
    Reason.ACCOUNT: N_("%(field)s: no topic may be a person. Leave the account or number out."),
    Reason.OFFICE: N_(
        '%(field)s: no topic may be a person. "%(words)s" is an office that one person holds; name the matter or the '
        "body instead (pelantikan, pemerintah kabupaten)."
    ),
    Reason.PERSON: N_(
        '%(field)s: no topic may be a person. Leave "%(words)s" out; a company or body of one word needs the word for '
        "what it is before it, wherever it stands (PT, yayasan)."
    ),
}
_UNFIT = {
    "title": N_("%(field)s: a short title is needed, of at most %(title)s characters."),
    "description": N_("%(field)s: at most %(description)s characters."),
    "examples": N_("Example sentences: at least %(least)s different ones are needed, at most %(most)s."),
    "example": N_("%(field)s: write a sentence of at least %(words_least)s words and at most %(example)s characters."),
    "places": N_("%(field)s: this place is not known, or there are too many."),
}
_LIMITS = {
    "title": service.MAX_TITLE,
    "description": service.MAX_DESCRIPTION,
    "example": service.MAX_EXAMPLE,
    "least": service.LEAST_EXAMPLES,
    "most": service.MOST_EXAMPLES,
    "words_least": service.LEAST_WORDS,
}
_TWICE = N_("There is a topic of this title already, or there are too many topics.")
_OUTSIDE = N_("This place lies outside your area.")
_CHANGED = N_("Somebody was faster: this report was answered since you looked. Nothing of yours was saved.")
_OFF = N_("This topic is off already.")
_ON = N_("This topic is on already, there is another one of its title by now, or there are too many.")


@routes.get("/topics")
def topics_page(request: Request, ctx: Ctx, caller: Reader) -> Response:
    return _list_page(request, ctx, caller)


@routes.post("/topics")
def add_topic(
    request: Request,
    ctx: Ctx,
    caller: Manager,
    title: Annotated[str, Form(max_length=2 * service.MAX_TITLE)] = "",
    description: Annotated[str, Form(max_length=2 * service.MAX_DESCRIPTION)] = "",
    example: Annotated[list[Annotated[str, Form(max_length=2 * service.MAX_EXAMPLE)]] | None, Form()] = None,
    region: Annotated[str, Form(max_length=13)] = "",
    csrf: Csrf = "",
) -> Response:
    check_form(ctx, caller, csrf)
    new = NewTopic(title, description, example or (), [region] if region else ())
    try:
        found = add_audited(ctx, caller, new)
    except service.TopicTextError as error:
        return _list_page(request, ctx, caller, status=422, problem=error, given=new)
    except ConflictError:
        return _list_page(request, ctx, caller, status=409, error=_TWICE, given=new)
    except NotFoundError:
        return _list_page(request, ctx, caller, status=404, error=_OUTSIDE, given=new)
    return RedirectResponse(f"/topics/{found.id}", 303)


@routes.get("/topics/{topic_id}")
def topic_page(request: Request, ctx: Ctx, caller: Reader, topic_id: SmallId, form: StoryQuery) -> Response:
    return _topic_page(request, ctx, caller, topic_id, cursor=form.cursor)


@routes.post("/topics/{topic_id}/answers/{item_id}")
def answer_topic(
    request: Request,
    ctx: Ctx,
    caller: Answerer,
    topic_id: SmallId,
    item_id: Id,
    fits: Annotated[bool, Form()],
    revision: Annotated[int, Form(ge=0, le=2**31 - 1)],
    cursor: Annotated[str, Form(max_length=MAX_CURSOR_CHARACTERS)] = "",
    csrf: Csrf = "",
) -> Response:
    check_form(ctx, caller, csrf)
    try:
        answer_audited(ctx, caller, topic_id, item_id, fits, revision)
    except StaleAnswerError:
        return _topic_page(request, ctx, caller, topic_id, cursor=cursor or None, status=409, error=_CHANGED)
    except ConflictError:
        return _topic_page(request, ctx, caller, topic_id, cursor=cursor or None, status=409, error=_OFF)
    page = f"?{urlencode({'cursor': cursor})}" if cursor else ""
    return RedirectResponse(f"/topics/{topic_id}{page}#item-{item_id}", 303)


@routes.post("/topics/{topic_id}/off")
def switch_topic_off(request: Request, ctx: Ctx, caller: Manager, topic_id: SmallId, csrf: Csrf = "") -> Response:
    check_form(ctx, caller, csrf)
    try:
        off_audited(ctx, caller, topic_id)
    except ConflictError:
        return _topic_page(request, ctx, caller, topic_id, status=409, error=_OFF)
    return RedirectResponse("/topics", 303)


@routes.post("/topics/{topic_id}/on")
def switch_topic_on(request: Request, ctx: Ctx, caller: Manager, topic_id: SmallId, csrf: Csrf = "") -> Response:
    check_form(ctx, caller, csrf)
    try:
        on_audited(ctx, caller, topic_id)
    except ConflictError:
        return _topic_page(request, ctx, caller, topic_id, status=409, error=_ON)
    return RedirectResponse(f"/topics/{topic_id}", 303)


@routes.post("/topics/{topic_id}/remove")
def remove_topic(ctx: Ctx, caller: Manager, topic_id: SmallId, csrf: Csrf = "") -> Response:
    check_form(ctx, caller, csrf)
    remove_audited(ctx, caller, topic_id)
    return RedirectResponse("/topics", 303)


def _list_page(
    request: Request,
    ctx: Context,
    caller: Caller,
    *,
    status: int = 200,
    error: str = "",
    problem: service.TopicTextError | None = None,
    given: NewTopic | None = None,
) -> Response:
    """The list; `given` fills the form again with what could not be used, `problem` says which field it was."""
    within = caller.identity.region
    with ctx.store.read() as session:
        found = repository.topics(session, within=within, with_off=True)
    audited(ctx, caller, AuditAction.TOPICS_READ, "topics", {"found": len(found)})
    home = within or ctx.settings.region
    given = given or NewTopic("")
    filled = [*given.examples, *[""] * EXAMPLE_ROWS][: max(EXAMPLE_ROWS, len(given.examples))]
    return render.page(
        request,
        ctx,
        "topics.html",
        caller,
        status=status,
        topics=[shape.topic(view) for view in found],
        may_manage=may(caller.identity, Action.MANAGE_TOPICS),
        regions=own_choices(within, home, home),
        bound=within is not None,
        given=given,
        filled=filled,
        least=service.LEAST_EXAMPLES,
        max_title=service.MAX_TITLE,
        max_description=service.MAX_DESCRIPTION,
        max_example=service.MAX_EXAMPLE,
        error=error,
        problem=_shown(problem) if problem else None,
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    """A field that could not be used: its id in the form, its name, and a text with what the text needs."""

    at: str
    field: str
    text: str
    values: Mapping[str, object]


def _shown(problem: service.TopicTextError) -> _Problem:
    text = _NAMED[problem.reason] if isinstance(problem, service.PersonTopicError) else _UNFIT[problem.field]
    at = {"example": f"example-{problem.number}", "examples": "example-1", "places": "region"}
    field = _FIELDS.get(problem.field, _EXAMPLE)
    return _Problem(
        at.get(problem.field, problem.field), field, text, {**_LIMITS, "words": problem.words, "number": problem.number}
    )


def _topic_page(
    request: Request,
    ctx: Context,
    caller: Caller,
    topic_id: int,
    *,
    cursor: str | None = None,
    status: int = 200,
    error: str = "",
) -> Response:
    topic, page, more = page_audited(ctx, caller, topic_id, read_id_cursor(cursor), ITEMS_A_PAGE)
    with ctx.store.read() as session:
        heads = repository.heads(session, topic_id)
    within = caller.identity.region
    manages = may(caller.identity, Action.MANAGE_TOPICS) and service.may_change(topic, within)
    return render.page(
        request,
        ctx,
        "topic.html",
        caller,
        status=status,
        topic=shape.topic_detail(topic, heads),
        items=[(one, views.item_cards([of])[0]) for one, of in page],
        may_answer=may(caller.identity, Action.ANSWER_TOPICS) and topic.is_on,
        may_manage=manages,
        cursor=cursor or "",
        next_page=f"/topics/{topic_id}?cursor={more}" if more else None,
        error=error,
    )
