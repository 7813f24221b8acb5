"""From items to rows of word pieces, and from rows to padded arrays.

An item is encoded segment by segment, so that a sentence can be left out by leaving out its pieces: what is read
without it is exactly what was read before, less that sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from nlp.encoder.tokenizer import BOS, EOS, PAD, PREFIX, readable
from nlp.segments import Segment, words_read
from waspada.taxonomy import ItemText, TextField

Ints = NDArray[np.int32]
#: One text as ids, special pieces included.
Encoded = Ints
#: A piece is rarely longer than this many characters; what lies beyond is never read.
_CHARS_PER_TOKEN = 8
_CHUNK = 2000
_ENDS = (".", "!", "?", "…", ":", '"')


@dataclass(frozen=True, slots=True)
class EncodedItem:
    """`ids` (tokens,) of an item and, for each, the index of its segment (tokens,); -1 for special pieces and
    prefix."""

    ids: Encoded
    owners: Ints

    def segments(self) -> list[int]:
        """The segments that were read."""
        return sorted(set(self.owners.tolist()) - {-1})

    def without(self, segments: Sequence[int]) -> Encoded:
        """The ids less those of some segments."""
        return self.ids[~np.isin(self.owners, segments)]


def encode_items(
    tokenizer: Tokenizer,
    items: Sequence[ItemText],
    segments: Sequence[Sequence[Segment]],
    max_tokens: int,
    from_banjar: bool = False,
) -> list[EncodedItem]:
    """What the encoder reads of each item, cut to `max_tokens` with the closing piece kept."""
    texts: list[str] = []
    for item, own in zip(items, segments, strict=True):
        read = words_read(item, own, from_banjar=from_banjar)
        texts += [_sentence(*pair, max_tokens) for pair in zip(own, read, strict=True)]
    pieces = iter(_pieces(tokenizer, texts))
    opening = [BOS, *tokenizer.encode(PREFIX, add_special_tokens=False).ids]
    encoded = []
    for own in segments:
        ids, owners = list(opening), [-1] * len(opening)
        for index, _ in enumerate(own):
            found = next(pieces)
            ids += found
            owners += [index] * len(found)
        kept = min(len(ids), max_tokens - 1)
        encoded.append(
            EncodedItem(np.array([*ids[:kept], EOS], dtype=np.int32), np.array([*owners[:kept], -1], dtype=np.int32))
        )
    return encoded


def encode_texts(tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[Encoded]:
    """Ids of plain texts behind the prefix, cut like items."""
    opening = [BOS, *tokenizer.encode(PREFIX, add_special_tokens=False).ids]
    cut = [readable(text[: max_tokens * _CHARS_PER_TOKEN]) for text in texts]
    return [np.array([*[*opening, *found][: max_tokens - 1], EOS], dtype=np.int32) for found in _pieces(tokenizer, cut)]


def pad(rows: Sequence[Encoded]) -> tuple[Ints, Ints]:
    """Ids and mask (rows, longest), padded on the right."""
    longest = max(len(row) for row in rows)
    ids = np.full((len(rows), longest), PAD, dtype=np.int32)
    mask = np.zeros((len(rows), longest), dtype=np.int32)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = row
        mask[at, : len(row)] = 1
    return ids, mask


def by_length(rows: Sequence[Encoded], size: int) -> list[NDArray[np.int64]]:
    """Batches of indices with rows of about one length, so that little is spent on padding."""
    order = np.argsort([len(row) for row in rows], kind="stable")
    return [order[at : at + size] for at in range(0, len(order), size)]


def _sentence(segment: Segment, words: str, max_tokens: int) -> str:
    text = readable(words[: max_tokens * _CHARS_PER_TOKEN])
    return text if segment.field is TextField.TEXT or text.endswith(_ENDS) else text + "."


def _pieces(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    found: list[list[int]] = []
    for at in range(0, len(texts), _CHUNK):
        found += [e.ids for e in tokenizer.encode_batch(list(texts[at : at + _CHUNK]), add_special_tokens=False)]
    return found
