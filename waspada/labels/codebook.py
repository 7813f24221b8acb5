"""The codebook as the labelling desk needs it: its version, and which key sets what. Its rules stand in
docs/codebook.md, in short on the desk itself (`api.console.words.LABEL_RULES`)."""

from __future__ import annotations

from collections.abc import Mapping

from waspada.taxonomy import FIELDS

#: Stamped on every label.
VERSION = "1.1"
#: Digit -> field. Pressed again a field goes one value up, and after its highest back to 0.
KEYS: Mapping[str, str] = {
    "1": "conflict",
    "2": "polarization",
    "3": "neutrality",
    "4": "misinformation",
    "5": "fraud",
    "6": "logistics",
    "7": "disaster",
    "8": "election",
    "9": "alert",
    "0": "foreign",
}
#: What a text is about, how much it is wanted and where: no sentence shows it, so that none is marked for it unasked.
WITHOUT_EVIDENCE = frozenset({"election", "alert", "foreign"})
#: Fields whose values are steps of one scale. Those of `misinformation` are kinds: 2 is not more than 1.
LEVELS = ("conflict", "alert")


def nothing() -> dict[str, int]:
    """The values of an item that has none of it."""
    return dict.fromkeys(FIELDS, 0)


def pressed(values: Mapping[str, int], key: str) -> dict[str, int]:
    """The values after a digit was pressed. Raises KeyError for a key that sets nothing."""
    field = KEYS[key]
    return {**values, field: (values[field] + 1) % (FIELDS[field] + 1)}


def distance(field: str, one: int, other: int) -> int:
    """How far two values of a field lie apart: steps of a level, else 1 where they differ."""
    return abs(one - other) if field in LEVELS else int(one != other)
