"""Further pretraining on unlabelled Indonesian news: a title must find its own body among the others of its batch.

Contrastive with in-batch negatives in both directions (van den Oord et al. 2018; Wang et al. 2022 for E5), temperature
0.02. Articles of the retrieval test are left out (chosen by the hash of their text, see `is_held_out`), and those of
gold dev.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy

from nlp.encoder.batching import encode_texts
from nlp.labelled import BEGINNING_CHARS, text_key
from nlp.training.encoder.loop import DEVICE, Schedule, as_tensors, autocast, train_steps
from nlp.training.encoder.network import Network
from nlp.training.inputs import Progress

ARTICLES = "news/articles.jsonl.gz"
_MIN_BODY_CHARS, _MAX_BODY_CHARS = 200, 1500
#: About a quarter of the articles judge; pretraining never sees them.
_HELD_OUT_BELOW = 0x47


@dataclass(frozen=True, slots=True)
class PretrainRecipe:
    """`title_tokens` and `body_tokens` cut both sides; `batch` pairs a step."""

    epochs: int = 1
    batch: int = 96
    title_tokens: int = 32
    body_tokens: int = 112
    rate: float = 4e-5
    layer_decay: float = 0.9
    temperature: float = 0.02
    dropout: float = 0.05


@dataclass(frozen=True, slots=True)
class Pair:
    """Title and body of one article."""

    title: str
    body: str


def read_pairs(path: Path, *, held_out: bool, left_out: Set[str] = frozenset()) -> list[Pair]:
    """Articles whose title does not stand in the body's first words, without copies; those that judge, or the others.
    One with a title or a beginning among the keys `left_out` is neither."""
    found: dict[str, Pair] = {}
    titles: set[str] = set()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            title, body = (raw.get("title") or "").strip(), (raw.get("text") or "").strip()
            whole_key = text_key(body[:BEGINNING_CHARS])
            body = body.removeprefix(title).lstrip(" .:-\n")
            key, title_key = text_key(body[:BEGINNING_CHARS]), text_key(title)
            if len(title) < 15 or len(body) < _MIN_BODY_CHARS or title_key in titles or key in found:
                continue
            titles.add(title_key)
            if is_held_out(key) == held_out and not left_out & {title_key, key, whole_key}:
                found[key] = Pair(title, body[:_MAX_BODY_CHARS])
    return list(found.values())


def is_held_out(key: str) -> bool:
    """Whether the article with this hash judges."""
    return int(key[:2], 16) < _HELD_OUT_BELOW


def pretrain(
    network: Network,
    tokenizer: Tokenizer,
    pairs: Sequence[Pair],
    recipe: PretrainRecipe,
    seed: int,
    checkpoint: Path,
    progress: Progress,
) -> None:
    """Train `network.encoder` in place."""
    torch.manual_seed(seed)
    titles = encode_texts(tokenizer, [pair.title for pair in pairs], recipe.title_tokens)
    bodies = encode_texts(tokenizer, [pair.body for pair in pairs], recipe.body_tokens)
    network.freeze_words()
    network.to(DEVICE)
    optimizer = torch.optim.AdamW(network.parameter_groups(recipe.rate, 0.0, recipe.layer_decay, 0.01))

    def loss_of(rows: Sequence[int]) -> torch.Tensor:
        with autocast():
            left, right = (network(*as_tensors([side[row] for row in rows]))[1] for side in (titles, bodies))
        logits = left @ right.T / recipe.temperature
        own = torch.arange(len(rows), device=logits.device)
        return (cross_entropy(logits, own) + cross_entropy(logits.T, own)) / 2

    batches = _batches(len(pairs), recipe, seed)
    train_steps(network, optimizer, batches, loss_of, Schedule(), checkpoint, progress, "pretraining")


def _batches(n: int, recipe: PretrainRecipe, seed: int) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    batches: list[list[int]] = []
    for _ in range(recipe.epochs):
        order = rng.permutation(n).tolist()
        batches += [order[at : at + recipe.batch] for at in range(0, n - recipe.batch + 1, recipe.batch)]
    return batches
