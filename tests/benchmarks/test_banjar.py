"""The texts that judge Banjarese are whole, quiet and not in turn, and none of them was learned."""

from __future__ import annotations

from benchmarks.banjar import figures, read_pairs
from nlp.labelled import read_labelled, text_key
from nlp.training.baseline import AUTHORED
from nlp.training.hate import read_authored_hate
from waspada.banjar.reading import is_banjarese
from waspada.taxonomy import FIELDS, Aux, Label, LabelTag, Tags


def test_texts_are_whole_and_each_stands_once() -> None:
    pairs = read_pairs()
    assert len(pairs) == 200
    assert len({text_key(text) for pair in pairs for text in (pair.indonesian, pair.banjar)}) == 400
    assert all(set(pair.labels) == set(FIELDS) for pair in pairs)
    assert 80 < sum(pair.is_quiet for pair in pairs) < 120


def test_they_are_taken_for_what_they_are() -> None:
    pairs = read_pairs()
    assert sum(is_banjarese([pair.banjar]) for pair in pairs) > 190
    assert not any(is_banjarese([pair.indonesian]) for pair in pairs)


def test_none_was_learned() -> None:
    taught = {text_key(row.item.text) for path in AUTHORED.glob("*.jsonl") for row in read_labelled(path)}
    taught |= {text_key(row.item.text) for row in read_authored_hate()}
    assert not taught & {text_key(text) for pair in read_pairs() for text in (pair.indonesian, pair.banjar)}


def test_a_tagger_without_fault_has_full_marks_and_a_silent_one_none() -> None:
    pairs = read_pairs()
    right = [_tags(pair.labels, pair.hate) for pair in pairs]
    assert [cell.split(" ")[0] for cell in figures(pairs, right)] == ["1.000", "1.000", "1.000", "0", "0"]
    due = sum(pair.labels["alert"] >= 2 for pair in pairs)
    silent = figures(pairs, [_tags(dict.fromkeys(FIELDS, 0), False) for _ in pairs])
    assert silent[3:] == [f"{due} of {due}", f"0 of {sum(pair.is_quiet for pair in pairs)}"]


def _tags(labels: dict[str, int], hate: bool) -> Tags:
    on = {label: LabelTag(float(bool(labels[label])), bool(labels[label])) for label in Label}
    return Tags("1", "none", on, {Aux.HATE: LabelTag(float(hate), hate)}, labels["conflict"], labels["alert"])
