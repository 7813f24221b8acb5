"""Out-of-fold predictions as tags, so that they are judged by the same code as a finished model."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.hate import HATE_SETS, evaluate_hate
from nlp.evaluation.metrics import wilson
from nlp.heads import HEADS, AlertRule, Head, decide
from nlp.labelled import LabelledItem, is_protected
from waspada.taxonomy import Label, Tagger, Tags

Floats = NDArray[np.float64]


def out_of_fold_tags(
    rows: Sequence[LabelledItem], logits: Floats, thresholds: Mapping[Head, float], rule: AlertRule, alert_p: Floats
) -> list[Tags]:
    """Tags without evidence for out-of-fold log odds (rows, heads).

    `alert_p` (rows, 3) are alert probabilities that were themselves made out of fold; they replace the rule's own,
    because the finished rule has seen these rows.
    """
    tags = []
    for index, row in enumerate(rows):
        decision = decide(logits[index], thresholds, _constant(rule, alert_p[index]))
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


def protected_figures(rows: Sequence[LabelledItem], tags: Sequence[Tags]) -> dict[str, Any]:
    """Share of authored protected speech raised to level 2 or more, over all and a kind, with its Wilson interval."""
    raised: dict[str, list[bool]] = {}
    for row, tag in zip(rows, tags, strict=True):
        if is_protected(row):
            for kind in ("all", row.pool.partition(":")[2]):
                raised.setdefault(kind, []).append(tag.alert_level >= 2)
    return {kind: {"n": len(hits)} | wilson(sum(hits), len(hits)).as_dict() for kind, hits in raised.items()}


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
