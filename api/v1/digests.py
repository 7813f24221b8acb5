"""The archive of digests: what was made for whom to read, as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, NeedsPurpose, audited, noted
from api.context import Context, Ctx
from api.paging import id_cursor, read_id_cursor
from api.replies import json_reply
from api.schemas.common import REGION_PATTERN
from api.v1.params import Id, PageParams, no_query
from api.v1.routing import READ, problems, router
from waspada.access.policy import check_reach
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.audit.types import Detail
from waspada.digests import archive, service
from waspada.digests.archive import ArchiveFilter
from waspada.digests.formats import MEDIA_TYPES, SUFFIXES, Format, written
from waspada.digests.rendering import rendered
from waspada.digests.repository import kept
from waspada.digests.types import Kept, KeptLine, Kind, Order, Rendered
from waspada.search.service import read_query
from waspada.search.types import PersonSearchError

routes = router("digests")
Reader = Annotated[Caller, Depends(Needs(Action.READ_DIGESTS))]
Author = Annotated[Caller, Depends(Needs(Action.MAKE_DIGESTS))]
Searcher = Annotated[Caller, Depends(NeedsPurpose(Action.SEARCH_TEXT))]


class DigestParams(PageParams):
    region: str | None = Field(
        default=None, pattern=REGION_PATTERN, description="Kemendagri code; holds all regions below.", examples=["63"]
    )
    kind: Kind | None = None
    first: date | None = Field(default=None, description="Not of a day before this.")
    last: date | None = Field(default=None, description="Not of a day after this.")


@routes.get("/digests", response_model=schemas.Page[schemas.DigestLineOut], responses=READ)
def list_digests(request: Request, ctx: Ctx, caller: Reader, params: Annotated[DigestParams, Query()]) -> Response:
    """Kept digests of your region, the newest first."""
    wanted = ArchiveFilter(params.region, params.kind, params.first, params.last)
    page, more = page_audited(ctx, caller, wanted, read_id_cursor(params.cursor), params.limit)
    return json_reply(
        request, schemas.Page[schemas.DigestLineOut](data=[shape.digest_line(one) for one in page], next=more)
    )


@routes.post(
    "/digests",
    status_code=201,
    response_model=schemas.DigestOut,
    responses=problems(400, 404, 413),
    dependencies=[Depends(no_query)],
)
def make_digest(request: Request, ctx: Ctx, caller: Author, asked: schemas.DigestOrderIn) -> Response:
    """Makes a digest or report of now and keeps it in the archive; nothing is sent."""
    made = make_audited(ctx, caller, shape.digest_order(asked, ctx.settings.zone_info.key))
    return json_reply(request, shape.digest(made), status=201)


@routes.post(
    "/digests/preview",
    response_model=schemas.DigestPreviewOut,
    responses=problems(400, 404, 413),
    dependencies=[Depends(no_query)],
)
def show_digest(request: Request, ctx: Ctx, caller: Author, asked: schemas.DigestOrderIn) -> Response:
    """The digest or report as it would be made now; nothing is kept."""
    found = shown_audited(ctx, caller, shape.digest_order(asked, ctx.settings.zone_info.key))
    return json_reply(request, shape.digest_preview(found))


@routes.post(
    "/digests/search",
    response_model=schemas.Page[schemas.DigestLineOut],
    responses=problems(400, 413, 428),
    dependencies=[Depends(no_query)],
)
def search_digests(request: Request, ctx: Ctx, caller: Searcher, asked: schemas.DigestSearchIn) -> Response:
    """Kept digests that have all of the words, of the newest 2,000 that fit otherwise. Needs a purpose (`X-Purpose`). A
    search that names a person is refused (`names-a-person`)."""
    wanted = ArchiveFilter(asked.region, asked.kind, asked.first, asked.last)
    found = search_audited(ctx, caller, wanted, asked.words, asked.limit)
    return json_reply(request, schemas.Page[schemas.DigestLineOut](data=[shape.digest_line(one) for one in found]))


@routes.get(
    "/digests/{digest_id}",
    response_model=schemas.DigestOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_digest(request: Request, ctx: Ctx, caller: Reader, digest_id: Id) -> Response:
    """One digest in full. What was erased since is not in it any more, and `erased_at` says so."""
    return json_reply(request, shape.digest(read_audited(ctx, caller, digest_id)))


@routes.get(
    "/digests/{digest_id}/file/{format}",
    response_class=Response,
    responses={**problems(404), 200: {"description": "The file", "content": {key: {} for key in MEDIA_TYPES.values()}}},
    dependencies=[Depends(no_query)],
)
def digest_file(ctx: Ctx, caller: Reader, digest_id: Id, format: Format) -> Response:
    """One digest as mail, plain text, PDF, chat text or JSON: the same bytes every time, save what was erased."""
    return file_audited(ctx, caller, digest_id, format)


def page_audited(
    ctx: Context, caller: Caller, wanted: ArchiveFilter, before: int | None, limit: int
) -> tuple[Sequence[KeptLine], str | None]:
    """A page of the archive, and where the next one begins."""
    with ctx.store.read() as session:
        found = archive.search(session, wanted, within=caller.identity.region, before_id=before, limit=limit + 1)
    page = found[:limit]
    audited(ctx, caller, AuditAction.DIGEST_READ, "digests", {**_detail(wanted), "found": len(page)})
    return page, id_cursor(page[-1].id) if len(found) > limit else None


def search_audited(ctx: Context, caller: Caller, wanted: ArchiveFilter, words: str, limit: int) -> Sequence[KeptLine]:
    """Digests that have the words. The audit log holds a keyed hash of them, and what was found; a search that was
    refused stands there, too. Raises ForbiddenError where digests are not the caller's to read, and as
    `search.service.read_query` does."""
    Needs(Action.READ_DIGESTS).check(caller)
    try:
        query = read_query(words)
    except PersonSearchError:
        hashed = ctx.audit.keyed_hash(" ".join(words.lower().split()))
        audited(ctx, caller, AuditAction.DIGESTS_SEARCHED, "digests", {"words": hashed, "refused": "person"})
        raise
    with ctx.store.read() as session:
        found = archive.search(session, wanted, within=caller.identity.region, query=query, limit=limit)
    detail: Detail = {
        **_detail(wanted),
        "words": ctx.audit.keyed_hash(query.plain),
        "digests": [one.id for one in found],
    }
    audited(ctx, caller, AuditAction.DIGESTS_SEARCHED, "digests", detail)
    return found


def make_audited(ctx: Context, caller: Caller, order: Order) -> Kept:
    """A digest made of now and kept, with its line in the audit log, both or none. Raises InputError as
    `service.ordered` does, and NotFoundError outside the caller's region."""
    check_reach(order.wanted.region, caller.identity.region)
    now = ctx.clock()
    with ctx.store.write() as session:
        made = service.ordered(session, order, ctx.settings, now)
        id_ = service.keep(session, made, now)
        detail: Detail = {"kind": order.kind.value, "digest": id_, "alerts": made.content.alert_ids}
        noted(session, ctx, caller, AuditAction.DIGEST_MADE, f"region/{order.wanted.region}", detail, now=now)
        return kept(session, id_)


def shown_audited(ctx: Context, caller: Caller, order: Order) -> Rendered:
    """The same, only shown."""
    check_reach(order.wanted.region, caller.identity.region)
    with ctx.store.read() as session:
        made = service.ordered(session, order, ctx.settings, ctx.clock())
    detail: Detail = {"how": "preview", "kind": order.kind.value, "alerts": made.content.alert_ids}
    audited(ctx, caller, AuditAction.DIGEST_MADE, f"region/{order.wanted.region}", detail)
    return rendered(made.content)


def read_audited(ctx: Context, caller: Caller, digest_id: int, format: Format | None = None) -> Kept:
    """Raises NotFoundError, also outside the reader's region."""
    with ctx.store.read() as session:
        found = kept(session, digest_id, within=caller.identity.region)
    detail: Detail = {"alerts": found.content.alert_ids, **({"format": format.value} if format else {})}
    audited(ctx, caller, AuditAction.DIGEST_READ, f"digest/{digest_id}", detail)
    return found


def file_audited(ctx: Context, caller: Caller, digest_id: int, format: Format) -> Response:
    """A kept digest as a file. Raises NotFoundError."""
    found = read_audited(ctx, caller, digest_id, format)
    name = f"waspada-{found.content.kind}-{digest_id}.{SUFFIXES[format]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(written(found.content, format, found.layout), media_type=MEDIA_TYPES[format], headers=headers)


def _detail(wanted: ArchiveFilter) -> dict[str, str | None]:
    return {
        "region": wanted.region,
        "kind": wanted.kind.value if wanted.kind else None,
        "first": wanted.first.isoformat() if wanted.first else None,
        "last": wanted.last.isoformat() if wanted.last else None,
    }
