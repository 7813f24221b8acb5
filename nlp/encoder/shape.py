"""The sizes of a BERT-like encoder, shared by what trains it and what runs it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """`positions` is the longest input in tokens; `eps` that of the layer norms."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    vocabulary: int
    positions: int
    types: int
    eps: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> EncoderShape:
        return cls(**raw)
