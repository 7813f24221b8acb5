"""New heads on a known model, in under a minute: what its answers add to its log odds, by word and by embedding.

For each head a logistic regression with the base's log odds as offset (`folds.fit_shift`), out of fold for calibration
and cuts, once more on everything for the weights. The base is read once; it is never changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.adapted.folder import AdaptedFolder, BaseRef
from nlp.calibration import Platt, fit_platt
from nlp.features import Counts, count_features
from nlp.heads import COLUMN, HEADS, Head
from nlp.model_folder import Weights, quantise
from nlp.reading import Reader
from nlp.training.answers import Answers, AnswersRecipe, log_loss, thresholds_of
from nlp.training.folds import fit_shift, matrix
from nlp.training.inputs import Progress
from nlp.training.targets import UNKNOWN
from nlp.weighting import Weighting, fit_idf
from waspada.taxonomy import EMBEDDING_DIM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_READ_AT_ONCE = 64
#: Heads are learned side by side by so many threads.
THREADS = 2


@dataclass(frozen=True, slots=True)
class HeadsRecipe:
    """Every choice; `strength` is the inverse of the ridge, `min_df` how many items a word must stand in."""

    answers: AnswersRecipe = field(default_factory=AnswersRecipe)
    strength: float = 10.0
    min_df: int = 2
    view_weights: tuple[float, ...] = (1.0, 1.25, 0.75)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Read:
    """What the base read of n rows: counts of their words, log odds (n, heads), embeddings (n, 384)."""

    counts: Sequence[Counts]
    log_odds: Floats
    embeddings: Floats


@dataclass(frozen=True, slots=True)
class Stored:
    """What the base said of an item before: `log_odds` (heads,) and `embedding` (384,)."""

    log_odds: NDArray[np.float32]
    embedding: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LearnedHeads:
    """What was learned; `scores` (n, heads) are calibrated out-of-fold log odds of the rows, `raw` (n, heads) those of
    every learnable head as they came out of its `fits`, whether it was kept or not."""

    folder: AdaptedFolder
    learned: Sequence[Head]
    scores: Floats
    raw: Floats
    fits: HeadFits


def read_answers(base: Reader, answers: Answers, stored: Mapping[int, Stored], progress: Progress) -> Read:
    """What the base says of every row: as it was `stored` for a row, else read now."""
    items = [row.item for row in answers.rows]
    counts: dict[int, Counts] = {}
    log_odds, embeddings = np.zeros((len(items), len(HEADS))), np.zeros((len(items), EMBEDDING_DIM))
    for row, known in stored.items():
        counts[row] = count_features(items[row], base.features)
        log_odds[row], embeddings[row] = known.log_odds, known.embedding
    missing = [row for row in range(len(items)) if row not in stored]
    for at in range(0, len(missing), _READ_AT_ONCE):
        progress("reading items", at, len(missing))
        rows = missing[at : at + _READ_AT_ONCE]
        read = base.read([items[row] for row in rows])
        counts.update(zip(rows, read.counts, strict=True))
        log_odds[rows], embeddings[rows] = read.base, read.embeddings
    return Read([counts[row] for row in range(len(items))], log_odds, embeddings)


def learn_heads(
    base: Reader,
    ref: BaseRef,
    version: str,
    answers: Answers,
    read: Read,
    recipe: HeadsRecipe,
    seed: int,
    progress: Progress,
) -> LearnedHeads:
    """Heads named `version` on a base that `read` the answers. Whatever `progress` raises stops it."""
    own = [counts for counts, is_own in zip(read.counts, answers.own, strict=True) if is_own]
    weighting = Weighting(fit_idf(own, base.features.buckets, recipe.min_df), recipe.view_weights)
    known = np.flatnonzero(weighting.idf > 0)
    fits = HeadFits(answers, read, matrix(read.counts, weighting)[:, known], recipe)
    heads = answers.learnable(recipe.answers)
    words, vectors = np.zeros((len(known), len(HEADS))), np.zeros((EMBEDDING_DIM, len(HEADS)))
    biases, calibration = np.zeros(len(HEADS)), {head: Platt(1.0, 0.0) for head in HEADS}
    scores, raw, learned = read.log_odds.copy(), read.log_odds.copy(), []
    with ThreadPoolExecutor(THREADS) as pool:
        for done, (head, fit) in enumerate(zip(heads, pool.map(fits.of, heads), strict=True), 1):
            progress("learning the heads", done, len(heads))
            column = COLUMN[head]
            raw[:, column] = fit.raw
            if not fit.is_better:
                continue
            words[:, column], vectors[:, column], biases[column] = fit.words, fit.vectors, fit.bias
            calibration[head], scores[:, column] = fit.calibration, fit.scores
            learned.append(head)
    codes, scale = quantise(words)
    no_embedding = np.ones(1 << base.features.words_bits, dtype=np.uint8)
    folder = AdaptedFolder(
        version=version,
        base=ref,
        features=base.features,
        view_weights=recipe.view_weights,
        words=Weights(known, weighting.idf[known], codes, scale, biases, no_embedding),
        embedding=vectors.astype(np.float32),
        calibration=calibration,
        thresholds=thresholds_of(answers, learned, scores, base.rules.thresholds, recipe.answers, seed),
        alert_rule=base.rules.alert_rule,
    )
    return LearnedHeads(folder, learned, scores, raw, fits)


@dataclass(frozen=True, slots=True)
class _Fit:
    words: Floats
    vectors: Floats
    bias: float
    raw: Floats
    scores: Floats
    calibration: Platt
    is_better: bool


class HeadFits:
    """The fit of a head, whole, out of fold, and from chosen rows. Embeddings are brought to mean 0 and length 1 on
    average."""

    def __init__(self, answers: Answers, read: Read, words: Any, recipe: HeadsRecipe) -> None:
        self.answers, self.read, self.words, self.recipe = answers, read, words.tocsr(), recipe
        self.mean = read.embeddings[answers.own].mean(axis=0)
        around = read.embeddings - self.mean
        self.unit = max(1e-6, float(np.sqrt((around[answers.own] ** 2).sum(axis=1).mean())))
        self.vectors = around / self.unit

    def of(self, head: Head) -> _Fit:
        target, offset = self.answers.target(head), self.read.log_odds[:, COLUMN[head]]
        known = target != UNKNOWN
        scores = np.zeros(len(target))
        for fold in np.unique(self.answers.folds):
            held = self.answers.folds == fold
            scores[held] = self.shifted(head, ~held, held)
        words, vectors, bias = self._fit(target, offset, known)
        judged = known & self.answers.own
        calibration = fit_platt(scores[judged], target[judged] == 1)
        whole, calibrated = vectors / self.unit, calibration.logit(scores)
        is_better = log_loss(calibrated[judged], target[judged]) < log_loss(offset[judged], target[judged])
        return _Fit(words, whole, bias - float(self.mean @ whole), scores, calibrated, calibration, is_better)

    def shifted(self, head: Head, learn: Bools, held: Bools) -> Floats:
        """Log odds of the rows `held` by a head that learned from the rows `learn`; masks (n,)."""
        target, offset = self.answers.target(head), self.read.log_odds[:, COLUMN[head]]
        words, vectors, bias = self._fit(target, offset, learn & (target != UNKNOWN))
        found: Floats = offset[held] + self.words[held] @ words + self.vectors[held] @ vectors + bias
        return found

    def _fit(self, target: Ints, offset: Floats, rows: Bools) -> tuple[Floats, Floats, float]:
        return fit_shift(
            self.words[rows],
            self.vectors[rows],
            target[rows],
            self.answers.weights[rows],
            offset[rows],
            self.recipe.strength,
        )
