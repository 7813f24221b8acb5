"""Regions as a page names them, and the tree to choose one from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from waspada import places

place_name = places.full_name


@dataclass(frozen=True, slots=True)
class RegionChoice:
    """One line of the region tree; `depth` indents it."""

    code: str
    name: str
    depth: int


@lru_cache(maxsize=500)
def region_choices(home: str, chosen: str) -> tuple[RegionChoice, ...]:
    """The tree around the desk's region: its way down, its children, and the same around the region chosen."""
    found: dict[str, RegionChoice] = {}
    for code in (home, chosen):
        for step in places.path(code) if code else []:
            _add(found, step.code, step.name)
        for child in places.children(code) if code and len(code) < 8 else []:
            _add(found, child.code, child.name)
    if len(home) == 2 or not home:
        for province in places.children(""):
            _add(found, province.code, province.name)
    return tuple(sorted(found.values(), key=lambda choice: (choice.code[:2] != home[:2], choice.code)))


def own_choices(within: str | None, home: str, chosen: str) -> list[RegionChoice]:
    """The same, as far as an account reaches that is bound to the region `within`."""
    return [one for one in region_choices(home, chosen) if within is None or places.is_within(one.code, within)]


def _add(found: dict[str, RegionChoice], code: str, name: str) -> None:
    found.setdefault(code, RegionChoice(code, name, code.count(".")))
