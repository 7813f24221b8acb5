"""What another 50 answers are expected to gain: what no curve may make it promise, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from waspada.labels.advice import LITTLE, MORE, TOO_WIDE, Curve, Says, advice, curve_of, gains, last_slopes
from waspada.taxonomy import Label

POINTS = (0, 100, 200, 300)
figures = st.lists(st.floats(0, 1), min_size=4, max_size=4)
sizes = st.lists(st.integers(1, 20_000), min_size=3, max_size=3, unique=True).map(lambda given: [0, *sorted(given)])
more = st.integers(1, 5_000)


def one(points: Sequence[int], curve: Sequence[float], count: int) -> float:
    return float(gains(points, np.array([curve]), points[-1] * 4 // 3, count)[0])


@given(sizes, figures, more)
def test_no_curve_promises_more_than_its_last_slope(points: list[int], curve: list[float], count: int) -> None:
    slope = float(last_slopes(points, np.array([curve]))[0])
    assert 0 <= one(points, curve, count) <= slope * count + 1e-12


@given(sizes, figures, more, more)
def test_more_answers_gain_more_each_one_less(points: list[int], curve: list[float], few: int, extra: int) -> None:
    first, both = one(points, curve, few), one(points, curve, few + extra)
    assert both >= first - 1e-12
    assert both * few <= first * (few + extra) + 1e-9


@given(sizes, st.lists(figures, min_size=2, max_size=5))
def test_curves_do_not_touch_each_other(points: list[int], curves: list[list[float]]) -> None:
    together = gains(points, np.array(curves), points[-1], MORE)
    apart = [float(gains(points, np.array([curve]), points[-1], MORE)[0]) for curve in curves]
    np.testing.assert_allclose(together, apart, atol=1e-9)


@given(figures)
def test_the_slope_is_that_of_the_nearest_rising_curve(curve: list[float]) -> None:
    rising = IsotonicRegression().fit_transform(POINTS, curve)
    found = float(last_slopes(POINTS, np.array([curve]))[0])
    assert found == pytest.approx((rising[-1] - rising[-2]) / 100, abs=1e-9)


@pytest.mark.parametrize("curve", [(0.8, 0.7, 0.6, 0.5), (0.6, 0.6, 0.6, 0.6), (1, 1, 1, 1), (0.5, 0.9, 0.9, 0.9)])
def test_a_curve_that_does_not_rise_promises_nothing(curve: Sequence[float]) -> None:
    assert one(POINTS, curve, MORE) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("exponent", "before"), [(0.3, 50), (0.5, 200), (0.8, 1_000)])
def test_a_power_law_is_found_again(exponent: float, before: int) -> None:
    def error(n: float) -> float:
        return float(0.4 * ((n + before) / before) ** -exponent)

    true = error(400) - error(450)
    assert one(POINTS, [1 - error(n) for n in POINTS], MORE) == pytest.approx(true, rel=0.1)


def drawn(rise: float, noise: float, seed: int = 1) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """100 draws of a straight curve that gains `rise` between each two points."""
    around = np.random.default_rng(seed).normal(0, noise, (100, 4))
    return np.clip(np.array([0.4, 0.4 + rise, 0.4 + 2 * rise, 0.4 + 3 * rise]) + around, 0, 1)


def said(draws: Mapping[str, np.ndarray[tuple[int, int], np.dtype[np.float64]]], **examples: int) -> Curve:
    return Curve(400, POINTS, draws, {label.value: examples.get(label.value, 0) for label in Label}, 10)


def test_what_is_said_and_in_which_order() -> None:
    draws = {"fraud": drawn(0.05, 0.002), "election": drawn(0.03, 0.002), "conflict": drawn(0.001, 0.0002)}
    curve = said(draws | {"neutrality": drawn(0.03, 0.2)}, polarization=8, disaster=3)
    found = advice(curve)
    assert (found.answers, found.more, found.most) == (400, MORE, "fraud")
    assert list(found.labels)[:5] == ["fraud", "election", "neutrality", "polarization", "disaster"]
    assert list(found.labels)[-1] == "conflict"
    assert {label: one.says for label, one in found.labels.items() if label in draws} == {
        "fraud": Says.GAIN,
        "election": Says.GAIN,
        "conflict": Says.LITTLE,
    }
    assert {label: one.missing for label, one in found.labels.items() if one.gain is None} == {
        "polarization": 2,
        "disaster": 7,
        "misinformation": 10,
        "logistics": 10,
    }


def test_the_interval_holds_what_is_expected_and_decides() -> None:
    for rise in (0, 0.001, 0.01, 0.05):
        for noise in (0.0001, 0.01, 0.3):
            outlook = advice(said({"fraud": drawn(rise, noise)})).overall
            gain = outlook.gain
            assert gain is not None
            assert 0 <= gain.low <= gain.expected <= gain.high <= 1
            is_open = gain.low < LITTLE and gain.high - gain.low > TOO_WIDE
            assert outlook.says is (Says.LITTLE if gain.high < LITTLE else Says.TOO_FEW if is_open else Says.GAIN)
    assert advice(said({"fraud": drawn(0, 0.0001)})).overall.says is Says.LITTLE
    assert advice(said({"fraud": drawn(0.03, 0.3)})).overall.says is Says.TOO_FEW


def test_nothing_that_learned() -> None:
    found = advice(said({}, fraud=9))
    assert (found.overall.says, found.overall.gain, found.most) == (Says.TOO_FEW, None, None)
    assert next(iter(found.labels)) == "fraud"


def test_what_a_training_kept_is_read() -> None:
    kept = {
        "total": 400,
        "least_examples": 10,
        "examples": {label.value: 20 for label in Label},
        "answers": list(POINTS),
        "draws": {"fraud": drawn(0.05, 0.002).tolist()},
    }
    assert advice(curve_of(kept)).most == "fraud"
