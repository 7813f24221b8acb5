"""Addresses of accounts are stored sealed (ChaCha20-Poly1305) under a key derived from the installation's secret.

Why: the database goes where the secret key does not (a PostgreSQL server, a dump, a backup that somebody carries), and
whoever reads it there must not get mail addresses and chat numbers of the desk with it. Whoever holds the data folder
of an embedded desk holds both; against them it is no protection. Without the key the addresses are lost, and their
owners name them again. A sealed address opens only for the account and channel it was sealed for, so that a row moved
to another account opens for nobody.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from waspada.errors import SettingsError

_NONCE_BYTES = 12


class Sealer:
    """Seals and opens addresses, and makes the keyed hashes that stand for them. Cheap; holds keys and nothing else."""

    def __init__(self, secret_key: bytes) -> None:
        self._cipher = ChaCha20Poly1305(hmac.digest(secret_key, b"waspada/notify/contacts", hashlib.sha256))
        self._hash_key = hmac.digest(secret_key, b"waspada/notify/contacts/digest", hashlib.sha256)

    def seal(self, address: str, user_id: int, channel: str) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, address.encode(), _bound(user_id, channel))
        return base64.urlsafe_b64encode(sealed).decode()

    def open(self, sealed: str, user_id: int, channel: str) -> str:
        """Raises SettingsError: it was sealed under another key, for somebody else, or was changed."""
        try:
            data = base64.urlsafe_b64decode(sealed)
            return self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _bound(user_id, channel)).decode()
        except (InvalidTag, ValueError, binascii.Error):
            raise SettingsError(
                "A contact cannot be opened with the secret key of this installation.",
                hint="Restore secret.key from the backup of this database, or have the account name it again.",
            ) from None

    def digest(self, text: str) -> str:
        """64 hex digits that stand for a text; they lead back to it only by trying texts with the key at hand."""
        return hmac.new(self._hash_key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _bound(user_id: int, channel: str) -> bytes:
    return f"{user_id} {channel}".encode()
