"""Tests of complexity, not of speed: time that grows with the length of what is read, and no faster.

Eight times as much takes eight times as long where the reading is linear, and 64 or 512 times where it is quadratic
or cubic. The bound lies between, whatever the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

#: How many times more the second reading gets, how much longer it may take, and what is too short to compare.
MORE, MOST_GROWTH, NOISE_SECONDS = 8, 40, 0.2
#: A busy machine can disturb one measurement, and hardly three in a row.
ATTEMPTS = 3

_T = TypeVar("_T")


def is_linear(read: Callable[[_T], object], made: Callable[[int], _T], size: int) -> bool:
    """Whether reading what `made` makes of `size` takes in proportion as long as of an eighth of it."""
    few, many = made(size // MORE), made(size)
    return any(
        _cpu_seconds(read, many) < MOST_GROWTH * _cpu_seconds(read, few) + NOISE_SECONDS for _ in range(ATTEMPTS)
    )


def _cpu_seconds(read: Callable[[_T], object], what: _T) -> float:
    started = time.process_time()
    read(what)
    return time.process_time() - started
