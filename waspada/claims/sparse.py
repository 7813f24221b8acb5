"""Words and character runs that a text shares with fact-checks: BM25 over an inverted index of bounded cost.

BM25 (Robertson and Zaragoza 2009) over words and 4-character runs within words; the runs find other affixes, slips of
the keyboard and dialect. A score is given as what it is above chance: less its mean over all entries, divided by its
standard deviation, both worked out from how often each term of the query stands in an entry, as if terms were
independent. So long and short queries, small and large indexes have scores of about one scale.

What a look-up costs does not grow with the index: of each term the `_CHAMPIONS` best entries are kept, of a query the
`_QUERY_TERMS` heaviest terms.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_RUN = 4
_K1, _B = 1.2, 0.9
_CHAMPIONS = 400
_QUERY_TERMS = 192


def terms(words: Sequence[str]) -> Iterator[str]:
    """Words, and runs of four characters within them (a run starts with "~")."""
    for word in words:
        yield word
        for run in runs(word):
            yield "~" + run


def runs(word: str) -> Iterator[str]:
    """Runs of four characters of a word with a mark at both ends; a word of one letter is one run."""
    padded = f"_{word}_"
    for start in range(max(1, len(padded) - _RUN + 1)):
        yield padded[start : start + _RUN]


def rarity(entries: int, found_in: float) -> float:
    """How much a term that stands in so many entries tells (idf of BM25, never negative)."""
    return math.log(1 + (entries - found_in + 0.5) / (found_in + 0.5))


@dataclass(frozen=True, slots=True)
class _Term:
    """A term of a query: weight in the query, its idf, mean and variance of its weight over all entries."""

    text: str
    times: float
    rarity: float
    mean: float
    variance: float


class SparseIndex:
    """Postings of entries that never change; more entries stand in a second index with the first's figures."""

    def __init__(self, entries: Sequence[Sequence[str]], figures: SparseIndex | None = None) -> None:
        """`entries` are words. With `figures` idf and mean length are taken from that index, where it knows them."""
        counts = [Counter(terms(words)) for words in entries]
        self.size = len(entries)
        self._number: dict[str, int] = {}
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
        own_length = float(lengths.mean()) if self.size else 1.0
        self._mean_length: float = own_length if figures is None else figures._mean_length
        self._figures = figures
        term, row, times = self._flat(counts)
        found_in = np.bincount(term, minlength=len(self._number))
        self._rarity = np.array(
            [self._rarity_of(text, int(found_in[number])) for text, number in self._number.items()], dtype=np.float64
        )
        length = lengths[row] / self._mean_length
        weight = self._rarity[term] * times * (_K1 + 1) / (times + _K1 * (1 - _B + _B * length))
        of = max(1, self.size)
        self._mean = np.bincount(term, weight, len(self._number)) / of
        self._variance = np.bincount(term, weight * weight, len(self._number)) / of - self._mean**2
        self._keep_champions(term, row, weight)

    def rarity_of(self, term: str) -> float:
        """idf of a term; that of a term in one entry for one that is in none."""
        number = self._number.get(term)
        if number is not None:
            return float(self._rarity[number])
        return self._figures.rarity_of(term) if self._figures else rarity(max(1, self.size), 1)

    def query(self, words: Sequence[str]) -> list[_Term]:
        """The heaviest terms of a query that stand in this index or in the one whose figures it has."""
        known = []
        for text, n in Counter(terms(words)).items():
            found = self._term(text, 1 + math.log(n))
            if found is not None:
                known.append(found)
        known.sort(key=lambda term: (-term.times * term.rarity, term.text))
        return known[:_QUERY_TERMS]

    def scores(self, query: Sequence[_Term]) -> Floats:
        """How far above chance every entry matches (entries,), in standard deviations; 0 everywhere without a term."""
        sums = np.zeros(self.size)
        if not query:
            return sums
        spans = [
            (self._starts[number], self._starts[number + 1], term.times)
            for term in query
            if (number := self._number.get(term.text)) is not None
        ]
        if spans:
            rows = np.concatenate([self._rows[start:end] for start, end, _ in spans])
            weights = np.concatenate([self._weights[start:end] * np.float32(times) for start, end, times in spans])
            sums = np.bincount(rows, weights, self.size).astype(np.float64)
        mean = sum(term.times * term.mean for term in query)
        variance = sum(term.times**2 * term.variance for term in query)
        scores: Floats = (sums - mean) / math.sqrt(variance + 1e-9)
        return scores

    def _term(self, text: str, times: float) -> _Term | None:
        if self._figures is not None:
            known = self._figures._term(text, times)
            if known is not None:
                return known
        number = self._number.get(text)
        if number is None:
            return None
        return _Term(
            text, times, float(self._rarity[number]), float(self._mean[number]), float(max(0.0, self._variance[number]))
        )

    def _rarity_of(self, text: str, found_in: int) -> float:
        if self._figures is None:
            return rarity(self.size, found_in)
        return self._figures.rarity_of(text)

    def _flat(self, counts: Sequence[Counter[str]]) -> tuple[Rows, Rows, Floats]:
        """Term, row and times of every pair of a term and an entry."""
        number = self._number
        term = [number.setdefault(text, len(number)) for count in counts for text in count]
        row = np.repeat(np.arange(len(counts)), [len(count) for count in counts]) if counts else np.zeros(0, np.int64)
        times = np.array([n for count in counts for n in count.values()], dtype=np.float64)
        return np.array(term, dtype=np.int64), row, times

    def _keep_champions(self, term: Rows, row: Rows, weight: Floats) -> None:
        order = np.lexsort((row, -weight, term))
        ordered = term[order]
        first = np.searchsorted(ordered, np.arange(len(self._number)))
        kept = order[np.arange(len(order)) - first[ordered] < _CHAMPIONS] if len(order) else order
        self._rows = row[kept].astype(np.int32)
        self._weights = weight[kept].astype(np.float32)
        self._starts = np.searchsorted(term[kept], np.arange(len(self._number) + 1))
