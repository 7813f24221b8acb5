"""What a person labels next. Pure: arrays in, picks out.

Six queues, each with a share of every batch. Two of them share their places among the labels by how few examples a
label has: of a rare label the likeliest items, and those nearest to where the model draws its line. A fixed part is
drawn by lot from everything that waits, whatever the others want: rates and calibration are measured on it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from waspada.labels.types import Queue
from waspada.taxonomy import Label

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

LABELS = tuple(Label)
#: Parts of a batch; what a queue cannot fill goes to the others. In small simulations on gold train uncertainty did
#: better than likeliest-first and even mixes; `python -m benchmarks.active` measures these parts.
SHARES: Mapping[Queue, float] = {
    Queue.UNCERTAIN: 0.6,
    Queue.RANDOM: 0.15,
    Queue.RARE: 0.1,
    Queue.DISAGREEMENT: 0.05,
    Queue.DIVERSE: 0.05,
    Queue.DISMISSED: 0.05,
}
#: Who chooses first: the lot from everything, then the narrower queue before the wider one.
_FIRST = (Queue.RANDOM, *sorted((queue for queue in SHARES if queue is not Queue.RANDOM), key=lambda one: SHARES[one]))
#: A cosine above it: two texts say the same, and one answer is enough.
ALIKE = 0.97
#: Examples that every label is taken to have before any is counted.
_PRIOR_EXAMPLES = 5.0
_LEAST_P = 1e-6


@dataclass(frozen=True, slots=True)
class Pool:
    """n items that have no answer yet.

    `p` (n, 8) calibrated probabilities and `on` (n, 8) in the order of `Label`; `second` (n, 8) what the baseline
    switches on, or None; `vectors` (n, dim) embeddings of norm 1; `labelled` (m, dim) those of items with an answer;
    `dismissed` (n,) whether the item's alert was found to be no threat; `examples` (8,) positive answers a label.
    """

    p: Floats
    on: Bools
    second: Bools | None
    vectors: Floats
    labelled: Floats
    dismissed: Bools
    examples: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pick:
    """An item of the pool by its place, the queue that chose it, and the label that it was chosen for."""

    place: int
    queue: Queue
    label: Label | None = None


def choose(pool: Pool, wanted: int, seed: int) -> list[Pick]:
    """At most `wanted` picks, no item twice and none that says the same as another, in the order to be labelled.
    The same pool and seed give the same picks."""
    rng = np.random.default_rng(seed)
    lines = {queue: iter(line) for queue, line in _lines(pool, rng).items()}
    turns = list(_turns(wanted))
    taken: list[Pick] = []
    for queue in _FIRST:
        for _ in range(turns.count(queue)):
            _take(pool, lines, queue, taken)
    for queue in cycle(SHARES):  # places that a queue could not fill
        if len(taken) >= wanted or not lines:
            break
        _take(pool, lines, queue, taken)
    return _spread(taken, turns)


def _take(pool: Pool, lines: dict[Queue, Iterator[Pick]], queue: Queue, taken: list[Pick]) -> None:
    """The next pick of a queue that is new, if there is one; a queue without any more is left out."""
    if queue not in lines:
        return
    pick = next((one for one in lines[queue] if _is_new(pool, one, taken)), None)
    if pick is None:
        del lines[queue]
    else:
        taken.append(pick)


def _spread(taken: Sequence[Pick], turns: Sequence[Queue]) -> list[Pick]:
    """The picks in the order of the turns; what came in for another queue stands last."""
    own = {queue: deque(one for one in taken if one.queue is queue) for queue in SHARES}
    ordered = [own[queue].popleft() for queue in turns if own[queue]]
    return ordered + [pick for left in own.values() for pick in left]


def margins(pool: Pool) -> Floats:
    """Log odds (n, 8) less those of the line that the model draws for a label: above 0 the label is on.

    The line lies between the least likely item that is on and the likeliest below it; where nothing is on, at the
    likeliest.
    """
    p = np.clip(pool.p, _LEAST_P, 1 - _LEAST_P)
    odds = np.log(p) - np.log1p(-p)
    least_on = np.where(pool.on, odds, np.inf).min(axis=0, initial=np.inf)
    below = np.where(odds < least_on, odds, -np.inf).max(axis=0, initial=-np.inf)
    above, under = np.where(np.isinf(least_on), below, least_on), np.where(np.isinf(below), least_on, below)
    line = np.where(np.isinf(above) | np.isinf(under), 0.0, above) / 2 + np.where(np.isinf(under), 0.0, under) / 2
    return np.asarray(odds - line, dtype=np.float32)


def _turns(wanted: int) -> Iterator[Queue]:
    """Which queue has each place: every queue as often as its share says, evenly spread."""
    owed = dict.fromkeys(SHARES, 0.0)
    for _ in range(wanted):
        owed = {queue: due + SHARES[queue] for queue, due in owed.items()}
        queue = max(owed, key=lambda one: (owed[one], SHARES[one]))
        owed[queue] -= 1.0
        yield queue


def _lines(pool: Pool, rng: np.random.Generator) -> dict[Queue, Iterator[Pick]]:
    n = len(pool.p)
    lot = rng.permutation(n)
    differ = np.zeros(n) if pool.second is None else (pool.on != pool.second).sum(axis=1)
    return {
        Queue.RANDOM: (Pick(int(place), Queue.RANDOM) for place in lot),
        Queue.RARE: _by_label(pool, Queue.RARE, -pool.p, rng),
        Queue.UNCERTAIN: _by_label(pool, Queue.UNCERTAIN, np.abs(margins(pool)), rng),
        Queue.DISAGREEMENT: (
            Pick(int(place), Queue.DISAGREEMENT) for place in np.argsort(-differ, kind="stable") if differ[place]
        ),
        Queue.DIVERSE: (Pick(place, Queue.DIVERSE) for place in _farthest(pool)),
        Queue.DISMISSED: (Pick(int(place), Queue.DISMISSED) for place in lot if pool.dismissed[place]),
    }


def _by_label(pool: Pool, queue: Queue, order: Floats, rng: np.random.Generator) -> Iterator[Pick]:
    """Labels by lot, the rarest most often; of each the next of its own order (lowest first)."""
    chance = (pool.examples + _PRIOR_EXAMPLES) ** -0.5
    chance /= chance.sum()
    own = [iter(np.argsort(order[:, column], kind="stable")) for column in range(len(LABELS))]
    while True:
        column = int(rng.choice(len(LABELS), p=chance))
        place = next(own[column], None)
        if place is None:
            return
        yield Pick(int(place), queue, LABELS[column])


def _farthest(pool: Pool) -> Iterator[int]:
    """Farthest first (Gonzalez 1985): each the one that is least like what has an answer and what came before."""
    n = len(pool.vectors)
    nearest = np.full(n, -1.0, dtype=np.float32)
    if len(pool.labelled):
        nearest = (pool.vectors @ pool.labelled.T).max(axis=1)
    for _ in range(n):
        place = int(np.argmin(nearest))
        yield place
        nearest = np.maximum(nearest, pool.vectors @ pool.vectors[place])
        nearest[place] = np.inf


def _is_new(pool: Pool, pick: Pick, taken: list[Pick]) -> bool:
    others = [one.place for one in taken]
    if pick.place in others:
        return False
    return not others or float((pool.vectors[others] @ pool.vectors[pick.place]).max()) <= ALIKE
