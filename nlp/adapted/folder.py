"""The folder of new heads on a known model (the base), which is named and never copied.

config.json      name, the base (its name, where it lies, the hash of its configuration), calibration, thresholds, alert
                 rule, hashes
words.npz        what each word adds to a head (nlp/model_folder.py)
embedding.npz    what each number of the embedding adds
metrics.json, MODEL_CARD.md

A model is named `BASE~WHAT`: its embeddings are those of the base (`waspada.taxonomy.embedding_of`).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import Platt
from nlp.features import FeatureSpec
from nlp.heads import HEADS, AlertRule, Head
from nlp.labelled import file_sha256
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
from waspada.taxonomy import EMBEDDING_DIM, embedding_of

KIND = "heads"
WORDS, EMBEDDING = "words.npz", "embedding.npz"
#: The package that holds the shipped models.
_SHIPPED = "models"


@dataclass(frozen=True, slots=True)
class BaseRef:
    """The model that new heads stand on: a shipped one, or the folder beside this one; `sha256` is that of its
    configuration, which names the hashes of all its files."""

    model: str
    folder: str
    shipped: bool
    sha256: str

    def beside(self, path: Path) -> Path:
        """Where the base of the model at `path` lies. Raises ModelError where it is missing or another one."""
        found = Path(str(files(_SHIPPED).joinpath(self.folder))) if self.shipped else path.parent / self.folder
        config = found / CONFIG
        if not config.is_file() or file_sha256(config) != self.sha256:
            raise ModelError(
                f"{path} stands on {self.model}, which is not at {found} as it was.",
                hint="Restore that folder from a backup.",
            )
        return found


@dataclass(frozen=True, slots=True)
class AdaptedFolder:
    """Everything that stands on a base: log odds of a head are calibration(base's + words + embedding), (384, heads).
    A head that was not learned adds nothing and is calibrated as the base's."""

    version: str
    base: BaseRef
    features: FeatureSpec
    view_weights: tuple[float, ...]
    words: Weights
    embedding: NDArray[np.float32]
    calibration: Mapping[Head, Platt]
    thresholds: Mapping[Head, float]
    alert_rule: AlertRule


def ref_of(path: Path, model: str, *, shipped: bool) -> BaseRef:
    """How new heads name the base at `path`."""
    return BaseRef(model, path.name, shipped, file_sha256(path / CONFIG))


def write_adapted_folder(path: Path, folder: AdaptedFolder, metrics: dict[str, Any], card: str) -> None:
    """Write a new model folder; raises ModelError when `path` is already there."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, embedding=folder.embedding)
    contents = {WORDS: pack_weights(folder.words), EMBEDDING: buffer.getvalue()}
    write_files(path, _config(folder), contents, metrics, card)


def read_adapted_folder(path: Traversable) -> AdaptedFolder:
    """Read and check a model folder, without its base. Raises ModelError when it is missing, damaged or another."""
    config = read_config(path, (KIND,))
    try:
        folder = _parse(config, {name: read_checked(path, config, name) for name in (WORDS, EMBEDDING)})
        check_weights(folder.words, folder.features, folder.view_weights)
        _check(folder)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: {CONFIG} or the weights are damaged ({error!r}).", hint=HINT) from error
    return folder


def _config(folder: AdaptedFolder) -> dict[str, Any]:
    base = folder.base
    return decisions_as_dict(folder.thresholds, folder.alert_rule) | {
        "kind": KIND,
        "version": folder.version,
        "base": {"model": base.model, "folder": base.folder, "shipped": base.shipped, "config_sha256": base.sha256},
        "features": folder.features.as_dict(),
        "view_weights": list(folder.view_weights),
        "calibration": {head.value: [folder.calibration[head].a, folder.calibration[head].b] for head in HEADS},
    }


def _parse(config: Mapping[str, Any], contents: Mapping[str, bytes]) -> AdaptedFolder:
    thresholds, rule = decisions_from_dict(config)
    base = config["base"]
    return AdaptedFolder(
        version=str(config["version"]),
        base=BaseRef(str(base["model"]), str(base["folder"]), bool(base["shipped"]), str(base["config_sha256"])),
        features=FeatureSpec.from_dict(config["features"]),
        view_weights=tuple(float(weight) for weight in config["view_weights"]),
        words=unpack_weights(contents[WORDS]),
        embedding=_unpacked(contents[EMBEDDING]),
        calibration={head: Platt(*map(float, config["calibration"][head.value])) for head in HEADS},
        thresholds=thresholds,
        alert_rule=rule,
    )


def _unpacked(content: bytes) -> NDArray[np.float32]:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return np.asarray(archive["embedding"], dtype=np.float32)
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise ValueError(str(error)) from error


def _check(folder: AdaptedFolder) -> None:
    """Raises ValueError for numbers that do not fit, a base outside the store of models, or a name that hides it."""
    if folder.embedding.shape != (EMBEDDING_DIM, len(HEADS)) or not np.isfinite(folder.embedding).all():
        raise ValueError("the weights of the embedding do not fit")
    if not all(isfinite(platt.a) and isfinite(platt.b) for platt in folder.calibration.values()):
        raise ValueError("a calibration is not finite")
    if folder.base.folder in ("", ".", "..") or Path(folder.base.folder).name != folder.base.folder:
        raise ValueError(f"the base lies in {folder.base.folder!r}")
    if embedding_of(folder.version) != folder.base.model or folder.version == folder.base.model:
        raise ValueError(f"{folder.version} is not named after {folder.base.model}")
