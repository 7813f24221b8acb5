"""What further sets would be worth to the auxiliary head: a network and a linear head for `hate` alone, judged on texts
kept from them.

For sets whose licences do not let weights be given away: the figures are written, the weights are not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import fit_blend, sigmoid
from nlp.evaluation.metrics import bootstrap_weights, f1_of, f1_scores, interval
from nlp.heads import Head
from nlp.training.encoder.data import EncoderData
from nlp.training.folds import assign_folds
from nlp.training.thresholds import f1_threshold
from waspada.taxonomy import ItemText

Scores = NDArray[np.float64]
_PARTS = 10
_REPLICATES = 1000


def part_for_cuts(data: EncoderData, seed: int) -> NDArray[np.bool_]:
    """(n,): the tenth of the texts on which the cut is chosen, and which the network does not learn from."""
    held: NDArray[np.bool_] = assign_folds(data.groups, _PARTS, np.random.default_rng(seed)) == 0
    return held


def hate_only_figures(
    data: EncoderData, scores: Scores, held: NDArray[np.bool_], score: Callable[[list[ItemText]], Scores], seed: int
) -> dict[str, Any]:
    """F1 of the positive class on `data.judging_hate`, a set at a time.

    `scores` (n, 2) are what encoder and linear head say of the training texts, `held` (n,) says where they are joined
    and cut, and `score` gives the scores of further items.
    """
    rng = np.random.default_rng(seed)
    own, truth = scores[held], data.target(Head.HATE)[held] == 1
    blend = fit_blend(own, truth)
    cut = f1_threshold(sigmoid(blend.logit(own)), truth, rng)
    found: dict[str, Any] = {}
    for name in sorted({row.source for row in data.judging_hate}):
        rows = [row for row in data.judging_hate if row.source == name]
        p = sigmoid(blend.logit(score([row.item for row in rows])))
        said, hateful = p >= cut, np.array([row.hateful for row in rows])
        weights = bootstrap_weights(len(rows), _REPLICATES, rng)
        f1 = interval(f1_of(hateful, said), f1_scores(hateful, said, weights))
        found[name] = {"n": len(rows), "n_positive": int(hateful.sum()), "f1": f1.as_dict()}
    return found
