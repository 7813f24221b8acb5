"""The folder of an encoder model.

config.json      sizes, what is read, how the two scores of a head are joined, thresholds, alert rule, hashes
encoder.npz      encoder and heads in 8 bits (nlp/encoder/weights.py)
pieces.json      the word pieces with their log probabilities (nlp/encoder/tokenizer.py)
linear.npz       the linear heads on hashed features that stand beside the encoder (nlp/model_folder.py)
metrics.json, MODEL_CARD.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import Blend
from nlp.encoder.shape import EncoderShape
from nlp.encoder.tokenizer import pack_pieces, unpack_pieces
from nlp.encoder.weights import EncoderWeights, check_encoder, pack, unpack
from nlp.features import FeatureSpec
from nlp.heads import COLUMN, HEADS, AlertRule, Head
from nlp.model_files import (
    CONFIG,
    HINT,
    decisions_as_dict,
    decisions_from_dict,
    read_checked,
    read_config,
    write_files,
)
from nlp.model_folder import Weights, check_weights, pack_weights, unpack_weights
from waspada.errors import ModelError

KIND = "encoder"
ENCODER, PIECES, LINEAR = "encoder.npz", "pieces.json", "linear.npz"


@dataclass(frozen=True, slots=True)
class EncoderFolder:
    """Everything an encoder tagger needs.

    `blends` joins the scores of encoder and linear heads (in this order) to calibrated log odds; `max_tokens` is the
    longest input of the encoder, special pieces included.
    """

    version: str
    encoder: EncoderWeights
    pieces: tuple[tuple[str, float], ...]
    max_tokens: int
    features: FeatureSpec
    view_weights: tuple[float, ...]
    linear: Weights
    blends: Mapping[Head, Blend]
    thresholds: dict[Head, float]
    alert_rule: AlertRule


def joined(blends: Mapping[Head, Blend], both: NDArray[np.float64]) -> NDArray[np.float64]:
    """Calibrated log odds (n, heads) of the scores of encoder and linear heads `both` (n, heads, 2)."""
    return np.stack([blends[head].logit(both[:, COLUMN[head]]) for head in HEADS], axis=1)


def write_encoder_folder(path: Path, folder: EncoderFolder, metrics: dict[str, Any], card: str) -> None:
    """Write a new model folder; raises ModelError when `path` is already there."""
    contents = {
        ENCODER: pack(folder.encoder),
        PIECES: pack_pieces(folder.pieces),
        LINEAR: pack_weights(folder.linear),
    }
    write_files(path, _config(folder), contents, metrics, card)


def read_encoder_folder(path: Traversable) -> EncoderFolder:
    """Read and check a model folder. Raises ModelError when it is missing, damaged or of another kind."""
    config = read_config(path, (KIND,))
    try:
        contents = {name: read_checked(path, config, name) for name in (ENCODER, PIECES, LINEAR)}
        folder = _parse(config, contents)
        check_weights(folder.linear, folder.features, folder.view_weights)
        check_encoder(folder.encoder, len(HEADS), len(folder.pieces))
        if not 8 <= folder.max_tokens <= folder.encoder.shape.positions:
            raise ValueError("max_tokens and positions do not fit")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: {CONFIG} or the weights are damaged ({error!r}).", hint=HINT) from error
    return folder


def _config(folder: EncoderFolder) -> dict[str, Any]:
    return decisions_as_dict(folder.thresholds, folder.alert_rule) | {
        "kind": KIND,
        "version": folder.version,
        "encoder": folder.encoder.shape.as_dict(),
        "max_tokens": folder.max_tokens,
        "features": folder.features.as_dict(),
        "view_weights": list(folder.view_weights),
        "blends": {
            head.value: {"encoder": blend.slopes[0], "linear": blend.slopes[1], "offset": blend.offset}
            for head, blend in folder.blends.items()
        },
    }


def _parse(config: Mapping[str, Any], contents: Mapping[str, bytes]) -> EncoderFolder:
    thresholds, rule = decisions_from_dict(config)
    return EncoderFolder(
        version=str(config["version"]),
        encoder=unpack(EncoderShape.from_dict(config["encoder"]), contents[ENCODER]),
        pieces=unpack_pieces(contents[PIECES]),
        max_tokens=int(config["max_tokens"]),
        features=FeatureSpec.from_dict(config["features"]),
        view_weights=tuple(float(weight) for weight in config["view_weights"]),
        linear=unpack_weights(contents[LINEAR]),
        blends={head: _blend(config["blends"][head.value]) for head in HEADS},
        thresholds=thresholds,
        alert_rule=rule,
    )


def _blend(raw: Mapping[str, Any]) -> Blend:
    encoder, linear, offset = (float(raw[name]) for name in ("encoder", "linear", "offset"))
    if not all(map(isfinite, (encoder, linear, offset))):
        raise ValueError("a blend is not finite")
    return Blend((encoder, linear), offset)
