"""Is the evidence what the model went by? Comprehensiveness and sufficiency (DeYoung et al. 2020, ERASER).

    comprehensiveness   p(label | item) - p(label | item without its evidence sentences): high when they mattered
    sufficiency         p(label | item) - p(label | evidence sentences alone): near 0 when they are enough

Both are means over labels that are on in items of at least two sentences. As many sentences chosen at random stand
beside them: evidence that does no better than that is no evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import sigmoid
from nlp.heads import COLUMN, LABEL_HEADS
from nlp.segments import Segment, segments_of
from waspada.taxonomy import ItemText, Label, Tagger, Tags, TextField

Floats = NDArray[np.float64]
#: Calibrated log odds (n, heads) of items; `EncoderTagger.log_odds` is one.
LogOdds = Callable[[Sequence[ItemText]], Floats]


@dataclass(frozen=True, slots=True)
class EvidenceQuality:
    """Means over `n` labels that were on, for the evidence and for as many sentences chosen at random."""

    n: int
    comprehensiveness: float
    sufficiency: float
    random_comprehensiveness: float
    random_sufficiency: float

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) if name == "n" else round(getattr(self, name), 4) for name in self.__slots__}


def evidence_quality(
    tagger: Tagger, log_odds: LogOdds, items: Sequence[ItemText], lead_chars: int, seed: int = 0
) -> EvidenceQuality:
    """Judge the evidence that `tagger` gives for `items`; `lead_chars` is how much of a text it reads."""
    rng = np.random.default_rng(seed)
    asked: list[tuple[Label, list[ItemText]]] = []
    for item, tags in zip(items, tagger.classify(items), strict=True):
        segments = segments_of(item, lead_chars)
        if len(segments) < 2:
            continue
        for label in tags.on():
            chosen = _indices(segments, tags, label)
            drawn = rng.permutation(len(segments))[: len(chosen)].tolist()
            asked.append((label, [_kept(item, segments, keep) for keep in _variants(len(segments), chosen, drawn)]))
    if not asked:
        return EvidenceQuality(0, 0.0, 0.0, 0.0, 0.0)
    flat = log_odds([variant for _, variants in asked for variant in variants]).reshape(len(asked), 5, -1)
    columns = [COLUMN[LABEL_HEADS[label]] for label, _ in asked]
    p = sigmoid(flat[np.arange(len(asked)), :, columns])
    drops = (p[:, :1] - p[:, 1:]).mean(axis=0)
    return EvidenceQuality(len(asked), *(float(drop) for drop in drops))


def _variants(n: int, chosen: Sequence[int], drawn: Sequence[int]) -> list[list[int]]:
    """Sentences that are read: all, all but the evidence, the evidence, all but the drawn ones, the drawn ones."""
    everything = list(range(n))
    parts = [everything]
    for taken in (chosen, drawn):
        parts += [[i for i in everything if i not in taken], sorted(taken)]
    return parts


def _indices(segments: Sequence[Segment], tags: Tags, label: Label) -> list[int]:
    places = {(e.field, e.start) for e in tags.evidence if e.label is label}
    return [i for i, segment in enumerate(segments) if (segment.field, segment.span.start) in places]


def _kept(item: ItemText, segments: Sequence[Segment], keep: Sequence[int]) -> ItemText:
    parts: dict[TextField, list[str]] = {TextField.TITLE: [], TextField.TEXT: []}
    for index in keep:
        parts[segments[index].field].append(segments[index].of(item))
    return replace(item, title=" ".join(parts[TextField.TITLE]), text=" ".join(parts[TextField.TEXT]))
