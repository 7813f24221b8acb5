"""A name that has become a place."""

from __future__ import annotations

from dataclasses import dataclass

from waspada.places.candidates import Candidate
from waspada.places.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Settled:
    """Words `first..last` of a field that have become the place `code`; `marked`: a kind word says so."""

    tokens: Tokens
    first: int
    last: int
    code: str
    marked: bool


def settle(candidate: Candidate, last: int, code: str) -> list[Settled]:
    return [Settled(candidate.tokens, candidate.span_first, last, code, candidate.kind is not None)]
