"""Linear heads on hashed features, as they run: from the counts of an item to one score a head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.evidence import score_drops
from nlp.features import Counts, FeatureSpec
from nlp.heads import COLUMN, LABEL_HEADS
from nlp.model_folder import Weights, dequantise
from nlp.weighting import Weighting
from waspada.taxonomy import Label

Floats = NDArray[np.float64]


class LinearHeads:
    """The numbers of `Weights`, laid out for look-up. Holds no state between calls."""

    def __init__(self, weights: Weights, features: FeatureSpec, view_weights: tuple[float, ...]) -> None:
        self._weights = weights
        self.weighting = Weighting(weights.dense_idf(features.buckets), view_weights)
        self._codes = weights.dense_codes(features.buckets)

    def scores(self, counts: Counts) -> Floats:
        """Raw scores (heads,) before calibration."""
        coefficients = dequantise(self._codes[counts.buckets], self._weights.scale)
        made: Floats = self.weighting.vector(counts) @ coefficients + self._weights.bias
        return made

    def drops(self, counts: Counts, labels: Sequence[Label]) -> Floats:
        """How far the raw scores of labels fall without each segment (segments, labels); -inf for one without words."""
        columns = [COLUMN[LABEL_HEADS[label]] for label in labels]
        weights = dequantise(self._codes[counts.buckets][:, columns], self._weights.scale[columns])
        return score_drops(counts, self.weighting, weights)
