"""The hours in which a source usually publishes, learned from its own entries, and what they mean for polling. Pure.

A poll is worth most when something is likely to have come since the last one. So the interval of the policy is a mean:
it is spent faster in hours that usually bring entries and slower in the others, with the same number of polls a day.
Hours are those of UTC; Indonesian zones have no summer time, so an hour of the day stays the same hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

HOURS = 24
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
#: What was heard this long ago counts half: a source that changes its hours is understood within two weeks.
HALF_LIFE = timedelta(days=7)
#: Entries up to this age are counted; older ones say little about today.
LOOK_BACK = timedelta(days=7)
#: A rate is never taken from less than this: twenty entries of one import are not twenty a minute.
LEAST_HEARD_DAYS = 1.0
#: Entries that each hour is given on top of those heard: with few of them the day stays nearly even.
PRIOR_ENTRIES = 0.25
#: Weights of an hour and its neighbours: a morning edition is a little earlier or later each day.
_SMOOTHING = (1, 2, 1)
#: Polls are spread as the entries to this power: 0.5 would give the best mean wait, more a better median and a worse
#: tail. This power and smoothing have nearly the best median of those whose mean wait, over all sources, is no longer
#: than even polling's, on hours and seeds that judge nothing (`python -m benchmarks.collect --only delay` prints their
#: neighbours).
POWER = 1.25
#: No hour is polled more rarely than this share of an even day, and no wait is longer than so many intervals: less of
#: either would serve the median and not the night in which something happens.
LEAST_SHARE = 0.05
LONGEST_STRETCH = 4


@dataclass(frozen=True, slots=True)
class UsualHours:
    """Entries heard in each hour of the day (UTC) and the days of listening they came from, both fading with time."""

    hours: tuple[float, ...] = (0.0,) * HOURS
    days: float = 0.0

    @property
    def entries_a_day(self) -> float:
        return sum(self.hours) / max(self.days, LEAST_HEARD_DAYS)


UNHEARD = UsualHours()


def heard(
    before: UsualHours, since: datetime | None, now: datetime, new_entries: int, published: Sequence[datetime]
) -> UsualHours:
    """The hours after a poll at `now` that brought `new_entries`; `published` are the dates that some of them have,
    `since` is the last poll that was read.

    A date counts when it lies between the two polls. One that is older by more than a week is of an article listed
    again, and no entry of today; what has another date or none came at any time between the polls. A first poll
    (`since` is None) has nothing but dates: those of the last week are taken.
    """
    start = min(since, now) if since else _first_start(now, published)
    listened = now - start
    faded = 0.5 ** (listened / HALF_LIFE)
    hours = [count * faded for count in before.hours]
    dated = [date for date in published if start <= date <= now]
    old = sum(date < start - LOOK_BACK for date in published)
    for date in dated:
        hours[_hour(date)] += 1.0
    if since:
        _spread(hours, start, now, max(0, new_entries - len(dated) - old))
    return UsualHours(tuple(hours), before.days * faded + listened / _DAY)


def longest_interval_seconds(hours: UsualHours) -> float | None:
    """The mean time between two entries: asked more rarely, a source has more than one waiting. None while unknown."""
    return _DAY.total_seconds() / hours.entries_a_day if hours.entries_a_day > 0 else None


def moment_after(hours: UsualHours, now: datetime, interval_seconds: float) -> datetime:
    """When an interval that begins at `now` is spent: sooner than it says in busy hours, later in quiet ones."""
    weights = _weights(hours)
    left, moment, latest = interval_seconds, now, now + timedelta(seconds=LONGEST_STRETCH * interval_seconds)
    while moment < latest:
        edge = moment.replace(minute=0, second=0, microsecond=0) + _HOUR
        weight = weights[_hour(moment)]
        spent = (edge - moment).total_seconds() * weight
        if spent >= left:
            return min(latest, moment + timedelta(seconds=left / weight))
        left, moment = left - spent, edge
    return latest


def _first_start(now: datetime, published: Sequence[datetime]) -> datetime:
    return max(min((date for date in published if date <= now), default=now), now - LOOK_BACK)


@lru_cache(maxsize=256)
def _weights(hours: UsualHours) -> tuple[float, ...]:
    """How fast an interval is spent in each hour of the day: mean 1, none below `LEAST_SHARE`.

    Nearly even until a whole day was heard: before that, an hour without entries is merely one not listened to.
    """
    reach = len(_SMOOTHING) // 2
    smooth = [
        sum(part * hours.hours[(hour + shift) % HOURS] for shift, part in enumerate(_SMOOTHING, -reach))
        / sum(_SMOOTHING)
        for hour in range(HOURS)
    ]
    raw = [(count + PRIOR_ENTRIES) ** POWER for count in smooth]
    mean = sum(raw) / HOURS
    known = (1 - LEAST_SHARE) * min(1.0, hours.days)
    return tuple(1 - known + known * weight / mean for weight in raw)


def _spread(hours: list[float], start: datetime, end: datetime, entries: int) -> None:
    """Adds entries that came at an unknown time between two moments, evenly; a day or more is all hours alike."""
    whole = (end - start).total_seconds()
    if entries <= 0 or whole <= 0:
        return
    if whole >= _DAY.total_seconds():
        hours[:] = [count + entries / HOURS for count in hours]
        return
    moment = start
    while moment < end:
        edge = min(end, moment.replace(minute=0, second=0, microsecond=0) + _HOUR)
        hours[_hour(moment)] += entries * (edge - moment).total_seconds() / whole
        moment = edge


def _hour(moment: datetime) -> int:
    return moment.astimezone(UTC).hour
