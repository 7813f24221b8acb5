"""Work in a thread beside the worker's own: rounds that come again and again, whatever fails in one of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from waspada.errors import StoreError

EVERY_SECONDS = 5.0
MAX_PAUSE_SECONDS = 60.0
#: So long an ending worker waits for a round under way.
LAST_WAIT_SECONDS = 5.0


@contextmanager
def beside(
    name: str, one_round: Callable[[Event], object], stop: Event, every_seconds: float = EVERY_SECONDS
) -> Iterator[None]:
    """Rounds beside the work of the block; they end with `stop` and with the block. A round is given the event that
    says so."""
    own = Event()
    both = _Either(stop, own)
    thread = Thread(target=keep_going, args=(name, one_round, both, every_seconds), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        own.set()
        thread.join(timeout=LAST_WAIT_SECONDS)


def keep_going(
    name: str, one_round: Callable[[Event], object], stop: Event, every_seconds: float = EVERY_SECONDS
) -> None:
    """Rounds until `stop` is set. What fails is said and tried again: nothing is lost by it."""
    log, pause = logging.getLogger(f"waspada.{name}"), every_seconds
    while not stop.is_set():
        try:
            one_round(stop)
            pause = every_seconds
        except StoreError as error:
            pause = min(MAX_PAUSE_SECONDS, pause * 2)
            log.warning("%s Trying again in %.0f s.", error, pause)
        except Exception as error:  # a thread that ends unseen would leave everybody waiting
            pause = min(MAX_PAUSE_SECONDS, pause * 2)
            log.error("A round failed (%s). Trying again in %.0f s.", type(error).__name__, pause)
        stop.wait(pause)


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
