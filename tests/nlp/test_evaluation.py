"""The figures by which a model is judged equal those worked out by hand or by scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from nlp.evaluation.evaluate import evaluate, slice_masks
from nlp.evaluation.metrics import (
    bootstrap_weights,
    calibration_error,
    f1_scores,
    level_table,
    quadratic_kappa,
    wilson,
)
from nlp.evaluation.table import as_tables
from nlp.labelled import LabelledItem
from waspada.taxonomy import FIELDS, Aux, ItemKind, ItemText, Label, LabelTag, MisinformationKind, Tags


class Perfect:
    """Says what the id of an item asks for: "conflict=2,alert=3"."""

    model = "perfect"

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        return [_tags(item.id) for item in items]


def _fields(wanted: str) -> dict[str, int]:
    pairs = (part.split("=") for part in wanted.split(",") if part)
    return dict.fromkeys(FIELDS, 0) | {name: int(value) for name, value in pairs}


def _tags(wanted: str) -> Tags:
    fields = _fields(wanted)
    kinds = {1: MisinformationKind.CLAIM, 2: MisinformationKind.REPORT}
    labels = {}
    for label in Label:
        value = fields[label.value]
        kind = kinds.get(value) if label is Label.MISINFORMATION else None
        labels[label] = LabelTag(float(value > 0), value > 0, kind)
    return Tags(wanted, "perfect", labels, {Aux.HATE: LabelTag(0.0, False)}, fields["conflict"], fields["alert"])


def _row(wanted: str, said: str | None = None, pool: str = "one") -> LabelledItem:
    item = ItemText(wanted if said is None else said, kind=ItemKind.POST)
    return LabelledItem(item, _fields(wanted), wanted, pool)


ROWS = [
    _row("conflict=2,alert=3"),
    _row("polarization=1,alert=2"),
    _row("neutrality=1,alert=2", pool="second:neutrality"),
    _row("misinformation=2,alert=1"),
    _row("fraud=1,alert=2"),
    _row("logistics=1,alert=2"),
    _row("disaster=1,alert=2"),
    _row("election=1"),
]


def test_a_perfect_tagger_gets_perfect_figures() -> None:
    found = evaluate(Perfect(), ROWS, replicates=50)
    assert found.main_f1.value == found.secondary_f1.value == 1.0
    assert found.alert_kappa.value == found.conflict_kappa.value == 1.0
    assert found.quiet_raised.value == 0.0
    assert found.misinformation_kind_accuracy == 1.0
    assert all(figures.ece == 0.0 for figures in found.labels.values())


def test_mistakes_count_where_they_were_made() -> None:
    rows = [*ROWS, _row("", said="conflict=1,alert=2"), _row("misinformation=1", said="misinformation=2")]
    found = evaluate(Perfect(), rows, replicates=50)
    conflict = found.labels[Label.CONFLICT]
    assert (conflict.precision, conflict.recall) == (0.5, 1.0)
    assert conflict.f1.value == pytest.approx(2 / 3)
    assert found.main_f1.value == pytest.approx((2 / 3 + 3) / 4)
    assert found.misinformation_kind_accuracy == 0.5
    assert found.quiet_raised.value == 0.5  # "election" and the raised one are the two quiet items
    assert found.alert_table[0] == [2, 0, 1, 0]
    assert conflict.f1.low <= conflict.f1.value <= conflict.f1.high


def test_slices_are_by_kind_draw_and_pool() -> None:
    assert {name: int(mask.sum()) for name, mask in slice_masks(ROWS).items()} == {
        "drawn first": 7,
        "drawn second": 1,
        "kind post": 8,
        "pool one": 7,
        "pool second:neutrality": 1,
    }


def test_the_tables_name_every_label_and_slice() -> None:
    console = Console(file=StringIO(), width=160)
    console.print(as_tables(evaluate(Perfect(), ROWS, replicates=20)))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(name in shown for name in [*Label, "pool second:neutrality", "macro-F1", "quadratic kappa"])


def test_progress_ends_at_the_number_of_items() -> None:
    calls: list[tuple[str, int, int]] = []
    evaluate(Perfect(), ROWS, replicates=5, progress=lambda *call: calls.append(call))
    assert calls[-1] == ("tagging", len(ROWS), len(ROWS))


def test_kappa_and_f1_equal_those_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="not run: scikit-learn is not installed (extra: train)")
    rng = np.random.default_rng(3)
    truth, said = rng.integers(0, 4, 500), rng.integers(0, 4, 500)
    assert quadratic_kappa(truth, said) == pytest.approx(metrics.cohen_kappa_score(truth, said, weights="quadratic"))
    once = np.ones((1, 500), dtype=np.int64)
    assert f1_scores(truth > 1, said > 1, once)[0] == pytest.approx(metrics.f1_score(truth > 1, said > 1))
    assert level_table(truth, said).tolist() == metrics.confusion_matrix(truth, said).tolist()


def test_weights_of_a_bootstrap_count_items_as_often_as_they_were_drawn() -> None:
    rng = np.random.default_rng(4)
    truth, said = rng.integers(0, 2, 60) > 0, rng.integers(0, 2, 60) > 0
    drawn = bootstrap_weights(60, 3, rng)
    assert drawn.sum(axis=1).tolist() == [60, 60, 60]
    index = np.repeat(np.arange(60), drawn[0])
    once = np.ones((1, 60), dtype=np.int64)
    assert f1_scores(truth, said, drawn)[0] == pytest.approx(f1_scores(truth[index], said[index], once)[0])


def test_calibration_error_is_the_gap_between_said_and_seen() -> None:
    assert calibration_error(np.full(10, 0.8), np.array([True] * 8 + [False] * 2)) == pytest.approx(0.0)
    assert calibration_error(np.full(10, 0.8), np.zeros(10, dtype=bool)) == pytest.approx(0.8)
    assert calibration_error(np.array([1.0, 0.0]), np.array([True, False])) == 0.0


def test_a_share_of_none_is_not_certain() -> None:
    none = wilson(0, 300)
    assert (none.value, none.low) == pytest.approx((0.0, 0.0))
    assert none.high == pytest.approx(0.0126, abs=2e-4)
