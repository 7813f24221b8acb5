"""What decides: likeness of an item to a topic, the threshold above which it belongs to it, and when to choose anew.

Pure: numbers in, numbers out. Vectors are of one model; embeddings of two models are never compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from waspada.places import is_within
from waspada.topics.types import Found, Head, Rule, TagOrigin

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

#: About this share of the stored items may belong to a topic, by likeness or by a head: a desk reads ten lines a day.
FIRING_SHARE = 0.01
#: The threshold is chosen from so many of the newest items, ...
SAMPLE_ITEMS = 5_000
#: ... and from fewer than this not at all: their upper hundredth is two items.
LEAST_SAMPLE = 200
#: On an empty store an item must be this many standard deviations more like the topic than everyday news is.
FLOOR_DEVIATIONS = 3.0
#: A threshold is chosen anew after this time.
THRESHOLD_STANDS = timedelta(days=7)
#: A topic that made the model fail is tried again after this time.
TRY_AGAIN = timedelta(hours=1)
#: Items found within this time are compared with a new topic at once.
LOOK_BACK = timedelta(days=30)
#: So many of the topic's own vectors say how like it an item is.
NEAREST = 2
#: Below every cosine: an embedding that says nothing is like no topic.
NO_LIKENESS = -2.0
_FARTHEST = 30.0


def unit_rows(vectors: Floats) -> Floats:
    """Rows (n, dim) with norm 1; zeros for a row that says nothing: zero, or with a value that is no number."""
    rows = np.asarray(vectors, dtype=np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
    good = np.isfinite(norms) & (norms > 0)
    return (np.where(good, rows, 0) / np.where(good, norms, 1)).astype(np.float32)


def likeness(topic: Floats, items: Floats) -> Floats:
    """The mean cosine (-1..1) of each item (n, dim) with the two nearest of the topic's vectors (m, dim); unit rows.

    Two and not one: what is like a single example only, by a place or a phrase, is no matter of the topic. Of held-out
    texts more came before others so (docs/topics.md).
    """
    cosines = np.sort(items @ topic.T, axis=1)[:, -NEAREST:]
    return np.where(items.any(axis=1), cosines.mean(axis=1), np.float32(NO_LIKENESS)).astype(np.float32)


def floor_of(background: Floats) -> float:
    """The lowest threshold, from the likeness of everyday news (n,) to the topic: the same rule fits every model."""
    return float(background.mean() + FLOOR_DEVIATIONS * background.std())


def threshold_of(floor: float, sample: Floats) -> float:
    """The likeness above which an item belongs to the topic; `sample` (n,) is that of stored items."""
    if len(sample) < LEAST_SAMPLE:
        return floor
    return max(floor, float(np.quantile(sample, 1.0 - FIRING_SHARE)))


def cut_of(sample: Doubles) -> float:
    """The probability above which an item belongs to the topic, from those (n,) that a head gives stored items."""
    if len(sample) < LEAST_SAMPLE:
        return 0.5
    return max(0.5, float(np.quantile(sample, 1.0 - FIRING_SHARE)))


def probabilities(head: Head, items: Floats, like: Floats) -> Doubles:
    """The probability (n,) that each item (n, dim) of this likeness (n,) belongs to the topic."""
    return logistic(features(items, like) @ head.weights.astype(np.float64) + head.bias)


def features(items: Floats, like: Floats) -> Doubles:
    """What a head looks at (n, dim + 1)."""
    return np.concatenate([items, like[:, None]], axis=1).astype(np.float64)


def logistic(scores: Doubles) -> Doubles:
    """Probabilities (n,) of scores (n,)."""
    found: Doubles = 1.0 / (1.0 + np.exp(-np.clip(scores, -_FARTHEST, _FARTHEST)))
    return found


def may_be_stale(sampled: int, chosen_at: datetime | None, now: datetime) -> bool:
    """Whether it is worth counting what is stored: the sample was not full, or the threshold is a week old, so that
    neither a flood nor a dry season sets it for the year."""
    return sampled < SAMPLE_ITEMS or _is_old(chosen_at, now)


def is_stale(sampled: int, chosen_at: datetime | None, stored: int, now: datetime) -> bool:
    """Whether the threshold is to be chosen anew: twice as many of the newest SAMPLE_ITEMS are stored, or it is old."""
    if stored < LEAST_SAMPLE:
        return False
    grown = sampled < SAMPLE_ITEMS and stored >= min(SAMPLE_ITEMS, max(LEAST_SAMPLE, 2 * sampled))
    return grown or _is_old(chosen_at, now)


def _is_old(chosen_at: datetime | None, now: datetime) -> bool:
    return chosen_at is None or now - chosen_at >= THRESHOLD_STANDS


def lies_in(codes: Sequence[str], places: Sequence[str]) -> bool:
    """Whether an item of these regions is one for a topic of these places; a topic without any is for all."""
    return not places or any(is_within(code, place) for code in codes for place in places)


def belongs(rules: Sequence[Rule], item: Floats, codes: Sequence[str]) -> list[Found]:
    """The topics that an item (dim,) of these regions belongs to, by the head where one is used, else by likeness."""
    return [
        found for rule in rules if lies_in(codes, rule.places) and (found := _decided(rule, item[None, :])) is not None
    ]


def _decided(rule: Rule, item: Floats) -> Found | None:
    like = likeness(rule.vectors, item)
    if like[0] <= NO_LIKENESS:
        return None
    if rule.head is None:
        return Found(rule.topic_id, float(like[0]), TagOrigin.LIKENESS) if like[0] > rule.threshold else None
    p = float(probabilities(rule.head, item, like)[0])
    return Found(rule.topic_id, p, TagOrigin.HEAD) if p > rule.head.cut else None
