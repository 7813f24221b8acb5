"""The learning curve of new heads: nobody judges by what it learned from, and what is kept are numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

import nlp
from nlp.adapted.folder import ref_of
from nlp.heads import COLUMN, LABEL_HEADS, Head
from nlp.labelled import LabelledItem
from nlp.training.answers import Answers, AnswersRecipe, answers_of, authored_rows, log_loss, protected_rows
from nlp.training.curve import DRAWS, average_precision, curve_numbers, curve_points
from nlp.training.heads import HeadsRecipe, LearnedHeads, Read, learn_heads, read_answers
from waspada.taxonomy import Label

RECIPE = AnswersRecipe()
COUNT = 160


def quiet(stage: str, done: int, total: int) -> None:
    """Nobody listens."""


def rows_of(seed: int, by_lot: bool = False) -> list[LabelledItem]:
    """Authored texts, two of a group; `by_lot`: what they are said to be has nothing to do with them."""
    rng = np.random.default_rng(seed)
    known = authored_rows()
    rows = [known[at] for at in rng.choice(len(known), COUNT, replace=False)]
    labels = rng.permutation(COUNT) if by_lot else np.arange(COUNT)
    return [replace(row, group=f"g{at // 2}", labels=rows[labels[at]].labels) for at, row in enumerate(rows)]


@pytest.fixture(scope="module")
def base() -> Any:
    return nlp.load(nlp.shipped(nlp.BASELINE))


def learned(base: Any, rows: list[LabelledItem]) -> tuple[Answers, Read, LearnedHeads]:
    answers = answers_of(rows, protected_rows()[:60], RECIPE, 7)
    read = read_answers(base, answers, {}, quiet)
    ref = ref_of(nlp.shipped(nlp.BASELINE), nlp.BASELINE, shipped=True)
    return answers, read, learn_heads(base, ref, "uji~1", answers, read, HeadsRecipe(), 7, quiet)


def test_the_ends_are_the_base_and_the_cross_validation(base: Any) -> None:
    answers, read, found = learned(base, rows_of(1))
    points = curve_points(found.fits, found.raw, RECIPE, 7, quiet)
    assert [point.answers for point in points] == pytest.approx([0, COUNT / 4, COUNT / 2, COUNT * 3 / 4], abs=6)
    heads = [head for head in answers.learnable(RECIPE) if head in LABEL_HEADS.values()]
    assert list(points[0].loss) == list(points[-1].precision) == heads
    for head in heads:
        own = np.flatnonzero(answers.own)
        target, column = answers.target(head)[own], COLUMN[head]
        for point, scores in ((points[0], read.log_odds[own, column]), (points[-1], found.raw[own, column])):
            assert point.loss[head] == pytest.approx(log_loss(scores, target))
            assert point.precision[head] == pytest.approx(average_precision_score(target, scores))
    again = curve_points(found.fits, found.raw, RECIPE, 7, quiet)
    assert curve_numbers(answers, again, RECIPE) == curve_numbers(answers, points, RECIPE)


def test_nothing_is_judged_by_what_learned_from_it(base: Any) -> None:
    """Of answers given by lot there is nothing to learn: a row that taught its own judge would be known by heart."""
    answers, _, found = learned(base, rows_of(2, by_lot=True))
    blind = replace(found.fits.read, log_odds=np.zeros_like(found.fits.read.log_odds))
    found.fits.read = blind
    points = curve_points(found.fits, found.raw, RECIPE, 7, quiet)
    for head in points[0].loss:
        target = answers.target(head)[answers.own]
        rate = float((target == 1).sum() / (target >= 0).sum())
        assert max(point.precision[head] for point in points[1:3]) < rate + 0.2, head
    everything = np.ones(len(answers.rows), dtype=bool)
    by_heart = found.fits.shifted(Head.ELECTION, everything, everything)[answers.own]
    assert average_precision_score(answers.target(Head.ELECTION)[answers.own], by_heart) > 0.95


def test_what_is_kept(base: Any) -> None:
    rows = rows_of(3)
    few = [replace(row, labels=row.labels | {"logistics": int(at < 4)}) for at, row in enumerate(rows)]
    answers, _, found = learned(base, few)
    kept = curve_numbers(answers, curve_points(found.fits, found.raw, RECIPE, 7, quiet), RECIPE)
    assert json.loads(json.dumps(kept)) == kept
    assert (kept["total"], kept["least_examples"]) == (COUNT, RECIPE.least_positives)
    assert set(kept["examples"]) == {label.value for label in Label}
    assert kept["examples"]["logistics"] == 4
    assert "logistics" not in kept["draws"]
    assert kept["draws"]
    for label, draws in kept["draws"].items():
        assert np.shape(draws) == (DRAWS, 4), label
        assert kept["examples"][label] >= RECIPE.least_positives
    text = json.dumps(kept)
    assert not any(row.item.title and row.item.title in text for row in rows)


def test_who_listens_may_stop_it(base: Any) -> None:
    _, _, found = learned(base, rows_of(4))

    def stop(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        curve_points(found.fits, found.raw, RECIPE, 7, stop)


def test_average_precision_counts_rows_as_the_reference_does() -> None:
    rng = np.random.default_rng(5)
    scores = rng.integers(0, 12, 200).astype(float)
    positive, weights = rng.random(200) < 0.2, rng.integers(0, 4, (6, 200)).astype(float)
    expected = [average_precision_score(positive, scores, sample_weight=one) for one in weights]
    np.testing.assert_allclose(average_precision(scores, positive, weights), expected)
    weights[3, positive] = 0
    assert average_precision(scores, positive, weights)[3] == pytest.approx(expected[0])
