"""When a message that did not go is tried again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
#: With the waits above they end about five hours after the first: a warning that is older helps nobody.
MAX_ATTEMPTS = 12
#: The longest pause that the other side may ask for.
LONGEST_ASKED_WAIT = timedelta(hours=6)
#: So much of a wait is drawn by lot, so that what failed together is not tried together.
_DRAWN = 0.25


def next_try(attempts: int, key: str, now: datetime, asked: timedelta = timedelta(0)) -> datetime | None:
    """When to try again after `attempts` tries; None when there were enough.

    The wait doubles up to `LONGEST_WAIT`, less up to a quarter of it that follows from the key; it is never shorter
    than what the other side `asked` for.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    doublings = max(0, attempts - 1)
    wait = min(FIRST_WAIT * float(1 << doublings), LONGEST_WAIT) * (1 - _DRAWN * _lot(f"{key} {attempts}"))
    return now + max(wait, min(asked, LONGEST_ASKED_WAIT))


def _lot(text: str) -> float:
    """0 to 1, the same for the same text."""
    return int.from_bytes(sha256(text.encode()).digest()[:4], "big") / 2**32
