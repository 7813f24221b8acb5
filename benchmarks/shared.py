"""What several benchmarks share: where data and models lie, tables, figures in words, and a progress bar."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from rich.console import Console
from rich.table import Table

import nlp
from nlp.evaluation.metrics import Estimate
from waspada.cli.common import progress_bar

#: Third-party data; the folder need not exist. WASPADA_DATA names another one.
DATA = Path(os.environ.get("WASPADA_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
#: `report(stage, done, total)`, as training and evaluation call it; a total of 0 is an unknown one.
Report = Callable[[str, int, int], None]
_PIPED_WIDTH = 130

results = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)


def add_model_argument(parser: argparse.ArgumentParser, default: str) -> None:
    """The optional argument `model` of a benchmark: a model folder, by default the shipped one of this name."""
    parser.add_argument(
        "model",
        nargs="?",
        type=Path,
        default=nlp.shipped(default),
        metavar="MODEL_FOLDER",
        help=f"the shipped {default} if none",
    )


def table_of(title: str, first: str, *others: str) -> Table:
    """An empty table with its first column to the left and figures to the right."""
    table = Table(title=title, title_justify="left")
    table.add_column(first, justify="left")
    for name in others:
        table.add_column(name, justify="right")
    return table


def in_digits(figure: Estimate) -> str:
    """A figure between 0 and 1 with its 95 % interval."""
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def in_percent(figure: Estimate) -> str:
    """A share with its 95 % interval."""
    return f"{figure.value:.1%} ({figure.low:.1%} to {figure.high:.1%})"


def in_points(difference: Estimate) -> str:
    """A difference of two shares with its 95 % interval, in points (hundredths)."""
    return f"{100 * difference.value:+.1f} ({100 * difference.low:+.1f} to {100 * difference.high:+.1f})"


def verdict(value: float, floor: float, goal: float) -> str:
    """Where a figure stands that should be high."""
    if value >= goal:
        return "goal met"
    return "floor met" if value >= floor else "[bold]below the floor[/bold]"


class NotRunError(Exception):
    """A part of a benchmark cannot be run; the message is the reason."""


@contextmanager
def changed(module: ModuleType, **settings: object) -> Iterator[None]:
    """A module with other settings, for one measurement."""
    before = {name: getattr(module, name) for name in settings}
    try:
        for name, value in settings.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


@contextmanager
def reporting() -> Iterator[Report]:
    """A progress bar on standard error, shown on a terminal only."""
    with progress_bar() as bar:
        task = bar.add_task("", total=None)

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total or None)

        yield show
