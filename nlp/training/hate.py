"""Training texts for the auxiliary head `hate`.

`alamsyah_toxicity_type` (MIT, the one public set whose licence allows shipped weights) marks threat, identity attack,
insult, profanity and sexual content. The first three count as hate; profanity and pornography alone do not. In that set
the clean texts carry links and the toxic ones do not, so links and handles are taken out of all texts. News and
authored texts that set no group against another are added as negatives: the set itself holds no news. That set's marks
say what is in a text, not at whom: all its texts were read again by the definition of Ibrohim and Budi (2019), and
those readings (`silver/hate_alamsyah_toxicity_type.csv`) stand for its own. Labels of our own for public posts stand in
`silver/hate.csv`, with the round in which they were read; both as hashes. Authored comments are in `authored/hate/`. A
share of all is said again in Banjarese (nlp/training/banjar.py).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nlp.labelled import LabelledItem, is_protected, text_key
from nlp.training.banjar import in_banjar, read_words
from nlp.training.corpus import news_items
from waspada.errors import InputError
from waspada.taxonomy import ItemKind, ItemText

#: Public set -> the labels of it that count as hate.
PUBLIC_SETS = {"alamsyah_toxicity_type": ("threat", "identity_attack", "insult"), "id_multilabel_hs": ("HS",)}
HATE_FILE = "alamsyah_toxicity_type.jsonl"
SILVER = Path(__file__).with_name("silver")
OWN_LABELS = SILVER / "hate.csv"
AUTHORED = Path(__file__).with_name("authored") / "hate"
_POSTS = "news/posts.jsonl.gz"
_CUE_OF_SOURCE = re.compile(r"(?:https?://|www\.)\S+|@\w+|=>|<=|\bRT\b")


@dataclass(frozen=True, slots=True)
class HateRow:
    """One text with its mark; `group` keeps copies together, `source` is the set it comes from, `language` as in ISO
    639; `read_again` says that the mark is a reading of ours and not the set's."""

    item: ItemText
    hateful: bool
    group: str
    source: str
    language: str = "id"
    read_again: bool = False


def read_hate(path: Path, readings: Path = SILVER) -> list[HateRow]:
    """A public set, without copies of one text. Its name says which of its labels count; where the folder `readings`
    has a file of our own for the set, what it says of a text stands."""
    rows: dict[str, HateRow] = {}
    counted = PUBLIC_SETS[path.stem]
    again = readings / f"hate_{path.stem}.csv"
    marks = _marks_by_key(again) if again.exists() else {}
    for raw in _lines(path):
        stated, key = any(raw["labels"][name] for name in counted), text_key(raw["text"])
        row = replace(_row(raw["id"], raw["text"], marks.get(key, stated), path.stem), read_again=key in marks)
        rows.setdefault(row.group, row)
    return list(rows.values())


def read_own_hate(data_dir: Path, path: Path = OWN_LABELS, least_round: int = 1) -> list[HateRow]:
    """Public posts of `data_dir` with labels of our own, from a round of reading on; none where the posts are
    absent."""
    source = data_dir / _POSTS
    if not source.exists():
        return []
    marks = _marks_by_key(path, least_round)
    rows: dict[str, HateRow] = {}
    for item in news_items([source]):
        key = text_key(item.text)
        if key in marks:
            row = _row(f"o{len(rows):04d}", item.text, marks[key], "own")
            rows.setdefault(row.group, row)
    return list(rows.values())


def read_authored_hate(paths: Sequence[Path] | None = None) -> list[HateRow]:
    """Comments written for this project, of some files or of all; look-alikes share a group."""
    return [
        replace(
            _row(raw["id"], raw["text"], bool(raw["hate"]), "authored"), group=raw["pair"], language=raw["language"]
        )
        for path in (sorted(AUTHORED.glob("*.jsonl")) if paths is None else paths)
        for raw in _lines(path)
    ]


def said_in_banjar(rows: Sequence[HateRow], share: float) -> list[HateRow]:
    """A share of the Indonesian rows once more, in Banjarese. Which, and how they are said, follows from their text
    alone."""
    if not share:
        return []
    words = read_words()
    again: list[HateRow] = []
    for row in rows:
        if row.language == "id":
            drawn = np.random.default_rng(int(text_key(row.item.text)[:16], 16))
            if drawn.random() < share:
                item = replace(row.item, id=f"{row.item.id}-bjn", text=in_banjar(row.item.text, words, drawn))
                again.append(replace(row, item=item, language="bjn"))
    return again


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a JSONL file. Raises InputError naming the line that is none."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise InputError(f"{path}, line {number}: not JSON ({error}).", hint="Mend that line.") from error


def _marks_by_key(path: Path, least_round: int = 1) -> dict[str, bool]:
    """A file without a column `round` was read in one."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if int(row.get("round", 1)) >= least_round]
    return {row["key"]: row["hate"] == "1" for row in rows}


def _row(name: str, text: str, hateful: bool, source: str) -> HateRow:
    plain = _CUE_OF_SOURCE.sub(" ", text)
    return HateRow(ItemText(name, "", plain, ItemKind.POST), hateful, text_key(plain), source)


def is_clean_news(row: LabelledItem) -> bool:
    """A text that may serve as a negative: an article, or an authored text, without polarization."""
    authored = row.pool == "-" or is_protected(row)
    return row.labels["polarization"] == 0 and (row.item.kind is ItemKind.ARTICLE or authored)
