"""The graph that runs says what the network that was trained says, and padding is nothing to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray

import nlp.encoder.engine
from nlp.encoder.batching import by_length, pad
from nlp.encoder.engine import Engine
from nlp.encoder.folder import EncoderFolder
from nlp.encoder.graph import build_graph
from nlp.encoder.tokenizer import BOS, EOS
from nlp.encoder.weights import EncoderWeights
from nlp.heads import HEADS
from waspada.taxonomy import EMBEDDING_DIM

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Run = Callable[[Ints, Ints], tuple[Floats, Floats]]
LENGTHS = (2, 3, 9, 33, 96)


@pytest.fixture(scope="module")
def rows(tiny: EncoderFolder) -> list[Ints]:
    """One row a length, of random pieces."""
    rng = np.random.default_rng(0)
    return [np.array([BOS, *rng.integers(4, len(tiny.pieces), length - 2), EOS], dtype=np.int32) for length in LENGTHS]


@pytest.fixture(scope="module")
def exact(tiny: EncoderFolder) -> Run:
    """The graph, compiled to compute in f32 on any processor."""
    settings = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0, "INFERENCE_NUM_THREADS": 1}
    compiled = ov.Core().compile_model(build_graph(tiny.encoder), "CPU", settings)

    def run(ids: Ints, mask: Ints) -> tuple[Floats, Floats]:
        found = compiled({"ids": ids, "mask": mask})
        return np.array(found["logits"]), np.array(found["embedding"])

    return run


def _by_torch(weights: EncoderWeights, ids: Ints, mask: Ints) -> tuple[Floats, Floats]:
    """The same by nlp/training/encoder/network.py, with the numbers that the 8-bit codes stand for."""
    torch = pytest.importorskip("torch", reason="not run: torch is not installed (extra: train)")
    from nlp.training.encoder.base import BaseEncoder
    from nlp.training.encoder.network import Network

    plain = {name: matrix.values for name, matrix in weights.matrices.items()} | dict(weights.vectors)
    heads = {name: torch.from_numpy(plain.pop(f"heads.{name}")) for name in ("query", "value", "bias")}
    network = Network(weights.shape, len(HEADS), dropout=0.1)
    network.load_base(BaseEncoder(weights.shape, plain, ()))
    network.query.load_state_dict({"weight": heads["query"]})
    network.value.load_state_dict({"weight": heads["value"], "bias": heads["bias"]})
    network.eval()
    with torch.inference_mode():
        logits, embedding = network(torch.from_numpy(ids), torch.from_numpy(mask))
    return logits.numpy(), embedding.numpy()


def test_the_graph_gives_what_the_trained_network_gives(tiny: EncoderFolder, rows: Sequence[Ints], exact: Run) -> None:
    ids, mask = pad(rows)
    logits, embeddings = exact(ids, mask)
    wanted_logits, wanted_embeddings = _by_torch(tiny.encoder, ids, mask)
    assert logits.shape == (len(LENGTHS), len(HEADS))
    np.testing.assert_allclose(logits, wanted_logits, atol=1e-3)
    np.testing.assert_allclose(embeddings, wanted_embeddings, atol=1e-3)
    # The rows differ by far more than what is allowed, so that a constant could not pass.
    assert logits.std(axis=0).min() > 0.05
    assert np.linalg.norm(embeddings[0] - embeddings[1]) > 0.3


@pytest.mark.parametrize("at", range(len(LENGTHS)), ids=map(str, LENGTHS))
def test_a_row_alone_is_what_the_trained_network_gives(
    tiny: EncoderFolder, rows: Sequence[Ints], exact: Run, at: int
) -> None:
    ids, mask = pad([rows[at]])
    assert mask.all()
    for found, wanted in zip(exact(ids, mask), _by_torch(tiny.encoder, ids, mask), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-3)


def test_padding_never_changes_an_output(tiny: EncoderFolder, rows: Sequence[Ints], exact: Run) -> None:
    together = exact(*pad(rows))
    for at, row in enumerate(rows):
        for alone, joined in zip(exact(*pad([row])), together, strict=True):
            np.testing.assert_allclose(joined[at], alone[0], atol=2e-5)


def test_what_stands_under_the_padding_is_never_read(tiny: EncoderFolder, rows: Sequence[Ints], exact: Run) -> None:
    ids, mask = pad(rows)
    noise = np.random.default_rng(1).integers(4, len(tiny.pieces), ids.shape, dtype=np.int32)
    other = np.where(mask == 1, ids, noise).astype(np.int32)
    assert not np.array_equal(ids, other)
    for found, wanted in zip(exact(other, mask), exact(ids, mask), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_the_order_of_a_batch_does_not_matter(rows: Sequence[Ints], exact: Run) -> None:
    ids, mask = pad(rows)
    order = np.array([3, 0, 4, 2, 1])
    for found, wanted in zip(exact(ids[order], mask[order]), exact(ids, mask), strict=True):
        np.testing.assert_allclose(found, wanted[order], atol=1e-6)


def test_the_order_of_the_words_matters(rows: Sequence[Ints], exact: Run) -> None:
    row = rows[2].copy()
    row[1:-1] = row[1:-1][::-1]
    logits, _ = exact(*pad([row]))
    assert np.abs(logits - exact(*pad([rows[2]]))[0]).max() > 0.02


def test_an_embedding_has_length_one(rows: Sequence[Ints], exact: Run) -> None:
    _, embeddings = exact(*pad(rows))
    assert embeddings.shape == (len(LENGTHS), EMBEDDING_DIM)
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("arithmetic", ["bf16", "int8 and bf16", "int8", "f32"])
def test_the_engine_keeps_the_order_of_its_rows_in_every_arithmetic(
    tiny: EncoderFolder, rows: Sequence[Ints], exact: Run, arithmetic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [rows[at] for at in np.random.default_rng(2).integers(0, len(rows), 75)]
    monkeypatch.setattr(nlp.encoder.engine, "arithmetic_of", lambda _abilities: arithmetic)
    engine = Engine(tiny.encoder, threads=1)
    assert engine.arithmetic == arithmetic
    found = engine.run(many)
    logits, embeddings = exact(*pad(many))
    # Eight bits of a number are kept, in bf16 as in int8; the logits of a head differ by 0.1 to 0.6.
    np.testing.assert_allclose(found.logits, logits, atol=1e-4 if arithmetic == "f32" else 0.15)
    np.testing.assert_allclose((found.embeddings * embeddings).sum(axis=1), 1.0, atol=1e-3)


def test_no_rows_give_no_numbers(tiny: EncoderFolder) -> None:
    found = Engine(tiny.encoder, threads=1).run([])
    assert (found.logits.shape, found.embeddings.shape) == ((0, len(HEADS)), (0, EMBEDDING_DIM))


def test_batches_hold_every_row_once_and_rows_of_about_one_length(rows: Sequence[Ints]) -> None:
    lengths = np.random.default_rng(3).integers(1, 60, 100)
    batches = by_length([np.zeros(length, dtype=np.int32) for length in lengths], 32)
    assert [len(batch) for batch in batches] == [32, 32, 32, 4]
    assert sorted(np.concatenate(batches).tolist()) == list(range(100))
    assert all(lengths[a].max() <= lengths[b].min() for a, b in pairwise(batches))
