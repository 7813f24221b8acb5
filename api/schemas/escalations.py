"""Documents of reports that leave the team, and of alerts raised to its own desk one level up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from api.schemas.common import Document
from api.schemas.places import PlaceOut
from waspada.escalations.policy import MAX_RECIPIENTS
from waspada.escalations.types import EscalationState, ReportKind
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.recipients.types import RecipientKind, Refusal


class BodyOut(Document):
    """What is sent, or was, in one language: masked, as it left."""

    subject: str = Field(examples=["Laporan Atensi: konflik di Martapura, Kabupaten Banjar (63.03.05)"])
    text: str


class SentToOut(Document):
    recipient_id: int = Field(examples=[7])
    institution: str = Field(examples=["Kesbangpol Kabupaten Banjar"])
    kind: RecipientKind
    language: str = Field(examples=["id"])
    sent_at: datetime | None
    problem: str


class EscalationOut(Document):
    """A report with its steps. Outside the team nothing goes before an account other than `proposed_by` approved it.

    `desk` is the team's own desk that the alert was raised to, null for a report to institutions.
    """

    id: int = Field(examples=[3])
    alert_id: int = Field(examples=[12])
    kind: ReportKind
    desk: PlaceOut | None
    state: EscalationState
    revision: int = Field(examples=[1])
    places: list[PlaceOut] = Field(description="Of the alert when it was proposed.")
    bodies: dict[str, BodyOut] = Field(description="By language; empty when the words are past their time.")
    body_sha256: str = Field(description="Of all bodies: proves what left.")
    remark: str
    reason: str
    corrects_id: int | None = Field(description="The report that this one takes back.")
    proposed_by: str = Field(examples=["liaison-1"])
    proposed_at: datetime
    expires_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str
    ended_at: datetime | None
    problem: str
    recipients: list[SentToOut]


class CandidateOut(Document):
    """An institution that is responsible for where the alert is; `refusal` says why nothing can be sent to it now."""

    recipient_id: int = Field(examples=[7])
    institution: str = Field(examples=["Kesbangpol Kabupaten Banjar"])
    kind: RecipientKind
    region: PlaceOut
    refusal: Refusal | None


class EscalationOptionsOut(Document):
    """To whom an alert can be passed on, and what was passed on of it already (the newest first)."""

    alert_id: int = Field(examples=[12])
    desk_above: PlaceOut | None = Field(description="The team's own desk one level up.")
    candidates: list[CandidateOut]
    reports: list[EscalationOut]


class NewEscalation(Document):
    """Proposes a report on a verified alert. The text is composed here; `remark` is a line that you add to it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"recipients": [7], "kind": "atensi", "reason": "Kantor kecamatan perlu dijaga", "remark": ""}]
        },
    )
    recipients: list[Annotated[int, Field(ge=1, le=2**31 - 1)]] = Field(min_length=1, max_length=MAX_RECIPIENTS)
    kind: ReportKind
    reason: str = Field(max_length=2 * MAX_REASON_CHARACTERS)
    remark: str = Field(default="", max_length=2 * MAX_REASON_CHARACTERS)
