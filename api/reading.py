"""What the API asks of `nlp`: which model the settings name, whether a folder is whole, where sentences begin and end.

Imported where it is used: most processes of the API are never asked."""

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


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text begin and end, in code points."""
    from nlp.sentences import split_sentences

    return [(one.start, one.end) for one in split_sentences(text)]


@lru_cache(maxsize=8)
def _name(path: Path | None) -> str:
    import nlp

    return nlp.model_name(path)
