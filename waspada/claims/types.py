"""The shapes of a fact-check, of a match, and of what persons say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

#: Names the way in which `waspada.claims.matching` scores by words alone; with embeddings the model's name comes behind
#: it (`way_of`). A change of its scale, or of what is embedded of a fact-check, needs a new name: thresholds, decisions
#: and vectors of another one are not used for it.
MATCHER = "claims-3"


def way_of(model: str | None) -> str:
    """The name of the way of scoring with a model's embeddings, or without any."""
    return MATCHER if model is None else f"{MATCHER} {model}"[:80]  # so long is the column


class MatchState(StrEnum):
    """How sure a match is. Only a person's word goes beyond `confirmed`; a suggestion never leads to another."""

    CANDIDATE = "candidate"
    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"  # by a person; the machine never says so


class MatchOrigin(StrEnum):
    """Who set the state of a stored match. A machine never changes what a person set."""

    MACHINE = "machine"
    PERSON = "person"


class CheckOrigin(StrEnum):
    """Where a fact-check came from: an outlet's own article, a file or the API, or a verdict of this desk."""

    OUTLET = "outlet"
    IMPORTED = "imported"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class FactCheck:
    """A published verdict on a claim: `claim` is what circulated, `title` the fact-check's headline.

    `vectors` (texts, d) are embeddings of `waspada.claims.matching.texts_of` it, where they are kept.
    """

    id: Any
    claim: str
    title: str = ""
    verdict: str = ""
    url: str | None = None
    checked_on: date | None = None
    vectors: NDArray[np.float16] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Match:
    """A fact-check that an item may repeat; `score` is 0..1. `is_clear`: none on something else is about as near."""

    claim_id: Any
    score: float
    state: MatchState
    is_clear: bool = True

    def as_contract(self) -> dict[str, Any]:
        return {"claim_id": self.claim_id, "score": self.score, "state": self.state.value}


class Index(Protocol):
    """What the matching job needs of `waspada.claims.matching.ClaimIndex`."""

    def match(
        self, title: str, text: str, on: date | None = None, vector: NDArray[np.float32] | None = None
    ) -> list[Match]:
        """The fact-checks that an item of this day, with this embedding where it is known, may repeat, best first."""

    def add(self, claims: Sequence[FactCheck]) -> None:
        """Takes fact-checks in; one with the id of another takes its place."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score (0..1) on a match is suggested and confirmed."""

    suggested_from: float
    confirmed_from: float

    def state_of(self, score: float, is_clear: bool = True) -> MatchState:
        """Whatever the thresholds are, between two that are about as near a person chooses."""
        if score >= self.confirmed_from and is_clear:
            return MatchState.CONFIRMED
        return MatchState.SUGGESTED if score >= self.suggested_from else MatchState.CANDIDATE


@dataclass(frozen=True, slots=True)
class StoredThresholds:
    """Thresholds that somebody had fitted, for one way of scoring. `detail` holds the figures they rest on."""

    id: int
    model: str
    thresholds: Thresholds
    actor: str
    at: datetime
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CheckView:
    """A stored fact-check. `url` is None where it would name who posted it; texts are as stored, not masked."""

    id: str
    claim: str
    title: str
    verdict: str
    url: str | None
    outlet: str
    checked_on: date | None
    origin: CheckOrigin
    actor: str | None
    reason: str
    added_at: datetime | None
    seq: int


@dataclass(frozen=True, slots=True)
class MatchView:
    """A stored match with its fact-check."""

    id: int
    item_id: int
    state: MatchState
    origin: MatchOrigin
    score: float
    actor: str
    at: datetime
    reason: str
    model: str
    revision: int
    check: CheckView

    @property
    def rank(self) -> tuple[bool, bool, float, int]:
        """The greater, the more is known: a person's confirmation, the machine's, a suggestion; then the score."""
        confirmed = self.state is MatchState.CONFIRMED
        return confirmed and self.origin is MatchOrigin.PERSON, confirmed, self.score, -self.id


def best_of(matches: Iterable[MatchView]) -> MatchView | None:
    """The match that a reader should know of first; what a person rejected is none."""
    standing = [one for one in matches if one.state is not MatchState.REJECTED]
    return max(standing, key=lambda one: one.rank, default=None)


@dataclass(frozen=True, slots=True)
class MatchEventView:
    """One step of a match; `to_state` None says that the machine took its suggestion back."""

    at: datetime
    actor: str
    from_state: str | None
    to_state: str | None
    reason: str
    score: float
    model: str


@dataclass(frozen=True, slots=True)
class Imported:
    """How many fact-checks an import added, changed, found as they were, and could not use."""

    new: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0

    def __add__(self, other: Imported) -> Imported:
        return Imported(
            self.new + other.new, self.changed + other.changed, self.same + other.same, self.bad + other.bad
        )


@dataclass(frozen=True, slots=True)
class VerdictGiven:
    """A verdict of this desk as somebody gave it, whatever came later."""

    at: datetime
    actor: str
    verdict: str
    url: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class VerdictAdded:
    """An own verdict stands; `is_new` is False where there was one on the same claim."""

    claim_id: str
    is_new: bool
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MatchDecided:
    """A person confirmed or rejected a match."""

    match_id: int
    item_id: int
    from_state: MatchState
    to_state: MatchState
    revision: int
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on a match, for fitting thresholds. `group` is the fact-check's id."""

    score: float
    confirmed: bool
    group: str
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What fitting came to. `used` is False where the prior stays, and `why` says why; figures are shares 0..1."""

    thresholds: Thresholds
    used: bool
    why: str
    figures: dict[str, float]
