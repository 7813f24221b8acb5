"""Fits the weights of `waspada/stories/likeness.py` and prints them.

    python -m benchmarks.fit_stories

A logistic regression with a ridge over the pairs of items within 72 hours that no veto keeps apart: of the set `tune`
that was grouped by hand (benchmarks/stories.py) and of the demo's authored items. A part whose weight comes out with
the wrong sign is left out, so that more likeness never speaks against. Articles alone and pairs with a post are fitted
apart, each with embeddings and without. Needs the extra `train` (scikit-learn). Deterministic.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from benchmarks.shared import NotRunError, results
from benchmarks.stories import Gold, by_hand, demo
from benchmarks.tag_cache import CachedTagger
from waspada.clock import utc_now
from waspada.jobs.replay import Replay
from waspada.stories.likeness import WINDOW, Part, parts_of
from waspada.stories.repository import fingerprints
from waspada.stories.types import Fingerprint
from waspada.stories.vetoes import veto
from waspada.taxonomy import ItemKind, Tagger

#: Inverse strength of the ridge.
LOOSENESS = 3.0
_AGAINST = {Part.ELSEWHERE, Part.GAP, Part.LABELS}
_OF_POSTS_ONLY, _OF_ARTICLES_ONLY = {Part.POSTS}, {Part.TITLE}

Parts = NDArray[np.float64]
Bools = NDArray[np.bool_]


def main() -> int:
    if find_spec("sklearn") is None:
        results.print("not run: scikit-learn is not there; it comes with `pip install waspada[train]`")
        return 0
    try:
        tagger = CachedTagger()
        pairs = [_pairs(gold, tagger) for gold in (by_hand("tune"), demo())]
    except NotRunError as error:
        results.print(f"not run: {error}")
        return 0
    values, same, has_post = (np.concatenate(each) for each in zip(*pairs, strict=True))
    for name, chosen, left_out in (
        ("OF_ARTICLES", ~has_post, _OF_POSTS_ONLY),
        ("OF_POSTS", has_post, _OF_ARTICLES_ONLY),
        ("OF_ARTICLES_SPARSE", ~has_post, _OF_POSTS_ONLY | {Part.DENSE}),
        ("OF_POSTS_SPARSE", has_post, _OF_ARTICLES_ONLY | {Part.DENSE}),
    ):
        bias, weights = fitted(values[chosen], same[chosen], [part for part in Part if part not in left_out])
        results.print(f"{name}: {chosen.sum()} pairs, {same[chosen].sum()} of one story")
        results.print(f"  {bias:.2f}, " + ", ".join(f"{part}: {weight:.2f}" for part, weight in weights.items()))
    return 0


def _pairs(gold: Gold, tagger: Tagger) -> tuple[Parts, Bools, Bools]:
    """Of every pair: its parts (n, parts), whether it is of one story, whether a post is in it."""
    order = sorted(range(len(gold.items)), key=lambda n: (gold.items[n].published_at or utc_now(), gold.items[n].line))
    replay = Replay(tagger, gold.outlets)
    try:
        replay.load(gold.items, utc_now())
        with replay.store.read() as session:
            prints = fingerprints(session, range(1, len(order) + 1))
    finally:
        replay.close()
    stories = [gold.stories[n] for n in order]
    near = [(a, b) for a, b in combinations(range(len(order)), 2) if _may_be_one(prints[a + 1], prints[b + 1])]
    found = [parts_of(prints[a + 1], prints[b + 1]) for a, b in near]
    return (
        np.array([[parts.get(part, 0.0) for part in Part] for parts in found]),
        np.array([stories[a] == stories[b] for a, b in near]),
        np.array([ItemKind.POST in (prints[a + 1].kind, prints[b + 1].kind) for a, b in near]),
    )


def _may_be_one(a: Fingerprint, b: Fingerprint) -> bool:
    is_near = a.at is not None and b.at is not None and abs(a.at - b.at) <= WINDOW
    return is_near and veto(a, b) is None


def fitted(values: Parts, same: Bools, parts: Sequence[Part]) -> tuple[float, dict[Part, float]]:
    """Bias and weights; parts with the wrong sign are dropped and the rest fitted again."""
    from sklearn.linear_model import LogisticRegression

    columns = list(Part)
    kept = list(parts)
    while True:
        model = LogisticRegression(C=LOOSENESS, max_iter=3000)
        model.fit(values[:, [columns.index(part) for part in kept]], same)
        weights = {part: float(weight) for part, weight in zip(kept, model.coef_[0], strict=True)}
        right = [part for part, weight in weights.items() if weight and (weight < 0) is (part in _AGAINST)]
        if right == kept:
            return float(model.intercept_[0]), weights
        kept = right


if __name__ == "__main__":
    sys.exit(main())
