"""The index of names: what a run of words can mean.

Names are keyed by their words joined without a blank, so that "Palangka Raya" and "Palangkaraya" are one. Built once
on first use from the gazetteer and the hand-written `aliases.csv` and `towns.csv` (a town that is the seat of a
kabupaten stands for it).
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from waspada.places.gazetteer import read_data, upper_rows, village_rows
from waspada.places.lexicon import CONTEXT_REGIONS, SPLIT_PREFIXES, VERY_WEAK_REGIONS, WEAK_REGIONS

_WORD = re.compile(r"[^\W_]+")
_BRACKETS = re.compile(r"\s*\([^)]*\)")
_KIND_PREFIX = re.compile(r"(?:Kabupaten|Kota|Provinsi)(?: Administrasi)? ")
_MAX_ACRONYM = 4
MAX_NAME_WORDS = 7


class Use(IntEnum):
    """What a name needs before it counts as a place."""

    STRONG = 0  # nothing
    WEAK = 1  # a sign of place (preposition, office) or a context of the same province
    VERY_WEAK = 2  # an office or a context of the same province
    CONTEXT = 3  # a sign of place and a context of the very kabupaten, or an office of its level


class Reading(NamedTuple):
    """One meaning of a name. `acronym`: only when written in capitals."""

    code: str
    use: Use
    acronym: bool = False


@dataclass(slots=True)
class NameIndex:
    """`regions`: provinces, kabupaten/kota, their towns and short forms. `districts`: kecamatan. Keys are joined names.

    `first_*` tells, by first word, how many words the longest name can have.
    """

    regions: dict[str, list[Reading]] = field(default_factory=dict)
    districts: dict[str, list[str]] = field(default_factory=dict)
    first_regions: dict[str, int] = field(default_factory=dict)
    first_districts: dict[str, int] = field(default_factory=dict)

    def add_region(self, name: str, reading: Reading) -> None:
        key = _enter(self.first_regions, name)
        known = self.regions.setdefault(key, [])
        if all(other.code != reading.code for other in known):
            known.append(reading)

    def add_district(self, name: str, code: str) -> None:
        key = _enter(self.first_districts, name)
        self.districts.setdefault(key, []).append(code)


def name_words(name: str) -> list[str]:
    return _WORD.findall(name.lower())


def name_key(name: str) -> str:
    return "".join(name_words(name))


@lru_cache(maxsize=1)
def name_index() -> NameIndex:
    index = NameIndex()
    for code, name in upper_rows():
        if len(code) == 8:
            for form in _spellings(name):
                index.add_district(form, code)
        else:
            bare = _KIND_PREFIX.sub("", name)
            for form in _region_forms(bare):
                index.add_region(form, Reading(code, _region_use(bare)))
    _add_hand_written(index)
    return index


def _add_hand_written(index: NameIndex) -> None:
    uses = {"": Use.STRONG, "w": Use.WEAK, "p": Use.VERY_WEAK, "c": Use.CONTEXT}
    for row in csv.DictReader(io.StringIO(read_data("aliases.csv"))):
        alias = row["alias"]
        acronym = alias.isupper() and len(alias) <= _MAX_ACRONYM
        for form in _region_forms(alias):
            index.add_region(form, Reading(row["code"], uses[row["use"]], acronym))
    for row in csv.DictReader(io.StringIO(read_data("towns.csv"))):
        index.add_region(row["town"], Reading(row["code"], uses[row["use"]]))


def _enter(first: dict[str, int], name: str) -> str:
    words = name_words(name)
    key = "".join(words)
    first[words[0]] = max(first.get(words[0], 0), len(words))
    if len(words) > 1:
        first.setdefault(key, 1)
    if len(words) > 2:
        pair = words[0] + words[1]
        first[pair] = max(first.get(pair, 0), len(words) - 1)
    for prefix in SPLIT_PREFIXES:
        if words[0].startswith(prefix) and len(words[0]) > len(prefix) + 2:
            first[prefix] = max(first.get(prefix, 0), len(words) + 1)
    return key


def _region_use(bare: str) -> Use:
    key = name_key(bare)
    if key in CONTEXT_REGIONS:
        return Use.CONTEXT
    if key in VERY_WEAK_REGIONS:
        return Use.VERY_WEAK
    return Use.WEAK if key in WEAK_REGIONS else Use.STRONG


def _region_forms(name: str) -> list[str]:
    """A name with the other ways to write its words."""
    forms = [name]
    if "Kepulauan" in name:
        forms.append(name.replace("Kepulauan", "Kep"))
    if "Sumatera" in name:
        forms.append(name.replace("Sumatera", "Sumatra"))
    if "Pegunungan" in name:
        forms.append(name.replace("Pegunungan", "Peg"))
    return forms


def _spellings(name: str) -> list[str]:
    """ "Tiro/Truseb" is known by the whole and by each part; what stands in brackets is left out."""
    bare = _BRACKETS.sub("", name)
    parts = [part.strip() for part in bare.split("/")]
    return [bare] if len(parts) == 1 else [bare, *(part for part in parts if len(part) > 3)]


@lru_cache(maxsize=512)
def village_index(region: str) -> dict[str, tuple[str, ...]]:
    """Joined name -> codes of the desa/kelurahan in `region` (a province, kabupaten/kota or kecamatan)."""
    found: dict[str, list[str]] = {}
    for code, name in village_rows(region):
        for form in _spellings(name):
            found.setdefault(name_key(form), []).append(code)
    return {key: tuple(codes) for key, codes in found.items()}
