"""Addresses of subscribers are stored sealed, as those of accounts are and for the same reason
(`waspada.notify.contacts.sealing`): who reads a digest is nobody's business but the desk's."""

from __future__ import annotations

import hashlib
import hmac

from waspada.access.vault import Vault
from waspada.errors import SettingsError
from waspada.notify.contacts.policy import shown
from waspada.notify.messages import Channel
from waspada.store.tables import SubscriptionRow

_UNREADABLE = "?"


class AddressBook:
    """Seals and opens addresses of subscriptions, and makes the keyed hashes that stand for them."""

    def __init__(self, secret_key: bytes) -> None:
        self._vault = Vault(secret_key, "subscriptions")
        self._hash_key = hmac.digest(secret_key, b"waspada/subscriptions/digest", hashlib.sha256)
        self._word_key = hmac.digest(secret_key, b"waspada/subscriptions/word", hashlib.sha256)

    def seal(self, row: SubscriptionRow, address: str) -> None:
        """Puts an address into a row that has its id. A sealed one opens for that row alone."""
        row.sealed = self._vault.seal(address, _about(row))
        row.digest = self.digest(row.channel, address)

    def open(self, row: SubscriptionRow) -> str:
        """The address; "" where there is none. Raises SettingsError where the key does not open it."""
        if not row.sealed:
            return ""
        address = self._vault.open(row.sealed, _about(row))
        if address is None:
            raise SettingsError(
                "A subscription cannot be opened with the secret key of this installation.",
                hint="Restore secret.key from the backup of this database, or add the subscription anew.",
            )
        return address

    def shown(self, row: SubscriptionRow) -> str:
        """The address as it stands in lists: its owner knows it, nobody can write to it. "?" where the key does not
        open it."""
        try:
            address = self.open(row)
        except SettingsError:
            return _UNREADABLE
        if not address or row.channel == Channel.WEBHOOK:
            return address
        return shown(Channel(row.channel), address)

    def digest(self, channel: str, address: str) -> str:
        """64 hex digits that stand for an address; large and small letters are the same mailbox here."""
        text = f"{channel} {address.lower()}"
        return hmac.new(self._hash_key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def start_word(self, row: SubscriptionRow) -> str:
        """What somebody sends to the bot to be found: of this subscription and version of its address alone."""
        text = f"{row.id} {row.address_version}"
        return f"waspada-{hmac.digest(self._word_key, text.encode(), hashlib.sha256).hex()[:16]}"


def _about(row: SubscriptionRow) -> str:
    return f"{row.id} {row.channel}"
