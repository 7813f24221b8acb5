"""Tags kept between runs of a benchmark, so that a text is read by a model once.

They lie outside the repository (`~/.cache/waspada-bench`, or WASPADA_BENCH_CACHE), for evidence quotes texts. They are
kept by a hash of what the tagger reads, of the model's files and of the fields of `Tags`: another model, or a tag with
a new field, begins anew. Places are not kept, for the gazetteer is no part of the model: they are looked for in every
run. A change of the code that reads a model (`nlp/`) is not noticed: remove the folder then.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path

import nlp
from nlp.places import places_of
from waspada.taxonomy import ItemText, Tags

_BATCH = 64
_TABLE = "CREATE TABLE IF NOT EXISTS tags (key TEXT PRIMARY KEY, tags BLOB NOT NULL)"


def cache_folder() -> Path:
    """Where kept tags lie; made when it is not there."""
    folder = Path(os.environ.get("WASPADA_BENCH_CACHE") or Path.home() / ".cache" / "waspada-bench")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class CachedTagger:
    """A `waspada.taxonomy.Tagger` that reads each text once; may be stopped at any time and goes on where it was."""

    def __init__(self, model: Path | None = None, folder: Path | None = None) -> None:
        path = model or nlp.shipped(nlp.DEFAULT_MODEL)
        self._tagger = nlp.load(path)
        self._begins = f"{_digest_of(path)}|{','.join(field.name for field in fields(Tags))}"
        self._kept = sqlite3.connect((folder or cache_folder()) / "tags.sqlite", timeout=60)
        self._kept.execute(_TABLE)

    @property
    def model(self) -> str:
        return self._tagger.model

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        """Tags in the order of the items, from the cache where they are there."""
        keys = [self._key(item) for item in items]
        known = {key: tags for key in set(keys) if (tags := self._find(key)) is not None}
        known |= self._read({key: item for key, item in zip(keys, items, strict=True) if key not in known})
        return [
            replace(known[key], id=item.id, places=tuple(places_of(item)))
            for key, item in zip(keys, items, strict=True)
        ]

    def read_ahead(self, items: Sequence[ItemText], step: Callable[[int], None]) -> None:
        """Reads what is not kept yet, without looking for places; `step` is called with the number of items done."""
        for at in range(0, len(items), _BATCH):
            self._read({self._key(item): item for item in self.missing(items[at : at + _BATCH])})
            step(min(_BATCH, len(items) - at))

    def missing(self, items: Sequence[ItemText]) -> list[ItemText]:
        """Those that were never read."""
        return [item for item in items if self._find(self._key(item)) is None]

    def close(self) -> None:
        self._kept.close()

    def _read(self, items: Mapping[str, ItemText]) -> dict[str, Tags]:
        """The tags of items that are not kept, by their keys; kept from now on."""
        tagged = self._tagger.classify(list(items.values()))
        found = {key: replace(tags, id="", places=()) for key, tags in zip(items, tagged, strict=True)}
        with self._kept:
            rows = [(key, pickle.dumps(tags)) for key, tags in found.items()]
            self._kept.executemany("INSERT OR REPLACE INTO tags VALUES (?, ?)", rows)
        return found

    def _find(self, key: str) -> Tags | None:
        row = self._kept.execute("SELECT tags FROM tags WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        tags = pickle.loads(row[0])  # noqa: S301 (written by this module alone)
        return tags if isinstance(tags, Tags) else None

    def _key(self, item: ItemText) -> str:
        """The home region is no part: it only helps to find places."""
        read = "\0".join((self._begins, item.kind, item.title, item.text))
        return hashlib.sha256(read.encode("utf-8", "surrogatepass")).hexdigest()


def _digest_of(model: Path) -> str:
    """SHA-256 over the files of a model folder that decide its tags."""
    digest = hashlib.sha256()
    for file in sorted(model.iterdir()):
        if file.suffix in {".npz", ".json"} and file.name != "metrics.json":
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()
