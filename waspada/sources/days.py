"""How well the desk could hear on a day: pure decisions. A day on which nobody listened is no calm day.

Every look at the sources (hourly, `waspada.jobs.watch`) is added to the record of its day, in the zone of the desk, for
the country, each province, and each kabupaten and kota. A record holds the hours in which there was a look, those of
them that were deaf, and the figures of the day's last look: a look that is repeated changes nothing.

| state | when |
|---|---|
| `none` | there was no look: the service did not run |
| `deaf` | at least half of the hours with a look were deaf |
| `partly` | some were, or fewer than half of the hours that are over had a look |
| `heard` | else |

A look is deaf when no source that speaks for the region was heard, or most of its kabupaten and kota had nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from waspada.sources.health import is_heard
from waspada.sources.types import UNHEARD_STATES, CoverageState, Reach, RegionCoverage, SourceHealth

#: Stands for the whole country among the codes of regions.
COUNTRY = ""


class Hearing(StrEnum):
    """How well the desk could hear on a day."""

    HEARD = "heard"
    PARTLY = "partly"
    DEAF = "deaf"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found of a region: sources that speak for it, how many are heard, its kabupaten by state."""

    code: str
    heard: int
    total: int
    regions: Mapping[CoverageState, int]

    @property
    def is_deaf(self) -> bool:
        unheard = sum(self.regions.get(state, 0) for state in UNHEARD_STATES)
        return self.heard == 0 or 2 * unheard > sum(self.regions.values())


@dataclass(frozen=True, slots=True)
class DayRecord:
    """The looks of one day at one region. `hours` and `deaf_hours` have a bit for each hour of the day."""

    day: date
    code: str
    hours: int
    deaf_hours: int
    last: Look
    last_at: datetime | None = field(default=None, compare=False)

    @property
    def looked(self) -> int:
        return self.hours.bit_count()

    @property
    def deaf(self) -> int:
        return self.deaf_hours.bit_count()


def looks(covered: Sequence[RegionCoverage], now: datetime) -> list[Look]:
    """The looks at the country, at each province, and at each of these kabupaten and kota."""
    by_code: dict[str, list[RegionCoverage]] = {COUNTRY: list(covered)}
    for one in covered:
        by_code.setdefault(one.region.code[:2], []).append(one)
        by_code.setdefault(one.region.code, []).append(one)
    return [_look(code, inside, now) for code, inside in by_code.items()]


def _look(code: str, inside: Sequence[RegionCoverage], now: datetime) -> Look:
    speakers = _speakers(inside)
    heard = sum(is_heard(one, now) for one in speakers)
    return Look(code, heard, len(speakers), Counter(one.state for one in inside))


def _speakers(inside: Iterable[RegionCoverage]) -> Sequence[SourceHealth]:
    """The sources that speak for these regions; the national ones only where there are no others."""
    found = {one.health.source.id: one for each in inside for one in each.sources}
    nearer = [one.health for one in found.values() if one.reach is not Reach.COUNTRY]
    return nearer or [one.health for one in found.values()]


def added(record: DayRecord | None, look: Look, now: datetime, zone: ZoneInfo) -> DayRecord:
    """The record of a day with one more look, at `now`. The same look twice is one; an older one changes no figures."""
    local = now.astimezone(zone)
    hour = 1 << local.hour
    hours, deaf = (record.hours, record.deaf_hours) if record else (0, 0)
    is_newest = record is None or record.last_at is None or record.last_at <= now
    return DayRecord(
        local.date(),
        look.code,
        hours | hour,
        deaf | hour if look.is_deaf else deaf,
        last=look if record is None or is_newest else record.last,
        last_at=now if record is None or is_newest else record.last_at,
    )


def hearing_of(record: DayRecord | None, day: date, now: datetime, zone: ZoneInfo) -> Hearing | None:
    """How well the desk could hear on a day; None for one that is yet to come, or in whose first hour we are."""
    over = hours_over(day, now, zone)
    if record is None or not record.looked:
        return Hearing.NONE if over else None
    if 2 * record.deaf >= record.looked:
        return Hearing.DEAF
    return Hearing.PARTLY if record.deaf or 2 * record.looked < over else Hearing.HEARD


def hours_over(day: date, now: datetime, zone: ZoneInfo) -> int:
    """How many whole hours of a day are over: 0 to 24 (a day with a change of the clock counts as one of 24)."""
    start = datetime.combine(day, time(), zone)
    return max(0, min(24, (now - start) // timedelta(hours=1)))
