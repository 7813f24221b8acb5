"""The tree of Indonesian regions: provinces, kabupaten/kota, kecamatan, desa/kelurahan, with Kemendagri codes.

Pure look-ups on data files that ship in `waspada/places/data` (see SOURCES.md there). The first call reads the upper
three levels (7,837 rows, some 20 ms); the 83,762 villages are read only when a village is asked for.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from functools import lru_cache
from importlib import resources

from waspada.places.types import Place, PlaceLevel

_LEVEL_BY_LENGTH = {
    2: PlaceLevel.PROVINCE,
    5: PlaceLevel.REGENCY,
    8: PlaceLevel.DISTRICT,
    13: PlaceLevel.VILLAGE,
}
_CODE = re.compile(r"\d{2}(?:\.\d{2}(?:\.\d{2}(?:\.\d{4})?)?)?", re.ASCII)


def read_data(name: str) -> str:
    """The text of a data file of this room; `.gz` files are unpacked. UTF-8."""
    raw = resources.files("waspada.places").joinpath("data").joinpath(name).read_bytes()
    return (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8")


def level_of(code: str) -> PlaceLevel:
    """The level that the form of `code` stands for.

    Raises:
        ValueError: `code` has not the form of a Kemendagri code ("63", "63.03", "63.03.05", "63.03.05.2001").
    """
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is not a region code; codes look like 63, 63.03, 63.03.05 or 63.03.05.2001.")
    return _LEVEL_BY_LENGTH[len(code)]


def place(code: str) -> Place | None:
    """The place with this code, or None where there is none."""
    if len(code) == 13:
        return _village(code)
    name = _upper_names().get(code)
    return None if name is None else Place(code, name, _LEVEL_BY_LENGTH[len(code)])


def parent(code: str) -> Place | None:
    """The region one level up; None for a province and for a code without a place above it."""
    above = code.rpartition(".")[0]
    return place(above) if above else None


def path(code: str) -> list[Place]:
    """Province, ..., the place itself. Empty when there is no such place."""
    if place(code) is None:
        return []
    parts = code.split(".")
    steps = (place(".".join(parts[:depth])) for depth in range(1, len(parts) + 1))
    return [step for step in steps if step is not None]


def full_name(code: str) -> str:
    """A kecamatan or desa with the kabupaten/kota that it lies in, anything above by its own name.

    An unknown code stands for itself.
    """
    way = path(code)
    if not way:
        return code
    return way[-1].name if len(way) <= 2 else f"{way[-1].name}, {way[1].name}"


def children(code: str) -> list[Place]:
    """The places one level below `code`, in code order. "" stands for the country: its children are the provinces."""
    if len(code) == 8:
        return [Place(child, name, PlaceLevel.VILLAGE) for child, name in village_rows(code)]
    return [Place(c, n, _LEVEL_BY_LENGTH[len(c)]) for c, n in _upper_children().get(code, ())]


def regions() -> list[Place]:
    """All provinces and all kabupaten/kota (38 + 514), in code order."""
    return [Place(c, n, _LEVEL_BY_LENGTH[len(c)]) for c, n in _upper_names().items() if len(c) <= 5]


def is_within(code: str, region: str) -> bool:
    """Whether `code` is `region` or lies in it; everything lies in ""."""
    return not region or code == region or code.startswith(region + ".")


def regency_of(code: str) -> str | None:
    """The code of the kabupaten/kota that `code` is or lies in; None for a province."""
    return code[:5] if len(code) >= 5 else None


def regency_or_self(code: str) -> str:
    """The kabupaten/kota that `code` is or lies in; a province stands for itself."""
    return code[:5]


def upper_rows() -> list[tuple[str, str]]:
    """(code, name) of every province, kabupaten/kota and kecamatan, in code order."""
    return list(_upper_names().items())


def village_rows(region: str) -> list[tuple[str, str]]:
    """(code, name) of every desa/kelurahan in `region` (a province, kabupaten/kota or kecamatan), in code order."""
    text = _village_text()
    start = text.find(f"\n{region}.")
    if start < 0:
        return []
    end = text.find("\n", text.rfind(f"\n{region}.") + 1)
    lines = text[start + 1 : end].split("\n")
    return [(line[:13], line[14:]) for line in lines]


@lru_cache(maxsize=1024)
def only_village(name: str) -> str | None:
    """The code of the one desa/kelurahan of the country with this name (any case); None where there are several."""
    text = _lower_village_text()
    at = text.find(f",{name.lower()}\n")
    if at < 0 or text.find(f",{name.lower()}\n", at + 1) >= 0:
        return None
    return text[at - 13 : at]


@lru_cache(maxsize=1)
def points() -> dict[str, tuple[float, float]]:
    """(latitude, longitude) in degrees, WGS 84, of the seat of each kabupaten/kota: all 514.

    From GeoNames, and from the hand-written `points_own.csv` (to a tenth of a degree) for those that it does not have.
    """
    rows = [row for name in ("points.csv", "points_own.csv") for row in csv.DictReader(io.StringIO(read_data(name)))]
    return {row["code"]: (float(row["lat"]), float(row["lon"])) for row in rows}


@lru_cache(maxsize=1)
def _upper_names() -> dict[str, str]:
    lines = read_data("regions.csv.gz").splitlines()[1:]
    return {code: name for code, _, name in (line.partition(",") for line in lines)}


@lru_cache(maxsize=1)
def _upper_children() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for code, name in _upper_names().items():
        found.setdefault(code.rpartition(".")[0], []).append((code, name))
    return found


@lru_cache(maxsize=1)
def _village_text() -> str:
    return read_data("villages.csv.gz")


@lru_cache(maxsize=1)
def _lower_village_text() -> str:
    return _village_text().lower()


@lru_cache(maxsize=8192)
def _village(code: str) -> Place | None:
    if not _CODE.fullmatch(code):
        return None
    text = _village_text()
    at = text.find(f"\n{code},")
    if at < 0:
        return None
    return Place(code, text[at + 15 : text.find("\n", at + 1)], PlaceLevel.VILLAGE)
