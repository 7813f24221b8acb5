"""Training texts for the auxiliary head `hate`.

`alamsyah_toxicity_type` (MIT, the one public set whose licence allows shipped weights) marks threat, identity attack,
insult, profanity and sexual content. The first three count as hate; profanity and pornography alone do not. In that set
the clean texts carry links and the toxic ones do not, so links and handles are taken out of all texts. News and
authored texts that set no group against another are added as negatives: the set itself holds no news. Labels of our
own for public posts stand in `silver/hate.csv` (as hashes), authored comments in `authored/hate/`.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

from nlp.labelled import LabelledItem, is_protected, text_key
from nlp.training.corpus import news_items
from waspada.taxonomy import ItemKind, ItemText

#: Public set -> the labels of it that count as hate.
PUBLIC_SETS = {"alamsyah_toxicity_type": ("threat", "identity_attack", "insult"), "id_multilabel_hs": ("HS",)}
HATE_FILE = "alamsyah_toxicity_type.jsonl"
OWN_LABELS = Path(__file__).with_name("silver") / "hate.csv"
AUTHORED = Path(__file__).with_name("authored") / "hate"
_POSTS = "news/posts.jsonl.gz"
_CUE_OF_SOURCE = re.compile(r"(?:https?://|www\.)\S+|@\w+|=>|<=|\bRT\b")


@dataclass(frozen=True, slots=True)
class HateRow:
    """One text with its mark; `group` keeps copies together, `source` is the set it comes from."""

    item: ItemText
    hateful: bool
    group: str
    source: str


def read_hate(path: Path) -> list[HateRow]:
    """A public set, without copies of one text. Its name says which of its labels count."""
    rows: dict[str, HateRow] = {}
    counted = PUBLIC_SETS[path.stem]
    for line in path.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        row = _row(raw["id"], raw["text"], any(raw["labels"][name] for name in counted), path.stem)
        rows.setdefault(row.group, row)
    return list(rows.values())


def read_own_hate(data_dir: Path, path: Path = OWN_LABELS) -> list[HateRow]:
    """Public posts of `data_dir` with labels of our own; none where the posts are absent."""
    source = data_dir / _POSTS
    if not source.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        marks = {row["key"]: row["hate"] == "1" for row in csv.DictReader(file)}
    rows: dict[str, HateRow] = {}
    for item in news_items([source]):
        key = text_key(item.text)
        if key in marks:
            row = _row(f"o{len(rows):04d}", item.text, marks[key], "own")
            rows.setdefault(row.group, row)
    return list(rows.values())


def read_authored_hate(folder: Path = AUTHORED) -> list[HateRow]:
    """Comments written for this project; look-alikes share a group."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        replace(_row(raw["id"], raw["text"], bool(raw["hate"]), "authored"), group=raw["pair"])
        for raw in map(json.loads, lines)
    ]


def _row(name: str, text: str, hateful: bool, source: str) -> HateRow:
    plain = _CUE_OF_SOURCE.sub(" ", text)
    return HateRow(ItemText(name, "", plain, ItemKind.POST), hateful, text_key(plain), source)


def is_clean_news(row: LabelledItem) -> bool:
    """A text that may serve as a negative: an article, or an authored text, without polarization."""
    authored = row.pool == "-" or is_protected(row)
    return row.labels["polarization"] == 0 and (row.item.kind is ItemKind.ARTICLE or authored)
