"""What brings a message to a person: mail, Telegram, web push. Each is there only where its settings are.

With `WASPADA_DELIVERY=files` all of them write to files instead, and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from waspada.clock import utc_now
from waspada.notify.contacts.sealing import Sealer
from waspada.notify.contacts.service import Addresses, Book
from waspada.notify.contacts.types import Address
from waspada.notify.messages import Channel, Sender
from waspada.notify.senders import mail, push, telegram
from waspada.notify.senders.files import FileSender
from waspada.settings import Settings
from waspada.store import Store
from waspada.subscriptions.book import SubscriberBook
from waspada.subscriptions.sealing import AddressBook
from waspada.subscriptions.types import subscription_of

__all__ = ["Addresses", "addresses_of", "channels_of", "senders_of"]


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """The channels on which this installation can call somebody."""
    is_dry = settings.delivery == "files"
    there = {
        Channel.MAIL: is_dry or mail.is_set_up(settings),
        Channel.TELEGRAM: is_dry or telegram.is_set_up(settings),
        Channel.PUSH: push.is_set_up(settings),
    }
    return tuple(channel for channel, is_there in there.items() if is_there)


def senders_of(settings: Settings, store: Store, clock: Callable[[], datetime] = utc_now) -> list[Sender]:
    """A sender a channel that is set up. Raises SettingsError where the secret key or the push key cannot be read."""
    addresses = addresses_of(settings, store, clock)
    if settings.delivery == "files":
        return [FileSender(channel, settings, addresses) for channel in channels_of(settings)]
    found: dict[Channel, Callable[[], Sender]] = {
        Channel.MAIL: lambda: mail.MailSender(settings, addresses),
        Channel.TELEGRAM: lambda: telegram.TelegramSender(settings, addresses),
        Channel.PUSH: lambda: push.PushSender(settings, addresses),
    }
    return [found[channel]() for channel in channels_of(settings)]


def addresses_of(settings: Settings, store: Store, clock: Callable[[], datetime] = utc_now) -> Addresses:
    """The addresses of accounts and of subscribers. Raises SettingsError where the secret key cannot be read."""
    key = settings.secret_key
    return _Both(Book(store, Sealer(key), clock), SubscriberBook(store, AddressBook(key), clock))


class _Both:
    """Asks whose the target is."""

    def __init__(self, accounts: Addresses, subscribers: Addresses) -> None:
        self._accounts, self._subscribers = accounts, subscribers

    def find(self, target: str) -> Address | None:
        return self._of(target).find(target)

    def end(self, target: str, reason: str, *, is_final: bool = True) -> None:
        self._of(target).end(target, reason, is_final=is_final)

    def _of(self, target: str) -> Addresses:
        return self._accounts if subscription_of(target) is None else self._subscribers
