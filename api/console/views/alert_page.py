"""What the page of an alert shows beside its card: reports by outlet, places with where they come from, neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.console.regions import place_name
from api.console.views.items import ItemCard, item_cards
from waspada import places
from waspada.alerts.compare import Comparison
from waspada.alerts.exits import mask
from waspada.alerts.neighbours import Neighbours
from waspada.alerts.types import AlertDetail, AlertSummary, ItemView

#: Reports of an outlet, and outlets, that are seen without unfolding.
REPORTS_SEEN = 2
OUTLETS_SEEN = 6


@dataclass(frozen=True, slots=True)
class Outlet:
    """The reports of one outlet, the newest first: those that are seen, and those that are folded."""

    name: str
    seen: Sequence[ItemCard]
    folded: Sequence[ItemCard]

    @property
    def count(self) -> int:
        return len(self.seen) + len(self.folded)


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A region of the alert. `reports` counts the shown reports that name it or a place in it; `happened` is where the
    event is put."""

    code: str
    name: str
    happened: bool
    reports: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    id: int
    headline: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Beside:
    """The alerts right above and below in the default list; None beyond its ends."""

    is_listed: bool
    above: Neighbour | None
    below: Neighbour | None


def by_outlet(items: Sequence[ItemView]) -> list[Outlet]:
    """Outlets that report in their own words first, the newest report first; an outlet's reports newest first."""
    groups: dict[str, list[ItemView]] = {}
    for item in items:
        groups.setdefault(item.outlet, []).append(item)
    ordered = sorted(groups.items(), key=lambda group: max(map(_freshness, group[1])), reverse=True)
    return [_outlet(name, members) for name, members in ordered]


def _freshness(item: ItemView) -> tuple[bool, datetime, int]:
    return item.how != "copy", item.at, item.id


def _outlet(name: str, members: Sequence[ItemView]) -> Outlet:
    newest = sorted(members, key=lambda item: (item.at, item.id), reverse=True)
    cards = [item_cards([item])[0] for item in newest]
    return Outlet(name, cards[:REPORTS_SEEN], cards[REPORTS_SEEN:])


def places_of(detail: AlertDetail) -> list[PlaceLine]:
    """The regions of the alert, the one where it happened first."""
    named = [{place.code for place in item.places} for item in detail.items]
    return [_place_line(code, number == 0, named) for number, code in enumerate(detail.summary.regions)]


def _place_line(code: str, happened: bool, named: Sequence[set[str]]) -> PlaceLine:
    return PlaceLine(
        code=code,
        name=place_name(code),
        happened=happened,
        reports=sum(any(places.is_within(one, code) for one in codes) for codes in named),
    )


def beside(found: Neighbours) -> Beside:
    return Beside(
        found.is_listed,
        _neighbour(found.above, found.above.upper) if found.above else None,
        _neighbour(found.below, found.below.lower) if found.below else None,
    )


def _neighbour(found: Comparison, alert: AlertSummary) -> Neighbour:
    return Neighbour(alert.id, mask(alert.headline), found.sentence)
