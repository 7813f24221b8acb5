"""The baseline tagger: hashed tf-idf, one linear head an output, numpy and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.embedding import embed_counts
from nlp.evidence import find_evidence
from nlp.features import Counts, count_features
from nlp.heads import COLUMN, HEADS, LABEL_HEADS, decide
from nlp.linear import LinearHeads
from nlp.model_folder import ModelFolder
from nlp.places import places_of
from waspada.places.types import PlaceMention
from waspada.taxonomy import EMBEDDING_DIM, Evidence, ItemText, Label, Tags

Floats = NDArray[np.float64]
PlaceFinder = Callable[[ItemText], Sequence[PlaceMention]]


class BaselineTagger:
    """A `waspada.taxonomy.Tagger` over a model folder. Holds no state between calls; safe to share between threads."""

    def __init__(self, folder: ModelFolder, find_places: PlaceFinder = places_of) -> None:
        self._folder = folder
        self._find_places = find_places
        self._linear = LinearHeads(folder.weights, folder.features, folder.view_weights)
        self._slopes = np.array([folder.calibration[head].a for head in HEADS])
        self._offsets = np.array([folder.calibration[head].b for head in HEADS])

    @property
    def model(self) -> str:
        """Name and version of the model, stored with every tag."""
        return self._folder.version

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        """Tags in the order of the items; never raises on odd text."""
        return [self._classify_one(item) for item in items]

    def embed(self, items: Sequence[ItemText]) -> NDArray[np.float32]:
        """Unit vectors (n, 384) in the order of the items; an item without words gets one fixed vector."""
        if not items:
            return np.zeros((0, EMBEDDING_DIM), dtype=np.float32)
        return np.stack([self._embed_counts(self._count(item)) for item in items])

    def scores(self, items: Sequence[ItemText]) -> Floats:
        """Raw scores (n, heads) before calibration, in the order of `nlp.heads.HEADS`."""
        counted = [self._count(item) for item in items]
        return np.array([self._linear.scores(counts) for counts in counted]).reshape(len(items), len(HEADS))

    def _classify_one(self, item: ItemText) -> Tags:
        counts = self._count(item)
        logits = np.clip(self._slopes * self._linear.scores(counts) + self._offsets, -12.0, 12.0)
        decision = decide(logits, self._folder.thresholds, self._folder.alert_rule)
        on = [label for label in Label if decision.labels[label].on]
        return Tags(
            id=item.id,
            model=self.model,
            labels=decision.labels,
            aux=decision.aux,
            conflict_level=decision.conflict_level,
            alert_level=decision.alert_level,
            evidence=self._evidence(item, counts, on),
            places=tuple(self._find_places(item)),
            embedding=self._embed_counts(counts),
            alert_p=decision.alert_p,
        )

    def _count(self, item: ItemText) -> Counts:
        return count_features(item, self._folder.features)

    def _evidence(self, item: ItemText, counts: Counts, on: Sequence[Label]) -> tuple[Evidence, ...]:
        weights = self._linear.of(counts, [COLUMN[LABEL_HEADS[label]] for label in on])
        return tuple(find_evidence(item, counts, self._linear.weighting, on, weights))

    def _embed_counts(self, counts: Counts) -> NDArray[np.float32]:
        return embed_counts(counts, self._folder.weights.embedding_idf)
