"""Fine-tuning: one network, one sigmoid a head, the loss left out where a source says nothing about a head.

    loss = sum over known (item, head) of weight * BCE / number known  +  `keep` * (1 - cosine with the embedding
    before)

The second term keeps the sentence embedding where pretraining put it, while the heads look where they need to.
Positives of a rare head weigh (negatives / positives)^0.5, at most `positive_cap`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import binary_cross_entropy_with_logits

from nlp.encoder.batching import Encoded, by_length
from nlp.training.encoder.loop import DEVICE, Schedule, as_tensors, autocast, train_steps
from nlp.training.encoder.network import UNKNOWN, Network
from nlp.training.inputs import Progress

Floats = NDArray[np.float32]
_BUCKET = 40


@dataclass(frozen=True, slots=True)
class FinetuneRecipe:
    """`tokens` is the longest input, `aux_share` the share of the auxiliary set that is drawn anew each epoch.

    The networks of the folds are trained for `epochs`. The network that ships starts from the mean of theirs (Wortsman
    et al. 2022, model soups) and learns from everything for `final_epochs` at `final_rate` times the rates.
    """

    epochs: int = 4
    batch: int = 32
    tokens: int = 160
    rate: float = 1.2e-4
    head_rate: float = 2e-3
    layer_decay: float = 0.88
    weight_decay: float = 0.02
    dropout: float = 0.1
    positive_cap: float = 4.0
    keep: float = 0.5
    smoothing: float = 0.02
    average: float = 0.995
    aux_share: float = 0.3
    final_epochs: int = 1
    final_rate: float = 0.5
    refine_epochs: int = 0
    refine_rate: float = 0.4
    refine_silver: float = 0.3
    refine_aux_share: float = 0.4


def slower(recipe: FinetuneRecipe, epochs: int, factor: float) -> FinetuneRecipe:
    """The recipe with other epochs and its rates times `factor`."""
    return replace(recipe, epochs=epochs, rate=recipe.rate * factor, head_rate=recipe.head_rate * factor)


def of_one_stage(recipe: FinetuneRecipe) -> FinetuneRecipe:
    """The recipe less what only says how the stages follow each other."""
    none = FinetuneRecipe()
    return replace(
        recipe,
        final_epochs=none.final_epochs,
        final_rate=none.final_rate,
        refine_epochs=none.refine_epochs,
        refine_rate=none.refine_rate,
        refine_silver=none.refine_silver,
        refine_aux_share=none.refine_aux_share,
    )


@dataclass(frozen=True, slots=True)
class Examples:
    """n texts: rows of ids, targets (n, heads) of 1, 0 or `UNKNOWN`, weights (n,), which are auxiliary (n,), and the
    embedding before fine-tuning (n, hidden)."""

    rows: Sequence[Encoded]
    targets: Floats
    weights: Floats
    auxiliary: NDArray[np.bool_]
    embeddings: Floats


def finetune(
    network: Network,
    examples: Examples,
    chosen: NDArray[np.bool_],
    recipe: FinetuneRecipe,
    seed: int,
    checkpoint: Path,
    progress: Progress,
    stage: str,
) -> None:
    """Train `network` in place on the examples where `chosen` (n,) is true."""
    torch.manual_seed(seed)
    network.freeze_words()
    network.to(DEVICE)
    optimizer = torch.optim.AdamW(
        network.parameter_groups(recipe.rate, recipe.head_rate, recipe.layer_decay, recipe.weight_decay)
    )
    positive = torch.from_numpy(_positive_weights(examples.targets[chosen], recipe.positive_cap)).to(DEVICE)

    def loss_of(batch: Sequence[int]) -> torch.Tensor:
        with autocast():
            logits, embedding = network(*as_tensors([examples.rows[row] for row in batch]))
        target, weight, before = (
            torch.from_numpy(part[batch]).to(logits.device)
            for part in (examples.targets, examples.weights, examples.embeddings)
        )
        drift = 1.0 - (embedding * before).sum(dim=1).mean()
        loss: torch.Tensor = _label_loss(logits, target, weight, positive, recipe.smoothing) + recipe.keep * drift
        return loss

    batches = list(_batches(examples, np.flatnonzero(chosen), recipe, np.random.default_rng(seed)))
    train_steps(network, optimizer, batches, loss_of, Schedule(average=recipe.average), checkpoint, progress, stage)


def predict(
    network: Network, rows: Sequence[Encoded], progress: Progress, stage: str, batch: int = 64
) -> tuple[Floats, Floats]:
    """Logits (n, heads) and embeddings (n, hidden) in the order of `rows`."""
    network.to(DEVICE).eval()
    logits = np.zeros((len(rows), network.value.out_features), dtype=np.float32)
    embeddings = np.zeros((len(rows), network.shape.hidden), dtype=np.float32)
    done = 0
    with torch.inference_mode():
        for own in by_length(rows, batch):
            with autocast():
                scores, vectors = network(*as_tensors([rows[row] for row in own]))
            logits[own], embeddings[own] = scores.float().cpu().numpy(), vectors.float().cpu().numpy()
            done += len(own)
            progress(stage, done, len(rows))
    return logits, embeddings


def _label_loss(
    logits: torch.Tensor, target: torch.Tensor, weight: torch.Tensor, positive: torch.Tensor, smoothing: float
) -> torch.Tensor:
    known = (target != UNKNOWN).float() * weight[:, None]
    soft = target.clamp(min=0.0) * (1 - smoothing) + smoothing / 2
    loss = binary_cross_entropy_with_logits(logits, soft, reduction="none", pos_weight=positive)
    mean: torch.Tensor = (loss * known).sum() / known.sum().clamp(min=1.0)
    return mean


def _positive_weights(targets: Floats, cap: float) -> Floats:
    positives = (targets == 1).sum(axis=0)
    negatives = (targets == 0).sum(axis=0)
    weights: Floats = np.clip(np.sqrt(negatives / np.maximum(positives, 1)), 1.0, cap).astype(np.float32)
    return weights


def _batches(
    examples: Examples, chosen: NDArray[np.int64], recipe: FinetuneRecipe, rng: np.random.Generator
) -> Iterator[list[int]]:
    """Batches of texts of about one length: shuffled, sorted within a bucket, and the batches shuffled again."""
    main, auxiliary = chosen[~examples.auxiliary[chosen]], chosen[examples.auxiliary[chosen]]
    lengths = np.array([len(row) for row in examples.rows])
    for _ in range(recipe.epochs):
        drawn = rng.permutation(auxiliary)[: int(recipe.aux_share * len(auxiliary))]
        order = rng.permutation(np.concatenate([main, drawn]))
        size = recipe.batch * _BUCKET
        batches: list[list[int]] = []
        for at in range(0, len(order), size):
            bucket = order[at : at + size]
            bucket = bucket[np.argsort(lengths[bucket], kind="stable")]
            batches += [bucket[i : i + recipe.batch].tolist() for i in range(0, len(bucket), recipe.batch)]
        yield from (batches[i] for i in rng.permutation(len(batches)))
