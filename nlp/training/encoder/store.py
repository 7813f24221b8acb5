"""Half-finished work on disk, so that an interrupted training goes on where it was: one file a finished stage."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nlp.encoder.shape import EncoderShape
from nlp.encoder.tokenizer import pack_pieces, unpack_pieces
from nlp.training.encoder.base import BaseEncoder

_PIECES = ":pieces"
_SHAPE = ":shape"


def save_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Write arrays so that the file is either whole or not there."""
    fresh = path.with_name(path.name + ".fresh")
    with fresh.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    fresh.replace(path)


def save_encoder(path: Path, base: BaseEncoder, **extra: np.ndarray) -> None:
    """Encoder, pieces and further arrays (the heads)."""
    shape = np.frombuffer(repr(base.shape.as_dict()).encode(), dtype=np.uint8)
    pieces = np.frombuffer(pack_pieces(base.pieces), dtype=np.uint8)
    save_arrays(path, **base.tensors, **extra, **{_PIECES: pieces, _SHAPE: shape})


def load_encoder(path: Path) -> tuple[BaseEncoder, dict[str, np.ndarray]]:
    """What `save_encoder` wrote: the encoder and the further arrays."""
    from ast import literal_eval

    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    pieces = unpack_pieces(arrays.pop(_PIECES).tobytes())
    shape = EncoderShape.from_dict(literal_eval(arrays.pop(_SHAPE).tobytes().decode()))
    heads = {name: arrays.pop(name) for name in list(arrays) if name.startswith("heads.")}
    return BaseEncoder(shape, arrays, pieces), heads
