"""A name that has become a place."""

from __future__ import annotations

from dataclasses import dataclass

from waspada.places.candidates import Candidate
from waspada.places.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Settled:
    """Words `first..last` of a field that have become the place `code`.

    `marked`: a kind word says so; `of_level`: a kind word or an office ("Bupati") tells its level.
    """

    tokens: Tokens
    first: int
    last: int
    code: str
    marked: bool
    of_level: bool = False


def settle(candidate: Candidate, last: int, code: str) -> list[Settled]:
    of_level = candidate.level_hint is not None
    return [Settled(candidate.tokens, candidate.span_first, last, code, candidate.kind is not None, of_level)]
