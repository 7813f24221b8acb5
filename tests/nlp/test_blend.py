"""Scores of one head are joined by the slopes that make the data most likely, and none may count against the rest."""

from __future__ import annotations

import numpy as np
import pytest

from nlp.calibration import Blend, Platt, fit_blend, fit_platt, sigmoid


def test_one_source_gives_what_platt_gives() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(500, 1))
    positive = rng.random(500) < sigmoid(1.5 * scores[:, 0] - 1.0)
    blend, platt = fit_blend(scores, positive), fit_platt(scores[:, 0], positive)
    assert blend == Blend((platt.a,), platt.b)
    np.testing.assert_allclose(blend.logit(scores), platt.logit(scores[:, 0]))


def test_the_slopes_that_made_the_data_are_found() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(40_000, 2))
    positive = rng.random(40_000) < sigmoid(scores @ np.array([1.2, 0.6]) - 0.8)
    found = fit_blend(scores, positive)
    assert found.slopes == pytest.approx((1.2, 0.6), abs=0.06)
    assert found.offset == pytest.approx(-0.8, abs=0.06)


@pytest.mark.parametrize("bad", [0, 1])
def test_a_source_that_counts_against_the_other_is_left_out(bad: int) -> None:
    rng = np.random.default_rng(2)
    good = rng.normal(size=2000)
    positive = rng.random(2000) < sigmoid(2.0 * good)
    scores = np.empty((2000, 2))
    scores[:, 1 - bad] = good
    scores[:, bad] = rng.normal(size=2000) - 0.8 * positive
    found = fit_blend(scores, positive)
    platt = fit_platt(good, positive)
    assert found.slopes[bad] == 0.0
    assert found.slopes[1 - bad] == pytest.approx(platt.a)
    assert found.offset == pytest.approx(platt.b)


def test_what_is_left_out_of_three_leaves_the_other_two_in_their_places() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(5000, 3))
    positive = rng.random(5000) < sigmoid(scores @ np.array([1.0, -1.5, 0.5]))
    found = fit_blend(scores, positive)
    two = fit_blend(scores[:, [0, 2]], positive)
    assert found.slopes == pytest.approx((two.slopes[0], 0.0, two.slopes[1]))
    assert min(two.slopes) > 0


def test_a_head_that_no_source_knows_keeps_the_order_platt_would_give() -> None:
    rng = np.random.default_rng(4)
    scores = rng.normal(size=(2000, 1))
    positive = rng.random(2000) < sigmoid(-scores[:, 0])
    assert fit_blend(scores, positive).slopes[0] == pytest.approx(fit_platt(scores[:, 0], positive).a)
    assert fit_blend(scores, positive).slopes[0] < 0


@pytest.mark.parametrize("positive", [True, False])
def test_one_class_gives_a_flat_answer(positive: bool) -> None:
    scores = np.array([[0.1, 1.0], [5.0, -2.0], [-3.0, 0.0]])
    found = fit_blend(scores, np.full(3, positive))
    assert found.slopes == (0.0, 0.0)
    assert (found.offset > 0) is positive
    assert found.offset == pytest.approx(np.log(4.0) * (1 if positive else -1))


def test_perfectly_parted_classes_keep_finite_slopes() -> None:
    scores = np.array([[-2.0, -1.0], [-1.0, -2.0], [1.0, 2.0], [2.0, 1.0]])
    found = fit_blend(scores, np.array([False, False, True, True]))
    assert all(0 < slope < 50 for slope in found.slopes)
    assert np.isfinite(found.offset)


def test_two_sources_that_say_the_same_share_what_one_would_have() -> None:
    rng = np.random.default_rng(5)
    score = rng.normal(size=3000)
    positive = rng.random(3000) < sigmoid(1.5 * score)
    found = fit_blend(np.stack([score, score], axis=1), positive)
    assert sum(found.slopes) == pytest.approx(fit_platt(score, positive).a, rel=1e-4)


def test_a_blend_adds_its_sources_and_keeps_within_its_bounds() -> None:
    blend = Blend((2.0, 0.5), -1.0)
    np.testing.assert_allclose(blend.logit(np.array([[1.0, 2.0], [0.0, 0.0]])), [2.0, -1.0])
    assert blend.logit(np.zeros((3, 4, 2))).shape == (3, 4)
    np.testing.assert_allclose(blend.logit(np.array([[1e9, 0.0], [-1e9, 0.0]])), [12.0, -12.0])
    assert Platt(2.0, -1.0).logit(np.array([1e9]))[0] == 12.0
