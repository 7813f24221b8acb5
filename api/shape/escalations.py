"""From what the store says of reports to the documents of the API."""

from __future__ import annotations

from collections.abc import Sequence

from api import schemas
from api.shape.places import place
from waspada.alerts.exits import mask
from waspada.escalations.types import Candidate, Escalation


def escalation(one: Escalation) -> schemas.EscalationOut:
    """Bodies were masked when they were composed, and are shown as they left: what left must be provable."""
    return schemas.EscalationOut(
        id=one.id,
        alert_id=one.alert_id,
        kind=one.kind,
        desk=place(one.desk) if one.desk is not None else None,
        state=one.state,
        revision=one.revision,
        places=[place(code) for code in one.regions],
        bodies={
            language: schemas.BodyOut(subject=body.subject, text=body.text) for language, body in one.bodies.items()
        },
        body_sha256=one.body_sha256,
        remark=mask(one.remark),
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
            schemas.SentToOut(
                recipient_id=sent.recipient.id,
                institution=mask(sent.recipient.institution),
                kind=sent.kind,
                language=sent.recipient.language,
                sent_at=sent.sent_at,
                problem=sent.problem,
            )
            for sent in one.recipients
        ],
    )


def candidate(one: Candidate) -> schemas.CandidateOut:
    return schemas.CandidateOut(
        recipient_id=one.recipient.id,
        institution=mask(one.recipient.institution),
        kind=one.recipient.kind,
        region=place(one.recipient.region),
        refusal=one.refusal,
    )


def escalation_options(
    alert_id: int, desk: str | None, candidates: Sequence[Candidate], reports: Sequence[Escalation]
) -> schemas.EscalationOptionsOut:
    return schemas.EscalationOptionsOut(
        alert_id=alert_id,
        desk_above=place(desk) if desk is not None else None,
        candidates=[candidate(one) for one in candidates],
        reports=[escalation(one) for one in reports],
    )
