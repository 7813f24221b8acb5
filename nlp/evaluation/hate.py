"""The auxiliary head `hate` judged on public sets that no weight has seen (their licences allow measuring only)."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from nlp.evaluation.metrics import bootstrap_weights, f1_of, f1_scores, interval
from nlp.labelled import text_key
from waspada.taxonomy import Aux, ItemKind, ItemText, Tagger

#: File under `labelled/` -> the label that means hate there.
HATE_SETS = {"id_multilabel_hs.jsonl": "HS", "banjar_hs_alkaff2023.jsonl": "hate"}


def evaluate_hate(tagger: Tagger, path: Path, label: str, seen: Collection[str] = (), seed: int = 0) -> dict[str, Any]:
    """F1 of the positive class with its interval; texts whose `nlp.labelled.text_key` is in `seen` are left out."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [raw for raw in lines if text_key(raw["text"]) not in seen]
    tags = tagger.classify([ItemText(raw["id"], "", raw["text"], ItemKind.POST) for raw in rows])
    truth = np.array([bool(raw["labels"][label]) for raw in rows])
    said = np.array([tag.aux[Aux.HATE].on for tag in tags])
    weights = bootstrap_weights(len(rows), 300, np.random.default_rng(seed))
    f1 = interval(f1_of(truth, said), f1_scores(truth, said, weights))
    return {"n": len(rows), "n_left_out_as_seen": len(lines) - len(rows), "n_positive": int(truth.sum())} | {
        "f1": f1.as_dict()
    }
