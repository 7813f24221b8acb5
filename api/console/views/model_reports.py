"""The picture of a report: by figure, the share of the month above that of the months before, with intervals. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from waspada.drift.types import Change, Estimate, Rate

#: Pixels: it fits a phone as it is.
WIDTH = 300
_LEFT, _RIGHT, _TOP, _ROW, _AXIS = 8, 12, 8, 40, 24
_NAME, _NOW, _BEFORE = 12, 22, 31
_NICE = (1, 2, 5)
_MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Whisker:
    """A share and the ends of its interval, from left to right."""

    low: float
    middle: float
    high: float
    y: float


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: where its name stands, and its two whiskers."""

    rate: Rate
    name_y: float
    now: Whisker | None
    before: Whisker | None

    @property
    def is_changed(self) -> bool:
        return self.rate.change is Change.CHANGED


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    percent: float


@dataclass(frozen=True, slots=True)
class Chart:
    width: float
    height: float
    bottom: float
    rows: Sequence[Row]
    ticks: Sequence[Tick]


def chart_of(rates: Sequence[Rate]) -> Chart | None:
    """None where nothing was read on either side."""
    ends = [one.high for rate in rates for one in (rate.share, rate.reference) if one is not None]
    if not ends:
        return None
    step = _step(max(ends))
    most = step * math.ceil(max(ends) / step - 1e-9)
    bottom = _TOP + _ROW * len(rates)
    rows = [_row(rate, _TOP + _ROW * place, most) for place, rate in enumerate(rates)]
    ticks = [Tick(_x(step * n, most), round(100 * step * n, 3)) for n in range(round(most / step) + 1)]
    return Chart(WIDTH, bottom + _AXIS, bottom, rows, ticks)


def _row(rate: Rate, top: float, most: float) -> Row:
    now, before = (_whisker(one, top + y, most) for one, y in ((rate.share, _NOW), (rate.reference, _BEFORE)))
    return Row(rate, top + _NAME, now, before)


def _whisker(one: Estimate | None, y: float, most: float) -> Whisker | None:
    if one is None:
        return None
    return Whisker(_x(one.low, most), _x(one.value, most), _x(one.high, most), y)


def _x(share: float, most: float) -> float:
    return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * share / most, 1)


def _step(most: float) -> float:
    """The smallest of 1, 2, 5, 10 ... that leaves few lines."""
    power = math.floor(math.log10(max(most, 1e-4))) - 1
    steps = (nice * 10.0**exponent for exponent in range(power, power + 3) for nice in _NICE)
    return next(step for step in steps if most / step <= _MOST_TICKS)
