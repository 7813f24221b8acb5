"""Documents of field reports. None of them says who sent one; that has a document of its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, ConfigDict, Field, field_validator

from api.schemas.common import Document
from api.schemas.places import PlaceOut
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.reports.policy import MAX_FORWARDED, MAX_TEXT_CHARACTERS
from waspada.reports.types import EventKind, HowKnown, Level, ReportState, Step

#: What a report's own form makes, so that the same report sent twice is one.
KEY_PATTERN = r"^[A-Za-z0-9-]{16,64}$"
Key = Annotated[str, Field(pattern=KEY_PATTERN, examples=["7f1c0f7e5d4b4f5ea1b2c3d4e5f60718"])]
#: Longer than a report may be, so that a long one is refused in words and not by its form.
_MAX_GIVEN = 20 * MAX_TEXT_CHARACTERS
_EARLIEST, _LATEST = 1990, 2200


class NewFieldReport(Document):
    """A report of what somebody saw or heard. Sent again with the same `key`, it is the same report.

    Name no private persons. Phone numbers, addresses, accounts and NIK are masked before anything is stored.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "key": "7f1c0f7e5d4b4f5ea1b2c3d4e5f60718",
                    "place": "63.03.05.1001",
                    "kind": "conflict",
                    "known": "seen",
                    "text": "Dua kelompok pemuda saling dorong di depan balai desa, sudah dilerai warga.",
                    "happened_at": "2024-11-20T09:30:00+08:00",
                }
            ]
        },
    )
    key: Key
    place: str = Field(max_length=13, examples=["63.03.05.1001"])
    kind: EventKind
    known: HowKnown
    text: str = Field(max_length=_MAX_GIVEN)
    happened_at: AwareDatetime

    @field_validator("happened_at")
    @classmethod
    def _in_our_time(cls, moment: datetime) -> datetime:
        if not _EARLIEST <= moment.year < _LATEST:
            raise ValueError("the time lies outside 1990 to 2200")
        return moment


class ReportSentOut(Document):
    """`is_new` is false where the report was here already."""

    id: int = Field(examples=[4])
    is_new: bool


class ReportEventOut(Document):
    """One step. `actor` is an account of the desk, `waspada`, or `~reporter` for whoever sent it."""

    at: datetime
    actor: str
    step: Step
    state: ReportState | None
    text: str
    other_id: int | None = Field(description="The report that it was forwarded into.")


class FieldReportOut(Document):
    """A field report as its level sees it: masked, and without who sent it."""

    id: int = Field(examples=[4])
    level: Level
    region: PlaceOut = Field(description="That it comes from.")
    place: PlaceOut = Field(description="Where it happened, within the region.")
    kind: EventKind
    known: HowKnown
    state: ReportState
    revision: int = Field(examples=[1])
    text: str = Field(description="Empty when it was erased.")
    happened_at: datetime
    sent_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str
    closed_at: datetime | None
    item_id: int | None
    story_id: int | None
    alert_id: int | None
    cites: list[int] = Field(description="The reports of the level below that it was made of.")
    cited_by: int | None = Field(description="The report of the level above that it went into.")
    history: list[ReportEventOut] = Field(description="Empty in lists.")


class OwnReportOut(Document):
    """One's own report, and what became of it."""

    id: int = Field(examples=[4])
    place: PlaceOut
    kind: EventKind
    state: ReportState
    text: str
    happened_at: datetime
    sent_at: datetime
    closed_at: datetime | None
    question: str = Field(description="What the desk asks; empty where it asks nothing.")
    forwarded: bool


class OwnReportsOut(Document):
    data: list[OwnReportOut]


class DraftIn(Document):
    """What of a report is written so far."""

    place: str = Field(default="", max_length=13)
    kind: str = Field(default="", max_length=20)
    known: str = Field(default="", max_length=20)
    text: str = Field(default="", max_length=_MAX_GIVEN)
    happened: str = Field(default="", max_length=40)


class DraftOut(DraftIn):
    key: str
    changed_at: datetime


class DraftsOut(Document):
    data: list[DraftOut]


class ReportWords(Document):
    """A question to whoever sent a report, or their answer. Names and contacts do not belong here."""

    text: str = Field(max_length=2 * MAX_REASON_CHARACTERS)


class Clarification(Document):
    """What a person found out."""

    state: ReportState
    note: str = Field(max_length=2 * MAX_REASON_CHARACTERS)


class NewForward(Document):
    """A new report of the level above, in the desk's own words, that cites these."""

    reports: list[Annotated[int, Field(ge=1, le=2**63 - 1)]] = Field(min_length=1, max_length=MAX_FORWARDED)
    text: str = Field(max_length=_MAX_GIVEN)


class SenderOut(Document):
    """Who sent a report: for the clarifier of its level, until the case is over."""

    account: str = Field(examples=["kader-1"])
    region: PlaceOut


class RecapRowOut(Document):
    key: str = Field(description="A region's code, or the Monday of a week.", examples=["63.03.05"])
    name: str
    kinds: dict[EventKind, int]
    total: int
    unclarified: int
    refuted: int


class RecapOut(Document):
    """How many reports stand on one level of a region."""

    region: PlaceOut
    level: Level
    first_day: date
    last_day: date
    total: int
    by_region: list[RecapRowOut]
    by_week: list[RecapRowOut]


class OwedOut(Document):
    """The periodic report that a kecamatan owes for a time; `sent_at` is null while it is missing."""

    region: PlaceOut
    first_day: date
    last_day: date
    due_at: datetime
    is_overdue: bool
    sent_at: datetime | None
    is_nil: bool | None
    text: str
    id: int | None = Field(description="Of the report that came; requests from outside name it as periodic/ID.")
    is_erased: bool = Field(description="Words of it were taken out on request.")
    can_be_told: bool = Field(description="Whether an account of the kecamatan has a channel that it is reminded by.")


class OwedPageOut(Document):
    data: list[OwedOut]


class NewPeriodic(Document):
    """The periodic report of one's kecamatan; with `is_nil`, that there was nothing to report (nihil)."""

    first_day: date
    is_nil: bool = False
    text: str = Field(default="", max_length=_MAX_GIVEN)
