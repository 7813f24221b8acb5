"""What brings a message to a person: mail, Telegram, web push. Each is there only where its settings are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from waspada.clock import utc_now
from waspada.notify.contacts.sealing import Sealer
from waspada.notify.contacts.service import Book
from waspada.notify.messages import Channel, Sender
from waspada.notify.senders import mail, push, telegram
from waspada.settings import Settings
from waspada.store import Store

__all__ = ["channels_of", "senders_of"]


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """The channels on which this installation can call somebody."""
    there = {
        Channel.MAIL: mail.is_set_up(settings),
        Channel.TELEGRAM: telegram.is_set_up(settings),
        Channel.PUSH: push.is_set_up(settings),
    }
    return tuple(channel for channel, is_there in there.items() if is_there)


def senders_of(settings: Settings, store: Store, clock: Callable[[], datetime] = utc_now) -> list[Sender]:
    """A sender a channel that is set up. Raises SettingsError where the secret key or the push key cannot be read."""
    book = Book(store, Sealer(settings.secret_key), clock)
    found: dict[Channel, Callable[[], Sender]] = {
        Channel.MAIL: lambda: mail.MailSender(settings, book),
        Channel.TELEGRAM: lambda: telegram.TelegramSender(settings, book),
        Channel.PUSH: lambda: push.PushSender(settings, book),
    }
    return [found[channel]() for channel in channels_of(settings)]
