"""F1 on gold dev beside scikit-learn's TF-IDF pipeline, fitted in the same run.

The pipeline (TfidfVectorizer words 1-2 and characters 3-5, one LogisticRegression a label with C = 10 and balanced
classes) is fitted twice: on gold train, and on everything that ours was trained on (gold, silver and authored texts
with the weights of the recipe). So that it is a fair peer, each label is cut where F1 is best on its out-of-fold scores
(five folds, no group parted) of gold train, by the same function that chooses our cuts, not at 0.5; as with ours,
silver and authored rows help to fit but not to cut, for they were not drawn as gold was. Intervals are 95 % bootstrap
intervals over the items of dev, and those of a difference use the same draws for both (paired).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import RenderableType
from rich.table import Table

import nlp
from benchmarks.shared import DATA, Report, in_digits, in_points, table_of
from nlp.calibration import sigmoid
from nlp.evaluation.metrics import Bools, Estimate, Floats, Ints, bootstrap_weights, f1_scores, interval
from nlp.labelled import LabelledItem, read_labelled, values_of
from waspada.errors import MissingExtraError
from waspada.taxonomy import MAIN_LABELS, SECONDARY_LABELS, ItemText, Label

RECIPE = Path(__file__).resolve().parents[1] / "models" / "recipes" / f"{nlp.ENCODER}.toml"
FLOOR_POINTS = 6.0
_FOLDS, _STRENGTH, _SEED, _REPLICATES, _BATCH = 5, 10.0, 7, 2000, 64
_LEAD_CHARS = 1500
Said = Mapping[Label, Bools]


@dataclass(frozen=True, slots=True)
class Rows:
    """What a peer is fitted on; the first `n_gold` rows are gold, `weights` (n,)."""

    name: str
    rows: Sequence[LabelledItem]
    weights: Floats
    n_gold: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A fitted peer: features, one linear head a label, and its cut as a probability."""

    features: Any
    heads: Mapping[Label, tuple[Floats, float]]
    cuts: Mapping[Label, float]

    def predict(self, items: Sequence[ItemText]) -> Said:
        """Which labels are on (n,)."""
        made = self.features.transform([_joined(item) for item in items])
        return {label: sigmoid(made @ own + bias) >= self.cuts[label] for label, (own, bias) in self.heads.items()}


def quality(tagger: nlp.Reader, report: Report) -> list[RenderableType]:
    """The tables, or one line that says why there are none."""
    dev = DATA / "gold" / "dev.jsonl"
    if not dev.exists() or not (DATA / "gold" / "train.jsonl").exists():
        return [f"figures on gold dev: not run, no labelled data at {DATA} (set WASPADA_DATA)"]
    rows = read_labelled(dev)
    try:
        peers = {source.name: _fit_pipeline(source, report) for source in _sources(report)}
    except (ImportError, MissingExtraError) as error:
        return [f"figures on gold dev: not run, {error}"]
    items = [row.item for row in rows]
    said = {"waspada": _said(tagger, items, report)} | {name: peer.predict(items) for name, peer in peers.items()}
    return _compare(said, rows)


def _sources(report: Report) -> list[Rows]:
    """Gold train alone, and with what else the shipped recipe trains on."""
    from nlp.training.encoder.data import read_encoder_data
    from nlp.training.encoder.recipe import read_recipe

    report("reading what ours was trained on", 0, 0)
    data = read_encoder_data(DATA, replace(read_recipe(RECIPE).data, hate=()))
    counts = f"{len(data.gold)} gold, {len(data.silver)} silver, {len(data.authored)} authored"
    return [
        Rows(f"TF-IDF ({len(data.gold)} gold)", data.gold, np.ones(len(data.gold)), len(data.gold)),
        Rows(f"TF-IDF ({counts})", data.rows, data.weights[: len(data.rows)], len(data.gold)),
    ]


def _fit_pipeline(source: Rows, report: Report) -> Pipeline:
    """Fit features and heads on all rows, and cut on out-of-fold scores of the gold ones."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    from nlp.training.folds import assign_folds, fit_head, out_of_fold
    from nlp.training.thresholds import f1_threshold

    def fit(x: Any, target: Ints, weights: Floats) -> tuple[Floats, float]:
        return fit_head(x, target, weights, _STRENGTH, _SEED)

    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True),
    )
    rng = np.random.default_rng(_SEED)
    x = features.fit_transform([_joined(row.item) for row in source.rows])
    folds = assign_folds([row.group for row in source.rows], _FOLDS, rng)
    heads, cuts = {}, {}
    for done, label in enumerate(Label):
        report(f"fitting {source.name}", done, len(Label))
        target = (values_of(source.rows, label.value) > 0).astype(np.int64)
        scores = out_of_fold(x, target, source.weights, folds, fit)[: source.n_gold]
        cuts[label] = f1_threshold(sigmoid(scores), target[: source.n_gold] > 0, rng)
        heads[label] = fit(x, target, source.weights)
    return Pipeline(features, heads, cuts)


def _joined(item: ItemText) -> str:
    return f"{item.title}\n{item.text}"[:_LEAD_CHARS]


def _said(tagger: nlp.Reader, items: Sequence[ItemText], report: Report) -> Said:
    tags = []
    for at in range(0, len(items), _BATCH):
        report(f"tagging gold dev: {tagger.model}", at, len(items))
        tags += tagger.classify(items[at : at + _BATCH])
    return {label: np.array([tag.labels[label].on for tag in tags], dtype=bool) for label in Label}


def _compare(said: Mapping[str, Said], rows: Sequence[LabelledItem]) -> list[RenderableType]:
    """F1 of all, and how far ours is ahead; the first of `said` is ours."""
    drawn = bootstrap_weights(len(rows), _REPLICATES, np.random.default_rng(0))
    weights = np.concatenate([np.ones((1, len(rows)), dtype=np.int64), drawn])  # first the sample as it is
    truth = {label: values_of(rows, label.value) > 0 for label in Label}
    scores = {
        name: {label: f1_scores(truth[label], own[label], weights) for label in Label} for name, own in said.items()
    }
    return [_scores_table(scores, truth), _lead_table(scores)]


def _scores_table(scores: Mapping[str, Mapping[Label, Floats]], truth: Said) -> Table:
    n = len(next(iter(truth.values())))
    table = table_of(f"F1 on gold dev, {n} items (95 %)", "label", "positives", *scores)
    for label in Label:
        found = (in_digits(_estimate(own[label])) for own in scores.values())
        table.add_row(label.value, str(int(truth[label].sum())), *found)
    for name, labels in (("main macro-F1", MAIN_LABELS), ("secondary macro-F1", SECONDARY_LABELS)):
        table.add_row(name, "", *(in_digits(_estimate(_macro(own, labels))) for own in scores.values()))
    return table


def _lead_table(scores: Mapping[str, Mapping[Label, Floats]]) -> Table:
    (_, ours), *others = scores.items()
    table = table_of("ahead in main macro-F1, points (95 %, paired)", "of", "points", f"floor {FLOOR_POINTS:.0f}")
    for name, theirs in others:
        lead = _estimate(_macro(ours, MAIN_LABELS) - _macro(theirs, MAIN_LABELS))
        met = 100 * lead.value >= FLOOR_POINTS
        table.add_row(name, in_points(lead), "met" if met else "[bold]not met[/bold]")
    return table


def _macro(scores: Mapping[Label, Floats], labels: Sequence[Label]) -> Floats:
    return np.asarray(np.mean([scores[label] for label in labels], axis=0), dtype=np.float64)


def _estimate(values: NDArray[np.float64]) -> Estimate:
    """The first value with the interval of the others."""
    return interval(float(values[0]), values[1:])
