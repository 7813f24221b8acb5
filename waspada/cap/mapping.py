"""How an alert becomes CAP's severity, certainty, urgency and category: one table (docs/cap.md repeats it). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from waspada.alerts.types import AlertState
from waspada.cap.types import Certainty, Severity, Urgency
from waspada.escalations.policy import has_fallen
from waspada.escalations.types import ReportFacts
from waspada.taxonomy import Label

#: By level; `Extreme` is never said: media reports do not carry it.
SEVERITY: Mapping[int, Severity] = {
    3: Severity.SEVERE,
    2: Severity.MODERATE,
    1: Severity.MINOR,
    0: Severity.UNKNOWN,
}
#: By the confidence of the model (at least) and the outlets that report it (at least); a person verified all of them.
CERTAINTY: tuple[tuple[float, int, Certainty], ...] = (
    (0.9, 2, Certainty.OBSERVED),
    (0.5, 1, Certainty.LIKELY),
    (0.0, 0, Certainty.POSSIBLE),
)
#: Level 3 with news of the last hours is for now; else the level and an election stage near by decide.
IMMEDIATE_FOR = timedelta(hours=24)
STAGE_IS_NEAR = 0.5
CATEGORY: Mapping[str, str] = {
    Label.CONFLICT: "Security",
    Label.POLARIZATION: "Security",
    Label.NEUTRALITY: "Other",
    Label.MISINFORMATION: "Other",
    Label.FRAUD: "Other",
    Label.LOGISTICS: "Infra",
    Label.DISASTER: "Safety",
    Label.ELECTION: "Other",
}
#: How long a message holds where no other follows, by level.
HOLDS: Mapping[int, timedelta] = {
    3: timedelta(hours=24),
    2: timedelta(hours=48),
    1: timedelta(hours=72),
    0: timedelta(hours=24),
}


@dataclass(frozen=True, slots=True)
class Mapped:
    severity: Severity
    certainty: Certainty
    urgency: Urgency
    category: str
    response: str
    holds: timedelta


def mapped(facts: ReportFacts, now: datetime) -> Mapped:
    """What the table says of an alert at a moment."""
    return Mapped(
        severity=SEVERITY[facts.level],
        certainty=certainty(facts.confidence, facts.outlet_count),
        urgency=urgency(facts, now),
        category=CATEGORY.get(facts.label, "Other"),
        response=response(facts),
        holds=HOLDS[facts.level],
    )


def certainty(confidence: float, outlets: int) -> Certainty:
    return next(found for least, outlets_least, found in CERTAINTY if confidence >= least and outlets >= outlets_least)


def urgency(facts: ReportFacts, now: datetime) -> Urgency:
    if is_done(facts):
        return Urgency.PAST
    if facts.level == 3 and facts.last_item_at > now - IMMEDIATE_FOR:
        return Urgency.IMMEDIATE
    if facts.level == 3 or (facts.level == 2 and facts.stage_share >= STAGE_IS_NEAR):
        return Urgency.EXPECTED
    return Urgency.FUTURE if facts.level else Urgency.UNKNOWN


def response(facts: ReportFacts) -> str:
    """What CAP calls responseType: nothing here tells anybody to do more than to look."""
    return "AllClear" if is_done(facts) else "Assess" if facts.level >= 2 else "Monitor"


def is_done(facts: ReportFacts) -> bool:
    """Closed as over, or taken back."""
    return facts.state == AlertState.CLOSED or has_fallen(facts.state, facts.reason, facts.level)
