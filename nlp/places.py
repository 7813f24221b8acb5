"""The door to the gazetteer: place mentions of an item, found by `waspada.places`.

Imported on first use, so that a tagger can be loaded (and its embedding used) without reading the gazetteer.
"""

from __future__ import annotations

from collections.abc import Sequence

from waspada.places.types import PlaceMention
from waspada.taxonomy import ItemText


def places_of(item: ItemText) -> Sequence[PlaceMention]:
    """Mentions in title and text, with the home region of the outlet as the prior."""
    from waspada.places.mentions import find_places

    return find_places(item.title, item.text, item.home)
