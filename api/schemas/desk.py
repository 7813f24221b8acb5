"""Documents of what people do with a list of alerts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import ConfigDict, Field

from api.paging import MAX_ID
from api.schemas.common import Document
from waspada.alerts.policy import MAX_NOTE_CHARACTERS
from waspada.alerts.seen import MOST_AT_ONCE
from waspada.alerts.types import AlertState

#: More than a person can have looked at.
MOST_IN_BULK = 100


class AlertRevision(Document):
    """An alert as you read it."""

    id: int = Field(ge=1, le=MAX_ID, examples=[12])
    revision: int = Field(ge=1, le=2**31 - 1, examples=[3])


class Seen(Document):
    """Alerts that were read, in the revisions that were read."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"alerts": [{"id": 12, "revision": 3}]}]})
    alerts: list[AlertRevision] = Field(min_length=1, max_length=MOST_AT_ONCE)


class SeenOut(Document):
    marked: int = Field(description="How many of them are in your region.", examples=[1])


class BulkDo(StrEnum):
    """One step for many alerts."""

    MOVE = "move"
    ASSIGN = "assign"
    MERGE = "merge"
    SILENCE = "silence"


class BulkOutcome(StrEnum):
    """What became of one alert of many."""

    DONE = "done"
    OVERTAKEN = "overtaken"  # somebody else changed it first
    REFUSED = "refused"  # not possible from this state
    GONE = "gone"  # not there, or outside the region


class Bulk(Document):
    """A step with alerts, each in the revision that you read."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"do": "move", "to": "acknowledged", "alerts": [{"id": 12, "revision": 3}]},
                {"do": "assign", "owner": "~mine", "alerts": [{"id": 12, "revision": 3}]},
            ]
        },
    )
    alerts: list[AlertRevision] = Field(min_length=1, max_length=MOST_IN_BULK)
    do: BulkDo
    to: AlertState | None = Field(default=None, description="For `move`.")
    reason: str | None = Field(default=None, max_length=30, description="For `move`, where the state asks for one.")
    note: str = Field(default="", max_length=MAX_NOTE_CHARACTERS, description="The reason of a merge or silence.")
    owner: str | None = Field(
        default="~mine",
        max_length=80,
        pattern=r"^(~mine|[a-z0-9][a-z0-9._-]{1,39})$",
        description="For `assign`: an account, ~mine for your own, null for nobody.",
    )
    hours: int = Field(default=12, ge=1, le=14 * 24, description="For `silence`.")


class MeanwhileOut(Document):
    """What somebody else did meanwhile."""

    at: datetime
    actor: str = Field(examples=["liaison-2"])
    action: str = Field(examples=["moved"])
    to_state: str | None = Field(examples=["acknowledged"])


class BulkOutcomeOut(Document):
    id: int = Field(examples=[12])
    outcome: BulkOutcome
    revision: int | None = Field(description="The new one, where the step made one.", examples=[4])
    problem: str = Field(examples=[""])
    changes: list[MeanwhileOut] = Field(description="Who was faster, and how.")
    story_id: int | None = Field(description="The story that holds its items after a merge.", examples=[None])
    edit_id: int | None = Field(description="The merge, to be undone at that story.", examples=[None])
    silence_id: int | None = Field(description="The silence that holds its notices.", examples=[None])


class BulkOut(Document):
    outcomes: list[BulkOutcomeOut]
