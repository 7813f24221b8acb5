"""What a model has read of items before it decides, and the tags that are made of it: the same for every kind of model.

New heads on a known model (nlp/adapted) begin here: they need what it read, not how.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nlp.evidence import evidence_of
from nlp.features import Counts, FeatureSpec
from nlp.heads import AlertRule, Decision, Head, decide
from nlp.places import places_of
from waspada.places.types import PlaceMention
from waspada.taxonomy import Evidence, ItemText, Label, Tags

Floats = NDArray[np.float64]
PlaceFinder = Callable[[ItemText], Sequence[PlaceMention]]
#: So many items are read at once.
BATCH = 64
#: Labels that are on, by the item's place in the batch.
On = Mapping[int, Sequence[Label]]
#: By item, how far the log odds of its labels fall without each of its segments (segments, labels); -inf where a
#: segment says nothing.
Drops = Callable[[On], dict[int, Floats]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A batch of n items: `counts` of their words, calibrated `log_odds` (n, heads), unit `embeddings` (n, 384).

    `base` (n, heads) are the log odds that other heads may stand on: the model's own, or those of its base.
    """

    items: Sequence[ItemText]
    counts: Sequence[Counts]
    log_odds: Floats
    base: Floats
    embeddings: NDArray[np.float32]
    drops: Drops


@dataclass(frozen=True, slots=True)
class Rules:
    """What a model decides with: a probability a head, and the alert rule."""

    thresholds: Mapping[Head, float]
    alert_rule: AlertRule


class Decides(Protocol):
    """What the folder of every kind of model holds."""

    @property
    def version(self) -> str: ...

    @property
    def features(self) -> FeatureSpec: ...

    @property
    def thresholds(self) -> Mapping[Head, float]: ...

    @property
    def alert_rule(self) -> AlertRule: ...


class Reader(ABC):
    """A model: a `waspada.taxonomy.Tagger` whose reading other heads can stand on. Holds no state between calls; safe
    to share between threads."""

    def __init__(self, folder: Decides, find_places: PlaceFinder = places_of) -> None:
        self.rules = Rules(folder.thresholds, folder.alert_rule)
        #: How the words of a reading are counted.
        self.features = folder.features
        self._version, self._find_places = folder.version, find_places

    @property
    def model(self) -> str:
        """Name and version of the model, stored with every tag."""
        return self._version

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        """Tags in the order of the items; never raises on odd text."""
        tags: list[Tags] = []
        for at in range(0, len(items), BATCH):
            tags += self._tags(self.read(items[at : at + BATCH]))
        return tags

    @abstractmethod
    def read(self, items: Sequence[ItemText]) -> Reading:
        """Reads a batch; never raises on odd text."""

    @abstractmethod
    def embed(self, items: Sequence[ItemText]) -> NDArray[np.float32]:
        """Unit vectors (n, 384) in the order of the items."""

    def _tags(self, reading: Reading) -> list[Tags]:
        decisions = [decide(row, self.rules.thresholds, self.rules.alert_rule) for row in reading.log_odds]
        evidence = _evidence(reading, decisions)
        return [
            Tags(
                id=item.id,
                model=self.model,
                labels=decision.labels,
                aux=decision.aux,
                conflict_level=decision.conflict_level,
                alert_level=decision.alert_level,
                evidence=evidence.get(index, ()),
                places=tuple(self._find_places(item)),
                embedding=reading.embeddings[index],
                alert_p=decision.alert_p,
                log_odds=reading.base[index].astype(np.float32),
            )
            for index, (item, decision) in enumerate(zip(reading.items, decisions, strict=True))
        ]


def _evidence(reading: Reading, decisions: Sequence[Decision]) -> dict[int, tuple[Evidence, ...]]:
    on = {i: [label for label in Label if d.labels[label].on] for i, d in enumerate(decisions)}
    on = {i: labels for i, labels in on.items() if labels}
    return {
        i: tuple(evidence_of(reading.items[i], reading.counts[i].segments, on[i], drops))
        for i, drops in reading.drops(on).items()
    }
