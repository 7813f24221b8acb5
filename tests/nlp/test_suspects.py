"""Suspected label errors: planted ones are found, clean ones left alone."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.training.suspects import Suspect, suspects
from waspada.errors import InputError, MissingExtraError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ITEMS = 1500


def _field(rng: np.random.Generator, shares: list[float], errors: int) -> tuple[Ints, Floats, set[int]]:
    """Labels with planted errors, the probabilities of a good model that never saw them, and where the errors are."""
    values = len(shares)
    true = rng.choice(values, ITEMS, p=shares)
    logits = rng.normal(0, 1, (ITEMS, values))
    logits[np.arange(ITEMS), true] += 4
    odds = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    wrong = rng.choice(ITEMS, errors, replace=False)
    given = true.astype(np.int64)
    given[wrong] = (given[wrong] + rng.integers(1, values, errors)) % values
    return given, odds, set(wrong.tolist())


@pytest.mark.parametrize("shares", [[0.95, 0.05], [0.6, 0.4], [0.6, 0.2, 0.15, 0.05]])
def test_planted_errors_are_found_and_clean_labels_are_left_alone(shares: list[float]) -> None:
    given, odds, wrong = _field(np.random.default_rng(7), shares, errors=60)
    found = suspects({"alert": given}, {"alert": odds})
    rows = {one.row for one in found}
    assert len(rows & wrong) >= 0.8 * len(wrong)
    assert len(rows - wrong) <= 0.01 * ITEMS
    best = {one.row for one in found[:30]}
    assert len(best & wrong) >= 28
    assert [one.score for one in found] == sorted(one.score for one in found)
    assert all(one.given == given[one.row] and one.likely == odds[one.row].argmax() for one in found)


def test_labels_without_errors_have_hardly_any() -> None:
    given, odds, _ = _field(np.random.default_rng(8), [0.7, 0.3], errors=0)
    assert len(suspects({"fraud": given}, {"fraud": odds})) <= 0.02 * ITEMS


def test_fields_are_ranked_together_and_one_of_a_single_value_has_none() -> None:
    rng = np.random.default_rng(9)
    labels, odds = {}, {}
    for name in ("fraud", "election"):
        labels[name], odds[name], _ = _field(rng, [0.8, 0.2], errors=40)
    labels["foreign"], odds["foreign"] = np.zeros(ITEMS, dtype=np.int64), odds["fraud"]
    found = suspects(labels, odds)
    assert {one.field for one in found} == {"fraud", "election"}
    assert [one.score for one in found] == sorted(one.score for one in found)
    assert found == suspects(labels, odds)
    assert isinstance(found[0], Suspect)


def test_nothing_comes_of_nothing() -> None:
    assert suspects({}, {}) == []
    assert suspects({"fraud": np.zeros(0, dtype=np.int64)}, {"fraud": np.zeros((0, 2))}) == []


_TWO = np.array([0, 1])


@pytest.mark.parametrize(
    ("odds", "why"),
    [
        (None, "no probabilities"),
        (np.full((3, 2), 0.5), "do not fit"),
        (np.array([0.5, 0.5]), "do not fit"),
        (np.full((2, 2), 0.4), "sum to 1"),
        (np.array([[np.nan, 1.0], [0.5, 0.5]]), "sum to 1"),
        (np.array([[1.5, -0.5], [0.5, 0.5]]), "sum to 1"),
        (np.ones((2, 1)), "outside 0..0"),
    ],
)
def test_what_does_not_fit_is_refused(odds: Floats | None, why: str) -> None:
    with pytest.raises(InputError, match=why):
        suspects({"fraud": _TWO}, {} if odds is None else {"fraud": odds})


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cleanlab.filter", None)
    with pytest.raises(MissingExtraError, match=r"waspada\[train\]"):
        suspects({}, {})
