"""What topics find, and what the answers of persons add: `python -m benchmarks.topics [MODEL_FOLDER]`.

The four sample topics of docs/topics.md, each with six example sentences, look for held-out texts of their own (42 a
topic) among those of the other three, near misses (a fire in a market, the election of a governor) and the articles and
posts of the demo that are about something else. All texts were written for this project
(`benchmarks/data/topics_authored.jsonl`, `waspada/cli/demo/texts`); none of them is an example.

Four rules on the same texts: the floor of an empty store; the threshold of a store of 5,000 in which the topic is one
item in a hundred, and one in a thousand; and a head from 40 answers at such a store of one in a hundred, judged with
likeness on the texts that nobody answered for.

Precision depends on how rare a topic is. Among these texts one in eight is on it; the figures for one in a hundred and
one in a thousand come from the same recall and share of false alarms, weighted as in such a store.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import nlp
from benchmarks.shared import add_model_argument, results, table_of
from waspada.jobs.topics import background
from waspada.taxonomy import ItemText
from waspada.topics import head, policy
from waspada.topics.types import NewTopic

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Embed = Callable[[list[ItemText]], Floats]

AUTHORED = Path(__file__).parent / "data" / "topics_authored.jsonl"
_DEMO = Path(__file__).resolve().parents[1] / "waspada" / "cli" / "demo" / "texts"
_QUIET = ("quiet.jsonl", "quiet_posts.jsonl")
#: Texts of the demo's quiet part that are on one of the four topics after all are left out.
_ON_TOPIC = ("banjir", "karhutla", "lahan", "gambut", "hotspot", "pilkades", "pambakal", "tergenang", "asap")
_ANSWERS, _SEED = 40, 7
#: How rare a topic is in a real store.
_SHARES = (0.01, 0.001)


@dataclass(frozen=True, slots=True)
class Texts:
    """The sample topics by key, and the texts that are looked through with the key of their topic, None for none."""

    topics: dict[str, NewTopic]
    items: Sequence[ItemText]
    of: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Texts of a topic and of others, how many were found, and how many of these are right."""

    texts: int
    others: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.texts

    def precision_at(self, share: float) -> float:
        """Precision in a store in which the topic is this share (0..1) of the items."""
        right = self.recall * share
        wrong = (self.found - self.right) / self.others * (1.0 - share)
        return right / (right + wrong) if right else 0.0


def authored() -> Texts:
    """The sample topics, and the held-out texts among others."""
    rows = [json.loads(line) for line in AUTHORED.read_text(encoding="utf-8").splitlines()]
    examples: dict[str, list[str]] = {}
    for row in rows:
        if row["part"] == "example":
            examples.setdefault(row["topic"], []).append(row["text"])
    topics = {
        row["topic"]: NewTopic(row["title"], row["description"], examples[row["topic"]])
        for row in rows
        if row["part"] == "topic"
    }
    own = [row for row in rows if row["part"] == "held-out"]
    demo = [one for name in _QUIET for one in _demo(_DEMO / name)]
    items = [*(ItemText("", text=row["text"]) for row in own), *demo]
    return Texts(topics, items, [*(row["topic"] for row in own), *(None for _ in demo)])


def vectors_of(topic: NewTopic, embed: Embed) -> Floats:
    """The unit vectors of a topic, as the worker makes them."""
    own = [f"{topic.title}. {topic.description}", *topic.examples]
    return policy.unit_rows(embed([ItemText("", text=text) for text in own]))


def by_floor(topic: Floats, items: Floats, everyday: Floats) -> Bools:
    """What the floor finds: the rule of an empty store."""
    found: Bools = policy.likeness(topic, items) > policy.floor_of(policy.likeness(topic, everyday))
    return found


def outcome(found: Bools, truth: Bools) -> Outcome:
    return Outcome(int(truth.sum()), int((~truth).sum()), int(found.sum()), int((found & truth).sum()))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_argument(parser, nlp.DEFAULT_MODEL)
    model = nlp.load(parser.parse_args().model)
    texts = authored()
    items = policy.unit_rows(model.embed(list(texts.items)))
    everyday = policy.unit_rows(model.embed([ItemText("", text=text) for text in background()]))
    table = table_of(
        f"{model.model}: {len(items)} texts",
        "topic",
        "rule",
        "recall",
        "precision here",
        "at 1 in 100",
        "at 1 in 1,000",
    )
    for key, topic in texts.topics.items():
        truth = np.array([one == key for one in texts.of])
        vectors = vectors_of(topic, model.embed)
        like = policy.likeness(vectors, items)
        floor = policy.floor_of(policy.likeness(vectors, everyday))
        rare = {share: policy.threshold_of(floor, like[_stored(truth, share)]) for share in _SHARES}
        learned, same = _head(items, like, truth, rare[_SHARES[0]])
        rows = {
            "empty store": outcome(like > floor, truth),
            **{f"store, 1 in {1 / share:,.0f}": outcome(like > bar, truth) for share, bar in rare.items()},
            f"head of {_ANSWERS} answers": learned,
            "likeness on the same": same,
        }
        for rule, one in rows.items():
            precisions = (one.precision, *(one.precision_at(share) for share in _SHARES))
            table.add_row(topic.title, rule, f"{one.recall:.0%}", *(f"{value:.0%}" for value in precisions))
    results.print(table)


def _head(items: Floats, like: Floats, truth: Bools, threshold: float) -> tuple[Outcome, Outcome]:
    """A head from answers as a desk gives them, the likest texts among half of all, judged on the other half as the
    worker uses it; beside it likeness on that half."""
    order = np.array(random.Random(_SEED).sample(range(len(items)), len(items)))
    first, rest = order[: len(order) // 2], order[len(order) // 2 :]
    answered = np.sort(first[np.argsort(-like[first], kind="stable")[:_ANSWERS]])
    stored = first[_stored(truth[first], _SHARES[0])]
    sample = head.sample_of(items[stored], like[stored], threshold, np.isin(stored, answered))
    found = head.fit(items[answered], like[answered], truth[answered], sample)
    p = policy.probabilities(found, items[rest], like[rest])
    return outcome(p > found.cut, truth[rest]), outcome(like[rest] > threshold, truth[rest])


def _stored(truth: Bools, share: float) -> NDArray[np.int64]:
    """Places of texts as a store holds them in which a topic is this share of the items, the others again and again."""
    own, others = np.flatnonzero(truth), np.flatnonzero(~truth)
    return np.concatenate([own, np.tile(others, -(-round(len(own) * (1.0 / share - 1.0)) // len(others)))])


def _demo(path: Path) -> list[ItemText]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        title, text = row.get("title", ""), "\n".join(row.get("paragraphs", [])) or row.get("text", "")
        if not any(word in f"{title} {text}".lower() for word in _ON_TOPIC):
            found.append(ItemText("", title=title, text=text))
    return found


if __name__ == "__main__":
    main()
