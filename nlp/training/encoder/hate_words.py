"""The words of the head `hate`, learned anew on an encoder that stays as it is.

Readings come faster than nights to train in. What was read since the network learned is learned by the linear half
alone, in a minute: a logistic regression on its words with the log odds of the whole model as offset
(`nlp.training.folds.fit_shift`). Only texts that the network has not seen teach here, since of those it has seen it
says more than it would of others; of these, only what was written as it stands is calibrated and cut on, out of fold,
and not what is said again in Banjarese. No other head changes, and no rule reads this one. The next training learns
from everything and needs none of this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import Blend, Platt, fit_platt, sigmoid
from nlp.encoder.folder import EncoderFolder, read_encoder_folder, write_encoder_folder
from nlp.encoder.tagger import EncoderTagger
from nlp.evaluation.metrics import f1_of
from nlp.features import Counts
from nlp.heads import COLUMN, Head
from nlp.labelled import file_sha256, text_key
from nlp.model_files import METRICS, refuse_old
from nlp.model_folder import Weights, dequantise, quantise
from nlp.reading import BATCH
from nlp.training.banjar import WORDS as BANJAR_WORDS
from nlp.training.encoder.card import encoder_card
from nlp.training.folds import assign_folds, fit_shift, matrix
from nlp.training.hate import (
    AUTHORED,
    HATE_FILE,
    OWN_LABELS,
    HateRow,
    read_authored_hate,
    read_hate,
    read_own_hate,
    said_in_banjar,
)
from nlp.training.inputs import Progress
from nlp.training.judging import hate_figures
from nlp.training.thresholds import f1_threshold
from nlp.weighting import Weighting
from waspada.errors import InputError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_HATE = COLUMN[Head.HATE]


@dataclass(frozen=True, slots=True)
class HateWordsRecipe:
    """Every choice, made out of fold: `strength` is the inverse of the ridge; `banjar` of the Indonesian texts are said
    again in Banjarese, and count `banjar_weight` each."""

    folds: int = 5
    strength: float = 3.0
    banjar: float = 0.6
    banjar_weight: float = 0.5


@dataclass(frozen=True, slots=True)
class Unseen:
    """What the network has not seen: texts as they were `written`, and what is `said_again` in Banjarese, of texts that
    it knows in Indonesian, too. `taught` are keys of all texts that taught this head or its network, `files` SHA-256 by
    name."""

    written: Sequence[HateRow]
    said_again: Sequence[HateRow]
    taught: Set[str]
    files: Mapping[str, str]

    @property
    def rows(self) -> list[HateRow]:
        return [*self.written, *self.said_again]


@dataclass(frozen=True, slots=True)
class Learned:
    """What is added to the log odds: a number a known bucket (n,) and an offset, and then `calibration`; `cut` is the
    probability from which the head is on. The figures are F1 of the positive class out of fold, each with its cut."""

    words: Floats
    offset: float
    calibration: Platt
    cut: float
    f1_before: float
    f1_after: float


def learn_hate_words(
    base: Path, data_dir: Path, out: Path, version: str, least_round: int, seed: int, progress: Progress
) -> Path:
    """Writes the model at `base` with new words for `hate` to `out`, under another name. `least_round` is the first
    round of `silver/hate.csv` that its network has not seen. Raises InputError where there is nothing new or no data,
    ModelError where `base` is no encoder model or `out` is there already."""
    refuse_old(out)
    if not (data_dir / "labelled" / HATE_FILE).exists():
        raise InputError(f"{data_dir} has no labelled/{HATE_FILE}.", hint="Name the folder that a training reads.")
    folder = read_encoder_folder(base)
    metrics = json.loads((base / METRICS).read_text(encoding="utf-8"))
    recipe = HateWordsRecipe()
    unseen = read_unseen(data_dir, metrics.get("data_sha256", {}), least_round, recipe.banjar)
    if not unseen.written:
        raise InputError(f"{data_dir} has no text for `hate` that {folder.version} has not seen.")
    counts, log_odds = _read(EncoderTagger(folder, find_places=lambda _item: ()), unseen.rows, progress)
    progress("learning the words", 0, 0)
    learned = fit_words(folder, unseen, counts, log_odds, recipe, seed)
    changed = replace(with_words(folder, learned), version=version)
    progress("judging on the hate sets", 0, 0)
    tagger = EncoderTagger(changed, find_places=lambda _item: ())
    metrics |= {
        "data_sha256": metrics.get("data_sha256", {}) | unseen.files,
        "hate": hate_figures(tagger, data_dir / "labelled", unseen.taught),
        "hate_words": _figures(unseen, learned, recipe, folder.version),
    }
    metrics.pop("judged", None)
    write_encoder_folder(out, changed, metrics, encoder_card(version, metrics))
    return out


def read_unseen(
    data_dir: Path, seen_files: Mapping[str, str], least_round: int, banjar: float, own: Path = OWN_LABELS
) -> Unseen:
    """`seen_files` are the hashes of what the network learned from (`data_sha256` of its figures)."""
    files = {f"authored/hate/{path.name}": path for path in sorted(AUTHORED.glob("*.jsonl"))}
    fresh = {name: path for name, path in files.items() if seen_files.get(name) != file_sha256(path)}
    written = read_own_hate(data_dir, own, least_round) + read_authored_hate(sorted(fresh.values()))
    everything = read_own_hate(data_dir, own) + read_hate(data_dir / "labelled" / HATE_FILE) + read_authored_hate()
    used = {**fresh, "silver/hate.csv": own, f"authored/{BANJAR_WORDS.name}": BANJAR_WORDS}
    hashes = {name: file_sha256(path) for name, path in used.items()}
    said_again = said_in_banjar(everything, banjar)
    return Unseen(written, said_again, {text_key(row.item.text) for row in [*everything, *said_again]}, hashes)


def fit_words(
    folder: EncoderFolder,
    unseen: Unseen,
    counts: Sequence[Counts],
    log_odds: Floats,
    recipe: HateWordsRecipe,
    seed: int,
) -> Learned:
    """`counts` and `log_odds` (n,) are what the model read of `unseen.rows`."""
    rows = unseen.rows
    target = np.array([row.hateful for row in rows], dtype=np.int64)
    written: Bools = np.arange(len(rows)) < len(unseen.written)
    weights = np.where(written, 1.0, recipe.banjar_weight)
    weighting = Weighting(folder.linear.dense_idf(folder.features.buckets), folder.view_weights)
    words = matrix(counts, weighting).tocsc()[:, folder.linear.rows].tocsr()
    none = np.zeros((len(rows), 0))
    rng = np.random.default_rng(seed)

    def fit(learn: Bools) -> tuple[Floats, float]:
        found, _, bias = fit_shift(
            words[learn], none[learn], target[learn], weights[learn], log_odds[learn], recipe.strength
        )
        return found, bias

    folds, scores = assign_folds([row.group for row in rows], recipe.folds, rng), log_odds.copy()
    for fold in np.unique(folds):
        found, bias = fit(folds != fold)
        held = folds == fold
        scores[held] += words[held] @ found + bias
    truth = target[written] == 1
    calibration = fit_platt(scores[written], truth)
    p = sigmoid(calibration.logit(scores[written]))
    cut = f1_threshold(p, truth, rng)
    whole, bias = fit(np.ones(len(rows), dtype=bool))
    before = sigmoid(log_odds[written]) >= folder.thresholds[Head.HATE]
    return Learned(whole, bias, calibration, float(cut), f1_of(truth, before), f1_of(truth, p >= cut))


def with_words(folder: EncoderFolder, learned: Learned) -> EncoderFolder:
    """The same model, whose linear half says what was learned: calibration(joined + words) is again a joined score."""
    blend, linear = folder.blends[Head.HATE], folder.linear
    encoder, own = blend.slopes
    if own <= 0:
        raise InputError(f"The linear half of {folder.version} has no say in `hate`, so it cannot learn it anew.")
    column = dequantise(linear.quantised, linear.scale)[:, _HATE] + learned.words / own
    codes, scale = quantise(column[:, None])
    quantised, scales = linear.quantised.copy(), linear.scale.copy()
    quantised[:, _HATE], scales[_HATE] = codes[:, 0], scale[0]
    a, b = learned.calibration.a, learned.calibration.b
    joined = Blend((a * encoder, a * own), a * (blend.offset + learned.offset) + b)
    words = Weights(linear.rows, linear.idf, quantised, scales, linear.bias, linear.embedding_idf)
    return replace(
        folder,
        linear=words,
        blends={**folder.blends, Head.HATE: joined},
        thresholds={**folder.thresholds, Head.HATE: learned.cut},
    )


def _read(tagger: EncoderTagger, rows: Sequence[HateRow], progress: Progress) -> tuple[list[Counts], Floats]:
    """Counted words, and log odds of the head (n,)."""
    counts: list[Counts] = []
    log_odds = np.zeros(len(rows))
    for at in range(0, len(rows), BATCH):
        progress("reading texts", at, len(rows))
        read = tagger.read([row.item for row in rows[at : at + BATCH]])
        counts += read.counts
        log_odds[at : at + BATCH] = read.log_odds[:, _HATE]
    return counts, log_odds


def _figures(unseen: Unseen, learned: Learned, recipe: HateWordsRecipe, base: str) -> dict[str, Any]:
    return {
        "base": base,
        "written": len(unseen.written),
        "said_again": len(unseen.said_again),
        "f1_out_of_fold": {"before": round(learned.f1_before, 4), "after": round(learned.f1_after, 4)},
        "recipe": asdict(recipe),
    }
