"""subscription -> digest -> outbox -> somebody: digests that are due are made, put and sent, at a pace.

It runs in a thread of the worker beside the messenger, with connections of its own: thousands of digests must not put
off who is to be called. All state lies in the database; it may be killed anywhere (`waspada.notify.outbox` says what
becomes of the one message that is being handed over then).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event

from waspada.errors import StoreError, WaspadaError
from waspada.jobs.beside import beside
from waspada.notify import outbox
from waspada.notify.messages import Channel, Sender
from waspada.notify.outbox import Ran
from waspada.notify.senders import addresses_of, channels_of
from waspada.notify.senders.files import FileSender
from waspada.notify.senders.mail import MailSender
from waspada.notify.senders.telegram import TelegramSender
from waspada.settings import Settings
from waspada.store import Store
from waspada.subscriptions.sending import Finisher, put_corrections, put_due, room_of
from waspada.webhooks.sender import WebhookSender

log = logging.getLogger("waspada.digests")

#: How often it is looked whether something that was told turned out wrong.
CORRECT_EVERY = timedelta(minutes=1)
#: Webhooks that an admin set up are few; their receivers ask for a pause themselves.
WEBHOOKS_A_MINUTE = 600


def pace_of(settings: Settings, senders: Sequence[Sender]) -> dict[str, int]:
    """How many digests a minute a channel may have."""
    known = {
        Channel.MAIL: settings.mail_per_minute,
        Channel.TELEGRAM: settings.telegram_per_minute,
        Channel.WEBHOOK: WEBHOOKS_A_MINUTE,
    }
    return {sender.channel: known[Channel(sender.channel)] for sender in senders}


def senders_of(settings: Settings, store: Store, clock: Callable[[], datetime]) -> list[Sender]:
    """A sender a channel that digests can go by; the one of mail keeps its connection. Raises SettingsError where the
    secret key cannot be read."""
    addresses = addresses_of(settings, store, clock)
    if settings.delivery == "files":
        dry = (Channel.MAIL, Channel.TELEGRAM, Channel.WEBHOOK)
        return [FileSender(channel, settings, addresses) for channel in dry]
    made: dict[Channel, Callable[[], Sender]] = {
        Channel.MAIL: lambda: MailSender(settings, addresses, keeps=True),
        Channel.TELEGRAM: lambda: TelegramSender(settings, addresses),
    }
    found = [made[channel]() for channel in channels_of(settings) if channel in made]
    return [*found, WebhookSender(store, settings, clock)]


def one_round(
    store: Store,
    settings: Settings,
    senders: Sequence[Sender],
    clock: Callable[[], datetime],
    stopping: Callable[[], bool] = lambda: False,
    pace: Mapping[str, int] | None = None,
) -> Ran:
    """Puts what is due as far as there is room for it, and sends what waits. Raises StoreError and its children."""
    known = pace or pace_of(settings, senders)
    while not stopping() and put_due(store, settings, clock(), room_of(store, known, clock())):
        pass
    try:
        return outbox.run_bulk(store, senders, clock, Finisher(store, settings, clock), known, stopping)
    finally:
        for sender in senders:
            if isinstance(sender, MailSender):
                sender.close()


def correct(store: Store, settings: Settings, now: datetime) -> None:
    """Puts the corrections that are due. What fails is said and tried again; it holds up no digest."""
    try:
        put_corrections(store, settings, now)
    except StoreError as error:
        log.warning("Corrections are late: %s", error)
    except Exception as error:  # one digest that cannot be corrected must not stop all others
        log.error("Corrections failed (%s).", type(error).__name__)


@contextmanager
def digesting(store: Store, settings: Settings, stop: Event, clock: Callable[[], datetime]) -> Iterator[None]:
    """The digests beside the work of the block; they end with `stop` and with the block."""
    try:
        senders = senders_of(settings, store, clock)
    except WaspadaError as error:
        log.error("No digests are sent: %s", error)
        yield
        return
    corrected_at: datetime | None = None

    def one(stop: Event) -> None:
        nonlocal corrected_at
        now = clock()
        if corrected_at is None or now - corrected_at >= CORRECT_EVERY:
            corrected_at = now
            correct(store, settings, now)
        one_round(store, settings, senders, clock, stop.is_set)

    with beside("digests", one, stop):
        yield
