"""Thresholds move only for enough decisions that agree, and never for one person's or contradictory ones."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.claims.fitting import FLOOR, MIN_DECISIONS, refit
from waspada.claims.types import Decision, Thresholds

PRIOR = Thresholds(0.44, 0.56)


def desk(count: int, right_from: float, noise: float = 0.0, people: int = 4, seed: int = 1) -> list[Decision]:
    """Decisions at scores from 0.44 to 0.94; those from `right_from` on are right, but for a share of `noise`."""
    rng = random.Random(seed)
    scores = [0.44 + 0.5 * rng.random() for _ in range(count)]
    return [
        Decision(score, (score >= right_from) != (rng.random() < noise), f"c{n % 70}", f"p{n % people}")
        for n, score in enumerate(scores)
    ]


def test_threshold_goes_to_where_matches_become_right() -> None:
    found = refit(desk(400, 0.7), PRIOR)
    assert found.used
    assert found.thresholds.confirmed_from == pytest.approx(0.7, abs=0.03)
    assert found.figures["confirmed_right"] >= FLOOR
    assert PRIOR.suggested_from <= found.thresholds.suggested_from <= found.thresholds.confirmed_from


def test_threshold_falls_where_even_low_scores_are_right() -> None:
    found = refit(desk(400, 0.5), PRIOR)
    assert found.used
    assert found.thresholds.confirmed_from < PRIOR.confirmed_from


@pytest.mark.parametrize(
    ("decisions", "why"),
    [
        ([], f"{MIN_DECISIONS} are needed"),
        (desk(MIN_DECISIONS - 1, 0.7), f"{MIN_DECISIONS} are needed"),
        (desk(300, 0.0), "of each are needed"),
        (desk(300, 2.0), "of each are needed"),
        (desk(300, 0.7, people=1), "one person's"),
        (desk(300, 0.7, noise=0.5), ""),
        (desk(300, 0.7, noise=0.3), ""),
    ],
)
def test_few_one_sided_or_contradictory_decisions_leave_the_prior(decisions: list[Decision], why: str) -> None:
    found = refit(decisions, PRIOR)
    assert not found.used
    assert found.thresholds == PRIOR
    assert found.why
    assert why in found.why


def test_pair_in_use_falls_where_later_decisions_contradict_it() -> None:
    in_use = Thresholds(0.5, 0.6)
    found = refit(desk(400, 0.7, noise=0.3), PRIOR, in_use)
    assert (found.used, found.thresholds) == (True, PRIOR)
    assert "is right by now" in found.why
    few = refit(desk(MIN_DECISIONS - 1, 0.7), PRIOR, in_use)
    assert (few.used, few.thresholds) == (False, in_use)


def test_a_handful_above_the_threshold_proves_nothing() -> None:
    found = refit(desk(70, 0.7), PRIOR)
    assert not found.used
    assert "to judge it by" in found.why


def test_one_who_confirms_everything_does_not_bend_it() -> None:
    """A third of the decisions, all of them confirmations, are poisoned: the rest hold the threshold or the prior."""
    honest, poison = desk(300, 0.7, people=4), [
        Decision(one.score, True, one.group, "poison") for one in desk(150, 0.7, seed=2)
    ]  # fmt: skip
    found = refit([*honest, *poison], PRIOR)
    assert found.thresholds.confirmed_from >= 0.56


def test_order_makes_no_difference() -> None:
    decisions = desk(300, 0.66, noise=0.02)
    assert refit(decisions, PRIOR) == refit(decisions[::-1], PRIOR)


@given(
    st.lists(
        st.builds(Decision, st.floats(0, 1), st.booleans(), st.sampled_from("abcdefghij"), st.sampled_from("xyz")),
        max_size=300,
    )
)
def test_whatever_was_decided_thresholds_stay_in_their_room(decisions: list[Decision]) -> None:
    found = refit(decisions, PRIOR).thresholds
    assert PRIOR.suggested_from <= found.suggested_from <= found.confirmed_from <= 1.0
