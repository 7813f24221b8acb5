"""The shapes of a message on its way out, and of how a try to send it ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from waspada.errors import ConflictError

MAX_KEY_CHARS = 120
_ABOUT = re.compile(r"[a-z][a-z0-9_-]*(/[A-Za-z0-9_.:-]+)+")


class Channel(StrEnum):
    MAIL = "mail"
    TELEGRAM = "telegram"
    PUSH = "push"
    WEBHOOK = "webhook"


class WithdrawnError(ConflictError):
    """A message must not go: somebody dropped it, or another worker has it."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent to one target.

    `target` is an account's contact, a subscription or the id of a webhook. `about` names what it is of, as "notice/12"
    or "escalation/3/7". `body` is JSON and holds only words that `waspada.alerts.exits.mask` has passed: a sender sends
    it as it is. `key` is the same for the same message to the same target, so that it is put once however often
    somebody tries: "notice/12/mail/7". `due_at` is when it may go, None for at once. `bulk`: one of many, which wait
    for each other and hold nothing up that is urgent; it has its own run and pace (`waspada.jobs.digest`). Raises
    ValueError.
    """

    channel: Channel
    target: str
    about: str
    body: Mapping[str, Any]
    key: str
    due_at: datetime | None = None
    bulk: bool = False

    def __post_init__(self) -> None:
        if not self.target:
            raise ValueError("a message needs a target")
        if not _ABOUT.fullmatch(self.about):
            raise ValueError(f"what a message is about is written as notice/12, not {self.about!r}")
        if not 0 < len(self.key) <= MAX_KEY_CHARS:
            raise ValueError(f"the key of a message has 1 to {MAX_KEY_CHARS} characters")


def _nothing() -> None:
    """A message that may arrive twice rather than not at all is handed over without a note."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that a worker took to send it. `attempt` counts from 1; after `leased_until` another may take it.

    `channel` is text: a row may be of a newer version. A sender whose other side knows no key calls `handing` at the
    last moment at which it can still be stopped: of a message that must not arrive twice this writes down that it is
    being handed over, and raises WithdrawnError where it may not go any more.
    """

    id: int
    channel: str
    target: str
    about: str
    body: Mapping[str, Any]
    key: str
    due_at: datetime
    attempt: int
    leased_until: datetime
    handing: Callable[[], None] = field(default=_nothing, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side has it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """It did not go, and may go later: not before `wait`, where the other side named one (Retry-After).

    `problem` is shown to operators: no content, no secret.
    """

    problem: str
    wait: timedelta = field(default=timedelta(0))


@dataclass(frozen=True, slots=True)
class GivenUp:
    """It will never go: the target is gone or refuses it. `problem` as in `Retry`."""

    problem: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was handed over and no answer came: the other side may have it. `problem` as in `Retry`.

    A digest is not tried again then, and is listed; anything else is: a warning twice is better than none.
    """

    problem: str


@dataclass(frozen=True, slots=True)
class Held:
    """It was not tried and waits until then, which is no failure."""

    until: datetime
    problem: str = ""


Outcome = Sent | Retry | GivenUp | Unknown


class Sender(Protocol):
    """Brings deliveries of one channel to the other side; called outside of any transaction.

    It has its own time limit, well below `waspada.notify.outbox.LEASE`. What it raises counts as `Retry`. The same
    delivery may come twice; where the other side can tell (an idempotency header, a message id), it gives `key`.
    """

    @property
    def channel(self) -> str: ...

    def send(self, delivery: Delivery) -> Outcome: ...
