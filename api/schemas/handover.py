"""Documents of the hand-over from one shift to the next."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.schemas.alerts import AlertOut
from api.schemas.common import Document
from api.schemas.notices import NoticeOut, SilenceOut
from waspada.alerts.types import AlertState
from waspada.handover.types import MAX_NOTE_CHARACTERS

_FIGURES = {"came_in": 14, "in_hand": 3, "overdue": 1}


class HandoverOut(Document):
    """The note that a shift left, and who took over. `figures` are the counts of when it was written."""

    id: int = Field(examples=[7])
    desk: str = Field(examples=["63"])
    shift_start: datetime
    shift_end: datetime
    actor: str = Field(examples=["liaison-1"])
    at: datetime
    note: str = Field(examples=["Mediasi di Martapura dilanjutkan pukul 14; tunggu kabar Polsek."])
    figures: dict[str, int] = Field(examples=[_FIGURES])
    revision: int = Field(description="Send it back in If-Match when you write the note.", examples=[1])
    received_by: str | None = Field(examples=["liaison-2"])
    received_at: datetime | None


class DecisionOut(Document):
    """A verdict of the shift, and why."""

    alert_id: int = Field(examples=[12])
    headline: str
    at: datetime
    actor: str = Field(examples=["liaison-1"])
    state: AlertState
    reason: str | None
    note: str


class QuestionOut(Document):
    """An alert that waits for the answer of an office."""

    alert_id: int = Field(examples=[12])
    headline: str
    office: str = Field(examples=["KPU Kabupaten Banjar"])
    question: str
    asked_at: datetime
    actor: str = Field(examples=["liaison-1"])


class HandoverSummaryOut(Document):
    """How a desk stands at the end of a shift. Lists hold at most 50 lines; `counts` know of all.

    `came_in` and `decided` are of the shift; everything else is as of now.
    """

    desk: str = Field(examples=["63"])
    shift_start: datetime
    shift_end: datetime
    counts: dict[str, int] = Field(examples=[_FIGURES])
    came_in: list[AlertOut] = Field(description="Opened, raised or re-opened by the machine in the shift.")
    in_hand: list[AlertOut] = Field(description="Somebody is on it.")
    waiting: list[AlertOut] = Field(description="New, recent, and high enough to interrupt somebody.")
    overdue: list[AlertOut]
    asked: list[QuestionOut]
    decided: list[DecisionOut]
    held: list[NoticeOut] = Field(description="What the cap of the shift held back.")
    interruptions: int = Field(examples=[2])
    cap: int = Field(examples=[2])
    ending: list[SilenceOut] = Field(description="Silences that end before the next shift does.")
    silent: list[str] = Field(description="Sources that are not heard now.", examples=[["Radio Sungai"]])
    note: HandoverOut | None = Field(description="Of this shift.")
    before: HandoverOut | None = Field(description="Of the shift before.")


class NewHandover(Document):
    """The note of a shift: the one of now, or that of the time `at`, while it lasts and in the shift after it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"note": "Mediasi di Martapura dilanjutkan pukul 14."}]}
    )
    note: str = Field(min_length=1, max_length=MAX_NOTE_CHARACTERS)
