"""What the templates show of reports that leave the team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api import shape
from api.console.regions import place_name
from waspada.alerts.exits import mask
from waspada.escalations import policy
from waspada.escalations.types import Candidate, Escalation, EscalationState, ReportKind
from waspada.recipients.types import RecipientKind, Refusal


@dataclass(frozen=True, slots=True)
class ReportRecipient:
    institution: str
    kind: RecipientKind
    language: str
    address: str
    sent_at: datetime | None
    problem: str


@dataclass(frozen=True, slots=True)
class ReportBody:
    language: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `mine` says that the reader proposed it; `open` that it still waits for its second account."""

    id: int
    alert_id: int
    kind: ReportKind
    desk: str
    places: Sequence[str]
    state: EscalationState
    revision: int
    bodies: Sequence[ReportBody]
    sha256: str
    reason: str
    corrects_id: int | None
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str
    ended_at: datetime | None
    problem: str
    recipients: Sequence[ReportRecipient]
    mine: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Passing:
    """What an alert's page says of passing it on."""

    reports: Sequence[Report]
    may_propose: bool
    needs_verifying: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """An institution to choose; `refusal` says why it cannot be."""

    id: int
    institution: str
    kind: RecipientKind
    region: str
    refusal: Refusal | None


def report(one: Escalation, reader: str, now: datetime) -> Report:
    """Bodies are shown as they leave, or left: they were masked when they were composed."""
    used = {sent.recipient.language for sent in one.recipients}
    return Report(
        id=one.id,
        alert_id=one.alert_id,
        kind=one.kind,
        desk=place_name(one.desk) if one.desk else "",
        places=[place_name(code) for code in one.regions],
        state=EscalationState.EXPIRED if policy.is_over(one, now) else one.state,
        revision=one.revision,
        bodies=[
            ReportBody(language, body.subject, body.text)
            for language, body in sorted(one.bodies.items(), key=lambda pair: pair[0] != "id")
            if language in used
        ],
        sha256=one.body_sha256,
        reason=mask(one.reason),
        corrects_id=one.corrects_id,
        proposed_by=one.proposed_by,
        proposed_at=one.proposed_at,
        expires_at=one.expires_at,
        decided_by=one.decided_by,
        decided_at=one.decided_at,
        decision_reason=mask(one.decision_reason),
        ended_at=one.ended_at,
        problem=one.problem,
        recipients=[
            ReportRecipient(
                mask(sent.recipient.institution),
                sent.kind,
                sent.recipient.language,
                sent.recipient.address,
                sent.sent_at,
                sent.problem,
            )
            for sent in one.recipients
        ],
        mine=one.proposed_by == reader,
        open=one.state is EscalationState.PROPOSED and not policy.is_over(one, now),
    )


def passing(
    reports: Sequence[Escalation], alert_verified: bool, may_propose: bool, reader: str, now: datetime
) -> Passing:
    return Passing(
        [report(one, reader, now) for one in reports],
        may_propose=may_propose and alert_verified,
        needs_verifying=may_propose and not alert_verified,
    )


def choice(one: Candidate) -> Choice:
    found = shape.candidate(one)
    return Choice(found.recipient_id, found.institution, found.kind, place_name(one.recipient.region), found.refusal)
