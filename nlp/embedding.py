"""A vector of 384 numbers for an item: tf-idf of its words, folded down by signed hashing.

Every word 1-2 gram is added to four of the 384 places with signs that its hash decides (a sparse Johnson-Lindenstrauss
projection, Kane and Nelson 2014), so that the cosine of two vectors estimates the cosine of the full tf-idf vectors
with a standard error of about 1/sqrt(384) = 0.05 where they share nothing, and less the closer they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nlp.features import Counts, View, mix64
from waspada.taxonomy import EMBEDDING_DIM

_COPIES = 4
_SALT = np.uint64(0x5741535041444131)
#: Stored idf is in steps of 1/16 (uint8): 0 to 15.9.
IDF_STEP = 1.0 / 16.0


def embed_counts(counts: Counts, idf_steps: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Unit vector (384,); a fixed one for an item without words. `idf_steps` (word buckets,) in steps of `IDF_STEP`."""
    words = counts.views == View.WORDS
    buckets = counts.buckets[words]
    if not len(buckets):
        return np.full(EMBEDDING_DIM, EMBEDDING_DIM**-0.5, dtype=np.float32)
    values = (1.0 + np.log(counts.counts[words])) * (idf_steps[buckets] * IDF_STEP)
    folded = np.zeros(EMBEDDING_DIM)
    for copy in range(_COPIES):
        hashes = mix64(buckets.astype(np.uint64) * np.uint64(_COPIES) + np.uint64(copy) + _SALT)
        signs = np.where(hashes >> np.uint64(63), 1.0, -1.0)
        places = ((hashes & np.uint64(0xFFFFFFFF)) % np.uint64(EMBEDDING_DIM)).astype(np.int64)
        folded += np.bincount(places, weights=signs * values, minlength=EMBEDDING_DIM)
    norm = float(np.sqrt(np.dot(folded, folded)))
    if norm < 1e-9:
        return np.full(EMBEDDING_DIM, EMBEDDING_DIM**-0.5, dtype=np.float32)
    return (folded / norm).astype(np.float32)


def fit_idf_steps(df: NDArray[np.int64], documents: int) -> NDArray[np.uint8]:
    """idf of the word buckets from their document frequencies, in steps; an unseen bucket counts as seen once."""
    idf = np.log((1 + documents) / (1 + np.maximum(df, 1))) + 1.0
    return np.clip(np.rint(idf / IDF_STEP), 1, 255).astype(np.uint8)
