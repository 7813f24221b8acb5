"""The shapes of a contact: one channel of one account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from waspada.notify.messages import Channel

#: The channels on which a person can be called; webhooks are for programs.
PERSONAL = (Channel.MAIL, Channel.TELEGRAM, Channel.PUSH)


class ContactState(StrEnum):
    WAITING = "waiting"  # for the code that was sent there
    READY = "ready"
    ENDED = "ended"  # the other side refuses it for good


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as it may be shown to its account: `shown` is the address with most of it masked."""

    id: int
    channel: Channel
    shown: str
    position: int
    created_at: datetime
    code_sent_at: datetime | None
    verified_at: datetime | None
    ended_at: datetime | None
    ended_reason: str

    @property
    def state(self) -> ContactState:
        if self.ended_at is not None:
            return ContactState.ENDED
        return ContactState.READY if self.verified_at is not None else ContactState.WAITING

    @property
    def target(self) -> str:
        """How a delivery names it."""
        return target_of(self.id)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes, opened for the moment of sending. Kept out of logs: `repr` shows none of it."""

    target: str
    channel: Channel
    value: str
    is_verified: bool

    def __repr__(self) -> str:
        return f"Address(target={self.target}, channel={self.channel.value})"


def target_of(contact_id: int) -> str:
    return f"contact/{contact_id}"


def contact_of(target: str) -> int | None:
    """The id in a delivery's target; None where it is no contact's."""
    kind, _, number = target.partition("/")
    return int(number) if kind == "contact" and number.isdecimal() and number.isascii() else None
