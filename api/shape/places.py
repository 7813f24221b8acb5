"""From what the store says of places to the documents of the API."""

from __future__ import annotations

from api import schemas
from waspada import places


def place(code: str) -> schemas.PlaceOut:
    """A code that the gazetteer does not know (any more) stands for itself."""
    found = places.place(code)
    return schemas.PlaceOut(code=code, name=found.name if found else code, level=found.level if found else "unknown")
