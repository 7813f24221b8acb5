"""A model on disk: a folder with its configuration, its weights, its figures and its card.

    config.json     format and model version, kind, how features are made, thresholds, calibration, hashes of the rest
    weights.npz     the numbers (see `Weights`)
    metrics.json    every figure of the model card, the hashes of the data, the seed
    MODEL_CARD.md   what it is for, what it was trained on, where it fails

Weights are stored in 8 bits: w = sign(q) * (|q| / 127)^2 * scale of the head. The square keeps the many small weights
apart, which steps of equal size would round to zero.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import Platt
from nlp.features import FeatureSpec
from nlp.heads import HEADS, AlertRule, Head
from nlp.model_files import (
    CONFIG,
    HINT,
    decisions_as_dict,
    decisions_from_dict,
    read_checked,
    read_config,
    write_files,
)
from waspada.errors import ModelError

KIND = "hashed-linear"
WEIGHTS = "weights.npz"


@dataclass(frozen=True, slots=True)
class Weights:
    """The numbers of a model.

    `rows` (n,) buckets that are known, ascending; `idf` (n,) float32; `quantised` (n, heads) int8 with `scale`
    (heads,); `bias` (heads,); `embedding_idf` (word buckets,) uint8, see nlp/embedding.py.
    """

    rows: NDArray[np.int64]
    idf: NDArray[np.float32]
    quantised: NDArray[np.int8]
    scale: NDArray[np.float64]
    bias: NDArray[np.float64]
    embedding_idf: NDArray[np.uint8]

    def dense_idf(self, buckets: int) -> NDArray[np.float32]:
        """idf of every bucket (buckets,), 0 for unknown ones."""
        dense = np.zeros(buckets, dtype=np.float32)
        dense[self.rows] = self.idf
        return dense

    def dense_codes(self, buckets: int) -> NDArray[np.int8]:
        """8-bit weights of every bucket (buckets, heads)."""
        dense = np.zeros((buckets, self.quantised.shape[1]), dtype=np.int8)
        dense[self.rows] = self.quantised
        return dense


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """Everything a tagger needs. `version` is name and version in one word; it stands in every tag."""

    version: str
    features: FeatureSpec
    view_weights: tuple[float, ...]
    calibration: dict[Head, Platt]
    thresholds: dict[Head, float]
    alert_rule: AlertRule
    weights: Weights


def quantise(weights: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """8-bit codes (n, heads) and the scale of each head (heads,)."""
    scale = np.maximum(np.abs(weights).max(axis=0, initial=0.0), 1e-12)
    codes = np.rint(127.0 * np.sqrt(np.abs(weights) / scale)) * np.sign(weights)
    return codes.astype(np.int8), scale


def dequantise(codes: NDArray[np.int8], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights (..., heads) of 8-bit codes."""
    steps = codes / 127.0
    return steps * np.abs(steps) * scale


def write_folder(path: Path, folder: ModelFolder, metrics: dict[str, Any], card: str) -> None:
    """Write a new model folder; raises ModelError when `path` is already there."""
    write_files(path, _config(folder), {WEIGHTS: pack_weights(folder.weights)}, metrics, card)


def read_folder(path: Traversable) -> ModelFolder:
    """Read and check a model folder. Raises ModelError when it is missing, damaged or of another format."""
    config = read_config(path, (KIND,))
    try:
        folder = _parse(config, read_checked(path, config, WEIGHTS))
        check_weights(folder.weights, folder.features, folder.view_weights)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: {CONFIG} or {WEIGHTS} is damaged ({error!r}).", hint=HINT) from error
    return folder


def _config(folder: ModelFolder) -> dict[str, Any]:
    return decisions_as_dict(folder.thresholds, folder.alert_rule) | {
        "kind": KIND,
        "version": folder.version,
        "features": folder.features.as_dict(),
        "view_weights": list(folder.view_weights),
        "calibration": {head.value: [folder.calibration[head].a, folder.calibration[head].b] for head in HEADS},
    }


def _parse(config: dict[str, Any], content: bytes) -> ModelFolder:
    thresholds, rule = decisions_from_dict(config)
    return ModelFolder(
        version=str(config["version"]),
        features=FeatureSpec.from_dict(config["features"]),
        view_weights=tuple(float(weight) for weight in config["view_weights"]),
        calibration={head: Platt(*map(float, config["calibration"][head.value])) for head in HEADS},
        thresholds=thresholds,
        alert_rule=rule,
        weights=unpack_weights(content),
    )


def pack_weights(weights: Weights) -> bytes:
    """The numbers as a compressed `.npz`."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        row_steps=np.diff(weights.rows, prepend=0).astype(np.uint32),
        idf=weights.idf.astype(np.float16),
        quantised=weights.quantised,
        scale=weights.scale,
        bias=weights.bias,
        embedding_idf=weights.embedding_idf,
    )
    return buffer.getvalue()


def unpack_weights(content: bytes) -> Weights:
    """What `pack_weights` wrote. Raises ValueError or KeyError on anything else."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return Weights(
                rows=np.cumsum(archive["row_steps"].astype(np.int64)),
                idf=archive["idf"].astype(np.float32),
                quantised=archive["quantised"].astype(np.int8),
                scale=archive["scale"].astype(np.float64),
                bias=archive["bias"].astype(np.float64),
                embedding_idf=archive["embedding_idf"].astype(np.uint8),
            )
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise ValueError(str(error)) from error


def check_weights(weights: Weights, features: FeatureSpec, view_weights: tuple[float, ...]) -> None:
    """Raises ValueError when the arrays do not fit the features that the configuration names."""
    heads, n = len(HEADS), len(weights.rows)
    fits = (
        weights.idf.shape == (n,)
        and weights.quantised.shape == (n, heads)
        and weights.scale.shape == weights.bias.shape == (heads,)
        and weights.embedding_idf.shape == (1 << features.words_bits,)
        and len(view_weights) == len(features.view_bits)
        and (n == 0 or int(weights.rows[-1]) < features.buckets)
        and all(bool(np.isfinite(array).all()) for array in (weights.idf, weights.scale, weights.bias))
    )
    if not fits:
        raise ValueError("the arrays do not fit the configuration")
