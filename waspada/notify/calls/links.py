"""The signed link of a message, by which a call is answered without signing in.

It names the call, the account and an end, and holds a signature with a key of this purpose alone
(`waspada.notify.signed`). What it does is decided where it is used: the call is answered once, a second use only says
so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from waspada.notify.signed import Words

GOOD_FOR = timedelta(hours=24)
PATH = "/acknowledge"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a good link says."""

    call_id: int
    user_id: int
    expires_at: datetime


class LinkSigner:
    def __init__(self, secret_key: bytes) -> None:
        self._words = Words(secret_key, b"waspada/notify/calls/link", ">QIQ")  # call, account, end in seconds

    def word(self, call_id: int, user_id: int, now: datetime) -> str:
        """The last part of the address: letters, digits, dash and underscore."""
        return self._words.made(call_id, user_id, int((now + GOOD_FOR).timestamp()))

    def path(self, call_id: int, user_id: int, now: datetime) -> str:
        return f"{PATH}/{self.word(call_id, user_id, now)}"

    def read(self, word: str, now: datetime) -> Ticket | None:
        """What a link says; None for one that was not made here, was changed, or has run out."""
        found = self._words.read(word)
        if found is None:
            return None
        call_id, user_id, end = found
        expires_at = datetime.fromtimestamp(end, UTC)
        return Ticket(call_id, user_id, expires_at) if now < expires_at else None
