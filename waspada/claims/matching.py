"""Which fact-checks an item may repeat: words and character runs, weighted by how rare they are among the claims.

A TF-IDF cosine (Salton and Buckley 1988) over words and 4-character runs within words; the runs find leet-free spelling
variants, affixes and Banjar forms. The two thresholds set only the state of a match, never whether it is listed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from waspada.claims.types import FactCheck, Match, MatchState
from waspada.items.policy import normalised

BEST = 10
#: Scores that 5 % and 0.5 % of news headlines without a fact-check reach among 8,000 fact-checks; chosen on one half
#: of 4,000 headlines by `python -m benchmarks.claims` (docs/claims.md).
SUGGESTED_FROM = 0.44
CONFIRMED_FROM = 0.56
_RUN = 4
#: A circulating text can be long; its claim stands at the start.
_QUERY_CHARS = 1_500


class ClaimIndex:
    """An inverted index over fact-checks, in memory. The cost of a look-up grows with matching postings only."""

    def __init__(self, claims: Sequence[FactCheck]) -> None:
        self._claims = list(claims)
        counts = [Counter(terms(f"{claim.title} {claim.claim}")) for claim in self._claims]
        seen_in = Counter(term for count in counts for term in count)
        total = len(self._claims)
        self._idf = {term: math.log(1 + total / n) for term, n in seen_in.items()}
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, count in enumerate(counts):
            for term, weight in self._vector(count).items():
                self._postings[term].append((number, weight))

    def add(self, claims: Sequence[FactCheck]) -> None:
        """Takes further fact-checks in: how rare a term is depends on all of them, so all weights are made anew."""
        whole = ClaimIndex([*self._claims, *claims])
        self._claims, self._idf, self._postings = whole._claims, whole._idf, whole._postings

    def match(self, title: str, text: str, on: date | None = None) -> list[Match]:
        """The best ten fact-checks for an item (fewer only when there are fewer), best first. Its day tells nothing."""
        scores = dict.fromkeys(range(min(BEST, len(self._claims))), 0.0)
        for term, weight in self._vector(Counter(terms(f"{title} {text}"[:_QUERY_CHARS]))).items():
            for number, other in self._postings.get(term, ()):
                scores[number] = scores.get(number, 0.0) + weight * other
        best = sorted(scores, key=lambda number: (-scores[number], number))[:BEST]
        return [self._match(number, scores[number]) for number in best]

    def _match(self, number: int, score: float) -> Match:
        score = round(min(1.0, score), 4)
        state = (
            MatchState.CONFIRMED
            if score >= CONFIRMED_FROM
            else MatchState.SUGGESTED
            if score >= SUGGESTED_FROM
            else MatchState.CANDIDATE
        )
        return Match(self._claims[number].id, score, state)

    def _vector(self, count: Counter[str]) -> dict[str, float]:
        weights = {term: (1 + math.log(n)) * self._idf[term] for term, n in count.items() if term in self._idf}
        norm = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {term: weight / norm for term, weight in weights.items()} if norm else {}


def terms(text: str) -> Iterable[str]:
    """Words, and runs of four characters within them."""
    for word in normalised(text).split():
        yield word
        padded = f"_{word}_"
        for start in range(len(padded) - _RUN + 1):
            yield padded[start : start + _RUN]
