"""Shares with their uncertainty."""

from __future__ import annotations

import math

_Z = 1.959964  # 95 %


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval (1927) of a share that rests on `n`; 0 to 1 where that is nothing. `n` need not be whole:
    of what is alike it may stand for less than it counts."""
    if n <= 0:
        return 0.0, 1.0
    square = _Z * _Z / n
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / n + square / (4 * n)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)
