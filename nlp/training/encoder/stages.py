"""A network trained in a work folder, so that an interrupted training goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.heads import HEADS
from nlp.training.encoder.base import BaseEncoder
from nlp.training.encoder.finetune import Examples, FinetuneRecipe, finetune, of_one_stage, predict
from nlp.training.encoder.network import Network, seeded_network
from nlp.training.encoder.store import fingerprint, is_made_of, load_encoder, save_encoder
from nlp.training.inputs import Progress

Array = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tuned:
    """Weights of a network, and its scores (n, heads) of the texts held out from it; 0 for the others."""

    base: BaseEncoder
    heads: dict[str, Array]
    scores: Array


def read_tuned(path: Path) -> Tuned:
    """The file of a stage."""
    base, heads = load_encoder(path)
    return Tuned(base, heads, heads.pop("heads.scores"))


def network_of(tuned: Tuned) -> Network:
    """A network that reads, with these weights."""
    network = Network(tuned.base.shape, len(HEADS), 0.0)
    network.load_base(tuned.base)
    network.load_heads(tuned.heads)
    return network


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of one training, each a file in `work`."""

    work: Path
    seed: int
    progress: Progress

    def tuned(
        self,
        start: BaseEncoder,
        heads: Mapping[str, Array],
        examples: Examples,
        held: Bools,
        stage: str,
        recipe: FinetuneRecipe,
        left_out: Bools | None = None,
    ) -> Tuned:
        """A network trained from `start` (and `heads`, where there are any) on all texts but those that are held out,
        which it scores, and those `left_out`."""
        path = self.work / f"{stage}.npz"
        taught = ~held if left_out is None else ~held & ~left_out
        texts = np.concatenate(examples.rows)
        learned = (texts, examples.targets, examples.weights, examples.embeddings, taught, held)
        made_of = fingerprint(start.tensors, heads, *learned, of_one_stage(recipe), self.seed)
        if not is_made_of(path, made_of):
            network = seeded_network(start.shape, len(HEADS), recipe.dropout, self.seed)
            network.load_base(start)
            if heads:
                network.load_heads(heads)
            checkpoint = self.checkpoint(stage, made_of)
            finetune(network, examples, taught, recipe, self.seed, checkpoint, self.progress, stage)
            scores = np.zeros((len(held), len(HEADS)), dtype=np.float32)
            own = [row for row, is_held in zip(examples.rows, held, strict=True) if is_held]
            scores[held] = predict(network, own, self.progress, f"scoring {stage}")[0]
            save_encoder(path, made_of, network.as_base(start.pieces), **network.heads(), **{"heads.scores": scores})
            self.forget_checkpoints(stage)
        return read_tuned(path)

    def checkpoint(self, stage: str, made_of: str) -> Path:
        return self.work / f"{stage}.{made_of}.checkpoint"

    def forget_checkpoints(self, stage: str) -> None:
        for path in self.work.glob(f"{stage}.*.checkpoint"):
            path.unlink()
