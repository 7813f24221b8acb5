"""Documents of the rota, of calls, and of one's own contacts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, ConfigDict, Field

from api.schemas.common import Document
from waspada.notify.calls.types import EndReason, How
from waspada.notify.contacts.policy import MAX_PUSH_CHARS
from waspada.notify.contacts.types import ContactState
from waspada.notify.duty.policy import MAX_POSITION
from waspada.notify.messages import Channel


class ContactOut(Document):
    """One of my contacts; most of its address is masked, also here."""

    id: int = Field(examples=[4])
    channel: Channel
    shown: str = Field(examples=["p•••@kesbang.example"])
    state: ContactState
    position: int = Field(description="1 is tried first.", examples=[1])
    created_at: datetime
    verified_at: datetime | None
    ended_at: datetime | None = Field(description="Since when the other side refuses it for good.")
    ended_reason: str = Field(examples=["The bot is blocked there, or was never started (403)."])


class NewContact(Document):
    """A mail address, the number of a private Telegram chat, or a browser's push subscription as JSON."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"channel": "mail", "address": "petugas@kesbang.example"}]}
    )
    channel: Literal["mail", "telegram", "push"]
    address: str = Field(max_length=MAX_PUSH_CHARS)


class NewCode(Document):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"code": "104372"}]})
    code: str = Field(max_length=20)


class PushKeyOut(Document):
    """What a browser needs to subscribe (`applicationServerKey`)."""

    key: str


class DutyOut(Document):
    """An account on duty: `starts_at` <= time < `ends_at`."""

    id: int = Field(examples=[7])
    desk: str = Field(examples=["63"])
    starts_at: datetime
    ends_at: datetime
    account: str = Field(examples=["liaison-1"])
    position: int = Field(description="1 is called first.", ge=1, le=MAX_POSITION, examples=[1])
    callable: bool = Field(description="The account is open and may read what the desk is told.")
    reachable: bool = Field(description="It has a contact that it proved.")


class SpanOut(Document):
    start: datetime
    end: datetime


class DoubleOut(SpanOut):
    """An account that is on duty twice at a time."""

    account: str = Field(examples=["liaison-1"])
    desks: list[str] = Field(examples=[["63", "63.71"]])


class RotaOut(Document):
    """A run of days of a desk. In a gap everybody of the desk is called, in place of who is on duty."""

    desk: str = Field(examples=["63"])
    first: date
    last: date
    shifts: list[DutyOut]
    gaps: list[SpanOut]
    doubles: list[DoubleOut]


class NewDuty(Document):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"desk": "63", "account": "liaison-1", "starts_at": "2026-11-30T07:00:00+08:00",
                 "ends_at": "2026-11-30T19:00:00+08:00", "position": 1}
            ]
        },
    )  # fmt: skip
    desk: str = Field(max_length=13)
    account: str = Field(max_length=40)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    position: int = Field(default=1, ge=1, le=MAX_POSITION)


class CopyWeek(Document):
    """Any day of each week may be named."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"desk": "63", "from_week": "2026-11-23", "to_week": "2026-11-30"}]},
    )
    desk: str = Field(max_length=13)
    from_week: date
    to_week: date


class CopiedOut(Document):
    added: list[DutyOut]
    left_out: int = Field(description="On duty there already, or closed by now.", examples=[0])


class CallOut(Document):
    """One message to one account about one or more alerts. The calls of a chain follow each other until an answer."""

    id: int = Field(examples=[21])
    chain: int = Field(description="The first call of the chain.", examples=[21])
    step: int = Field(examples=[1])
    how: How
    desk: str = Field(examples=["63"])
    account: str | None = Field(description="Who was called; null where nobody can be.", examples=["liaison-1"])
    level: int = Field(ge=0, le=3, examples=[3])
    exercise: bool
    alerts: list[int] = Field(examples=[[12]])
    channels: list[str] = Field(examples=[["mail", "telegram"]])
    ready_at: datetime
    made_at: datetime
    sent_at: datetime | None = Field(description="When a channel had it first.")
    failed_at: datetime | None
    problem: str
    held_at: datetime | None = Field(description="Held back: this account was interrupted often enough.")
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    escalated_to: int | None = Field(description="The call that came after it.")
    ended_at: datetime | None
    end_reason: EndReason | None


class AnsweredOut(Document):
    """`first` is false where somebody had answered before: then nothing changed."""

    call: int = Field(examples=[21])
    by: str = Field(examples=["liaison-1"])
    at: datetime
    first: bool
    alerts: list[int] = Field(description="Alerts that were in nobody's hand, and are in theirs now.", examples=[[12]])
