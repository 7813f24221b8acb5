"""The messenger: makes the calls that are due and sends what waits in the outbox, every few seconds.

It runs in a thread of the worker, because a batch that is being tagged, or a mail server that does not answer, must not
put off who is to be called.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

from waspada.errors import StoreError, WaspadaError
from waspada.jobs.call import call_due
from waspada.notify import outbox
from waspada.notify.messages import Sender
from waspada.notify.outbox import Ran
from waspada.notify.senders import senders_of
from waspada.settings import Settings
from waspada.store import Store

log = logging.getLogger("waspada.messenger")

#: A call is made and handed over within two rounds: well within the minute that a desk was promised.
EVERY_SECONDS = 5.0
MAX_PAUSE_SECONDS = 60.0
#: So long an ending worker waits for a message under way; one that was cut off is sent again when its lease ends.
LAST_WAIT_SECONDS = 5.0


def one_round(store: Store, settings: Settings, senders: Sequence[Sender], clock: Callable[[], datetime]) -> Ran:
    """Makes calls, sends, and notes what was sent. Raises StoreError and its children."""
    call_due(store, settings, clock())
    ran = outbox.run_once(store, senders, clock)
    if ran.sent or ran.given_up:
        call_due(store, settings, clock())
    return ran


def keep_sending(
    store: Store,
    settings: Settings,
    senders: Sequence[Sender],
    stop: Event,
    clock: Callable[[], datetime],
    every_seconds: float = EVERY_SECONDS,
) -> None:
    """Rounds until `stop` is set. What fails is said and tried again: nothing is lost by it."""
    pause = every_seconds
    while not stop.is_set():
        try:
            one_round(store, settings, senders, clock)
            pause = every_seconds
        except StoreError as error:
            pause = min(MAX_PAUSE_SECONDS, pause * 2)
            log.warning("%s Trying again in %.0f s.", error, pause)
        except Exception as error:  # a thread that ends unseen would leave a desk without calls
            pause = min(MAX_PAUSE_SECONDS, pause * 2)
            log.error("The messenger failed (%s). Trying again in %.0f s.", type(error).__name__, pause)
        stop.wait(pause)


@contextmanager
def messenger(store: Store, settings: Settings, stop: Event, clock: Callable[[], datetime]) -> Iterator[None]:
    """The messenger beside the work of the block, where a channel is set up; it ends with `stop` and with the block."""
    try:
        senders = senders_of(settings, store, clock)
    except WaspadaError as error:
        log.error("No messages are sent: %s", error)
        senders = []
    if not senders:
        yield
        return
    own = Event()
    both = either(stop, own)
    thread = Thread(target=keep_sending, args=(store, settings, senders, both, clock), name="messenger", daemon=True)
    thread.start()
    try:
        yield
    finally:
        own.set()
        thread.join(timeout=LAST_WAIT_SECONDS)


def either(first: Event, second: Event) -> Event:
    """An event that is set when one of two is."""
    return _Either(first, second)


class _Either(Event):
    """Set when one of two events is; looked at once a second at most while it waits."""

    def __init__(self, first: Event, second: Event) -> None:
        super().__init__()
        self._events = (first, second)

    def is_set(self) -> bool:
        return any(event.is_set() for event in self._events)

    def wait(self, timeout: float | None = None) -> bool:
        left = timeout if timeout is not None else float("inf")
        while left > 0 and not self.is_set():
            self._events[0].wait(min(0.5, left))
            left -= 0.5
        return self.is_set()
