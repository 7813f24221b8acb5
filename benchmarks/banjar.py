"""How well Banjarese is tagged: `python -m benchmarks.banjar [MODEL_FOLDER]`.

`benchmarks/data/banjar_pairs.jsonl` holds 200 texts written for this project, each once in Indonesian and once in
Banjarese, half of them quiet twins of the others. Their author saw neither lexicon nor model, and no weight, cut or
word of the table comes from them. The same model reads the Indonesian ones, the Banjarese ones as they are, and those
in Indonesian words (waspada/banjar); the shipped baseline, which counts words, reads them beside it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nlp
from benchmarks.shared import add_model_argument, in_digits, results, table_of
from nlp.encoder.folder import EncoderFolder, read_encoder_folder
from nlp.encoder.tagger import EncoderTagger
from nlp.evaluation.evaluate import judge
from nlp.evaluation.metrics import bootstrap_weights, f1_of
from nlp.labelled import LabelledItem, is_quiet, values_of
from waspada.banjar.reading import is_banjarese
from waspada.taxonomy import Aux, ItemKind, ItemText, Tagger, Tags

PAIRS = Path(__file__).parent / "data" / "banjar_pairs.jsonl"
_REPLICATES = 500

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pair:
    """One text in both languages, with the codebook's labels, and whether it is hateful."""

    indonesian: LabelledItem
    banjar: LabelledItem
    hate: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_argument(parser, "waspada-id-v1")
    folder = read_encoder_folder(parser.parse_args().model)
    pairs = read_pairs()
    indonesian, banjar = [pair.indonesian for pair in pairs], [pair.banjar for pair in pairs]
    hateful = np.array([pair.hate for pair in pairs])
    table = table_of(
        f"{len(pairs)} texts; {folder.version}", "read", "main macro-F1", "secondary", "hate", "missed", "raised"
    )
    baseline = nlp.load(nlp.shipped("baseline-id-v1"))
    for name, tagger, rows in (
        ("Indonesian", _tagger(folder, from_banjar=True), indonesian),
        ("Banjarese in Indonesian words", _tagger(folder, from_banjar=True), banjar),
        ("Banjarese as it is", _tagger(folder, from_banjar=False), banjar),
        ("Indonesian, baseline", baseline, indonesian),
        ("Banjarese as it is, baseline", baseline, banjar),
    ):
        table.add_row(name, *figures(rows, hateful, tagger.classify([row.item for row in rows])))
    results.print(table)
    results.print("missed: alert level 2 or 3, tagged 0 or 1; raised: quiet texts tagged 2 or 3")
    taken = [sum(is_banjarese([row.item.text]) for row in rows) for rows in (banjar, indonesian)]
    results.print(f"taken for Banjarese: {taken[0]} of the Banjarese texts, {taken[1]} of the Indonesian ones")


def read_pairs(path: Path = PAIRS) -> list[Pair]:
    """The texts, in their order."""
    raw = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Pair(_row(one, one["indonesian"]), _row(one, one["banjar"]), one["hate"]) for one in raw]


def figures(rows: Sequence[LabelledItem], hateful: Bools, tags: Sequence[Tags]) -> list[str]:
    """The cells of a row of the table."""
    weights = bootstrap_weights(len(rows), _REPLICATES, np.random.default_rng(0))
    found = judge("", rows, tags, weights)
    said = np.array([tag.aux[Aux.HATE].on for tag in tags])
    raised = np.array([tag.alert_level >= 2 for tag in tags])
    quiet, due = np.array([is_quiet(row) for row in rows]), values_of(rows, "alert") >= 2
    return [
        in_digits(found.main_f1),
        in_digits(found.secondary_f1),
        f"{f1_of(hateful, said):.3f}",
        f"{(due & ~raised).sum()} of {due.sum()}",
        f"{(quiet & raised).sum()} of {quiet.sum()}",
    ]


def _row(raw: Mapping[str, Any], text: str) -> LabelledItem:
    return LabelledItem(ItemText(raw["id"], "", text, ItemKind.POST), raw["labels"], raw["id"], "-")


def _tagger(folder: EncoderFolder, from_banjar: bool) -> Tagger:
    spec = replace(folder.features, from_banjar=from_banjar)
    return EncoderTagger(replace(folder, features=spec), find_places=lambda _item: ())


if __name__ == "__main__":
    main()
