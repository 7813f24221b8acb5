"""What stands in the first ten lines of a day, and whether it belongs there: ranking beside simple ways, in one run.

    python -m benchmarks.ranking [--gold dev|train|FILE] [--times 20] [--distractors N] [--errors FILE]

Gold items on a time line of 28 days (`benchmarks/ranking_items.py`), alone and among 20 times as many unlabelled
pieces of news, go through the real stages, day by day. Measures: `benchmarks/ranking_measures.py`. Gold is the level
that the codebook gives; an unlabelled piece counts as level 0, and in a second table as the level that readers gave it
(`benchmarks/data/distractors.csv`). Read was what stands in the first ten lines of a day by ours or by the keyword
count, in random order, by two readers who knew of neither; where they differ (19 of 350) the lower level counts. What
neither way found is not known: both tables are bounds. The simple ways (`waspada/jobs/baselines.py`) order items, ours
orders alerts; "level only" is ours with everything but the level taken away: an ablation, no baseline.

Rule 4 of the design keeps a single post out, whatever its level: on dev a perfect order of the articles has an NDCG of
0.96. Tags come from the shipped model, for which dev has been read often; nothing of the ranking was chosen on dev.
Tags of gold train flatter: the model was trained on it. Use `--gold train` to choose, dev to judge.

Intervals: 95 % bootstrap over days; differences are paired. The first run reads every text with the model, which takes
20 to 60 minutes on two cores; it may be stopped, and what was read is kept (`benchmarks/tag_cache.py`).
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np

from benchmarks.ranking_items import GoldItem, days_for, on_time_line, read_distractors, read_gold
from benchmarks.ranking_measures import (
    TOP,
    USEFUL_LEVEL,
    Line,
    ndcg,
    precision_of_shown,
    precision_of_ten,
    strict_ndcg,
)
from benchmarks.shared import DATA, NotRunError, Report, reporting, results, table_of, verdict
from benchmarks.tag_cache import CachedTagger
from nlp.evaluation.metrics import Estimate, bootstrap_weights, interval
from waspada.cli.outlets import outlets_by_name
from waspada.clock import DEFAULT_ZONE
from waspada.items.jsonl import JsonlItem
from waspada.jobs.baselines import BASELINES
from waspada.jobs.rank import RankingData
from waspada.jobs.replay import DayAlert, Replay
from waspada.settings import load_settings

OURS, ABLATION = "waspada", "level only"
WAYS = (OURS, ABLATION, *BASELINES)
#: Ways whose first ten of a day were read among the news.
READ_WAYS = (OURS, "keyword count")
NDCG_FLOOR, NDCG_GOAL, GAIN_FLOOR = 0.75, 0.92, 0.20
PRECISION_FLOOR, PRECISION_GOAL = 0.60, 0.85
_REPLICATES = 2000
_VERDICTS = "data/distractors.csv"
_TIMES = 20
#: Words of a text that `--distractors` prints.
_READ_CHARS = 700


@dataclass(frozen=True, slots=True)
class Day:
    """A replayed day: its items (ids), the lines that each way shows, and our alerts behind the lines."""

    day: date
    items: tuple[str, ...]
    lines: Mapping[str, tuple[Line, ...]]
    alerts: tuple[DayAlert, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """Levels by item id, and the ids of prevention speeches."""

    levels: Mapping[str, int]
    preventions: frozenset[str]


def main() -> None:
    """Print the tables, or why there are none."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gold", default="dev", help="dev, train, or a file of gold items")
    parser.add_argument("--times", type=int, default=_TIMES, help="pieces of news for each gold item; 0: gold alone")
    parser.add_argument("--model", type=Path, help="model folder, the shipped one if none")
    parser.add_argument("--distractors", type=int, default=0, metavar="N", help="print N unread ones that rank high")
    parser.add_argument("--errors", type=Path, metavar="FILE", help="write what the ranking got wrong there")
    arguments = parser.parse_args()
    try:
        with reporting() as report:
            _run(arguments, report)
    except NotRunError as error:
        results.print(f"not run: {error}")


def _run(arguments: argparse.Namespace, report: Report) -> None:
    from benchmarks.ranking_errors import write_errors

    gold = read_gold(_path_of(arguments.gold))
    tagger = CachedTagger(arguments.model)
    results.print(f"{arguments.gold}: {len(gold)} items on {days_for(len(gold))} days; model {tagger.model}")
    if arguments.gold == "train":
        results.print("[bold]the model was trained on these items: the figures flatter[/bold]")
    judged = _judged(gold, {})
    days = replayed(tagger, [one.item for one in gold], days_for(len(gold)), report)
    _print(f"{arguments.gold} alone", days, judged)
    if arguments.times:
        news = _distractors(gold, arguments.times * len(gold), report)
        days = replayed(tagger, [one.item for one in gold] + news, days_for(len(gold)), report)
        _print(f"{arguments.gold} among {len(news):,} unlabelled pieces of news", days, judged)
        read = read_verdicts()
        title = f"the same, with the levels of {sum(item.id in read for item in news)} read ones"
        _print(title, days, _judged(gold, {item.id: read[item.id] for item in news if item.id in read}))
        _print_unread(days, news, read, arguments.distractors)
        judged = _judged(gold, read)
    if arguments.errors:
        write_errors(arguments.errors, days, gold, judged, tagger)
    tagger.close()


def _path_of(name: str) -> Path:
    return DATA / "gold" / f"{name}.jsonl" if name in ("dev", "train") else Path(name)


def _distractors(gold: Sequence[GoldItem], count: int, report: Report) -> list[JsonlItem]:
    """Pieces of news that are in none of the gold files that are there: a labelled one is no unlabelled one."""
    report("drawing news", 0, 0)
    others = [path for name in ("dev", "train") if (path := DATA / "gold" / f"{name}.jsonl").is_file()]
    return read_distractors(DATA / "news", count, [*gold, *(one for path in others for one in read_gold(path))])


def _judged(gold: Sequence[GoldItem], read: Mapping[str, int]) -> Judged:
    levels = {**read, **{one.item.id: one.level for one in gold}}
    return Judged(levels, frozenset(one.item.id for one in gold if one.is_prevention))


def replayed(tagger: CachedTagger, items: Sequence[JsonlItem], days: int, report: Report) -> list[Day]:
    """The days of items on their time line, through the real stages."""
    settings = load_settings()
    replay = Replay(tagger, outlets_by_name(settings))
    done = 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        report("replaying", done, len(items))

    try:
        placed = on_time_line(items, days)
        whole = replay.each_day(placed, RankingData.load(settings), DEFAULT_ZONE, step)
        return [_day(replay, one.day, one.alerts) for one in whole]
    finally:
        replay.close()


def _day(replay: Replay, day: date, alerts: Sequence[DayAlert]) -> Day:
    items = replay.items_of(day, DEFAULT_ZONE)
    eventful = replay.eventful_before(day, DEFAULT_ZONE)
    by_level = sorted(alerts, key=lambda alert: (-alert.alert.level, -alert.alert.last_item_at.timestamp(), alert.rank))
    lines = {name: tuple(Line((item.id,)) for item in way(items, eventful)) for name, way in BASELINES.items()}
    lines |= {OURS: _lines_of(alerts), ABLATION: _lines_of(by_level)}
    return Day(day, tuple(item.id for item in items), lines, tuple(alerts))


def _lines_of(alerts: Sequence[DayAlert]) -> tuple[Line, ...]:
    return tuple(Line(tuple(alert.items), alert.alert.level) for alert in alerts)


Measure = Callable[[Sequence[Line], Mapping[str, int]], float | None]
#: The columns of a table; `useful` is a line with an item of level 2 or more.
MEASURES: Mapping[str, Measure] = {
    f"NDCG@{TOP}": ndcg,
    "strict": strict_ndcg,
    f"useful / {TOP} lines": precision_of_ten,
    f"useful / shown {USEFUL_LEVEL}+": precision_of_shown,
}


class Figures:
    """Means over days of one measure for every way, from one set of bootstrap draws."""

    def __init__(self, measure: Measure, days: Sequence[Day], judged: Judged) -> None:
        self._values = {
            way: np.array([_value(measure(day.lines[way], _levels_of(day, judged))) for day in days]) for way in WAYS
        }
        self._weights = bootstrap_weights(len(days), _REPLICATES, np.random.default_rng(0))

    def of(self, way: str) -> Estimate | None:
        """Mean over the days on which the measure says something; None where there is no such day."""
        return self._mean(self._values[way])

    def above(self, way: str, other: str) -> Estimate | None:
        """Mean difference, by day."""
        return self._mean(self._values[way] - self._values[other])

    def best_baseline(self) -> str:
        return max(BASELINES, key=lambda way: np.nanmean(self._values[way]))

    def _mean(self, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Estimate | None:
        said = ~np.isnan(values)
        if not said.any():
            return None
        weights = self._weights[:, said]
        totals = np.maximum(weights.sum(axis=1), 1)
        return interval(float(values[said].mean()), (weights @ values[said]) / totals)


def _value(figure: float | None) -> float:
    return float("nan") if figure is None else figure


def _levels_of(day: Day, judged: Judged) -> dict[str, int]:
    return {item: judged.levels[item] for item in day.items if item in judged.levels}


def _print(title: str, days: Sequence[Day], judged: Judged) -> None:
    """The table, and where ours stands against floors and goals."""
    gain, *others = figures = [Figures(measure, days, judged) for measure in MEASURES.values()]
    table = table_of(f"{title}: mean over days (95 %)", "way", *MEASURES, "prevention")
    for way in WAYS:
        table.add_row(way, *(_said(one.of(way)) for one in figures), preventions(days, way, judged))
    best = gain.best_baseline()
    table.add_row(f"{OURS} less {best}", *(_said(one.above(OURS, best)) for one in figures), "")
    results.print(table)
    ours, above, shown = gain.of(OURS), gain.above(OURS, best), others[-1].of(OURS)
    if ours and above and shown:
        results.print(
            f"NDCG@{TOP} {verdict(ours.value, NDCG_FLOOR, NDCG_GOAL)} ({NDCG_FLOOR}, {NDCG_GOAL}), "
            f"{_floor(above.value, GAIN_FLOOR)} above the best baseline ({GAIN_FLOOR}); of lines shown at "
            f"{USEFUL_LEVEL}+ {verdict(shown.value, PRECISION_FLOOR, PRECISION_GOAL)} "
            f"({PRECISION_FLOOR}, {PRECISION_GOAL}); prevention speeches: at most 1 in 50\n"
        )


def _floor(value: float, floor: float) -> str:
    return "floor met" if value >= floor else "[bold]below the floor[/bold]"


def _said(figure: Estimate | None) -> str:
    return "-" if figure is None else f"{figure.value:.3f} ({figure.low:.2f}-{figure.high:.2f})"


def preventions(days: Sequence[Day], way: str, judged: Judged) -> str:
    """How many prevention speeches stood in a day's first ten, of all, and among how many lines."""
    first = [line for day in days for line in day.lines[way][:TOP]]
    seen = {item for line in first for item in line.items} & judged.preventions
    return f"{len(seen)} of {len(judged.preventions)} ({len(first)} lines)"


def read_verdicts() -> dict[str, int]:
    """Level by the SHA-1 of the normalised text, of the pieces of news that were read."""
    text = files("benchmarks").joinpath(_VERDICTS).read_text(encoding="utf-8")
    return {row["sha1"]: int(row["level"]) for row in csv.DictReader(text.splitlines())}


def unread(days: Sequence[Day], news: Sequence[JsonlItem], read: Mapping[str, int]) -> Iterator[JsonlItem]:
    """News in the first ten of a day, by ours or by the keyword count, without a verdict: those that rank first of all
    days first."""
    by_id = {item.id: item for item in news}
    ranked = [
        (rank, item)
        for day in days
        for way in READ_WAYS
        for rank, line in enumerate(day.lines[way][:TOP])
        for item in line.items
    ]
    seen = dict.fromkeys(item for _, item in sorted(ranked, key=lambda pair: pair[0]))
    yield from (by_id[item] for item in seen if item in by_id and item not in read)


def _print_unread(days: Sequence[Day], news: Sequence[JsonlItem], read: Mapping[str, int], count: int) -> None:
    left = list(unread(days, news, read))
    results.print(
        f"{len(left)} pieces of news in the first {TOP} of a day have not been read; --distractors N prints N"
    )
    for item in left[:count]:
        text = " ".join(f"{item.title}. {item.text}".split())[:_READ_CHARS]
        print(f"{item.id} [{item.kind}, {item.outlet or '-'}] {text}\n")


if __name__ == "__main__":
    main()
