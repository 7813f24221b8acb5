"""Which part of the country a map shows, and which of its regions: pure decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from waspada import places
from waspada.errors import NotFoundError
from waspada.places import Place
from waspada.sources.coverage import KALIMANTAN, regions_in

#: Stands for the five provinces of Kalimantan, beside the codes of regions.
ISLAND = "kalimantan"


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the country. `region` is the code that an alert must stand in, None for the country and the island;
    `holders` are the regions of which it must stand in one, empty where `region` says it already."""

    word: str
    region: str | None
    holders: Sequence[str]
    regions: Sequence[Place]

    @property
    def depth(self) -> int:
        """Characters of the codes of its regions."""
        return len(self.regions[0].code)

    def holds(self, code: str) -> bool:
        return places.is_within(code, self.region or "") and (not self.holders or code[:2] in self.holders)


def area_of(word: str | None, within: str | None) -> Area:
    """The area of a code, of `ISLAND`, or (None) of the country, no wider than what the reader is bound to.

    Raises NotFoundError for a region that is none, or lies elsewhere.
    """
    if within is not None and (not word or word == ISLAND or places.is_within(within, word)):
        if word == ISLAND and within[:2] not in KALIMANTAN:
            raise _no_region(word)
        word = within
    if not word:
        return Area("", None, (), regions_in())
    if word == ISLAND:
        return Area(word, None, KALIMANTAN, [one for one in regions_in() if one.code[:2] in KALIMANTAN])
    if places.place(word) is None or (within is not None and not places.is_within(word, within)):
        raise _no_region(word)
    return Area(word, word, (), regions_in(word))


def _no_region(word: str) -> NotFoundError:
    return NotFoundError(f"There is no region {word} in your area.", hint="/api/v1/places lists the provinces.")
