"""Deciding what stands in a digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from waspada.alerts.types import AlertState, AlertSummary

MAX_ENTRIES = 10
#: The least level that belongs in the daily digest (codebook, rule 16).
MIN_LEVEL = 2
#: An alert that a person dismissed never goes out.
STATES = (AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.VERIFIED, AlertState.CLOSED)


def choose(ranked: Sequence[AlertSummary]) -> tuple[list[AlertSummary], list[AlertSummary], dict[str, int]]:
    """Verified entries, unverified entries (ten together, best first) and the count of the rest by label."""
    verified = [alert for alert in ranked if alert.state is AlertState.VERIFIED][:MAX_ENTRIES]
    others = [alert for alert in ranked if alert.state is not AlertState.VERIFIED][: MAX_ENTRIES - len(verified)]
    shown = {alert.id for alert in (*verified, *others)}
    return verified, others, dict(Counter(alert.label for alert in ranked if alert.id not in shown))
