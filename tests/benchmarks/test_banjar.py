"""The texts that judge Banjarese are whole, half of them quiet, and none of them was learned."""

from __future__ import annotations

import numpy as np

from benchmarks.banjar import figures, read_pairs
from nlp.labelled import LabelledItem, is_quiet, read_labelled, text_key
from nlp.training.baseline import AUTHORED
from nlp.training.hate import read_authored_hate
from waspada.banjar.reading import is_banjarese
from waspada.taxonomy import FIELDS, Aux, Label, LabelTag, Tags


def keys() -> set[str]:
    return {text_key(row.item.text) for pair in read_pairs() for row in (pair.indonesian, pair.banjar)}


def test_texts_are_whole_and_each_stands_once() -> None:
    pairs = read_pairs()
    assert (len(pairs), len(keys())) == (200, 400)
    assert all(set(pair.banjar.labels) == set(FIELDS) for pair in pairs)
    assert 80 < sum(is_quiet(pair.banjar) for pair in pairs) < 120


def test_they_are_taken_for_what_they_are() -> None:
    pairs = read_pairs()
    assert sum(is_banjarese([pair.banjar.item.text]) for pair in pairs) > 190
    assert not any(is_banjarese([pair.indonesian.item.text]) for pair in pairs)


def test_none_was_learned() -> None:
    taught = {text_key(row.item.text) for path in AUTHORED.glob("*.jsonl") for row in read_labelled(path)}
    assert not (taught | {text_key(row.item.text) for row in read_authored_hate()}) & keys()


def test_a_tagger_without_fault_has_full_marks_and_a_silent_one_none() -> None:
    pairs = read_pairs()
    rows, hateful = [pair.banjar for pair in pairs], np.array([pair.hate for pair in pairs])
    right = [_tags(row, row.labels, pair.hate) for row, pair in zip(rows, pairs, strict=True)]
    assert [cell.split(" ")[0] for cell in figures(rows, hateful, right)] == ["1.000", "1.000", "1.000", "0", "0"]
    due = sum(row.labels["alert"] >= 2 for row in rows)
    silent = figures(rows, hateful, [_tags(row, dict.fromkeys(FIELDS, 0), False) for row in rows])
    assert [cell.split(" ")[0] for cell in silent] == ["0.000", "0.000", "0.000", str(due), "0"]


def _tags(row: LabelledItem, labels: dict[str, int], hate: bool) -> Tags:
    on = {label: LabelTag(float(bool(labels[label])), bool(labels[label])) for label in Label}
    aux = {Aux.HATE: LabelTag(float(hate), hate)}
    return Tags(row.item.id, "none", on, aux, labels["conflict"], labels["alert"])
