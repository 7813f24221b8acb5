"""Hashed features of words: what the name tagger sees. Pure; the same in training and at run time.

A word gives a row of base hashes (its form, affixes, shape, cluster, lists it stands in). The features of a place are
those rows at the place and around it, and some pairs, mixed to slots `0 .. 2**SLOT_BITS - 1`. No word is ever stored.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from waspada.privacy import words as lists
from waspada.privacy.tokens import is_mask

Hashes = npt.NDArray[np.uint32]

SLOT_BITS: Final = 20
TABLE_BITS: Final = 17
UNKNOWN_CLUSTER: Final = 255
MODES: Final = ("plain", "title", "lower", "upper")  # how a sentence can be written
_PAD: Final = "\x02"  # stands before and after a sentence

# Columns of a base row.
(
    LOWER, SUFFIX2, SUFFIX3, SUFFIX4, PREFIX2, PREFIX3, PREFIX4, SHAPE, FINE, COARSE, CASE, KIND, MODE, LENGTH, USE,
) = range(15)  # fmt: skip

_SINGLES: Final = (
    *((0, column) for column in range(15)),
    *((step, column) for step in (-1, 1) for column in (LOWER, SUFFIX3, SHAPE, FINE, COARSE, CASE, KIND, USE)),
    *((step, column) for step in (-2, 2) for column in (LOWER, SHAPE, COARSE, KIND, USE)),
)
_PAIRS: Final = (
    ((-1, SHAPE), (0, SHAPE)), ((0, SHAPE), (1, SHAPE)),
    ((-1, LOWER), (0, SHAPE)), ((0, SHAPE), (1, LOWER)),
    ((-1, KIND), (0, SHAPE)), ((0, SHAPE), (1, KIND)),
    ((-1, KIND), (0, FINE)), ((-1, FINE), (0, FINE)), ((0, FINE), (1, FINE)),
    ((-1, COARSE), (0, SHAPE)), ((0, SHAPE), (1, COARSE)),
    ((0, FINE), (0, SHAPE)), ((0, CASE), (0, SHAPE)), ((0, SUFFIX3), (0, SHAPE)),
    ((-2, KIND), (-1, KIND)), ((-2, LOWER), (-1, LOWER)), ((1, LOWER), (2, LOWER)),
    ((-1, CASE), (0, CASE)), ((0, CASE), (1, CASE)),
    ((0, USE), (0, SHAPE)), ((-1, USE), (0, USE)), ((0, USE), (1, USE)), ((-1, KIND), (0, USE)), ((-1, FINE), (0, USE)),
    ((0, USE), (1, FINE)),
)  # fmt: skip
FEATURES: Final = len(_SINGLES) + len(_PAIRS)

_KINDS: Final = (
    ("rank", lists.RANKS),
    ("honorific", lists.HONORIFICS),
    ("office", lists.OFFICES),
    ("exposed", lists.EXPOSED_BEFORE),
    ("happened", lists.EXPOSED_AFTER),
    ("speech", lists.SPEECH),
    ("relation", lists.RELATIONS),
    ("facility", lists.FACILITIES),
    ("organisation", lists.ORGANISATIONS),
    ("never", lists.NOT_NAMES),
    ("place", lists.PLACES),
    ("link", lists.NAME_LINKS),
    ("preposition", lists.PREPOSITIONS),
)


def crc(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class WordTable:
    """Cluster and usual writing of frequent words, found by hash: `fine` uint8, `case` uint8 0-4 (0 unknown),
    `use` uint8 (what it names in news, see `word_use`), `mark` uint8 (a second hash against false hits), all of
    2**TABLE_BITS; `coarse_of` maps fine to coarse."""

    fine: npt.NDArray[np.uint8]
    case: npt.NDArray[np.uint8]
    mark: npt.NDArray[np.uint8]
    use: npt.NDArray[np.uint8]
    coarse_of: npt.NDArray[np.uint8]

    def look_up(self, lower: str) -> tuple[int, int, int, int]:
        """(fine cluster, coarse cluster, case, use) of a lower-cased word; unknown words give (255, 255, 0, 0)."""
        slot, mark = table_slot(lower)
        if self.case[slot] == 0 or self.mark[slot] != mark:
            return UNKNOWN_CLUSTER, UNKNOWN_CLUSTER, 0, 0
        fine = int(self.fine[slot])
        return fine, int(self.coarse_of[fine]), int(self.case[slot]), int(self.use[slot])


def word_use(person: int, place: int, organisation: int, other: int) -> int:
    """What a word mostly names, from counts: 1 nothing, 2-4 persons (40, 70, 90 %), 5-6 places, 7-8 bodies, 9 mixed."""
    total = person + place + organisation + other
    if total == 0:
        return 0
    if person >= 0.4 * total:
        return 4 if person >= 0.9 * total else 3 if person >= 0.7 * total else 2
    for count, least in ((place, 5), (organisation, 7)):
        if count >= 0.4 * total:
            return least + (count >= 0.8 * total)
    return 1 if other >= 0.8 * total else 9


def table_slot(lower: str) -> tuple[int, int]:
    """(slot, mark) of a lower-cased word in a `WordTable`."""
    value = crc("table:" + lower)
    return value & ((1 << TABLE_BITS) - 1), value >> 24


def writing_mode(texts: Iterable[str]) -> str:
    """How a sentence is written, one of `MODES`; "title" is a headline with capitals at nearly every word."""
    longer = [word for word in texts if len(word) > 3 and word[0].isalpha()]
    count = len(longer)
    if count < 2:
        return "plain"
    upper = sum(word.isupper() for word in longer)
    capital = sum(word[0].isupper() for word in longer)
    if upper >= 0.7 * count:
        return "upper"
    if capital == 0:
        return "lower"
    return "title" if count >= 4 and capital >= 0.7 * count else "plain"


def word_shape(word: str) -> str:
    """A coarse picture of how a word is written."""
    if not word[0].isalpha():
        return "0" if word[0].isdigit() else word[0]
    if len(word) == 1:
        return "A" if word.isupper() else "a"
    if word.isupper():
        return "AA" if len(word) < 6 else "AAA"
    if word.islower():
        return "aa-a" if "-" in word else "aa"
    if "-" in word:
        parts = word.split("-")
        return "Aa-Aa" if all(part[:1].isupper() for part in parts) else "Aa-x"
    return "Aa" if word[0].isupper() and word[1:].islower() else "mixed"


def base_row(word: str, mode: str, table: WordTable) -> Hashes:
    """The base hashes of one word in a sentence written in `mode`: uint32 of 15."""
    if word == _PAD or is_mask(word):
        return np.array([crc(f"{column}={word[:6]}") for column in range(15)], dtype=np.uint32)
    lower = word.lower()
    shape = mode if mode in ("upper", "lower") and word[0].isalpha() else f"{mode}.{word_shape(word)}"
    fine, coarse, case, use = table.look_up(lower)
    kind = "+".join(name for name, members in _KINDS if lower in members) or "-"
    values = (
        lower, lower[-2:], lower[-3:], lower[-4:], lower[:2], lower[:3], lower[:4], shape, fine, coarse, case, kind,
        mode, min(len(word), 12), use,
    )  # fmt: skip
    return np.array([crc(f"{column}={value}") for column, value in enumerate(values)], dtype=np.uint32)


class RowCache:
    """Base rows by word and mode, kept up to a bound; it only saves time."""

    def __init__(self, table: WordTable, largest: int = 1 << 15) -> None:
        self._table = table
        self._largest = largest
        self._rows: dict[tuple[str, str], Hashes] = {}
        self.pad = base_row(_PAD, "plain", table)

    def row(self, word: str, mode: str) -> Hashes:
        found = self._rows.get((word, mode))
        if found is None:
            if len(self._rows) >= self._largest:
                self._rows.clear()
            found = self._rows[word, mode] = base_row(word, mode, self._table)
        return found


def slots(sentences: list[list[str]], cache: RowCache) -> npt.NDArray[np.int64]:
    """Slots of every word of the sentences, one after another: int64 (words, FEATURES)."""
    rows: list[Hashes] = []
    inside: list[int] = []
    for sentence in sentences:
        mode = writing_mode(sentence)
        rows += (cache.pad, cache.pad)
        inside += range(len(rows), len(rows) + len(sentence))
        rows += (cache.row(word, mode) for word in sentence)
    rows += (cache.pad, cache.pad)
    base = np.stack(rows)
    at = np.array(inside, dtype=np.int64)
    out = np.empty((len(at), FEATURES), dtype=np.uint32)
    for place, (step, column) in enumerate(_SINGLES):
        out[:, place] = _mix(base[at + step, column], place + 1)
    for place, (first, second) in enumerate(_PAIRS, start=len(_SINGLES)):
        left = base[at + first[0], first[1]]
        right = base[at + second[0], second[1]]
        out[:, place] = _mix(left * np.uint32(0x9E3779B1) ^ _mix(right, 7), place + 1)
    return (out >> np.uint32(32 - SLOT_BITS)).astype(np.int64)


def _mix(values: Hashes, salt: int) -> Hashes:
    """A fixed, fast scramble of uint32 values (steps of MurmurHash3's finaliser)."""
    mixed = values ^ np.uint32((salt * 0x9E3779B9) & 0xFFFFFFFF)
    mixed = (mixed ^ (mixed >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    mixed = (mixed ^ (mixed >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return mixed ^ (mixed >> np.uint32(16))
