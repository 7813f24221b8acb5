"""The signed links of a subscription, good without signing in. Opening one does nothing: programs that scan mails open
them, too; a button on its page does.

- *confirm*: a week; of the address that it was sent to.
- *unsubscribe*: as long as the subscription has that address; old mails keep their way out.
- *manage*: a year, renewed with each digest; all of them end when the address changes or somebody revokes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from waspada.notify.signed import Words
from waspada.subscriptions import policy

CONFIRM_PATH, MANAGE_PATH, UNSUBSCRIBE_PATH = "/subscription/confirm", "/subscription/manage", "/unsubscribe"
_FIELDS = ">IIQ"  # subscription, version, end in seconds; 0 for none


class LinkKind(StrEnum):
    CONFIRM = "confirm"
    MANAGE = "manage"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a good link says; whether its version still holds, the subscription knows."""

    kind: LinkKind
    subscription_id: int
    version: int


class SubscriptionLinks:
    def __init__(self, secret_key: bytes) -> None:
        self._words = {
            kind: Words(secret_key, b"waspada/subscriptions/" + kind.value.encode(), _FIELDS) for kind in LinkKind
        }

    def confirm(self, subscription_id: int, address_version: int, now: datetime) -> str:
        """The path of a page."""
        word = self._word(LinkKind.CONFIRM, subscription_id, address_version, now + policy.CONFIRM_FOR)
        return f"{CONFIRM_PATH}/{word}"

    def manage(self, subscription_id: int, link_version: int, now: datetime) -> str:
        """The path of a page."""
        word = self._word(LinkKind.MANAGE, subscription_id, link_version, now + policy.MANAGE_FOR)
        return f"{MANAGE_PATH}/{word}"

    def unsubscribe(self, subscription_id: int, address_version: int) -> str:
        """The path of a page, and of what a mail program posts to."""
        return f"{UNSUBSCRIBE_PATH}/{self._words[LinkKind.UNSUBSCRIBE].made(subscription_id, address_version, 0)}"

    def read(self, kind: LinkKind, word: str, now: datetime) -> Ticket | None:
        """What a link says; None for one that was not made here for this, was changed, or has run out."""
        found = self._words[kind].read(word)
        if found is None:
            return None
        subscription_id, version, end = found
        if end and now >= datetime.fromtimestamp(end, UTC):
            return None
        return Ticket(kind, subscription_id, version)

    def _word(self, kind: LinkKind, subscription_id: int, version: int, end: datetime) -> str:
        return self._words[kind].made(subscription_id, version, int(end.timestamp()))
