"""From an item to counted, hashed features: the one function that training and runtime share.

A text is read as segments (the title, then the sentences of its first characters). Features never cross a segment, so
the counts of an item are the sum of the counts of its segments; leaving a sentence out (nlp/evidence.py) is a
subtraction. Three views, each with its own block of buckets and its own L2 norm:

    words   word 1-2 grams of title and text
    chars   character 3-5 grams inside words, the blank before and after a word included
    title   word 1-2 grams of the title alone, so that what a headline says can weigh more than what a text mentions

Hashes are polynomials over code points in wrapping 64-bit arithmetic with a final mix (the finaliser of splitmix64):
the same on every platform, and no vocabulary of other people's words has to be shipped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.segments import Segment, segments_of, words_read
from waspada.taxonomy import ItemText, TextField

_WORD = re.compile(r"[^\W_]+")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<!\w)@\w+")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_DIGITS = str.maketrans("123456789", "000000000")
_MAX_WORD_CHARS = 40
_BLANK = np.uint64(ord(" "))


class View(IntEnum):
    WORDS = 0
    CHARS = 1
    TITLE = 2


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """How features are made; stored in the model's config.json, so that a model always reads as it was trained.

    `lead_chars` is how many code points of the text are read; `*_bits` the size of each view's block (2^bits buckets).
    `plain_spelling` says whether disguised words are spelled out first (waspada/spelling.py), `from_banjar` whether
    Banjarese is read in Indonesian words (waspada/banjar); the encoder beside reads alike.
    """

    lead_chars: int = 1500
    words_bits: int = 18
    chars_bits: int = 18
    title_bits: int = 16
    char_orders: tuple[int, ...] = (3, 4, 5)
    plain_spelling: bool = False
    from_banjar: bool = False

    @property
    def view_bits(self) -> tuple[int, int, int]:
        return (self.words_bits, self.chars_bits, self.title_bits)

    @property
    def view_starts(self) -> tuple[int, int, int]:
        words, chars = 1 << self.words_bits, 1 << self.chars_bits
        return (0, words, words + chars)

    @property
    def buckets(self) -> int:
        return sum(1 << bits for bits in self.view_bits)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"char_orders": list(self.char_orders)}

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> FeatureSpec:
        return cls(**(raw | {"char_orders": tuple(raw["char_orders"])}))


@dataclass(frozen=True, slots=True)
class Counts:
    """The features of one item.

    `buckets` (n,) sorted and unique; `counts` (n,) occurrences in the item; `views` (n,) the view of each bucket;
    `cell_features`, `cell_segments` and `cell_counts` (m,) say how often feature `buckets[cell_features[i]]` stands in
    segment `cell_segments[i]`.
    """

    segments: tuple[Segment, ...]
    buckets: NDArray[np.int64]
    counts: NDArray[np.float64]
    views: NDArray[np.int64]
    cell_features: NDArray[np.int64]
    cell_segments: NDArray[np.int64]
    cell_counts: NDArray[np.float64]


def count_features(item: ItemText, spec: FeatureSpec) -> Counts:
    """Counted features of what is read of an item; any text is fine, an empty one gives empty arrays."""
    segments = segments_of(item, spec.lead_chars)
    words: list[str] = []
    lengths: list[int] = []
    for text in words_read(item, segments, spelled_out=spec.plain_spelling, from_banjar=spec.from_banjar):
        found = words_of(text)
        words.extend(found)
        lengths.append(len(found))
    word_segments = np.repeat(np.arange(len(segments)), lengths)
    has_title = bool(segments) and segments[0].field is TextField.TITLE
    buckets, owners = _hashed(words, word_segments, lengths[0] if has_title else 0, spec)
    return _tally(tuple(segments), buckets, owners, spec)


def words_of(text: str) -> list[str]:
    """Lower-cased words: links and handles become one word each, digits become 0, "tolooong" becomes "toloong"."""
    plain = _HANDLE.sub(" xpengguna ", _URL.sub(" xtautan ", text)).lower().translate(_DIGITS)
    return [word[:_MAX_WORD_CHARS] for word in _WORD.findall(_STRETCHED.sub(r"\1\1", plain))]


def _hashed(
    words: Sequence[str], word_segments: NDArray[np.int64], title_words: int, spec: FeatureSpec
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bucket and segment of every occurrence of a feature."""
    if not words:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    codes = _code_points(" " + " ".join(words) + " ")
    sizes = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    starts = 1 + np.concatenate(([0], np.cumsum(sizes[:-1] + 1)))
    hashes, owners = _word_grams(codes, starts, sizes, word_segments)
    in_title = np.zeros(len(hashes), dtype=bool)
    if title_words:
        in_title = owners == word_segments[0]
    char_hashes, char_words = _char_grams(codes, starts, spec.char_orders)
    parts = [
        _bucket(hashes, spec, View.WORDS),
        _bucket(char_hashes, spec, View.CHARS),
        _bucket(hashes[in_title], spec, View.TITLE),
    ]
    return np.concatenate(parts), np.concatenate([owners, word_segments[char_words], owners[in_title]])


def _code_points(text: str) -> NDArray[np.uint64]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)


def _word_grams(
    codes: NDArray[np.uint64],
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    word_segments: NDArray[np.int64],
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hashes of the words and of pairs of neighbours in one segment, with their segments."""
    inside = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    letters = codes[np.repeat(starts, sizes) + inside]
    weighted = letters * _POWERS[inside]
    ones = mix64(np.add.reduceat(weighted, np.cumsum(sizes) - sizes))
    together = word_segments[1:] == word_segments[:-1]
    twos = mix64(ones[:-1] * _PAIR + ones[1:])[together]
    return np.concatenate([ones, twos]), np.concatenate([word_segments, word_segments[1:][together]])


def _char_grams(
    codes: NDArray[np.uint64], starts: NDArray[np.int64], orders: Sequence[int]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hashes of the character n-grams inside blank-padded words, with the index of the word."""
    blanks = np.cumsum(codes == _BLANK)
    word_of = np.searchsorted(starts, np.arange(len(codes)), side="right") - 1
    hashes: list[NDArray[np.uint64]] = []
    owners: list[NDArray[np.int64]] = []
    for order in orders:
        windows = len(codes) - order + 1
        if windows <= 0:
            continue
        # A window lies inside one padded word when no blank stands strictly between its first and its last character.
        inside = np.flatnonzero(blanks[order - 2 : order - 2 + windows] == blanks[:windows])
        value = np.full(len(inside), np.uint64(order), dtype=np.uint64)
        for k in range(order):
            value = value * _BASE + codes[inside + k]
        hashes.append(mix64(value))
        owners.append(word_of[inside + 1])
    if not hashes:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    return np.concatenate(hashes), np.concatenate(owners)


def _bucket(hashes: NDArray[np.uint64], spec: FeatureSpec, view: View) -> NDArray[np.int64]:
    shift = np.uint64(64 - spec.view_bits[view])
    return (hashes >> shift).astype(np.int64) + spec.view_starts[view]


def _tally(
    segments: tuple[Segment, ...], buckets: NDArray[np.int64], owners: NDArray[np.int64], spec: FeatureSpec
) -> Counts:
    width = max(1, len(segments))
    cells, cell_counts = np.unique(buckets * width + owners, return_counts=True)
    cell_buckets = cells // width
    first = np.flatnonzero(np.diff(cell_buckets, prepend=-1))
    unique = cell_buckets[first]
    features = np.cumsum(np.diff(cell_buckets, prepend=-1) != 0) - 1
    weights = cell_counts.astype(np.float64)
    totals = np.add.reduceat(weights, first) if len(first) else np.zeros(0)
    views = np.searchsorted(np.asarray(spec.view_starts), unique, side="right") - 1
    return Counts(segments, unique, totals, views, features, cells % width, weights)


def mix64(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014): spreads every bit over the upper bits."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


_BASE = np.uint64(0x9E3779B97F4A7C15)
_PAIR = np.uint64(0xD1B54A32D192ED03)
_POWERS = np.multiply.accumulate(np.full(_MAX_WORD_CHARS, _BASE, dtype=np.uint64))
