"""What the time line shows: bars, bands and hatched days in pixels of the picture. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel import Locale
from babel.dates import format_date

from waspada.calendar import Stage
from waspada.overview.types import DayOnLine, Timeline

_LEFT, _RIGHT, _TOP = 40, 10, 10
_LANE, _BAND = 22, 17
_ALERTS_HEIGHT, _ITEMS_HEIGHT, _GAP, _AXIS = 150, 44, 22, 34
#: Pixels of a day: as many as fill the page, within these.
_WIDEST_DAY, _NARROWEST_DAY, _FULL_WIDTH = 26.0, 8.0, 1150.0
#: Few days leave room for the names of the stages beside them.
_LEAST_WIDTH = 680.0
#: Pixels that a letter of a name takes, at most.
_LETTER = 6.4
_MOST_LETTERS = 44
#: The share of a day's width that a bar of a level takes: levels differ without colour.
_WIDTHS = (0.3, 0.42, 0.62, 0.86)
_NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a day's column: alerts of one level."""

    level: int
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """One day: its left edge, and what stands in it. `label` is the date below it, where one is written."""

    day: DayOnLine
    title: str
    short: str
    x: float
    bars: Sequence[Bar]
    items_height: float
    label: str
    is_today: bool


@dataclass(frozen=True, slots=True)
class Band:
    """A stage of the calendar: its days as a bar in a lane, and its name in or beside it."""

    stage: Stage
    dates: str
    x: float
    width: float
    y: float
    text: str
    text_x: float
    anchor: str

    @property
    def is_beside(self) -> bool:
        """Whether the name stands beside the band."""
        return not self.x <= self.text_x < self.x + self.width


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the bars, with its number."""

    y: float
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    width: float
    height: float
    day_width: float
    left: float
    bars_top: float
    bars_bottom: float
    items_top: float
    items_bottom: float
    band_height: float
    columns: Sequence[Column]
    bands: Sequence[Band]
    lines: Sequence[Line]
    most_items: int


def chart(found: Timeline, today: date, locale: Locale) -> Chart:
    wide = max(_NARROWEST_DAY, min(_WIDEST_DAY, _FULL_WIDTH / len(found.days)))
    width = max(_LEAST_WIDTH, _LEFT + wide * len(found.days) + _RIGHT)
    bands, lanes = bands_of(found, wide, width, locale)
    top = _TOP + lanes * _LANE + 14
    bottom = top + _ALERTS_HEIGHT
    most = scale_of(max(day.alerts for day in found.days))
    most_items = max(day.items for day in found.days)
    columns = [
        Column(
            day,
            str(format_date(day.day, "EEEE, d MMMM y", locale=locale)),
            str(format_date(day.day, "EEE, d MMM y", locale=locale)),
            round(_LEFT + number * wide, 1),
            bars_of(day, round(_LEFT + number * wide, 1), wide, bottom, most),
            round(_ITEMS_HEIGHT * day.items / most_items, 1) if most_items else 0.0,
            _label(day.day, wide, locale),
            day.day == today,
        )
        for number, day in enumerate(found.days)
    ]
    items_top = bottom + _GAP
    return Chart(
        width=round(width, 1),
        height=items_top + _ITEMS_HEIGHT + _AXIS,
        day_width=round(wide, 2),
        left=_LEFT,
        bars_top=top,
        bars_bottom=bottom,
        items_top=items_top,
        items_bottom=items_top + _ITEMS_HEIGHT,
        band_height=_BAND,
        columns=columns,
        bands=bands,
        lines=[Line(round(bottom - _ALERTS_HEIGHT * count / most, 1), count) for count in ticks(most)],
        most_items=most_items,
    )


def scale_of(most: int) -> int:
    """The number at the top of the bars: the next one that is round, at least 4."""
    power = 1
    while True:
        for nice in _NICE:
            if nice * power >= max(4, most):
                return nice * power
        power *= 10


def ticks(most: int) -> list[int]:
    """The numbers with a line: half and whole, where half is one."""
    return [most // 2, most] if most % 2 == 0 else [most]


def bars_of(day: DayOnLine, x: float, wide: float, bottom: float, most: int) -> list[Bar]:
    """The alerts of a day, the highest level at the bottom and the widest."""
    bars, y = [], bottom
    for level in reversed(range(len(day.by_level))):
        count = day.by_level[level]
        if count:
            height = _ALERTS_HEIGHT * count / most
            y -= height
            width = wide * _WIDTHS[level]
            bars.append(
                Bar(level, count, round(x + (wide - width) / 2, 1), round(y, 1), round(width, 1), round(height, 1))
            )
    return bars


def bands_of(found: Timeline, wide: float, width: float, locale: Locale) -> tuple[list[Band], int]:
    """The stages in as few lanes as there is room for with their names, and how many lanes that are."""
    window, ends, bands = found.window, list[float](), list[Band]()
    for stage in found.stages:
        first = max(stage.start or window.first, window.first)
        last = min(stage.end, window.last)
        x = _LEFT + (first - window.first).days * wide
        band_width = ((last - first).days + 1) * wide
        text = shortened(stage.name)
        room = len(text) * _LETTER + 10
        text_x, anchor, start, end = _text_place(x, band_width, room, width)
        lane = next((number for number, taken in enumerate(ends) if taken <= start), len(ends))
        if lane == len(ends):
            ends.append(0.0)
        ends[lane] = end + 6
        bands.append(
            Band(
                stage,
                dates_of(stage, locale),
                round(x, 1),
                round(band_width, 1),
                _TOP + lane * _LANE,
                text,
                round(text_x, 1),
                anchor,
            )
        )
    return bands, len(ends)


def _text_place(x: float, band: float, room: float, width: float) -> tuple[float, str, float, float]:
    """Where a name begins, which end of it is there, and from where to where band and name reach: within the band,
    right of it, or left of it."""
    if room <= band:
        return x + 6, "start", x, x + band
    if x + band + room <= width:
        return x + band + 4, "start", x, x + band + room
    return x - 4, "end", max(0.0, x - room), x + band


def shortened(name: str) -> str:
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1].rstrip()}…"


def dates_of(stage: Stage, locale: Locale) -> str:
    """ "25 Sep - 23 Nov 2024"; a deadline has its last day only."""
    last = format_date(stage.end, "d MMM y", locale=locale)
    if stage.start == stage.end:
        return str(last)
    return f"– {last}" if stage.start is None else f"{format_date(stage.start, 'd MMM y', locale=locale)} – {last}"


def _label(day: date, wide: float, locale: Locale) -> str:
    """Mondays are written, and the first of a month where days are narrow."""
    if wide < 12:
        return str(format_date(day, "d MMM", locale=locale)) if day.day in (1, 15) else ""
    return str(format_date(day, "d MMM", locale=locale)) if day.weekday() == 0 else ""


def shifted(found: Timeline, sign: int) -> tuple[date, date]:
    """First and last day of the window before (-1) or after (+1)."""
    length = timedelta(days=len(found.days) * sign)
    return found.window.first + length, found.window.last + length
