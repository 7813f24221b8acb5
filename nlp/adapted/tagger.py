"""The tagger of new heads on a known model: what the base read, and what was learned on top of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.adapted.folder import AdaptedFolder
from nlp.calibration import MAX_LOGIT
from nlp.features import Counts
from nlp.heads import COLUMN, HEADS, LABEL_HEADS
from nlp.linear import LinearHeads
from nlp.places import places_of
from nlp.reading import On, PlaceFinder, Reader, Reading
from waspada.taxonomy import ItemText

Floats = NDArray[np.float64]


class AdaptedTagger(Reader):
    """The model of a base and of a folder of this kind."""

    def __init__(self, base: Reader, folder: AdaptedFolder, find_places: PlaceFinder = places_of) -> None:
        super().__init__(folder, find_places)
        self._base, self._folder = base, folder
        self._words = LinearHeads(folder.words, folder.features, folder.view_weights)
        self._slopes = np.array([folder.calibration[head].a for head in HEADS])
        self._offsets = np.array([folder.calibration[head].b for head in HEADS])

    def embed(self, items: Sequence[ItemText]) -> NDArray[np.float32]:
        """Unit vectors (n, 384) of the base, in the order of the items."""
        return self._base.embed(items)

    def read(self, items: Sequence[ItemText]) -> Reading:
        """What the base reads, and the log odds of the new heads."""
        read = self._base.read(items)
        log_odds = self.log_odds_on(read.counts, read.log_odds, read.embeddings)
        return Reading(items, read.counts, log_odds, read.base, read.embeddings, lambda on: self._drops(read, on))

    def log_odds_on(self, counts: Sequence[Counts], base: Floats, embeddings: NDArray[np.floating[Any]]) -> Floats:
        """Log odds (n, heads), given what the base said of n items."""
        words = np.array([self._words.scores(each) for each in counts]).reshape(len(counts), len(HEADS))
        scores = base + words + embeddings @ self._folder.embedding
        log_odds: Floats = np.clip(self._slopes * scores + self._offsets, -MAX_LOGIT, MAX_LOGIT)
        return log_odds

    def _drops(self, read: Reading, on: On) -> dict[int, Floats]:
        """What the base loses without a sentence, and what the new weights of its words lose. The embedding is not read
        anew for it: it adds little."""
        found = read.drops(on)
        for i, drops in found.items():
            own = self._words.drops(read.counts[i], on[i])
            slopes = self._slopes[[COLUMN[LABEL_HEADS[label]] for label in on[i]]]
            found[i] = (drops + np.where(np.isfinite(own), own, 0.0)) * slopes
        return found
