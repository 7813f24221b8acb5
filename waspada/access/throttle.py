"""Slows down guessing at the door: a few failures are free, then the wait doubles."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_FAILURES = 5
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=1)
_MOST_ADDRESSES = 10_000


@dataclass(frozen=True, slots=True)
class Failures:
    count: int
    last_at: datetime


def wait_after(failures: int) -> timedelta:
    """How long to wait after this many failures in a row."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES, 16)  # far past LONGEST_WAIT
    return min(timedelta(seconds=FIRST_WAIT.total_seconds() * 2.0**doublings), LONGEST_WAIT)


class Throttle:
    """Failures by address, in memory: a restart forgets them, which a caller cannot bring about."""

    def __init__(self) -> None:
        self._failures: dict[str, Failures] = {}
        self._lock = threading.Lock()

    def wait_seconds(self, address: str, now: datetime) -> int:
        """Whole seconds that this address still has to wait; 0 when it may try."""
        with self._lock:
            seen = self._failures.get(address)
        if seen is None or now - seen.last_at > FORGET_AFTER:
            return 0
        left = seen.last_at + wait_after(seen.count) - now
        return max(0, -int(-left.total_seconds() // 1))

    def failed(self, address: str, now: datetime) -> None:
        with self._lock:
            self._forget_old(now)
            seen = self._failures.get(address)
            fresh = seen is not None and now - seen.last_at <= FORGET_AFTER
            self._failures[address] = Failures((seen.count if seen and fresh else 0) + 1, now)

    def succeeded(self, address: str) -> None:
        with self._lock:
            self._failures.pop(address, None)

    def _forget_old(self, now: datetime) -> None:
        if len(self._failures) < _MOST_ADDRESSES:
            return
        fresh = {address: seen for address, seen in self._failures.items() if now - seen.last_at <= FORGET_AFTER}
        self._failures = fresh if len(fresh) < _MOST_ADDRESSES else {}
