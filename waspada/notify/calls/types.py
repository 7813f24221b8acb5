"""The shapes of a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from waspada.notify.types import Change, Occasion
from waspada.taxonomy import MAX_LEVEL


class How(StrEnum):
    """Why this account is called."""

    ROTA = "rota"  # it is on duty
    FALLBACK = "fallback"  # nobody who can be reached is on duty: everybody of the desk
    EVERYBODY = "everybody"  # who was on duty did not answer
    NOBODY = "nobody"  # no account of the desk can be reached at all


class EndReason(StrEnum):
    ACKNOWLEDGED = "acknowledged"  # by the link, or by the button of the console
    TAKEN = "taken"  # somebody took the alert in hand in the console, or it was finished
    TOLD = "told"  # it was sent, and needs no answer
    SILENT = "silent"  # nobody answered, and nobody is left to be called
    FAILED = "failed"  # it could not be sent, and nobody is left to be called
    CAP = "cap"  # this account was interrupted often enough


@dataclass(frozen=True, slots=True)
class Tried:
    """One step of a chain: who was called when, and whether every channel of all of them gave it up."""

    user_ids: Sequence[int]
    how: How
    at: datetime
    is_sent: bool = False
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class ChainState:
    """A chain of calls at one moment. `rota` are the accounts on duty that can be reached, the first called first;
    `everybody` those of the desk that can be. `needs_answer`: an alert of it is still in nobody's hand."""

    level: int
    is_exercise: bool
    is_answered: bool
    is_taken: bool
    needs_answer: bool
    tried: Sequence[Tried]
    rota: Sequence[int]
    everybody: Sequence[int]
    wait: timedelta

    @property
    def escalates(self) -> bool:
        """Whether silence calls the next one: level 3 only, and never for an exercise in the night."""
        return self.level >= MAX_LEVEL and not self.is_exercise and self.needs_answer


@dataclass(frozen=True, slots=True)
class CallNow:
    """These are called now, as one step."""

    user_ids: Sequence[int]
    how: How


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is to be done before `until`; None: before something happens."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class End:
    reason: EndReason


NextCall = CallNow | Rest | End


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says of one alert; words are masked. `kind` is None for an exercise of the canary."""

    alert_id: int
    headline: str
    place: str
    label: str
    level: int
    confidence: float
    outlets: int
    voices: int
    why: str
    is_verified: bool = False
    kind: Occasion | None = None
    changes: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class CallMessage:
    """A message before its words: what it tells, to the desk of which region, and where its links lead.

    `held` counts by label what the cap of the shift held back, `held_own` the calls that were held back from this
    account. `waits` is how long an answer is waited for, None where none is.
    """

    call_id: int
    desk: str
    how: How
    is_exercise: bool
    alerts: Sequence[Told]
    answer_url: str
    alert_urls: Sequence[str]
    waits: timedelta | None
    held: dict[str, int] = field(default_factory=dict)
    held_own: int = 0


@dataclass(frozen=True, slots=True)
class CallView:
    """A call as people see it; `user` is the account called."""

    id: int
    chain_id: int
    step: int
    how: How
    desk: str
    user: str | None
    level: int
    is_exercise: bool
    ready_at: datetime
    made_at: datetime
    sent_at: datetime | None
    failed_at: datetime | None
    problem: str
    held_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    escalated_to: int | None
    ended_at: datetime | None
    end_reason: EndReason | None
    alert_ids: Sequence[int]
    channels: Sequence[str]

    @property
    def answered_after(self) -> timedelta | None:
        """From the making of the call to its answer."""
        return self.acknowledged_at - self.made_at if self.acknowledged_at else None

    @property
    def sent_after(self) -> timedelta | None:
        """From the moment the first notice was ready to the moment a channel had the message."""
        return self.sent_at - self.ready_at if self.sent_at else None
