"""How well Banjarese is tagged: `python -m benchmarks.banjar [MODEL_FOLDER]`.

`benchmarks/data/banjar_pairs.jsonl` holds 200 texts written for this project, each once in Indonesian and once in
Banjarese, half of them quiet twins of the others. Their author saw neither lexicon nor model, and no weight, cut or
word of the table comes from them. The same model reads the Indonesian ones, the Banjarese ones as they are, and those
in Indonesian words (waspada/banjar); the shipped baseline, which counts words, reads them beside it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import nlp
from benchmarks.shared import add_model_argument, in_digits, results, table_of
from nlp.encoder.folder import EncoderFolder, read_encoder_folder
from nlp.encoder.tagger import EncoderTagger
from nlp.evaluation.metrics import Estimate, bootstrap_weights, f1_of, f1_scores, interval
from waspada.banjar.reading import is_banjarese
from waspada.taxonomy import MAIN_LABELS, SECONDARY_LABELS, Aux, ItemKind, ItemText, Label, Tagger, Tags

PAIRS = Path(__file__).parent / "data" / "banjar_pairs.jsonl"
_REPLICATES = 500

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pair:
    """One text in both languages, with the codebook's labels."""

    indonesian: str
    banjar: str
    labels: dict[str, int]
    hate: bool

    @property
    def is_quiet(self) -> bool:
        return self.labels["alert"] == 0 and not any(self.labels[label] for label in Label if label != Label.ELECTION)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_argument(parser, "waspada-id-v1")
    folder = read_encoder_folder(parser.parse_args().model)
    pairs = read_pairs()
    indonesian, banjar = [pair.indonesian for pair in pairs], [pair.banjar for pair in pairs]
    table = table_of(
        f"{len(pairs)} texts; {folder.version}", "read", "main macro-F1", "secondary", "hate", "missed", "raised"
    )
    baseline = nlp.load(nlp.shipped("baseline-id-v1"))
    for name, tagger, texts in (
        ("Indonesian", _tagger(folder, from_banjar=True), indonesian),
        ("Banjarese in Indonesian words", _tagger(folder, from_banjar=True), banjar),
        ("Banjarese as it is", _tagger(folder, from_banjar=False), banjar),
        ("Indonesian, baseline", baseline, indonesian),
        ("Banjarese as it is, baseline", baseline, banjar),
    ):
        table.add_row(name, *figures(pairs, tagger.classify(_items(texts))))
    results.print(table)
    results.print("missed: alert level 2 or 3, tagged 0 or 1; raised: quiet texts tagged 2 or 3")
    taken = [sum(is_banjarese([text]) for text in texts) for texts in (banjar, indonesian)]
    results.print(f"taken for Banjarese: {taken[0]} of the Banjarese texts, {taken[1]} of the Indonesian ones")


def read_pairs(path: Path = PAIRS) -> list[Pair]:
    """The texts, in their order."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Pair(row["indonesian"], row["banjar"], row["labels"], row["hate"]) for row in rows]


def figures(pairs: Sequence[Pair], tags: Sequence[Tags]) -> list[str]:
    """The cells of a row."""
    weights = bootstrap_weights(len(pairs), _REPLICATES, np.random.default_rng(0))
    hateful = np.array([pair.hate for pair in pairs])
    said = np.array([tag.aux[Aux.HATE].on for tag in tags])
    quiet = np.array([pair.is_quiet for pair in pairs])
    due = np.array([pair.labels["alert"] >= 2 for pair in pairs])
    raised = np.array([tag.alert_level >= 2 for tag in tags])
    return [
        in_digits(_macro(pairs, tags, MAIN_LABELS, weights)),
        in_digits(_macro(pairs, tags, SECONDARY_LABELS, weights)),
        f"{f1_of(hateful, said):.3f}",
        f"{(due & ~raised).sum()} of {due.sum()}",
        f"{(quiet & raised).sum()} of {quiet.sum()}",
    ]


def _macro(
    pairs: Sequence[Pair], tags: Sequence[Tags], labels: Collection[Label], weights: NDArray[np.int64]
) -> Estimate:
    both = [
        (np.array([bool(pair.labels[label]) for pair in pairs]), np.array([tag.labels[label].on for tag in tags]))
        for label in labels
    ]
    value = float(np.mean([f1_of(truth, said) for truth, said in both]))
    return interval(value, np.mean([f1_scores(truth, said, weights) for truth, said in both], axis=0))


def _tagger(folder: EncoderFolder, from_banjar: bool) -> Tagger:
    spec = replace(folder.features, from_banjar=from_banjar)
    return EncoderTagger(replace(folder, features=spec), find_places=lambda _item: ())


def _items(texts: Sequence[str]) -> list[ItemText]:
    return [ItemText(str(number), "", text, ItemKind.POST) for number, text in enumerate(texts)]


if __name__ == "__main__":
    main()
