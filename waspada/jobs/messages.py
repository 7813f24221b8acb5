"""The messenger: makes the calls that are due and sends what waits in the outbox, every few seconds.

It runs in a thread of the worker, because a batch that is being tagged, or a mail server that does not answer, must not
put off who is to be called.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Event

from waspada.errors import WaspadaError
from waspada.jobs.beside import beside
from waspada.jobs.call import call_due
from waspada.notify import outbox
from waspada.notify.messages import Sender
from waspada.notify.outbox import Ran
from waspada.notify.senders import senders_of
from waspada.settings import Settings
from waspada.store import Store

log = logging.getLogger("waspada.messenger")


def one_round(store: Store, settings: Settings, senders: Sequence[Sender], clock: Callable[[], datetime]) -> Ran:
    """Makes calls, sends, and notes what was sent. Raises StoreError and its children."""
    call_due(store, settings, clock())
    ran = outbox.run_once(store, senders, clock)
    if ran.sent or ran.given_up:
        call_due(store, settings, clock())
    return ran


@contextmanager
def messenger(store: Store, settings: Settings, stop: Event, clock: Callable[[], datetime]) -> Iterator[None]:
    """The messenger beside the work of the block, where a channel is set up; it ends with `stop` and with the block. A
    call is made and handed over within two rounds: well within the minute that a desk was promised. A message that was
    cut off is sent again when its lease ends."""
    try:
        senders = senders_of(settings, store, clock)
    except WaspadaError as error:
        log.error("No messages are sent: %s", error)
        senders = []
    if not senders:
        yield
        return
    with beside("messenger", lambda _stop: one_round(store, settings, senders, clock), stop):
        yield
