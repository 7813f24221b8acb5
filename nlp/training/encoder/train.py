"""From the base encoder to a finished model folder, stage by stage.

Every stage leaves one file in the work folder (`OUT.work`) with a fingerprint of what it was made of. A stage whose
file is there and was made of the same is not run again, so that an interrupted training goes on where it was and a
changed recipe or text is not mixed with old work. Fitted are: weights on everything but dev and the judging sets;
blends, thresholds and the alert cuts on out-of-fold scores of gold train. Dev is tagged at the end, nothing is fitted
on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import Blend, fit_blend
from nlp.encoder.batching import Encoded, encode_items
from nlp.encoder.folder import EncoderFolder, joined, write_encoder_folder
from nlp.encoder.tokenizer import build_tokenizer
from nlp.encoder.weights import quantise_all
from nlp.features import Counts, FeatureSpec
from nlp.heads import COLUMN, HEADS, Head
from nlp.labelled import file_sha256
from nlp.model_files import METRICS, as_json, refuse_old, replace_file, write_whole
from nlp.model_folder import Weights, quantise
from nlp.segments import segments_of
from nlp.training.corpus import NEWS_FILES, news_items
from nlp.training.decisions import ALARMS, DecisionRows, Decisions, fit_decisions, judged_rows, probabilities
from nlp.training.encoder.base import BaseEncoder, load_base
from nlp.training.encoder.card import encoder_card
from nlp.training.encoder.data import EncoderData, judging_keys, keys_of, read_encoder_data
from nlp.training.encoder.figures import model_figures
from nlp.training.encoder.finetune import Examples, predict, slower
from nlp.training.encoder.hate_only import hate_only_figures, part_for_cuts
from nlp.training.encoder.kept import Kept
from nlp.training.encoder.network import Network, seeded_network
from nlp.training.encoder.pretrain import ARTICLES, pretrain, read_pairs
from nlp.training.encoder.recipe import EncoderRecipe
from nlp.training.encoder.stages import Stages, Tuned, network_of
from nlp.training.encoder.store import (
    fingerprint,
    is_made_of,
    load_encoder,
    only_one,
    save_arrays,
    save_encoder,
)
from nlp.training.encoder.trim import trim
from nlp.training.folds import assign_folds, fit_head, matrix
from nlp.training.inputs import Progress, count_all
from nlp.training.linear import LinearFit, fit_linear
from nlp.training.thresholds import RaiseCaps
from nlp.weighting import Weighting, fit_idf
from waspada.errors import InputError
from waspada.taxonomy import ItemText

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Array = NDArray[np.float32]
_HELD_OUT_TEXTS = 4000
_SAMPLE_CHARS = 1500


@dataclass(frozen=True, slots=True)
class EncoderTraining:
    """Where the model is, and its figures."""

    path: Path
    metrics: dict[str, Any]


def train_encoder(
    data_dir: Path, out_dir: Path, recipe: EncoderRecipe, progress: Progress, networks_of: Path | None = None
) -> EncoderTraining:
    """Train by a recipe and write a new model folder at `out_dir`.

    `networks_of` is the work folder of an earlier training whose networks stay (nlp/training/encoder/kept.py). Raises
    InputError on missing data, ModelError when `out_dir` exists already or the networks are not there.
    `progress(stage, done, total)` is called on the way. With `data.main` false only the figures of the head `hate` are
    written, as metrics.json.
    """
    refuse_old(out_dir)
    if networks_of is not None and not recipe.data.main:
        raise InputError(f"The recipe {recipe.name} writes no model, so no networks can stay.", hint="Leave them out.")
    work = out_dir.with_name(out_dir.name + ".work")
    work.mkdir(parents=True, exist_ok=True)
    with only_one(work):
        return _Run(data_dir, out_dir, work, recipe, progress, networks_of).run()


class _Run:
    """One training; each method is a stage or a step of the last one."""

    def __init__(
        self,
        data_dir: Path,
        out_dir: Path,
        work: Path,
        recipe: EncoderRecipe,
        progress: Progress,
        networks_of: Path | None = None,
    ) -> None:
        self.data_dir, self.out_dir, self.work = data_dir, out_dir, work
        self.recipe, self.progress = recipe, progress
        last = "-refined" if recipe.finetune.refine_epochs else ""
        self.kept = Kept(networks_of, last) if networks_of is not None else None
        self.stages = Stages(work, recipe.seed, progress)
        self.notes: dict[str, Any] = {}
        self.news = {
            f"news/{name}": file_sha256(path) for name in NEWS_FILES if (path := data_dir / "news" / name).exists()
        }

    def run(self) -> EncoderTraining:
        if self.kept is not None:
            self.kept.begin(self.work, self._folds_path.name)
            start = self._base()
        else:
            start = self._pretrained(self._trimmed())
        data = read_encoder_data(self.data_dir, self.recipe.data)
        data.files.update(self.news)
        rng = np.random.default_rng(self.recipe.seed)
        folds = self._folds(data)
        if not self.recipe.data.main:
            return self._hate_only(start, data, self._examples(start, data))
        if self.kept is not None:
            encoder_scores, tuned = self._scored(self.kept, start, data, folds)
        else:
            encoder_scores, tuned = self._networks(start, data, folds)
        spec, weighting, linear = self._linear(data, folds)
        both = np.stack([encoder_scores, linear.scores], axis=-1)
        blends = {head: self._blend(data, head, both[:, COLUMN[head]]) for head in HEADS}
        decided = self._decide(data, folds, both, blends, rng)
        folder = self._folder(tuned, blends, decided, spec, weighting, linear)
        metrics = model_figures(self.recipe, data, self.data_dir, folder, decided, both, self.notes, self.progress)
        write_encoder_folder(self.out_dir, folder, metrics, encoder_card(folder.version, metrics))
        return EncoderTraining(self.out_dir, metrics)

    def _networks(self, start: BaseEncoder, data: EncoderData, folds: Ints) -> tuple[Floats, dict[str, Array]]:
        """Out-of-fold scores (n, heads), and the tensors of the network that ships."""
        examples = self._examples(start, data)
        scores = np.zeros((len(folds), len(HEADS)))
        networks = []
        for fold in range(self.recipe.decide.folds):
            held = folds == fold
            network = self.stages.tuned(start, {}, examples, held, f"fold-{fold}", self.recipe.finetune)
            networks.append(network)
            scores[held] = self._refined(network, examples, held, f"fold-{fold}", data).scores[held]
        return scores, self._final(networks, examples, data)

    def _scored(
        self, kept: Kept, start: BaseEncoder, data: EncoderData, folds: Ints
    ) -> tuple[Floats, dict[str, Array]]:
        """The same, of networks that stay."""
        rows = self._encoded(start, data.items)
        scores = np.zeros((len(folds), len(HEADS)))
        for fold in range(self.recipe.decide.folds):
            scores += kept.scores(rows, folds == fold, fold, self.progress)
        self.notes["networks"] = "of an earlier training"
        return scores, kept.final()

    @property
    def _folds_path(self) -> Path:
        return self.work / f"folds-{self.recipe.decide.folds}-{self.recipe.seed}.json"

    def _folds(self, data: EncoderData) -> Ints:
        """Fold (n,) of every text. Kept by group, so that texts which come later leave the folds of the others
        alone."""
        path = self._folds_path
        known: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        new = sorted({group for group in data.groups if group not in known})
        if new:
            drawn = assign_folds(new, self.recipe.decide.folds, np.random.default_rng(self.recipe.seed))
            known |= {group: int(fold) for group, fold in zip(new, drawn, strict=True)}
            replace_file(path, json.dumps(known).encode())
        return np.array([known[group] for group in data.groups], dtype=np.int64)

    def _hate_only(self, start: BaseEncoder, data: EncoderData, examples: Examples) -> EncoderTraining:
        """Figures of the auxiliary head with the recipe's sets; no model is written."""
        held = part_for_cuts(data, self.recipe.seed)
        network = self.stages.tuned(start, {}, examples, held, "hate", self.recipe.finetune)

        spec, counts, weighting = self._counted(data)
        x, truth = matrix(counts, weighting), data.target(Head.HATE)
        strength = self.recipe.linear.hate_strength
        words, bias = fit_head(x[~held], truth[~held], data.weights[~held], strength, self.recipe.seed)
        judge = network_of(network)

        def score(items: list[ItemText]) -> Floats:
            read = predict(judge, self._encoded(start, items), self.progress, "judging hate")[0]
            counted = matrix(count_all(items, spec, self.progress), weighting)
            return np.stack([read[:, COLUMN[Head.HATE]], counted @ words + bias], axis=1)

        own = np.stack([network.scores[:, COLUMN[Head.HATE]], x @ words + bias], axis=1)
        figures = hate_only_figures(data, own, held, score, self.recipe.seed)
        metrics = {"recipe": self.recipe.as_dict(), "data_sha256": data.files, "hate": figures}
        write_whole(self.out_dir, {METRICS: as_json(metrics)})
        return EncoderTraining(self.out_dir, metrics)

    def _trimmed(self) -> BaseEncoder:
        """Stage 1: the base with the word pieces of the region's languages."""
        path, texts = self.work / "base.npz", self._texts()
        made_of = fingerprint(self.recipe.base, self.recipe.seed, *texts)
        if not is_made_of(path, made_of):
            self.progress("trimming the vocabulary", 0, 1)
            np.random.default_rng(self.recipe.seed).shuffle(texts)
            base = load_base(self.recipe.base.source)
            trimmed, report = trim(base, texts[_HELD_OUT_TEXTS:], texts[:_HELD_OUT_TEXTS], self.recipe.base.coverage)
            save_encoder(path, made_of, trimmed, **{f"trim.{k}": np.array(v) for k, v in report.as_dict().items()})
        return self._base()

    def _base(self) -> BaseEncoder:
        trimmed, trim_report = load_encoder(self.work / "base.npz")
        self.notes["trim"] = {name.removeprefix("trim."): float(value) for name, value in trim_report.items()}
        return trimmed

    def _texts(self) -> list[str]:
        paths = [self.data_dir / name for name in self.news]
        items = list(news_items(paths)) or [row.item for row in read_encoder_data(self.data_dir, self.recipe.data).rows]
        judging = judging_keys(self.data_dir)
        return [f"{item.title} {item.text}"[:_SAMPLE_CHARS] for item in items if not judging & keys_of(item)]

    def _pretrained(self, base: BaseEncoder) -> BaseEncoder:
        """Stage 2: a title finds its own body. Skipped without articles or epochs."""
        path, source = self.work / "pretrained.npz", self.data_dir / ARTICLES
        if not self.recipe.pretrain.epochs or not source.exists():
            return base
        judging = judging_keys(self.data_dir)
        made_of = fingerprint(base.tensors, self.recipe.pretrain, self.recipe.seed, self.news, sorted(judging))
        if not is_made_of(path, made_of):
            network = seeded_network(base.shape, len(HEADS), self.recipe.pretrain.dropout, self.recipe.seed)
            network.load_base(base)
            pairs = read_pairs(source, held_out=False, left_out=judging)
            checkpoint = self.stages.checkpoint("pretrained", made_of)
            tokenizer = build_tokenizer(base.pieces)
            pretrain(network, tokenizer, pairs, self.recipe.pretrain, self.recipe.seed, checkpoint, self.progress)
            save_encoder(path, made_of, network.as_base(base.pieces))
            self.stages.forget_checkpoints("pretrained")
        return load_encoder(path)[0]

    def _examples(self, start: BaseEncoder, data: EncoderData) -> Examples:
        """Stage 3: all texts as ids, with the embedding that fine-tuning is to keep."""
        rows = self._encoded(start, data.items)
        embeddings = self._embeddings(start, rows)
        weights = data.weights.astype(np.float32)
        return Examples(rows, data.targets(), weights, data.auxiliary, embeddings)

    def _embeddings(self, start: BaseEncoder, rows: Sequence[Encoded]) -> Array:
        """Embeddings (n, hidden) before fine-tuning; those of texts that were read before are kept."""
        path, made_of = self.work / "embeddings.npz", fingerprint(start.tensors)
        keys = [fingerprint(row) for row in rows]
        known: dict[str, Array] = {}
        if is_made_of(path, made_of):
            with np.load(path) as archive:
                known = dict(zip(archive["keys"].tolist(), archive["embeddings"], strict=True))
        new = [index for index, key in enumerate(keys) if key not in known]
        if new:
            network = Network(start.shape, len(HEADS), 0.0)
            network.load_base(start)
            found = predict(network, [rows[index] for index in new], self.progress, "embedding the texts")[1]
            known |= {keys[index]: vector for index, vector in zip(new, found, strict=True)}
            save_arrays(path, made_of, keys=np.array(list(known)), embeddings=np.stack(list(known.values())))
        return np.stack([known[key] for key in keys])

    def _encoded(self, start: BaseEncoder, items: list[ItemText]) -> list[Encoded]:
        segments = [segments_of(item, self.recipe.linear.lead_chars) for item in items]
        tokens, tokenizer = self.recipe.finetune.tokens, build_tokenizer(start.pieces)
        encoded = encode_items(tokenizer, items, segments, tokens, self.recipe.from_banjar)
        return [item.ids for item in encoded]

    def _final(self, networks: Sequence[Tuned], examples: Examples, data: EncoderData) -> dict[str, Array]:
        """The network that ships: the mean of the folds' networks, taught once more by everything, then refined."""
        own = self.recipe.finetune
        base = replace(networks[0].base, tensors=_mean([network.base.tensors for network in networks]))
        nothing = np.zeros(len(examples.rows), dtype=bool)
        heads = _mean([network.heads for network in networks])
        network = self.stages.tuned(
            base, heads, examples, nothing, "final", slower(own, own.final_epochs, own.final_rate)
        )
        network = self._refined(network, examples, nothing, "final", data)
        return {**network.base.tensors, **network.heads}

    def _refined(
        self, network: Tuned, examples: Examples, held: NDArray[np.bool_], stage: str, data: EncoderData
    ) -> Tuned:
        """The same network after the last epochs, on what is dense in hard cases."""
        own = self.recipe.finetune
        if not own.refine_epochs:
            return network
        recipe = replace(slower(own, own.refine_epochs, own.refine_rate), aux_share=own.refine_aux_share)
        left_out = data.is_silver & (np.random.default_rng(self.recipe.seed).random(len(held)) >= own.refine_silver)
        return self.stages.tuned(
            network.base, network.heads, examples, held, f"{stage}-refined", recipe, left_out=left_out
        )

    def _linear(self, data: EncoderData, folds: Ints) -> tuple[FeatureSpec, Weighting, LinearFit]:
        """Stage 6: the linear heads, in the same folds."""
        recipe = self.recipe.linear
        spec, counts, weighting = self._counted(data)
        path, targets = self.work / "linear.npz", {head: data.target(head) for head in HEADS}
        made_of = fingerprint(data.items, *targets.values(), data.weights, folds, recipe, self.recipe.seed)
        if not is_made_of(path, made_of):
            fit = fit_linear(
                counts,
                weighting,
                targets,
                dict.fromkeys(HEADS, data.weights),
                {head: recipe.hate_strength if head is Head.HATE else recipe.strength for head in HEADS},
                folds,
                self.recipe.seed,
                self.progress,
            )
            save_arrays(path, made_of, scores=fit.scores, coefficients=fit.coefficients, biases=fit.biases)
        with np.load(path) as archive:
            return spec, weighting, LinearFit(archive["scores"], archive["coefficients"], archive["biases"])

    def _counted(self, data: EncoderData) -> tuple[FeatureSpec, list[Counts], Weighting]:
        """Features of all texts, and their weights: idf from rows of the codebook, and of slang from the others."""
        recipe = self.recipe.linear
        from_banjar = self.recipe.from_banjar
        spec = FeatureSpec(lead_chars=recipe.lead_chars, plain_spelling=True, from_banjar=from_banjar)
        counts = count_all(data.items, spec, self.progress)
        idf = fit_idf(counts[: len(data.rows)], spec.buckets, recipe.min_df)
        slang = fit_idf(counts[len(data.rows) :], spec.buckets, recipe.min_df)
        a, b, c = recipe.view_weights
        return spec, counts, Weighting(np.where(idf > 0, idf, slang), (a, b, c))

    def _blend(self, data: EncoderData, head: Head, scores: Floats) -> Blend:
        """How the two scores (n, 2) of a head are joined, on the rows that may judge it."""
        judged = judged_rows(data.target(head), data.judged(head))
        return fit_blend(scores[judged.rows], judged.positive)

    def _decide(
        self, data: EncoderData, folds: Ints, both: Floats, blends: dict[Head, Blend], rng: np.random.Generator
    ) -> Decisions:
        logits = joined(blends, both)
        n = len(data.rows)
        rows = DecisionRows(data.rows, logits[:n], folds[:n], data.weights[:n], np.arange(n) < len(data.gold))
        own = self.recipe.decide
        caps = RaiseCaps(own.quiet_cap, own.calm_upper)

        def judged(head: Head) -> tuple[Floats, NDArray[np.bool_]]:
            return probabilities(logits, head, judged_rows(data.target(head), data.judged(head)))

        return fit_decisions(rows, judged, own.foreign_precision, caps, rng, ALARMS if own.careful else frozenset())

    def _folder(
        self,
        tensors: dict[str, NDArray[np.float32]],
        blends: dict[Head, Blend],
        decided: Decisions,
        spec: FeatureSpec,
        weighting: Weighting,
        linear: LinearFit,
    ) -> EncoderFolder:
        start = load_encoder(self.work / "base.npz")[0]
        rows = np.flatnonzero(weighting.idf > 0)
        codes, scale = quantise(linear.coefficients[rows])
        no_embedding = np.ones(1 << spec.words_bits, dtype=np.uint8)
        return EncoderFolder(
            version=self.recipe.version,
            encoder=quantise_all(start.shape, tensors),
            pieces=start.pieces,
            max_tokens=self.recipe.finetune.tokens,
            features=spec,
            view_weights=weighting.view_weights,
            linear=Weights(rows, weighting.idf[rows], codes, scale, linear.biases, no_embedding),
            blends=blends,
            thresholds=decided.thresholds,
            alert_rule=decided.rule,
        )


def _mean(parts: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    return {name: np.mean([part[name] for part in parts], axis=0).astype(np.float32) for name in parts[0]}
