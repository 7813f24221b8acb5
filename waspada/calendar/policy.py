"""What a day counts as in the calendar of elections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from waspada.calendar.stages import Stage
from waspada.places import is_within

#: The rise begins so many days before a vote and the fall ends so many after it: recapitulation takes about 20 days.
RISE_DAYS = 30
FALL_DAYS = 20
#: A stage whose dates may still move counts half.
PROVISIONAL = 0.5


@dataclass(frozen=True, slots=True)
class StageNow:
    """The stage that counts most on a day. `weight` is 0..1; without a stage it is 0, and `words` are empty.

    `days_to` is how many days the vote is ahead, below 0 how many it is past; 0 within the days of a stage.
    """

    weight: float = 0.0
    stage: Stage | None = None
    days_to: int = 0

    @property
    def words(self) -> str:
        """For example "12 hari menjelang Pemungutan suara (pilkada-2024)", as it is shown to people."""
        if self.stage is None:
            return ""
        near = {True: f"{self.days_to} hari menjelang ", False: ""}[self.days_to > 0]
        past = f"{-self.days_to} hari setelah " if self.days_to < 0 else ""
        doubt = "; jadwal sementara" if self.stage.is_provisional else ""
        return f"{near or past}{self.stage.name} ({self.stage.election}{doubt})"


BETWEEN_ELECTIONS = StageNow()


def stage_at(day: date, region: str | None, stages: Iterable[Stage]) -> StageNow:
    """The stage with the most weight on a day in a region; one of a region counts for the regions within it.

    A stage counts on its own days. A vote (also a re-vote, a by-election, a village election) rises over the 30 days
    before and falls over the 20 after. Provisional dates count half. Between elections the calendar rests: 0.
    """
    found = BETWEEN_ELECTIONS
    for stage in stages:
        if stage.weight > 0 and _concerns(stage.region, region):
            share, days_to = _share(day, stage)
            weight = share * stage.weight * (PROVISIONAL if stage.is_provisional else 1.0)
            if weight > found.weight:
                found = StageNow(weight, stage, days_to)
    return found


def _concerns(place: str | None, region: str | None) -> bool:
    if place is None or region is None:
        return place is None
    return is_within(region, place)


def _share(day: date, stage: Stage) -> tuple[float, int]:
    """How much of its weight a stage has on a day, and the days that its vote is ahead (or, below 0, past)."""
    first = stage.start or (stage.end if stage.is_vote else date.min)
    if first <= day <= stage.end:
        return 1.0, 0
    if not stage.is_vote:
        return 0.0, 0
    if day < first:
        return max(0.0, 1 - (first - day).days / RISE_DAYS), (first - day).days
    return max(0.0, 1 - (day - stage.end).days / FALL_DAYS), (stage.end - day).days
