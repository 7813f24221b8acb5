"""What a person labels next."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waspada.labels.queues import ALIKE, LABELS, SHARES, Pool, choose, margins
from waspada.labels.types import Queue
from waspada.taxonomy import Label


def pool(n: int, *, seed: int = 1, labelled: int = 0, examples: list[int] | None = None, dim: int = 16) -> Pool:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n + labelled, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    p = rng.random((n, len(LABELS))).astype(np.float32) ** 3
    return Pool(
        p=p,
        on=p > 0.5,
        second=rng.random((n, len(LABELS))) > 0.8,
        vectors=vectors[:n],
        labelled=vectors[n:],
        dismissed=rng.random(n) > 0.9,
        examples=np.array(examples or [0] * len(LABELS), dtype=np.int64),
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 60), st.integers(0, 30), st.integers(0, 5), st.integers(0, 99))
def test_no_item_comes_twice_none_is_invented_and_the_same_seed_chooses_the_same(
    n: int, wanted: int, labelled: int, seed: int
) -> None:
    found = choose(pool(n, labelled=labelled), wanted, seed)
    places = [one.place for one in found]
    assert len(set(places)) == len(places) <= min(n, wanted)
    assert all(0 <= place < n for place in places)
    assert found == choose(pool(n, labelled=labelled), wanted, seed)


def test_every_queue_has_its_share() -> None:
    found = Counter(one.queue for one in choose(pool(2000), 100, 3))
    assert {queue: found[queue] / 100 for queue in SHARES} == pytest.approx(dict(SHARES), abs=0.02)


def test_what_a_queue_cannot_fill_goes_to_the_others() -> None:
    of = pool(200)
    without = Pool(of.p, of.on, None, of.vectors, of.labelled, np.zeros(200, dtype=np.bool_), of.examples)
    found = choose(without, 100, 3)
    assert len(found) == 100
    assert {one.queue for one in found} == set(SHARES) - {Queue.DISAGREEMENT, Queue.DISMISSED}


def test_a_rare_label_is_looked_for_more_often_than_a_common_one() -> None:
    examples = [500] * len(LABELS)
    examples[LABELS.index(Label.FRAUD)] = 0
    found = Counter(one.label for one in choose(pool(3000, examples=examples), 200, 3) if one.label)
    assert found[Label.FRAUD] > 3 * max(count for label, count in found.items() if label is not Label.FRAUD)


def test_of_a_label_the_likeliest_and_the_least_sure_come_first() -> None:
    of = pool(500)
    found = choose(of, 200, 3)
    for queue, rank in ((Queue.RARE, -of.p), (Queue.UNCERTAIN, np.abs(margins(of)))):
        for column, label in enumerate(LABELS):
            places = [one.place for one in found if one.queue is queue and one.label is label]
            assert all(rank[place, column] <= np.sort(rank[:, column])[199] for place in places)
            assert [rank[place, column] for place in places] == sorted(rank[place, column] for place in places)


def test_the_line_of_a_label_lies_between_what_is_on_and_what_is_not() -> None:
    of = pool(300)
    cut = np.linspace(0.2, 0.9, len(LABELS))
    found = margins(Pool(of.p, of.p >= cut, None, of.vectors, of.labelled, of.dismissed, of.examples))
    assert ((found > 0) == (of.p >= cut)).all()


def test_where_a_label_is_nowhere_on_the_likeliest_is_the_least_sure() -> None:
    of = pool(50)
    nowhere = Pool(of.p, np.zeros_like(of.on), None, of.vectors, of.labelled, of.dismissed, of.examples)
    assert (margins(nowhere).argmax(axis=0) == of.p.argmax(axis=0)).all()
    assert margins(nowhere).max(axis=0) == pytest.approx(np.zeros(len(LABELS)), abs=1e-5)


def test_the_lot_draws_from_everything_whatever_the_others_want() -> None:
    """What is drawn by lot is the same where the other queues want other items: it chooses first."""
    of = pool(400)
    other = Pool(1 - of.p, ~of.on, None, of.vectors, of.labelled, ~of.dismissed, of.examples)
    lots = [[one.place for one in choose(each, 50, 3) if one.queue is Queue.RANDOM] for each in (of, other)]
    assert lots[0][:7] == lots[1][:7]


def test_a_narrow_queue_chooses_before_a_wide_one() -> None:
    """A dismissed alert is asked for as such, though the model is unsure of it, too."""
    of = pool(60)
    one = np.zeros(60, dtype=np.bool_)
    one[np.abs(margins(of)).min(axis=1).argmin()] = True
    found = choose(Pool(of.p, of.on, of.second, of.vectors, of.labelled, one, of.examples), 40, 5)
    assert [pick.place for pick in found if pick.queue in (Queue.DISMISSED, Queue.RANDOM) and one[pick.place]] != []


def test_the_random_part_is_drawn_evenly() -> None:
    """Whatever the other queues want: the mean probability of what is drawn is that of the pool."""
    of = pool(400)
    drawn = [one.place for seed in range(60) for one in choose(of, 50, seed) if one.queue is Queue.RANDOM]
    everywhere = float(of.p.mean())
    assert float(of.p[drawn].mean()) == pytest.approx(everywhere, rel=0.06)


def test_the_diverse_are_unlike_what_has_an_answer() -> None:
    of = pool(300, labelled=40, dim=8)
    found = [one.place for one in choose(of, 60, 3) if one.queue is Queue.DIVERSE]
    nearest = (of.vectors @ of.labelled.T).max(axis=1)
    assert float(nearest[found].mean()) < float(nearest.mean())


def test_copies_are_not_asked_for_twice() -> None:
    of = pool(60)
    twice = Pool(
        np.tile(of.p, (2, 1)),
        np.tile(of.on, (2, 1)),
        None,
        np.tile(of.vectors, (2, 1)),
        of.labelled,
        np.tile(of.dismissed, 2),
        of.examples,
    )
    found = choose(twice, 100, 3)
    chosen = twice.vectors[[one.place for one in found]]
    likeness = chosen @ chosen.T
    np.fill_diagonal(likeness, 0)
    assert float(likeness.max()) <= ALIKE
    assert len(found) <= 60
