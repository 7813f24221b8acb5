"""Which sentences carry a label: leave each one out and see how far the label's score falls.

A linear head is linear in the values of nlp/weighting.py, so its score without a sentence is worked out exactly from
the counts of that sentence, without reading the item again. The encoder is run once more for each of the sentences
whose words say most.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.features import Counts
from nlp.segments import Segment
from nlp.weighting import Weighting, sums_by
from waspada.taxonomy import Evidence, ItemText, Label

Floats = NDArray[np.float64]
MAX_SENTENCES = 3
#: A further sentence is shown when it carries at least this share of what the strongest one carries.
_MIN_SHARE = 0.35


def evidence_of(item: ItemText, segments: Sequence[Segment], labels: Sequence[Label], drops: Floats) -> list[Evidence]:
    """At most three sentences a label, strongest first, from how far the score falls without each (segments,
    labels)."""
    return [
        Evidence(label, segment.field, segment.of(item), segment.span.start, segment.span.end)
        for column, label in enumerate(labels)
        for segment in (segments[index] for index in _strongest(drops[:, column]))
    ]


def score_drops(counts: Counts, weighting: Weighting, weights: Floats) -> Floats:
    """(segments, labels): score of the item minus its score without the segment; -inf for a segment without words."""
    n_segments, n_views = len(counts.segments), len(weighting.view_weights)
    raw = weighting.raw(counts.buckets, counts.counts)
    features = counts.cell_features
    left = weighting.raw(counts.buckets[features], counts.counts[features] - counts.cell_counts)
    cells = counts.cell_segments * n_views + counts.views[features]
    size = n_segments * n_views
    squares = sums_by(counts.views, raw * raw, n_views)
    lost_squares = sums_by(cells, raw[features] ** 2 - left**2, size)
    scales = weighting.scales_of_squares(np.maximum(squares - lost_squares.reshape(n_segments, n_views), 0.0))
    drops = np.full((n_segments, weights.shape[1]), -np.inf)
    worded = np.unique(counts.cell_segments)
    for column in range(weights.shape[1]):
        of_label = weights[:, column]
        sums = sums_by(counts.views, raw * of_label, n_views)
        lost = sums_by(cells, (raw[features] - left) * of_label[features], size)
        without = (scales * (sums - lost.reshape(n_segments, n_views))).sum(axis=1)
        full = float(weighting.scales_of_squares(squares) @ sums)
        drops[worded, column] = full - without[worded]
    return drops


def _strongest(drops: Floats) -> list[int]:
    order = [int(i) for i in np.argsort(-drops, kind="stable")[:MAX_SENTENCES] if np.isfinite(drops[i])]
    best = drops[order[0]] if order else 0.0
    return [i for rank, i in enumerate(order) if rank == 0 or (drops[i] > 0 and drops[i] >= _MIN_SHARE * best)]
