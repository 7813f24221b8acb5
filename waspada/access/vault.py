"""What has to be read again is sealed with a key of this installation: authenticated encryption (AES-256-GCM).

A copy of the database without the secret key gives none of it away, and what was sealed about one thing opens about no
other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class Vault:
    """`purpose` parts the keys: what is sealed for one purpose is noise for another."""

    def __init__(self, secret_key: bytes, purpose: str) -> None:
        key = hmac.digest(secret_key, b"waspada/access/vault/" + purpose.encode(), hashlib.sha256)
        self._cipher = AESGCM(key)

    def seal(self, text: str, about: str) -> str:
        """Sealed, as URL-safe ASCII; only `open` with the same `about` reads it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), about.encode())).decode()

    def open(self, sealed: str, about: str) -> str | None:
        """What was sealed; None where it was not by us, not about this, or changed since."""
        try:
            data = base64.urlsafe_b64decode(sealed.encode("ascii"))
            return self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], about.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error):
            return None
