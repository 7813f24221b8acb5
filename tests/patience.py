"""Waiting for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable

#: After this long a test gives up. On an idle machine all is over in seconds; how long a busy one takes is no matter.
PATIENCE_SECONDS = 300.0


def until(true: Callable[[], bool], what: str = "it") -> None:
    """Returns when `true` is."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, f"{what} did not happen in {PATIENCE_SECONDS:.0f} s"
        time.sleep(0.02)
