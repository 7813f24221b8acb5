"""The shapes of a report that leaves the team, and of what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from waspada.errors import ConflictError
from waspada.recipients.types import Recipient, RecipientKind, Refusal
from waspada.reports.types import NO_REPORTS, StoryReports


class ReportKind(StrEnum):
    """What kind of report it is, by the names of Permendagri 2/2018."""

    INFORMASI = "informasi"
    ATENSI = "atensi"
    KHUSUS = "khusus"
    RALAT = "ralat"  # takes back what was reported
    NAIK = "naik"  # to the team's own desk one level up


#: What a person chooses from when a report is proposed.
PROPOSABLE = (ReportKind.INFORMASI, ReportKind.ATENSI, ReportKind.KHUSUS)


class EscalationState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"  # on its way
    SENT = "sent"  # to one recipient at least
    FAILED = "failed"  # to none
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # nobody answered in time


#: Somebody or something has still to do with it.
OPEN_STATES = (EscalationState.PROPOSED, EscalationState.APPROVED)


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent in one language: masked, as it leaves."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence that carries a label, masked, with where it stood. `url` is None where it must not be named."""

    text: str
    outlet: str
    at: datetime
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What is known of an alert when it is reported; every text is masked already.

    `confidence` is the calibrated probability of `label`; `stage_share` is 0..1, how close an election stage is;
    `regions` are codes, best first, `outlets` pairs of a name and the number of its reports, the busiest first.
    """

    alert_id: int
    story_id: int
    revision: int
    state: str
    label: str
    labels: Sequence[str]
    level: int
    confidence: float
    stage_share: float
    headline: str
    why: str
    regions: Sequence[str]
    outlets: Sequence[tuple[str, int]]
    outlet_count: int
    voices: int
    has_official: bool
    quotes: Sequence[Quote]
    claim_line: str
    opened_at: datetime
    last_item_at: datetime
    verified_at: datetime | None
    exercise: bool
    reason: str | None = None
    field_reports: StoryReports = NO_REPORTS


@dataclass(frozen=True, slots=True)
class SentTo:
    """One recipient of a report, and how that ended."""

    recipient: Recipient
    kind: RecipientKind
    sent_at: datetime | None
    problem: str


@dataclass(frozen=True, slots=True)
class Escalation:
    """A report with its steps. `desk` is the team's own desk that it was raised to, None outside the team."""

    id: int
    alert_id: int
    alert_revision: int
    kind: ReportKind
    desk: str | None
    regions: Sequence[str]
    bodies: Mapping[str, Body]
    body_sha256: str
    remark: str
    reason: str
    state: EscalationState
    revision: int
    corrects_id: int | None
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str
    ended_at: datetime | None
    problem: str
    recipients: Sequence[SentTo] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An institution that a report on an alert could go to; `refusal` says why it cannot now."""

    recipient: Recipient
    refusal: Refusal | None


class StaleEscalationError(ConflictError):
    """Somebody else decided first."""

    def __init__(self, found: Escalation) -> None:
        by = found.decided_by or found.proposed_by
        super().__init__(
            f"The report {found.id} was changed since you looked at it ({by}: {found.state}).",
            hint="Look at it again, then decide.",
        )
        self.revision = found.revision
        self.found = found
