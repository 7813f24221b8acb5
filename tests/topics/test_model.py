"""What the sample topics of docs/topics.md find with the shipped model, from their examples alone."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nlp
from benchmarks.topics import AUTHORED, Outcome, authored, by_floor, outcome, vectors_of
from tests.conftest import REPOSITORY
from waspada.jobs.topics import background
from waspada.taxonomy import ItemText
from waspada.topics import policy
from waspada.topics.names import name_problem

TOPICS = ("sengketa-lahan", "pilkades", "karhutla", "banjir")


@lru_cache(maxsize=1)
def outcomes() -> dict[str, Outcome]:
    texts, model = authored(), nlp.load()
    items = policy.unit_rows(model.embed(list(texts.items)))
    everyday = policy.unit_rows(model.embed([ItemText("", text=text) for text in background()]))
    return {
        key: outcome(
            by_floor(vectors_of(topic, model.embed), items, everyday), np.array([one == key for one in texts.of])
        )
        for key, topic in texts.topics.items()
    }


@pytest.mark.parametrize("key", TOPICS)
def test_between_elections_topics_find_what_a_region_lives_with(key: str) -> None:
    """On an empty store, among the texts of the other topics, near misses and everyday news."""
    found = outcomes()[key]
    assert found.texts >= 40
    assert found.recall >= 0.5
    # F1, and no bound for each: where the floor stands between the two depends on the model's embeddings
    assert 2 * found.right / (found.found + found.texts) >= 0.6


def test_precision_is_that_of_a_store_in_which_the_topic_is_rare() -> None:
    """Ten of ten texts found and one of a hundred others: one text in eleven here, one in two at one in a hundred."""
    found = Outcome(texts=10, others=100, found=11, right=10)
    assert found.precision == pytest.approx(10 / 11)
    assert found.precision_at(0.01) == pytest.approx(0.01 / (0.01 + 0.01 * 0.99))
    assert found.precision_at(0.001) < 0.1
    assert Outcome(10, 100, 0, 0).precision_at(0.01) == 0
    floors = outcomes().values()
    assert all(one.precision_at(0.01) < 0.3 < one.precision for one in floors)  # what docs/topics.md says of it


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_no_held_out_text_is_an_example_or_everyday_news() -> None:
    rows = _rows(AUTHORED)
    held_out = [row["text"] for row in rows if row["part"] == "held-out"]
    assert len(set(held_out)) == len(held_out)
    seen = {row["text"] for row in rows if row["part"] == "example"} | set(background())
    assert not seen & set(held_out)


def test_the_sample_topics_may_be_added_and_stand_in_the_docs() -> None:
    docs = (REPOSITORY / "docs" / "topics.md").read_text(encoding="utf-8")
    for topic in authored().topics.values():
        assert name_problem(topic.title, topic.description, topic.examples) is None
        assert topic.title in docs
        assert all(example in docs for example in topic.examples)
