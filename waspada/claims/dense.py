"""Sentence embeddings of fact-checks, searched in coarse cells.

Embeddings of one domain lie close together, so they are centred and whitened first (Su et al. 2021, arXiv 2103.15316):
every direction is divided by its standard deviation over the entries, shrunk towards one value for all, the more so the
fewer entries there are. Vectors are kept in 8 bits. From `_WHOLE` entries on they are sorted into cells of about
`_CELL` by k-means, and a look-up reads the `_PROBED` nearest cells (Jegou et al. 2011): its cost does not grow with the
index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
#: Vectors as they are kept, or as they come.
Halves = NDArray[np.floating[Any]]
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

#: The whitening counts this many entries of equal spread beside the real ones.
_SHRINK = 300
_WHOLE, _CELL, _PROBED = 6_000, 256, 12
_ROUNDS, _TAUGHT_PER_CELL, _SAMPLE, _SEED = 6, 40, 512, 7
_LEAST_SPREAD = 0.02
_PART = 4096


class Embedder(Protocol):
    """Texts to vectors: (n, d) float32 of L2 norm 1, in the order of the texts."""

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]: ...

    def __hash__(self) -> int: ...


def usable(vectors: NDArray[np.floating[Any]]) -> Vectors:
    """The vectors (n, d) with rows of norm 1; a row that holds a NaN or an infinity, or nothing, is zero."""
    found = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(found.astype(np.float64), axis=1)
    good = np.isfinite(norms) & (norms > 1e-6)
    safe = np.where(good[:, None], found, np.float32(0.0))
    unit: Vectors = (safe / np.where(good, norms, 1.0)[:, None]).astype(np.float32)
    return unit


class DenseIndex:
    """Vectors of entries, in their order. An entry with a zero vector is like nothing."""

    def __init__(self, vectors: Halves) -> None:
        """`vectors` (n, d), n at least 1, as `usable` gives them or as half floats."""
        known = np.flatnonzero(np.any(vectors != 0, axis=1))
        self.size = len(vectors)
        self._mean, self._whitening = _whitening(vectors[known])
        white = self.whitened(vectors)
        self._scale, self._codes = _packed(white)
        chance = np.random.default_rng(_SEED)
        chosen = known if len(known) <= _SAMPLE else np.sort(chance.choice(known, _SAMPLE, replace=False))
        self._sample = white[chosen]
        self._centres, self._members = _cells(white, chance)

    def whitened(self, vectors: Halves) -> Vectors:
        """Unit vectors (n, d) in the space of the index; zero stays zero."""
        white = np.empty(vectors.shape, dtype=np.float32)
        for part in _parts(len(vectors)):
            some = vectors[part].astype(np.float32)
            white[part] = usable((some - self._mean) @ self._whitening)
            white[part][~np.any(some != 0, axis=1)] = 0
        return white

    def extend(self, vectors: Halves) -> None:
        """More entries behind the others; each joins the cell it is nearest to, the whitening stays."""
        white = self.whitened(vectors)
        scale, codes = _packed(white)
        first, self.size = self.size, self.size + len(vectors)
        self._scale, self._codes = np.concatenate([self._scale, scale]), np.concatenate([self._codes, codes])
        for number, cell in enumerate(np.argmax(white @ self._centres.T, axis=1)):
            self._members[cell] = np.append(self._members[cell], first + number)

    def nearest(self, white: Vectors, count: int) -> Rows:
        """The `count` entries most like a whitened vector (d,), as far as they lie in the nearest cells."""
        cells = np.argsort(-(self._centres @ white), kind="stable")[:_PROBED]
        rows = np.sort(np.concatenate([self._members[cell] for cell in cells]))
        likeness = self._likeness(white, rows)
        return rows[np.argsort(-likeness, kind="stable")[:count]]

    def scores(self, white: Vectors, rows: Rows) -> Floats:
        """Likeness of entries (n,), in standard deviations above that of entries by chance; 0 for a zero vector."""
        if not len(self._sample) or not white.any():
            return np.zeros(len(rows))
        by_chance = (self._sample @ white).astype(np.float64)
        spread = max(_LEAST_SPREAD, float(by_chance.std()))
        scores: Floats = (self._likeness(white, rows) - float(by_chance.mean())) / spread
        return scores

    def _likeness(self, white: Vectors, rows: Rows) -> Floats:
        likeness = self._codes[rows].astype(np.float32) @ white
        return likeness.astype(np.float64) * self._scale[rows]


def _parts(rows: int) -> Iterator[slice]:
    """A large index is worked on in parts: a copy of all vectors costs more room than the index."""
    return (slice(at, at + _PART) for at in range(0, rows, _PART))


def _whitening(vectors: Halves) -> tuple[Vectors, Vectors]:
    """Mean (d,) and the matrix (d, d) that gives every direction about the same spread."""
    size = vectors.shape[1]
    if not len(vectors):
        return np.zeros(size, np.float32), np.eye(size, dtype=np.float32)
    mean = vectors.mean(axis=0, dtype=np.float64)
    covariance = np.zeros((size, size))
    for part in _parts(len(vectors)):
        moved = vectors[part] - mean
        covariance += moved.T @ moved
    alike = max(np.trace(covariance) / len(vectors) / size, 1e-6)
    spread, directions = np.linalg.eigh((covariance + _SHRINK * alike * np.eye(size)) / (len(vectors) + _SHRINK))
    return mean.astype(np.float32), (directions * np.maximum(spread, 1e-9) ** -0.5).astype(np.float32)


def _packed(white: Vectors) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Step (n,) and 8-bit codes (n, d) of the vectors."""
    scale, codes = np.empty(len(white), np.float32), np.empty(white.shape, np.int8)
    for part in _parts(len(white)):
        scale[part] = np.maximum(np.abs(white[part]).max(axis=1, initial=0), 1e-6) / 127
        codes[part] = np.rint(white[part] / scale[part][:, None])
    return scale, codes


def _cells(white: Vectors, chance: np.random.Generator) -> tuple[Vectors, list[Rows]]:
    """Centres (cells, d) and the entries of each cell."""
    if len(white) < _WHOLE:
        return np.zeros((1, white.shape[1]), np.float32), [np.arange(len(white))]
    cells = len(white) // _CELL
    taught = white[chance.choice(len(white), min(len(white), cells * _TAUGHT_PER_CELL), replace=False)]
    centres = taught[:cells].copy()
    for _ in range(_ROUNDS):
        nearest = _nearest_cell(taught, centres)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, taught)
        filled = np.bincount(nearest, minlength=cells) > 0
        centres = np.where(filled[:, None], usable(sums), centres)
    nearest = _nearest_cell(white, centres)
    order = np.argsort(nearest, kind="stable")
    return centres, np.split(order, np.searchsorted(nearest[order], np.arange(1, cells)))


def _nearest_cell(white: Vectors, centres: Vectors) -> Rows:
    return np.concatenate([np.argmax(white[part] @ centres.T, axis=1) for part in _parts(len(white))])
