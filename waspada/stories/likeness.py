"""How much speaks for two items telling of one event: a sum of named parts that stays readable (a logistic model).

The weights were fitted on pairs of news that were grouped by hand and on the demo's authored items
(`python -m benchmarks.fit_stories`); docs/stories.md shows them. Pure: two fingerprints in, figures out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from waspada.places import is_within, regency_of, regency_or_self
from waspada.stories.facts import Unit
from waspada.stories.terms import cosine
from waspada.stories.types import Fingerprint
from waspada.taxonomy import ItemKind


class Part(StrEnum):
    """What is looked at in a pair; every part lies in 0..1."""

    SPARSE = "sparse"  # cosine of rare words
    DENSE = "dense"  # cosine of embeddings, above that of unrelated texts
    TITLE = "title"  # cosine of the words of the titles
    PROPER = "proper"  # cosine of words written with a capital
    FIGURES = "figures"  # telling figures in common, two or more are 1
    DATES = "dates"  # a date in common
    PLACE = "place"  # 1 same kecamatan or finer, 0.8 same kabupaten, 0.4 one among the other's
    ELSEWHERE = "elsewhere"  # both name places, and none in common
    GAP = "gap"  # days between them over three
    LABELS = "labels"  # the event labels do not agree
    POSTS = "posts"  # both are public posts


@dataclass(frozen=True, slots=True)
class PairScore:
    """Probability (0..1) that two items tell of one event, its log-odds, and the parts that made it."""

    p: float
    log_odds: float
    parts: Mapping[Part, float]


@dataclass(frozen=True, slots=True)
class Weights:
    """A table of the model; a part that is not in it weighs nothing."""

    bias: float
    of: Mapping[Part, float]


#: Families of models whose embeddings the weights were fitted on; vectors of others have another scale, and count as
#: none. Name -> the cosine from which likeness counts; unrelated news texts had it when the weights were fitted
#: (docs/stories.md).
SCALES = {"waspada-id": 0.5}
#: Log-odds of one event: a bias, and a weight for each part. A few words of a public post share less with a report than
#: another report does, and an embedding may be missing: a table each.
OF_ARTICLES = Weights(
    -7.49,
    {
        Part.SPARSE: 3.78,
        Part.DENSE: 6.29,
        Part.TITLE: 3.9,
        Part.PROPER: 5.24,
        Part.FIGURES: 0.57,
        Part.DATES: 1.64,
        Part.PLACE: 1.85,
        Part.ELSEWHERE: -0.92,
        Part.LABELS: -2.19,
    },
)
OF_POSTS = Weights(
    -3.16,
    {
        Part.SPARSE: 9.66,
        Part.DENSE: 10.53,
        Part.PROPER: 3.75,
        Part.FIGURES: 3.5,
        Part.PLACE: 0.57,
        Part.ELSEWHERE: -2.96,
        Part.GAP: -4.84,
        Part.LABELS: -0.57,
        Part.POSTS: 0.21,
    },
)
OF_ARTICLES_SPARSE = Weights(
    -7.18,
    {
        Part.SPARSE: 6.89,
        Part.TITLE: 6.97,
        Part.PROPER: 8.02,
        Part.FIGURES: 0.79,
        Part.DATES: 1.68,
        Part.PLACE: 1.77,
        Part.ELSEWHERE: -0.93,
        Part.LABELS: -3.32,
    },
)
OF_POSTS_SPARSE = Weights(
    -2.16,
    {
        Part.SPARSE: 16.18,
        Part.PROPER: 4.73,
        Part.FIGURES: 3.76,
        Part.PLACE: 0.68,
        Part.ELSEWHERE: -2.65,
        Part.GAP: -4.95,
        Part.LABELS: -1.15,
        Part.POSTS: 0.55,
    },
)
WINDOW = timedelta(hours=72)
_ENOUGH_FIGURES = 2
#: A bare number up to this is in every text.
_TELLING_FROM = 12
_UNTOLD = {Unit.DATE, Unit.CLOCK, Unit.PERCENT}


def pair_score(a: Fingerprint, b: Fingerprint) -> PairScore:
    """Symmetric. Items that share nothing have a probability near 0."""
    parts = parts_of(a, b)
    weights = weights_for(a, b, Part.DENSE in parts)
    log_odds = weights.bias + sum(weight * parts[part] for part, weight in weights.of.items())
    return PairScore(1 / (1 + math.exp(-log_odds)), log_odds, parts)


def weights_for(a: Fingerprint, b: Fingerprint, has_dense: bool) -> Weights:
    if {a.kind, b.kind} != {ItemKind.ARTICLE}:  # a field report is as short as a post
        return OF_POSTS if has_dense else OF_POSTS_SPARSE
    return OF_ARTICLES if has_dense else OF_ARTICLES_SPARSE


def parts_of(a: Fingerprint, b: Fingerprint) -> dict[Part, float]:
    """Each part of a pair, 0..1; `DENSE` is left out where the two have no vectors of one known model."""
    ours, theirs = a.facts, b.facts
    parts = {
        Part.SPARSE: cosine(a.terms, b.terms),
        Part.TITLE: cosine(ours.title, theirs.title),
        Part.PROPER: cosine(ours.proper, theirs.proper),
        Part.FIGURES: _common_figures(a, b),
        Part.DATES: float(bool(ours.of_unit(Unit.DATE) & theirs.of_unit(Unit.DATE))),
        Part.PLACE: _common_place(a, b),
        Part.ELSEWHERE: float(elsewhere(a, b)),
        Part.GAP: min(1.0, abs(a.at - b.at) / WINDOW) if a.at is not None and b.at is not None else 0.0,
        Part.LABELS: float(bool(a.labels) != bool(b.labels) or bool(a.labels and not a.labels & b.labels)),
        Part.POSTS: float(a.kind == b.kind == ItemKind.POST),
    }
    dense = dense_likeness(a, b)
    return parts if dense is None else {**parts, Part.DENSE: dense}


def dense_likeness(a: Fingerprint, b: Fingerprint) -> float | None:
    """0..1, 0 for texts that are no more alike than any two; None where there are no two vectors of one known model."""
    if a.dense is None or b.dense is None or a.model != b.model:
        return None
    unrelated = next((cosine for family, cosine in SCALES.items() if a.model.startswith(family)), None)
    if unrelated is None:
        return None
    return min(1.0, max(0.0, (float(a.dense @ b.dense) - unrelated) / (1 - unrelated)))


def contradict(a: Fingerprint, b: Fingerprint, unit: Unit) -> bool:
    """Whether both name figures of a unit, and none in common."""
    ours, theirs = a.facts.of_unit(unit), b.facts.of_unit(unit)
    return bool(ours and theirs and not ours & theirs)


def elsewhere(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether both name a kabupaten, and the main one of neither is among the other's, nor its province."""
    if not (a.is_placed and b.is_placed and a.regions and b.regions):
        return False
    return not (lies_in(a.regions[0], b) or lies_in(b.regions[0], a))


def lies_in(region: str, other: Fingerprint) -> bool:
    """Whether a region is among the other's, or one of these lies in the other."""
    return any(is_within(region, code) or is_within(code, region) for code in map(regency_or_self, other.regions))


def _common_place(a: Fingerprint, b: Fingerprint) -> float:
    if not (a.regions and b.regions):
        return 0.0
    ours, theirs = a.regions[0], b.regions[0]
    if not (a.is_placed and b.is_placed):
        return 0.4 if regency_or_self(ours) == regency_or_self(theirs) else 0.0
    if ours == theirs and regency_of(ours) not in (None, ours):
        return 1.0
    if regency_or_self(ours) == regency_or_self(theirs):
        return 0.8
    return 0.4 if lies_in(ours, b) or lies_in(theirs, a) else 0.0


def _common_figures(a: Fingerprint, b: Fingerprint) -> float:
    common = sum(
        1
        for figure in a.facts.figures & b.facts.figures
        if figure.unit not in _UNTOLD and (figure.value > _TELLING_FROM or figure.unit in set(Unit))
    )
    return min(1.0, common / _ENOUGH_FIGURES)
