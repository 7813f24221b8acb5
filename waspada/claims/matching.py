"""Which fact-checks an item may repeat: found by words, character runs and embeddings, then decided one by one.

Candidates are the fact-checks that share most words and runs with the text (`sparse`) and, where an embedder is given,
those whose embedding is most like it (`dense`). They are ordered by a sum of three parts: likeness in words, likeness
in meaning, and how far apart in time item and fact-check are, for a rumour and its fact-check mostly come within days.
The best ten are listed; `deciding` gives each a probability, and two thresholds of it set only the state of a match,
never whether it is listed. Only fact-checks are ever keys: a match leads to no other match.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from waspada.claims.deciding import (
    CLEAR_WITH_EMBEDDINGS,
    CLEAR_WITHOUT,
    CONFIRMED_FROM,
    PRIOR,
    SUGGESTED_FROM,
    Features,
    Folded,
    check_the_same,
    features,
    score_of,
)
from waspada.claims.dense import DenseIndex, Embedder, Floats, Rows, Vectors, usable
from waspada.claims.folding import claim_text, message_text, words_of
from waspada.claims.sparse import SparseIndex, terms
from waspada.claims.types import FactCheck, Match

__all__ = ["BEST", "CONFIRMED_FROM", "SUGGESTED_FROM", "Candidate", "ClaimIndex", "Embedder", "terms", "texts_of"]

BEST = 10
#: So many candidates come from words, and so many from embeddings.
_FROM_EACH = 100
#: Weights of the sum that orders candidates, chosen on texts before July 2024 (docs/claims.md): a standard deviation of
#: likeness in words counts 0.3, one in meaning 1.2, and time takes off `_GAP_WEIGHT * log(1 + years / _GAP_YEARS)`.
_SPARSE_WEIGHT, _DENSE_WEIGHT = 0.3, 1.2
_GAP_WEIGHT, _GAP_YEARS = 2.0, 0.25
_DAYS_A_YEAR = 365.25
#: Fact-checks beyond this many that came later than the index was built make it be built again.
_TAIL, _TAIL_SHARE = 500, 0.1


@dataclass(frozen=True, slots=True)
class _Entry:
    """One text of a fact-check that is looked for: its headline or its claim; without one it is never found."""

    claim: FactCheck | None
    text: str
    folded: Folded


#: Stands where the text of a fact-check stood that was replaced.
_GONE = _Entry(None, "", Folded([]))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fact-check that was found, with what speaks for it. `order` is the sum by which candidates are ordered,
    `likeness` the same without time, `score` is 0..1; `is_clear` says that none on something else is about as near."""

    claim: FactCheck
    order: float
    likeness: float
    features: Features
    score: float
    is_clear: bool


class ClaimIndex:
    """Fact-checks in memory. Look-ups may run beside each other; `add` may not run beside anything."""

    def __init__(self, claims: Sequence[FactCheck], embedder: Embedder | None = None) -> None:
        """With an embedder every fact-check is embedded once, here or in `add`; without one only words count."""
        self._embedder = embedder
        self._at: dict[str, range] = {}
        self._built = 0
        self._tail: SparseIndex | None = None
        self._dense: DenseIndex | None = None
        self._entries = [_Entry(None, text, Folded(words_of(text))) for text in _background()]
        self._vectors = _half(np.zeros((len(self._entries), 0)) if embedder is None else _background_vectors(embedder))
        self._days = np.full(len(self._entries), math.nan)
        self._alive = np.zeros(len(self._entries), dtype=bool)
        self._take(claims)
        self._build()

    def __len__(self) -> int:
        return len(self._at)

    def add(self, claims: Sequence[FactCheck]) -> None:
        """Fact-checks join; one with the id of another takes its place. Costs little for a few."""
        before = len(self._entries)
        self._take(claims)
        behind = len(self._entries) - self._built
        if behind > max(_TAIL, _TAIL_SHARE * self._built):
            self._build()
        elif behind:
            self._tail = SparseIndex([entry.folded.words for entry in self._entries[self._built :]], self._sparse)
            if self._dense is not None:
                self._dense.extend(self._vectors[before:])

    def match(self, title: str, text: str, on: date | None = None, vector: Vectors | None = None) -> list[Match]:
        """The best ten fact-checks for an item (fewer only when there are fewer), best first.

        `on` is the item's day; without one it is taken for the day of the newest fact-check. Without the item's
        `vector` (d,) the embedder is asked. Those whose score is worth a person's look come first by it, whatever their
        day: a claim that comes back is the same claim. Of the others time decides, and the score of a worse one is
        never higher.
        """
        found = self.candidates(title, text, on, vector)
        sure = sorted((one for one in found if one.score >= SUGGESTED_FROM), key=lambda one: -one.score)
        matches: list[Match] = []
        ceiling = 1.0
        for one in [*sure, *(one for one in found if one.score < SUGGESTED_FROM)]:
            ceiling = min(ceiling, one.score)
            score = round(ceiling, 4)
            matches.append(Match(one.claim.id, score, PRIOR.state_of(score, one.is_clear), one.is_clear))
        return matches

    def candidates(
        self, title: str, text: str, on: date | None = None, vector: Vectors | None = None
    ) -> list[Candidate]:
        """What `match` lists, with what speaks for each."""
        message = message_text(f"{title}\n{text}" if title.strip() else text)
        words = words_of(message)
        rows, sparse, dense = self._found(message, words, vector)
        likeness = _SPARSE_WEIGHT * sparse + _DENSE_WEIGHT * dense
        order = likeness - _GAP_WEIGHT * np.log1p(self._gaps(rows, on) / _GAP_YEARS)
        best = list(self._best_of_each_claim(rows, order))[:BEST]
        return list(self._decided(Folded(words), rows, likeness, order, best))

    def _take(self, claims: Sequence[FactCheck]) -> None:
        """The entries of fact-checks; with the same id the last one counts, and what an older one said is forgotten."""
        latest: dict[str, FactCheck] = {}
        gone: list[int] = []
        for claim in claims:
            key = json.dumps(claim.id, sort_keys=True, default=str)
            latest.pop(key, None)
            latest[key] = claim
        texts = {key: texts_of(claim) for key, claim in latest.items()}
        vectors = self._vectors_of(list(latest.values()), list(texts.values()))
        fresh: list[_Entry] = []
        for key, claim in latest.items():
            for row in self._at.pop(key, ()):
                gone.append(row)
                self._entries[row] = _GONE
            start = len(self._entries) + len(fresh)
            if not texts[key]:
                continue
            self._at[key] = range(start, start + len(texts[key]))
            bare = replace(claim, vectors=None)
            fresh += [_Entry(bare, text, Folded(words_of(text))) for text in texts[key]]
        self._entries += fresh
        self._vectors = np.concatenate([self._vectors, vectors]) if fresh else self._vectors
        self._days = np.concatenate([self._days, [_day(entry.claim) for entry in fresh]])
        self._alive = np.concatenate([self._alive, np.ones(len(fresh), dtype=bool)])
        self._vectors[gone], self._days[gone], self._alive[gone] = 0, math.nan, False
        self._note_standing()

    def _vectors_of(self, claims: Sequence[FactCheck], texts: Sequence[Sequence[str]]) -> NDArray[np.float16]:
        """Vectors of the texts of fact-checks: those that are kept with them, of the others the embedder's."""
        kept = [
            claim.vectors
            if self._embedder is not None and claim.vectors is not None and len(claim.vectors) == len(of)
            else None
            for claim, of in zip(claims, texts, strict=True)
        ]
        made = _half(self._embed([t for vectors, of in zip(kept, texts, strict=True) if vectors is None for t in of]))
        parts, at = [], 0
        for vectors, of in zip(kept, texts, strict=True):
            if not of:
                continue
            parts.append(vectors if vectors is not None else made[at : at + len(of)])
            at += len(of) if vectors is None else 0
        return np.concatenate(parts) if parts else made

    def _note_standing(self) -> None:
        self._newest = float(np.nanmax(self._days)) if np.isfinite(self._days).any() else 0.0
        self._dead = np.flatnonzero(~self._alive)

    def _build(self) -> None:
        """Makes all that is reckoned from the entries anew, without those that are gone."""
        kept = np.array([entry is not _GONE for entry in self._entries], dtype=bool)
        if not kept.all():
            place = np.cumsum(kept) - 1
            self._at = {k: range(place[r.start], place[r.start] + len(r)) for k, r in self._at.items()}
            self._entries = [entry for entry in self._entries if entry is not _GONE]
            self._vectors, self._days, self._alive = self._vectors[kept], self._days[kept], self._alive[kept]
            self._note_standing()
        self._built = len(self._entries)
        self._sparse = SparseIndex([entry.folded.words for entry in self._entries])
        self._tail = None
        self._dense = DenseIndex(self._vectors) if self._embedder is not None else None

    def _embed(self, texts: Sequence[str]) -> Vectors:
        if self._embedder is None or not texts:
            return np.zeros((len(texts), 0), dtype=np.float32)
        return usable(self._embedder(texts))

    def _found(self, message: str, words: Sequence[str], vector: Vectors | None) -> tuple[Rows, Floats, Floats]:
        """Entries that may match, and how far above chance they do in words and in meaning."""
        newest = self._tail or self._sparse
        query = newest.query(words)
        scores = self._sparse.scores(query)
        if self._tail is not None:
            scores = np.concatenate([scores, self._tail.scores(query)])
        scores[self._dead] = -np.inf
        rows = _highest(scores, _FROM_EACH)
        if self._dense is None or not words:
            return rows, scores[rows], np.zeros(len(rows))
        white = self._dense.whitened(self._embed([message]) if vector is None else usable(vector[None]))[0]
        near = self._dense.nearest(white, 2 * _FROM_EACH)
        rows = np.union1d(rows, near[self._alive[near]][:_FROM_EACH])
        return rows, scores[rows], self._dense.scores(white, rows)

    def _gaps(self, rows: Rows, on: date | None) -> Floats:
        """Years between the item and each fact-check; 0 where a day is not known."""
        days = self._days[rows]
        today = on.toordinal() if on is not None else self._newest
        gaps: Floats = np.where(np.isfinite(days), np.abs(days - today), 0.0) / _DAYS_A_YEAR
        return gaps

    def _best_of_each_claim(self, rows: Rows, order: Floats) -> Iterator[int]:
        """Positions in `rows`, best first, of each claim the better of its entries."""
        seen: set[int] = set()
        for at in np.lexsort((rows, -order)):
            claim = id(self._entries[rows[at]].claim)
            if claim not in seen:
                seen.add(claim)
                yield int(at)

    def _decided(
        self, text: Folded, rows: Rows, likeness: Floats, order: Floats, best: Sequence[int]
    ) -> Iterator[Candidate]:
        rarity = (self._tail or self._sparse).rarity_of
        entries = [self._entries[rows[at]] for at in best]
        for at, entry in zip(best, entries, strict=True):
            rivals = [
                float(likeness[one])
                for one, rival in zip(best, entries, strict=True)
                if one != at and not check_the_same(entry.folded, rival.folded)
            ]
            lead = float(likeness[at]) - sum(rivals) / max(1, len(rivals))
            found = features(text, entry.folded, rarity, lead)
            ahead = float(likeness[at]) - max(rivals, default=-math.inf)
            clear = ahead >= (CLEAR_WITH_EMBEDDINGS if self._dense is not None else CLEAR_WITHOUT)
            score = score_of(found, self._dense is not None, clear) if text.words else 0.0
            assert entry.claim is not None  # noqa: S101 (only texts of fact-checks are alive)
            yield Candidate(entry.claim, float(order[at]), float(likeness[at]), found, score, clear)


def texts_of(claim: FactCheck) -> list[str]:
    """What is looked for of a fact-check: its headline and its claim, folded, each once; nothing if it has neither."""
    texts = [claim_text(text) for text in (claim.title, claim.claim) if text.strip()]
    return list(dict.fromkeys(texts))


def _half(vectors: NDArray[np.floating[Any]]) -> NDArray[np.float16]:
    """As they are kept: what the store gives has no more digits."""
    return vectors.astype(np.float16)


def _day(claim: FactCheck | None) -> float:
    return float(claim.checked_on.toordinal()) if claim is not None and claim.checked_on is not None else math.nan


def _highest(scores: Floats, count: int) -> Rows:
    """Rows (at most `count`, ascending) of the highest scores that are not minus infinity."""
    best = np.sort(np.argpartition(-scores, count)[:count]) if len(scores) > count else np.arange(len(scores))
    return best[np.isfinite(scores[best])]


@lru_cache(maxsize=1)
def _background() -> tuple[str, ...]:
    """Headlines of fictional fact-checks: what is common and what is rare must be told even of a handful."""
    text = files("waspada.claims").joinpath("data", "background.txt").read_text(encoding="utf-8")
    return tuple(claim_text(line) for line in text.splitlines() if line.strip())


@lru_cache(maxsize=1)
def _background_vectors(embedder: Embedder) -> Vectors:
    """The last embedder's: small indexes are made again and again."""
    return usable(embedder(_background()))
