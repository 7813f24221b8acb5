"""Linear heads on hashed features, as they run: from the counts of an item to one score a head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.features import Counts, FeatureSpec
from nlp.model_folder import Weights, dequantise
from nlp.weighting import Weighting

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

    def of(self, counts: Counts, columns: Sequence[int]) -> Floats:
        """Coefficients (n, columns) of the item's buckets, for evidence."""
        chosen = list(columns)
        return dequantise(self._codes[counts.buckets][:, chosen], self._weights.scale[chosen])
