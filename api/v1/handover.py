"""The hand-over from one shift of a desk to the next."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited, noted
from api.context import Context, Ctx
from api.replies import json_reply, revision_asked
from api.v1.params import ShiftQuery, SmallId, no_query
from api.v1.routing import READ, problems, router
from waspada.access.types import Action
from waspada.audit import AuditAction
from waspada.handover import repository, service
from waspada.handover.types import Handover, Summary
from waspada.notify.policy import rules_of
from waspada.notify.service import desk_of

routes = router("handover")
Reader = Annotated[Caller, Depends(Needs(Action.READ_ALERTS))]
Mover = Annotated[Caller, Depends(Needs(Action.MOVE_ALERTS))]
_SHOWN = 60


@routes.get("/handover", response_model=schemas.HandoverSummaryOut, responses={**READ, **problems(404)})
def read_handover(request: Request, ctx: Ctx, caller: Reader, params: ShiftQuery) -> Response:
    """What the shift of a desk leaves to the next: what came in, is open, overdue, asked, decided, held and silent."""
    now = ctx.clock()
    found = summary_audited(ctx, caller, params.desk, params.at or now, now)
    document = shape.handover_summary(found, now)
    return json_reply(request, document, revision=found.note.revision if found.note else 0)


@routes.put(
    "/handover", response_model=schemas.HandoverOut, responses={**READ, **problems(400, 404, 409, 412, 413, 428)}
)
def write_handover(request: Request, ctx: Ctx, caller: Mover, params: ShiftQuery, new: schemas.NewHandover) -> Response:
    """Writes the note of a shift. If-Match holds the ETag of the summary that you read; somebody else's note in between
    is a 412."""
    done = write_audited(ctx, caller, params.desk, params.at or ctx.clock(), new.note, revision_asked(request))
    return json_reply(request, shape.handover(done), revision=done.revision)


@routes.get("/handovers", response_model=schemas.Page[schemas.HandoverOut], responses={**READ, **problems(404)})
def list_handovers(request: Request, ctx: Ctx, caller: Reader, params: ShiftQuery) -> Response:
    """The notes of a desk, the newest shift first: at most 60. `at` has no meaning here."""
    desk = desk_of(caller.identity.region, params.desk, ctx.settings)
    with ctx.store.read() as session:
        found = repository.newest(session, desk, _SHOWN)
    audited(ctx, caller, AuditAction.ALERTS_SEARCHED, f"handover/{desk}", {"part": "notes", "found": len(found)})
    return json_reply(request, schemas.Page[schemas.HandoverOut](data=[shape.handover(one) for one in found]))


@routes.post(
    "/handovers/{handover_id}/receipt",
    response_model=schemas.HandoverOut,
    responses=problems(404, 409),
    dependencies=[Depends(no_query)],
)
def receive_handover(request: Request, ctx: Ctx, caller: Mover, handover_id: SmallId) -> Response:
    """Says that you took the shift over ("diterima"): somebody else than who wrote the note, once."""
    done = receive_audited(ctx, caller, handover_id)
    return json_reply(request, shape.handover(done), revision=done.revision)


def summary_audited(ctx: Context, caller: Caller, desk: str | None, moment: datetime, now: datetime) -> Summary:
    """The summary, written to the audit log before it leaves. Raises NotFoundError for a desk outside the region."""
    chosen = desk_of(caller.identity.region, desk, ctx.settings)
    with ctx.store.read() as session:
        found = service.summary(session, chosen, moment, rules_of(ctx.settings), now)
    counts = {name.value: count for name, count in found.counts.items()}
    audited(ctx, caller, AuditAction.ALERTS_SEARCHED, f"handover/{chosen}", counts)
    return found


def write_audited(
    ctx: Context, caller: Caller, desk: str | None, moment: datetime, note: str, revision: int
) -> Handover:
    """The note and its line in the audit log, both or none. Raises as `service.write` does."""
    now, chosen = ctx.clock(), desk_of(caller.identity.region, desk, ctx.settings)
    with ctx.store.write() as session:
        done = service.write(
            session,
            chosen,
            moment,
            note,
            actor=caller.name,
            revision=revision,
            rules=rules_of(ctx.settings),
            now=now,
        )
        detail = {"desk": chosen, "shift": done.shift.start.isoformat(), "part": "note"}
        noted(session, ctx, caller, AuditAction.ALERTS_HANDED_OVER, f"handover/{done.id}", detail, now=now)
    return done


def receive_audited(ctx: Context, caller: Caller, handover_id: int) -> Handover:
    """The receipt and its line in the audit log, both or none. Raises as `service.receive` does."""
    now = ctx.clock()
    with ctx.store.write() as session:
        done = service.receive(session, handover_id, actor=caller.name, now=now, within=caller.identity.region)
        detail = {"desk": done.desk, "shift": done.shift.start.isoformat(), "part": "receipt"}
        noted(session, ctx, caller, AuditAction.ALERTS_HANDED_OVER, f"handover/{done.id}", detail, now=now)
    return done
