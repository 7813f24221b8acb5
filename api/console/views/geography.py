"""Where on the page a point of the country lies: pure. Degrees in, pixels of the picture out.

Equal steps of longitude and latitude (equirectangular, with the middle of the picture true to scale): so near the
equator nothing is off by more than 2 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians

from waspada.places.outline import Box, Detail, Ring, outline

#: Width of the picture of a part of the country, and of the whole of it.
PART_WIDTH, COUNTRY_WIDTH = 760, 1160
COUNTRY = Box(94.3, -11.6, 141.6, 6.6)
ISLAND = Box(107.6, -4.9, 119.9, 5.4)
#: Around the points of a region: a share of its size, and at least so many degrees in all.
_PADDING, _LEAST_DEGREES = 0.22, 1.4
#: Height of a picture by its width.
_FLATTEST, _STEEPEST = 0.55, 0.85
#: Pixels beside a picture to which coasts are drawn, and the share of the width of one of a part of the country: on a
#: wide screen it has room at its sides.
_BESIDE, _BESIDE_PART = 6, 0.5

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture: the part of the country it shows, and its size in pixels."""

    box: Box
    width: int
    height: int

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        x = (longitude - self.box.west) / (self.box.east - self.box.west) * self.width
        y = (self.box.north - latitude) / (self.box.north - self.box.south) * self.height
        return round(x, 1), round(y, 1)


def frame_of(box: Box, width: int) -> Frame:
    """The picture of a box; one that is too flat or too steep shows more of what lies around."""
    stretch = cos(radians((box.north + box.south) / 2))
    wide, high = (box.east - box.west) * stretch, box.north - box.south
    share = high / wide
    if share < _FLATTEST and width == PART_WIDTH:
        box, high = _grown(box, 0, wide * _FLATTEST - high), wide * _FLATTEST
    elif share > _STEEPEST:
        box, wide = _grown(box, (high / _STEEPEST - wide) / stretch, 0), high / _STEEPEST
    return Frame(box, width, round(width * high / wide))


def _grown(box: Box, wider: float, higher: float) -> Box:
    return Box(box.west - wider / 2, box.south - higher / 2, box.east + wider / 2, box.north + higher / 2)


def box_around(points: Iterable[tuple[float, float]]) -> Box:
    """What a picture of these (latitude, longitude) shows."""
    found = list(points)
    lats, lons = [lat for lat, _ in found], [lon for _, lon in found]
    box = Box(min(lons), min(lats), max(lons), max(lats))
    size = max(box.east - box.west, box.north - box.south)
    least = max(0.0, _LEAST_DEGREES - size)
    return _grown(box, 2 * _PADDING * size + least, 2 * _PADDING * size + least)


@dataclass(frozen=True, slots=True)
class Land:
    """Lines of a picture as an SVG path: other countries, and Indonesia."""

    around: str
    home: str


@lru_cache(maxsize=64)
def land_in(frame: Frame, detail: Detail) -> Land:
    rings = [ring for ring in outline(detail) if ring.box.meets(frame.box)]
    return Land(
        around="".join(_path(frame, ring) for ring in rings if not ring.is_home),
        home="".join(_path(frame, ring) for ring in rings if ring.is_home),
    )


def _path(frame: Frame, ring: Ring) -> str:
    """Whole pixels are too coarse for a small island, tenths are enough; what lies on one point is one."""
    steps = [frame.at(lat, lon) for lon, lat in ring.points]
    kept: Sequence[Spot] = list(dict.fromkeys(_clipped(steps, frame)))
    return f"M{' '.join(f'{x:g},{y:g}' for x, y in kept)}z" if len(kept) > 2 else ""


def _clipped(ring: Sequence[Spot], frame: Frame) -> Sequence[Spot]:
    """What of a ring lies on the picture, or just beside it, so that no edge of the picture is drawn as a coast
    (Sutherland and Hodgman, 1974)."""
    side = frame.width * _BESIDE_PART if frame.width == PART_WIDTH else _BESIDE
    edges = ((0, -side, 1), (0, frame.width + side, -1), (1, -_BESIDE, 1), (1, frame.height + _BESIDE, -1))
    for axis, edge, sign in edges:
        kept: list[Spot] = []
        for before, after in zip([*ring[-1:], *ring[:-1]], ring, strict=True):
            was_in, is_in = sign * (before[axis] - edge) >= 0, sign * (after[axis] - edge) >= 0
            if was_in != is_in:
                share = (edge - before[axis]) / (after[axis] - before[axis])
                x, y = (before[n] + share * (after[n] - before[n]) for n in (0, 1))
                kept.append((round(x, 1), round(y, 1)))
            if is_in:
                kept.append(after)
        ring = kept
    return ring
