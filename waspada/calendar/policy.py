"""How close a day is to a vote, as a number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from waspada.calendar.stages import Stage

#: The rise begins so many days before the vote and the fall ends so many after it: recapitulation takes about 20 days.
RISE_DAYS = 30
FALL_DAYS = 20


def closeness(day: date, region: str | None, stages: Iterable[Stage]) -> float:
    """0..1: 1 on the day of a vote in the region, rising over the 30 days before and falling over the 20 after.

    0 between elections: the calendar then rests. A vote of a region counts for the regions within it.
    """
    return max(
        (_weight(day, vote) for vote in stages if vote.is_vote and _concerns(vote.region, region)),
        default=0.0,
    )


def _concerns(vote: str | None, region: str | None) -> bool:
    if vote is None or region is None:
        return vote is None
    return region == vote or region.startswith(f"{vote}.")


def _weight(day: date, vote: Stage) -> float:
    first = vote.start or vote.end
    if day < first:
        return max(0.0, 1 - (first - day).days / RISE_DAYS)
    return max(0.0, 1 - max(0, (day - vote.end).days) / FALL_DAYS)
