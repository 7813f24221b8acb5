"""Where the pictures put what they show: sizes, places, lanes and names."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import combinations, pairwise
from math import dist, pi

import pytest
from babel import Locale

from api.console.views import geography
from api.console.views.map import Picture, picture, radii
from api.console.views.timeline import Chart, chart, scale_of, ticks
from waspada.calendar import Stage, load_stages
from waspada.clock import Days
from waspada.overview.areas import area_of
from waspada.overview.policy import stages_in
from waspada.overview.types import NO_ALERTS, AlertMap, ByLevel, DayOnLine, RegionOnMap, Timeline
from waspada.places import points
from waspada.sources.days import Hearing
from waspada.sources.types import CoverageState

ENGLISH = Locale.parse("en_GB")


def drawn(word: str | None, alerts: dict[str, ByLevel], coverage: CoverageState = CoverageState.COVERED) -> Picture:
    area = area_of(word, None)
    regions = [
        RegionOnMap(one, points()[one.code[:5]], alerts.get(one.code, NO_ALERTS), coverage) for one in area.regions
    ]
    return picture(AlertMap(area, regions, 0, 0))


def test_the_area_of_a_bubble_grows_with_its_number() -> None:
    one, four, none, many = radii([1, 4, 0, 400], 13, 200)
    assert none == 0
    assert pi * four**2 / (pi * one**2) == pytest.approx(4, rel=0.02)
    assert many / one == pytest.approx(20, rel=0.02)
    assert max(radii([1, 100_000], 13, 46)) == 46
    assert min(radii([1, 100_000], 13, 46)) >= 6


def test_no_mark_covers_another_and_the_small_ones_lie_on_top() -> None:
    found = drawn("63", {"63.71": (0, 0, 0, 40), "63.72": (0, 30, 0, 0), "63.03": (0, 0, 9, 0)}, CoverageState.SILENT)
    for one, other in combinations(found.marks, 2):
        assert dist((one.x, one.y), (other.x, other.y)) >= one.reach + other.reach
    for larger, smaller in pairwise(found.marks):
        assert larger.radius >= smaller.radius
    moved = [mark for mark in found.marks if mark.is_moved]
    assert moved
    for mark in found.marks:
        assert mark.x - mark.radius >= 0
        assert mark.x + mark.radius <= found.frame.width
        assert mark.y - mark.radius >= 0
        assert mark.y + mark.radius <= found.frame.height


def test_a_mark_that_stands_free_stays_at_its_place() -> None:
    found = drawn("63", {})
    assert sum(mark.is_moved for mark in found.marks) <= 2
    assert len(found.names) > 10


@pytest.mark.parametrize("word", [None, "kalimantan", "63", "31", "21", "94", "63.03", "63.03.05"])
def test_every_seat_of_an_area_is_on_its_picture(word: str | None) -> None:
    found = drawn(word, {})
    assert all(0 <= mark.home[0] <= found.frame.width for mark in found.marks)
    assert all(0 <= mark.home[1] <= found.frame.height for mark in found.marks)
    assert found.land.home.startswith("M")
    numbers = [float(one) for one in re.findall(r"-?[\d.]+", found.land.home + found.land.around)]
    assert min(numbers) >= -found.frame.width / 2
    assert max(numbers) <= max(found.frame.width * 1.5, found.frame.height + 6)  # what is not seen is not sent


def test_north_is_up_and_east_is_right() -> None:
    frame = geography.frame_of(geography.ISLAND, geography.PART_WIDTH)
    (south_x, south_y), (north_x, north_y) = frame.at(-3, 114), frame.at(3, 117)
    assert north_y < south_y
    assert north_x > south_x
    (west, _), (east, _) = frame.at(0, 114), frame.at(0, 115)
    (_, upper), (_, lower) = frame.at(1, 114), frame.at(0, 114)
    assert (east - west) / (lower - upper) == pytest.approx(1, rel=0.02)


FIRST = date(2024, 9, 1)


def charted(by_level: dict[int, ByLevel], stages: tuple[Stage, ...] = (), days: int = 42) -> Chart:
    lines = [
        DayOnLine(FIRST + timedelta(days=n), by_level.get(n, NO_ALERTS), 10 * n, Hearing.HEARD, None)
        for n in range(days)
    ]
    shown = stages_in(Days(FIRST, lines[-1].day), "63", stages)
    return chart(Timeline("63", lines, shown), FIRST + timedelta(days=10), ENGLISH)


def test_bars_stand_on_each_other_and_are_as_high_as_their_numbers() -> None:
    found = charted({3: (0, 2, 1, 2), 4: (0, 0, 10, 0)})
    bars = found.columns[3].bars
    assert [(bar.level, bar.count) for bar in bars] == [(3, 2), (2, 1), (1, 2)]
    assert bars[0].y + bars[0].height == pytest.approx(found.bars_bottom)
    for lower, upper in pairwise(bars):
        assert upper.y + upper.height == pytest.approx(lower.y, abs=0.11)
        assert upper.width < lower.width  # levels differ without colour
    tallest = found.columns[4].bars[0]
    assert tallest.height == pytest.approx(5 * bars[0].height, rel=0.01)
    assert tallest.y == pytest.approx(found.bars_top)
    assert [one.is_today for one in found.columns].index(True) == 10


@pytest.mark.parametrize(("most", "top"), [(0, 5), (4, 5), (5, 5), (6, 10), (11, 20), (21, 50), (101, 200)])
def test_the_scale_is_round(most: int, top: int) -> None:
    assert scale_of(most) == top
    assert all(0 < tick <= top for tick in ticks(top))


@pytest.mark.parametrize("days", [1, 7, 42, 184])
def test_bands_and_their_names_never_cover_each_other(days: int) -> None:
    found = charted({}, load_stages(), days)
    lanes: dict[float, list[tuple[float, float]]] = {}
    for band in found.bands:
        assert found.left <= band.x
        assert band.x + band.width <= found.width
        wide = len(band.text) * 6.0
        start, end = (band.text_x - wide, band.text_x) if band.anchor == "end" else (band.text_x, band.text_x + wide)
        lanes.setdefault(band.y, []).append((min(band.x, start), max(band.x + band.width, end)))
    for taken in lanes.values():
        for (_, end), (start, _) in pairwise(sorted(taken)):
            assert end <= start


def test_a_picture_without_anything_is_drawn() -> None:
    found = charted({}, days=1)
    assert [one.bars for one in found.columns] == [[]]
    assert found.bands == []
