"""The figures that training itself can give: out of fold, on dev, on the hate sets, and what each half is worth."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import fit_blend, sigmoid
from nlp.encoder.folder import EncoderFolder
from nlp.encoder.tagger import EncoderTagger
from nlp.evaluation.evaluate import evaluate, judge
from nlp.evaluation.evidence import evidence_quality
from nlp.evaluation.metrics import bootstrap_weights, f1_of
from nlp.heads import COLUMN, LABEL_HEADS
from nlp.labelled import file_sha256, read_labelled, text_key
from nlp.training.decisions import Decisions, judged_rows
from nlp.training.encoder.data import EncoderData
from nlp.training.encoder.recipe import EncoderRecipe
from nlp.training.inputs import Progress
from nlp.training.judging import authored_figures, hate_figures, protected_figures
from nlp.training.thresholds import f1_threshold
from waspada.taxonomy import MAIN_LABELS, SECONDARY_LABELS, Label

Floats = NDArray[np.float64]
_HALVES = {"encoder alone": [0], "linear heads alone": [1], "both": [0, 1]}


def model_figures(
    recipe: EncoderRecipe,
    data: EncoderData,
    data_dir: Path,
    folder: EncoderFolder,
    decided: Decisions,
    both: Floats,
    notes: dict[str, Any],
    progress: Progress,
) -> dict[str, Any]:
    """Everything for metrics.json. `both` (n, heads, 2) are out-of-fold scores of encoder and linear heads."""
    rng = np.random.default_rng(recipe.seed)
    n_gold, n_read = len(data.gold), len(data.gold) + len(data.silver)
    tagger = EncoderTagger(folder, find_places=lambda _item: ())
    oof = judge("out of fold", data.gold, decided.tags[:n_gold], bootstrap_weights(n_gold, 1000, rng))
    dev_path = data_dir / "gold" / "dev.jsonl"
    dev: dict[str, Any] | str = "not run: gold/dev.jsonl is absent"
    if dev_path.exists():
        dev = evaluate(tagger, read_labelled(dev_path), seed=recipe.seed, progress=progress).as_dict()
        data.files["gold/dev.jsonl"] = file_sha256(dev_path)
    return {
        "seed": recipe.seed,
        "recipe": recipe.as_dict(),
        "data_sha256": data.files,
        "n_train": {
            "gold": n_gold,
            "silver": len(data.silver),
            "authored": len(data.authored),
            "hate, public": len(data.public_hate),
            "hate, public, read again": sum(row.read_again for row in data.public_hate),
            "hate, own": len(data.own_hate),
            "hate, said in Banjarese": len(data.banjar_hate),
        },
        "python": platform.python_version(),
        "trim": notes.get("trim", {}),
        **({"networks": notes["networks"]} if "networks" in notes else {}),
        "out_of_fold": oof.as_dict(),
        "halves_out_of_fold": _halves(data, both, rng),
        "authored_out_of_fold": authored_figures(data.authored, decided.tags[n_read:]),
        "protected_out_of_fold": protected_figures(data.authored, decided.tags[n_read:]),
        "dev": dev,
        "evidence": _evidence(tagger, folder, dev_path),
        "hate": hate_figures(tagger, data_dir / "labelled", _seen_hate(data)),
    }


def _evidence(tagger: EncoderTagger, folder: EncoderFolder, dev_path: Path) -> dict[str, Any] | str:
    if not dev_path.exists():
        return "not run: gold/dev.jsonl is absent"
    items = [row.item for row in read_labelled(dev_path)]
    return evidence_quality(tagger, tagger.log_odds, items, folder.features.lead_chars).as_dict()


def _seen_hate(data: EncoderData) -> set[str]:
    """Keys of every text that taught the head `hate`."""
    return {text_key(row.item.text) for row in data.hate}


def _halves(data: EncoderData, both: Floats, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """Macro-F1 out of fold on gold with each half of the model alone and with both, each with cuts of its own."""
    found: dict[str, dict[str, float]] = {}
    for name, columns in _HALVES.items():
        f1 = {label: _f1(data, both[..., columns], label, rng) for label in Label}
        found[name] = {
            group: round(float(np.mean([f1[label] for label in labels])), 4)
            for group, labels in (("main_macro_f1", MAIN_LABELS), ("secondary_macro_f1", SECONDARY_LABELS))
        }
    return found


def _f1(data: EncoderData, scores: Floats, label: Label, rng: np.random.Generator) -> float:
    head = LABEL_HEADS[label]
    judged = judged_rows(data.target(head), data.judged(head))
    own = scores[judged.rows, COLUMN[head]]
    p = sigmoid(fit_blend(own, judged.positive).logit(own))
    return f1_of(judged.positive, p >= f1_threshold(p, judged.positive, rng))
