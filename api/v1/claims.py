"""Fact-checks, and which of them items may repeat: read, decide, bring in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.paging import bad_cursor, name_cursor, read_name_cursor
from api.replies import json_reply, revision_asked
from api.v1.params import Id, PageQuery, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.alerts import items
from waspada.alerts import repository as alerts
from waspada.alerts.exits import mask
from waspada.audit import AuditAction
from waspada.claims import repository, service
from waspada.claims.jsonl import parse_claims
from waspada.claims.types import FactCheck, Imported, MatchDecided
from waspada.claims.wording import line_of_alert

routes = router("claims")
Reader = Annotated[Caller, Depends(Needs(Action.READ_CLAIMS))]
Decider = Annotated[Caller, Depends(Needs(Action.DECIDE_CLAIMS))]
Manager = Annotated[Caller, Depends(Needs(Action.MANAGE_CLAIMS))]


@routes.get("/fact-checks", response_model=schemas.Page[schemas.FactCheckOut], responses=READ)
def list_fact_checks(request: Request, ctx: Ctx, caller: Reader, params: PageQuery) -> Response:
    """Fact-checks that items are matched with, the newest change first."""
    after = _read_cursor(params.cursor)
    with ctx.store.read() as session:
        found = repository.checks(session, after=after, limit=params.limit + 1)
    page = found[: params.limit]
    read = [service.audit_name(view.id, ctx.audit.keyed_hash) for view in page]
    audited(ctx, caller, AuditAction.CLAIMS_READ, "fact-checks", {"read": read})
    more = name_cursor(f"{page[-1].seq} {page[-1].id}") if len(found) > params.limit else None
    data = [shape.fact_check(view) for view in page]
    return json_reply(request, schemas.Page[schemas.FactCheckOut](data=data, next=more))


@routes.post(
    "/fact-checks",
    response_model=schemas.ImportedOut,
    responses=problems(400, 413),
    dependencies=[Depends(no_query)],
)
def import_fact_checks(request: Request, ctx: Ctx, caller: Manager, body: schemas.ImportedClaims) -> Response:
    """Brings fact-checks in, each by its source and id: the same again changes nothing. A bad line stops no other."""
    lines = [json.dumps(claim).encode() for claim in body.claims]
    parsed = list(parse_claims(lines))
    bad = [f"{number}: {problem}" for number, problem in parsed if isinstance(problem, str)]
    now = ctx.clock()
    with ctx.store.write() as session:
        found = service.import_claims(
            session, [one for _, one in parsed if isinstance(one, FactCheck)], caller.name, now, body.source
        )
        done = found + Imported(bad=len(bad))
        noted(session, ctx, caller, AuditAction.CLAIMS_IMPORTED, "fact-checks", asdict(done), now=now)
    return json_reply(request, schemas.ImportedOut(**asdict(done), problems=bad))


@routes.post(
    "/verdicts",
    response_model=schemas.FactCheckOut,
    status_code=201,
    responses=problems(400, 409, 413),
    dependencies=[Depends(no_query)],
)
def add_verdict(request: Request, ctx: Ctx, caller: Manager, body: schemas.NewVerdict) -> Response:
    """A verdict of this desk on a claim. One on the same words is replaced only where `revision` says that you read it;
    else a 409 says who gave it. Every verdict stays in its history."""
    now = ctx.clock()
    with ctx.store.write() as session:
        added = service.add_verdict(
            session,
            body.claim,
            body.verdict,
            url=body.url,
            reason=body.reason,
            actor=caller.name,
            now=now,
            revision=body.revision,
        )
        noted(
            session,
            ctx,
            caller,
            AuditAction.VERDICT_ADDED,
            f"fact-check/{added.claim_id}",
            {"new": added.is_new},
            now=now,
        )
        view = repository.check(session, added.claim_id)
    return json_reply(request, shape.fact_check(view), status=201)


@routes.get(
    "/alerts/{alert_id}/claims",
    response_model=schemas.MatchListOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_alert_claims(request: Request, ctx: Ctx, caller: Reader, alert_id: Id) -> Response:
    """Which fact-checks the items of an alert may repeat, at most 20."""
    with ctx.store.read() as session:
        alert = alerts.summary(session, alert_id, within=caller.identity.region)
        found = repository.of_story(session, alert.story_id)
    _note_read(ctx, caller, f"alert/{alert_id}", [one.id for one in found])
    line = mask(line_of_alert({alert.label, *alert.labels}, found))
    return json_reply(request, schemas.MatchListOut(claim_line=line, matches=[shape.match(one) for one in found]))


@routes.get(
    "/items/{item_id}/claims",
    response_model=schemas.MatchListOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_item_claims(request: Request, ctx: Ctx, caller: Reader, item_id: Id) -> Response:
    """Which fact-checks an item may repeat."""
    with ctx.store.read() as session:
        item = items.item(session, item_id, within=caller.identity.region)
        found = repository.of_item(session, item_id)
    _note_read(ctx, caller, f"item/{item_id}", [one.id for one in found])
    line = mask(line_of_alert(item.labels, found))
    return json_reply(request, schemas.MatchListOut(claim_line=line, matches=[shape.match(one) for one in found]))


@routes.get(
    "/matches/{match_id}",
    response_model=schemas.MatchDetailOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_match(request: Request, ctx: Ctx, caller: Reader, match_id: Id) -> Response:
    """A match with its history, newest first."""
    with ctx.store.read() as session:
        found, history = service.match_of(session, match_id, within=caller.identity.region)
    _note_read(ctx, caller, f"match/{match_id}", [match_id])
    return json_reply(request, shape.match_detail(found, history), revision=found.revision)


@routes.post(
    "/matches/{match_id}/decisions",
    response_model=schemas.MatchDetailOut,
    responses=problems(400, 404, 409, 412, 413, 428),
    dependencies=[Depends(no_query)],
)
def decide_match(request: Request, ctx: Ctx, caller: Decider, match_id: Id, body: schemas.NewDecision) -> Response:
    """Confirms or rejects a match. If-Match holds the revision that you read; a step of another in between is a 412."""
    decide_audited(ctx, caller, match_id, body, revision_asked(request))
    with ctx.store.read() as session:
        found, history = service.match_of(session, match_id, within=caller.identity.region)
    return json_reply(request, shape.match_detail(found, history), revision=found.revision)


def decide_audited(
    ctx: Context, caller: Caller, match_id: int, body: schemas.NewDecision, revision: int
) -> MatchDecided:
    """The decision and its line in the audit log, both or none."""
    now = ctx.clock()
    with ctx.store.write() as session:
        done = service.decide(
            session,
            match_id,
            body.confirmed,
            caller.name,
            body.reason,
            revision,
            now,
            within=caller.identity.region,
        )
        noted(
            session,
            ctx,
            caller,
            AuditAction.MATCH_DECIDED,
            f"match/{match_id}",
            {"item": done.item_id, "from": done.from_state.value, "to": done.to_state.value},
            now=now,
        )
    return done


def _note_read(ctx: Context, caller: Caller, object_: str, matches: Sequence[int]) -> None:
    audited(ctx, caller, AuditAction.CLAIMS_READ, object_, {"matches": list(matches)})


def _read_cursor(cursor: str | None) -> tuple[int, str] | None:
    """Number and id at which a page ended. Raises InputError."""
    found = read_name_cursor(cursor)
    if found is None:
        return None
    seq, _, id_ = found.partition(" ")
    if not (seq.isascii() and seq.isdecimal() and id_) or len(seq) > 18:
        raise bad_cursor()
    return int(seq), id_
