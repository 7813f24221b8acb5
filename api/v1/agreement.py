"""How far accounts agree, and which answers are likely wrong. Nobody is ranked: no figure is given by account."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas, shape
from api.auth import Caller, Needs, audited
from api.context import Context, Ctx
from api.replies import json_reply
from api.v1.params import no_query
from api.v1.routing import READ, router
from waspada.access.types import Action
from waspada.alerts import items
from waspada.audit import AuditAction
from waspada.labels import repository
from waspada.labels.agreement import agreement, following
from waspada.labels.suspects import MOST_SHOWN, suspected

routes = router("labels")
Reader = Annotated[Caller, Depends(Needs(Action.READ_LABELS))]
Labeller = Annotated[Caller, Depends(Needs(Action.GIVE_LABELS))]


@routes.get("/labels/agreement", response_model=schemas.AgreementOut, responses=READ, dependencies=[Depends(no_query)])
def read_agreement(request: Request, ctx: Ctx, caller: Reader) -> Response:
    """How far accounts agree by field and week, and how far they follow what the model proposes."""
    return json_reply(request, agreement_audited(ctx, caller))


@routes.get("/labels/suspects", response_model=schemas.SuspectsOut, responses=READ, dependencies=[Depends(no_query)])
def list_suspects(request: Request, ctx: Ctx, caller: Labeller) -> Response:
    """Answers that are likely wrong, as the newest training found them, and that nobody has answered since."""
    return json_reply(request, suspects_audited(ctx, caller))


def agreement_audited(ctx: Context, caller: Caller) -> schemas.AgreementOut:
    with ctx.store.read() as session:
        answers = repository.answers(session)
    audited(ctx, caller, AuditAction.LABELS_READ, "labels", {"labels": len(answers)})
    return shape.agreement(agreement(answers, zone=ctx.settings.zone_info), following(answers))


def suspects_audited(ctx: Context, caller: Caller) -> schemas.SuspectsOut:
    """The first of those whose items the caller may see."""
    with ctx.store.read() as session:
        found = suspected(session)
        wanted = {one.item_id for one in found.suspects} if found is not None else set()
        mine = items.readable(session, wanted, caller.identity.region)
        shown = [one.item_id for one in found.suspects if one.item_id in mine] if found is not None else []
        titles = {id_: view.title for id_, view in items.by_ids(session, shown[:MOST_SHOWN]).items()}
    audited(ctx, caller, AuditAction.LABELS_READ, "labels/suspects", {"items": sorted(titles)})
    return shape.suspects(found, titles)
