"""The scan for bursts: against the region's own past, its province, its weekdays and its ears."""

from __future__ import annotations

from math import exp, factorial, log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.alerts.burst import (
    LEAST_EARS,
    MOST_EARS,
    WEEKS_BEFORE,
    Rate,
    Window,
    ears,
    heard_in_a_week,
    most_surprising,
    rate_of,
    weekday_factors,
)

CALM = rate_of(0, 28, 0.0)
BUSY = rate_of(140, 28, 1.0)


def value(*windows: Window) -> float:
    return most_surprising(windows)[0]


def test_quiet_day_is_no_burst() -> None:
    assert most_surprising([]) == (0.0, None)
    assert value(Window(1, 0, 1, CALM), Window(3, 0, 3, CALM)) == 0


def test_one_other_story_may_be_the_same_event() -> None:
    assert value(Window(1, 1, 1, CALM)) == 0 < value(Window(1, 2, 1, CALM))


def test_usual_day_of_a_busy_region_is_no_burst() -> None:
    assert value(Window(1, 5, 1, BUSY), Window(3, 15, 3, BUSY), Window(7, 30, 7, BUSY)) < 0.1


def test_same_number_surprises_more_where_less_happens() -> None:
    rates = [rate_of(past, 28, 0.0) for past in (0, 28, 168)]
    found = [value(Window(1, 6, 1, rate)) for rate in rates]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1]


def test_slow_rise_shows_in_the_longer_window() -> None:
    windows = [Window(1, 3, 1, BUSY), Window(3, 18, 3, BUSY), Window(7, 70, 7, BUSY)]
    found, window = most_surprising(windows)
    assert found == 1.0
    assert window is windows[2]


def test_province_is_the_prior_of_a_region_without_a_past() -> None:
    calm, lively = rate_of(0, 7, 0.0), rate_of(0, 7, 2.0)
    assert lively.per_day > calm.per_day
    assert value(Window(1, 3, 1, lively)) < value(Window(1, 3, 1, calm))
    assert rate_of(60, 28, 0.1).per_day == pytest.approx(2.0, abs=0.7)


def test_weekday_that_is_always_busy_is_expected_to_be() -> None:
    factors = weekday_factors([60, 20, 20, 20, 20, 20, 20])
    assert sum(factors) == pytest.approx(7)
    assert factors[0] > 1.5
    assert factors[1] < 1
    assert weekday_factors([0] * 7) == [1.0] * 7
    assert max(weekday_factors([2, 0, 0, 0, 0, 0, 0])) < 1.1


def test_new_sources_are_no_burst() -> None:
    """Twice as many ears hear twice as much."""
    heard = ears(10, 5)
    assert heard == 2
    assert value(Window(1, 10, heard, BUSY)) < 0.2 < value(Window(1, 14, 1, BUSY))
    assert ears(0, 5) == ears(5, 0) == ears(0, 0) == 1
    assert ears(1, 100) == LEAST_EARS
    assert ears(100, 1) == MOST_EARS
    assert ears(1, 0.2) == 1


@pytest.mark.parametrize("a_week", [0.2, 0.5, 1.0, 5.0])
def test_a_steady_source_is_heard_as_often_in_a_week_before(a_week: float) -> None:
    """Over all that a source with so many items a week may say in three weeks (Poisson)."""
    mean = WEEKS_BEFORE * a_week
    chance = [exp(-mean) * mean**n / factorial(n) for n in range(80)]
    before = sum(p * heard_in_a_week(n) for n, p in enumerate(chance))
    assert before == pytest.approx(1 - exp(-a_week), abs=1e-6)


def test_tail_is_that_of_the_distribution() -> None:
    """Against scipy's negative binomial, where the training extra is installed."""
    stats = pytest.importorskip("scipy.stats", reason="not run: scipy is in the extra `train`")
    for count, weight, past in [(2, 1.0, 0), (3, 3.2, 4), (7, 1.1, 60), (40, 7.0, 140)]:
        rate = rate_of(past, 28, 0.3)
        tail = float(stats.nbinom.sf(count - 1, rate.shape, rate.days / (rate.days + weight)))
        expected = min(1.0, max(0.0, (-log10(tail) - log10(3)) / 3))
        assert value(Window(1, count, weight, rate)) == pytest.approx(expected, abs=1e-6)


@given(st.integers(0, 300), st.floats(0.1, 30), st.floats(0.5, 900), st.floats(14, 42))
def test_more_stories_are_never_less_of_a_burst(count: int, weight: float, shape: float, days: float) -> None:
    rate = Rate(shape, days)
    less, more = (value(Window(1, n, weight, rate)) for n in (count, count + 1))
    assert 0 <= less <= more + 1e-9 <= 1 + 1e-9
