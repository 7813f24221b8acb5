"""A tagger judged on labelled items: figures per label, as a whole, and per slice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.metrics import (
    Bools,
    Estimate,
    Floats,
    Ints,
    bootstrap_weights,
    calibration_error,
    f1_of,
    f1_scores,
    interval,
    level_table,
    quadratic_kappa,
    wilson,
)
from nlp.labelled import LabelledItem, is_quiet, values_of
from waspada.taxonomy import MAIN_LABELS, SECONDARY_LABELS, Label, MisinformationKind, Tagger, Tags

Progress = Callable[[str, int, int], None]
_BATCH = 64


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """Figures of one label. `ece` is the expected calibration error of its probability."""

    n_positive: int
    f1: Estimate
    precision: float
    recall: float
    ece: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "n_positive": self.n_positive,
            "f1": self.f1.as_dict(),
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "ece": round(self.ece, 4),
        }


@dataclass(frozen=True, slots=True)
class SliceFigures:
    """Macro-F1 over the labels that have positives in the slice; None where none has."""

    n: int
    main_f1: float | None
    secondary_f1: float | None
    alert_kappa: float

    def as_dict(self) -> dict[str, Any]:
        rounded = {
            "main_macro_f1": self.main_f1,
            "secondary_macro_f1": self.secondary_f1,
            "alert_kappa": self.alert_kappa,
        }
        return {"n": self.n} | {key: None if v is None else round(v, 4) for key, v in rounded.items()}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `evaluate` found. Macro-F1 is the plain mean over the four labels of a group.

    `alert_table[true][given]` counts items by their alert level.
    """

    model: str
    n: int
    labels: dict[Label, LabelFigures]
    main_f1: Estimate
    secondary_f1: Estimate
    alert_kappa: Estimate
    alert_table: list[list[int]]
    conflict_kappa: Estimate
    quiet_raised: Estimate
    misinformation_kind_accuracy: float | None
    slices: dict[str, SliceFigures]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as they stand in metrics.json."""
        return {
            "model": self.model,
            "n": self.n,
            "labels": {label.value: figures.as_dict() for label, figures in self.labels.items()},
            "main_macro_f1": self.main_f1.as_dict(),
            "secondary_macro_f1": self.secondary_f1.as_dict(),
            "alert_kappa": self.alert_kappa.as_dict(),
            "alert_table": self.alert_table,
            "conflict_kappa": self.conflict_kappa.as_dict(),
            "quiet_raised": self.quiet_raised.as_dict(),
            "misinformation_kind_accuracy": self.misinformation_kind_accuracy,
            "slices": {name: figures.as_dict() for name, figures in self.slices.items()},
        }


def evaluate(
    tagger: Tagger,
    rows: Sequence[LabelledItem],
    *,
    replicates: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """Judge a tagger on labelled items; `replicates` bootstrap samples give the 95 % intervals.

    `progress(stage, done, total)` is called as items are tagged. Nothing is fitted here.
    """
    tags = _tag(tagger, rows, progress)
    return judge(tagger.model, rows, tags, bootstrap_weights(len(rows), replicates, np.random.default_rng(seed)))


def judge(model: str, rows: Sequence[LabelledItem], tags: Sequence[Tags], weights: Ints) -> Evaluation:
    """Figures for tags that are there already; `weights` (replicates, n) are bootstrap counts."""
    truth = {label: values_of(rows, label.value) > 0 for label in Label}
    on = {label: np.array([t.labels[label].on for t in tags], dtype=bool) for label in Label}
    p = {label: np.array([t.labels[label].p for t in tags]) for label in Label}
    quiet = np.array([is_quiet(row) for row in rows], dtype=bool)
    alert = np.array([t.alert_level for t in tags], dtype=np.int64)
    return Evaluation(
        model=model,
        n=len(rows),
        labels={label: _label(truth[label], on[label], p[label], weights) for label in Label},
        main_f1=_macro(MAIN_LABELS, truth, on, weights),
        secondary_f1=_macro(SECONDARY_LABELS, truth, on, weights),
        alert_kappa=_kappa(values_of(rows, "alert"), alert, weights),
        alert_table=[[int(n) for n in line] for line in level_table(values_of(rows, "alert"), alert)],
        conflict_kappa=_kappa(values_of(rows, "conflict"), np.array([t.conflict_level for t in tags]), weights),
        quiet_raised=wilson(int((alert[quiet] >= 2).sum()), int(quiet.sum())),
        misinformation_kind_accuracy=_kind_accuracy(rows, tags),
        slices=_slices(rows, truth, on, alert),
    )


def _tag(tagger: Tagger, rows: Sequence[LabelledItem], progress: Progress | None) -> list[Tags]:
    tags: list[Tags] = []
    for start in range(0, len(rows), _BATCH):
        tags.extend(tagger.classify([row.item for row in rows[start : start + _BATCH]]))
        if progress is not None:
            progress("tagging", len(tags), len(rows))
    return tags


def _label(truth: Bools, on: Bools, p: Floats, weights: Ints) -> LabelFigures:
    hits = int((truth & on).sum())
    return LabelFigures(
        n_positive=int(truth.sum()),
        f1=interval(f1_of(truth, on), f1_scores(truth, on, weights)),
        precision=hits / max(int(on.sum()), 1),
        recall=hits / max(int(truth.sum()), 1),
        ece=calibration_error(p, truth),
    )


def _macro(labels: Sequence[Label], truth: dict[Label, Bools], on: dict[Label, Bools], weights: Ints) -> Estimate:
    value = float(np.mean([f1_of(truth[label], on[label]) for label in labels]))
    return interval(value, np.mean([f1_scores(truth[label], on[label], weights) for label in labels], axis=0))


def _kappa(truth: Ints, predicted: Ints, weights: Ints) -> Estimate:
    samples = [quadratic_kappa(truth, predicted, weights=drawn) for drawn in weights]
    return interval(quadratic_kappa(truth, predicted), np.array(samples))


def _kind_accuracy(rows: Sequence[LabelledItem], tags: Sequence[Tags]) -> float | None:
    """Share of right kinds where misinformation is on and true."""
    expected = {1: MisinformationKind.CLAIM, 2: MisinformationKind.REPORT}
    right = [
        tag.labels[Label.MISINFORMATION].kind is expected[row.labels["misinformation"]]
        for row, tag in zip(rows, tags, strict=True)
        if row.labels["misinformation"] and tag.labels[Label.MISINFORMATION].on
    ]
    return round(float(np.mean(right)), 4) if right else None


def _slices(
    rows: Sequence[LabelledItem], truth: dict[Label, Bools], on: dict[Label, Bools], alert: Ints
) -> dict[str, SliceFigures]:
    level = values_of(rows, "alert")
    found: dict[str, SliceFigures] = {}
    for name, mask in slice_masks(rows).items():
        scores = {label: f1_of(truth[label][mask], on[label][mask]) for label in Label if truth[label][mask].any()}
        found[name] = SliceFigures(
            n=int(mask.sum()),
            main_f1=_mean([scores[label] for label in MAIN_LABELS if label in scores]),
            secondary_f1=_mean([scores[label] for label in SECONDARY_LABELS if label in scores]),
            alert_kappa=quadratic_kappa(level[mask], alert[mask]),
        )
    return found


def slice_masks(rows: Sequence[LabelledItem]) -> dict[str, NDArray[np.bool_]]:
    """Which items belong to each slice: kind, pool, and the draw of the pool ("second:fraud" is "second")."""
    names: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        drawn = row.pool.split(":")[0] if ":" in row.pool else "first"
        for name in (f"kind {row.item.kind.value}", f"drawn {drawn}", f"pool {row.pool}"):
            names.setdefault(name, []).append(index)
    return {name: np.isin(np.arange(len(rows)), names[name]) for name in sorted(names)}


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
