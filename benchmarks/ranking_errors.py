"""Where the ranking is wrong: lines that stand too high, items that stand too low, and why. Ids only, no texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.ranking_items import GoldItem
from benchmarks.ranking_measures import TOP, USEFUL_LEVEL, gain, ndcg, new_items
from waspada.jobs.replay import DayAlert
from waspada.taxonomy import EVENT_LABELS, ItemKind, Tagger, Tags

if TYPE_CHECKING:
    from benchmarks.ranking import Day, Judged

_WORST = 30


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line or an item in the wrong place, of which kind the fault is, and what it costs.

    An item that is missed costs its gain; a line that stands too high the gain that it pretends to.
    """

    day: str
    cost: float
    kind: str
    said: str


def write_errors(path: Path, days: Sequence[Day], gold: Sequence[GoldItem], judged: Judged, tagger: Tagger) -> None:
    """The worst faults and how many there are of each kind, as Markdown. Costs are gains, not discounted."""
    by_id = {one.item.id: one for one in gold}
    tags = dict(zip(by_id, tagger.classify([one.item.as_text() for one in by_id.values()]), strict=True))
    wrong = [one for day in days for one in (*_missed(day, by_id, tags), *_too_high(day, judged, by_id, tags))]
    lines = ["# What the ranking gets wrong", "", "| kind | n | cost |", "|---|---|---|"]
    count = Counter(one.kind for one in wrong)
    cost = {kind: sum(one.cost for one in wrong if one.kind == kind) for kind in count}
    by_cost = sorted(cost, key=lambda kind: -cost[kind])
    lines += [f"| {kind} | {count[kind]} | {cost[kind]:.1f} |" for kind in by_cost]
    lines += ["", f"## The {_WORST} dearest", "", "| day | cost | kind | |", "|---|---|---|---|"]
    dearest = sorted(wrong, key=lambda one: (-one.cost, one.day, one.said))[:_WORST]
    lines += [f"| {one.day} | {one.cost:.2f} | {one.kind} | {one.said} |" for one in dearest]
    lines += ["", "## Days, worst first", "", "| day | NDCG@10 | items of level 2+ | lines |", "|---|---|---|---|"]
    lines += [_day_line(day, judged) for day in sorted(days, key=lambda day: _ndcg(day, judged))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _missed(day: Day, gold: Mapping[str, GoldItem], tags: Mapping[str, Tags]) -> list[Wrong]:
    """Gold items of level 2 or more that the best list shows and ours does not in its first ten."""
    rank_of = {item: rank for rank, alert in enumerate(day.alerts) for item in alert.items}
    wanted = sorted((gold[i] for i in day.items if i in gold), key=lambda one: -one.level)[:TOP]
    return [
        Wrong(day.day.isoformat(), gain(one.level), *_why_missed(one, tags[one.item.id], rank_of, day.alerts))
        for one in wanted
        if one.level >= USEFUL_LEVEL and rank_of.get(one.item.id, TOP) >= TOP
    ]


def _why_missed(one: GoldItem, tags: Tags, rank_of: Mapping[str, int], alerts: Sequence[DayAlert]) -> tuple[str, str]:
    rank = rank_of.get(one.item.id)
    labels = ", ".join(f"{label} {tags.labels[label].p:.2f}" for label in EVENT_LABELS if tags.labels[label].on)
    name = f"{one.item.id}, gold {one.level}, tagged {tags.alert_level} ({labels or 'no event label'})"
    if rank is None and one.item.kind is ItemKind.POST:
        return "post kept out by rule 4", name
    if rank is None:
        return f"no alert: tagged {tags.alert_level}, {'with' if labels else 'without'} an event label", name
    shown = alerts[rank].alert
    kind = "shown at a lower level" if shown.level < one.level else "right level, others before it"
    return kind, f"{name}, rank {rank + 1}, level {shown.level}, {_parts(alerts[rank])}"


def _too_high(day: Day, judged: Judged, gold: Mapping[str, GoldItem], tags: Mapping[str, Tags]) -> list[Wrong]:
    """Lines of our first ten that carry nothing of level 2 or more, on days on which something useful was missed."""
    if not _missed(day, gold, tags):
        return []
    found = []
    for alert, items in zip(day.alerts[:TOP], new_items(day.lines["waspada"][:TOP]), strict=True):
        level = max((judged.levels.get(item, 0) for item in items), default=0)
        if level < USEFUL_LEVEL:
            found.append(_high(day, alert, items, level, judged, gold))
    return found


def _high(
    day: Day, alert: DayAlert, items: Sequence[str], level: int, judged: Judged, gold: Mapping[str, GoldItem]
) -> Wrong:
    first = next((item for item in items), "")
    if not items:
        kind = "line with nothing new"
    elif any(item in judged.preventions for item in items):
        kind = "prevention speech"
    elif first in gold:
        kind = f"gold {level} shown at {alert.alert.level}"
    elif first in judged.levels:
        kind = f"distractor read as {level}, shown at {alert.alert.level}"
    else:
        kind = f"distractor not read, shown at {alert.alert.level}"
    names = " ".join(item[:10] for item in items[:4])
    return Wrong(
        day.day.isoformat(), gain(alert.alert.level) - gain(level), kind, f"rank {alert.rank}: {names}, {_parts(alert)}"
    )


def _parts(alert: DayAlert) -> str:
    shown = " ".join(f"{name} {points:g}" for name, points in alert.alert.parts.items() if points)
    return f"{alert.alert.label} {alert.alert.score:g} ({shown})"


def _ndcg(day: Day, judged: Judged) -> float:
    figure = ndcg(day.lines["waspada"], {i: judged.levels[i] for i in day.items if i in judged.levels})
    return 1.0 if figure is None else figure


def _day_line(day: Day, judged: Judged) -> str:
    useful = sum(judged.levels.get(item, 0) >= USEFUL_LEVEL for item in day.items)
    return f"| {day.day.isoformat()} | {_ndcg(day, judged):.3f} | {useful} | {len(day.alerts)} |"
