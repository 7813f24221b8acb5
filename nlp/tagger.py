"""The baseline tagger: hashed tf-idf, one linear head an output, numpy and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import MAX_LOGIT
from nlp.embedding import embed_counts
from nlp.features import Counts, count_features
from nlp.heads import HEADS
from nlp.linear import LinearHeads
from nlp.model_folder import ModelFolder
from nlp.places import places_of
from nlp.reading import On, PlaceFinder, Reader, Reading
from waspada.taxonomy import EMBEDDING_DIM, ItemText

Floats = NDArray[np.float64]


class BaselineTagger(Reader):
    """The model in a folder of this kind."""

    def __init__(self, folder: ModelFolder, find_places: PlaceFinder = places_of) -> None:
        super().__init__(folder, find_places)
        self._folder = folder
        self._linear = LinearHeads(folder.weights, folder.features, folder.view_weights)
        self._slopes = np.array([folder.calibration[head].a for head in HEADS])
        self._offsets = np.array([folder.calibration[head].b for head in HEADS])

    def embed(self, items: Sequence[ItemText]) -> NDArray[np.float32]:
        """Unit vectors (n, 384) in the order of the items; an item without words gets one fixed vector."""
        return self._embedded([self._count(item) for item in items])

    def scores(self, items: Sequence[ItemText]) -> Floats:
        """Raw scores (n, heads) before calibration, in the order of `nlp.heads.HEADS`."""
        return self._scores([self._count(item) for item in items])

    def read(self, items: Sequence[ItemText]) -> Reading:
        """Counts the words of a batch and sums their weights."""
        counted = [self._count(item) for item in items]
        log_odds = np.clip(self._slopes * self._scores(counted) + self._offsets, -MAX_LOGIT, MAX_LOGIT)
        return Reading(items, counted, log_odds, log_odds, self._embedded(counted), lambda on: self._drops(counted, on))

    def _scores(self, counted: Sequence[Counts]) -> Floats:
        return np.array([self._linear.scores(counts) for counts in counted]).reshape(len(counted), len(HEADS))

    def _embedded(self, counted: Sequence[Counts]) -> NDArray[np.float32]:
        if not counted:
            return np.zeros((0, EMBEDDING_DIM), dtype=np.float32)
        return np.stack([embed_counts(counts, self._folder.weights.embedding_idf) for counts in counted])

    def _drops(self, counted: Sequence[Counts], on: On) -> dict[int, Floats]:
        return {i: self._linear.drops(counted[i], labels) for i, labels in on.items() if len(counted[i].buckets)}

    def _count(self, item: ItemText) -> Counts:
        return count_features(item, self._folder.features)
