"""Out-of-fold predictions as tags, so that they are judged by the same code as a finished model."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.hate import HATE_SETS, evaluate_hate
from nlp.heads import HEADS, AlertRule, Head, decide
from nlp.labelled import LabelledItem
from waspada.taxonomy import Label, Tagger, Tags

Floats = NDArray[np.float64]


def out_of_fold_tags(
    rows: Sequence[LabelledItem], logits: Floats, thresholds: Mapping[Head, float], rule: AlertRule, alert_p: Floats
) -> list[Tags]:
    """Tags without evidence for out-of-fold log odds (rows, heads).

    `alert_p` (first n rows, 3) are alert probabilities that were themselves made out of fold; they replace the rule's
    own for those rows, because the finished rule has seen them.
    """
    tags = []
    for index, row in enumerate(rows):
        fixed = rule if index >= len(alert_p) else _constant(rule, alert_p[index])
        decision = decide(logits[index], thresholds, fixed)
        tags.append(
            Tags(
                row.item.id, "out of fold", decision.labels, decision.aux, decision.conflict_level, decision.alert_level
            )
        )
    return tags


def authored_figures(rows: Sequence[LabelledItem], tags: Sequence[Tags]) -> dict[str, Any]:
    """How well hard twins are told apart: per label, the share of pairs that differ in it and are both right."""
    pairs: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        pairs.setdefault(row.group, []).append(index)
    figures: dict[str, Any] = {"n": len(rows), "pairs": len(pairs)}
    for label in Label:
        differing = [m for m in pairs.values() if len({bool(rows[i].labels[label.value]) for i in m}) > 1]
        right = [all(tags[i].labels[label].on == bool(rows[i].labels[label.value]) for i in m) for m in differing]
        if differing:
            figures[label.value] = {"pairs": len(differing), "both_right": round(float(np.mean(right)), 4)}
    return figures


def hate_figures(tagger: Tagger, folder: Path, seen: Collection[str]) -> dict[str, Any]:
    """Positive-class F1 of the hate head on each public set that is there."""
    return {
        name: evaluate_hate(tagger, folder / name, label, seen)
        if (folder / name).exists()
        else f"not run: labelled/{name} is absent"
        for name, label in HATE_SETS.items()
    }


def _constant(rule: AlertRule, p: Floats) -> AlertRule:
    safe = np.clip(p, 1e-9, 1 - 1e-9)
    return replace(rule, weights=np.zeros((3, len(HEADS))), bias=np.log(safe / (1 - safe)))
