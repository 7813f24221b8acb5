"""Documents of the work on an alert: who has it in hand, until when, and what they noted."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, ConfigDict, Field

from api.schemas.common import Document
from waspada.alerts.policy import MAX_NOTE_CHARACTERS
from waspada.alerts.types import AlertState

MAX_ACCOUNT_CHARACTERS = 80


class AssignmentOut(Document):
    """Who has an alert in hand, until when, and who could."""

    alert_id: int = Field(examples=[12])
    state: AlertState
    owner: str | None = Field(description="The account that has it in hand; null: nobody.", examples=["liaison-1"])
    due_at: datetime | None
    overdue: bool = Field(description="Whether it is open and its time is over.")
    revision: int = Field(description="Send it back in If-Match when you change the alert.", examples=[3])
    candidates: list[str] = Field(
        description="The accounts that may see this alert and take steps with it.", examples=[["liaison-1"]]
    )


class NewAssignment(Document):
    """The account that is to have the alert in hand; null makes it nobody's."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"owner": "liaison-1"}]})
    owner: str | None = Field(max_length=MAX_ACCOUNT_CHARACTERS)


class NewDue(Document):
    """Until when the alert is to be done, at most 90 days from now; null takes it back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"due_at": "2024-11-20T10:00:00Z"}]})
    due_at: AwareDatetime | None


class NewNote(Document):
    """What the next one should know. Phone numbers, accounts and addresses in it are masked before it is stored."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "Camat sudah di lokasi, massa bubar pukul 11."}]}
    )
    text: str = Field(min_length=1, max_length=MAX_NOTE_CHARACTERS)
