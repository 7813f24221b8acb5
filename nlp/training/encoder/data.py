"""What an encoder is trained on: rows of the codebook, rows of the auxiliary head, and what each head may learn of
them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.heads import HEADS, Head
from nlp.labelled import BEGINNING_CHARS, LabelledItem, file_sha256, read_labelled, text_key
from nlp.training import silver
from nlp.training.banjar import WORDS as BANJAR_WORDS
from nlp.training.baseline import AUTHORED
from nlp.training.encoder.recipe import DataRecipe
from nlp.training.hate import (
    AUTHORED as AUTHORED_HATE,
)
from nlp.training.hate import (
    SILVER,
    HateRow,
    is_clean_news,
    read_authored_hate,
    read_hate,
    read_own_hate,
    said_in_banjar,
)
from nlp.training.targets import UNKNOWN, target_of
from waspada.errors import InputError
from waspada.taxonomy import ItemText

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class EncoderData:
    """Gold first, then silver, then authored texts, then the texts of the head `hate`: public sets, our own, and what
    of both is said again in Banjarese.

    `judging_hate` are texts of the public sets that no weight may see; `files` holds SHA-256 by name.
    """

    gold: list[LabelledItem]
    silver: list[LabelledItem]
    authored: list[LabelledItem]
    public_hate: list[HateRow]
    own_hate: list[HateRow]
    banjar_hate: list[HateRow]
    judging_hate: list[HateRow]
    authored_weight: float
    files: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> list[LabelledItem]:
        """Rows with the codebook's labels."""
        return self.gold + self.silver + self.authored

    @property
    def hate(self) -> list[HateRow]:
        return self.public_hate + self.own_hate + self.banjar_hate

    @property
    def items(self) -> list[ItemText]:
        return [row.item for row in self.rows] + [row.item for row in self.hate]

    @property
    def groups(self) -> list[str]:
        return [row.group for row in self.rows] + [row.group for row in self.hate]

    @property
    def weights(self) -> Floats:
        """(n,): 1, and what the recipe says for authored texts."""
        weights = np.ones(len(self.items))
        first = len(self.gold) + len(self.silver)
        weights[first : first + len(self.authored)] = self.authored_weight
        return weights

    @property
    def auxiliary(self) -> Bools:
        """(n,): the public sets and what is said again, of which each epoch draws a share."""
        index = np.arange(len(self.items)) - len(self.rows)
        is_own = (index >= len(self.public_hate)) & (index < len(self.public_hate) + len(self.own_hate))
        return (index >= 0) & ~is_own

    @property
    def is_silver(self) -> Bools:
        """(n,)"""
        index = np.arange(len(self.items))
        return (index >= len(self.gold)) & (index < len(self.gold) + len(self.silver))

    def target(self, head: Head) -> Ints:
        """(n,) of 1, 0 or `UNKNOWN`."""
        n_hate = len(self.hate)
        if head is Head.HATE:
            news = [0 if is_clean_news(row) else UNKNOWN for row in self.rows]
            return np.array(news + [int(row.hateful) for row in self.hate], dtype=np.int64)
        return np.concatenate([target_of(head, self.rows), np.full(n_hate, UNKNOWN, dtype=np.int64)])

    def targets(self) -> NDArray[np.float32]:
        """(n, heads)."""
        return np.stack([self.target(head) for head in HEADS], axis=1).astype(np.float32)

    def judged(self, head: Head) -> Bools:
        """(n,): the rows that calibration and cuts of a head are fitted on, out of fold: gold train, or the hate rows
        as they were written."""
        index = np.arange(len(self.items))
        written = len(self.items) - len(self.banjar_hate)
        return (index >= len(self.rows)) & (index < written) if head is Head.HATE else index < len(self.gold)


def read_encoder_data(data_dir: Path, recipe: DataRecipe) -> EncoderData:
    """Read what the recipe names. Raises InputError without gold train (unless only `hate` is trained)."""
    files: dict[str, str] = {}
    gold = _labelled(data_dir / "gold" / "train.jsonl", "gold/train.jsonl", files) if recipe.main else []
    silver_rows: list[LabelledItem] = []
    if recipe.main and recipe.silver:
        files["silver/labels.csv"] = file_sha256(silver.LABELS)
        silver_rows = _unseen(silver.read_silver(data_dir), gold)
    authored: list[LabelledItem] = []
    for path in sorted(AUTHORED.glob("*.jsonl")) if recipe.main and recipe.authored else ():
        authored += _labelled(path, f"authored/{path.name}", files)
    public = _public_hate(data_dir, recipe, files)
    judging = [row for row in public if _judges(row, recipe.held_out)]
    kept = [row for row in public if not _judges(row, recipe.held_out)]
    own = _own_hate(data_dir, files) if recipe.own_hate else []
    again = said_in_banjar(kept + own, recipe.banjar)
    if again:
        files[f"authored/{BANJAR_WORDS.name}"] = file_sha256(BANJAR_WORDS)
    return EncoderData(gold, silver_rows, authored, kept, own, again, judging, recipe.authored_weight, files)


def keys_of(item: ItemText) -> set[str]:
    """By what an item is known again, whole or cut: the hashes of its title and of its first words."""
    return {text_key(part) for part in (item.title, item.text[:BEGINNING_CHARS]) if part.strip()}


def judging_keys(data_dir: Path) -> set[str]:
    """`keys_of` all of gold dev, which no stage may read; none where it is absent."""
    path = data_dir / "gold" / "dev.jsonl"
    rows = read_labelled(path) if path.exists() else []
    return {key for row in rows for key in keys_of(row.item)}


def _labelled(path: Path, name: str, files: dict[str, str]) -> list[LabelledItem]:
    rows = read_labelled(path)
    files[name] = file_sha256(path)
    return rows


def _unseen(rows: Sequence[LabelledItem], gold: Sequence[LabelledItem]) -> list[LabelledItem]:
    known = {row.group for row in gold}
    return [row for row in rows if row.group not in known]


def _public_hate(data_dir: Path, recipe: DataRecipe, files: dict[str, str]) -> list[HateRow]:
    rows: dict[str, HateRow] = {}
    for name in recipe.hate:
        path = data_dir / "labelled" / f"{name}.jsonl"
        if not path.exists():
            raise InputError(f"The recipe wants {path.name}, which is not under {path.parent}.")
        files[f"labelled/{path.name}"] = file_sha256(path)
        for row in read_hate(path):
            rows.setdefault(row.group, row)
    return list(rows.values())


def _own_hate(data_dir: Path, files: dict[str, str]) -> list[HateRow]:
    files |= {f"silver/{path.name}": file_sha256(path) for path in sorted(SILVER.glob("hate*.csv"))}
    files |= {f"authored/hate/{path.name}": file_sha256(path) for path in sorted(AUTHORED_HATE.glob("*.jsonl"))}
    return read_own_hate(data_dir) + read_authored_hate()


def _judges(row: HateRow, share: float) -> bool:
    return int(row.group[:4], 16) / 0x10000 < share
