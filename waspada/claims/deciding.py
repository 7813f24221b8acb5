"""Whether a text repeats a fact-check's claim: a few plain features, and a logistic regression over them.

`python -m benchmarks.fit_claims` learns the coefficients from texts written for this project
(`benchmarks/data/claims_authored.jsonl`) and writes `data/decision.json`: log odds are "bias" and the sum of
coefficient times feature. There are two sets of them, with sentence embeddings and without. The thresholds are chosen
on news headlines (`python -m benchmarks.claims`, docs/claims.md).
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from importlib.resources import files

from waspada.claims.types import Thresholds
from waspada.places.gazetteer import upper_rows

#: Families of models whose embeddings the coefficients "with_embeddings" were fitted on: how their names begin.
FAMILIES = ("waspada-id",)
#: `score` from which a match is suggested, and from which it is confirmed (`python -m benchmarks.claims`).
SUGGESTED_FROM = 0.5
CONFIRMED_FROM = 0.88
PRIOR = Thresholds(SUGGESTED_FROM, CONFIRMED_FROM)
#: A match is confirmed only when its likeness (`matching`) is this far above that of every fact-check that says
#: something else, with embeddings and without: between two that are about as near a person chooses.
CLEAR_WITH_EMBEDDINGS, CLEAR_WITHOUT = 9.0, 5.0
#: Fact-checks with this share of words in common check the same claim.
_SAME_CLAIM = 0.8
#: The score of what would be confirmed, were it clear.
_UNCLEAR = CONFIRMED_FROM - 0.01
#: A claim that is repeated is said within so many words; what is strewn over a long text is another matter.
_WINDOW = 40
_LONGEST_PLACE = 4
_PREFIXES = ("meng", "meny", "men", "mem", "ber", "ter", "per", "me", "di", "pe", "ke", "se")
_SUFFIXES = ("nya", "kan", "lah", "kah", "an", "i")
_LEAST_STEM = 4


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for and against a match.

    `words`: share (0..1) of the claim's words, weighted by rarity, that stand within `_WINDOW` words of the text.
    `lead`: how far the candidate's likeness (`matching`) is above the mean of that of the other candidates; those that
    check the same claim are none of them.
    `number_other`: 1 when the claim has a number that the text has not, and the text another one. `place_same`,
    `place_other`: 1 when claim and text both name regions, some of them in common, or none. `text_words`: log(1 + words
    of the text). Time is none of them: a claim that comes back after years is the same claim.
    """

    words: float
    lead: float
    number_other: float
    place_same: float
    place_other: float
    text_words: float


NAMES = tuple(field.name for field in fields(Features))


class Folded:
    """The words of a text, and what is asked of them again and again."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        self.stems = [stem(word) for word in words]

    @cached_property
    def positions(self) -> Mapping[str, list[int]]:
        """Where every stem stands."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(self.stems):
            found[word].append(at)
        return found

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(word for word in self.words if word.isdecimal())

    @cached_property
    def places(self) -> frozenset[str]:
        """Provinces, kabupaten and kota that are named, by their bare names."""
        names, found, at = _place_names(), set(), 0
        while at < len(self.words):
            length = next((n for n in range(_LONGEST_PLACE, 0, -1) if " ".join(self.words[at : at + n]) in names), 0)
            if length:
                found.add(" ".join(self.words[at : at + length]))
            at += max(1, length)
        return frozenset(found)


def features(text: Folded, claim: Folded, rarity: Callable[[str], float], lead: float) -> Features:
    """The features of one candidate; `rarity` is the idf of a term (`sparse.SparseIndex.rarity_of`)."""
    weights = {stemmed: rarity(word) for word, stemmed in zip(claim.words, claim.stems, strict=True)}
    both_placed = bool(claim.places) and bool(text.places)
    shared = bool(claim.places & text.places)
    return Features(
        words=_best_window(text, weights) / (sum(weights.values()) or 1.0),
        lead=lead,
        number_other=float(bool(claim.numbers - text.numbers) and bool(text.numbers - claim.numbers)),
        place_same=float(shared),
        place_other=float(both_placed and not shared),
        text_words=math.log1p(len(text.words)),
    )


def check_the_same(a: Folded, b: Folded) -> bool:
    """Whether two fact-checks say about the same words of the same places and numbers, as those of two outlets on one
    claim do."""
    one, other = frozenset(a.stems), frozenset(b.stems)
    return a.places == b.places and a.numbers == b.numbers and len(one & other) >= _SAME_CLAIM * len(one | other)


def score_of(found: Features, with_embeddings: bool, is_clear: bool) -> float:
    """The score of a match: its probability, kept below `CONFIRMED_FROM` when it is not clearly ahead."""
    score = probability(found, with_embeddings)
    return score if is_clear else min(score, _UNCLEAR)


def probability(found: Features, with_embeddings: bool) -> float:
    """Probability (0..1) that the text repeats the claim."""
    weights = _coefficients()["with_embeddings" if with_embeddings else "without_embeddings"]
    log_odds = sum(weight * (1.0 if name == "bias" else getattr(found, name)) for name, weight in weights.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A word less one ending and one beginning, as long as four letters stay: "membagikan", "dibagi" -> "bagi"."""
    for ending in _SUFFIXES:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            word = word[: -len(ending)]
            break
    for beginning in _PREFIXES:
        if word.startswith(beginning) and len(word) - len(beginning) >= _LEAST_STEM:
            return word[len(beginning) :]
    return word


def _best_window(text: Folded, weights: Mapping[str, float]) -> float:
    """The largest weight of different words of a claim that stand within `_WINDOW` words of the text."""
    hits = sorted((at, word) for word in weights for at in text.positions.get(word, ()))
    best = total = 0.0
    inside: dict[str, int] = defaultdict(int)
    first = 0
    for at, word in hits:
        inside[word] += 1
        total += weights[word] if inside[word] == 1 else 0.0
        while at - hits[first][0] >= _WINDOW:
            gone = hits[first][1]
            inside[gone] -= 1
            total -= weights[gone] if not inside[gone] else 0.0
            first += 1
        best = max(best, total)
    return best


@lru_cache(maxsize=1)
def _coefficients() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = json.loads(
        files("waspada.claims").joinpath("data", "decision.json").read_text(encoding="utf-8")
    )
    return found


@lru_cache(maxsize=1)
def _place_names() -> frozenset[str]:
    names = (name.lower().replace("-", " ") for code, name in upper_rows() if len(code) <= len("63.03"))
    return frozenset(name.removeprefix("kabupaten ").removeprefix("kota ").strip() for name in names)
