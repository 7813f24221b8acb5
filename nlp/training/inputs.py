"""What the training reads: the recipe, the labelled texts, and how common words are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.embedding import fit_idf_steps
from nlp.features import Counts, FeatureSpec, View, count_features
from nlp.labelled import LabelledItem, file_sha256, is_protected, read_labelled
from nlp.training.corpus import NEWS_FILES, document_frequencies, news_items
from nlp.training.hate import HATE_FILE, HateRow, read_hate
from waspada.taxonomy import ItemText

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BaselineRecipe:
    """Every choice of the training, each made on out-of-fold figures of gold train."""

    features: FeatureSpec = field(default_factory=FeatureSpec)
    view_weights: tuple[float, float, float] = (1.0, 1.25, 0.75)
    min_df: int = 3
    strength: float = 30.0
    hate_strength: float = 3.0
    authored_weight: float = 0.25
    #: Of authored protected speech and its twins in the heads; the alert rule weighs all authored texts alike.
    protected_weight: float = 1.0
    folds: int = 5
    foreign_precision: float = 0.8
    quiet_cap: float = 0.02
    calm_upper: float = 0.02


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What is trained on: gold first, then the authored texts, then the hate set; `files` holds their SHA-256."""

    gold: list[LabelledItem]
    authored: list[LabelledItem]
    hate: list[HateRow]
    files: dict[str, str]

    @property
    def rows(self) -> list[LabelledItem]:
        return self.gold + self.authored

    @property
    def protected_groups(self) -> set[str]:
        """Groups of authored protected speech and its twins."""
        return {row.group for row in self.authored if is_protected(row)}

    @property
    def items(self) -> list[ItemText]:
        return [row.item for row in self.rows] + [row.item for row in self.hate]

    @property
    def groups(self) -> list[str]:
        return [row.group for row in self.rows] + [row.group for row in self.hate]


def read_data(data_dir: Path, authored: Path | None) -> TrainingData:
    """Read all labelled texts; only gold train must be there. `authored` is a folder. Raises InputError."""
    gold_path, hate_path = data_dir / "gold" / "train.jsonl", data_dir / "labelled" / HATE_FILE
    gold = read_labelled(gold_path)
    files = {"gold/train.jsonl": file_sha256(gold_path)}
    pairs: list[LabelledItem] = []
    for path in sorted(authored.glob("*.jsonl")) if authored is not None else ():
        pairs += read_labelled(path)
        files[f"authored/{path.name}"] = file_sha256(path)
    hate: list[HateRow] = []
    if hate_path.exists():
        hate = read_hate(hate_path)
        files[f"labelled/{HATE_FILE}"] = file_sha256(hate_path)
    return TrainingData(gold, pairs, hate, files)


def count_all(items: Sequence[ItemText], spec: FeatureSpec, report: Progress) -> list[Counts]:
    """Counted features of every item, in order."""
    counts = []
    for done, item in enumerate(items):
        if done % 500 == 0:
            report("reading items", done, len(items))
        counts.append(count_features(item, spec))
    report("reading items", len(items), len(items))
    return counts


def embedding_idf_of(
    data_dir: Path, data: TrainingData, counts: Sequence[Counts], recipe: BaselineRecipe, report: Progress
) -> NDArray[np.uint8]:
    """idf of the embedding, from unlabelled news where it is there, else from the training texts."""
    paths = [path for name in NEWS_FILES if (path := data_dir / "news" / name).exists()]
    if not paths:
        buckets = np.concatenate([row.buckets[row.views == View.WORDS] for row in counts])
        return fit_idf_steps(np.bincount(buckets, minlength=1 << recipe.features.words_bits), len(counts))
    data.files.update({f"news/{path.name}": file_sha256(path) for path in paths})
    frequencies, documents = document_frequencies(
        news_items(paths), recipe.features, lambda done: report("counting words", done, 0)
    )
    return fit_idf_steps(frequencies, documents)
