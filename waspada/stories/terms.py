"""Content of an item as a short sparse vector: its rarest words, weighted, for comparing reports in other words.

Words are cut to seven letters (Indonesian inflects mostly at the ends; the stem stays), hashed, and weighted by TF-IDF
(Salton and Buckley 1988) with the title counted twice. `data/idf.npz` holds how rare each hash bucket is in 21,000
Indonesian news articles; it holds figures, no words. `python -m benchmarks.build_idf` makes it.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from waspada.items.policy import normalised

BUCKETS = 1 << 16
STEM_LETTERS = 7
#: The event stands at the start of a report; what follows is background.
BODY_WORDS = 150
TITLE_WEIGHT = 2
#: So many terms are kept; the rest weighs little.
MAX_TERMS = 64
_PACKED = np.dtype([("bucket", "<u2"), ("weight", "<f2")])
TERM_BYTES = _PACKED.itemsize

Terms = dict[int, float]


def terms(title: str, text: str) -> Terms:
    """Bucket -> weight, of norm 1 before the cut to `MAX_TERMS`; empty for a text without words."""
    counts: Counter[int] = Counter()
    for word in normalised(title).split():
        counts[bucket(word)] += TITLE_WEIGHT
    counts.update(bucket(word) for word in normalised(text[:4000]).split()[:BODY_WORDS])
    return weighted(counts)


def weighted(counts: Mapping[int, int]) -> Terms:
    """Bucket -> weight of counted buckets, of norm 1 before the cut to the `MAX_TERMS` strongest, strongest first."""
    rarity = _idf()
    weights = {number: (1 + math.log(n)) * float(rarity[number]) for number, n in counts.items()}
    norm = math.sqrt(sum(weight * weight for weight in weights.values()))
    if not norm:
        return {}
    strongest = sorted(weights, key=lambda number: (-weights[number], number))[:MAX_TERMS]
    return {number: weights[number] / norm for number in strongest}


def cosine(a: Terms, b: Terms) -> float:
    """0..1: weighted share of common terms."""
    if len(a) > len(b):
        a, b = b, a
    return sum(weight * b[number] for number, weight in a.items() if number in b)


def most_alike(item: Terms, packed: Sequence[bytes], count: int) -> list[int]:
    """Positions of the `count` packed vectors with the highest cosine to `item` above 0, highest first; all at once."""
    if not packed or not item:
        return []
    dense = np.zeros(BUCKETS, dtype=np.float32)
    dense[list(item)] = list(item.values())
    sizes = np.array([len(one) // _PACKED.itemsize for one in packed])
    rows = np.frombuffer(b"".join(packed), dtype=_PACKED)
    sums = np.concatenate(([0.0], np.cumsum(dense[rows["bucket"]] * rows["weight"].astype(np.float64))))
    ends = np.cumsum(sizes)
    cosines = sums[ends] - sums[ends - sizes]
    best = np.argsort(-cosines, kind="stable")[:count]
    return [int(position) for position in best if cosines[position] > 1e-9]


def bucket(word: str) -> int:
    return zlib.crc32(word[:STEM_LETTERS].encode()) % BUCKETS


def pack(of: Terms) -> bytes:
    """Four bytes a term."""
    return np.array(list(of.items()), dtype=_PACKED).tobytes()


def unpack(data: bytes) -> Terms:
    rows = np.frombuffer(data, dtype=_PACKED)
    return dict(zip(rows["bucket"].tolist(), rows["weight"].astype(float).tolist(), strict=True))


@lru_cache(maxsize=1)
def _idf() -> NDArray[np.float32]:
    with files("waspada.stories").joinpath("data/idf.npz").open("rb") as file, np.load(file) as data:
        rarity: NDArray[np.float32] = data["steps"].astype(np.float32) * np.float32(data["step"])
        return rarity
