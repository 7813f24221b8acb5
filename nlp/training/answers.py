"""What a model learns from the answers of an installation: rows, folds, and how far answers may move what a known model
decides with.

Answers are few, and chosen by queues: of a rare label a handful. A head without `least_positives` of either kind is
left as it was, as is one that answers make no better out of fold; a cut moves away from the known model's as answers
come (`trust`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import sigmoid
from nlp.heads import ALERT_HEADS, COLUMN, HEADS, AlertRule, Head
from nlp.labelled import LabelledItem, is_protected, read_labelled, values_of
from nlp.training.baseline import AUTHORED
from nlp.training.decisions import threshold_of
from nlp.training.suspects import Suspect, suspects
from nlp.training.targets import UNKNOWN, target_of
from waspada.taxonomy import FIELDS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: The alert rule reads all heads and is too much to learn from a few hundred answers: it stays, as the head `hate`
#: does, which the codebook has no field for.
KEPT = frozenset({Head.HATE})


@dataclass(frozen=True, slots=True)
class AnswersRecipe:
    """`least_positives` of a head, and as many negatives; `trust` is how many positives a known cut is worth;
    `anchor_weight` is that of the anchors: protected speech among them keeps a label from creeping towards it."""

    folds: int = 4
    least_positives: int = 10
    trust: float = 30.0
    foreign_precision: float = 0.8
    anchor_weight: float = 0.25


@dataclass(frozen=True, slots=True)
class Answers:
    """Answered items first, then authored texts (the anchors); `own` (n,) says which are answers, `folds` (n,) which
    fold holds a row out (groups share one), `weights` (n,) what it counts."""

    rows: Sequence[LabelledItem]
    own: Bools
    folds: Ints
    weights: Floats

    def target(self, head: Head) -> Ints:
        """(n,) of 1, 0 or `UNKNOWN`."""
        if head in KEPT:
            return np.full(len(self.rows), UNKNOWN, dtype=np.int64)
        return target_of(head, self.rows)

    def learnable(self, recipe: AnswersRecipe) -> list[Head]:
        """The heads that there are enough answers for."""
        return [head for head in HEADS if self.examples(head) >= recipe.least_positives]

    def examples(self, head: Head) -> int:
        """Own answers of the rarer kind, yes or no."""
        known = self.target(head)[self.own]
        return int(min((known == 1).sum(), (known == 0).sum()))


def answers_of(
    answered: Sequence[LabelledItem], anchors: Sequence[LabelledItem], recipe: AnswersRecipe, seed: int
) -> Answers:
    """Rows for a training. Raises MissingExtraError without scikit-learn."""
    from nlp.training.folds import assign_folds

    rows = [*answered, *anchors]
    folds = assign_folds([row.group for row in rows], recipe.folds, np.random.default_rng(seed))
    own = np.arange(len(rows)) < len(answered)
    return Answers(rows, own, folds, np.where(own, 1.0, recipe.anchor_weight))


def authored_rows() -> list[LabelledItem]:
    """All authored texts."""
    return [row for path in sorted(AUTHORED.glob("*.jsonl")) for row in read_labelled(path)]


def protected_rows() -> list[LabelledItem]:
    """Authored protected speech and its twins."""
    rows = authored_rows()
    groups = {row.group for row in rows if is_protected(row)}
    return [row for row in rows if row.group in groups]


def thresholds_of(
    answers: Answers,
    learned: Sequence[Head],
    log_odds: Floats,
    known: Mapping[Head, float],
    recipe: AnswersRecipe,
    seed: int,
) -> dict[Head, float]:
    """Cuts for calibrated out-of-fold `log_odds` (n, heads): of the heads `learned` between those known and those that
    the answers speak for, by how many positives there are. The cuts of the alert rule stay."""
    rng, thresholds = np.random.default_rng(seed), dict(known)
    for head in learned:
        if head in (*ALERT_HEADS, Head.MISINFORMATION_CLAIM):
            continue
        target = answers.target(head)
        rows = np.flatnonzero(answers.own & (target != UNKNOWN))
        p, positive = sigmoid(log_odds[rows, COLUMN[head]]), target[rows] == 1
        own = threshold_of(head, p, positive, recipe.foreign_precision, rng)
        n = float(positive.sum())
        thresholds[head] = round((n * own + recipe.trust * known[head]) / (n + recipe.trust), 6)
    return thresholds


def gains(answers: Answers, before: Floats, after: Floats) -> dict[str, dict[str, float]]:
    """By head, how likely the answers are (mean log loss) by the base and by the new heads, out of fold."""
    found = {}
    for head in HEADS:
        target = answers.target(head)
        rows = answers.own & (target != UNKNOWN)
        if rows.any():
            found[head.value] = {
                "positives": float((target[rows] == 1).sum()),
                "loss_before": round(log_loss(before[rows, COLUMN[head]], target[rows]), 5),
                "loss_after": round(log_loss(after[rows, COLUMN[head]], target[rows]), 5),
            }
    return found


def log_loss(logit: Floats, target: Ints) -> float:
    """Mean log loss of log odds (n,) given 0 and 1 (n,)."""
    p = np.clip(sigmoid(logit), 1e-9, 1 - 1e-9)
    return float(-np.mean(np.where(target == 1, np.log(p), np.log(1 - p))))


def suspect_answers(answers: Answers, log_odds: Floats, rule: AlertRule) -> list[Suspect]:
    """Answers that the others speak against, by calibrated out-of-fold `log_odds` (n, heads); `row` counts answers."""
    own = np.flatnonzero(answers.own)
    p = sigmoid(log_odds[own])
    odds: dict[str, Floats] = {}
    for field, highest in FIELDS.items():
        if field == "misinformation":
            some, claim = p[:, COLUMN[Head.MISINFORMATION]], p[:, COLUMN[Head.MISINFORMATION_CLAIM]]
            odds[field] = np.stack([1 - some, some * claim, some * (1 - claim)], axis=1)
        elif field == "alert":
            odds[field] = _levels(rule.probabilities(log_odds[own]))
        elif highest > 1:
            odds[field] = _levels(p[:, [COLUMN[Head(f"{field}_{level}")] for level in range(1, highest + 1)]])
        else:
            odds[field] = _levels(p[:, [COLUMN[Head(field)]]])
    rows = [answers.rows[int(index)] for index in own]
    return suspects({field: values_of(rows, field) for field in odds}, odds)


def _levels(reached: Floats) -> Floats:
    """P(level 0, 1, ...) (n, k + 1) from P(level >= 1, 2, ...) (n, k), which is brought to fall."""
    falling = np.minimum.accumulate(reached, axis=1)
    edges = np.concatenate([np.ones((len(reached), 1)), falling, np.zeros((len(reached), 1))], axis=1)
    each: Floats = edges[:, :-1] - edges[:, 1:]
    return each
