"""Labels that are likely wrong: what the labels of all other items say against one, by confident learning.

Northcutt, Jiang and Chuang, "Confident Learning" (2021), as cleanlab does it. The probabilities must come from models
that never saw the item (out of fold): a model defends the errors it learned.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from waspada.errors import InputError, MissingExtraError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: How far the probabilities of an item may sum from 1.
_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Suspect:
    """Item `row` has value `given` in `field`, and `likely` is what the others speak for.

    `score` is the probability of the given value (0..1): the lower, the more suspect.
    """

    row: int
    field: str
    given: int
    likely: int
    score: float


def suspects(labels: Mapping[str, Ints], probabilities: Mapping[str, Floats]) -> list[Suspect]:
    """The suspected errors of all fields, most suspect first.

    By field: `labels` (n,) whole numbers below k, `probabilities` (n, k), out of fold, each row summing to 1. A field
    with a single value has no suspects. Raises InputError for shapes that do not fit, MissingExtraError without
    cleanlab.
    """
    find, score = _cleanlab()
    found: list[Suspect] = []
    for field, given in labels.items():
        odds = _checked(field, given, probabilities.get(field))
        if len(np.unique(given)) < 2:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a rare value it finds less, and says so each time
            flagged = np.flatnonzero(find(given, odds, n_jobs=1))
        scores, likely = score(given, odds, method="self_confidence"), odds.argmax(axis=1)
        found += [Suspect(int(n), field, int(given[n]), int(likely[n]), float(scores[n])) for n in flagged]
    return sorted(found, key=lambda one: (one.score, one.row, one.field))


def _checked(field: str, given: Ints, odds: Floats | None) -> Floats:
    problem = _problem(given, odds)
    if odds is None or problem:
        raise InputError(f"{field}: {problem}", hint="Give (n,) labels and (n, values) out-of-fold probabilities.")
    return odds


def _problem(given: Ints, odds: Floats | None) -> str:
    if odds is None:
        return "there are no probabilities."
    if odds.ndim != 2 or given.ndim != 1 or len(odds) != len(given):
        return f"labels {given.shape} and probabilities {odds.shape} do not fit."
    if not np.isfinite(odds).all() or (odds < 0).any() or (np.abs(odds.sum(axis=1) - 1) > _SUM_TOLERANCE).any():
        return "the probabilities of an item do not sum to 1."
    if len(given) and (given.min() < 0 or given.max() >= odds.shape[1]):
        return f"a label lies outside 0..{odds.shape[1] - 1}."
    return ""


def _cleanlab() -> tuple[Any, Any]:
    try:
        from cleanlab.filter import find_label_issues
        from cleanlab.rank import get_label_quality_scores
    except ImportError as error:
        raise MissingExtraError(
            "Finding suspected label errors needs cleanlab, which is not installed.",
            hint="Run: pip install 'waspada[train]'",
        ) from error
    return find_label_issues, get_label_quality_scores
