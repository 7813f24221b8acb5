"""What surrounds every page: the ways to other pages, the keys, the look. Page modules declare their part of it.

A page module that wants to be in the navigation has `NAV`, one whose pages know keys of their own has `KEYS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import ModuleType

from api.console.bundles import Bundle, form_script, script, style
from waspada.access.types import Action

#: So many entries stand side by side; with more, the last ones go behind "More".
MOST_SIDE_BY_SIDE = 7


@dataclass(frozen=True, slots=True)
class Nav:
    """An entry of the navigation, for those who may do `action`; small `order` first. `go` is its key after "g"."""

    key: str
    href: str
    title: str
    action: Action
    order: int
    go: str = ""

    def holds(self, path: str) -> bool:
        """Whether an address belongs to this entry."""
        return path == self.href or path.startswith(f"{self.href}/")


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of some pages: (key, what it does); templates have them as `keys.KEY`. A sequence has a space: "g a"."""

    key: str
    title: str
    rows: Sequence[tuple[str, str]]
    order: int


@dataclass(frozen=True, slots=True)
class Frame:
    nav: Sequence[Nav]
    keys: Sequence[Keys]
    style: Bundle
    script: Bundle
    form_script: Bundle


@dataclass(frozen=True, slots=True)
class Bar:
    """The navigation of one page: what stands side by side, and what is behind "More"."""

    first: tuple[Nav, ...]
    rest: tuple[Nav, ...]
    current: Nav | None

    @property
    def every(self) -> Sequence[Nav]:
        return [*self.first, *self.rest]


def frame_of(modules: Iterable[ModuleType]) -> Frame:
    """The frame that page modules declare. Raises ValueError where two of them want the same key."""
    found = list(modules)
    nav = [module.NAV for module in found if hasattr(module, "NAV")]
    keys = [module.KEYS for module in found if hasattr(module, "KEYS")]
    _once("navigation", (one.key for one in nav))
    _once("key after g", (one.go for one in nav if one.go))
    _once("group of keys", (one.key for one in keys))
    return Frame(
        nav=sorted(nav, key=lambda one: (one.order, one.key)),
        keys=sorted(keys, key=lambda one: (one.order, one.key)),
        style=style(),
        script=script(),
        form_script=form_script(),
    )


def bar(nav: Sequence[Nav], is_seen: Callable[[Nav], bool], path: str) -> Bar:
    """What a reader sees of the navigation on the page at `path`."""
    seen = tuple(one for one in nav if is_seen(one))
    cut = len(seen) if len(seen) <= MOST_SIDE_BY_SIDE else MOST_SIDE_BY_SIDE - 1
    return Bar(seen[:cut], seen[cut:], next((one for one in seen if one.holds(path)), None))


def _once(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"Two pages want the same {what}: {name}")
        seen.add(name)
