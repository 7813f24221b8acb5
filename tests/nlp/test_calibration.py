"""Platt scaling finds the slope that made the data, and stays sane where there is nothing to find."""

from __future__ import annotations

import numpy as np
import pytest

from nlp.calibration import Platt, fit_platt, sigmoid


def test_the_slope_and_offset_that_made_the_data_are_found() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=40_000)
    positive = rng.random(40_000) < sigmoid(1.7 * scores - 0.8)
    found = fit_platt(scores, positive)
    assert found.a == pytest.approx(1.7, abs=0.06)
    assert found.b == pytest.approx(-0.8, abs=0.06)


def test_perfectly_parted_classes_keep_a_finite_slope() -> None:
    found = fit_platt(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([False, False, True, True]))
    assert 0 < found.a < 50
    assert np.isfinite(found.b)


def test_one_class_gives_a_flat_answer() -> None:
    found = fit_platt(np.array([0.1, 5.0, -3.0]), np.zeros(3, dtype=bool))
    assert found.a == 0.0
    assert float(sigmoid(np.array([found.b]))[0]) < 0.5


def test_no_score_leaves_the_range() -> None:
    logits = Platt(5.0, 0.0).logit(np.array([-1e9, 0.0, 1e9]))
    p = sigmoid(logits)
    assert p[1] == 0.5
    assert 0.0 < p[0] < 1e-4
    assert 1 - 1e-4 < p[2] < 1.0
