"""The signed link of a message, by which a call is answered without signing in.

It names the call, the account and an end, and holds a signature (HMAC-SHA256) with a key of this purpose alone. What it
does is decided where it is used: the call is answered once, a second use only says so.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

GOOD_FOR = timedelta(hours=24)
PATH = "/acknowledge"
_FIELDS = struct.Struct(">QIQ")  # call, account, end in seconds
_SIGNATURE_BYTES = 20


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a good link says."""

    call_id: int
    user_id: int
    expires_at: datetime


class LinkSigner:
    def __init__(self, secret_key: bytes) -> None:
        self._key = hmac.digest(secret_key, b"waspada/notify/calls/link", hashlib.sha256)

    def word(self, call_id: int, user_id: int, now: datetime) -> str:
        """The last part of the address: letters, digits, dash and underscore."""
        fields = _FIELDS.pack(call_id, user_id, int((now + GOOD_FOR).timestamp()))
        return base64.urlsafe_b64encode(fields + self._signature(fields)).decode().rstrip("=")

    def path(self, call_id: int, user_id: int, now: datetime) -> str:
        return f"{PATH}/{self.word(call_id, user_id, now)}"

    def read(self, word: str, now: datetime) -> Ticket | None:
        """What a link says; None for one that was not made here, was changed, or has run out."""
        try:
            data = base64.b64decode(word.encode("ascii") + b"=" * (-len(word) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        fields, signature = data[: _FIELDS.size], data[_FIELDS.size :]
        if len(data) != _FIELDS.size + _SIGNATURE_BYTES or not hmac.compare_digest(signature, self._signature(fields)):
            return None
        call_id, user_id, end = _FIELDS.unpack(fields)
        expires_at = datetime.fromtimestamp(end, UTC)
        return Ticket(call_id, user_id, expires_at) if now < expires_at else None

    def _signature(self, fields: bytes) -> bytes:
        return hmac.digest(self._key, fields, hashlib.sha256)[:_SIGNATURE_BYTES]
