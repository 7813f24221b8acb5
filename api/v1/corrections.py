"""Requests from outside: the desk records them, an admin decides, and what is granted is done at once."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.paging import id_cursor, read_id_cursor
from api.replies import json_reply, revision_asked
from api.v1.params import CorrectionQuery, SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.archive.service import archive_of
from waspada.audit import AuditAction
from waspada.corrections import repository, service
from waspada.corrections.types import CorrectionRequest, Effect, Reach, RequestState
from waspada.errors import InputError
from waspada.search.index import forget_removed

routes = router("corrections")
Reader = Annotated[Caller, Depends(Needs(Action.ASK_CORRECTION))]
Decider = Annotated[Caller, Depends(Needs(Action.DECIDE_CORRECTION))]


@routes.get("/corrections", response_model=schemas.Page[schemas.CorrectionOut], responses=READ)
def list_corrections(request: Request, ctx: Ctx, caller: Reader, params: CorrectionQuery) -> Response:
    """Requests to correct or erase something and objections, the newest first."""
    now = ctx.clock()
    found, more = page_audited(ctx, caller, params.state, read_id_cursor(params.cursor), params.limit)
    data = [shape.correction(one, now) for one in found]
    return json_reply(request, schemas.Page[schemas.CorrectionOut](data=data, next=more))


@routes.get(
    "/corrections/{request_id}",
    response_model=schemas.CorrectionDetailOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_correction(request: Request, ctx: Ctx, caller: Reader, request_id: SmallId) -> Response:
    """One request, with the items and alerts that it is about as they stand now."""
    found, reach = read_audited(ctx, caller, request_id)
    return json_reply(request, shape.correction_detail(found, reach, ctx.clock()), revision=found.revision)


@routes.post(
    "/corrections",
    response_model=schemas.CorrectionOut,
    status_code=201,
    responses=problems(400, 404, 413),
    dependencies=[Depends(no_query)],
)
def ask_correction(request: Request, ctx: Ctx, caller: Reader, new: schemas.NewCorrection) -> Response:
    """Writes down what somebody outside asked for. Keep no name and no document of theirs in the reason."""
    found = ask_audited(ctx, caller, new)
    return json_reply(request, shape.correction(found, ctx.clock()), revision=found.revision, status=201)


@routes.post(
    "/corrections/{request_id}/decision",
    response_model=schemas.CorrectionOut,
    responses=problems(400, 404, 412, 413, 428),
    dependencies=[Depends(no_query)],
)
def decide_correction(
    request: Request, ctx: Ctx, caller: Decider, request_id: SmallId, body: schemas.NewCorrectionDecision
) -> Response:
    """Grants or refuses a request. What is granted is done in the same step; If-Match names the revision you saw."""
    found = decide_audited(ctx, caller, request_id, body, revision_asked(request))
    return json_reply(request, shape.correction(found, ctx.clock()), revision=found.revision)


def page_audited(
    ctx: Context, caller: Caller, state: RequestState | None, before_id: int | None, limit: int
) -> tuple[list[CorrectionRequest], str | None]:
    """A page of requests and the cursor of the next one; the read is in the audit log."""
    with ctx.store.read() as session:
        found = repository.requests(
            session, state=state, within=caller.identity.region, before_id=before_id, limit=limit + 1
        )
    page = found[:limit]
    audited(ctx, caller, AuditAction.CORRECTIONS_READ, "corrections", {"found": len(page)})
    return page, id_cursor(page[-1].id) if len(found) > limit else None


def read_audited(ctx: Context, caller: Caller, request_id: int) -> tuple[CorrectionRequest, Reach]:
    with ctx.store.read() as session:
        found, reach = service.read(session, request_id, caller.identity.region)
    audited(ctx, caller, AuditAction.CORRECTIONS_READ, f"correction/{request_id}")
    return found, reach


def ask_audited(ctx: Context, caller: Caller, new: schemas.NewCorrection) -> CorrectionRequest:
    """The request and its line in the audit log, both or none. Raises as `service.ask` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.ask(
            session,
            new.kind,
            new.about,
            new.reason,
            actor=caller.name,
            now=now,
            within=caller.identity.region,
            heard_at=new.heard_at,
        )
        detail = {"kind": found.kind.value, "about": found.about}
        noted(session, ctx, caller, AuditAction.CORRECTION_ASKED, f"correction/{found.id}", detail, now=now)
    return found


def decide_audited(
    ctx: Context, caller: Caller, request_id: int, body: schemas.NewCorrectionDecision, revision: int
) -> CorrectionRequest:
    """The decision, what it does, and its line in the audit log: all or nothing. Files of raw pages, and what the
    index of words still holds, go right after.

    Raises as `service.grant` does.
    """
    now, within = ctx.clock(), caller.identity.region
    given: dict[str, Any] = {"actor": caller.name, "now": now, "within": within}
    with ctx.store.write() as session:
        if not body.granted:
            found = service.refuse(session, request_id, body.reason, revision, **given)
        else:
            effect = _effect(body)
            found = service.grant(session, request_id, effect, body.reason, revision, passage=body.passage, **given)
        counts = {f"rows.{key}": count for key, count in found.effects.get("counts", {}).items()}
        detail = {"state": found.state.value, "effect": found.effects.get("effect"), **counts}
        noted(session, ctx, caller, AuditAction.CORRECTION_DECIDED, f"correction/{request_id}", detail, now=now)
    if found.effects.get("counts", {}).get("raw_pages"):
        archive_of(ctx.settings).sweep(ctx.store, now)
    if body.granted:
        forget_removed(ctx.store)
    return found


def _effect(body: schemas.NewCorrectionDecision) -> Effect:
    if body.effect is None:
        raise InputError("A granted request needs an effect.", hint="Say erase, strike or read-again.")
    return body.effect
