"""The encoder and its heads in 8 bits: what a model folder stores and an engine is built from.

Every matrix is kept as int8 with one float16 scale a row, w = q * scale, |q| <= 127 (symmetric, rounded to nearest);
vectors, layer norms and position embeddings stay in float16. Names are those of `transformers.BertModel`, with
`heads.query`, `heads.value` and `heads.bias` for the heads.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.encoder.shape import EncoderShape

Array = NDArray[np.float32]
_SCALE = ":scale"


@dataclass(frozen=True, slots=True)
class Matrix:
    """`codes` (rows, columns) int8 and `scale` (rows, 1) float32."""

    codes: NDArray[np.int8]
    scale: Array

    @property
    def values(self) -> Array:
        """The matrix as numbers (rows, columns)."""
        return self.codes.astype(np.float32) * self.scale


@dataclass(frozen=True, slots=True)
class EncoderWeights:
    """Sizes, 8-bit matrices and plain vectors by name."""

    shape: EncoderShape
    matrices: Mapping[str, Matrix]
    vectors: Mapping[str, Array]


def quantise(values: Array) -> Matrix:
    """8-bit codes of a matrix (rows, columns), one scale a row, the scale rounded to float16 first."""
    scale = np.maximum(np.abs(values).max(axis=1, keepdims=True) / 127.0, 6e-8).astype(np.float16).astype(np.float32)
    scale = np.maximum(scale, np.float32(6e-8))
    return Matrix(np.clip(np.rint(values / scale), -127, 127).astype(np.int8), scale)


def quantise_all(shape: EncoderShape, tensors: Mapping[str, Array]) -> EncoderWeights:
    """The large matrices in 8 bits, everything else as it is (rounded to float16)."""
    large = {name: value for name, value in tensors.items() if _is_large(name, value)}
    return EncoderWeights(
        shape,
        {name: quantise(value) for name, value in large.items()},
        {name: _rounded(value) for name, value in tensors.items() if name not in large},
    )


def _is_large(name: str, value: Array) -> bool:
    """Matrices of the layers and the word vectors; not the heads and not the positions, which are few and matter."""
    return value.ndim == 2 and not name.startswith("heads.") and "position" not in name and "token_type" not in name


def _rounded(value: Array) -> Array:
    return value.astype(np.float16).astype(np.float32)


def pack(weights: EncoderWeights) -> bytes:
    """The weights as an uncompressed `.npz`: 8-bit codes hardly shrink, and this loads at the speed of the disk."""
    arrays: dict[str, NDArray[np.generic]] = {name: value.astype(np.float16) for name, value in weights.vectors.items()}
    for name, matrix in weights.matrices.items():
        arrays[name] = matrix.codes
        arrays[name + _SCALE] = matrix.scale.astype(np.float16)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack(shape: EncoderShape, content: bytes) -> EncoderWeights:
    """What `pack` wrote. Raises ValueError on anything else."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise ValueError(str(error)) from error
    matrices = {
        name: Matrix(codes, arrays[name + _SCALE].astype(np.float32))
        for name, codes in arrays.items()
        if codes.dtype == np.int8
    }
    vectors = {
        name: values.astype(np.float32)
        for name, values in arrays.items()
        if values.dtype == np.float16 and not name.endswith(_SCALE)
    }
    return EncoderWeights(shape, matrices, vectors)


def check_encoder(weights: EncoderWeights, heads: int, pieces: int) -> None:
    """Raises ValueError when the arrays do not fit the sizes, the heads or the vocabulary."""
    shape, found = weights.shape, weights.vectors
    sizes = {name: matrix.codes.shape for name, matrix in weights.matrices.items()}
    sizes |= {name: values.shape for name, values in found.items()}
    fits = (
        sizes == _sizes(shape, heads)
        and shape.vocabulary == pieces
        and shape.heads > 0
        and shape.hidden % shape.heads == 0
        and all(matrix.scale.shape == (len(matrix.codes), 1) for matrix in weights.matrices.values())
        and all(bool(np.isfinite(values).all()) for values in found.values())
        and all(bool(np.isfinite(matrix.scale).all()) for matrix in weights.matrices.values())
    )
    if not fits:
        raise ValueError("the arrays do not fit the configuration")


def _sizes(shape: EncoderShape, heads: int) -> dict[str, tuple[int, ...]]:
    """What an encoder of these sizes holds."""
    hidden, ffn = shape.hidden, shape.ffn
    sizes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (shape.vocabulary, hidden),
        "embeddings.position_embeddings.weight": (shape.positions, hidden),
        "embeddings.token_type_embeddings.weight": (shape.types, hidden),
        "heads.query": (heads, hidden),
        "heads.value": (heads, hidden),
        "heads.bias": (heads,),
    }
    dense = {
        **dict.fromkeys([f"attention.self.{part}" for part in ("query", "key", "value")], (hidden, hidden)),
        "attention.output.dense": (hidden, hidden),
        "intermediate.dense": (ffn, hidden),
        "output.dense": (hidden, ffn),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(shape.layers):
        name = f"encoder.layer.{layer}."
        norms += [f"{name}attention.output.LayerNorm", f"{name}output.LayerNorm"]
        for part, size in dense.items():
            sizes |= {f"{name}{part}.weight": size, f"{name}{part}.bias": size[:1]}
    return sizes | {f"{norm}.{kind}": (hidden,) for norm in norms for kind in ("weight", "bias")}
