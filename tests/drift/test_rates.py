"""Rates of a month beside those of the months before: what is called changed, and what only looks like it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation.metrics import wilson as wilson_of_evaluation
from waspada.drift.policy import Read, independent, rates
from waspada.drift.types import FIGURES, Change, Rate
from waspada.shares import wilson


def read(n: int, hits: int, *, copies: int = 1) -> Read:
    """`n` items of which `hits` are conflicts; `copies` reports tell each story, hits first."""
    on = np.zeros((n, len(FIGURES)), dtype=np.bool_)
    on[:hits, 0] = True
    return Read(on, np.arange(n) // copies)


def conflict(month: Read, reference: Read | None) -> Rate:
    return next(one for one in rates(month, reference) if one.figure == "conflict")


def test_a_rate_that_doubled_is_called_changed() -> None:
    found = conflict(read(1000, 200), read(3000, 300))
    assert (found.change, found.n, found.hits, found.reference_hits) == (Change.CHANGED, 1000, 200, 300)
    assert found.share is not None
    assert found.share.low < 0.2 < found.share.high
    assert conflict(read(1000, 105), read(3000, 300)).change is Change.NONE


def test_one_event_with_many_reports_is_no_drift() -> None:
    """400 items more, all of four stories: by items that would be certain, by stories it is nothing."""
    month, reference = read(2000, 400, copies=100), read(6000, 600, copies=100)
    assert conflict(month, reference).change is not Change.CHANGED
    single = conflict(read(2000, 400), read(6000, 600))
    found = conflict(month, reference)
    assert single.change is Change.CHANGED
    assert single.share is not None
    assert found.share is not None
    assert found.share.high - found.share.low > 3 * (single.share.high - single.share.low)


@pytest.mark.parametrize(("month", "before"), [((0, 0), (3000, 300)), ((49, 10), (3000, 300)), ((1000, 1), (3000, 2))])
def test_too_few_say_so(month: tuple[int, int], before: tuple[int, int]) -> None:
    assert conflict(read(*month), read(*before)).change is Change.TOO_FEW


def test_without_items_there_is_no_share() -> None:
    found = conflict(read(0, 0), read(0, 0))
    assert (found.share, found.reference) == (None, None)


def test_new_outlets_have_rates_and_nothing_to_be_held_against() -> None:
    found = rates(read(500, 250), None)
    assert [one.figure for one in found] == list(FIGURES)
    assert {one.change for one in found} == {Change.TOO_FEW}
    assert found[0].hits == 250
    assert all(one.reference is None for one in found)


def test_of_eleven_figures_few_differ_by_chance() -> None:
    """200 months in which nothing changed: in hardly more than one of twenty a figure is called changed."""
    rng = np.random.default_rng(5)
    p = np.linspace(0.05, 0.5, len(FIGURES))
    wrong = 0
    for _ in range(200):
        month, before = (Read(rng.random((n, len(FIGURES))) < p, np.arange(n)) for n in (800, 2400))
        wrong += any(one.change is Change.CHANGED for one in rates(month, before))
    assert wrong <= 18


@given(st.integers(1, 60), st.data())
def test_items_never_count_for_more_than_they_are(n: int, data: st.DataObject) -> None:
    hits = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    group = np.array(data.draw(st.lists(st.integers(-3, 9), min_size=n, max_size=n)))
    assert 0 < independent(hits, group) <= n


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_is_that_of_the_evaluation(hits: int, n: int) -> None:
    hits = min(hits, n)
    other = wilson_of_evaluation(hits, n)
    assert wilson(hits / n, n) == pytest.approx((other.low, other.high))
    assert wilson(0.0, 0) == (0.0, 1.0)
