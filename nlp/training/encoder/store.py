"""Half-finished work on disk, so that an interrupted training goes on where it was: one file a finished stage."""

from __future__ import annotations

import fcntl
import hashlib
from ast import literal_eval
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from nlp.encoder.shape import EncoderShape
from nlp.encoder.tokenizer import pack_pieces, unpack_pieces
from nlp.training.encoder.base import BaseEncoder
from waspada.errors import ModelError

EXTRA = ("heads.", "trim.")
_PIECES = ":pieces"
_SHAPE = ":shape"
_MADE_OF = ":made_of"


def fingerprint(*parts: Any) -> str:
    """SHA-1 of what a stage is made of: arrays by their bytes, mappings by name, anything else by its text."""
    digest = hashlib.sha1(usedforsecurity=False)
    for part in parts:
        if isinstance(part, Mapping):
            digest.update(fingerprint(*(value for name in sorted(part) for value in (name, part[name]))).encode())
        elif isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode() + np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def is_made_of(path: Path, made_of: str) -> bool:
    """Whether the stage's file is there and was made of what would be used now."""
    if not path.exists():
        return False
    with np.load(path, allow_pickle=False) as archive:
        return _MADE_OF in archive.files and str(archive[_MADE_OF]) == made_of


@contextmanager
def only_one(work: Path) -> Iterator[None]:
    """Keeps a second training out of the work folder; the system lifts the lock when the process ends, however it
    does. Raises ModelError when another one is at work."""
    with (work / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ModelError(
                f"Another training is at work in {work}.", hint="Wait for it, or name another OUT."
            ) from error
        yield


def save_arrays(path: Path, made_of: str, **arrays: np.ndarray) -> None:
    """Write arrays so that the file is either whole or not there."""
    fresh = path.with_name(path.name + ".fresh")
    with fresh.open("wb") as file:
        np.savez(file, **arrays, **{_MADE_OF: np.array(made_of)})  # type: ignore[arg-type]
    fresh.replace(path)


def save_encoder(path: Path, made_of: str, base: BaseEncoder, **extra: np.ndarray) -> None:
    """Encoder, pieces and further arrays, whose names start as `EXTRA` says."""
    shape = np.frombuffer(repr(base.shape.as_dict()).encode(), dtype=np.uint8)
    pieces = np.frombuffer(pack_pieces(base.pieces), dtype=np.uint8)
    save_arrays(path, made_of, **base.tensors, **extra, **{_PIECES: pieces, _SHAPE: shape})


def load_encoder(path: Path) -> tuple[BaseEncoder, dict[str, np.ndarray]]:
    """What `save_encoder` wrote: the encoder and the further arrays."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files if name != _MADE_OF}
    pieces = unpack_pieces(arrays.pop(_PIECES).tobytes())
    shape = EncoderShape.from_dict(literal_eval(arrays.pop(_SHAPE).tobytes().decode()))
    extra = {name: arrays.pop(name) for name in list(arrays) if name.startswith(EXTRA)}
    return BaseEncoder(shape, arrays, pieces), extra
