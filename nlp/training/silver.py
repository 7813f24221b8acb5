"""Labels of this codebook for texts that stay with their publishers: a table of hashes, looked up in the data at hand.

`silver/labels.csv` holds, for each item, the SHA-1 of its normalised text (`nlp.labelled.text_key`), the ten fields of
the codebook as ten digits, its kind, how it was picked and how many times it was read. Without the files under `news/`
nothing is found, and training goes on with less.
"""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from nlp.labelled import LabelledItem, text_key
from nlp.training.corpus import NEWS_FILES
from waspada.errors import InputError
from waspada.taxonomy import FIELDS, ItemKind, ItemText

LABELS = Path(__file__).with_name("silver") / "labels.csv"
_COLUMNS = ("key", "labels", "kind", "pool", "passes")


@dataclass(frozen=True, slots=True)
class SilverLabel:
    """One line of the table; `labels` by field of the codebook."""

    key: str
    labels: dict[str, int]
    kind: ItemKind
    pool: str
    passes: int


def read_labels(path: Path = LABELS) -> dict[str, SilverLabel]:
    """The table by hash. Raises InputError with the line where one cannot be read."""
    with path.open(encoding="utf-8", newline="") as file:
        table: dict[str, SilverLabel] = {}
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                label = _label(row)
            except (KeyError, ValueError, TypeError) as error:
                raise InputError(
                    f"{path.name}, line {number}: {error!r}.", hint=f"A line holds {', '.join(_COLUMNS)}."
                ) from error
            table[label.key] = label
    return table


def read_silver(data_dir: Path, path: Path = LABELS) -> list[LabelledItem]:
    """The items of `data_dir/news/` that the table knows, in the order of the files; each text once."""
    table = read_labels(path)
    found: dict[str, LabelledItem] = {}
    for name in NEWS_FILES:
        source = data_dir / "news" / name
        if not source.exists():
            continue
        with gzip.open(source, "rt", encoding="utf-8") as lines:
            for line in lines:
                raw = json.loads(line)
                title, text = raw.get("title") or "", raw.get("text") or ""
                key = text_key(title, text)
                label = table.get(key)
                if label is not None and key not in found:
                    item = ItemText(f"s{len(found):05d}", title, text, label.kind)
                    found[key] = LabelledItem(item, label.labels, key, label.pool)
    return list(found.values())


def _label(row: dict[str, str]) -> SilverLabel:
    digits = [int(digit) for digit in row["labels"]]
    labels = dict(zip(FIELDS, digits, strict=True))
    wrong = [f"{field}={value}" for field, value in labels.items() if value > FIELDS[field]]
    if wrong:
        raise ValueError(f"{', '.join(wrong)} is outside the codebook")
    return SilverLabel(row["key"], labels, ItemKind(row["kind"]), row["pool"], int(row["passes"]))
