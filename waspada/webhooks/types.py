"""The shapes of webhooks: who is told of what, and how that went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from waspada.notify.messages import GivenUp, Outcome, Retry, Sent


class EventKind(StrEnum):
    """What a webhook is told; the names are part of the contract (docs/contracts/webhook.schema.json)."""

    OPENED = "alert.opened"
    RAISED = "alert.raised"
    STATE = "alert.state"
    MERGED = "alert.merged"
    DIGEST = "digest.made"
    TEST = "webhook.test"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a webhook is told of. None means any; there is no free text (design, rule 9)."""

    region: str | None = None
    label: str | None = None
    min_level: int = 0
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A target as it may be shown: its secret is nowhere."""

    id: int
    title: str
    url: str
    told_of: Filter
    internal: bool
    internal_reason: str
    active: bool
    paused_at: datetime | None
    actor: str
    created_at: datetime
    failures: int
    last_at: datetime | None
    last_status: int | None


@dataclass(frozen=True, slots=True)
class NewWebhook:
    title: str
    url: str
    told_of: Filter
    internal: bool = False
    internal_reason: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """A webhook whose secret was just made. `secret` is given out here, once, and cannot be had again."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of an alert's history, as the policy sees it."""

    id: int
    action: str
    from_state: str | None
    to_state: str | None
    detail: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """The alert of a change as it stands now; `regions` holds every region that it stands in or below."""

    alert_id: int
    state: str
    label: str
    level: int
    exercise: bool
    regions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Attempt:
    at: datetime
    attempt: int
    outcome: str
    status: int | None
    milliseconds: int
    problem: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A message to a webhook: what it tells (an event of an alert's history) and how the tries went, newest first."""

    id: int
    kind: EventKind
    alert_id: int | None
    state: DeliveryState
    created_at: datetime
    next_try_at: datetime
    ended_at: datetime | None
    problem: str
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """How one request ended: the status where there was one, or what was in the way."""

    status: int | None
    milliseconds: int
    outcome: Outcome

    @property
    def word(self) -> str:
        return {Sent: "sent", Retry: "retry", GivenUp: "given_up"}[type(self.outcome)]

    @property
    def problem(self) -> str:
        return "" if isinstance(self.outcome, Sent) else self.outcome.problem
