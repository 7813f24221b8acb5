"""The items that ranking is measured on: gold on a time line, alone or among unlabelled news.

Most gold items have no date and the rest are spread over eleven years, so that real days say nothing: every item is
put on a day and a time of day by the hash of its text. Items that copy each other (Jaccard from 0.6, the "sure copies"
of `waspada/stories/policy.py`) stay on one day, in their order. Real reports of one event in other words are torn
apart by this; dates within texts stay as they were. The days are calm ones: no vote is near.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.shared import NotRunError
from nlp.labelled import text_key
from waspada.clock import DEFAULT_ZONE
from waspada.items.jsonl import JsonlItem
from waspada.stories.fingerprint import bands, jaccard, shingles
from waspada.stories.policy import SURE_JACCARD
from waspada.taxonomy import ItemKind

#: A day begins at 00:00 here, in the zone of the pilot; 28 days from this one no region votes.
FIRST_DAY = datetime(2026, 2, 1, tzinfo=DEFAULT_ZONE)
DAYS = 28
#: Gold dev has so many items; a larger set gets more days, so that a day stays as full.
DEV_ITEMS = 653
#: From this Jaccard on a piece of news is taken for a gold item and left out.
NEAR_GOLD = 0.5
#: Files of `news/` and what their rows are; as many are drawn from each as it has of all rows.
NEWS = {
    "articles.jsonl.gz": ItemKind.ARTICLE,
    "headlines.jsonl.gz": ItemKind.ARTICLE,
    "posts.jsonl.gz": ItemKind.POST,
}
_SEED = 20260
_DAY_SECONDS = 24 * 60 * 60
#: Fields of the codebook that say that something happens; a prevention speech has none of them.
_HAPPENS = ("conflict", "polarization", "neutrality", "misinformation", "fraud", "logistics", "disaster")
_PREVENTION_POOL = "third:prevention"


@dataclass(frozen=True, slots=True)
class GoldItem:
    """A labelled item; `key` is the SHA-1 of its normalised text.

    `is_prevention`: a speech, drill or appeal against what it names, chosen by pool and labels alone: its pool is that
    of prevention, no field of the codebook says that anything happens, its alert level is 0 or 1.
    """

    key: str
    item: JsonlItem
    level: int
    is_prevention: bool


def read_gold(path: Path) -> list[GoldItem]:
    """Items of a gold file, each text once. Raises NotRunError where the file is not there."""
    if not path.is_file():
        raise NotRunError(f"{path} is not there; set WASPADA_DATA to the folder that holds gold/ and news/")
    found = {item.key: item for line in path.read_text("utf-8").splitlines() for item in (_gold(json.loads(line)),)}
    return list(found.values())


def _gold(row: Mapping[str, Any]) -> GoldItem:
    labels = row["labels"]
    happens = any(labels[name] for name in _HAPPENS)
    return GoldItem(
        key=text_key(row.get("title") or "", row.get("text") or ""),
        item=_item(row, ItemKind(row["kind"]), str(row["id"])),
        level=labels["alert"],
        is_prevention=row["pool"] == _PREVENTION_POOL and not happens and labels["alert"] <= 1,
    )


def read_distractors(folder: Path, count: int, gold: Sequence[GoldItem]) -> list[JsonlItem]:
    """So many pieces of news by chance, from each file as many as it has of all rows, none equal or near to gold.

    The id of each is the SHA-1 of its normalised text. The same data give the same draw; a smaller one is not a part
    of a larger one. Raises NotRunError where a file is not there.
    """
    missing = [name for name in NEWS if not (folder / name).is_file()]
    if missing:
        raise NotRunError(f"{folder / missing[0]} is not there; set WASPADA_DATA to the folder that holds news/")
    rows = {name: list(_unique(folder / name, kind)) for name, kind in NEWS.items()}
    total = sum(map(len, rows.values()))
    near_gold, chance = _NearGold(gold), random.Random(_SEED)
    drawn: dict[str, JsonlItem] = {}
    for of_file in rows.values():
        wanted = len(drawn) + round(count * len(of_file) / total)
        for item in chance.sample(of_file, len(of_file)):
            if len(drawn) >= wanted:
                break
            if item.id not in drawn and not near_gold.has(item):
                drawn[item.id] = item
    return list(drawn.values())


def _unique(path: Path, kind: ItemKind) -> Iterator[JsonlItem]:
    seen: set[str] = set()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            key = text_key(row.get("title") or "", row.get("text") or "")
            if key not in seen:
                seen.add(key)
                yield _item(row, kind, key)


def _item(row: Mapping[str, Any], kind: ItemKind, id_: str) -> JsonlItem:
    """A post is taken for a voice of its own: who wrote it is not known."""
    voice = id_ if kind is ItemKind.POST else None
    return JsonlItem(0, id_, row.get("title") or "", row.get("text") or "", kind, None, None, row.get("outlet"), voice)


class _NearGold:
    """Whether a text is, or nearly is, one of gold: by its key, or by shingles through the words they share."""

    def __init__(self, gold: Sequence[GoldItem]) -> None:
        self._keys = {one.key for one in gold}
        self._shingles = [shingles(one.item.title, one.item.text) for one in gold]
        self._having: dict[str, list[int]] = defaultdict(list)
        for number, own in enumerate(self._shingles):
            for shingle in own:
                self._having[shingle].append(number)

    def has(self, item: JsonlItem) -> bool:
        if item.id in self._keys:
            return True
        own = shingles(item.title, item.text)
        common: dict[int, int] = defaultdict(int)
        for shingle in own:
            for number in self._having.get(shingle, ()):
                common[number] += 1
        return any(n / (len(own) + len(self._shingles[number]) - n) >= NEAR_GOLD for number, n in common.items())


def days_for(items: int) -> int:
    """How many days so many gold items are spread over: 28 for dev, as full days for a larger set."""
    return max(DAYS, round(DAYS * items / DEV_ITEMS))


def on_time_line(items: Sequence[JsonlItem], days: int) -> list[JsonlItem]:
    """The items with a time of publication and a line number, in the order given; each day has 24 hours of them.

    What stands on which day depends on the texts alone: adding items moves none, unless a new one copies it.
    """
    at: dict[int, datetime] = {}
    for group in _copies(items):
        keys = [_hash(text_key(items[n].title, items[n].text)) for n in group]
        day = FIRST_DAY + timedelta(days=min(keys) % days)
        seconds = sorted(key // days % _DAY_SECONDS for key in keys)
        at.update({n: day + timedelta(seconds=second) for n, second in zip(sorted(group), seconds, strict=True)})
    return [replace(item, line=n + 1, published_at=at[n]) for n, item in enumerate(items)]


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")


def _copies(items: Sequence[JsonlItem]) -> Iterable[list[int]]:
    """Positions of the items in groups: those that copy each other together, directly or through others."""
    own = [shingles(item.title, item.text) for item in items]
    first = list(range(len(items)))

    def root(n: int) -> int:
        while first[n] != n:
            first[n] = first[first[n]]
            n = first[n]
        return n

    sharing: dict[int, list[int]] = defaultdict(list)
    for n, of in enumerate(own):
        for band in bands(of):
            sharing[band].append(n)
    for positions in sharing.values():
        for n in positions[1:]:
            if root(n) != root(positions[0]) and jaccard(own[n], own[positions[0]]) >= SURE_JACCARD:
                first[root(n)] = root(positions[0])
    groups: dict[int, list[int]] = defaultdict(list)
    for n in range(len(items)):
        groups[root(n)].append(n)
    return groups.values()
