"""Addresses of accounts are stored sealed (`waspada.access.vault`) under a key derived from the installation's
secret.

Why: the database goes where the secret key does not (a PostgreSQL server, a dump, a backup that somebody carries), and
whoever reads it there must not get mail addresses and chat numbers of the desk with it. Whoever holds the data folder
of an embedded desk holds both; against them it is no protection. Without the key the addresses are lost, and their
owners name them again. A sealed address opens only for the account and channel it was sealed for, so that a row moved
to another account opens for nobody.
"""

from __future__ import annotations

import hashlib
import hmac

from waspada.access.vault import Vault
from waspada.errors import SettingsError


class Sealer:
    """Seals and opens addresses, and makes the keyed hashes that stand for them. Cheap; holds keys and nothing else."""

    def __init__(self, secret_key: bytes) -> None:
        self._vault = Vault(secret_key, "contacts")
        self._hash_key = hmac.digest(secret_key, b"waspada/notify/contacts/digest", hashlib.sha256)

    def seal(self, address: str, user_id: int, channel: str) -> str:
        return self._vault.seal(address, _about(user_id, channel))

    def open(self, sealed: str, user_id: int, channel: str) -> str:
        """Raises SettingsError: it was sealed under another key, for somebody else, or was changed."""
        address = self._vault.open(sealed, _about(user_id, channel))
        if address is None:
            raise SettingsError(
                "A contact cannot be opened with the secret key of this installation.",
                hint="Restore secret.key from the backup of this database, or have the account name it again.",
            )
        return address

    def digest(self, text: str) -> str:
        """64 hex digits that stand for a text; they lead back to it only by trying texts with the key at hand."""
        return hmac.new(self._hash_key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _about(user_id: int, channel: str) -> str:
    return f"{user_id} {channel}"
