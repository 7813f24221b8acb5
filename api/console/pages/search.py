"""Searching for words. They come in a form, so that no address, history or log of a server holds them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from api import shape
from api.auth import Caller, NeedsPurpose
from api.console import render
from api.console.forms import check_form
from api.console.frame import Nav
from api.console.i18n import N_
from api.context import Context, Ctx
from api.paging import MAX_CURSOR_CHARACTERS, read_id_cursor
from api.v1.search import search_audited
from waspada.access.types import Action
from waspada.errors import InputError
from waspada.search.query import MAX_CHARACTERS
from waspada.search.service import HITS_A_PAGE
from waspada.search.types import Found, PersonSearchError, SearchOrder

routes = APIRouter()
NAV = Nav("search", "/search", N_("Search"), Action.SEARCH_TEXT, 18, go="f")
Searcher = Annotated[Caller, Depends(NeedsPurpose(Action.SEARCH_TEXT))]

_UNREADABLE = N_(
    "Nothing can be looked for with this: write one to twelve words, at most %(most)s characters, and not only words "
    "that must not be there."
)


@routes.get("/search")
def search_page(request: Request, ctx: Ctx, caller: Searcher) -> Response:
    return _page(request, ctx, caller)


@routes.post("/search")
def search(
    request: Request,
    ctx: Ctx,
    caller: Searcher,
    words: Annotated[str, Form(max_length=8 * MAX_CHARACTERS)] = "",
    order: Annotated[SearchOrder, Form()] = SearchOrder.NEWEST,
    cursor: Annotated[str, Form(max_length=MAX_CURSOR_CHARACTERS)] = "",
    csrf: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    check_form(ctx, caller, csrf)
    after = read_id_cursor(cursor or None)
    try:
        found = search_audited(ctx, caller, words, order, after, HITS_A_PAGE)
    except PersonSearchError as error:
        return _page(request, ctx, caller, words=words, order=order, status=422, person=error)
    except InputError:
        return _page(request, ctx, caller, words=words[:MAX_CHARACTERS], order=order, status=422, error=_UNREADABLE)
    return _page(request, ctx, caller, words=words, order=order, found=found, goes_on=after is not None)


def _page(
    request: Request,
    ctx: Context,
    caller: Caller,
    *,
    words: str = "",
    order: SearchOrder = SearchOrder.NEWEST,
    found: Found | None = None,
    goes_on: bool = False,
    status: int = 200,
    error: str = "",
    person: PersonSearchError | None = None,
) -> Response:
    return render.page(
        request,
        ctx,
        "search.html",
        caller,
        status=status,
        asked=words,
        order=order.value,
        result=shape.search_found(found) if found else None,
        goes_on=goes_on,
        error=error,
        person=person,
        most=MAX_CHARACTERS,
        purpose=caller.purpose,
    )
