"""What `/metrics` says of the store: read at the scrape, so that every process says the same.

No label holds content, an address of the web, or a name of an account or source: what a label may say is a closed list
here, and anything else is `other`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from waspada import __version__
from waspada.alerts.types import AlertState
from waspada.items.types import Stage
from waspada.notify.messages import Channel
from waspada.processes import repository
from waspada.processes.service import lives, readiness, storage
from waspada.processes.types import Life, Process, ProcessRole
from waspada.settings import Settings
from waspada.sources.types import HealthState

_OTHER = "other"
_STATES = ("waiting", "sent", "failed", "dropped")


@dataclass(frozen=True, slots=True)
class StoreCollector(Collector):
    """The metrics of one look at the store."""

    session: Session
    settings: Settings
    now: datetime

    def collect(self) -> Iterator[Metric]:
        session, now = self.session, self.now
        yield _one("waspada_info", "The version of this process.", 1, version=__version__)
        yield _many(
            "waspada_ready",
            "1 where a check of readiness is fine.",
            ("check",),
            {(one.name,): float(one.fine) for one in readiness(session, now)},
        )
        yield _many(
            "waspada_queue_rows",
            "Rows that wait, by queue.",
            ("queue",),
            {(name,): count for name, count in asdict(repository.queues(session, now)).items()},
        )
        yield _many(
            "waspada_items", "Items by stage.", ("stage",),
            _known(repository.items_by_stage(session), Stage),
        )  # fmt: skip
        yield _many("waspada_alerts", "Alerts by level and state.", ("level", "state"), self._alerts())
        yield _many("waspada_deliveries", "Messages on their way out.", ("channel", "state"), self._deliveries())
        yield _many(
            "waspada_sources", "Sources by how they are heard.", ("state",),
            _known(repository.sources_by_state(session), HealthState),
        )  # fmt: skip
        newest = repository.newest_item_at(session)
        if newest is not None:
            age = (now - newest).total_seconds()
            yield _one("waspada_newest_item_age_seconds", "Since an item was last found.", age)
        yield from self._processes(lives(session, now))
        yield from self._storage()

    def _alerts(self) -> Mapping[tuple[str, ...], float]:
        found = repository.alerts_by_level_and_state(self.session)
        counts: dict[tuple[str, ...], float] = {
            (str(level), state.value): 0.0 for level in range(4) for state in AlertState
        }
        for (level, state), count in found.items():
            key = (str(level), state if state in set(AlertState) else _OTHER)
            counts[key] = counts.get(key, 0.0) + count
        return counts

    def _deliveries(self) -> Mapping[tuple[str, ...], float]:
        counts: dict[tuple[str, ...], float] = {(channel.value, state): 0.0 for channel in Channel for state in _STATES}
        for (channel, state), count in repository.deliveries_by_channel(self.session).items():
            key = (channel if channel in set(Channel) else _OTHER, state)
            counts[key] = counts.get(key, 0.0) + count
        return counts

    def _processes(self, found: Iterable[tuple[Process, Life]]) -> Iterator[Metric]:
        """By role alone: numbers of processes and machines would make a new series with every restart."""
        processes = list(found)
        ages: dict[tuple[str, ...], float] = {}
        alive: dict[tuple[str, ...], float] = {(role.value,): 0.0 for role in ProcessRole}
        models: dict[tuple[str, ...], float] = {}
        for one, life in processes:
            key = (one.role.value,)
            age = (self.now - one.beat_at).total_seconds()
            ages[key] = min(age, ages.get(key, age))
            alive[key] += life is Life.ALIVE
            if one.role is ProcessRole.WORKER and life is not Life.SILENT and one.detail.get("model"):
                models[str(one.detail["model"])[:60],] = float(one.detail.get("model_seconds") or 0)
        yield _many("waspada_processes_alive", "Living processes by role.", ("role",), alive)
        yield _many("waspada_beat_age_seconds", "Since the last sign of life of a role.", ("role",), ages)
        yield _many("waspada_model_load_seconds", "How long a model took to load.", ("model",), models)

    def _storage(self) -> Iterator[Metric]:
        found = storage(self.session, self.settings)
        sizes = {"database": found.database, "wal": found.wal, "free": found.free}
        known: dict[tuple[str, ...], float] = {(name,): float(size) for name, size in sizes.items() if size is not None}
        yield _many("waspada_bytes", "Sizes on the disk.", ("what",), known)
        if found.backup_at is not None:
            age = (self.now - found.backup_at).total_seconds()
            yield _one("waspada_backup_age_seconds", "Since the last backup.", age)


def _known(found: Mapping[str, int], words: Iterable[str]) -> Mapping[tuple[str, ...], float]:
    counts: dict[tuple[str, ...], float] = {(str(word),): 0.0 for word in words}
    for word, count in found.items():
        key = (word,) if (word,) in counts else (_OTHER,)
        counts[key] = counts.get(key, 0.0) + count
    return counts


def _one(name: str, words: str, value: float, **labels: str) -> Metric:
    family = GaugeMetricFamily(name, words, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _many(name: str, words: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=list(labels))
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family
