"""Labelled items: reading them, and the key by which copies of one text are kept together in any split."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from waspada.errors import InputError
from waspada.taxonomy import FIELDS, ItemKind, ItemText

#: An article is known again by its title or by so much of its text: texts are cut at various places.
BEGINNING_CHARS = 300
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class LabelledItem:
    """An item with the codebook's fields.

    `group` is shared by items that no split may part; `pool` says how the item was picked.
    """

    item: ItemText
    labels: dict[str, int]
    group: str
    pool: str


def read_labelled(path: Path) -> list[LabelledItem]:
    """Items of a JSONL file (`id`, `title`?, `text`?, `kind`?, `labels`, `pool`?, `pair`?). Raises InputError."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}).", hint="Name a folder with labelled data."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 ({error}).", hint="Save it as UTF-8.") from error
    return [_parse(line, path, number) for number, line in enumerate(lines, start=1) if line.strip()]


def values_of(rows: Sequence[LabelledItem], field: str) -> NDArray[np.int64]:
    """One field of the codebook for all rows (n,)."""
    return np.array([row.labels[field] for row in rows], dtype=np.int64)


def is_quiet(row: LabelledItem) -> bool:
    """No main label and alert 0: what must never be raised to level 2 or more."""
    return all(row.labels[f] == 0 for f in ("conflict", "polarization", "neutrality", "misinformation", "alert"))


def is_protected(row: LabelledItem) -> bool:
    """An authored text of protected speech (`pool` "protected:<kind>"): may not be raised to level 2 either."""
    return row.pool.startswith("protected:")


def text_key(*texts: str) -> str:
    """SHA-1 of the normalised text: lower case, runs of non-word characters as one space."""
    normal = _NOT_WORD.sub(" ", " ".join(texts).lower()).strip()
    return hashlib.sha1(normal.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file, to say later which data a figure was measured on."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _parse(line: str, path: Path, number: int) -> LabelledItem:
    try:
        raw: dict[str, Any] = json.loads(line)
        labels = {field: _whole(raw["labels"][field]) for field in FIELDS}
        kind = ItemKind(raw.get("kind") or ItemKind.ARTICLE)
        item = ItemText(str(raw["id"]), _text(raw.get("title")), _text(raw.get("text")), kind)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{path}, line {number}: not a labelled item ({error!r}).", hint="See docs/codebook.md."
        ) from error
    wrong = [f"{field}={value}" for field, value in labels.items() if not 0 <= value <= FIELDS[field]]
    if wrong:
        raise InputError(f"{path}, line {number}: {', '.join(wrong)} is outside the codebook.")
    group = str(raw.get("pair") or text_key(item.title, item.text))
    return LabelledItem(item, labels, group, str(raw.get("pool") or "-"))


def _whole(value: Any) -> int:
    if not isinstance(value, int):
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)


def _text(value: Any) -> str:
    if not isinstance(value, str | None):
        raise ValueError(f"{value!r} is not a text")
    return value or ""
