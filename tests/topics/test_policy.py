"""Likeness, thresholds and heads: numbers in, numbers out."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.rows import NOW
from waspada.topics import head, policy
from waspada.topics.types import Figures, Head, Rule, TagOrigin

Floats = NDArray[np.float32]
DIM = 384


def noise(count: int, seed: int = 1) -> Floats:
    return policy.unit_rows(np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32))


def along(direction: Floats, count: int, seed: int = 2, share: float = 0.6) -> Floats:
    """Unit rows that lean towards a direction."""
    return policy.unit_rows(share * direction + (1 - share) * noise(count, seed))


def test_rows_that_say_nothing_are_like_no_topic() -> None:
    odd = np.zeros((4, DIM), dtype=np.float32)
    odd[1], odd[2, 0], odd[3] = np.nan, np.inf, 1.0
    rows = policy.unit_rows(odd)
    assert rows[:3].any() == np.False_
    assert np.linalg.norm(rows[3]) == pytest.approx(1)
    like = policy.likeness(rows[3:], rows)
    assert like.tolist() == pytest.approx([policy.NO_LIKENESS] * 3 + [1])
    rule = Rule(1, "m", rows[3:], -1.5, ())
    assert [policy.belongs([rule], row, []) != [] for row in rows] == [False, False, False, True]


def test_two_examples_count_not_one() -> None:
    topic, item = noise(3), noise(1, 9)
    topic[0] = item[0]
    assert policy.likeness(topic, item)[0] < 0.7


def test_one_item_in_a_hundred_fires_and_never_more_than_the_floor_lets_through() -> None:
    sample = np.random.default_rng(3).normal(0.5, 0.05, 5000).astype(np.float32)
    threshold = policy.threshold_of(0.2, sample)
    assert (sample > threshold).mean() == pytest.approx(policy.FIRING_SHARE, abs=0.002)
    assert policy.threshold_of(0.9, sample) == 0.9
    assert policy.threshold_of(0.2, sample[: policy.LEAST_SAMPLE - 1]) == 0.2
    assert policy.threshold_of(0.2, sample[:0]) == 0.2


def test_a_store_of_one_text_fires_nothing() -> None:
    """A thousand copies of a wire report must not be the topic."""
    sample = np.full(1000, 0.7, dtype=np.float32)
    assert not (sample > policy.threshold_of(0.1, sample)).any()


def test_the_floor_follows_the_model() -> None:
    wide, narrow = np.array([0.4, 0.5, 0.6], dtype=np.float32), np.array([0.0, 0.05, 0.1], dtype=np.float32)
    assert policy.floor_of(wide) > 0.6 > policy.floor_of(narrow)


def test_the_threshold_is_chosen_anew_when_the_store_has_doubled_and_each_week() -> None:
    stored, steps = 0, list[int]()
    for now in range(policy.SAMPLE_ITEMS + 1):
        if policy.is_stale(stored, NOW, now, NOW):
            stored = now
            steps.append(now)
    assert steps == [200, 400, 800, 1600, 3200, 5000]
    full, week = policy.SAMPLE_ITEMS, policy.THRESHOLD_STANDS
    assert not policy.is_stale(full, NOW, full, NOW + week - timedelta(seconds=1))
    assert policy.is_stale(full, NOW, full, NOW + week)
    assert policy.is_stale(full, None, full, NOW)
    assert not policy.is_stale(0, None, policy.LEAST_SAMPLE - 1, NOW + week)


@pytest.mark.parametrize(
    ("codes", "places", "fits"),
    [
        (["63.03.05"], ["63.03"], True),
        (["63.03"], ["63.03"], True),
        (["63"], ["63.03"], False),
        (["63.030"], ["63.03"], False),
        (["64.71", "63.03"], ["63"], True),
        ([], ["63"], False),
        ([], [], True),
    ],
)
def test_places_hold_what_lies_in_them(codes: list[str], places: list[str], fits: bool) -> None:
    assert policy.lies_in(codes, places) is fits


class TestHead:
    def answers(self, useful: bool = True) -> tuple[Floats, Floats, NDArray[np.bool_], head.Sample, float]:
        """Items that all look like the topic; half of them belong to it, by a direction that likeness does not see."""
        topic, hidden = noise(4, 5), noise(1, 6)
        items = along(topic[:1], 40)
        fits = np.arange(40) % 2 == 0
        if useful:
            way = np.where(fits[:, None], 0.5, -0.5).astype(np.float32)
            items = policy.unit_rows(items + way * hidden)
        quiet = noise(300, 7)
        like, quiet_like = policy.likeness(topic, items), policy.likeness(topic, quiet)
        threshold = float(np.quantile(quiet_like, 0.99))
        sample = head.sample_of(quiet, quiet_like, threshold, np.zeros(len(quiet), dtype=np.bool_))
        return items, like, fits, sample, threshold

    def test_it_learns_what_likeness_cannot_see(self) -> None:
        items, like, fits, sample, threshold = self.answers()
        figures = head.judged(items, like, fits, sample, threshold)
        assert figures.head_is_better
        assert (figures.answers, figures.fitting) == (40, 20)
        assert figures.head_wrong <= 4 < figures.likeness_wrong
        found = head.fit(items, like, fits, sample)
        assert ((policy.probabilities(found, items, like) > found.cut) == fits).mean() > 0.9
        assert (policy.probabilities(found, sample.vectors, sample.like) > found.cut).mean() <= policy.FIRING_SHARE

    def test_it_is_compared_with_likeness_at_an_equal_share_of_the_stored_items(self) -> None:
        """Likeness above far too high a threshold is wrong by every "yes": a head is no better for that alone."""
        topic, quiet = noise(4, 5), noise(300, 7)
        items = np.concatenate([along(topic[:1], 20), noise(20, 11)])
        fits = np.arange(40) < 20
        like, quiet_like = policy.likeness(topic, items), policy.likeness(topic, quiet)
        sample = head.sample_of(quiet, quiet_like, 0.99, np.zeros(len(quiet), dtype=np.bool_))
        assert int(((like > 0.99) != fits).sum()) == 20
        figures = head.judged(items, like, fits, sample, 0.99)
        assert figures.likeness_wrong <= 2
        assert figures.likeness_share == 0
        assert figures.head_share <= policy.FIRING_SHARE

    def test_answers_that_follow_nothing_do_not_replace_likeness(self) -> None:
        wins = 0
        for seed in range(8):
            items, like, fits, sample, threshold = self.answers(useful=False)
            shuffled = np.random.default_rng(seed).permutation(fits)
            wins += head.judged(items, like, shuffled, sample, threshold).head_order > 0.75
        assert wins == 0

    def test_a_worse_order_is_never_used(self) -> None:
        assert not Figures(40, 20, 5, 20, 0.60, 0.61).head_is_better
        assert not Figures(40, 20, 20, 20, 0.90, 0.61).head_is_better
        assert Figures(40, 20, 19, 20, 0.61, 0.61).head_is_better

    @pytest.mark.parametrize(
        ("answers", "fitting", "new", "due"),
        [(19, 9, 19, False), (20, 10, 20, True), (20, 20, 20, False), (20, 4, 20, False), (29, 9, 9, False),
         (30, 9, 10, True), (20, 15, 20, True), (0, 0, 0, False), (25, 9, 10, True)],
    )  # fmt: skip
    def test_when_it_is_tried(self, answers: int, fitting: int, new: int, due: bool) -> None:
        assert head.is_due(answers, fitting, new) is due

    def test_the_same_answers_give_the_same_head_also_without_quiet_items(self) -> None:
        items, like, fits, sample, _ = self.answers()
        one, two = head.fit(items, like, fits, sample), head.fit(items, like, fits, sample)
        assert one.weights.tobytes() == two.weights.tobytes()
        alone = head.fit(items, like, fits, head.Sample(sample.vectors[:0], sample.like[:0], sample.quiet[:0]))
        assert np.isfinite(alone.weights).all()
        assert alone.cut == 0.5

    def test_a_head_decides_where_there_is_one(self) -> None:
        topic = noise(3)
        always, never = (
            Head(np.zeros(DIM + 1, dtype=np.float32), 9.0, 0.5),
            Head(np.zeros(DIM + 1, dtype=np.float32), -9.0, 0.5),
        )
        item = noise(1, 8)[0]
        (found,) = policy.belongs([Rule(1, "m", topic, 0.9, (), always)], item, [])
        assert (found.how, round(found.score, 2)) == (TagOrigin.HEAD, 1.0)
        assert policy.belongs([Rule(1, "m", topic, -1.0, (), never)], item, []) == []
