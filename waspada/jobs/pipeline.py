"""The stages one after another until nothing waits: tag, group, match, compare with the topics, rank."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from waspada.jobs.group import group_tagged
from waspada.jobs.match import Matcher, match_step
from waspada.jobs.rank import RankingData, rank_stale, rescore_live
from waspada.jobs.tag import tag_waiting
from waspada.jobs.topics import tag_topics
from waspada.store import Store
from waspada.taxonomy import Tagger

#: A stage hands on after so many rows.
ROUND_ROWS = 512

Clock = Callable[[], datetime]
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Done:
    """How many items were tagged and grouped, how many stories ranked, of how many items and fact-checks matches were
    looked for, and how many items were compared with the topics."""

    tagged: int = 0
    grouped: int = 0
    ranked: int = 0
    matched: int = 0
    compared: int = 0

    def __bool__(self) -> bool:
        return bool(self.tagged or self.grouped or self.ranked or self.matched or self.compared)


def _silent(_stage: str, _count: int) -> None:
    return None


def run_waiting(
    store: Store,
    tagger: Tagger,
    data: RankingData,
    clock: Clock,
    progress: Progress = _silent,
    stopping: Callable[[], bool] = lambda: False,
    rounds: int = sys.maxsize,
    matcher: Matcher | None = None,
    shadow: Tagger | None = None,
) -> Done:
    """Runs the stages, round after round, until nothing waits, `stopping` says so, or there were so many rounds.

    Killed half-way it goes on where it stopped: each batch is one commit. Rounds let the first alerts of a long backlog
    appear before its last item is tagged. `matcher` is the caller's index of fact-checks, kept from run to run;
    `shadow` a model whose tags are stored beside.
    """
    done = Done()
    index = matcher or Matcher(tagger=tagger)
    rescore_live(store, clock())
    stages = {
        "tag": lambda: tag_waiting(store, tagger, clock(), shadow=shadow),
        "group": lambda: group_tagged(store, clock()),
        "match": lambda: match_step(store, index, clock()),
        "topics": lambda: tag_topics(store, tagger, clock()),
        "rank": lambda: rank_stale(store, data, clock()),
    }
    for _ in range(rounds):
        if stopping():
            break
        counts = {name: _up_to_a_round(work, name, progress, stopping) for name, work in stages.items()}
        done = Done(
            done.tagged + counts["tag"],
            done.grouped + counts["group"],
            done.ranked + counts["rank"],
            done.matched + counts["match"],
            done.compared + counts["topics"],
        )
        if not any(counts.values()):
            break
    return done


def _up_to_a_round(work: Callable[[], int], stage: str, progress: Progress, stopping: Callable[[], bool]) -> int:
    """Batches of one stage until nothing waits or the round is full; returns how many rows were dealt with."""
    total = 0
    while total < ROUND_ROWS and not stopping() and (count := work()):
        progress(stage, count)
        total += count
    return total
