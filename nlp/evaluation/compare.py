"""A candidate beside other models on the same labelled rows: the difference of each figure with its 95 % interval.

The bootstrap is paired (both models on the same draw) and draws groups, not rows: reports of one event vary together
(Field and Welsh 2007). A difference counts where its interval leaves out zero; of the many slices one in twenty would
do so by chance, so that only figures on all rows decide the verdict of a model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nlp.evaluation.metrics import Bools, Floats, Ints, calibration_error, f1_scores, quadratic_kappa
from nlp.labelled import LabelledItem, is_quiet, values_of
from waspada.taxonomy import MAIN_LABELS, SECONDARY_LABELS, Label, Tags

REPLICATES = 1000
#: A figure of a slice needs so many positives (rows, where the figure has none) to say anything.
LEAST = 20
#: Rows of fewer groups say nothing of a difference: drawn again and again they vary too little, and one not at all.
LEAST_GROUPS = 5
#: Figures by which a model is called better or worse as a whole.
DECIDING = ("main_macro_f1", "secondary_macro_f1", "alert_kappa", "quiet_raised")
#: Of these less is better.
_LESS = ("quiet_raised", "ece")
WORSE, BETTER, SAME = "worse", "better", "no difference seen"


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A labelled item and the slices that it belongs to: name ("kind", "month", "region") -> value."""

    row: LabelledItem
    slices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FigureDifference:
    """`candidate` minus `other` lies within `low` .. `high`; `n` is what the figure rests on (see `LEAST`)."""

    figure: str
    slice: str
    n: int
    candidate: float
    other: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True, slots=True)
class _Said:
    """What a model said of the rows."""

    on: Mapping[Label, Bools]
    p: Mapping[Label, Floats]
    alert: Ints


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure of a model on drawn rows: `of(said, weights)` gives one value a replicate (replicates, n)."""

    name: str
    n: int
    of: Callable[[_Said, Ints], Floats]


def compare(
    rows: Sequence[JudgedRow],
    candidate: Sequence[Tags],
    other: Sequence[Tags],
    *,
    replicates: int = REPLICATES,
    least: int = LEAST,
    least_groups: int = LEAST_GROUPS,
    seed: int = 0,
) -> list[FigureDifference]:
    """Every figure on all rows, then those of the slices that have rows enough. No rows give no figures; rows of fewer
    than `least_groups` groups give figures and no difference."""
    if not rows:
        return []
    labelled = [one.row for one in rows]
    groups = np.array([row.group for row in labelled], dtype=object).astype(str)
    said = _said(candidate), _said(other)
    drawn = group_weights([row.group for row in labelled], replicates, np.random.default_rng(seed))
    found: list[FigureDifference] = []
    for name, mask in {"": np.ones(len(rows), dtype=bool), **_slices(rows)}.items():
        may_differ = len(np.unique(groups[mask])) >= least_groups
        for figure in _figures(labelled, mask, is_slice=bool(name)):
            if not name or figure.n >= least:
                found.append(_difference(figure, name, *said, mask, drawn, may_differ=may_differ))
    return found


def verdict_of(differences: Sequence[FigureDifference]) -> str:
    """Worse where one of the deciding figures is worse, else better where one is better."""
    words = [one.verdict for one in differences if one.slice == "" and one.figure in DECIDING]
    return WORSE if WORSE in words else BETTER if BETTER in words else SAME


def group_weights(groups: Sequence[str], replicates: int, rng: np.random.Generator) -> Ints:
    """How often each row is drawn (replicates, n) when whole groups are drawn with replacement."""
    _, index = np.unique(np.array(groups, dtype=object).astype(str), return_inverse=True)
    count = int(index.max()) + 1
    drawn = rng.multinomial(count, np.full(count, 1.0 / count), size=replicates).astype(np.int64)
    return np.asarray(drawn[:, index], dtype=np.int64)


def _said(tags: Sequence[Tags]) -> _Said:
    return _Said(
        on={label: np.array([one.labels[label].on for one in tags], dtype=bool) for label in Label},
        p={label: np.array([one.labels[label].p for one in tags]) for label in Label},
        alert=np.array([one.alert_level for one in tags], dtype=np.int64),
    )


def _slices(rows: Sequence[JudgedRow]) -> dict[str, Bools]:
    names = sorted({f"{name} {value}" for one in rows for name, value in one.slices.items()})
    return {
        name: np.array([name in {f"{key} {value}" for key, value in one.slices.items()} for one in rows], dtype=bool)
        for name in names
    }


def _figures(rows: Sequence[LabelledItem], mask: Bools, *, is_slice: bool) -> list[_Figure]:
    truth = {label: values_of(rows, label.value) > 0 for label in Label}
    alert, quiet = values_of(rows, "alert"), np.array([is_quiet(row) for row in rows], dtype=bool)
    positives = {label: int((truth[label] & mask).sum()) for label in Label}

    def f1(label: Label) -> Callable[[_Said, Ints], Floats]:
        return lambda said, weights: f1_scores(truth[label], said.on[label], weights)

    def macro(labels: Sequence[Label]) -> Callable[[_Said, Ints], Floats]:
        known = [label for label in labels if positives[label]] or list(labels)
        return lambda said, weights: np.mean([f1(label)(said, weights) for label in known], axis=0)

    def kappa(said: _Said, weights: Ints) -> Floats:
        return np.array([quadratic_kappa(alert, said.alert, weights=drawn) for drawn in weights])

    def raised(said: _Said, weights: Ints) -> Floats:
        hits, all_ = weights @ (quiet & (said.alert >= 2)), weights @ quiet.astype(np.int64)
        return np.asarray(hits / np.maximum(all_, 1), dtype=np.float64)

    def ece(said: _Said, weights: Ints) -> Floats:
        return np.array([np.mean([_error(said.p[label], truth[label], drawn) for label in Label]) for drawn in weights])

    n = int(mask.sum())
    whole = [
        _Figure("main_macro_f1", sum(positives[label] for label in MAIN_LABELS), macro(MAIN_LABELS)),
        _Figure("secondary_macro_f1", sum(positives[label] for label in SECONDARY_LABELS), macro(SECONDARY_LABELS)),
        _Figure("alert_kappa", int((mask & (alert > 0)).sum()), kappa),
        _Figure("quiet_raised", int((mask & quiet).sum()), raised),
    ]
    labels = [_Figure(f"f1 {label.value}", positives[label], f1(label)) for label in Label]
    return [*whole, *labels] if is_slice else [*whole, _Figure("ece", n, ece), *labels]


def _error(p: Floats, truth: Bools, drawn: Ints) -> float:
    return calibration_error(np.repeat(p, drawn), np.repeat(truth, drawn))


def _difference(
    figure: _Figure, name: str, candidate: _Said, other: _Said, mask: Bools, drawn: Ints, *, may_differ: bool
) -> FigureDifference:
    once = mask.astype(np.int64)[None, :]
    own, theirs = (float(figure.of(said, once)[0]) for said in (candidate, other))
    weights = drawn * once
    change = figure.of(candidate, weights) - figure.of(other, weights)
    low, high = (float(value) for value in np.percentile(change, [2.5, 97.5]))
    gain = (-high, -low) if figure.name in _LESS else (low, high)
    verdict = SAME if not may_differ else BETTER if gain[0] > 0 else WORSE if gain[1] < 0 else SAME
    return FigureDifference(figure.name, name, figure.n, own, theirs, low, high, verdict)
