"""alert -> webhook: what happened is put into the outbox, and what is due there is sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from threading import Event

from waspada.clock import utc_now
from waspada.errors import StoreError
from waspada.notify import outbox
from waspada.notify.messages import Channel
from waspada.notify.senders import addresses_of
from waspada.notify.senders.files import FileSender
from waspada.settings import Settings
from waspada.store import Store
from waspada.webhooks.events import put_due
from waspada.webhooks.sender import WebhookSender

log = logging.getLogger("waspada.webhooks")

EVERY_SECONDS = 5.0
TROUBLE_SECONDS = 30.0


def tell_webhooks(
    store: Store, settings: Settings, clock: Callable[[], datetime], allowed: Collection[str] = frozenset()
) -> outbox.Ran:
    """Puts and sends once; returns what was sent. Raises StoreError."""
    put_due(store, clock())
    if settings.delivery == "files":
        return outbox.run_once(store, [FileSender(Channel.WEBHOOK, settings, addresses_of(settings, store))], clock)
    return outbox.run_once(store, [WebhookSender(store, settings, clock, allowed)], clock)


def keep_telling(
    store: Store,
    settings: Settings,
    stop: Event,
    clock: Callable[[], datetime] = utc_now,
    allowed: Collection[str] = frozenset(),
) -> None:
    """Tells webhooks until `stop` is set; to be the target of a thread, since a slow receiver must not hold up the
    ranking. A trouble of the store is logged and tried again."""
    while not stop.is_set():
        try:
            tell_webhooks(store, settings, clock, allowed)
            stop.wait(EVERY_SECONDS)
        except StoreError as error:
            log.warning("%s Trying again in %.0f s.", error, TROUBLE_SECONDS)
            stop.wait(TROUBLE_SECONDS)
