"""The shapes of a subscription: somebody outside the console who gets digests at one address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from waspada.digests.types import Period
from waspada.notify.messages import Channel

#: How digests reach somebody. A webhook is one that an admin set up (waspada.webhooks).
CHANNELS = (Channel.MAIL, Channel.TELEGRAM, Channel.WEBHOOK)
ZONE_NAMES = ("WIB", "WITA", "WIT")
#: Who changed a subscription where it was the person at its address.
SUBSCRIBER = "subscriber"
#: Before the number of a correction in an occasion: "ralat/7".
CORRECTION = "ralat"


class SubscriptionState(StrEnum):
    WAITING = "waiting"  # for the confirmation by whoever reads at the address
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class EndReason(StrEnum):
    UNSUBSCRIBED = "unsubscribed"  # by the person
    MANAGER = "manager"
    BOUNCED = "bounced"  # there is no such mailbox, chat or receiver
    FULL = "full"  # refused several times in a row, as a full mailbox does


class SendKind(StrEnum):
    DIGEST = "digest"
    CORRECTION = "correction"
    OPT_IN = "opt_in"


class SkipReason(StrEnum):
    """Why an occasion was let pass."""

    LATE = "late"  # the service was down, or quiet hours came before it could be sent
    CAP = "cap"  # the address had as many messages that day as it may


class SendState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    UNCERTAIN = "uncertain"  # handed over without an answer: not sent again by itself
    FAILED = "failed"
    DROPPED = "dropped"
    SKIPPED = "skipped"
    GONE = "gone"  # what is known of the delivery was purged


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When digests are due: on these days (0 Monday to 6 Sunday) at this hour of a zone, but in no quiet hour.

    A weekly one has one day; a monthly one comes on the first of the month. Quiet hours run from `quiet_from` to
    `quiet_until`, over midnight where that is smaller; the same twice means none.
    """

    period: Period
    days: tuple[int, ...]
    hour: int
    zone: str
    quiet_from: int = 21
    quiet_until: int = 5


@dataclass(frozen=True, slots=True)
class Topic:
    """What digests are about: a region and all below it; no labels are all of them."""

    region: str
    labels: tuple[str, ...] = ()
    min_level: int = 2
    language: str = "id"


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What somebody gives to add one. `address`: a mail address, the number of a private Telegram chat ("" where it is
    still to be found by a word sent to the bot), or the id of a webhook."""

    channel: Channel
    address: str
    topic: Topic
    rhythm: Rhythm


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as it may be shown: `shown` is the address with most of it masked."""

    id: int
    channel: Channel
    shown: str
    topic: Topic
    rhythm: Rhythm
    created_at: datetime
    created_by: str
    opt_in_at: datetime | None
    confirmed_at: datetime | None
    paused_until: datetime | None
    next_due_at: datetime | None
    ended_at: datetime | None
    end_reason: EndReason | None
    bounces: int

    def state(self, now: datetime) -> SubscriptionState:
        if self.ended_at is not None:
            return SubscriptionState.ENDED
        if self.confirmed_at is None:
            return SubscriptionState.WAITING
        is_paused = self.paused_until is not None and now < self.paused_until
        return SubscriptionState.PAUSED if is_paused else SubscriptionState.ACTIVE

    @property
    def target(self) -> str:
        """How a delivery names it."""
        return target_of(self.id)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time at which a digest is due. `key` is the day, week or month: "2024-11-25", "2024-W48", "2024-11"."""

    key: str
    day: date
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Send:
    """One line of what a subscription was sent; `problem` says why it did not go, or not yet."""

    id: int
    kind: SendKind
    occasion: str
    at: datetime
    state: SendState
    digest_id: int | None
    delivery_id: int | None
    skipped: SkipReason | None
    ended_at: datetime | None
    attempts: int
    problem: str


@dataclass(frozen=True, slots=True)
class SubscriptionFilter:
    """What a list is narrowed by; `region` holds all below it, `within` is the region that a reader is bound to."""

    region: str | None = None
    state: SubscriptionState | None = None
    channel: Channel | None = None
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """How digests are doing: live subscriptions, those overdue for an hour; of a week, what is uncertain or came
    back."""

    live: int
    overdue: int
    uncertain: int
    bounced: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: ids that were added, and (line, why) of what was left out."""

    added: Sequence[int]
    left_out: Sequence[tuple[int, str]]


def target_of(subscription_id: int) -> str:
    return f"subscription/{subscription_id}"


def subscription_of(target: str) -> int | None:
    """The id in a delivery's target; None where it is no subscription's."""
    kind, _, number = target.partition("/")
    return int(number) if kind == "subscription" and number.isdecimal() and number.isascii() else None
