"""How surprising the number of events of a region is against its own past: a Gamma-Poisson scan over 1, 3 and 7 days.

Counted are stories of one label group by the time that their first report was published, so that what is filled in
later counts in its own time. The region's rate a day has a Gamma prior from its province (Clayton and Kaldor 1987);
what is expected grows and falls with the day of the week and with the number of sources that are heard. The most
surprising window counts, with its probability multiplied by the number of windows (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WINDOW_DAYS = (1, 3, 7)
#: The past ends where the longest window begins, and is four whole weeks long.
PAST_DAYS = 28
#: With less of a past than this nothing can be called unusual.
LEAST_PAST_DAYS = 7
#: The province's rate counts like so many days of the region's own.
PRIOR_DAYS = 7.0
#: No region is expected to be calmer than one event of a group in ten days.
LEAST_PER_DAY = 0.1
#: One other story may be this one, told apart by mistake.
LEAST_COUNT = 2
#: One in so many powers of ten is a full burst.
FULL_SURPRISE = 3.0
#: How many events a weekday's own share is mixed with.
WEEKDAY_PRIOR = 20.0
#: What a source said of a region is counted for the last week and for so many before it.
WEEKS_BEFORE = 3
#: More or fewer ears change what is expected by no more than this.
LEAST_EARS, MOST_EARS = 0.5, 4.0


@dataclass(frozen=True, slots=True)
class Rate:
    """What is believed of a region's events a day: a Gamma distribution of this shape and rate (in days)."""

    shape: float
    days: float

    @property
    def per_day(self) -> float:
        return self.shape / self.days


@dataclass(frozen=True, slots=True)
class Window:
    """Other events of the last `days` days. `weight` is what those days count as: ordinary days with usual ears."""

    days: int
    count: int
    weight: float
    rate: Rate

    @property
    def expected(self) -> float:
        return self.rate.per_day * self.weight


def rate_of(past: int, past_days: float, province_per_day: float) -> Rate:
    """The rate after `past` events in `past_days`. `province_per_day` is the mean of the province's regions."""
    prior = max(LEAST_PER_DAY, province_per_day)
    return Rate(PRIOR_DAYS * prior + past, PRIOR_DAYS + past_days)


def weekday_factors(counts: Sequence[int]) -> list[float]:
    """What each weekday counts as (mean 1), from the events of whole weeks by weekday, Monday first."""
    mean = sum(counts) / len(counts)
    return [(count + WEEKDAY_PRIOR) / (mean + WEEKDAY_PRIOR) for count in counts]


def heard_in_a_week(items: int) -> float:
    """0..1: how likely a source with so many items in the three weeks before is heard in one of these weeks: 1 less
    the chance that none of the items falls into it."""
    return 1.0 - (1.0 - 1.0 / WEEKS_BEFORE) ** items


def ears(now: int, before: float) -> float:
    """What a day counts as when `now` sources are heard of a region in a week and `before` usually are: 1 where
    either is unknown. Fewer than one source is as good as one."""
    if now <= 0 or before <= 0:
        return 1.0
    return min(MOST_EARS, max(LEAST_EARS, now / max(1.0, before)))


def most_surprising(windows: Sequence[Window]) -> tuple[float, Window | None]:
    """0..1, 1 for one in a thousand, and the window that says so; None where nothing is unusual."""
    best, found = 0.0, None
    for window in windows:
        value = min(1.0, max(0.0, (_surprise(window) - math.log10(len(WINDOW_DAYS))) / FULL_SURPRISE))
        if value > best:
            best, found = value, window
    return best, found


def _surprise(window: Window) -> float:
    """-log10 of P(so many or more)."""
    if window.count < LEAST_COUNT or window.weight <= 0:
        return 0.0
    return -math.log10(_tail(window.count, window.rate.shape, window.rate.days / window.weight))


def _tail(count: int, shape: float, rate: float) -> float:
    """P(X >= count) of a negative binomial: Poisson with a Gamma(shape, rate) rate."""
    stay, go = math.log(rate / (rate + 1.0)), math.log(1.0 / (rate + 1.0))
    below, log_term = 0.0, shape * stay  # in logarithms: a busy region's first terms are too small for a float
    for k in range(count):
        below += math.exp(log_term)
        log_term += math.log((shape + k) / (k + 1)) + go
    return max(1e-12, 1.0 - below)
