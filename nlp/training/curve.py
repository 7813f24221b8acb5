"""How well heads do by how many answers they learned from: what the next answers may gain is read from it.

Every answer is judged by heads that did not learn from its group: by the base alone, and by heads of a quarter, of half
and of three quarters of the answers, each a part of the next. The last are those of the cross-validation, which cost
nothing more; the others are four small fits a head, in rows two fits of the cross-validation.

The figure is average precision. It needs no cut: with ten positives the cut moves more than the heads differ. Log loss
stands beside it and says how far the log odds are right, before calibration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.heads import COLUMN, LABEL_HEADS, Head
from nlp.training.answers import Answers, AnswersRecipe, log_loss
from nlp.training.heads import THREADS, HeadFits
from nlp.training.inputs import Progress
from nlp.training.targets import UNKNOWN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: Draws of groups with replacement, the same ones at every point: enough for a 90 % interval, little to keep.
DRAWS = 100


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """How heads do that learned from so many `answers` on average (0: the base), on answers they did not learn from.

    By head: `loss`, `precision` (average precision), and `drawn` (draws,), the precision in draws of the groups.
    """

    answers: int
    loss: Mapping[Head, float]
    precision: Mapping[Head, float]
    drawn: Mapping[Head, Floats]


def curve_points(fits: HeadFits, raw: Floats, recipe: AnswersRecipe, seed: int, progress: Progress) -> list[CurvePoint]:
    """Points of every label whose head is learnable, fewest answers first; `raw` (n, heads) are log odds out of fold.

    Wants four folds or more. Whatever `progress` raises stops it.
    """
    answers = fits.answers
    heads, steps = [head for head in answers.learnable(recipe) if head in LABEL_HEADS.values()], _steps(answers)
    weights = _draws([row.group for row in answers.rows], answers.own, np.random.default_rng(seed))

    def judged(head: Head) -> tuple[list[float], Floats]:
        target = answers.target(head)
        rows = answers.own & (target != UNKNOWN)
        scores = [one[rows] for one in _scores(fits, head, raw, steps)]
        drawn = [average_precision(one, target[rows] == 1, weights[:, rows]) for one in scores]
        return [log_loss(one, target[rows]) for one in scores], np.stack(drawn)

    found: dict[Head, tuple[list[float], Floats]] = {}
    with ThreadPoolExecutor(THREADS) as pool:
        for done, (head, one) in enumerate(zip(heads, pool.map(judged, heads), strict=True), 1):
            progress("measuring what answers gain", done, len(heads))
            found[head] = one
    return [
        CurvePoint(
            count,
            {head: losses[at] for head, (losses, _) in found.items()},
            {head: float(drawn[at, 0]) for head, (_, drawn) in found.items()},
            {head: drawn[at, 1:] for head, (_, drawn) in found.items()},
        )
        for at, count in enumerate(_counts(answers, steps))
    ]


def curve_numbers(answers: Answers, points: Sequence[CurvePoint], recipe: AnswersRecipe) -> dict[str, Any]:
    """What is kept of a curve with a model: numbers only. `examples` of a label are its answers of the rarer kind, yes
    or no; `draws` of a label are lists with one figure a point."""
    by_label = {label.value: head for label, head in LABEL_HEADS.items()}
    heads = list(points[0].loss)
    return {
        "total": int(answers.own.sum()),
        "least_examples": recipe.least_positives,
        "examples": {label: answers.examples(head) for label, head in by_label.items()},
        "answers": [point.answers for point in points],
        "loss": {head.value: [round(point.loss[head], 5) for point in points] for head in heads},
        "precision": {head.value: [round(point.precision[head], 4) for point in points] for head in heads},
        "draws": {
            label: np.stack([point.drawn[head] for point in points], axis=1).round(4).tolist()
            for label, head in by_label.items()
            if head in heads
        },
    }


def average_precision(scores: Floats, positive: Bools, weights: Floats) -> Floats:
    """Average precision (draws,) of `scores` (n,) where a row counts `weights` (draws, n). Rows of one score count
    together; a draw without a positive has that of the first draw."""
    order = np.argsort(-scores, kind="stable")
    falling, weighed = -scores[order], weights[:, order]
    ends = np.searchsorted(falling, falling, side="right") - 1
    hits = weighed * positive[order]
    above, hit = np.cumsum(weighed, axis=1), np.cumsum(hits, axis=1)
    shares = hit[:, ends] / np.maximum(above[:, ends], 1e-9)
    found: Floats = (hits * shares).sum(axis=1) / np.maximum(hit[:, -1], 1e-9)
    return np.where(hit[:, -1] > 0, found, found[0])


#: Rows that are learned from, fewer and more, and rows that are held out, masks (n,).
_Step = tuple[Bools, Bools, Bools]


def _steps(answers: Answers) -> list[_Step]:
    """Either half of the folds is held out once. All anchors outside it are learned from: they do not get more."""
    names = np.unique(answers.folds)
    halves, steps = np.array_split(names, 2), []
    for learn, hold in (halves, halves[::-1]):
        held = np.isin(answers.folds, hold)
        fewer = np.isin(answers.folds, learn[: max(1, len(learn) // 2)])
        steps.append((~held & (fewer | ~answers.own), ~held, held))
    return steps


def _scores(fits: HeadFits, head: Head, raw: Floats, steps: Sequence[_Step]) -> list[Floats]:
    base, last = fits.read.log_odds[:, COLUMN[head]], raw[:, COLUMN[head]]
    few, half = np.zeros_like(base), np.zeros_like(base)
    for fewer, more, held in steps:
        few[held], half[held] = fits.shifted(head, fewer, held), fits.shifted(head, more, held)
    return [base, few, half, last]


def _counts(answers: Answers, steps: Sequence[_Step]) -> list[int]:
    """Answers that are learned from at each point, on average over the answers that are judged."""
    own, folds = answers.own, answers.folds[answers.own]
    total = len(folds)
    means = [sum(int((step[at] & own).sum()) * int((step[2] & own).sum()) for step in steps) / total for at in (0, 1)]
    outside = total - float((np.bincount(folds) ** 2).sum()) / total
    return [0, *(round(mean) for mean in means), round(outside)]


def _draws(groups: Sequence[str], own: Bools, rng: np.random.Generator) -> Floats:
    """How often each row counts (1 + draws, n): once, then as its group was drawn."""
    _, index = np.unique([group for group, is_own in zip(groups, own, strict=True) if is_own], return_inverse=True)
    count = int(index.max()) + 1
    weights = np.zeros((1 + DRAWS, len(own)))
    weights[0, own] = 1.0
    weights[1:, own] = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS)[:, index]
    return weights
