"""Words that this installation signs: a few numbers and a signature (HMAC-SHA256), for links and return addresses.

What a word means and how long it is good is decided where it is used. Each purpose has a key of its own: a word of one
is noise for every other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct

_SIGNATURE_BYTES = 20


class Words:
    """Signs and reads words of one purpose, whose numbers are packed by `fields` (a format of `struct`)."""

    def __init__(self, secret_key: bytes, purpose: bytes, fields: str) -> None:
        self._key = hmac.digest(secret_key, purpose, hashlib.sha256)
        self._fields = struct.Struct(fields)

    def made(self, *numbers: int) -> str:
        """Letters, digits, dash and underscore."""
        packed = self._fields.pack(*numbers)
        return base64.urlsafe_b64encode(packed + self._signature(packed)).decode().rstrip("=")

    def read(self, word: str) -> tuple[int, ...] | None:
        """The numbers of a word; None for one that was not made here or was changed."""
        try:
            data = base64.b64decode(word.encode("ascii") + b"=" * (-len(word) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        return self._checked(data)

    def plain(self, *numbers: int) -> str:
        """The same in small letters and digits only, for what others may write large or small."""
        packed = self._fields.pack(*numbers)
        return base64.b32encode(packed + self._signature(packed)).decode().rstrip("=").lower()

    def read_plain(self, word: str) -> tuple[int, ...] | None:
        try:
            data = base64.b32decode(word.upper().encode("ascii") + b"=" * (-len(word) % 8))
        except (ValueError, binascii.Error):
            return None
        return self._checked(data)

    def _checked(self, data: bytes) -> tuple[int, ...] | None:
        packed, signature = data[: self._fields.size], data[self._fields.size :]
        whole = len(data) == self._fields.size + _SIGNATURE_BYTES
        if not whole or not hmac.compare_digest(signature, self._signature(packed)):
            return None
        return self._fields.unpack(packed)

    def _signature(self, packed: bytes) -> bytes:
        return hmac.digest(self._key, packed, hashlib.sha256)[:_SIGNATURE_BYTES]
