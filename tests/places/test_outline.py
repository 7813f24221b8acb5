"""The outline that ships here: small, whole, and where the country is."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from waspada.places import points
from waspada.places.outline import Box, Detail, Ring, outline

FILE = resources.files("waspada.places").joinpath("data").joinpath("outline.json")


def test_it_is_small_and_says_where_it_is_from() -> None:
    assert len(FILE.read_bytes()) < 80_000
    told = json.loads(FILE.read_text("utf-8"))
    assert (told["licence"], "Natural Earth" in told["source"]) == ("public domain", True)


@pytest.mark.parametrize("detail", ["country", "near"])
def test_other_countries_lie_beneath_and_nothing_lies_far_away(detail: Detail) -> None:
    rings = outline(detail)
    homes = [ring.is_home for ring in rings]
    assert homes == sorted(homes)
    assert 100 < sum(homes) < len(homes)
    assert all(ring.box.meets(Box(91, -14, 145, 9)) and len(ring.points) > 2 for ring in rings)


def test_almost_every_seat_lies_on_its_land() -> None:
    """Seats at the coast may fall into the sea by what the lines leave out; a shifted or mirrored outline has most."""
    land = [ring for ring in outline("near") if ring.is_home]
    inside = [any(holds(ring, lon, lat) for ring in land) for lat, lon in points().values()]
    assert sum(inside) / len(inside) > 0.9


def holds(ring: Ring, x: float, y: float) -> bool:
    """Whether a point lies in a ring: a line from it to the east crosses the ring an odd number of times."""
    if not ring.box.meets(Box(x, y, x, y)):
        return False
    crossed = False
    for (ax, ay), (bx, by) in zip(ring.points, [*ring.points[1:], ring.points[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            crossed = not crossed
    return crossed
