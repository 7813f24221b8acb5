"""Text in, tags out: `nlp.load().classify(items)`. The runtime needs numpy and nothing else, and sees no database."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from nlp.model_folder import read_folder
from nlp.tagger import BaselineTagger
from waspada.taxonomy import ItemText, Tags

__all__ = ["DEFAULT_MODEL", "BaselineTagger", "ItemText", "Tags", "load"]

#: The folder of the package `models` that `load()` reads when no other is named.
DEFAULT_MODEL = "baseline-id-v1"


def load(path: Path | None = None) -> BaselineTagger:
    """The tagger of a model folder, the shipped one by default.

    Raises `waspada.errors.ModelError` when the folder is missing, damaged, or written for another version.
    """
    return BaselineTagger(read_folder(path if path is not None else files("models").joinpath(DEFAULT_MODEL)))
