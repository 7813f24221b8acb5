"""Counts to weights: sublinear tf-idf, every view brought to its own length.

value(f) = (1 + ln count(f)) * idf(f), divided by the L2 norm of the view it belongs to and multiplied by the view's
weight. idf(f) = ln((1 + n) / (1 + df)) + 1 as in Salton and Buckley (1988), smoothed; 0 for a bucket that was too rare
in training, which therefore counts neither in the sum nor in the norm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.features import Counts

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weighting:
    """`idf` (buckets,) and one weight a view, in the order of `nlp.features.View`."""

    idf: NDArray[np.float32]
    view_weights: tuple[float, ...]

    def vector(self, counts: Counts) -> Floats:
        """Values (n,) of the buckets of `counts`; zeros where a bucket is unknown."""
        raw = self.raw(counts.buckets, counts.counts)
        return raw * self.view_scales(raw, counts.views)[counts.views]

    def raw(self, buckets: NDArray[np.int64], counts: Floats) -> Floats:
        """(1 + ln count) * idf before any norm; 0 where the count is 0."""
        present = counts > 0
        logs = np.log(counts, out=np.zeros_like(counts), where=present)
        return np.where(present, 1.0 + logs, 0.0) * self.idf[buckets]

    def view_scales(self, raw: Floats, views: NDArray[np.int64]) -> Floats:
        """What each view is multiplied by (views,)."""
        return self.scales_of_squares(sums_by(views, raw * raw, len(self.view_weights)))

    def scales_of_squares(self, squares: Floats) -> Floats:
        """View weight / L2 norm, from the sums of squares (..., views); 0 for an empty view."""
        safe = np.where(squares > 1e-12, squares, 1.0)
        return np.where(squares > 1e-12, np.asarray(self.view_weights) / np.sqrt(safe), 0.0)


def sums_by(keys: NDArray[np.int64], values: Floats, size: int) -> Floats:
    """Sum of the values of each key (size,), as floats even where there is nothing to add."""
    return np.bincount(keys, weights=values, minlength=size).astype(np.float64)


def fit_idf(rows: Sequence[Counts], buckets: int, min_df: int) -> NDArray[np.float32]:
    """Smoothed idf (buckets,) of the rows; 0 for a bucket that stands in fewer than `min_df` of them.

    Rounded to 16 bits, as it is stored: what is trained on is what runs.
    """
    seen = [np.empty(0, dtype=np.int64), *(row.buckets for row in rows)]
    df = np.bincount(np.concatenate(seen), minlength=buckets)
    idf = np.log((1 + len(rows)) / (1 + df)) + 1.0
    idf[df < min_df] = 0.0
    return idf.astype(np.float16).astype(np.float32)
