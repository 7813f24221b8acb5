"""`waspada backtest`: what a desk would have seen each day, and beside it what simpler ways would have shown."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import IO, Annotated, Any
from zoneinfo import ZoneInfo

import typer

import nlp
from waspada.cli.common import FileArgument, JsonlReader, complain, progress_bar, settings_of, write_line
from waspada.cli.outlets import outlets_by_name
from waspada.clock import zone_of
from waspada.errors import InputError
from waspada.jobs.baselines import BASELINES
from waspada.jobs.rank import RankingData
from waspada.jobs.replay import Replay, ReplayedDay

#: So many lines of a day stand in the table of `--compare` unless `--top` says otherwise: what a desk can take.
COMPARED_LINES = 10
OURS = "waspada"
#: Cells that a spreadsheet would run; an id may begin like one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def register(app: typer.Typer) -> None:
    app.command()(backtest)


def backtest(
    file: FileArgument,
    top: Annotated[int | None, typer.Option("--top", min=1, help="Only the best so many alerts of a day.")] = None,
    zone: Annotated[str, typer.Option("--zone", help="Zone in which a day ends.")] = "Asia/Makassar",
    compare: Annotated[
        str | None,
        typer.Option("--compare", metavar="TABLE.csv", help="Write there what simpler ways would have shown each day."),
    ] = None,
) -> None:
    """Replays FILE day by day without looking ahead: the alerts a desk would have seen, best first."""
    where = zone_of(zone)
    reader = JsonlReader(file, where)
    items = list(reader)
    for item in items:
        if item.published_at is None:
            complain(f"line {item.line}: no publication time; left out of the backtest")
    settings = settings_of(None)
    replay = Replay(nlp.load(settings.model_dir), outlets_by_name(settings))
    data = RankingData.load(settings)
    with progress_bar() as bar, _comparison(compare, file, replay, where, top or COMPARED_LINES) as comparison:
        task = bar.add_task("Memutar ulang", total=sum(item.published_at is not None for item in items))
        for day in replay.each_day(items, data, where, lambda n: bar.advance(task, n)):
            for alert in day.alerts[:top]:
                write_line(alert.as_contract())
            if comparison is not None:
                comparison.add(day)
    reader.finish()


class Comparison:
    """A table (CSV) with a line for each rank of each day: the items that each way shows there, by their ids.

    It holds ids only, no texts. A cell of our own may hold several ids, for an alert has several items.
    """

    def __init__(self, stream: IO[str], replay: Replay, zone: ZoneInfo, lines: int) -> None:
        self._table = csv.writer(stream, lineterminator="\n")
        self._table.writerow(("day", "rank", OURS, *BASELINES))
        self._replay, self._zone, self._lines = replay, zone, lines
        self._days, self._ours = 0, 0
        self._shown: Counter[str] = Counter()
        self._common: Counter[str] = Counter()

    def add(self, replayed: ReplayedDay) -> None:
        """Writes the day that was replayed last."""
        items = self._replay.items_of(replayed.day, self._zone)
        eventful = self._replay.eventful_before(replayed.day, self._zone)
        ways = {name: way(items, eventful)[: self._lines] for name, way in BASELINES.items()}
        alerts = replayed.alerts[: self._lines]
        columns = [[_cell(alert.items) for alert in alerts]]
        columns += [[_cell((item.id,)) for item in shown] for shown in ways.values()]
        for rank, cells in enumerate(zip_longest(*columns, fillvalue=""), start=1):
            self._table.writerow((replayed.day.isoformat(), rank, *cells))
        ours = {line for alert in alerts for line in alert.lines}
        self._days += 1
        self._ours += len(ours)
        for name, shown in ways.items():
            self._shown[name] += len(shown)
            self._common[name] += sum(item.line in ours for item in shown)

    def summary(self) -> Iterator[str]:
        """Plain lines: how much each way shows, and how much of it waspada shows, too."""
        yield f"compared on {self._days} days, at most {self._lines} lines a day: {OURS} shows {self._ours} items"
        for name in BASELINES:
            yield f"  {name}: shows {self._shown[name]} items, {self._common[name]} of them among those"


@contextmanager
def _comparison(
    table: str | None, file: str, replay: Replay, zone: ZoneInfo, lines: int
) -> Iterator[Comparison | None]:
    """The table of `--compare`, opened before the replay begins; its summary is said at the end.

    Raises InputError when it cannot be written, or is the file that is read.
    """
    if table is None:
        yield None
        return
    path = Path(table)
    if table == "-":
        raise InputError("--compare needs a file.", hint="Standard output is for the alerts; name a file.")
    if file != "-" and path.exists() and path.samefile(file):
        raise InputError(f"--compare would write over {file}, which is read.", hint="Name another file.")
    try:
        stream = path.open("w", encoding="utf-8", newline="", errors="backslashreplace")
    except OSError as error:
        raise InputError(f"The file {table} cannot be written: {error.strerror}.") from None
    with stream:
        comparison = Comparison(stream, replay, zone, lines)
        yield comparison
    for line in comparison.summary():
        complain(line)


def _cell(ids: Sequence[Any]) -> str:
    """Ids with spaces between; what is no plain word is written as JSON. No cell can be run by a spreadsheet."""
    text = " ".join(one if isinstance(one, str) and one.split() == [one] else json.dumps(one) for one in ids)
    return f"'{text}" if text.startswith(_FORMULA) else text
