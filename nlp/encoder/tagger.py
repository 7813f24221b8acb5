"""The tagger behind `nlp.load()`: a small encoder and linear heads on hashed words, joined head by head.

One forward pass gives labels, levels and the sentence embedding. Evidence needs at most `MAX_TRIED` more, and only for
items that carry a label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.encoder.batching import EncodedItem, encode_items
from nlp.encoder.engine import Engine
from nlp.encoder.folder import EncoderFolder, joined
from nlp.encoder.tokenizer import build_tokenizer
from nlp.features import Counts, count_features
from nlp.heads import COLUMN, HEADS, LABEL_HEADS
from nlp.linear import LinearHeads
from nlp.places import places_of
from nlp.reading import On, PlaceFinder, Reader, Reading
from waspada.taxonomy import EMBEDDING_DIM, ItemText, Label

Floats = NDArray[np.float64]
#: Sentences of an item that are left out in turn. Trying all costs twice as much and finds the same sentences for 95
#: of 100 labels, the same strongest one for 98 (benchmarks/evidence.py).
MAX_TRIED = 6


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of one item, by both halves of the model; segments are those of `counts`."""

    item: ItemText
    counts: Counts
    encoded: EncodedItem


class EncoderTagger(Reader):
    """The model in a folder of this kind."""

    def __init__(self, folder: EncoderFolder, find_places: PlaceFinder = places_of, threads: int | None = None) -> None:
        super().__init__(folder, find_places)
        self._folder = folder
        self._tokenizer = build_tokenizer(folder.pieces)
        self._engine = Engine(folder.encoder, threads)
        self._linear = LinearHeads(folder.linear, folder.features, folder.view_weights)
        self._slopes = np.array([folder.blends[head].slopes for head in HEADS])  # (heads, 2): encoder, linear

    @property
    def arithmetic(self) -> str:
        """What the engine computes in on this processor, for instance "bf16"."""
        return self._engine.arithmetic

    def embed(self, items: Sequence[ItemText]) -> NDArray[np.float32]:
        """Unit vectors (n, 384) in the order of the items."""
        if not items:
            return np.zeros((0, EMBEDDING_DIM), dtype=np.float32)
        return self._engine.run([read.encoded.ids for read in self._read(items)]).embeddings

    def log_odds(self, items: Sequence[ItemText]) -> Floats:
        """Calibrated log odds (n, heads), in the order of `nlp.heads.HEADS`."""
        return self.read(items).log_odds

    def read(self, items: Sequence[ItemText]) -> Reading:
        """One pass of the encoder over a batch."""
        reads = self._read(items)
        outputs = self._engine.run([read.encoded.ids for read in reads])
        log_odds = self._joined(reads, outputs.logits)
        return Reading(
            items=items,
            counts=[read.counts for read in reads],
            log_odds=log_odds,
            base=log_odds,
            embeddings=outputs.embeddings,
            drops=lambda on: self._drops(reads, on, outputs.logits),
        )

    def _read(self, items: Sequence[ItemText]) -> list[_Read]:
        spec = self._folder.features
        counts = [count_features(item, spec) for item in items]
        segments = [each.segments for each in counts]
        encoded = encode_items(self._tokenizer, items, segments, self._folder.max_tokens, spec.from_banjar)
        return [_Read(*parts) for parts in zip(items, counts, encoded, strict=True)]

    def _joined(self, reads: Sequence[_Read], logits: NDArray[np.float32]) -> Floats:
        linear = np.array([self._linear.scores(read.counts) for read in reads]).reshape(len(reads), len(HEADS))
        return joined(self._folder.blends, np.stack([logits.astype(np.float64), linear], axis=-1))

    def _drops(self, reads: Sequence[_Read], on: On, logits: NDArray[np.float32]) -> dict[int, Floats]:
        """Each tried sentence left out once, all in one run of the engine. A sentence that is not tried is weighed by
        words alone."""
        drops = {i: self._word_drops(reads[i].counts, labels) for i, labels in on.items()}
        rows = [(i, s) for i in drops for s in _tried(reads[i], drops[i])]
        if rows:
            left = self._engine.run([reads[i].encoded.without([s]) for i, s in rows]).logits
            for (i, s), without in zip(rows, left, strict=True):
                columns = _columns(on[i])
                drops[i][s] += (logits[i, columns].astype(np.float64) - without[columns]) * self._slopes[columns, 0]
        return drops

    def _word_drops(self, counts: Counts, labels: Sequence[Label]) -> Floats:
        """How far the joined scores fall without the words of each sentence (sentences, labels)."""
        columns = _columns(labels)
        drops = self._linear.drops(counts, labels)
        weighed: Floats = np.where(np.isfinite(drops), drops, 0.0) * self._slopes[columns, 1]
        return weighed


def _columns(labels: Sequence[Label]) -> list[int]:
    return [COLUMN[LABEL_HEADS[label]] for label in labels]


def _tried(read: _Read, word_drops: Floats) -> list[int]:
    """The sentences that the encoder is to read an item without: of those it reached, the ones whose words say most."""
    if len(read.counts.segments) < 2:
        return []
    return sorted(read.encoded.segments(), key=lambda s: -word_drops[s].max())[:MAX_TRIED]
