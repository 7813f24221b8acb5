"""alert -> webhook: what happened is put into the outbox, and what is due there is sent."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from threading import Event

from waspada.clock import utc_now
from waspada.jobs.beside import keep_going
from waspada.notify import outbox
from waspada.notify.messages import Channel
from waspada.notify.senders import addresses_of
from waspada.notify.senders.files import FileSender
from waspada.settings import Settings
from waspada.store import Store
from waspada.webhooks.events import put_due
from waspada.webhooks.sender import WebhookSender


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
    ranking."""
    keep_going("webhooks", lambda _stop: tell_webhooks(store, settings, clock, allowed), stop)
