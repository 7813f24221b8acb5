"""Text in, tags out: `nlp.load().classify(items)`. Training libraries are never needed here, and no database is
seen."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from nlp.adapted import folder as adapted_folder
from nlp.adapted.tagger import AdaptedTagger
from nlp.encoder import folder as encoder_folder
from nlp.model_files import read_config
from nlp.model_folder import KIND as BASELINE_KIND
from nlp.model_folder import read_folder
from nlp.reading import Reader
from nlp.tagger import BaselineTagger
from waspada.taxonomy import ItemText, Tags

__all__ = [
    "BASELINE",
    "DEFAULT_MODEL",
    "ENCODER",
    "KINDS",
    "ItemText",
    "Reader",
    "Tags",
    "check",
    "load",
    "model_name",
    "shipped",
]

#: Folders of the package `models`: what every model is compared with, the encoder, and the one that `load()` reads when
#: no other is named. A model may be the default only when both release gates are open (docs/training.md).
BASELINE = "baseline-id-v1"
ENCODER = "waspada-id-v1"
DEFAULT_MODEL = ENCODER
#: Kinds of model folders that `load` reads.
KINDS = (encoder_folder.KIND, BASELINE_KIND, adapted_folder.KIND)


def load(path: Path | None = None) -> Reader:
    """The tagger of a model folder of any kind, the shipped one by default.

    Raises `waspada.errors.ModelError` when the folder is missing, damaged, or written for another version.
    """
    source = _folder(path)
    kind = read_config(source, KINDS)["kind"]
    if kind == adapted_folder.KIND:
        folder = adapted_folder.read_adapted_folder(source)
        return AdaptedTagger(load(folder.base.beside(Path(str(source)))), folder)
    if kind == BASELINE_KIND:
        return BaselineTagger(read_folder(source))
    from nlp.encoder.tagger import EncoderTagger  # the engine is imported only where it is used

    return EncoderTagger(encoder_folder.read_encoder_folder(source))


def model_name(path: Path | None = None) -> str:
    """Name and version of the model in a folder, the shipped one by default, from its configuration alone.

    Raises `waspada.errors.ModelError` when the folder is missing or written for another version.
    """
    return str(read_config(_folder(path), KINDS).get("version", ""))


def check(path: Path) -> str:
    """Name and version of the model in a folder whose every file was read and found whole.

    Raises `waspada.errors.ModelError` when the folder is missing, damaged, or written for another version.
    """
    kind = read_config(path, KINDS)["kind"]
    if kind == encoder_folder.KIND:
        return encoder_folder.read_encoder_folder(path).version
    if kind == adapted_folder.KIND:
        folder = adapted_folder.read_adapted_folder(path)
        check(folder.base.beside(path))
        return folder.version
    return load(path).model


def shipped(name: str) -> Path:
    """The folder of a shipped model."""
    return Path(str(files("models").joinpath(name)))


def _folder(path: Path | None) -> Traversable:
    return path if path is not None else files("models").joinpath(DEFAULT_MODEL)
