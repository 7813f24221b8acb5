"""The shapes of grouping."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from waspada.stories.facts import Facts
from waspada.stories.terms import Terms
from waspada.taxonomy import ItemKind, Label


class How(StrEnum):
    """Why an item stands in its story."""

    FIRST = "first"  # it opened the story
    COPY = "copy"  # near-duplicate of a member
    EVENT = "event"  # other words, same place, time and content


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What grouping looks at in an item.

    `at` is None when the item has no date of its own: it then joins by content alone. `regions` are codes of where it
    happened: the finest that it tells, those above it up to the kabupaten/kota (or the province alone), then others
    where as much happened; `is_placed` is False where the text tells none and they are the outlet's home. `labels` are
    the event labels that are on. `shingles` are empty for a candidate that shares no band: it cannot be a copy. `dense`
    is the unit vector that `model` made of the item, None where there is none.
    """

    item_id: int
    kind: ItemKind
    at: datetime | None
    shingles: frozenset[str]
    terms: Terms
    regions: tuple[str, ...]
    labels: frozenset[Label]
    is_placed: bool = True
    outlet: str = ""
    facts: Facts = field(default_factory=Facts)
    dense: NDArray[np.float32] | None = field(default=None, compare=False)
    model: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of a story that the item may belong to."""

    story_id: int
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Join:
    """The decision: the story to join, or None for a new one, with the reason and the likeness (0..1)."""

    story_id: int | None
    how: How
    likeness: float
