"""Words for fact-checks."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.claims.types import MatchState

#: How a match of a report with a fact-check stands.
MATCH_STATES: dict[str, str] = {
    MatchState.SUGGESTED: N_("suggested"),
    MatchState.CONFIRMED: N_("confirmed"),
    MatchState.REJECTED: N_("rejected"),
}
