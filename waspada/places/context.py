"""What an item says about where it is, gathered while its names are resolved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from waspada.places.gazetteer import is_within, regency_of

_NEXT_TO_PARENT = 8.0
_SAME_REGENCY = 4.0
_POSSIBLE_REGENCY = 1.5
_SAME_PROVINCE = 2.5
_HOME_REGENCY = 3.0
_HOME_PROVINCE = 2.0
#: From here on a meaning fits the province of the item or of its outlet.
FITS_PROVINCE = 2.0
#: From here on it fits the kabupaten/kota.
FITS_REGENCY = 3.0


@dataclass(slots=True)
class Context:
    """What is settled so far. `home` is the code of the outlet's region.

    `provinces`, `regencies` and `districts` are named for sure; `possible` are kabupaten/kota that a shared name names.
    """

    home: str | None
    regencies: set[str] = field(default_factory=set)
    provinces: set[str] = field(default_factory=set)
    possible: set[str] = field(default_factory=set)
    districts: set[str] = field(default_factory=set)

    def note(self, code: str) -> None:
        """A place that the item names for sure speaks for its region."""
        regency = regency_of(code)
        if regency is not None:
            self.regencies.add(regency)
        self.provinces.add(code[:2])
        if len(code) >= 8:
            self.districts.add(code[:8])

    def fit(self, code: str, parents: Iterable[str] = ()) -> float:
        """How well a meaning fits: a sum of what speaks for it. 0 when nothing does."""
        score = 0.0
        regency = regency_of(code)
        if any(is_within(code, parent) for parent in parents):
            score += _NEXT_TO_PARENT
        if regency is not None and regency in self.regencies:
            score += _SAME_REGENCY
        if self.names_area(code):
            score += _SAME_PROVINCE
        return score + self._home_fit(code)

    def fit_local(self, code: str, parents: Iterable[str] = ()) -> float:
        """`fit` for a kecamatan, to which a shared name of its kabupaten/kota leads too."""
        return self.fit(code, parents) + (_POSSIBLE_REGENCY if regency_of(code) in self.possible else 0.0)

    def _home_fit(self, code: str) -> float:
        if self.home is None or _area(self.home) != _area(code):
            return 0.0
        return _HOME_REGENCY if len(self.home) >= 5 and is_within(code, self.home[:5]) else _HOME_PROVINCE

    def names_area(self, code: str) -> bool:
        """Whether the item names a place of the same province; the six provinces of Papua count as one."""
        return any(_area(province) == _area(code) for province in self.provinces)

    def agrees(self, code: str, parents: tuple[str, ...]) -> bool:
        """False where the region right behind lies elsewhere ("Puncak, Jawa Barat" is not in Papua)."""
        return not parents or any(_area(parent) == _area(code) for parent in parents)

    def fits_regency(self, code: str, parents: Iterable[str] = ()) -> bool:
        """Whether the item, or a home that is a kabupaten/kota, names the very kabupaten/kota of `code`."""
        regency = regency_of(code)
        at_home = self.home is not None and len(self.home) >= 5 and regency == self.home[:5]
        near = any(len(parent) >= 5 and is_within(code, parent) for parent in parents)
        return near or at_home or (regency is not None and regency in self.regencies | self.possible)

    def best_fit(self, codes: Iterable[str], parents: Iterable[str] = ()) -> str | None:
        """The one kecamatan that fits best; None where two fit alike or none fits at all."""
        parents = tuple(parents)
        ranked = sorted(((self.fit_local(code, parents), code) for code in codes), reverse=True)
        if not ranked or ranked[0][0] <= 0:
            return None
        return None if len(ranked) > 1 and ranked[0][0] == ranked[1][0] else ranked[0][1]


def _area(code: str) -> str:
    """The province; for Papua, which papers still write of as one, the whole of it."""
    return "9" if code.startswith("9") else code[:2]
