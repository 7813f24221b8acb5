"""The outline of Indonesia and of what lies around it, for maps: lines only, from a file that ships here.

`data/outline.json` is cut from Natural Earth (public domain) by `benchmarks/outline_build.py`. Nothing is fetched.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from waspada.places.gazetteer import read_data

Detail = Literal["country", "near"]


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the map in degrees, WGS 84."""

    west: float
    south: float
    east: float
    north: float

    def meets(self, other: Box) -> bool:
        return (
            self.west <= other.east
            and other.west <= self.east
            and self.south <= other.north
            and other.south <= self.north
        )


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed line of (longitude, latitude) in degrees, without its first point at its end."""

    points: Sequence[tuple[float, float]]
    box: Box
    is_home: bool


@lru_cache(maxsize=2)
def outline(detail: Detail) -> tuple[Ring, ...]:
    """All rings, those of other countries first: `country` for the whole country, `near` for a part of it."""
    found = json.loads(read_data("outline.json"))
    unit = float(found["unit_degrees"])
    around = [_ring(line, unit, is_home=False) for line in found[detail]["around"]]
    return (*around, *(_ring(line, unit, is_home=True) for line in found[detail]["home"]))


def _ring(line: str, unit: float, *, is_home: bool) -> Ring:
    """From steps east and south, each after the first a difference."""
    x = y = 0
    points = []
    for step in line.split(" "):
        east, _, south = step.partition(",")
        x, y = x + int(east), y + int(south)
        points.append((x * unit, -y * unit))
    xs, ys = [lon for lon, _ in points], [lat for _, lat in points]
    return Ring(tuple(points), Box(min(xs), min(ys), max(xs), max(ys)), is_home)
