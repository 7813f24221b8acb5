"""Train the tagger of persons' names: `python -m benchmarks.train_masker [--out FILE]`, about six minutes on one core.

A linear-chain conditional random field over hashed features, by AdaGrad on the log-likelihood, then rounded to eight
bits. A first one reads the news: what each frequent word mostly names there becomes a feature of the next ones, and
sentences that it was sure of are added to the training, written otherwise. The slack below zero at which a word still
counts as a name is chosen on the dev part. `python -m benchmarks.masking` measures on the test part.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import masker_data as data
from benchmarks.masker_words import build_word_table, read_news, with_use
from waspada.errors import MissingExtraError
from waspada.privacy.features import FEATURES, MODES, SLOT_BITS, RowCache, WordTable, slots
from waspada.privacy.tagger import NEVER, PERSON, TAGS, WEIGHTS_PATH, PersonTagger, Weights, allowed_steps

EPOCHS = 8
RUNS = 3
BATCH = 64  # sentences
RATE = 0.1
DECAY = 2e-5
UNIT = 16.0  # steps of the stored scores in one nat
DROP = 0.4  # share of features dropped at random in training
MOST_HIT = 0.03  # share of words of places and organisations of dev that the raw tagger may hit
MOST_SLACK = 40

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS_PATH)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    folder = data.data_folder()
    news = folder / "news" / "articles.jsonl.gz"
    reason = data.missing_reason(folder) or (None if news.is_file() else f"{news} not found")
    if reason:
        print(f"not run: {reason}")
        return 1
    print("clustering words", file=sys.stderr)
    table = build_word_table(news, data.SEED)
    parts = data.split(data.read_tagged(folder))
    rows = data.enlarged(parts["train"])
    print(f"training on {len(rows)} sentences ({len(parts['train'])} read)", file=sys.stderr)
    scout = rounded(*fit(rows, table, options.epochs // 2), table)
    print("reading the news with the first tagger", file=sys.stderr)
    reading = read_news(news, PersonTagger(scout))
    table = with_use(table, reading)
    runs = [fit(_drawn(parts["train"], reading.sure, run), table, options.epochs) for run in range(RUNS)]
    emit, step, first = (np.mean([run[part] for run in runs], axis=0) for part in range(3))
    weights = choose_slack(rounded(emit, step, first, table), parts["dev"])
    save(weights, options.out)
    print(f"{options.out}: {options.out.stat().st_size} bytes, slack {weights.slack}")
    return 0


def _drawn(read: list[data.Tagged], sure: list[tuple[list[str], list[int]]], run: int) -> list[data.Tagged]:
    """The training sentences of one run: variants and news are drawn anew in each, and the runs' weights averaged."""
    rows = data.enlarged(read, data.SEED + run) + data.from_news(sure, TAGS, data.SEED + run)
    print(f"run {run + 1}/{RUNS}: training on {len(rows)} sentences, read in the news among them", file=sys.stderr)
    return rows


def fit(rows: list[data.Tagged], table: WordTable, epochs: int) -> tuple[Floats, Floats, Floats]:
    """Emission (slots, tags), step (tags, tags) and first (tags) weights in nats."""
    sentences, golds = encoded(rows)
    cache = RowCache(table)
    found = [slots([words], cache).astype(np.int32) for words in sentences]
    rng = np.random.default_rng(data.SEED)
    model = _Model()
    for epoch in range(epochs):
        order = rng.permutation(len(found))
        loss = 0.0
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            loss += model.learn([found[place] for place in chosen], [golds[place] for place in chosen], rng)
        print(f"epoch {epoch + 1}/{epochs}: {loss / len(order):.3f} nats a sentence", file=sys.stderr)
        model.remember()
    return model.averaged()


def encoded(rows: list[data.Tagged]) -> tuple[list[list[str]], list[Ints]]:
    number = {tag: place for place, tag in enumerate(TAGS)}
    sentences: list[list[str]] = []
    golds: list[Ints] = []
    for row in rows:
        words, tags = data.to_bio(row)
        if 0 < len(words) <= 150:
            sentences.append(words)
            golds.append(np.array([number[tag] for tag in tags], dtype=np.int64))
    return sentences, golds


class _Model:
    """The chain while it learns."""

    def __init__(self) -> None:
        self.emit: Floats = np.zeros((1 << SLOT_BITS, len(TAGS)))
        self.step: Floats = np.zeros((len(TAGS), len(TAGS)))
        self.first: Floats = np.zeros(len(TAGS))
        self._blocked = np.where(allowed_steps(), 0.0, -1e4)
        self._blocked_first = np.array([-1e4 if tag.startswith("I-") else 0.0 for tag in TAGS])
        self._kept: list[tuple[npt.NDArray[np.float32], Floats, Floats]] = []
        self._squares = [np.full_like(part, 1e-8) for part in (self.emit, self.step, self.first)]

    def remember(self) -> None:
        """Count the weights as they are into the average."""
        self._kept.append((self.emit.astype(np.float32), self.step.copy(), self.first.copy()))

    def averaged(self) -> tuple[Floats, Floats, Floats]:
        """The mean of the weights remembered, the first half of them left out."""
        late = self._kept[len(self._kept) // 2 :]
        emit: Floats = np.mean([kept[0] for kept in late], axis=0, dtype=np.float64)
        return (
            emit,
            np.asarray(sum(kept[1] for kept in late)) / len(late),
            np.asarray(sum(k[2] for k in late)) / len(late),
        )

    def learn(self, found: list[npt.NDArray[np.int32]], golds: list[Ints], rng: np.random.Generator) -> float:
        """One step on a batch; the negative log-likelihood before it."""
        try:
            from scipy import sparse
        except ImportError as error:
            raise MissingExtraError("Training needs scipy.", hint="Install `waspada[train]`.") from error
        flat = np.concatenate(found)
        gold = np.concatenate(golds)
        lengths = np.array([len(one) for one in golds])
        kept = (rng.random(flat.shape) >= DROP).astype(np.float64)
        shape = (len(flat), 1 << SLOT_BITS)
        inputs = sparse.csr_matrix((kept.ravel(), flat.ravel(), np.arange(len(flat) + 1) * FEATURES), shape=shape)
        inside = np.arange(lengths.max())[None, :] < lengths[:, None]
        emitted = np.zeros((*inside.shape, len(TAGS)))
        emitted[inside] = inputs @ self.emit
        step, first = self.step + self._blocked, self.first + self._blocked_first
        marginal, moved, logs = expectations(emitted, lengths, step, first)
        target = np.zeros((len(gold), len(TAGS)))
        target[np.arange(len(gold)), gold] = 1
        tags = np.zeros(inside.shape, dtype=np.int64)
        tags[inside] = gold
        both = inside[:, 1:]
        counted = np.zeros_like(self.step)
        np.add.at(counted, (tags[:, :-1][both], tags[:, 1:][both]), 1)
        starts = np.bincount(tags[:, 0], minlength=len(TAGS)).astype(np.float64)
        score = emitted[inside][np.arange(len(gold)), gold].sum() + (counted * self.step).sum() + starts @ self.first
        self._move(0, self.emit, inputs.T @ (marginal[inside] - target))
        self._move(1, self.step, (moved - counted) * allowed_steps())
        self._move(2, self.first, (marginal[:, 0].sum(axis=0) - starts) * (self._blocked_first == 0))
        return float(logs.sum() - score)

    def _move(self, part: int, weights: Floats, gradient: Floats) -> None:
        touched = np.flatnonzero(gradient.reshape(len(gradient), -1).any(axis=1))
        slope = gradient[touched] + DECAY * BATCH * weights[touched] * 10
        self._squares[part][touched] += slope**2
        weights[touched] -= RATE * slope / np.sqrt(self._squares[part][touched])


def expectations(emitted: Floats, lengths: Ints, step: Floats, first: Floats) -> tuple[Floats, Floats, Floats]:
    """Forward-backward: marginals (sentences, words, tags), expected steps (tags, tags), log-partitions (sentences)."""
    count, longest, tags = emitted.shape
    forward = np.zeros_like(emitted)
    backward = np.zeros_like(emitted)
    forward[:, 0] = emitted[:, 0] + first
    for place in range(1, longest):
        forward[:, place] = _logsum(forward[:, place - 1, :, None] + step, 1) + emitted[:, place]
    for place in range(longest - 2, -1, -1):
        onward = _logsum(step + (backward[:, place + 1] + emitted[:, place + 1])[:, None, :], 2)
        backward[:, place] = np.where((place + 1 < lengths)[:, None], onward, 0)
    logs = _logsum(forward[np.arange(count), lengths - 1], 1)
    inside = np.arange(longest)[None, :] < lengths[:, None]
    marginal = np.exp(forward + backward - logs[:, None, None]) * inside[..., None]
    moved = np.zeros((tags, tags))
    for place in range(longest - 1):
        both = (place + 1 < lengths).astype(np.float64)
        joint = forward[:, place, :, None] + step + (emitted[:, place + 1] + backward[:, place + 1])[:, None, :]
        moved += (np.exp(np.minimum(joint - logs[:, None, None], 0)) * both[:, None, None]).sum(axis=0)
    return marginal, moved, logs


def _logsum(values: Floats, axis: int) -> Floats:
    top = values.max(axis=axis, keepdims=True)
    summed: Floats = np.log(np.exp(values - top).sum(axis=axis)) + top.squeeze(axis)
    return summed


def rounded(emit: Floats, step: Floats, first: Floats, table: WordTable) -> Weights:
    """The weights as the file holds them: scores in 1/UNIT nats, emissions cut to eight bits."""
    blocked = ~allowed_steps()
    steps = np.rint(step * UNIT).astype(np.int32)
    steps[blocked] = NEVER
    firsts = np.rint(first * UNIT).astype(np.int32)
    firsts[[tag.startswith("I-") for tag in TAGS]] = NEVER
    return Weights(
        np.clip(np.rint(emit * UNIT), -127, 127).astype(np.int8), steps, firsts, table, dict.fromkeys(MODES, 0)
    )


def choose_slack(weights: Weights, dev: list[data.Tagged]) -> Weights:
    """For each way of writing the largest slack that keeps dev's hits on places and organisations under MOST_HIT."""
    writings = {
        "plain": dev,
        "title": [data.as_title(row) for row in dev],
        "lower": [data.rewrite(row, str.lower) for row in dev],
        "upper": [data.rewrite(row, str.upper) for row in dev],
    }
    return replace(weights, slack={mode: _slack(weights, mode, writings[mode]) for mode in MODES})


def _slack(weights: Weights, mode: str, rows: list[data.Tagged]) -> int:
    sentences, golds = encoded(rows)
    margins = np.concatenate(PersonTagger(weights).margins(sentences))
    gold = np.concatenate(golds)
    named = np.isin(gold, PERSON)
    mapped = gold >= 3
    best = 0
    for slack in range(0, MOST_SLACK + 1, 2):
        hit = margins >= -slack
        figures = f"recall {hit[named].mean():.3f}, hits {hit[mapped].mean():.3f}, precision {named[hit].mean():.3f}"
        if hit[mapped].mean() <= MOST_HIT:
            best = slack
            print(f"{mode}, slack {slack}: {figures}", file=sys.stderr)
    return best


def save(weights: Weights, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        emit=weights.emit,
        step=weights.step,
        first=weights.first,
        fine=weights.table.fine,
        case=weights.table.case,
        mark=weights.table.mark,
        use=weights.table.use,
        coarse_of=weights.table.coarse_of,
        slack=np.array([weights.slack[mode] for mode in MODES], dtype=np.int32),
        features=np.array([FEATURES], dtype=np.int32),
    )


if __name__ == "__main__":
    sys.exit(main())
