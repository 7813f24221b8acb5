"""Searching for words: for analysts, for a purpose, written to the audit log without the words."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, NeedsPurpose, audited
from api.context import Context, Ctx
from api.paging import read_id_cursor
from api.replies import json_reply
from api.v1.params import no_query
from api.v1.routing import problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.search import service
from waspada.search.types import Found, PersonSearchError, SearchOrder

routes = router("search")
Searcher = Annotated[Caller, Depends(NeedsPurpose(Action.SEARCH_TEXT))]


@routes.post(
    "/search",
    response_model=schemas.SearchOut,
    responses=problems(400, 413, 428),
    dependencies=[Depends(no_query)],
)
def search_words(request: Request, ctx: Ctx, caller: Searcher, asked: schemas.SearchIn) -> Response:
    """Items that have all of the words, in groups by story. Words come in the body, so that they stand in no address.
    Needs a purpose (`X-Purpose`). A search that names a person is refused (`names-a-person`), and no search finds what
    stands behind a mask."""
    found = search_audited(ctx, caller, asked.words, asked.order, read_id_cursor(asked.cursor), asked.limit)
    return json_reply(request, shape.search_found(found))


def search_audited(
    ctx: Context, caller: Caller, words: str, order: SearchOrder, after: int | None, limit: int
) -> Found:
    """A page of a search. The audit log holds a keyed hash of the words, and which items were found; a search that was
    refused stands there, too. Raises as `service.read_query` does."""
    try:
        query = service.read_query(words)
    except PersonSearchError:
        hashed = ctx.audit.keyed_hash(" ".join(words.lower().split()))
        audited(ctx, caller, AuditAction.TEXT_SEARCHED, "items", {"words": hashed, "refused": "person"})
        raise
    with ctx.store.read() as session:
        found = service.search(session, query, order=order, within=caller.identity.region, after=after, limit=limit)
    detail = {"words": ctx.audit.keyed_hash(query.plain), "order": order.value, "items": found.item_ids}
    audited(ctx, caller, AuditAction.TEXT_SEARCHED, "items", detail)
    return found
