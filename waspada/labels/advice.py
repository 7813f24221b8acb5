"""What another 50 answers are expected to gain, from the learning curve that a training measured. Pure.

The error (1 - average precision) after n answers is taken as b * (n + n0) ** -a: what is known before counts as n0
answers, each further one brings less. No gain is promised above the slope between the last two points, brought to
rise; a curve that falls promises none. The same is done with every draw of the answers' stories: their mean is what is
expected, the middle 90 % the interval. It holds the chance in which answers judge, not all of that in which teach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: About a quarter of an hour at the desk.
MORE = 50
#: A fifth of a point: an hour at the desk, some two hundred answers, would not bring one point.
LITTLE = 0.002
#: An interval that begins at little and is wider than two points holds both "stop" and "go on": it says nothing.
TOO_WIDE = 0.02
_QUANTILES = (0.05, 0.95)
#: Shapes that are tried, the most modest first: of two that fit as well the first one counts.
_EXPONENTS = np.linspace(0.0, 1.0, 21)
_KNOWN_BEFORE = np.geomspace(10.0, 20_000.0, 28)[::-1]


class Says(StrEnum):
    """What an advice comes to."""

    GAIN = "gain"
    LITTLE = "little"  # the upper end is below `LITTLE`
    TOO_FEW = "too_few"  # answers, to learn from or to say


@dataclass(frozen=True, slots=True)
class Gain:
    """Average precision (0 to 1) that is expected to come, with the ends of its 90 % interval."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """`gain` is None where nothing was learned yet: `missing` examples of the rarer kind are needed for that."""

    says: Says
    gain: Gain | None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Advice:
    """`overall` is the mean over the labels that learned; `labels` are ranked, what to label next first; `most` is the
    label that gains most, None where none can be named."""

    answers: int
    more: int
    overall: Outlook
    labels: Mapping[str, Outlook]
    most: str | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A learning curve: `points` answers, and by label `draws` (draws, points) of its figure. `examples` by label."""

    total: int
    points: Sequence[int]
    draws: Mapping[str, Floats]
    examples: Mapping[str, int]
    least_examples: int


def curve_of(kept: Mapping[str, Any]) -> Curve:
    """From the numbers that a training kept (`made_of["curve"]`)."""
    draws = {label: np.asarray(rows, dtype=np.float64) for label, rows in kept["draws"].items()}
    return Curve(kept["total"], kept["answers"], draws, kept["examples"], kept["least_examples"])


def advice(curve: Curve, more: int = MORE) -> Advice:
    """What another `more` answers like those before are expected to gain."""
    found = {
        label: _outlook(curve, curve.draws[label], more)
        if label in curve.draws
        else Outlook(Says.TOO_FEW, None, max(0, curve.least_examples - examples))
        for label, examples in curve.examples.items()
    }
    overall = Outlook(Says.TOO_FEW, None)
    if curve.draws:
        overall = _outlook(curve, np.mean(list(curve.draws.values()), axis=0), more)
    ranked = dict(sorted(found.items(), key=lambda one: _rank(one[1])))
    most = next((label for label, one in ranked.items() if one.says is Says.GAIN), None)
    return Advice(curve.total, more, overall, ranked, most)


def gains(points: Sequence[int], figures: Floats, total: int, more: int) -> Floats:
    """What `more` answers beyond `total` add to each of several curves `figures` (curves, points): (curves,), >= 0."""
    at = np.asarray(points, dtype=np.float64)
    error = 1.0 - figures
    exponents, before = (grid.ravel() for grid in np.meshgrid(_EXPONENTS, _KNOWN_BEFORE, indexing="ij"))
    shapes = (at[None, :] + before[:, None]) ** -exponents[:, None]
    # Of each shape the best factor b is fitted by least squares; the shape that explains most is taken.
    shares, sizes = error @ shapes.T, (shapes**2).sum(axis=1)
    best = np.argmax((shares**2 / sizes).round(12), axis=1)
    factor = shares[np.arange(len(error)), best] / sizes[best]
    now, then = ((n + before[best]) ** -exponents[best] for n in (total, total + more))
    found: Floats = np.clip(factor * (now - then), 0.0, last_slopes(points, figures) * more)
    return found


def last_slopes(points: Sequence[int], figures: Floats) -> Floats:
    """The slope of each curve (curves, points) between its last two points, the nearest curve that never falls: an
    answer, >= 0."""
    rising = _rising(figures)
    slopes: Floats = (rising[:, -1] - rising[:, -2]) / max(1, points[-1] - points[-2])
    return np.maximum(slopes, 0.0)


def _rising(figures: Floats) -> Floats:
    """The curves (curves, points) nearest to `figures` by least squares that never fall: max over starts of the min
    over ends of means between."""
    count = figures.shape[1]
    sums = np.concatenate([np.zeros((len(figures), 1)), np.cumsum(figures, axis=1)], axis=1)
    found = np.empty_like(figures)
    for at in range(count):
        starts = [
            np.min([(sums[:, end] - sums[:, start]) / (end - start) for end in range(at + 1, count + 1)], axis=0)
            for start in range(at + 1)
        ]
        found[:, at] = np.max(starts, axis=0)
    return found


def _outlook(curve: Curve, figures: Floats, more: int) -> Outlook:
    found = gains(curve.points, figures, curve.total, more)
    (low, high), mean = np.quantile(found, _QUANTILES), found.mean()
    gain = Gain(float(mean), float(min(low, mean)), float(max(high, mean)))
    if gain.high < LITTLE:
        return Outlook(Says.LITTLE, gain)
    is_open = gain.low < LITTLE and gain.high - gain.low > TOO_WIDE
    return Outlook(Says.TOO_FEW if is_open else Says.GAIN, gain)


def _rank(one: Outlook) -> tuple[int, float]:
    """What gains most, then what nobody can tell yet, the nearest to it first, then what gains little."""
    order = (Says.GAIN, Says.TOO_FEW, Says.LITTLE).index(one.says)
    return order, -one.gain.expected if one.gain is not None else one.missing
