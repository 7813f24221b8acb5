"""How well items become stories: B-cubed on news grouped by hand and on the demo's items, beside simpler ways.

    python -m benchmarks.stories [--sets demo,tune,judgeA,judgeB]

`benchmarks/data/stories_gold.csv` holds the groupings: the SHA-1 of an item's normalised words, its set, its story; the
rule stands in docs/stories.md, the texts in news/articles.jsonl.gz of the data folder (WASPADA_DATA). Weights and
thresholds, the peers' as well, were chosen on the demo and on `tune`; `judgeA` and `judgeB` judge. Ours is the real
way: tagged by the shipped model, grouped by the stage of the service one after another, and repaired. The dates are
days without a time; within a day items come in the order of their hashes. B-cubed (Bagga and Baldwin 1998) counts every
item the same, so that items alone weigh much; the figures of items of stories with two or more, and of pairs, do
without them.
Intervals are 95 % bootstrap intervals over items.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import comb
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.shared import DATA, NotRunError, in_digits, results, table_of, verdict
from benchmarks.tag_cache import CachedTagger
from nlp.evaluation.metrics import Estimate, bootstrap_weights, interval
from nlp.labelled import text_key
from waspada.cli.demo.world import DemoItem, World
from waspada.cli.outlets import outlets_by_name
from waspada.clock import parse_when, utc_now
from waspada.items.jsonl import JsonlItem
from waspada.jobs.replay import Outlet, Replay
from waspada.settings import load_settings
from waspada.stories.fingerprint import jaccard, shingles
from waspada.stories.policy import COPY_JACCARD
from waspada.stories.repository import unit_vector
from waspada.stories.terms import cosine, terms
from waspada.taxonomy import ItemKind, Tagger

FLOOR, GOAL = 0.85, 0.94
GOLD = Path(__file__).parent / "data" / "stories_gold.csv"
DEMO, SETS = "demo", ("demo", "tune", "judgeA", "judgeB")
#: Where the peers do best on `tune`.
TFIDF_COSINE, EMBEDDING_COSINE = 0.3, 0.7
#: Some day, so that the demo's texts, which name days, are the same in every run.
DEMO_NOW = datetime(2026, 11, 1, tzinfo=UTC)
_REPLICATES = 1000
_NOON = "T12:00"

Grouping = list[int]


@dataclass(frozen=True, slots=True)
class Gold:
    """Items in the order they happened, with the story of each, and what is known of their outlets."""

    items: Sequence[JsonlItem]
    stories: Sequence[str]
    outlets: Mapping[str, Outlet]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", default=",".join(SETS), help="which, of " + ", ".join(SETS))
    names = parser.parse_args().sets.split(",")
    tagger = CachedTagger()
    for name in names:
        try:
            show(name, demo() if name == DEMO else by_hand(name), tagger)
        except NotRunError as error:
            results.print(f"{name}: not run: {error}")


def show(name: str, gold: Gold, tagger: Tagger) -> None:
    """Prints a table of one set."""
    table = table_of(
        f"{name}: {len(gold.items)} items, {len(set(gold.stories))} stories",
        "way",
        "precision",
        "recall",
        "B-cubed F1",
        "of stories of 2 or more",
        "pairs F1",
        "",
    )
    for way, group in ways(tagger).items():
        found = group(gold)
        precision, recall, f1 = measured(gold.stories, found)
        many = of_many(gold.stories, found)
        judged = verdict(f1.value, FLOOR, GOAL) if way == "waspada" else ""
        pairs = pair_f1(gold.stories, found)
        table.add_row(way, f"{precision:.3f}", f"{recall:.3f}", in_digits(f1), f"{many:.3f}", f"{pairs:.3f}", judged)
    results.print(table)


def ways(tagger: Tagger) -> dict[str, Callable[[Gold], Grouping]]:
    return {
        "waspada": lambda gold: grouped(gold, tagger),
        "near-duplicates only": near_duplicates,
        "every item by itself": lambda gold: list(range(len(gold.items))),
        f"TF-IDF, single link at {TFIDF_COSINE}": by_terms,
        f"embedding, single link at {EMBEDDING_COSINE}": lambda gold: by_embedding(gold, tagger),
    }


def demo() -> Gold:
    world = World(DEMO_NOW)
    outlets = {o.name.lower(): Outlet(home=o.region, role=o.role) for o in world.outlets.values()}
    items = [_line(world, line, item) for line, item in enumerate(world.items, start=1)]
    return Gold(items, [item.story or item.id for item in world.items], outlets)


def by_hand(name: str) -> Gold:
    """The items of a set. Raises NotRunError where their texts are absent, or some of them."""
    source = DATA / "news" / "articles.jsonl.gz"
    if not source.exists():
        raise NotRunError(f"{source} is not there (name the data folder in WASPADA_DATA)")
    with GOLD.open(encoding="utf-8", newline="") as file:
        story_of = {row["sha1"]: row["story"] for row in csv.DictReader(file) if row["set"] == name}
    if not story_of:
        raise NotRunError(f"{GOLD.name} has no set of this name")
    found: dict[str, JsonlItem] = {}
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            key = text_key(row.get("title") or "", row.get("text") or "")
            if key in story_of and key not in found:
                found[key] = _article(key, row)
    if missing := len(story_of) - len(found):
        raise NotRunError(f"{missing} of {len(story_of)} texts are not in {source.name}")
    ordered = sorted(found, key=lambda key: (found[key].published_at or datetime.max.replace(tzinfo=UTC), key))
    items = [replace(found[key], line=line) for line, key in enumerate(ordered, start=1)]
    return Gold(items, [story_of[key] for key in ordered], outlets_by_name(load_settings()))


def _article(key: str, row: Mapping[str, str]) -> JsonlItem:
    when = parse_when(f"{row['date'][:10]}{_NOON}")
    return JsonlItem(
        line=0,
        id=key,
        title=row.get("title") or "",
        text=row.get("text") or "",
        outlet=row.get("outlet"),
        published_at=when,
    )


def _line(world: World, line: int, item: DemoItem) -> JsonlItem:
    return JsonlItem(
        line=line,
        id=item.id,
        title=item.title,
        text=item.text,
        kind=ItemKind.POST if item.author else ItemKind.ARTICLE,
        published_at=item.published_at,
        outlet=world.outlets[item.outlet].name,
        voice=item.author or None,
    )


def grouped(gold: Gold, tagger: Tagger) -> Grouping:
    replay = Replay(tagger, gold.outlets)
    try:
        replay.load(gold.items, utc_now())
        replay.group(utc_now())
        replay.repair(utc_now())
        stories = replay.stories()
    finally:
        replay.close()
    return [stories[item.line] for item in gold.items]


def near_duplicates(gold: Gold) -> Grouping:
    """Each item joins the first earlier one that it copies."""
    stories: Grouping = []
    seen: list[frozenset[str]] = []
    for number, item in enumerate(gold.items):
        own = shingles(item.title, item.text)
        copied = (stories[n] for n, other in enumerate(seen) if jaccard(own, other) >= COPY_JACCARD)
        stories.append(next(copied, number))
        seen.append(own)
    return stories


def by_terms(gold: Gold) -> Grouping:
    vectors = [terms(item.title, item.text) for item in gold.items]
    return _linked(len(vectors), lambda a, b: cosine(vectors[a], vectors[b]) >= TFIDF_COSINE)


def by_embedding(gold: Gold, tagger: Tagger) -> Grouping:
    tags = tagger.classify([item.as_text() for item in gold.items])
    vectors = [unit_vector(tag.embedding) for tag in tags]
    matrix = np.array([np.zeros(len(tags[0].embedding)) if each is None else each for each in vectors])
    alike = matrix @ matrix.T
    return _linked(len(tags), lambda a, b: bool(alike[a, b] >= EMBEDDING_COSINE))


def _linked(count: int, are_one: Callable[[int, int], bool]) -> Grouping:
    """Single link: whoever is linked to one of a group belongs to it."""
    group = list(range(count))
    for a in range(count):
        for b in range(a):
            if group[a] != group[b] and are_one(a, b):
                old, new = group[a], group[b]
                group = [new if each == old else each for each in group]
    return group


def b_cubed(truth: Sequence[object], found: Sequence[object]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Precision and recall (n,) of each item's group against its true one."""
    sizes, made = Counter(truth), Counter(found)
    common = Counter(zip(truth, found, strict=True))
    pairs = list(zip(truth, found, strict=True))
    precision = np.array([common[pair] / made[pair[1]] for pair in pairs])
    recall = np.array([common[pair] / sizes[pair[0]] for pair in pairs])
    return precision, recall


def measured(truth: Sequence[object], found: Sequence[object]) -> tuple[float, float, Estimate]:
    """Mean precision and recall, and their F1 with its interval."""
    precision, recall = b_cubed(truth, found)
    weights = bootstrap_weights(len(truth), _REPLICATES, np.random.default_rng(0)) / len(truth)
    f1s = _f1(weights @ precision, weights @ recall)
    p, r = float(precision.mean()), float(recall.mean())
    return p, r, interval(float(_f1(np.array(p), np.array(r))), f1s)


def _f1(precision: NDArray[np.float64], recall: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(2 * precision * recall / (precision + recall))


def of_many(truth: Sequence[object], found: Sequence[object]) -> float:
    """B-cubed F1 over the items of true stories with two or more, in their groups among all items."""
    precision, recall = b_cubed(truth, found)
    sizes = Counter(truth)
    many = np.array([sizes[story] > 1 for story in truth])
    if not many.any():
        return 1.0
    return float(_f1(precision[many].mean(), recall[many].mean()))


def pair_f1(truth: Iterable[object], found: Iterable[object]) -> float:
    """F1 of the pairs that share a group; 1 where there are none."""
    truth, found = list(truth), list(found)
    right, made = _pairs(truth), _pairs(found)
    common = _pairs(list(zip(truth, found, strict=True)))
    return 2 * common / (right + made) if right + made else 1.0


def _pairs(groups: Sequence[object]) -> int:
    sizes: dict[object, int] = defaultdict(int)
    for group in groups:
        sizes[group] += 1
    return sum(comb(size, 2) for size in sizes.values())


if __name__ == "__main__":
    main()
