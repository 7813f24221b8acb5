"""Full fine-tuning by answers: a known encoder goes on learning from them and from all authored texts.

Networks of the folds score the answers that they were not taught, for joining, calibration and cuts; the one that ships
learns from everything. What no answer speaks of (the head `hate`) is taught what the known model says of these texts
(Li and Hoiem 2016, learning without forgetting). The linear heads stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import Blend, fit_blend, sigmoid
from nlp.encoder.batching import encode_items
from nlp.encoder.engine import Engine
from nlp.encoder.folder import EncoderFolder, joined
from nlp.encoder.tokenizer import build_tokenizer
from nlp.encoder.weights import EncoderWeights, quantise_all
from nlp.features import count_features
from nlp.heads import COLUMN, HEADS, Head
from nlp.linear import LinearHeads
from nlp.training.answers import KEPT, Answers, AnswersRecipe, log_loss, thresholds_of
from nlp.training.encoder.base import BaseEncoder
from nlp.training.encoder.finetune import Examples, FinetuneRecipe
from nlp.training.encoder.stages import Stages
from nlp.training.encoder.store import only_one
from nlp.training.inputs import Progress
from nlp.training.targets import UNKNOWN

Floats = NDArray[np.float64]
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ContinueRecipe:
    """Every choice: half the rate of a training from the base, a quarter for the heads, which know their way. How long
    an input may be is the known model's choice (`finetune.tokens` is not asked)."""

    answers: AnswersRecipe = field(default_factory=lambda: AnswersRecipe(folds=2))
    finetune: FinetuneRecipe = field(
        default_factory=lambda: FinetuneRecipe(epochs=2, batch=24, rate=7.5e-5, head_rate=5e-4, positive_cap=8.0)
    )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Continued:
    """What was learned; `before` and `scores` (n, heads) are calibrated log odds of the rows, by the known model and
    out of fold by the new one."""

    folder: EncoderFolder
    learned: Sequence[Head]
    before: Floats
    scores: Floats


def continue_encoder(
    known: EncoderFolder,
    version: str,
    answers: Answers,
    work: Path,
    recipe: ContinueRecipe,
    seed: int,
    progress: Progress,
) -> Continued:
    """The model `version`. `work` is a folder of its own, from which a stopped training goes on; whatever `progress`
    raises stops it."""
    work.mkdir(parents=True, exist_ok=True)
    with only_one(work):
        start, heads = _network(known.encoder)
        examples, raw, linear = _examples(known, answers)
        stages = Stages(work, seed, progress)
        scores = np.zeros((len(answers.rows), len(HEADS)))
        for fold in range(recipe.answers.folds):
            held = answers.folds == fold
            scores[held] = stages.tuned(start, heads, examples, held, f"fold-{fold}", recipe.finetune).scores[held]
        nothing = np.zeros(len(answers.rows), dtype=bool)
        final = stages.tuned(start, heads, examples, nothing, "final", recipe.finetune)
    before = joined(known.blends, np.stack([raw, linear], axis=-1))
    blends, after, learned = _blends(known, answers, np.stack([scores, linear], axis=-1), before, recipe)
    folder = replace(
        known,
        version=version,
        encoder=quantise_all(start.shape, {**final.base.tensors, **final.heads}),
        blends=blends,
        thresholds=thresholds_of(answers, learned, after, known.thresholds, recipe.answers, seed),
    )
    return Continued(folder, learned, before, after)


def _network(weights: EncoderWeights) -> tuple[BaseEncoder, dict[str, Array]]:
    """The encoder and its heads as numbers; its pieces stay where they are."""
    tensors = {name: matrix.values for name, matrix in weights.matrices.items()} | dict(weights.vectors)
    heads = {name: value for name, value in tensors.items() if name.startswith("heads.")}
    base = {name: value for name, value in tensors.items() if name not in heads}
    return BaseEncoder(weights.shape, base, ()), heads


def _examples(known: EncoderFolder, answers: Answers) -> tuple[Examples, Floats, Floats]:
    """What is taught, and what the known encoder and its linear heads say of it (n, heads)."""
    items = [row.item for row in answers.rows]
    counts = [count_features(item, known.features) for item in items]
    segments = [each.segments for each in counts]
    encoded = encode_items(build_tokenizer(known.pieces), items, segments, known.max_tokens, known.features.from_banjar)
    rows = [each.ids for each in encoded]
    outputs = Engine(known.encoder).run(rows)
    linear = LinearHeads(known.linear, known.features, known.view_weights)
    targets = np.stack([answers.target(head) for head in HEADS], axis=1).astype(np.float32)
    for head in KEPT:
        targets[:, COLUMN[head]] = sigmoid(outputs.logits[:, COLUMN[head]].astype(np.float64))
    examples = Examples(
        rows=rows,
        targets=targets,
        weights=answers.weights.astype(np.float32),
        auxiliary=np.zeros(len(rows), dtype=bool),
        embeddings=outputs.embeddings,
    )
    return examples, outputs.logits.astype(np.float64), np.array([linear.scores(each) for each in counts])


def _blends(
    known: EncoderFolder, answers: Answers, both: Floats, before: Floats, recipe: ContinueRecipe
) -> tuple[dict[Head, Blend], Floats, list[Head]]:
    """How the two scores (n, heads, 2) of a head are joined, the log odds of that, and which heads learned: where
    answers make a head no better, it is joined as before."""
    blends, scores, learned = dict(known.blends), before.copy(), []
    for head in answers.learnable(recipe.answers):
        column, target = COLUMN[head], answers.target(head)
        judged = answers.own & (target != UNKNOWN)
        blend = fit_blend(both[judged, column], target[judged] == 1)
        logit = blend.logit(both[:, column])
        if log_loss(logit[judged], target[judged]) < log_loss(before[judged, column], target[judged]):
            blends[head], scores[:, column] = blend, logit
            learned.append(head)
    return blends, scores, learned
