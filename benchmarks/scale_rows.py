"""A store filled with made-up rows, as many as wanted: what years of a desk's work leave behind, without a text of
anybody's.

500 items a day over 38 provinces and 514 kabupaten, unevenly: one kabupaten has a sixth of everything, and the next
ones ever less. Three items of ten stand in the story of the one before. One in fifty is an office's notice in one
wording, so that thousands share its bands; one in fifty has no date. Bands, rare words and embeddings of the rest are
drawn by chance: only their number and spread are as in life.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, insert

from waspada.alerts.regions import holders
from waspada.items.repository import tag_columns
from waspada.items.types import Stage
from waspada.places import Place, PlaceLevel, regions
from waspada.store import Store
from waspada.store.tables import (
    AlertPlaceRow,
    AlertRegionRow,
    AlertRow,
    BandRow,
    Base,
    FingerprintRow,
    ItemRow,
    ItemVersionRow,
    PlaceRow,
    SourceRow,
    StoryItemRow,
    StoryPlaceRow,
    StoryRow,
    TagRow,
)
from waspada.stories.fingerprint import BANDS, bands, shingles
from waspada.stories.groups import group_bits
from waspada.stories.terms import MAX_TERMS, bucket, pack
from waspada.taxonomy import EMBEDDING_DIM, Aux, Label, LabelTag, Tags

#: The moment of the newest stored item; probes come after it.
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ITEMS_A_DAY = 500
SOURCES = 60
NOTICE_EVERY = 50
UNDATED_EVERY = 50
#: Shares of items with an event label, and of those with alert level 1 or more among them.
EVENTFUL, ALARMING = 0.25, 0.4
_JOINS = 0.3
_CHUNK = 5_000
_SYLLABLES = [
    begin + vowel + end
    for begin in ("b", "c", "d", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "w", "ny", "ng", "pr", "tr", "")
    for vowel in "aiueo"
    for end in ("", "n", "ng", "r", "s", "k", "t", "l", "m", "h")
]


def words(count: int, chance: random.Random) -> list[str]:
    """Made-up words, few of them often (Zipf, Mandelbrot), with as many runs of letters as real headlines have."""
    return [_word(int(300 * (chance.paretovariate(1.0) - 1))) for _ in range(count)]


@lru_cache(maxsize=200_000)
def _word(rank: int) -> str:
    """The same word for a rank always: two to four syllables, fewer for the commonest."""
    chance = random.Random(rank)
    return "".join(chance.choices(_SYLLABLES, k=2 if rank < 300 else chance.randint(2, 4)))


def sentence(count: int, chance: random.Random) -> str:
    return " ".join(words(count, chance)).capitalize() + "."


def notice(number: int) -> str:
    """An office's notice in one wording: all but its figures are the same."""
    body = " ".join(_word(7 * n + 11) for n in range(90))
    return f"{body} nomor {number} tanggal {number % 28 + 1} pukul {number % 12}"


@dataclass(slots=True)
class Filler:
    """Draws rows; the same seed gives the same rows."""

    seed: int = 1
    chance: random.Random = field(init=False)
    numbers: np.random.Generator = field(init=False)
    places: list[Place] = field(init=False)
    weights: list[float] = field(init=False)
    pool: list[Tags] = field(init=False)
    packed: list[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.numbers = np.random.default_rng(self.seed)
        self.places = [one for one in regions() if one.level is PlaceLevel.REGENCY]
        self.chance.shuffle(self.places)
        self.weights = [1.0 / (n + 1) for n in range(len(self.places))]
        self.pool = [self._tags() for _ in range(400)]
        self.packed = [self._terms() for _ in range(2_000)]

    def place(self) -> Place:
        """A kabupaten or kota, the busy ones often."""
        return self.chance.choices(self.places, self.weights)[0]

    def _tags(self) -> Tags:
        on = {self.chance.choice(list(Label))} if self.chance.random() < EVENTFUL else set()
        vector = self.numbers.standard_normal(EMBEDDING_DIM).astype(np.float32)
        return Tags(
            id="",
            model="made-up",
            labels={label: LabelTag(0.9 if label in on else 0.05, label in on) for label in Label},
            aux={aux: LabelTag(0.05, False) for aux in Aux},
            conflict_level=int(Label.CONFLICT in on),
            alert_level=self.chance.randint(1, 3) if on and self.chance.random() < ALARMING else 0,
            embedding=vector / np.linalg.norm(vector),
        )

    def _terms(self) -> bytes:
        buckets = {bucket(word) for word in words(2 * MAX_TERMS, self.chance)}
        weights = self.numbers.random(len(buckets)) + 0.1
        weights /= np.linalg.norm(weights)
        return pack(dict(zip(sorted(buckets)[:MAX_TERMS], weights.tolist(), strict=False)))


def fill(store: Store, items: int, filler: Filler) -> None:
    """Puts so many grouped items with their stories and alerts into an empty store, the newest at `NOW`."""
    index = next(index for index in _table(BandRow).indexes if [c.name for c in index.columns] == ["item_id"])
    with store.engine.begin() as connection:
        _insert(connection, SourceRow, map(_source, range(SOURCES)))
        index.drop(connection)  # millions of rows come in the order of another column
        for start in range(0, items, _CHUNK):
            _fill(connection, range(start, min(start + _CHUNK, items)), items, filler)
        _fill_bands(connection, items, filler.numbers)
        index.create(connection)


def _source(number: int) -> dict[str, Any]:
    name = f"media-{number}"
    return {
        "id": name,
        "name": name,
        "outlet": name,
        "url": f"https://{name}.example/feed",
        "kind": "rss",
        "region": "63",
        "added_at": NOW,
        "next_poll_at": NOW,
    }


def _fill(connection: Connection, numbers: range, items: int, filler: Filler) -> None:
    """Items `numbers` of `items`, and the stories that they open. A story has the id of the item that opened it."""
    rows: dict[type[Base], list[dict[str, Any]]] = {
        of: []
        for of in (
            *(ItemRow, ItemVersionRow, TagRow, PlaceRow, StoryRow, StoryItemRow, FingerprintRow, StoryPlaceRow),
            *(AlertRow, AlertPlaceRow, AlertRegionRow),
        )
    }
    story, region = 0, ""
    for number in numbers:
        at = NOW - timedelta(days=(items - number) / ITEMS_A_DAY)
        tags = filler.chance.choice(filler.pool)
        is_first = not story or filler.chance.random() > _JOINS
        if is_first:
            story, region = number + 1, filler.place().code
            _open_story(rows, story, region, at, tags)
        _add_item(rows, number, story, region, at, tags, filler, is_first)
    for of, found in rows.items():
        _insert(connection, of, found)


def _open_story(
    rows: dict[type[Base], list[dict[str, Any]]], story: int, region: str, at: datetime, tags: Tags
) -> None:
    rows[StoryRow].append({"id": story, "opened_at": at, "last_item_at": at, "headline": "Judul", "stale": False})
    eventful = bool(tags.on())
    for code in (region, region[:2]):
        rows[StoryPlaceRow].append(
            {
                "code": code,
                "story_id": story,
                "first_item_at": at,
                "last_item_at": at,
                "eventful": eventful,
                "label_groups": group_bits(tags.on()),
            }
        )
    if tags.alert_level:
        label = tags.on()[0].value
        rows[AlertRow].append(
            {
                "id": story,
                "story_id": story,
                "label": label,
                "level": tags.alert_level,
                "score": 10.0 * tags.alert_level,
                "parts": {"level": 10.0 * tags.alert_level},
                "confidence": 0.9,
                "headline": "Judul",
                "why": "",
                "labels": {label: 0.9},
                "item_count": 1,
                "outlet_count": 1,
                "voice_count": 0,
                **dict.fromkeys(("opened_at", "changed_at", "last_item_at", "ranked_at"), at),
            }
        )
        rows[AlertPlaceRow].append({"alert_id": story, "code": region, "position": 0})
        rows[AlertRegionRow] += [
            {"alert_id": story, "code": code, "score": 10.0 * tags.alert_level} for code in holders(region)
        ]


def _add_item(
    rows: dict[type[Base], list[dict[str, Any]]],
    number: int,
    story: int,
    region: str,
    at: datetime,
    tags: Tags,
    filler: Filler,
    is_first: bool,
) -> None:
    id_, outlet = number + 1, f"media-{number % SOURCES}"
    text = notice(number) if number % NOTICE_EVERY == 0 else f"Teks {number}."
    rows[ItemRow].append(
        {
            "id": id_,
            "source_id": outlet,
            "kind": "article",
            "outlet": outlet,
            "url": f"https://{outlet}.example/{id_}",
            "url_key": f"{id_:064d}",
            "title": f"Judul {number}",
            "published_at": None if number % UNDATED_EVERY == 1 else at,
            "found_at": at,
            "stage": Stage.GROUPED,
        }
    )
    rows[ItemVersionRow].append(
        {"item_id": id_, "version": 1, "title": f"Judul {number}", "text": text, "sha256": f"{id_:064d}", "seen_at": at}
    )
    rows[TagRow].append({"item_id": id_, "version": 1, "model": tags.model, "tagged_at": at, **tag_columns(tags)})
    rows[PlaceRow].append(
        {
            "item_id": id_,
            "code": region,
            "name": region,
            "level": PlaceLevel.REGENCY,
            "mention": region,
            "field": "text",
        }
        | {"start": 0, "end": 5}
    )
    how = "first" if is_first else "event"
    rows[StoryItemRow].append({"item_id": id_, "story_id": story, "how": how, "likeness": 1.0, "at": at})
    labels = sorted(label.value for label in tags.on() if label is not Label.ELECTION)
    packed = filler.chance.choice(filler.packed)
    rows[FingerprintRow].append({"item_id": id_, "terms": packed, "regions": [region], "labels": labels})


def _fill_bands(connection: Connection, items: int, numbers: np.random.Generator) -> None:
    """Bands of all items in the order of their values: an index that is written in order is written once."""
    info = np.iinfo(np.int64)
    values = numbers.integers(info.min, info.max, size=(items, BANDS), dtype=np.int64)
    values[::NOTICE_EVERY] = bands(shingles("", notice(0)))
    order = np.argsort(values, axis=None, kind="stable")
    flat, ids = values.ravel(), np.repeat(np.arange(1, items + 1), BANDS)
    for start in range(0, len(order), 20 * _CHUNK):
        part = order[start : start + 20 * _CHUNK]
        pairs: Sequence[tuple[int, int]] = list(zip(flat[part].tolist(), ids[part].tolist(), strict=True))
        _insert(connection, BandRow, ({"value": value, "item_id": id_} for value, id_ in pairs))


def _insert(connection: Connection, of: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    found = list(rows)
    if found:
        connection.execute(insert(_table(of)), found)


def _table(of: type[Base]) -> Table:
    table = of.__table__
    assert isinstance(table, Table)
    return table
