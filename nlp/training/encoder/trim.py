"""Cutting the vocabulary of 250,037 pieces down to those that Indonesian and its neighbours use.

Kept are the special pieces, every single character that was seen, and the most frequent pieces that together cover
`coverage` of all tokens. Words whose pieces went are spelled with shorter ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from nlp.encoder.tokenizer import PREFIX, build_tokenizer, readable
from nlp.training.encoder.base import BaseEncoder

WORDS = "embeddings.word_embeddings.weight"
_SPECIALS = 4
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class TrimReport:
    """What was kept, and tokens of a held-out sample before and after (their ratio is what trimming costs)."""

    pieces: int
    tokens_before: int
    tokens_after: int

    def as_dict(self) -> dict[str, float]:
        ratio = self.tokens_after / max(self.tokens_before, 1)
        return {"pieces": self.pieces, "tokens_after_over_before": round(ratio, 5)}


def trim(
    base: BaseEncoder, texts: Iterable[str], held_out: Sequence[str], coverage: float
) -> tuple[BaseEncoder, TrimReport]:
    """The encoder with the pieces that `texts` need; `held_out` texts are only counted."""
    full = build_tokenizer(base.pieces)
    counts: Counter[int] = Counter()
    characters: set[str] = set()
    stream = iter(texts)
    while batch := [readable(text) for text in islice(stream, _BATCH)]:
        for encoding in full.encode_batch(batch, add_special_tokens=False):
            counts.update(encoding.ids)
        characters.update(*batch)
    counts.update(full.encode(PREFIX, add_special_tokens=False).ids)
    kept = _choose(base, counts, characters, coverage)
    words = base.tensors[WORDS][kept]
    trimmed = BaseEncoder(
        replace(base.shape, vocabulary=len(kept)),
        dict(base.tensors) | {WORDS: np.ascontiguousarray(words)},
        tuple(base.pieces[i] for i in kept),
    )
    sample = [readable(text) for text in held_out]
    before, after = (
        sum(len(e.ids) for e in tokenizer.encode_batch(sample)) for tokenizer in (full, build_tokenizer(trimmed.pieces))
    )
    return trimmed, TrimReport(len(kept), before, after)


def _choose(base: BaseEncoder, counts: Counter[int], characters: set[str], coverage: float) -> list[int]:
    wanted = coverage * sum(counts.values())
    kept = set(range(_SPECIALS))
    covered = 0
    for piece, count in counts.most_common():
        if covered >= wanted:
            break
        kept.add(piece)
        covered += count
    singles = {index for index, (piece, _) in enumerate(base.pieces) if len(piece) == 1 and piece in characters}
    return sorted(kept | singles | {index for index, (piece, _) in enumerate(base.pieces) if piece == "▁"})
