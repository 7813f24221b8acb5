"""From publication to the poll that sees it: our policy against polls at even times, as many of them. Pure simulation.

Sources are Poisson processes over an assumed day; the hours below are assumptions about Indonesian newsrooms, not
measured ones (the feeds that were recorded are three, of one moment each). The policy knows none of them. Its real code
runs: `policy.next_poll`. Even polling gets the same number of requests over the same time, at eight phases. Both are
judged on the same entries: those that our polls saw. The settings are chosen on other hours and other seeds.
"""

from __future__ import annotations

import random
import statistics
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rich.table import Table

from benchmarks.shared import Report, changed, table_of
from waspada.sources import policy, usual_hours
from waspada.sources.types import PollOutcome, PollState, SourceState

DAY, HOUR = 86_400.0, 3600.0
FLOOR, GOAL = 0.7, 0.5
PHASES = 8
#: Midnight in WITA.
START = datetime(2026, 11, 1, 16, tzinfo=UTC)
#: Share of each hour, from midnight: a paper with office hours, a newsroom that writes until late, and an even day.
OFFICE = (*[0.02] * 6, 0.1, 0.5, 1.5, 2.5, 3, 3, 2, 2.5, 3, 2.5, 2, 1, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
LATE = (
    *(0.1, 0.05, 0.05, 0.05, 0.1, 0.4, 0.9, 1.2, 1.6, 1.9, 2.1, 2.0),
    *(1.5, 1.7, 1.9, 2.0, 1.8, 1.4, 1.1, 1.1, 0.9, 0.6, 0.35, 0.2),
)
EVEN = (1.0,) * 24
#: What settings are chosen on: a radio newsroom with a bulletin at dawn, at noon and at dusk, and a portal that rests
#: for prayer at noon and writes most at night.
RADIO = (*[0.02] * 4, 0.6, 2.4, 2.8, 1.4, 0.5, 0.4, 0.8, 2.0, 2.6, 1.0, 0.3, 0.3, 0.7, 2.2, 2.6, 1.2, *[0.1] * 4)
NIGHT = (
    *(0.9, 0.4, 0.05, 0.05, 0.05, 0.05, 0.2, 0.5, 0.8, 1.2, 1.2, 0.7),
    *(0.2, 0.7, 1.0, 1.1, 0.9, 0.8, 0.6, 1.6, 2.4, 2.8, 2.6, 1.8),
)
#: Seeds from here on choose, those from 0 on judge.
FIRST_CHOOSING = 1000

Publish = Callable[[random.Random, int], list[float]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source: `publish` draws the seconds at which entries appear in so many days, `listed` a feed holds."""

    name: str
    publish: Publish
    hours: Sequence[float] = EVEN
    listed: int = 20
    dated: bool = True
    judged: bool = False


@dataclass(slots=True)
class Delays:
    """What several seeds gave: seconds from publication to poll, ours and even polling's."""

    ours: list[float] = field(default_factory=list)
    even: list[float] = field(default_factory=list)
    polls_a_day: list[float] = field(default_factory=list)
    lost: int = 0

    @property
    def ratio(self) -> float:
        return statistics.median(self.ours) / statistics.median(self.even)


def daily(entries: float, hours: Sequence[float]) -> Publish:
    """A Poisson process of so many entries a day, spread as `hours`."""

    def publish(rng: random.Random, days: int) -> list[float]:
        found, moment, top = [], 0.0, max(hours)
        pace = entries * top / (sum(hours) / 24) / DAY
        while (moment := moment + rng.expovariate(pace)) < days * DAY:
            if rng.random() < hours[int(moment / HOUR) % 24] / top:
                found.append(moment)
        return found

    return publish


def batches(a_day: float, size: int, hours: Sequence[float]) -> Publish:
    """An editor who puts up `size` entries within five minutes, at Poisson times."""
    times = daily(a_day, hours)
    return lambda rng, days: sorted(t + rng.random() * 300 for t in times(rng, days) for _ in range(size))


def weekly(size: int) -> Publish:
    """An issue every Thursday morning."""
    return lambda rng, days: sorted(
        day * DAY + 8 * HOUR + rng.random() * HOUR for day in range(3, days, 7) for _ in range(size)
    )


KINDS = (
    Kind("20 a day, office hours", daily(20, OFFICE), OFFICE, judged=True),
    Kind("20 a day, until late", daily(20, LATE), LATE, judged=True),
    Kind("  the same, 10 listed", daily(20, LATE), listed=10),
    Kind("  the same, no dates", daily(20, LATE), dated=False),
    Kind("20 a day, evenly", daily(20, EVEN)),
    Kind("5 batches of 4 a day", batches(5, 4, LATE)),
    Kind("200 a day (agency)", daily(200, LATE)),
    Kind("3 a day", daily(3, LATE)),
    Kind("weekly paper, 12 entries", weekly(12)),
)
CHOOSING = (
    Kind("20 a day, radio", daily(20, RADIO), RADIO),
    Kind("20 a day, at night", daily(20, NIGHT), NIGHT),
)


def simulate(kind: Kind, days: int, seed: int, into: Delays) -> None:
    """Adds one source's `days` under our policy, and the same entries under even polling."""
    rng = random.Random(seed)
    before = [moment - 14 * DAY for moment in kind.publish(rng, 14)]
    fresh = kind.publish(rng, days)
    published = before + fresh
    first = moment = rng.random() * DAY
    state, known, polls = PollState(next_poll_at=_at(moment)), set[float](), 0
    seen: dict[float, float] = {}
    while moment < days * DAY:
        end = bisect_right(published, moment)
        listed = published[max(0, end - kind.listed) : end]
        new = [each for each in listed if each not in known]
        known.update(listed)
        seen |= {each: moment for each in new if each > first}
        state = policy.next_poll(state, _outcome(kind, listed, new), _at(moment), 0.0)
        last, moment, polls = moment, (state.next_poll_at - START).total_seconds(), polls + 1
    into.ours += [moment - each for each, moment in seen.items()]
    into.polls_a_day.append(polls / (days - first / DAY))
    into.lost += sum(first < each <= last and each not in known for each in fresh)
    spacing = (days * DAY - first) / polls
    for phase in range(PHASES):
        into.even += [spacing - (each - first - phase * spacing / PHASES) % spacing for each in seen]


def measured(kind: Kind, days: int, seeds: range) -> Delays:
    found = Delays()
    for seed in seeds:
        simulate(kind, days, seed, found)
    return found


def tables(days: int, seeds: int, report: Report) -> Iterator[Table]:
    yield _by_kind(days, seeds, report)
    yield _by_variant(days, seeds, report)


def _by_kind(days: int, seeds: int, report: Report) -> Table:
    title = f"Minutes from publication to poll, {days} days, {seeds} seeds; even = as many polls at even times"
    heads = ("polls a day", "median", "even", "ratio", "90 %", "even", "mean ratio", "lost", "floor 0.7, goal 0.5")
    table = table_of(title, "source", *heads)
    for number, kind in enumerate(KINDS):
        report("delay by source", number, len(KINDS))
        found = measured(kind, days, range(seeds))
        table.add_row(kind.name, *_figures(found), _verdict(found.ratio) if kind.judged else "")
    return table


def _by_variant(days: int, seeds: int, report: Report) -> Table:
    heads = ("polls a day", "median", "ratio", "mean ratio", "longest")
    title = "Choosing, on other hours and seeds: what each part of the policy gives (minutes)"
    table = table_of(title, "source and variant", *heads)
    steps = [(kind, name, settings) for kind in CHOOSING for name, settings in _variants(kind)]
    for number, (kind, name, settings) in enumerate(steps):
        report("delay by variant", number, len(steps))
        with changed(usual_hours, **settings):
            usual_hours._weights.cache_clear()
            found = measured(kind, days, range(FIRST_CHOOSING, FIRST_CHOOSING + seeds))
        usual_hours._weights.cache_clear()
        polls, median, _, ratio, _, _, mean_ratio, _ = _figures(found)
        table.add_row(f"{kind.name}: {name}", polls, median, ratio, mean_ratio, f"{max(found.ours) / 60:.0f}")
    return table


def _variants(kind: Kind) -> list[tuple[str, Mapping[str, object]]]:
    return [
        ("the rule alone: 67 % and 33 % seen", {"heard": lambda *_: usual_hours.UNHEARD}),
        ("and never beyond the mean gap", {"POWER": 0.0}),
        *((f"and hours, power {power}", {"POWER": power}) for power in (0.75, 1.0, 1.25, 1.5)),
        ("shipped, but hours smoothed more widely", {"_SMOOTHING": (1, 2, 3, 2, 1)}),
        ("shipped, but hours smoothed less", {"_SMOOTHING": (1, 3, 1)}),
        ("shipped, but no hour below 0.2", {"LEAST_SHARE": 0.2}),
        ("shipped, but waits of any length", {"LONGEST_STRETCH": 1000}),
        ("its hours known from the first poll", {"heard": lambda *_: _foreknown(kind.hours), "_SMOOTHING": (1,)}),
    ]


def _foreknown(hours: Sequence[float]) -> usual_hours.UsualHours:
    scale = 200 / sum(hours)
    return usual_hours.UsualHours(tuple(scale * hours[(hour + 8) % 24] for hour in range(24)), 10.0)


def _figures(found: Delays) -> list[str]:
    return [
        f"{statistics.mean(found.polls_a_day):.1f}",
        f"{statistics.median(found.ours) / 60:.0f}",
        f"{statistics.median(found.even) / 60:.0f}",
        f"{found.ratio:.2f}",
        f"{_slowest_tenth(found.ours) / 60:.0f}",
        f"{_slowest_tenth(found.even) / 60:.0f}",
        f"{statistics.mean(found.ours) / statistics.mean(found.even):.2f}",
        str(found.lost),
    ]


def _slowest_tenth(delays: Sequence[float]) -> float:
    return sorted(delays)[int(0.9 * (len(delays) - 1))]


def _verdict(ratio: float) -> str:
    return "goal met" if ratio <= GOAL else "floor met" if ratio <= FLOOR else "[bold]floor missed[/bold]"


def _outcome(kind: Kind, listed: Sequence[float], new: Sequence[float]) -> PollOutcome:
    return PollOutcome(
        SourceState.OK if new else SourceState.UNCHANGED,
        http_status=200,
        entries=len(listed),
        seen_entries=len(listed) - len(new),
        published=tuple(map(_at, new)) if kind.dated else (),
    )


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)
