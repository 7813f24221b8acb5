"""How many points each part of a score may give: a prior set by hand, and weights learned from what people decided.

Learning is a pairwise logistic regression (Burges et al. 2005, "Learning to rank using gradient descent", with a linear
scorer): of two alerts that one desk decided on one day, the verified one should stand above the refuted one. It
stays near the prior (ridge), never turns a sign, leaves each part between half and twice of its prior, and its points
add up to 100. How much a point says of a decision is fitted to the prior first: where decisions have nothing to do with
the scores, a point says nothing, and nothing is learned. It is refused where there is too little to learn from, or
where alerts of days that it did not see are not put in a better order than by the prior, beyond chance.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from waspada.errors import ConflictError, InputError

Floats = NDArray[np.float64]
FULL_SCORE = 100.0
#: Fewer decisions, of either kind, or on fewer days, say too little.
MIN_DECISIONS = 50
MIN_OF_A_KIND = 10
MIN_DAYS = 5
#: At most so many logits of "this one is verified" for a point of difference.
MOST_A_POINT = 0.5
#: What moving a part by its whole prior costs, for each point of the prior.
RIDGE = 1.0
#: Bounds of a part, relative to its prior.
LEAST, MOST = 0.5, 2.0
#: The gain on unseen days must be so many standard errors above nought: 5 % one-sided.
BEYOND_CHANCE = 1.64
_FOLDS = 5
_STEPS = 500
#: The search ends when a step moves no part by more points than this.
_STILL = 1e-3
_QUARTERS = 4


class NotLearnedError(ConflictError):
    """The decisions do not teach better weights; the ones in use stay."""

    hint = "The weights in use stay as they are; try again when more alerts are decided."


@dataclass(frozen=True, slots=True)
class Figures:
    """What weights were learned from, and how they did on days they did not see.

    Losses are means a decision, in nats: lower is better, 0.69 is a coin. `persons` counts accounts of this product.
    """

    decisions: int
    verified: int
    persons: int
    days: int
    pairs: int
    loss: float
    prior_loss: float
    standard_error: float

    def as_json(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Weights:
    """The most points of each part, in the order in which parts are shown. Quarter points, `FULL_SCORE` together.

    `version` is the one it is stored under, None for the prior. Raises InputError when the points are not such.
    """

    points: Mapping[str, float]
    version: int | None = None
    figures: Figures | None = None

    def __post_init__(self) -> None:
        if list(self.points) != list(PRIOR_POINTS):
            raise InputError(f"Weights need the parts {', '.join(PRIOR_POINTS)}, in this order.")
        values = list(self.points.values())
        if any(not 0 <= value <= FULL_SCORE or value * _QUARTERS % 1 for value in values) or sum(values) != FULL_SCORE:
            raise InputError(f"Weights are quarter points from 0, {FULL_SCORE:.0f} together; these are {values}.")

    def __getitem__(self, part: str) -> float:
        return self.points[part]


#: Set by hand, before there are decisions. The level leads; what only colours an alert cannot outweigh a level.
PRIOR_POINTS: Mapping[str, float] = {
    "level": 38.0,
    "expectation": 12.0,
    "focus": 4.0,
    "severity": 6.0,
    "confidence": 6.0,
    "outlets": 8.0,
    "burst": 6.0,
    "novelty": 6.0,
    "stage": 4.0,
    "vulnerability": 2.0,
    "reliability": 2.0,
    "feedback": 6.0,
}
PARTS = tuple(PRIOR_POINTS)
PRIOR = Weights(PRIOR_POINTS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a person made of an alert. `desk` is the province of the alert; alerts of one desk and `day` are compared.

    `values` are its parts as the person saw them, each over its most points: 0..1, feedback -1..1.
    """

    alert_id: int
    day: date
    desk: str
    actor: str
    verified: bool
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """`differences` (pairs, parts) verified minus refuted; `weight` (pairs,) adds up to the decisions' own weights;
    `day` (pairs,) numbers the days."""

    differences: Floats
    weight: Floats
    day: NDArray[np.int64]
    days: int

    def part(self, chosen: NDArray[np.bool_]) -> _Pairs:
        return _Pairs(self.differences[chosen], self.weight[chosen], self.day[chosen], self.days)

    def losses(self, weights: Floats, sharpness: float) -> Floats:
        """Weighted logistic loss of each pair; `sharpness` is in logits a point."""
        found: Floats = self.weight * np.logaddexp(0.0, -sharpness * (self.differences @ weights))
        return found

    def sharpness(self, weights: Floats) -> float:
        """The logits a point, from 0 on, with the least loss under these weights."""
        margin = self.differences @ weights
        low, high = 0.0, MOST_A_POINT
        for _ in range(30):
            middle = (low + high) / 2
            falling = float((self.weight * margin / (1 + np.exp(np.clip(middle * margin, -50, 50)))).sum()) > 0
            low, high = (middle, high) if falling else (low, middle)
        return low


def fit(decisions: Sequence[Outcome], prior: Weights = PRIOR) -> Weights:
    """Weights that put what was verified above what was refuted on the same day and desk.

    Raises NotLearnedError when there are too few decisions, or when they do no better than the prior on unseen days.
    """
    pairs = _pairs(decisions)
    _check(decisions, pairs)
    start = _array(prior)
    gain, loss, prior_loss = np.zeros(pairs.days), 0.0, 0.0
    for fold in range(_FOLDS):
        held = pairs.day % _FOLDS == fold
        if not held.any() or held.all():
            continue
        seen, unseen = pairs.part(~held), pairs.part(held)
        sharpness = seen.sharpness(start)
        before = unseen.losses(start, sharpness)
        after = unseen.losses(_solve(seen, start, sharpness), sharpness)
        loss, prior_loss = loss + float(after.sum()), prior_loss + float(before.sum())
        np.add.at(gain, unseen.day, before - after)
    total = float(pairs.weight.sum())
    error = float(np.sqrt(len(gain)) * gain.std(ddof=1))
    if gain.sum() <= BEYOND_CHANCE * error:
        raise NotLearnedError(
            f"{len(decisions)} decisions teach nothing beyond chance: on days that were left out, learned weights "
            f"lose {loss / total:.4f} a decision, the prior {prior_loss / total:.4f}."
        )
    figures = Figures(
        decisions=len(decisions),
        verified=sum(one.verified for one in decisions),
        persons=len({one.actor for one in decisions}),
        days=pairs.days,
        pairs=len(pairs.weight),
        loss=round(loss / total, 4),
        prior_loss=round(prior_loss / total, 4),
        standard_error=round(error / total, 4),
    )
    points = in_quarters(_solve(pairs, start, pairs.sharpness(start)))
    return Weights(dict(zip(PARTS, points, strict=True)), figures=figures)


def in_quarters(points: Floats) -> list[float]:
    """The nearest quarter points with the sum `FULL_SCORE`: largest remainders are rounded up first."""
    quarters = points * _QUARTERS
    whole = np.floor(quarters)
    missing = round(FULL_SCORE * _QUARTERS - whole.sum())
    whole[np.argsort(whole - quarters, kind="stable")[:missing]] += 1
    return [float(value) / _QUARTERS for value in whole]


def _check(decisions: Sequence[Outcome], pairs: _Pairs) -> None:
    kinds = Counter(one.verified for one in decisions)
    if len(decisions) < MIN_DECISIONS or min(kinds[True], kinds[False]) < MIN_OF_A_KIND:
        raise NotLearnedError(
            f"There are {kinds[True]} verified and {kinds[False]} refuted alerts; "
            f"it takes {MIN_DECISIONS} together and {MIN_OF_A_KIND} of either."
        )
    if pairs.days < MIN_DAYS:
        raise NotLearnedError(
            f"On only {pairs.days} days did a desk both verify and refute alerts; it takes {MIN_DAYS}."
        )


def _pairs(decisions: Sequence[Outcome]) -> _Pairs:
    """Every verified with every refuted alert of a day and desk; a group weighs as much as its decisions."""
    weight = _weight_of_persons(decisions)
    groups: dict[tuple[date, str], list[int]] = defaultdict(list)
    for number, one in enumerate(decisions):
        groups[one.day, one.desk].append(number)
    values = np.array([[one.values.get(part, 0.0) for part in PARTS] for one in decisions]).reshape(-1, len(PARTS))
    rows: list[Floats] = []
    weights: list[float] = []
    days: list[date] = []
    for (day, _), members in sorted(groups.items()):
        yes = [n for n in members if decisions[n].verified]
        no = [n for n in members if not decisions[n].verified]
        products = [weight[a] * weight[b] for a in yes for b in no]
        scale = (sum(weight[n] for n in members) / sum(products)) if products else 0.0
        rows += [values[a] - values[b] for a in yes for b in no]
        weights += [scale * product for product in products]
        days += [day] * len(products)
    known = {day: number for number, day in enumerate(sorted(set(days)))}
    return _Pairs(
        np.array(rows).reshape(-1, len(PARTS)), np.array(weights), np.array([known[day] for day in days]), len(known)
    )


def _weight_of_persons(decisions: Sequence[Outcome]) -> list[float]:
    """A person's decisions weigh together as the square root of their number: nobody outvotes a desk by diligence."""
    made = Counter(one.actor for one in decisions)
    raw = [made[one.actor] ** -0.5 for one in decisions]
    return [len(raw) * one / sum(raw) for one in raw]


def _solve(pairs: _Pairs, prior: Floats, sharpness: float) -> Floats:
    """Least loss plus ridge within the bounds: projected gradient in the metric of the prior. The problem is convex."""
    curvature = float((pairs.weight * (pairs.differences**2 @ prior)).sum()) * sharpness**2 / 4 + 2 * RIDGE
    weights = prior.copy()
    for _ in range(_STEPS):
        margin = sharpness * (pairs.differences @ weights)
        slope = -sharpness * (pairs.weight / (1 + np.exp(np.clip(margin, -50, 50)))) @ pairs.differences
        gradient = prior * slope + 2 * RIDGE * (weights - prior)
        before, weights = weights, _project(weights - gradient / curvature, prior)
        if np.abs(weights - before).max() < _STILL:
            break
    return weights


def _project(points: Floats, prior: Floats) -> Floats:
    """The nearest points within the bounds that add up to `FULL_SCORE`."""
    ratio = points / prior
    low, high = float(ratio.min()) - MOST, float(ratio.max()) - LEAST
    for _ in range(40):
        shift = (low + high) / 2
        total = np.clip(points - shift * prior, LEAST * prior, MOST * prior).sum()
        low, high = (shift, high) if total > FULL_SCORE else (low, shift)
    found: Floats = np.clip(points - (low + high) / 2 * prior, LEAST * prior, MOST * prior)
    return found


def _array(weights: Weights) -> Floats:
    return np.array([weights[part] for part in PARTS])
