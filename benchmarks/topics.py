"""What topics find, and what the answers of persons add: `python -m benchmarks.topics [MODEL_FOLDER]`.

The four sample topics of docs/topics.md, each with six example sentences, look for held-out texts of their own (42 a
topic) among those of the other three, near misses (a fire in a market, the election of a governor) and the articles and
posts of the demo that are about something else. All texts were written for this project
(`benchmarks/data/topics_authored.jsonl`, `waspada/cli/demo/texts`); none of them is an example.

Three rules on the same texts: the floor of an empty store; the threshold on a store of 5,000 items of which these are
one in eight (as `threshold_of` chooses it: one item in a hundred); and a head from 40 answers, judged on the texts that
nobody answered for.
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


@dataclass(frozen=True, slots=True)
class Texts:
    """The sample topics by key, and the texts that are looked through with the key of their topic, None for none."""

    topics: dict[str, NewTopic]
    items: Sequence[ItemText]
    of: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Texts of a topic, how many were found, and how many of these are right."""

    texts: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.texts


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
    return Outcome(int(truth.sum()), int(found.sum()), int((found & truth).sum()))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_argument(parser, nlp.DEFAULT_MODEL)
    model = nlp.load(parser.parse_args().model)
    texts = authored()
    items = policy.unit_rows(model.embed(list(texts.items)))
    everyday = policy.unit_rows(model.embed([ItemText("", text=text) for text in background()]))
    table = table_of(
        f"{model.model}: {len(items)} texts, precision / recall",
        "topic", "texts", "empty store", "store of 5,000", f"head of {_ANSWERS} answers", "likeness on the same",
    )  # fmt: skip
    for key, topic in texts.topics.items():
        truth = np.array([one == key for one in texts.of])
        vectors = vectors_of(topic, model.embed)
        like = policy.likeness(vectors, items)
        floor = policy.floor_of(policy.likeness(vectors, everyday))
        full = policy.threshold_of(floor, _as_stored(like, truth))
        learned, same = _head(items, like, truth, full)
        table.add_row(
            topic.title, str(truth.sum()), _shown(outcome(like > floor, truth)), _shown(outcome(like > full, truth)),
            _shown(learned), _shown(same),
        )  # fmt: skip
    results.print(table)


def _head(items: Floats, like: Floats, truth: Bools, threshold: float) -> tuple[Outcome, Outcome]:
    """A head from answers as a desk gives them, the likest texts among half of all, judged on the other half; beside
    it likeness on that half."""
    order = np.array(random.Random(_SEED).sample(range(len(items)), len(items)))
    first, rest = order[: len(order) // 2], order[len(order) // 2 :]
    answered = np.sort(first[np.argsort(-like[first], kind="stable")[:_ANSWERS]])
    quiet = np.setdiff1d(first, answered)
    found = head.fit(items[answered], like[answered], truth[answered], items[quiet], like[quiet])
    p = head.probabilities(found, items[rest], like[rest])
    return outcome(p > 0.5, truth[rest]), outcome(like[rest] > threshold, truth[rest])


def _as_stored(like: Floats, truth: Bools) -> Floats:
    """Likeness as in a store of everyday news in which a topic is one item in a hundred."""
    others = like[~truth]
    return np.concatenate([like[truth], np.tile(others, -(-99 * int(truth.sum()) // len(others)))])


def _demo(path: Path) -> list[ItemText]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        title, text = row.get("title", ""), "\n".join(row.get("paragraphs", [])) or row.get("text", "")
        if not any(word in f"{title} {text}".lower() for word in _ON_TOPIC):
            found.append(ItemText("", title=title, text=text))
    return found


def _shown(found: Outcome) -> str:
    return f"{found.precision:.0%} / {found.recall:.0%}"


if __name__ == "__main__":
    main()
