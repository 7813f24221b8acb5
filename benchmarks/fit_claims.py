"""Learns when a text repeats a fact-check, from texts written for this project, and writes the coefficients.

    python -m benchmarks.fit_claims [MODEL_FOLDER]

`benchmarks/data/claims_authored.jsonl` holds fictional fact-check headlines, texts that spread each claim in other
words, and texts that look like it and do not. The headlines lie in an index among all titles that were written for
training (`nlp/training/authored`). Of every text its three best candidates are examples: right where the headline is
its own; a headline is one of its own texts, for many claims are copied. Texts of those training sets that carry no
misinformation are texts without a fact-check. A logistic regression with a ridge over standardised features is fitted
twice, with the embeddings of the shipped model and without, and written to `waspada/claims/data/decision.json`; the
same data give the same file. A feature whose coefficient would have the wrong sign is left out (`SIGNS`), so that more
likeness never speaks against a match. The table shows what it says of claims that it has not seen (five folds over
claims). No text of a third party is read.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nlp
from benchmarks.shared import add_model_argument, changed, results, table_of
from waspada.claims import matching
from waspada.claims.deciding import NAMES
from waspada.claims.dense import Embedder
from waspada.claims.folding import without_verdict
from waspada.claims.matching import ClaimIndex
from waspada.claims.types import FactCheck
from waspada.taxonomy import ItemText

Floats = NDArray[np.float64]

AUTHORED = Path(__file__).with_name("data") / "claims_authored.jsonl"
_TARGET = Path(str(files("waspada.claims").joinpath("data", "decision.json")))
_TRAINING = Path(str(files("nlp.training").joinpath("authored")))
#: Which way a feature may speak; one that is not named may speak both ways.
SIGNS = {
    **dict.fromkeys(("words", "lead", "place_same"), 1),
    **dict.fromkeys(("number_other", "place_other", "text_words"), -1),
}
_CANDIDATES, _FOLDS, _RIDGE, _STEPS = 3, 5, 3.0, 50
_BATCH = 128
#: Every so-manieth of the training texts is read.
_QUIET_EACH = 4
_POINTS = (0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Text:
    """A text, its group (a claim's id, or the group of a training text), and whether it spreads the group's claim."""

    text: str
    group: str
    spreads: bool


@dataclass(frozen=True, slots=True)
class Examples:
    """Features (n, features), right or not (n,), fold (n,), and which candidate of its text each is (n,), 0 the best.

    `asked`: of every text whether it spreads a claim, in the order of their best candidates.
    """

    features: Floats
    right: NDArray[np.bool_]
    fold: NDArray[np.int64]
    place: NDArray[np.int64]
    spreads: NDArray[np.bool_]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_argument(parser, nlp.DEFAULT_MODEL)
    model = nlp.load(parser.parse_args().model)

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (n, d), batch by batch."""
        items = [ItemText("", text=text) for text in texts]
        return np.concatenate([model.embed(items[at : at + _BATCH]) for at in range(0, len(items), _BATCH)])

    written = {}
    for name, embedder in (("with_embeddings", embed), ("without_embeddings", None)):
        examples = examples_of(embedder)
        written[name] = named(fit(examples.features, examples.right))
        _print(name, examples)
    _TARGET.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    results.print(f"written: {_TARGET}")


def claims() -> list[dict[str, Any]]:
    """The authored claims: `id`, `headline`, `versions` and `negatives`, each a list of `kind` and `text`."""
    with AUTHORED.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def examples_of(embedder: Embedder | None) -> Examples:
    """Candidates of every authored text."""
    own, others = claims(), list(_training_texts())
    checks = [FactCheck(claim["id"], "", claim["headline"]) for claim in own]
    checks += [FactCheck(f"{row['group']} {n}", "", row["title"]) for n, row in enumerate(others) if row["title"]]
    with changed(matching, _background=lambda: ("",)):
        index = ClaimIndex(checks, embedder)
    texts = [Text(one["text"], claim["id"], True) for claim in own for one in claim["versions"]]
    texts += [Text(without_verdict(claim["headline"]), claim["id"], True) for claim in own]
    texts += [Text(one["text"], claim["id"], False) for claim in own for one in claim["negatives"]]
    quiet = [row for row in others if not row["labels"].get("misinformation")]
    texts += [Text(row["text"], row["group"], False) for row in quiet[::_QUIET_EACH] if row["text"]]
    found = [_examples(index, text) for text in texts]
    return Examples(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _examples(index: ClaimIndex, text: Text) -> tuple[NDArray[Any], ...]:
    # a training text tells the same as the titles of its group
    others = (one for one in index.candidates("", text.text) if text.spreads or not _is_of(one.claim, text.group))
    candidates = list(others)[:_CANDIDATES]
    rows = np.array([[getattr(one.features, name) for name in NAMES] for one in candidates]).reshape(-1, len(NAMES))
    right = np.array([text.spreads and one.claim.id == text.group for one in candidates], dtype=bool)
    fold = zlib.crc32(text.group.encode()) % _FOLDS
    size = len(candidates)
    return rows, right, np.full(size, fold), np.arange(size), np.full(size, text.spreads)


def _is_of(claim: FactCheck, group: str) -> bool:
    return "/" in group and str(claim.id).startswith(group + " ")


def _training_texts() -> Iterator[dict[str, Any]]:
    """Rows of the authored training sets with their `group`, "file/pair"."""
    for path in sorted(_TRAINING.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                yield {**row, "group": f"{path.stem}/{row['pair']}"}


def fit(features: Floats, right: NDArray[np.bool_]) -> Floats:
    """Bias and coefficients (1 + features,); 0 for a feature that would have the wrong sign."""
    signs = np.array([SIGNS.get(name, 0) for name in NAMES])
    kept = np.ones(len(NAMES), dtype=bool)
    while True:
        weights = _newton(features, right, kept)
        against = weights[1:] * signs
        if not (against < 0).any():
            return weights
        kept[np.argmin(against * features.std(axis=0))] = False


def _newton(features: Floats, right: NDArray[np.bool_], used: NDArray[np.bool_]) -> Floats:
    """Newton's method, with a ridge on standardised features."""
    columns = features[:, used]
    mean, spread = columns.mean(axis=0), np.maximum(columns.std(axis=0), 1e-9)
    design = np.column_stack([np.ones(len(columns)), (columns - mean) / spread])
    ridge = _RIDGE * np.eye(design.shape[1])
    ridge[0, 0] = 1e-6
    weights = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (p - right) + ridge @ weights
        curve = (design * (p * (1 - p))[:, None]).T @ design + ridge
        weights -= np.linalg.solve(curve, slope)
    whole = np.zeros(1 + features.shape[1])
    whole[1:][used] = weights[1:] / spread
    whole[0] = weights[0] - float((weights[1:] / spread) @ mean)
    return whole


def named(weights: Floats) -> dict[str, float]:
    """Coefficients by name, three digits, those of 0 left out."""
    return {name: round(float(w), 3) for name, w in zip(("bias", *NAMES), weights, strict=True) if w}


def log_odds(weights: Floats, features: Floats) -> Floats:
    """Log odds (n,) of features (n, features)."""
    found: Floats = weights[0] + features @ weights[1:]
    return found


def _print(name: str, examples: Examples) -> None:
    scores = np.zeros(len(examples.right))
    for fold in range(_FOLDS):
        there = examples.fold == fold
        weights = fit(examples.features[~there], examples.right[~there])
        scores[there] = log_odds(weights, examples.features[there])
    best = examples.place == 0
    p = 1 / (1 + np.exp(-scores[best]))
    right, spreads = examples.right[best], examples.spreads[best]
    table = table_of(
        f"{name}: {spreads.sum()} texts that spread a claim, {(~spreads).sum()} that do not", "p from",
        "of those that spread, right", "wrong", "of the others", "right of all",
    )  # fmt: skip
    for least in _POINTS:
        said = p >= least
        table.add_row(
            f"{least:.2f}",
            f"{(said & right).sum() / spreads.sum():.1%}",
            f"{(said & spreads & ~right).sum() / spreads.sum():.1%}",
            f"{(said & ~spreads).sum() / (~spreads).sum():.1%}",
            f"{(said & right).sum() / max(1, said.sum()):.1%}",
        )
    results.print(table)
    results.print(f"own headline is the best candidate: {right.sum() / spreads.sum():.1%}")


if __name__ == "__main__":
    main()
