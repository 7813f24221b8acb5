"""What the map shows: marks of regions, their sizes and places on the picture. Pure.

The area of a bubble grows with the number of alerts. Bubbles that would cover one another are pushed apart, the smaller
one farther, and stay tied to their place by a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import hypot, sqrt

from api.console.views import geography
from api.console.views.geography import Frame, Land
from waspada.overview.areas import ISLAND, Area
from waspada.overview.types import AlertMap, RegionOnMap
from waspada.places.outline import Box, Detail
from waspada.sources.types import UNHEARD_STATES, CoverageState

#: Pixels from the middle of a bubble to its edge: of one alert, where there is room; of the most alerts; never less.
_ONE, _MOST, _LEAST = 13.0, 46.0, 6.0
_ONE_IN_COUNTRY, _MOST_IN_COUNTRY = 9.0, 24.0
#: The same of a region without alerts, and what a bubble needs around it for what its coverage adds.
_QUIET, _QUIET_IN_COUNTRY = 6.0, 4.0
_UNHEARD_HALO, _THIN_HALO = 6.0, 4.0
#: From so many marks on, names would cover each other, and only bubbles are pushed apart.
NAMED_UP_TO = 20
_PUSHED_UP_TO = 80
_ROUNDS = 60
_GAP = 3.0
#: Pixels that a letter of a name takes, at most.
_LETTER = 6.8
#: Where a mark was pushed farther than this, a line leads to its place.
_TIED_FROM = 5.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One region on the picture: middle, size, and the place that it stands for, in pixels."""

    region: RegionOnMap
    x: float
    y: float
    radius: float
    home: tuple[float, float]

    @property
    def is_moved(self) -> bool:
        return hypot(self.x - self.home[0], self.y - self.home[1]) > _TIED_FROM

    @property
    def is_unheard(self) -> bool:
        return self.region.coverage in UNHEARD_STATES

    @property
    def reach(self) -> float:
        """From the middle to the end of all that is drawn."""
        if not self.region.alerts:
            return self.radius
        return self.radius + {"unheard": _UNHEARD_HALO, "thin": _THIN_HALO}.get(self.look, 0.0)

    @property
    def look(self) -> str:
        return COVERAGE_LOOKS[self.region.coverage]

    @property
    def badge(self) -> tuple[float, float]:
        """Where the level stands: on the edge, to the upper right; farther out where it would hide the number."""
        out = self.radius * 0.72 + max(0.0, 12.5 - self.radius) * 0.8
        return round(self.x + out, 1), round(self.y - out, 1)

    @property
    def short_name(self) -> str:
        """ "Banjar"; a city keeps its word, since a kabupaten beside it may have the same name."""
        return self.region.region.name.removeprefix("Kabupaten ")


@dataclass(frozen=True, slots=True)
class Name:
    """A name on the picture, and where its middle stands."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The map: marks from the largest to the smallest, so that a small one lies on top."""

    frame: Frame
    land: Land
    marks: Sequence[Mark]
    names: Sequence[Name]

    @property
    def bubbles(self) -> Sequence[Mark]:
        return [mark for mark in self.marks if mark.region.alerts]

    @property
    def quiet(self) -> Sequence[Mark]:
        return [mark for mark in self.marks if not mark.region.alerts]


def picture(found: AlertMap) -> Picture:
    frame, detail = _frame(found.area, found.regions)
    small = _is_wide(found.area)
    one, most = (_ONE_IN_COUNTRY, _MOST_IN_COUNTRY) if small else (_ONE, _MOST)
    quiet = _QUIET_IN_COUNTRY if small else _QUIET
    sizes = radii([region.alerts for region in found.regions], one, most)
    marks = [_mark(frame, region, radius or quiet) for region, radius in zip(found.regions, sizes, strict=True)]
    placed = apart(marks, frame) if len(marks) <= _PUSHED_UP_TO else _apart_bubbles(marks, frame)
    ordered = sorted(placed, key=lambda mark: (-mark.radius, mark.region.region.code))
    names = names_of(ordered, frame) if len(marks) <= NAMED_UP_TO else []
    return Picture(frame, geography.land_in(frame, detail), ordered, names)


def _is_wide(area: Area) -> bool:
    return area.word == ""


def _frame(area: Area, regions: Sequence[RegionOnMap]) -> tuple[Frame, Detail]:
    if _is_wide(area):
        return geography.frame_of(geography.COUNTRY, geography.COUNTRY_WIDTH), "country"
    box: Box = geography.ISLAND if area.word == ISLAND else geography.box_around(one.point for one in regions)
    return geography.frame_of(box, geography.PART_WIDTH), "near"


def radii(counts: Sequence[int], one: float, most: float) -> list[float]:
    """Of bubbles whose area grows with their number; 0 for none. `one` is that of one alert where there is room, `most`
    the largest; the smallest stay large enough to be met."""
    unit = min(one, most / sqrt(max(counts, default=0) or 1))
    return [round(max(_LEAST, unit * sqrt(count)), 1) if count else 0.0 for count in counts]


def _mark(frame: Frame, one: RegionOnMap, radius: float) -> Mark:
    x, y = frame.at(*one.point)
    return Mark(one, x, y, radius, (x, y))


def _apart_bubbles(marks: Sequence[Mark], frame: Frame) -> list[Mark]:
    bubbles = [mark for mark in marks if mark.region.alerts]
    return [*(mark for mark in marks if not mark.region.alerts), *apart(bubbles, frame)]


def apart(marks: Sequence[Mark], frame: Frame) -> list[Mark]:
    """The same marks where none covers another, as far as the picture has room; those that stand free stay."""
    spots = [[mark.x, mark.y] for mark in marks]
    for _ in range(_ROUNDS):
        moved = False
        for one, other in combinations(range(len(marks)), 2):
            moved = _push(spots[one], spots[other], marks[one].reach, marks[other].reach, one) or moved
        for spot, mark in zip(spots, marks, strict=True):
            spot[0] = min(max(spot[0], mark.radius), frame.width - mark.radius)
            spot[1] = min(max(spot[1], mark.radius), frame.height - mark.radius)
        if not moved:
            break
    return [
        Mark(mark.region, round(x, 1), round(y, 1), mark.radius, mark.home)
        for mark, (x, y) in zip(marks, spots, strict=True)
    ]


def _push(one: list[float], other: list[float], radius: float, other_radius: float, number: int) -> bool:
    """Takes two spots apart where they overlap, each by the share of the other's size. True where they did."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    distance = hypot(dx, dy)
    wanted = radius + other_radius + _GAP
    if distance >= wanted - 0.05:
        return False
    if distance < 0.01:  # on one spot: each pair in a direction of its own
        dx, dy, distance = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[number % 4] + (1.0,)
    lack = wanted - min(distance, wanted)
    share = other_radius / (radius + other_radius)
    for spot, part, sign in ((one, share, -1), (other, 1 - share, 1)):
        spot[0] += sign * dx / distance * lack * part
        spot[1] += sign * dy / distance * lack * part
    return True


def names_of(marks: Sequence[Mark], frame: Frame) -> list[Name]:
    """The names of the marks, those of the largest first: below, above, right or left of it, where nothing else stands.

    One that finds no room is left out: it stands in the table.
    """
    taken = [
        _Room(mark.x - mark.reach, mark.y - mark.reach, mark.x + mark.reach, mark.y + mark.reach) for mark in marks
    ]
    found = []
    for mark in marks:
        wide = len(mark.short_name) * _LETTER / 2
        for dx, dy in (
            (0.0, mark.reach + 9), (0.0, -mark.reach - 10), (mark.reach + wide + 9, 0.0), (-mark.reach - wide - 4, 0.0),
        ):  # fmt: skip
            x, y = mark.x + dx, mark.y + dy
            room = _Room(x - wide, y - 7, x + wide, y + 7)
            if room.fits(frame) and not any(room.meets(other) for other in taken):
                taken.append(room)
                found.append(Name(mark.short_name, round(x, 1), round(y, 1)))
                break
    return found


@dataclass(frozen=True, slots=True)
class _Room:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Room) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def fits(self, frame: Frame) -> bool:
        return self.left >= 0 and self.right <= frame.width and self.top >= 0 and self.bottom <= frame.height


#: The class of a mark by how well its region can be heard.
COVERAGE_LOOKS = {
    CoverageState.COVERED: "covered",
    CoverageState.THIN: "thin",
    CoverageState.SILENT: "unheard",
    CoverageState.NONE: "unheard",
}
