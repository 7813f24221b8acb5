"""The regions that an item names, weighed by where they stand. `focus.py` tells which of them is the event's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from waspada.places.gazetteer import is_within, regency_of
from waspada.places.types import PlaceLevel, PlaceMention

_TITLE = 3.0
_LEAD, _LEAD_CHARS = 2.0, 250
_EARLY, _EARLY_CHARS = 1.0, 700
_LATE = 0.4
#: A dateline ("JAKARTA, ...") says where the desk sits; in the capital that says nothing about the event.
_DATELINE_CHARS = 45
_CAPITAL = "31"
_DATELINE = 0.3
_LEVEL_FACTOR = {
    PlaceLevel.PROVINCE: 0.8,
    PlaceLevel.REGENCY: 1.0,
    PlaceLevel.DISTRICT: 1.2,
    PlaceLevel.VILLAGE: 1.3,
}
_HOME_FACTOR = 1.1
#: What a repeated name adds, relative to the time before.
_REPEAT = 0.5


def main_regions(mentions: Sequence[PlaceMention], home: str | None = None) -> list[str]:
    """Codes of the kabupaten/kota that an item names, best first; a province only where nothing finer of it is named.

    Each mention weighs by where it stands (title 3, the first 250 characters 2, up to 700 characters 1, then 0.4) and
    by level (a desa says more than a province); a name said again adds half as much each time. `home` only breaks
    near ties, by a tenth. Empty when there are no mentions.
    """
    weights: dict[str, list[float]] = defaultdict(list)
    for mention in mentions:
        weights[regency_of(mention.code) or mention.code].append(_weight(mention))
    finer = {code[:2] for code in weights if len(code) > 2}
    scores = {
        code: _sum_fading(parts) * (_HOME_FACTOR if home and is_within(code, home) else 1.0)
        for code, parts in weights.items()
        if len(code) > 2 or code not in finer
    }
    return sorted(scores, key=lambda code: (-scores[code], code))


def _weight(mention: PlaceMention) -> float:
    factor = _LEVEL_FACTOR[mention.level]
    if mention.field == "title":
        return _TITLE * factor
    if mention.start < _DATELINE_CHARS and mention.code == _CAPITAL:
        return _DATELINE
    if mention.start < _LEAD_CHARS:
        return _LEAD * factor
    return (_EARLY if mention.start < _EARLY_CHARS else _LATE) * factor


def _sum_fading(parts: list[float]) -> float:
    return sum(part * _REPEAT**rank for rank, part in enumerate(sorted(parts, reverse=True)))
