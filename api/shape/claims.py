"""From what the store says of fact-checks to the documents of the API."""

from __future__ import annotations

from collections.abc import Sequence

from api import schemas
from waspada.alerts.exits import mask
from waspada.alerts.types import AlertDetail
from waspada.claims.types import CheckView, MatchEventView, MatchView
from waspada.claims.verdicts import standing
from waspada.claims.wording import line_of_alert


def claim_line(view: AlertDetail) -> str:
    return mask(line_of_alert({view.summary.label, *view.summary.labels}, view.claims))


def match(view: MatchView) -> schemas.MatchOut:
    return schemas.MatchOut(**_match_fields(view))


def match_detail(view: MatchView, history: Sequence[MatchEventView]) -> schemas.MatchDetailOut:
    return schemas.MatchDetailOut(**_match_fields(view), history=[_match_event(line) for line in history])


def _match_fields(view: MatchView) -> dict[str, object]:
    names = ("id", "item_id", "state", "origin", "score", "actor", "at", "model", "revision")
    return {
        **{name: getattr(view, name) for name in names},
        "reason": mask(view.reason),
        "fact_check": fact_check(view.check),
    }


def _match_event(line: MatchEventView) -> schemas.MatchEventOut:
    return schemas.MatchEventOut(
        at=line.at,
        actor=line.actor,
        from_state=line.from_state,
        to_state=line.to_state,
        reason=mask(line.reason),
        score=line.score,
        model=line.model,
    )


def fact_check(view: CheckView) -> schemas.FactCheckOut:
    return schemas.FactCheckOut(
        id=view.id,
        claim=mask(view.claim),
        title=mask(view.title),
        verdict=mask(view.verdict),
        standing=standing(view.verdict),
        url=view.url,
        outlet=view.outlet,
        checked_on=view.checked_on,
        origin=view.origin,
        actor=view.actor,
        reason=mask(view.reason),
        revision=view.seq,
    )
