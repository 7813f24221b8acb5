"""What the templates show of the fact-checks that an alert may repeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api import shape
from api.console.views.items import PLAIN_EXCERPT_CHARACTERS, cut_end
from waspada.alerts.exits import mask
from waspada.alerts.types import AlertDetail
from waspada.claims.types import MatchOrigin, MatchState, MatchView
from waspada.claims.wording import source_of, verdict_of
from waspada.privacy.reasons import MAX_REASON_CHARACTERS


@dataclass(frozen=True, slots=True)
class ClaimMatch:
    """A fact-check that a report of the alert may repeat; every text is masked."""

    id: int
    item_id: int
    state: str
    score: float
    title: str
    narrative: str
    verdict: str
    source: str
    url: str | None
    basis: str
    by_person: bool
    actor: str
    at: datetime
    reason: str
    revision: int
    can_confirm: bool
    can_reject: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """The fact-checks of an alert: one line that sums up, and each match."""

    line: str
    matches: Sequence[ClaimMatch]
    decides: bool
    max_reason: int = MAX_REASON_CHARACTERS


def claims_of(detail: AlertDetail, *, decides: bool) -> Claims | None:
    """None for an alert of which nothing is to be said: no misinformation, and no fact-check."""
    line = shape.claim_line(detail)
    if not line and not detail.claims:
        return None
    return Claims(line, [_claim(one) for one in detail.claims], decides)


def _claim(view: MatchView) -> ClaimMatch:
    check, by_person = view.check, view.origin is MatchOrigin.PERSON
    title = mask(check.title or check.claim)
    narrative = mask(check.claim) if check.title else ""
    return ClaimMatch(
        id=view.id,
        item_id=view.item_id,
        state=view.state.value,
        score=view.score,
        title=cut_end(title, PLAIN_EXCERPT_CHARACTERS),
        narrative=cut_end(narrative, PLAIN_EXCERPT_CHARACTERS) if narrative not in title else "",
        verdict=mask(verdict_of(check)),
        source=source_of(check),
        url=check.url,
        basis=mask(check.reason),
        by_person=by_person,
        actor=view.actor,
        at=view.at,
        reason=mask(view.reason),
        revision=view.revision,
        can_confirm=not by_person or view.state is not MatchState.CONFIRMED,
        can_reject=not by_person or view.state is not MatchState.REJECTED,
    )
