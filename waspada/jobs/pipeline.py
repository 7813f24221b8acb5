"""The stages one after another until nothing waits: tag, group, rank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from waspada.jobs.group import group_tagged
from waspada.jobs.rank import RankingData, rank_stale, rescore_live
from waspada.jobs.tag import tag_waiting
from waspada.store import Store
from waspada.taxonomy import Tagger

Clock = Callable[[], datetime]
Progress = Callable[[str, int], None]


@dataclass
class Done:
    """How many items were tagged and grouped and how many stories ranked."""

    tagged: int = 0
    grouped: int = 0
    ranked: int = 0

    def __bool__(self) -> bool:
        return bool(self.tagged or self.grouped or self.ranked)


def _silent(_stage: str, _count: int) -> None:
    return None


def run_waiting(store: Store, tagger: Tagger, data: RankingData, clock: Clock, progress: Progress = _silent) -> Done:
    """Runs every stage until nothing waits. Killed half-way it goes on where it stopped: each batch is one commit."""
    done = Done()
    while count := tag_waiting(store, tagger, clock()):
        done.tagged += count
        progress("tag", count)
    while count := group_tagged(store, clock()):
        done.grouped += count
        progress("group", count)
    rescore_live(store, clock())
    while count := rank_stale(store, data, clock()):
        done.ranked += count
        progress("rank", count)
    return done
