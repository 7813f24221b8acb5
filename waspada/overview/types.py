"""What the map and the time line are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from waspada.calendar import Stage
from waspada.clock import Days
from waspada.overview.areas import Area
from waspada.places import Place
from waspada.sources.days import DayRecord, Hearing
from waspada.sources.types import CoverageState
from waspada.taxonomy import MAX_LEVEL

#: Alerts by level, from 0 to the highest.
ByLevel = tuple[int, ...]
NO_ALERTS: ByLevel = (0,) * (MAX_LEVEL + 1)


@dataclass(frozen=True, slots=True)
class RegionOnMap:
    """A region with its alerts. `point` is (latitude, longitude) of the seat of its kabupaten or kota, in degrees."""

    region: Place
    point: tuple[float, float]
    by_level: ByLevel
    coverage: CoverageState

    @property
    def alerts(self) -> int:
        return sum(self.by_level)

    @property
    def highest(self) -> int | None:
        """The highest level of an alert there; None without any."""
        return max((level for level, count in enumerate(self.by_level) if count), default=None)


@dataclass(frozen=True, slots=True)
class AlertMap:
    """The alerts of an area by region, the most urgent first. An alert of several regions counts in each; `total` has
    it once, and `unplaced` are those that name no kabupaten or kota of the area."""

    area: Area
    regions: Sequence[RegionOnMap]
    total: int
    unplaced: int


@dataclass(frozen=True, slots=True)
class DayOnLine:
    """A day in the desk's zone: the alerts opened on it by their level now, the items found, how well it was heard.
    `hearing` is None for a day that is yet to come."""

    day: date
    by_level: ByLevel
    items: int
    hearing: Hearing | None
    record: DayRecord | None

    @property
    def alerts(self) -> int:
        return sum(self.by_level)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The days of a window in order, and the stages of the calendar that meet it, by their first day."""

    region: str | None
    days: Sequence[DayOnLine]
    stages: Sequence[Stage]

    @property
    def window(self) -> Days:
        return Days(self.days[0].day, self.days[-1].day)


@dataclass(frozen=True, slots=True)
class Counts:
    """Alerts by region and level, how many there are, and how many of them name a region that was asked for."""

    by_region: Mapping[str, ByLevel]
    total: int
    placed: int
