"""The shapes of a topic, of the items that it tags, and of what is learned from persons' answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from waspada.errors import ConflictError
from waspada.taxonomy import ItemText


class TagOrigin(StrEnum):
    """What made an item belong to a topic. A machine never changes what a person set."""

    LIKENESS = "likeness"
    HEAD = "head"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class NewTopic:
    """What a person says of a new topic. `places` are Kemendagri codes; none is everywhere."""

    title: str
    description: str = ""
    examples: Sequence[str] = ()
    places: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TopicName:
    """A topic as a chip on an alert shows it."""

    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it stands. `threshold` is the cosine above which an item belongs to it, None while it waits for the
    worker; `failed_at` is when the model last could not read it; `tagged` counts its items, `answers` what persons said
    of them; `head` is the one in use."""

    id: int
    title: str
    description: str
    examples: Sequence[str]
    places: Sequence[str]
    threshold: float | None
    sampled: int
    model: str | None
    actor: str
    at: datetime
    off_at: datetime | None
    off_by: str | None
    failed_at: datetime | None
    tagged: int
    answers: int
    head: int | None

    @property
    def is_on(self) -> bool:
        return self.off_at is None


@dataclass(frozen=True, slots=True)
class Figures:
    """How a head did on answers that it had not seen, beside likeness: wrong answers, and the share (0..1) of pairs of
    a fitting and another item that it puts in the right order; and the share (0..1) of the stored items each takes."""

    answers: int
    fitting: int
    head_wrong: int
    likeness_wrong: int
    head_order: float
    likeness_order: float
    head_share: float = 0.0
    likeness_share: float = 0.0

    @property
    def head_is_better(self) -> bool:
        return self.head_wrong < self.likeness_wrong and self.head_order >= self.likeness_order


@dataclass(frozen=True, slots=True)
class Head:
    """A logistic regression over an embedding and its likeness to the topic: weights (dim + 1,)."""

    weights: NDArray[np.float32]
    bias: float
    cut: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said of an item, its embedding as stored (None where this model gave none), and its text."""

    item_id: int
    fits: bool
    embedding: NDArray[np.float32] | None
    text: ItemText


@dataclass(frozen=True, slots=True)
class StoredHead:
    """A head as it was tried, with what it was judged by."""

    version: int
    model: str
    used: bool
    figures: Figures
    at: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """What decides whether an item belongs to a topic: unit vectors (n, dim), the threshold, a head if one is used."""

    topic_id: int
    model: str
    vectors: NDArray[np.float32]
    threshold: float
    places: Sequence[str]
    head: Head | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An item belongs to a topic; `score` is a cosine of likeness or the probability of a head."""

    topic_id: int
    score: float
    how: TagOrigin


@dataclass(frozen=True, slots=True)
class TopicItem:
    """An item of a topic, and what a person said of it: `fits` None and revision 0 where nobody did."""

    item_id: int
    score: float | None
    how: TagOrigin | None
    fits: bool | None
    revision: int
    actor: str | None


@dataclass(frozen=True, slots=True)
class ItemAnswered:
    """A person said whether an item belongs to a topic."""

    topic_id: int
    item_id: int
    fits: bool
    revision: int
    actor: str
    at: datetime


class StaleAnswerError(ConflictError):
    """Somebody else answered first."""

    def __init__(self, item_id: int, actor: str | None, revision: int) -> None:
        super().__init__(
            f"Item {item_id} was answered by {actor or 'somebody'} since you looked at it.",
            hint="Look at it again, then decide.",
        )
        self.revision = revision
