"""Training the baseline: hashed tf-idf, one logistic regression an output, calibrated and cut out of fold.

A run fits nothing on dev: the finished model tags it at the end. What dev has already shaped in the recipe stands in
card_template.md.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import Platt, fit_platt
from nlp.evaluation.evaluate import Evaluation, evaluate, judge
from nlp.evaluation.metrics import bootstrap_weights
from nlp.features import Counts
from nlp.heads import COLUMN, HEADS, AlertRule, Head
from nlp.labelled import file_sha256, read_labelled
from nlp.model_folder import ModelFolder, Weights, dequantise, quantise, write_folder
from nlp.tagger import BaselineTagger
from nlp.training.card import model_card
from nlp.training.decisions import DecisionRows, Judged, fit_decisions, judged_rows, probabilities
from nlp.training.folds import assign_folds, matrix
from nlp.training.hate import is_clean_news
from nlp.training.inputs import BaselineRecipe, Progress, TrainingData, count_all, embedding_idf_of, read_data
from nlp.training.judging import authored_figures, hate_figures, protected_figures
from nlp.training.linear import fit_linear
from nlp.training.targets import UNKNOWN, target_of
from nlp.training.thresholds import RaiseCaps
from nlp.weighting import Weighting, fit_idf
from waspada.errors import ModelError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Every *.jsonl in it is trained on.
AUTHORED = Path(__file__).with_name("authored")
NAME = "baseline-id-v1"


@dataclass(frozen=True, slots=True)
class TrainResult:
    """Where the model is, and its figures: out of fold on train, and on dev when there is one."""

    path: Path
    out_of_fold: Evaluation
    dev: Evaluation | None
    metrics: dict[str, Any]


def train_baseline(
    data_dir: Path,
    out_dir: Path,
    seed: int = 7,
    progress: Progress | None = None,
    *,
    recipe: BaselineRecipe | None = None,
    authored: Path | None = AUTHORED,
) -> TrainResult:
    """Train on `data_dir/gold/train.jsonl` and the JSONL files in `authored`; write a new model folder at `out_dir`.

    Reads `data_dir/labelled/alamsyah_toxicity_type.jsonl` for the hate head and `data_dir/news/` for word frequencies
    where they are there. Raises InputError without gold data, ModelError when `out_dir` exists already,
    MissingExtraError without scikit-learn. `progress(stage, done, total)` is called on the way.
    """
    if out_dir.exists():
        raise ModelError(f"{out_dir} is already there, and a model is never overwritten.", hint="Name a new folder.")
    report = progress or _silent
    chosen = recipe or BaselineRecipe()
    data = read_data(data_dir, authored)
    counts = count_all(data.items, chosen.features, report)
    embedding_idf = embedding_idf_of(data_dir, data, counts, chosen, report)
    return _Training(data, chosen, seed, report, counts).run(out_dir, data_dir, embedding_idf)


class _Training:
    """One run; the steps are methods so that each can be read by itself."""

    def __init__(
        self, data: TrainingData, recipe: BaselineRecipe, seed: int, report: Progress, counts: Sequence[Counts]
    ) -> None:
        self.data, self.recipe, self.seed, self.report = data, recipe, seed, report
        self.rng = np.random.default_rng(seed)
        idf = self._idf(counts)
        self.weighting = Weighting(idf, recipe.view_weights)
        self.counts = counts
        self.folds = assign_folds(data.groups, recipe.folds, self.rng)
        self.n_gold, self.n_rows = len(data.gold), len(data.rows)

    def run(self, out_dir: Path, data_dir: Path, embedding_idf: NDArray[np.uint8]) -> TrainResult:
        recipe = self.recipe
        fit = fit_linear(
            self.counts,
            self.weighting,
            {head: self._target(head) for head in HEADS},
            {head: self._weights(head) for head in HEADS},
            {head: recipe.hate_strength if head is Head.HATE else recipe.strength for head in HEADS},
            self.folds,
            self.seed,
            self.report,
        )
        scores, coefficients, biases = fit.scores, fit.coefficients, fit.biases
        calibration = {head: self._calibrate(head, scores[:, COLUMN[head]]) for head in HEADS}
        logits = np.stack([calibration[head].logit(scores[:, i]) for i, head in enumerate(HEADS)], axis=1)
        gold = self.data.gold
        decided = fit_decisions(
            self._decision_rows(logits),
            lambda head: probabilities(logits, head, self._judging(head)),
            self.recipe.foreign_precision,
            RaiseCaps(self.recipe.quiet_cap, self.recipe.calm_upper),
            self.rng,
        )
        folder = self._folder(coefficients, biases, calibration, decided.thresholds, decided.rule, embedding_idf)
        tags = decided.tags
        oof = judge("out of fold", gold, tags[: self.n_gold], bootstrap_weights(self.n_gold, 1000, self.rng))
        dev_path = data_dir / "gold" / "dev.jsonl"
        dev = self._judge_dev(folder, dev_path)
        metrics = self._metrics(oof, dev, dev_path) | {
            "authored_out_of_fold": authored_figures(self.data.authored, tags[self.n_gold :]),
            "protected_out_of_fold": protected_figures(self.data.authored, tags[self.n_gold :]),
            "hate": self._judge_hate(folder, data_dir),
            "quantisation": self._quantisation(coefficients, folder.weights),
        }
        write_folder(out_dir, folder, metrics, model_card(folder.version, metrics))
        return TrainResult(out_dir, oof, dev, metrics)

    def _idf(self, counts: Sequence[Counts]) -> NDArray[np.float32]:
        """idf of news-like texts; a bucket that only the hate set knows has its idf from there."""
        buckets, min_df = self.recipe.features.buckets, self.recipe.min_df
        main = fit_idf(counts[: len(self.data.rows)], buckets, min_df)
        if not self.data.hate:
            return main
        slang = fit_idf(counts[len(self.data.rows) :], buckets, min_df)
        return np.where(main > 0, main, slang)

    def _target(self, head: Head) -> Ints:
        if head is Head.HATE:
            news = [0 if is_clean_news(row) else UNKNOWN for row in self.data.rows]
            return np.array(news + [int(row.hateful) for row in self.data.hate], dtype=np.int64)
        unknown = np.full(len(self.data.hate), UNKNOWN, dtype=np.int64)
        return np.concatenate([target_of(head, self.data.rows), unknown])

    def _weights(self, head: Head) -> Floats:
        weights = np.ones(len(self.counts))
        weights[self.n_gold : self.n_rows] = self.recipe.authored_weight
        protected = self.data.protected_groups
        weights[np.isin(self.data.groups, list(protected))] = self.recipe.protected_weight
        return weights if head is not Head.HATE else np.ones_like(weights)

    def _decision_rows(self, logits: Floats) -> DecisionRows:
        gold = np.arange(self.n_rows) < self.n_gold
        weights = np.where(gold, 1.0, self.recipe.authored_weight)
        return DecisionRows(self.data.rows, logits[: self.n_rows], self.folds[: self.n_rows], weights, gold)

    def _judging(self, head: Head) -> Judged:
        """Rows that calibration and thresholds are fitted on: gold train; for hate the public set."""
        index = np.arange(len(self.counts))
        return judged_rows(self._target(head), index >= self.n_rows if head is Head.HATE else index < self.n_gold)

    def _calibrate(self, head: Head, scores: Floats) -> Platt:
        judged = self._judging(head)
        return fit_platt(scores[judged.rows], judged.positive)

    def _folder(
        self,
        coefficients: Floats,
        biases: Floats,
        calibration: dict[Head, Platt],
        thresholds: dict[Head, float],
        rule: AlertRule,
        embedding_idf: NDArray[np.uint8],
    ) -> ModelFolder:
        rows = np.flatnonzero(self.weighting.idf > 0)
        codes, scale = quantise(coefficients[rows])
        weights = Weights(rows, self.weighting.idf[rows], codes, scale, biases, embedding_idf)
        version = f"{NAME}+{self.data.files['gold/train.jsonl'][:8]}.{self.seed}"
        return ModelFolder(
            version, self.recipe.features, self.recipe.view_weights, calibration, thresholds, rule, weights
        )

    def _judge_dev(self, folder: ModelFolder, dev_path: Path) -> Evaluation | None:
        if not dev_path.exists():
            return None
        tagger = BaselineTagger(folder, find_places=lambda _item: ())
        return evaluate(tagger, read_labelled(dev_path), seed=self.seed, progress=self.report)

    def _judge_hate(self, folder: ModelFolder, data_dir: Path) -> dict[str, Any]:
        tagger = BaselineTagger(folder, find_places=lambda _item: ())
        self.report("judging hate", 0, 1)
        return hate_figures(tagger, data_dir / "labelled", {row.group for row in self.data.hate})

    def _quantisation(self, coefficients: Floats, weights: Weights) -> dict[str, float]:
        """How far 8-bit weights move the scores of the training items."""
        stored = np.zeros_like(coefficients)
        stored[weights.rows] = dequantise(weights.quantised, weights.scale)
        x = matrix(self.counts, self.weighting)
        exact, moved = x @ coefficients, x @ stored
        same_sign = float(np.mean((exact + weights.bias > 0) == (moved + weights.bias > 0)))
        return {
            "largest_score_change": round(float(np.abs(exact - moved).max()), 5),
            "mean_score_change": round(float(np.abs(exact - moved).mean()), 6),
            "same_side_of_zero": round(same_sign, 6),
        }

    def _metrics(self, oof: Evaluation, dev: Evaluation | None, dev_path: Path) -> dict[str, Any]:
        files = self.data.files | ({"gold/dev.jsonl": file_sha256(dev_path)} if dev else {})
        recipe = asdict(self.recipe) | {"features": self.recipe.features.as_dict()}
        return {
            "seed": self.seed,
            "recipe": recipe,
            "data_sha256": files,
            "n_train": {
                "gold": self.n_gold,
                "authored": len(self.data.authored),
                "hate": len(self.data.hate),
            },
            "python": platform.python_version(),
            "out_of_fold": oof.as_dict(),
            "dev": dev.as_dict() if dev else "not run: data_dir/gold/dev.jsonl is absent",
        }


def _silent(_stage: str, _done: int, _total: int) -> None:
    return None
