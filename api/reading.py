"""What the API asks of model folders: which one the settings name, and whether one is whole. It reads no text."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from waspada.settings import Settings


def default_model(settings: Settings) -> str:
    """The name of the model that the settings name. Raises ModelError."""
    return _name(settings.model_dir)


def check(path: Path) -> str:
    """The name of the model in a folder, after every file was read. Raises ModelError."""
    import nlp  # numbers are needed by nothing else in this process

    return nlp.check(path)


@lru_cache(maxsize=8)
def _name(path: Path | None) -> str:
    import nlp

    return nlp.model_name(path)
