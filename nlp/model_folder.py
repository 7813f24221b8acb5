"""A model on disk: a folder with its configuration, its weights, its figures and its card.

    config.json     format and model version, kind, how features are made, thresholds, calibration, hashes of the rest
    weights.npz     the numbers (see `Weights`)
    metrics.json    every figure of the model card, the hashes of the data, the seed
    MODEL_CARD.md   what it is for, what it was trained on, where it fails

Weights are stored in 8 bits: w = sign(q) * (|q| / 127)^2 * scale of the head. The square keeps the many small weights
apart, which steps of equal size would round to zero.
"""

from __future__ import annotations

import hashlib
import io
import json
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
from waspada.errors import ModelError

FORMAT = 1
KIND = "hashed-linear"
CONFIG, WEIGHTS, METRICS, CARD = "config.json", "weights.npz", "metrics.json", "MODEL_CARD.md"
_HINT = "Name a folder written by `waspada train`, or install Waspada again to restore the shipped model."


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
    if path.exists():
        raise ModelError(f"{path} is already there, and a model is never overwritten.", hint="Name a new folder.")
    path.mkdir(parents=True)
    contents = {WEIGHTS: _pack(folder.weights), METRICS: _json(metrics), CARD: card.encode()}
    for name, content in contents.items():
        (path / name).write_bytes(content)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    (path / CONFIG).write_bytes(_json(_config(folder) | {"sha256": hashes}))


def read_folder(path: Traversable) -> ModelFolder:
    """Read and check a model folder. Raises ModelError when it is missing, damaged or of another format."""
    config = _read_config(path)
    try:
        content = _read_checked(path, WEIGHTS, config["sha256"][WEIGHTS])
        folder = _parse(config, content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: {CONFIG} or {WEIGHTS} is damaged ({error!r}).", hint=_HINT) from error
    _check_shapes(path, folder)
    return folder


def _read_config(path: Traversable) -> dict[str, Any]:
    if not path.is_dir():
        raise ModelError(f"There is no model folder at {path}.", hint=_HINT)
    try:
        config = json.loads(path.joinpath(CONFIG).read_bytes())
    except OSError as error:
        raise ModelError(f"{path} holds no readable {CONFIG}, so it is not a model folder.", hint=_HINT) from error
    except ValueError as error:
        raise ModelError(f"{path}: {CONFIG} is not JSON ({error}).", hint=_HINT) from error
    if not isinstance(config, dict):
        raise ModelError(f"{path}: {CONFIG} is not a JSON object.", hint=_HINT)
    found = (config.get("format"), config.get("kind"))
    if found != (FORMAT, KIND):
        raise ModelError(
            f"{path} is of format {found[0]!r}, kind {found[1]!r}; this version reads format {FORMAT}, kind {KIND!r}.",
            hint="Use the Waspada version that wrote it, or train again.",
        )
    return config


def _read_checked(path: Traversable, name: str, expected: str) -> bytes:
    try:
        content = path.joinpath(name).read_bytes()
    except OSError as error:
        raise ModelError(f"{path} lacks {name}.", hint=_HINT) from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise ModelError(f"{path}: {name} is not the file that {CONFIG} was written for.", hint=_HINT)
    return content


def _config(folder: ModelFolder) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": KIND,
        "version": folder.version,
        "heads": [head.value for head in HEADS],
        "features": folder.features.as_dict(),
        "view_weights": list(folder.view_weights),
        "calibration": {head.value: [folder.calibration[head].a, folder.calibration[head].b] for head in HEADS},
        "thresholds": {head.value: folder.thresholds[head] for head in HEADS},
        "alert_rule": {
            "weights": folder.alert_rule.weights.tolist(),
            "bias": folder.alert_rule.bias.tolist(),
            "needs_event": folder.alert_rule.needs_event,
        },
    }


def _parse(config: dict[str, Any], content: bytes) -> ModelFolder:
    if config["heads"] != [head.value for head in HEADS]:
        raise ValueError(f"heads are {config['heads']}")
    rule = config["alert_rule"]
    return ModelFolder(
        version=str(config["version"]),
        features=FeatureSpec.from_dict(config["features"]),
        view_weights=tuple(float(weight) for weight in config["view_weights"]),
        calibration={head: Platt(*map(float, config["calibration"][head.value])) for head in HEADS},
        thresholds={head: float(config["thresholds"][head.value]) for head in HEADS},
        alert_rule=AlertRule(np.array(rule["weights"]), np.array(rule["bias"]), bool(rule["needs_event"])),
        weights=_unpack(content),
    )


def _pack(weights: Weights) -> bytes:
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


def _unpack(content: bytes) -> Weights:
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


def _check_shapes(path: Traversable, folder: ModelFolder) -> None:
    weights, heads = folder.weights, len(HEADS)
    n = len(weights.rows)
    numbers = (weights.idf, weights.scale, weights.bias, folder.alert_rule.weights, folder.alert_rule.bias)
    fits = (
        weights.idf.shape == (n,)
        and weights.quantised.shape == (n, heads)
        and weights.scale.shape == weights.bias.shape == (heads,)
        and weights.embedding_idf.shape == (1 << folder.features.words_bits,)
        and folder.alert_rule.weights.shape == (3, heads)
        and folder.alert_rule.bias.shape == (3,)
        and len(folder.view_weights) == len(folder.features.view_bits)
        and (n == 0 or int(weights.rows[-1]) < folder.features.buckets)
        and all(bool(np.isfinite(array).all()) for array in numbers)
    )
    if not fits:
        raise ModelError(f"{path}: the arrays of {WEIGHTS} do not fit {CONFIG}.", hint=_HINT)


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode()
