"""How good a day's list is: NDCG@10 and precision@10 over lines that may each hold several items. Pure.

A *line* is what a desk reads at one rank: an alert with its items of the day, or, for the simple ways, one item. An
item is counted once, on its own day, in the first line that carries it. Its gain is 2^level - 1 (0, 1, 3, 7).

*NDCG@10* (Jarvelin and Kekalainen 2002) is the discounted gain of the first ten lines over that of the best list: the
day's items by gain, one a line. A line's gain is the sum over its items, but the gain of the first r lines together
counts only up to what the best list has in r lines; what goes beyond that counts at the ranks after, as though the
items of a line stood on lines of their own that push nobody down. So the figure is never above 1, two reports of one
event in one line are worth as much as the same two on top of a perfect list, and no bundle is worth more than that.

*Strict* NDCG@10 counts only the best new item of a line; the best list is the same. A list that throws everything into
one line has 1.0 of the first and little of the second, while right bundles cost the second something, too: where the
two lie close together, bundling decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

TOP = 10
#: A line is worth a place in the digest from this alert level on (codebook).
USEFUL_LEVEL = 2


@dataclass(frozen=True, slots=True)
class Line:
    """The ids of the items that a line carries, and the alert level that it shows; None where a way shows no level."""

    items: tuple[str, ...]
    level: int | None = None


def gain(level: int) -> float:
    return 2.0**level - 1.0


def new_items(lines: Sequence[Line]) -> list[list[str]]:
    """The items of each line that no line before it carries, in their order, each once."""
    seen: set[str] = set()
    found: list[list[str]] = []
    for line in lines:
        fresh = [item for item in dict.fromkeys(line.items) if item not in seen]
        seen.update(fresh)
        found.append(fresh)
    return found


def ndcg(lines: Sequence[Line], levels: Mapping[str, int], top: int = TOP) -> float | None:
    """0..1; None on a day on which nothing is worth anything. `levels` are those of all items of the day, shown or not;
    an item without a level has none."""
    best = _best(levels, top)
    gains = [sum(gain(levels.get(item, 0)) for item in items) for items in new_items(lines)[:top]]
    return _discounted(_capped(gains, best)) / _discounted(best) if best else None


def strict_ndcg(lines: Sequence[Line], levels: Mapping[str, int], top: int = TOP) -> float | None:
    """As `ndcg`, but only the best new item of a line counts."""
    best = _best(levels, top)
    gains = [max((gain(levels.get(item, 0)) for item in items), default=0.0) for items in new_items(lines)[:top]]
    return _discounted(gains) / _discounted(best) if best else None


def useful_lines(lines: Sequence[Line], levels: Mapping[str, int], top: int = TOP) -> list[bool]:
    """Of each of the first `top` lines: whether a new item of it is worth the digest."""
    return [any(levels.get(item, 0) >= USEFUL_LEVEL for item in items) for items in new_items(lines)[:top]]


def precision_of_ten(lines: Sequence[Line], levels: Mapping[str, int], top: int = TOP) -> float:
    """Useful lines among the first ten, over ten: also on a day that has fewer lines, or fewer useful items."""
    return sum(useful_lines(lines, levels, top)) / top


def precision_of_shown(lines: Sequence[Line], levels: Mapping[str, int], top: int = TOP) -> float | None:
    """Useful lines among those of the first ten that show level 2 or more, over their number; None where none does."""
    shown = [n for n, line in enumerate(lines[:top]) if line.level is not None and line.level >= USEFUL_LEVEL]
    useful = useful_lines(lines, levels, top)
    return sum(useful[n] for n in shown) / len(shown) if shown else None


def _best(levels: Mapping[str, int], top: int) -> list[float]:
    """Gains of the best list's lines, `top` of them (zeros at the end where there is less); empty for a day without."""
    gains = sorted((gain(level) for level in levels.values() if level > 0), reverse=True)[:top]
    return gains + [0.0] * (top - len(gains)) if gains else []


def _capped(gains: Sequence[float], best: Sequence[float]) -> list[float]:
    """What counts at each rank: the sum so far, at most the best list's sum so far, less what counted before."""
    counted, given, limit, before = [], 0.0, 0.0, 0.0
    for own, ideal in zip_longest(gains, best, fillvalue=0.0):
        given += own
        limit += ideal
        counted.append(min(given, limit) - before)
        before = min(given, limit)
    return counted


def _discounted(gains: Sequence[float]) -> float:
    return math.fsum(value / math.log2(rank + 2) for rank, value in enumerate(gains))
