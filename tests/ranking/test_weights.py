"""Weights learned from decisions: near the prior, within bounds, and refused where there is nothing to learn."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waspada.alerts.weights import (
    FULL_SCORE,
    LEAST,
    MOST,
    PARTS,
    PRIOR,
    PRIOR_POINTS,
    NotLearnedError,
    Outcome,
    Weights,
    fit,
    in_quarters,
)
from waspada.errors import InputError

FIRST_DAY = date(2026, 3, 2)
Judge = Callable[[Mapping[str, float], random.Random], bool]


def desk(
    days: int, a_day: int, judge: Judge, seed: int = 1, actors: tuple[str, ...] = ("liaison-1", "liaison-2")
) -> list[Outcome]:
    """Alerts with parts by chance, and what `judge` makes of each."""
    rng = random.Random(seed)
    found = []
    for number in range(days * a_day):
        values = {part: rng.random() for part in PARTS} | {"feedback": rng.uniform(-1, 1)}
        day = FIRST_DAY + timedelta(days=number // a_day)
        actor = actors[number % len(actors)]
        found.append(Outcome(number, day, "63", actor, judge(values, rng), values))
    return found


def by_prior(values: Mapping[str, float], rng: random.Random) -> bool:
    return sum(PRIOR[part] * values[part] for part in PARTS) + rng.gauss(0, 8) > 47


def by_outlets(values: Mapping[str, float], rng: random.Random) -> bool:
    """A desk that goes by confirmation first."""
    return 30 * values["outlets"] + 20 * values["level"] + rng.gauss(0, 3) > 25


def by_chance(values: Mapping[str, float], rng: random.Random) -> bool:
    return rng.random() < 0.5


def test_a_desk_that_goes_by_outlets_gets_more_points_for_outlets() -> None:
    learned = fit(desk(30, 8, by_outlets))
    assert learned["outlets"] > PRIOR["outlets"]
    assert learned.figures is not None
    assert learned.figures.loss < learned.figures.prior_loss
    assert (learned.figures.decisions, learned.figures.days, learned.figures.persons) == (240, 29, 2)


def test_more_decisions_move_further() -> None:
    few, many = (fit(desk(days, 8, by_outlets))["outlets"] for days in (15, 60))
    assert PRIOR["outlets"] < few <= many <= MOST * PRIOR["outlets"]


def test_learning_is_the_same_each_time_and_in_any_order() -> None:
    decisions = desk(30, 8, by_outlets)
    shuffled = list(decisions)
    random.Random(3).shuffle(shuffled)
    assert fit(decisions).points == fit(decisions).points == fit(shuffled).points


@settings(max_examples=15)
@given(st.integers(0, 1000), st.sampled_from([by_outlets, by_prior, by_chance]), st.integers(9, 25))
def test_what_is_learned_keeps_signs_bounds_and_sum(seed: int, judge: Judge, days: int) -> None:
    try:
        learned = fit(desk(days, 7, judge, seed))
    except NotLearnedError:
        return
    assert sum(learned.points.values()) == FULL_SCORE
    for part in PARTS:
        assert LEAST * PRIOR[part] - 0.25 <= learned[part] <= MOST * PRIOR[part] + 0.25
        assert learned[part] * 4 == int(learned[part] * 4)


class TestRefusal:
    def test_few_decisions(self) -> None:
        with pytest.raises(NotLearnedError, match="it takes 50 together"):
            fit(desk(7, 7, by_outlets))

    def test_none_at_all(self) -> None:
        with pytest.raises(NotLearnedError, match="0 verified and 0 refuted"):
            fit([])

    @pytest.mark.parametrize("verified", [True, False])
    def test_one_kind_only(self, verified: bool) -> None:
        decisions = [replace(one, verified=verified) for one in desk(30, 8, by_outlets)]
        with pytest.raises(NotLearnedError, match="10 of either"):
            fit(decisions)

    def test_days_on_which_nobody_did_both(self) -> None:
        decisions = [replace(one, verified=one.day.toordinal() % 2 == 0) for one in desk(30, 8, by_outlets)]
        with pytest.raises(NotLearnedError, match="On only 0 days"):
            fit(decisions)

    def test_alerts_of_two_desks_are_not_compared(self) -> None:
        decisions = [replace(one, desk="63" if one.verified else "64") for one in desk(30, 8, by_outlets)]
        with pytest.raises(NotLearnedError, match="On only 0 days"):
            fit(decisions)

    def test_decisions_by_chance(self) -> None:
        refused = 0
        for seed in range(20):
            try:
                fit(desk(20, 8, by_chance, seed))
            except NotLearnedError:
                refused += 1
        assert refused >= 17

    def test_contradictions(self) -> None:
        """The very same alerts, verified by one and refuted by the other."""
        decisions = desk(30, 4, by_outlets)
        against = [replace(one, alert_id=one.alert_id + 1000, verified=not one.verified) for one in decisions]
        with pytest.raises(NotLearnedError, match="nothing beyond chance"):
            fit([*decisions, *against])

    def test_a_desk_that_agrees_with_the_prior_teaches_little(self) -> None:
        try:
            learned = fit(desk(30, 8, by_prior))
        except NotLearnedError:
            return
        assert all(abs(learned[part] - PRIOR[part]) <= 0.6 * PRIOR[part] for part in PARTS)


class TestPoison:
    def test_somebody_who_refutes_everything_moves_little(self) -> None:
        """As many decisions as the whole desk made, all of them against."""
        honest = desk(30, 8, by_outlets)
        rng = random.Random(9)
        poison = [
            Outcome(10_000 + n, one.day, "63", "perusak", verified=False, values={part: rng.random() for part in PARTS})
            for n, one in enumerate(honest)
        ]
        clean = fit(honest)
        try:
            spoiled = fit([*honest, *poison])
        except NotLearnedError:
            return
        assert spoiled["outlets"] > PRIOR["outlets"]
        for part in PARTS:
            assert abs(spoiled[part] - clean[part]) <= 0.5 * PRIOR[part], part

    def test_diligence_does_not_outvote_a_desk(self) -> None:
        """One account with five times as many decisions, each the opposite, leaves the others' wish in sight."""
        honest = desk(30, 8, by_outlets, actors=tuple("abcdefghijkl"))
        contrary = [
            replace(one, alert_id=n + 10_000, actor="perusak", verified=not one.verified)
            for n, one in enumerate(honest * 2)
        ]
        try:
            spoiled = fit([*honest, *contrary])
        except NotLearnedError:
            return
        assert spoiled["outlets"] >= PRIOR["outlets"]

    def test_a_desk_of_saboteurs_teaches_nothing(self) -> None:
        upside_down = [replace(one, verified=not one.verified) for one in desk(40, 8, by_prior)]
        with pytest.raises(NotLearnedError, match="nothing beyond chance"):
            fit(upside_down)


class TestPoints:
    @pytest.mark.parametrize(
        "points",
        [
            {**PRIOR_POINTS, "level": 38.1},
            {**PRIOR_POINTS, "level": 39.0},
            {**PRIOR_POINTS, "level": 46.0, "outlets": 0.0, "focus": 4.0, "burst": -1.0, "novelty": 13.0},
            {**PRIOR_POINTS, "level": float("nan")},
            {"level": 100.0},
            {},
            {**PRIOR_POINTS, "persons": 0.0},
        ],
    )
    def test_that_are_no_weights_are_refused(self, points: dict[str, float]) -> None:
        with pytest.raises(InputError, match="Weights"):
            Weights(points)

    @given(st.lists(st.floats(0.01, 50), min_size=12, max_size=12))
    def test_are_rounded_to_quarters_that_add_up(self, raw: list[float]) -> None:
        exact = np.array(raw) * FULL_SCORE / sum(raw)
        rounded = in_quarters(exact)
        assert sum(rounded) == FULL_SCORE
        assert all(abs(a - b) < 0.25 for a, b in zip(rounded, exact, strict=True))
