"""The shapes of a fact-check and of a match."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class MatchState(StrEnum):
    """How sure a match is. Only a person's word goes beyond `confirmed`; a suggestion never leads to another."""

    CANDIDATE = "candidate"
    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class FactCheck:
    """A published verdict on a claim: `claim` is what circulated, `title` the fact-check's headline."""

    id: Any
    claim: str
    title: str = ""
    verdict: str = ""
    url: str | None = None
    checked_on: date | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A fact-check that an item may repeat; `score` is 0..1."""

    claim_id: Any
    score: float
    state: MatchState

    def as_contract(self) -> dict[str, Any]:
        return {"claim_id": self.claim_id, "score": self.score, "state": self.state.value}
