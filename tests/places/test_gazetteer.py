"""The tree of regions: codes, levels, parents, points, and names that people write for a region."""

from __future__ import annotations

from itertools import combinations
from math import dist
from statistics import median

import pytest

from waspada.places import (
    PlaceLevel,
    children,
    is_within,
    level_of,
    parent,
    path,
    place,
    points,
    regency_of,
    regions,
    resolve_region,
)
from waspada.places.gazetteer import read_data, upper_rows, village_rows
from waspada.places.names import name_index, village_index


def test_country_has_38_provinces_and_514_kabupaten_and_kota() -> None:
    levels = [region.level for region in regions()]
    assert levels.count(PlaceLevel.PROVINCE) == 38
    assert levels.count(PlaceLevel.REGENCY) == 514
    assert len(children("")) == 38


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("63", "Kalimantan Selatan"),
        ("65", "Kalimantan Utara"),
        ("91", "Papua"),
        ("92", "Papua Barat"),
        ("93", "Papua Selatan"),
        ("94", "Papua Tengah"),
        ("95", "Papua Pegunungan"),
        ("96", "Papua Barat Daya"),
        ("63.03", "Kabupaten Banjar"),
        ("32.79", "Kota Banjar"),
        ("63.71", "Kota Banjarmasin"),
        ("62.71", "Kota Palangka Raya"),
        ("71.09", "Kabupaten Kepulauan Siau Tagulandang Biaro"),
        ("63.03.05", "Martapura"),
        ("63.72.04.1001", "Loktabat Utara"),
    ],
)
def test_codes_are_those_of_the_ministry(code: str, name: str) -> None:
    found = place(code)
    assert found is not None
    assert (found.code, found.name, found.level) == (code, name, level_of(code))


@pytest.mark.parametrize("code", ["", "6", "99", "63.99", "63.03.99", "63.03.05.9999", "6303", "63.03.05.20x1", "x"])
def test_unknown_codes_have_no_place(code: str) -> None:
    assert place(code) is None
    assert path(code) == []


@pytest.mark.parametrize("code", ["", "6303", "63.3", "63.03.05.20011", "\u0666\u0663"])
def test_level_of_says_what_a_code_looks_like(code: str) -> None:
    with pytest.raises(ValueError, match="codes look like"):
        level_of(code)


def test_path_goes_from_the_province_to_the_place() -> None:
    codes = [step.code for step in path("63.72.04.1001")]
    assert codes == ["63", "63.72", "63.72.04", "63.72.04.1001"]


def test_every_place_is_a_child_of_its_parent() -> None:
    for code, _ in upper_rows():
        above = parent(code)
        assert (above is None) == (len(code) == 2)
        assert code in {child.code for child in children(above.code if above else "")}


def test_children_of_a_province_and_of_a_kecamatan() -> None:
    assert len(children("63")) == 13
    villages = children("63.72.04")
    assert {village.level for village in villages} == {PlaceLevel.VILLAGE}
    assert "Loktabat Utara" in {village.name for village in villages}


def test_village_rows_hold_exactly_what_lies_in_the_region() -> None:
    kabupaten = village_rows("63.03")
    assert [row for code, _ in ((c, n) for c, n in village_rows("63")) for row in [code] if code[:5] == "63.03"] == [
        code for code, _ in kabupaten
    ]
    assert all(is_within(code, "63.03") for code, _ in kabupaten)
    assert village_rows("99") == []
    assert len(read_data("villages.csv.gz").splitlines()) == 83_763


@pytest.mark.parametrize(
    ("code", "region", "inside"),
    [
        ("63.03.05", "63.03", True),
        ("63.03", "63.03", True),
        ("63.03", "", True),
        ("63", "63.03", False),
        ("63.71", "63.7", False),
        ("32.79", "63", False),
    ],
)
def test_is_within_follows_whole_code_parts(code: str, region: str, inside: bool) -> None:
    assert is_within(code, region) is inside


def test_regency_of_a_province_is_none() -> None:
    assert regency_of("63") is None
    assert regency_of("63.03.05.2001") == "63.03"


#: Provinces of far islands: their kabupaten lie further apart than half the width of any other.
_WIDE_PROVINCES = {"21", "81", "82"}


def test_every_kabupaten_and_kota_has_a_point_near_those_of_its_province() -> None:
    found = points()
    assert set(found) == {region.code for region in regions() if region.level is PlaceLevel.REGENCY}
    assert len(found) == 514
    assert found["63.71"] == pytest.approx((-3.32, 114.59), abs=0.05)
    assert found["64.03"] == pytest.approx((2.15, 117.49), abs=0.1)
    for province in {code[:2] for code in found}:
        around = [point for code, point in found.items() if code[:2] == province]
        middle = [median(point[axis] for point in around) for axis in (0, 1)]
        assert all(-11.2 < lat < 6.2 and 95 < lon < 141.1 for lat, lon in around)
        reach = 6.0 if province in _WIDE_PROVINCES else 3.5
        assert all(max(abs(p[0] - middle[0]), abs(p[1] - middle[1])) < reach for p in around), province


def test_no_two_regions_share_a_point_and_none_is_listed_twice() -> None:
    rows = [
        line.split(",")[0] for name in ("points.csv", "points_own.csv") for line in read_data(name).splitlines()[1:]
    ]
    assert len(rows) == len(set(rows)) == 514
    found = list(points().values())
    assert all(dist(a, b) > 0.03 for a, b in combinations(found, 2))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kalsel", "63"),
        ("Kalteng", "62"),
        ("kaltim", "64"),
        ("KALBAR", "61"),
        ("kaltara", "65"),
        ("Kota Banjarmasin", "63.71"),
        ("kota administrasi jakarta pusat", "31.71"),
        ("kab. banjar", "63.03"),
        ("Kota Banjar", "32.79"),
        ("banjar", "63.03"),
        ("63.03", "63.03"),
        ("63.03.05.1001", "63.03.05.1001"),
        (" HST ", "63.07"),
        ("palangkaraya", "62.71"),
        ("Palangka Raya", "62.71"),
        ("Provinsi Gorontalo", "75"),
        ("Kabupaten Gorontalo", "75.01"),
        ("bogor", "32.71"),
        ("barabai", "63.07"),
        ("Kota Baru", "63.02"),
        ("Kecamatan Aluh-Aluh", "63.03.01"),
        ("nasional", None),
        ("sarawak", None),
        ("Kecamatan Simpang Empat", None),
        ("", None),
        ("63.99", None),
    ],
)
def test_resolve_region(text: str, code: str | None) -> None:
    assert resolve_region(text) == code


def test_hand_written_names_point_to_places_that_exist() -> None:
    for readings in name_index().regions.values():
        assert all(place(reading.code) is not None for reading in readings)


def test_every_kabupaten_has_a_seat_and_every_region_answers_to_its_own_name() -> None:
    seats = {line.split(",")[0] for line in read_data("towns.csv").splitlines()[1:]}
    kabupaten = {region.code for region in regions() if region.name.startswith("Kabupaten ")}
    assert seats == kabupaten
    for region in regions():
        assert resolve_region(region.name) == region.code


def test_names_with_a_slash_are_known_by_each_part() -> None:
    assert "62.13.02.1001" in village_index("62.13.02")["taniran"]
    assert "62.13.02.1001" in village_index("62.13.02")["pasarpanastaniran"]
