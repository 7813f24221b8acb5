"""A text as words and what stands between them, and the phrases of a table in it: for both directions, into Banjarese
(nlp/training/banjar.py) and out of it."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

_WORD = re.compile(r"[^\W\d_]+")
#: A link, handle or hashtag, which stays; or a word.
_PART = re.compile(rf"[@#]\w+|https?://\S+|{_WORD.pattern}")
_LONGEST_PHRASE = 3


def parts_of(text: str) -> list[str]:
    """Words and what stands between them, in order; a link, handle or hashtag is one part."""
    parts: list[str] = []
    done = 0
    for match in _PART.finditer(text):
        parts += [text[done : match.start()], match.group()]
        done = match.end()
    return [part for part in [*parts, text[done:]] if part]


def is_word(part: str) -> bool:
    """Whether a part is a word: letters alone."""
    return _WORD.fullmatch(part) is not None


def phrase_at(parts: Sequence[str], at: int, table: Container[str]) -> Sequence[str]:
    """The parts from `at` that make the longest phrase of the table; none where there is none."""
    sizes = range(2 * _LONGEST_PHRASE - 1, 0, -2)  # n words and the n - 1 blanks between them
    return next((parts[at : at + size] for size in sizes if "".join(parts[at : at + size]) in table), [])
