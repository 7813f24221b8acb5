"""Which step may be taken with a report that leaves the team: pure decisions.

proposed -> approved -> sent | failed
    |--> refused (by the second account), withdrawn (by whoever proposed it, or because its alert fell),
    +--> expired (nobody answered within `ANSWER_WITHIN`)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from waspada.alerts.policy import is_refuted
from waspada.alerts.types import AlertState
from waspada.errors import ConflictError
from waspada.escalations.types import Body, Escalation, EscalationState, ReportFacts, SentTo

#: A proposal that nobody answers is over: what it says is old by then.
ANSWER_WITHIN = timedelta(hours=24)
MAX_RECIPIENTS = 20


def is_over(found: Escalation, now: datetime) -> bool:
    """Whether a proposal waited too long for its answer."""
    return found.state is EscalationState.PROPOSED and found.expires_at is not None and now >= found.expires_at


def has_fallen(state: str, reason: str | None, level: int) -> bool:
    """Whether what was reported of an alert does not stand any more: a person said so, or nothing speaks for it."""
    return level == 0 or is_refuted(state, reason)


def check_reportable(facts: ReportFacts) -> None:
    """Raises ConflictError for what must not leave: not verified by a person, or an exercise."""
    if facts.exercise:
        raise ConflictError("This is an exercise: nothing of it happened.", hint="Report what is real.")
    if facts.state != AlertState.VERIFIED or facts.level == 0:
        raise ConflictError(
            f"Alert {facts.alert_id} is {facts.state}: only what a person verified leaves the team.",
            hint="Verify it first.",
        )
    if not facts.regions:
        raise ConflictError(f"Alert {facts.alert_id} has no region.", hint="Nobody is responsible for it.")


def outcome(sent: Sequence[SentTo]) -> EscalationState | None:
    """How a report ended, by its recipients; None while one of them is still open."""
    if any(one.sent_at is None and not one.problem for one in sent):
        return None
    return EscalationState.SENT if any(one.sent_at for one in sent) else EscalationState.FAILED


def body_sha256(bodies: Mapping[str, Body]) -> str:
    """A hash of all bodies, which proves what left also when their words are past their time."""
    return hashlib.sha256(json.dumps(as_json(bodies), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def as_json(bodies: Mapping[str, Body]) -> dict[str, Any]:
    return {language: {"subject": body.subject, "text": body.text} for language, body in sorted(bodies.items())}
