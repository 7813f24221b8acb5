"""Deciding what stands in a digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from waspada.alerts.policy import is_refuted
from waspada.alerts.types import OPEN_STATES, AlertState, AlertSummary

MAX_ENTRIES = 10
#: The least level that belongs in the daily digest (codebook, rule 16).
MIN_LEVEL = 2
#: What a person found to be no threat, or a duplicate, never goes out.
STATES = (*OPEN_STATES, AlertState.CLOSED)


def choose(ranked: Sequence[AlertSummary]) -> tuple[list[AlertSummary], list[AlertSummary], dict[str, int]]:
    """Verified entries, unverified entries (ten together, best first) and the count of the rest by label."""
    ranked = [alert for alert in ranked if not is_refuted(alert.state, alert.reason)]
    verified = [alert for alert in ranked if alert.state is AlertState.VERIFIED][:MAX_ENTRIES]
    others = [alert for alert in ranked if alert.state is not AlertState.VERIFIED][: MAX_ENTRIES - len(verified)]
    shown = {alert.id for alert in (*verified, *others)}
    return verified, others, dict(Counter(alert.label for alert in ranked if alert.id not in shown))
