"""Fine-tuning learns what it is told, leaves alone what it is not told, and predicts in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch", reason="not run: torch is not installed (extra: train)")

import torch

from nlp.encoder.batching import Encoded
from nlp.encoder.shape import EncoderShape
from nlp.training.encoder.base import BaseEncoder
from nlp.training.encoder.finetune import Examples, FinetuneRecipe, finetune, predict
from nlp.training.encoder.network import UNKNOWN, Network
from nlp.training.encoder.store import load_encoder, save_encoder
from tests.nlp.encoder.tiny import tiny_tensors

Floats = NDArray[np.float32]
SHAPE = EncoderShape(hidden=24, layers=2, heads=4, ffn=32, vocabulary=40, positions=32, types=2, eps=1e-12)
N_HEADS = 3
RECIPE = FinetuneRecipe(
    epochs=8, batch=16, rate=2e-3, head_rate=3e-2, dropout=0.0, average=0.0, keep=0.0, weight_decay=0.0, aux_share=1.0
)


def _quiet(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def _base() -> BaseEncoder:
    tensors = {name: value for name, value in tiny_tensors(SHAPE).items() if not name.startswith("heads.")}
    return BaseEncoder(SHAPE, tensors, tuple((f"p{at}", -float(at)) for at in range(SHAPE.vocabulary)))


def _network() -> Network:
    torch.manual_seed(0)
    network = Network(SHAPE, N_HEADS, RECIPE.dropout)
    network.load_base(_base())
    return network


def _rows(n: int, seed: int = 0) -> list[Encoded]:
    """Rows of random pieces from 10 on; piece 5 stands in every even one."""
    rng = np.random.default_rng(seed)
    rows = []
    for at in range(n):
        own = rng.integers(10, SHAPE.vocabulary, int(rng.integers(3, 20)))
        if at % 2 == 0:
            own[int(rng.integers(len(own)))] = 5
        rows.append(np.array([0, *own, 2], dtype=np.int32))
    return rows


def _examples(rows: Sequence[Encoded], targets: Floats) -> Examples:
    n = len(rows)
    embeddings = predict(_network(), rows, _quiet, "before")[1]
    return Examples(rows, targets, np.ones(n, dtype=np.float32), np.zeros(n, dtype=bool), embeddings)


def _toy(n: int) -> Examples:
    """Head 0 asks for piece 5, head 1 for its absence, of head 2 nothing is known."""
    even = np.arange(n) % 2 == 0
    return _examples(_rows(n), np.stack([even, ~even, np.full(n, UNKNOWN)], axis=1).astype(np.float32))


def _tune(
    examples: Examples, path: Path, recipe: FinetuneRecipe = RECIPE, chosen: NDArray[np.bool_] | None = None
) -> tuple[Network, list[tuple[str, int, int]]]:
    network, told = _network(), []
    everything = np.ones(len(examples.rows), dtype=bool)

    def progress(stage: str, done: int, total: int) -> None:
        told.append((stage, done, total))

    finetune(network, examples, everything if chosen is None else chosen, recipe, 7, path, progress, "toy")
    return network, told


def _right(network: Network, rows: Sequence[Encoded], head: int = 0) -> float:
    said = predict(network, rows, _quiet, "scoring")[0][:, head] > 0
    return float(np.mean(said == (np.arange(len(rows)) % 2 == 0)))


@pytest.fixture(scope="module")
def toy() -> Examples:
    return _toy(96)


@pytest.fixture(scope="module")
def tuned(toy: Examples, tmp_path_factory: pytest.TempPathFactory) -> Network:
    return _tune(toy, tmp_path_factory.mktemp("tuned") / "a.checkpoint")[0]


def test_a_separable_task_is_learnt_and_holds_for_unseen_rows(tuned: Network, toy: Examples) -> None:
    assert 0.2 < _right(_network(), toy.rows) < 0.8
    assert _right(tuned, toy.rows) > 0.97
    unseen = _rows(60, seed=1)
    assert _right(tuned, unseen) > 0.9
    assert _right(tuned, unseen, head=1) < 0.1


def test_a_head_of_which_nothing_is_known_is_left_as_it_was(tuned: Network) -> None:
    before, after = _network().heads(), tuned.heads()
    for name in ("heads.query", "heads.value", "heads.bias"):
        np.testing.assert_array_equal(after[name][2], before[name][2], err_msg=name)
        assert not np.array_equal(after[name][0], before[name][0]), name


def test_an_unknown_target_among_known_ones_gives_no_gradient(toy: Examples, tmp_path: Path) -> None:
    targets = toy.targets.copy()
    targets[::4, 0] = UNKNOWN
    first, _ = _tune(replace(toy, targets=targets), tmp_path / "a", replace(RECIPE, epochs=1))
    # Rows of which nothing at all is known may say anything: they are not asked.
    targets[::4] = UNKNOWN
    rows = [np.array([0, 9, 2], dtype=np.int32) if at % 4 == 0 else row for at, row in enumerate(toy.rows)]
    second, _ = _tune(replace(toy, targets=targets), tmp_path / "b", replace(RECIPE, epochs=1, batch=96))
    third, _ = _tune(replace(toy, targets=targets, rows=rows), tmp_path / "c", replace(RECIPE, epochs=1, batch=96))
    assert not np.array_equal(first.heads()["heads.value"][1], second.heads()["heads.value"][1])
    np.testing.assert_allclose(second.heads()["heads.value"], third.heads()["heads.value"], atol=1e-3)


def test_a_row_of_weight_nothing_teaches_nothing(toy: Examples, tmp_path: Path) -> None:
    liars = np.arange(len(toy.rows)) % 3 == 0
    targets = toy.targets.copy()
    targets[liars, :2] = 1.0 - targets[liars, :2]
    weights = np.where(liars, 0.0, 1.0).astype(np.float32)
    network, _ = _tune(replace(toy, targets=targets, weights=weights), tmp_path / "a")
    assert _right(network, toy.rows) > 0.95


def test_only_chosen_rows_are_learnt_from(toy: Examples, tmp_path: Path) -> None:
    liars = np.arange(len(toy.rows)) % 3 == 0
    targets = toy.targets.copy()
    targets[liars, :2] = 1.0 - targets[liars, :2]
    network, told = _tune(replace(toy, targets=targets), tmp_path / "a", chosen=~liars)
    assert _right(network, toy.rows) > 0.95
    assert told[-1] == ("toy", RECIPE.epochs * 4, RECIPE.epochs * 4)  # 64 rows in batches of 16


@pytest.mark.parametrize(("share", "batches"), [(0.0, 4), (0.5, 5), (1.0, 6)])
def test_of_the_auxiliary_rows_a_share_is_drawn_each_epoch(
    toy: Examples, tmp_path: Path, share: float, batches: int
) -> None:
    auxiliary = np.arange(len(toy.rows)) % 3 == 0
    recipe = replace(RECIPE, epochs=1, aux_share=share)
    _, told = _tune(replace(toy, auxiliary=auxiliary), tmp_path / "a", recipe)
    assert told[-1] == ("toy", batches, batches)


def test_word_vectors_stay_and_the_layers_move(tuned: Network) -> None:
    before, after = _base().tensors, tuned.as_base(()).tensors
    words = "embeddings.word_embeddings.weight"
    np.testing.assert_array_equal(after[words], before[words])
    for layer in range(SHAPE.layers):
        name = f"encoder.layer.{layer}.output.dense.weight"
        assert np.abs(after[name] - before[name]).max() > 1e-4


def test_keeping_the_embedding_keeps_it(toy: Examples, tuned: Network, tmp_path: Path) -> None:
    kept, _ = _tune(toy, tmp_path / "a", replace(RECIPE, keep=20.0))

    def drift(network: Network) -> float:
        return float(1.0 - (predict(network, toy.rows, _quiet, "-")[1] * toy.embeddings).sum(axis=1).mean())

    assert drift(kept) < 0.5 * drift(tuned)
    assert _right(kept, toy.rows) > 0.9


def test_the_same_seed_gives_the_same_weights(toy: Examples, tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=1)
    one, two = (_tune(toy, tmp_path / name, recipe)[0].heads() for name in "ab")
    for name, values in one.items():
        np.testing.assert_array_equal(values, two[name])


def test_predictions_stand_in_the_order_of_the_rows(tuned: Network) -> None:
    rows = _rows(30, seed=2)
    told: list[int] = []
    logits, embeddings = predict(tuned, rows, lambda _stage, done, _total: told.append(done), "scoring", batch=8)
    assert (logits.shape, embeddings.shape) == ((30, N_HEADS), (30, SHAPE.hidden))
    assert told == [8, 16, 24, 30]
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1.0, atol=1e-4)
    order = np.random.default_rng(3).permutation(30)
    shuffled = predict(tuned, [rows[at] for at in order], _quiet, "scoring", batch=8)
    # Computed in bf16, where company in a batch may move the last of eight bits.
    np.testing.assert_allclose(shuffled[0], logits[order], atol=0.1)
    np.testing.assert_allclose(shuffled[1], embeddings[order], atol=0.02)
    assert np.abs(logits - logits[::-1]).max() > 1.0


def test_heads_start_as_a_mean_over_the_tokens_and_come_back(tuned: Network) -> None:
    fresh = _network()
    assert not fresh.heads()["heads.query"].any()
    fresh.load_base(tuned.as_base(()))
    fresh.load_heads(tuned.heads())
    rows = _rows(10, seed=4)
    for found, wanted in zip(predict(fresh, rows, _quiet, "-"), predict(tuned, rows, _quiet, "-"), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_lower_layers_learn_more_slowly() -> None:
    network = _network()
    network.freeze_words()
    groups = network.parameter_groups(1e-3, 1e-2, 0.5, 0.1)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    rates = {names[id(group["params"][0])]: group for group in groups}
    assert "encoder.embeddings.word_embeddings.weight" not in rates
    assert rates["query.weight"]["peak"] == 1e-2
    assert rates["encoder.encoder.layer.1.output.dense.weight"]["peak"] == 1e-3
    assert rates["encoder.encoder.layer.0.output.dense.weight"]["peak"] == 5e-4
    assert rates["encoder.embeddings.LayerNorm.weight"]["peak"] == 2.5e-4
    assert {group["weight_decay"] for name, group in rates.items() if name.endswith("bias")} == {0.0}
    assert rates["value.weight"]["weight_decay"] == 0.1


def test_a_stage_comes_back_from_its_file(tuned: Network, tmp_path: Path) -> None:
    base, scores = tuned.as_base(_base().pieces), np.arange(6, dtype=np.float32).reshape(2, 3)
    save_encoder(tmp_path / "stage.npz", "this", base, **tuned.heads(), **{"heads.scores": scores})
    found, heads = load_encoder(tmp_path / "stage.npz")
    assert (found.shape, found.pieces) == (base.shape, base.pieces)
    wanted: dict[str, Any] = {**tuned.heads(), "heads.scores": scores}
    for one, other in ((found.tensors, base.tensors), (heads, wanted)):
        assert set(one) == set(other)
        for name, values in one.items():
            np.testing.assert_array_equal(values, other[name])
    assert [path.name for path in tmp_path.iterdir()] == ["stage.npz"]
