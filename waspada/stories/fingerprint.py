"""Near-duplicates: three-word shingles, MinHash bands for candidates, exact Jaccard to decide.

Copies of a wire report are found here. Datelines and "Baca juga" lines go first: they are what two copies do not
share, or what two unrelated pages of one outlet do. Broder 1997, "On the resemblance and containment of documents";
candidates by banding as in Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3.
"""

from __future__ import annotations

import hashlib
import re

from rensa import RMinHash

from waspada.items.policy import normalised

SHINGLE_WORDS = 3
#: 32 bands of 3 rows: a pair with Jaccard 0.5 becomes a candidate with probability 0.99, one with 0.34 with 0.72, one
#: with 0.1 with 0.03.
BANDS = 32
ROWS = 3
_SEED = 20260

_DATELINE = re.compile(
    r"^\s*[A-Z][\w .,'/-]{1,40}\s*(?:\([^()\n]{2,30}\)|,\s*[A-Z][\w. ]{2,30})\s*[-–—:]+\s*", re.MULTILINE
)
_READ_ALSO = re.compile(r"^\W*(?:baca|simak|lihat)\s+(?:juga|pula)\b.*$", re.MULTILINE | re.IGNORECASE)
_TAIL = re.compile(r"^\W*(?:pewarta|editor|copyright|sumber|penulis|reporter)\s*[:©].*$", re.MULTILINE | re.IGNORECASE)


def shingles(title: str, text: str) -> frozenset[str]:
    """The set of three-word runs of an item; a shorter text is one shingle. Empty for a text without words."""
    body = _TAIL.sub(" ", _READ_ALSO.sub(" ", _DATELINE.sub(" ", text)))
    words = normalised(body if len(body) > 80 else f"{title} {body}").split()
    if not words:
        return frozenset()
    if len(words) <= SHINGLE_WORDS:
        return frozenset([" ".join(words)])
    return frozenset(" ".join(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1))


def bands(of: frozenset[str]) -> list[int]:
    """One signed 64-bit value a band; two items are candidates when they share one. Empty for no shingles."""
    if not of:
        return []
    sketch = RMinHash(num_perm=BANDS * ROWS, seed=_SEED)
    sketch.update(sorted(of))
    digest = sketch.digest()
    return [_value(band, digest[band * ROWS : (band + 1) * ROWS]) for band in range(BANDS)]


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """Share of common shingles, 0..1; 0 when either is empty."""
    if not a or not b:
        return 0.0
    common = len(a & b)
    return common / (len(a) + len(b) - common)


def _value(band: int, rows: list[int]) -> int:
    packed = f"{band}:{','.join(map(str, rows))}".encode()
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "big", signed=True)
