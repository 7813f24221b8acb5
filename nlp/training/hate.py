"""Training texts for the auxiliary head `hate`, from the one public set whose licence (MIT) allows shipped weights.

`alamsyah_toxicity_type` marks threat, identity attack, insult, profanity and sexual content. The first three count as
hate; profanity and pornography alone do not. In that set the clean texts carry links and the toxic ones do not, so
links and handles are taken out of all of them. News and authored texts that set no group against another are added as
negatives: the set itself holds no news.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from nlp.labelled import LabelledItem, is_protected, text_key
from waspada.taxonomy import ItemKind, ItemText

HATE_FILE = "alamsyah_toxicity_type.jsonl"
_HATEFUL = ("threat", "identity_attack", "insult")
_CUE_OF_SOURCE = re.compile(r"(?:https?://|www\.)\S+|@\w+|=>|<=|\bRT\b")


@dataclass(frozen=True, slots=True)
class HateRow:
    """One text with its mark; `group` keeps copies together."""

    item: ItemText
    hateful: bool
    group: str


def read_hate(path: Path) -> list[HateRow]:
    """The public set, without copies of one text."""
    rows: dict[str, HateRow] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        text = _CUE_OF_SOURCE.sub(" ", raw["text"])
        group = text_key(text)
        hateful = any(raw["labels"][name] for name in _HATEFUL)
        rows.setdefault(group, HateRow(ItemText(raw["id"], "", text, ItemKind.POST), hateful, group))
    return list(rows.values())


def is_clean_news(row: LabelledItem) -> bool:
    """A text that may serve as a negative: an article, or an authored text, without polarization."""
    authored = row.pool == "-" or is_protected(row)
    return row.labels["polarization"] == 0 and (row.item.kind is ItemKind.ARTICLE or authored)
