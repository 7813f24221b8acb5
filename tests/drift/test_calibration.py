"""Probabilities against answers: what fits, what does not, and what cannot be said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation.metrics import calibration_error
from waspada.drift.calibration import LEAST_ANSWERS, calibration
from waspada.drift.types import Fit


def drawn(n: int, seed: int = 1) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).beta(0.5, 2, size=n)


def test_true_probabilities_fit() -> None:
    p = drawn(400)
    found = calibration("conflict", p, np.random.default_rng(2).random(400) < p)
    assert found.fit is Fit.FITS
    assert found.expected == pytest.approx(p.mean())
    assert found.error is not None
    assert found.by_chance is not None
    assert found.error.low <= found.error.value <= found.by_chance


@pytest.mark.parametrize(("by", "fit"), [(0.3, Fit.TOO_HIGH), (2.0, Fit.TOO_LOW)])
def test_a_model_that_says_too_much_or_too_little(by: float, fit: Fit) -> None:
    p = drawn(500)
    truth = np.random.default_rng(3).random(500) < np.minimum(p * by, 1)
    assert calibration("fraud", p, truth).fit is fit


def test_right_in_sum_and_wrong_by_parts_is_off() -> None:
    p = np.repeat([0.1, 0.9], 200)
    truth = np.tile([True, False], 200)
    found = calibration("fraud", p, truth)
    assert found.fit is Fit.OFF
    assert found.error is not None
    assert found.error.value == pytest.approx(0.4)


def test_few_answers_say_nothing() -> None:
    found = calibration("fraud", drawn(LEAST_ANSWERS - 1), np.ones(LEAST_ANSWERS - 1, dtype=np.bool_))
    assert (found.fit, found.n, found.positives) == (Fit.TOO_FEW, 49, 49)
    assert (found.expected, found.observed, found.error, found.brier) == (None, None, None, None)
    assert calibration("fraud", drawn(0), np.zeros(0, dtype=np.bool_)).n == 0


def test_a_calibrated_model_is_seldom_called_off() -> None:
    """600 figures of calibrated models: one in 220 is allowed, by chance some more."""
    wrong = 0
    for seed in range(600):
        p = drawn(120, seed)
        truth = np.random.default_rng(10_000 + seed).random(120) < p
        wrong += calibration("fraud", p, truth, resamples=300).fit is not Fit.FITS
    assert wrong <= 15


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=LEAST_ANSWERS, max_size=120))
def test_the_error_is_that_of_the_evaluation(pairs: list[tuple[float, bool]]) -> None:
    p, truth = np.array([one for one, _ in pairs]), np.array([one for _, one in pairs])
    found = calibration("fraud", p, truth, resamples=20)
    assert found.error is not None
    assert found.error.value == pytest.approx(calibration_error(p, truth))
    assert found.brier == pytest.approx(float(((p - truth) ** 2).mean()))
