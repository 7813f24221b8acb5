"""Messages written to files instead of being sent: what development sees of delivery.

`outbox/` in the data folder holds one file a message: 12.eml, 12.txt (Telegram) or 12.json (push, webhook). The same
message is the same file, however often it is written.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from waspada.notify.contacts.service import Addresses
from waspada.notify.messages import Channel, Delivery, GivenUp, Outcome, Sent
from waspada.notify.senders.mail import message_of
from waspada.notify.senders.returns import Returns
from waspada.settings import Settings

FOLDER = "outbox"
_ENDINGS = {Channel.MAIL: "eml", Channel.TELEGRAM: "txt", Channel.PUSH: "json", Channel.WEBHOOK: "json"}
_NOBODY = "waspada@waspada.invalid"


class FileSender:
    """Stands in for the sender of one channel."""

    def __init__(self, channel: Channel, settings: Settings, addresses: Addresses) -> None:
        self.channel: str = channel
        self._settings, self._addresses = settings, addresses
        self._returns = Returns(settings)

    def send(self, delivery: Delivery) -> Outcome:
        """As far as the other side, which is a file here. Raises OSError."""
        if self.channel != Channel.WEBHOOK and "@" not in delivery.target:
            address = self._addresses.find(delivery.target)
            if address is None or address.channel != self.channel:
                return GivenUp("The contact is gone.")
            to = address.value
        else:
            to = delivery.target
        delivery.handing()
        _write(path_of(self._settings, self.channel, delivery.id), self._content(delivery, to))
        return Sent()

    def _content(self, delivery: Delivery, to: str) -> bytes:
        if self.channel == Channel.MAIL:
            sender = self._settings.mail_from or _NOBODY
            return message_of(delivery, sender, to, self._returns.token(delivery.id)).as_bytes()
        if self.channel == Channel.TELEGRAM:
            return str(delivery.body["text"]).encode()
        shown = delivery.body.get("document", dict(delivery.body))
        return json.dumps(shown, ensure_ascii=False, indent=2, default=str).encode()


def path_of(settings: Settings, channel: str, delivery_id: int) -> Path:
    """Where a message of a channel is written."""
    return settings.data_dir / FOLDER / f"{delivery_id}.{_ENDINGS[Channel(channel)]}"


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
