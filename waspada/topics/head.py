"""A head of a topic's own: ridge logistic regression on stored embeddings, learned from persons' answers.

Persons mostly answer for items that the topic found, so that answers alone would teach nothing of the rest: stored
items that nobody answered for stand in as quiet ones that do not belong (Elkan and Noto 2008, learning from positive
and unlabelled data), with half the weight of the answers all together. A head is used only where it beats likeness on
answers that it had not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from waspada.topics.policy import cut_of, features, logistic, probabilities
from waspada.topics.types import Figures, Head

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: From so many answers on a head is tried, ...
LEAST_ANSWERS = 20
#: ... with so many of each kind, so that every fold holds one, ...
LEAST_OF_A_KIND = 5
#: ... and again after so many more.
MORE_ANSWERS = 10
#: More answers than this, the newest, teach nothing that is worth the time.
MOST_ANSWERS = 2_000
QUIET_ITEMS = 400
_FOLDS = 5
_PENALTY = 1.0
#: Width of an embedding about the quiet ones' mean; likeness, what is known before any answer, is as wide as 1. Chosen
#: on half of the authored texts of docs/topics.md, for both kinds of model.
_EMBEDDING_WIDTH = 2.0
_QUIET_WEIGHT = 0.5
_STEPS = 25
_NARROWEST = 1e-3


def is_due(answers: int, fitting: int, new: int) -> bool:
    """Whether a head is to be tried on so many answers, `new` of them given or changed since the last try."""
    enough = answers >= LEAST_ANSWERS and min(fitting, answers - fitting) >= LEAST_OF_A_KIND
    return enough and new >= MORE_ANSWERS


@dataclass(frozen=True, slots=True)
class Sample:
    """Unit vectors (n, dim) of stored items and their likeness (n,) to the topic; `quiet` (m,) are places of those that
    stand in for what does not belong."""

    vectors: Floats
    like: Floats
    quiet: NDArray[np.int64]


def sample_of(vectors: Floats, like: Floats, threshold: float, answered: Bools) -> Sample:
    """Stored items; quiet are those, spread over all, that nobody answered for and that are not like the topic."""
    quiet = np.flatnonzero((like <= threshold) & ~answered)
    return Sample(vectors, like, quiet[:: max(1, len(quiet) // QUIET_ITEMS)][:QUIET_ITEMS])


def fit(items: Floats, like: Floats, fits: Bools, sample: Sample) -> Head:
    """A head from answered items (n, dim) with their likeness (n,), and from stored ones. Deterministic."""
    quiet = sample.quiet
    answered, others = features(items, like), features(sample.vectors[quiet], sample.like[quiet])
    everyday = others if len(others) else answered
    middle, widths = everyday.mean(axis=0), _widths(everyday)
    rows = (np.concatenate([answered, others]) - middle) / widths
    truth = np.concatenate([fits, np.zeros(len(quiet), dtype=np.bool_)]).astype(np.float64)
    share = _QUIET_WEIGHT * len(items) / max(1, len(quiet))
    found = _regression(rows, truth, np.concatenate([np.ones(len(items)), np.full(len(quiet), share)]))
    weights = found[:-1] / widths
    head = Head(weights.astype(np.float32), float(found[-1] - weights @ middle), 0.5)
    return Head(head.weights, head.bias, cut_of(probabilities(head, sample.vectors, sample.like)))


def judged(items: Floats, like: Floats, fits: Bools, sample: Sample, threshold: float) -> Figures:
    """The head and likeness on answers in folds, each judged by a head that saw the others.

    Persons answer for what likeness found, so that it is wrong by every "no". It is judged at the share of the stored
    items that the head takes as well, and its better result counts.
    """
    found = np.zeros(len(items))
    right = np.zeros(len(items), dtype=np.bool_)
    fold_of = _folds(fits)
    for fold in range(_FOLDS):
        out = fold_of == fold
        head = fit(items[~out], like[~out], fits[~out], sample)
        found[out] = probabilities(head, items[out], like[out])
        right[out] = found[out] > head.cut
    whole = fit(items, like, fits, sample)
    head_share = _share(probabilities(whole, sample.vectors, sample.like) > whole.cut)
    equal = float(np.quantile(sample.like, 1.0 - head_share)) if len(sample.like) else threshold
    return Figures(
        answers=len(items),
        fitting=int(fits.sum()),
        head_wrong=int((right != fits).sum()),
        likeness_wrong=min(int(((like > bar) != fits).sum()) for bar in (threshold, equal)),
        head_order=round(_order(found, fits), 4),
        likeness_order=round(_order(like.astype(np.float64), fits), 4),
        head_share=round(head_share, 4),
        likeness_share=round(_share(sample.like > threshold), 4),
    )


def _share(taken: Bools) -> float:
    return float(taken.mean()) if len(taken) else 0.0


def _widths(everyday: Doubles) -> Doubles:
    """What each feature is divided by, so that one penalty fits the embeddings of every model."""
    spread = everyday.std(axis=0)
    embedding = float(np.sqrt((spread[:-1] ** 2).sum())) / _EMBEDDING_WIDTH
    return np.append(np.full(len(spread) - 1, max(embedding, _NARROWEST)), max(float(spread[-1]), _NARROWEST))


def _regression(features: Doubles, truth: Doubles, weights: Doubles) -> Doubles:
    """Newton's method on the penalised likelihood; the last of the result is the free bias."""
    x = np.concatenate([features, np.ones((len(features), 1))], axis=1)
    ridge = np.full(x.shape[1], _PENALTY)
    ridge[-1] = 1e-6
    found = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        p = logistic(x @ found)
        slope = x.T @ (weights * (p - truth)) + ridge * found
        curve = (x * (weights * np.maximum(p * (1 - p), 1e-6))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        found -= step
        if float(np.abs(step).max()) < 1e-6:
            break
    return found


def _folds(fits: Bools) -> NDArray[np.int64]:
    """The fold of each answer, both kinds dealt out evenly."""
    found = np.zeros(len(fits), dtype=np.int64)
    for kind in (True, False):
        places = np.flatnonzero(fits == kind)
        found[places] = np.arange(len(places)) % _FOLDS
    return found


def _order(scores: Doubles, fits: Bools) -> float:
    """The share of pairs of a fitting and another item in the right order; ties count half. The area under ROC."""
    difference = scores[fits][:, None] - scores[~fits][None, :]
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())
