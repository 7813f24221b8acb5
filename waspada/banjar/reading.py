"""Banjarese said in Indonesian words, so that what was learned from Indonesian texts reads the posts of the region.

A table of ours (`data/words.csv`, made by `python -m benchmarks.build_banjar`) holds no word that Indonesian news or
posts write as well. A text is taken for Banjarese where at least `LEAST_WORDS` of its words, and `LEAST_SHARE` of all,
stand in it: of 40,000 Indonesian headlines and posts four do. In such a text words count as Banjarese, too, that
Indonesian has in another sense (`data/homographs.csv`, own list): "lawan" is "with" and no opponent. Names stay: a word
with a capital within a sentence is none of these. Classifying what was first put into the better known language is
known as translate-test (Conneau et al. 2018, arXiv:1809.05053).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from waspada.banjar.parts import is_word, parts_of, phrase_at

LEAST_WORDS = 2
LEAST_SHARE = 0.1
#: Ending in Banjarese and in Indonesian: "bungulnya" is "bodohnya", "padahakan" "beritahukan".
_ENDINGS = {"nya": "nya", "akan": "kan", "lah": "lah"}
_LEAST_STEM = 3
_BEGINS = frozenset('.!?:"\n(')


def in_indonesian(texts: Sequence[str]) -> list[str]:
    """The parts of one text in their order, in Indonesian words where they are Banjarese; else as they are."""
    if not is_banjarese(texts):
        return list(texts)
    return [_turned(text) for text in texts]


def is_banjarese(texts: Sequence[str]) -> bool:
    """Whether the parts of one text, together, hold enough words of the table."""
    table = words()
    found = [part.lower() for text in texts for part in parts_of(text) if is_word(part)]
    known = sum(word in table for word in found)
    return known >= LEAST_WORDS and known >= LEAST_SHARE * len(found)


@lru_cache(maxsize=1)
def words() -> Mapping[str, str]:
    """Banjarese word or phrase, in lower case -> Indonesian; none of them is Indonesian."""
    return _table("words.csv")


@lru_cache(maxsize=1)
def homographs() -> Mapping[str, str]:
    """Words that are Indonesian, too -> what they are in Banjarese."""
    return _table("homographs.csv")


@lru_cache(maxsize=1)
def _said() -> Mapping[str, str]:
    """All that is turned in a Banjarese text."""
    return {**words(), **homographs()}


def _table(name: str) -> dict[str, str]:
    text = files("waspada.banjar").joinpath("data", name).read_text(encoding="utf-8")
    return dict(list(csv.reader(text.splitlines()))[1:])


def _turned(text: str) -> str:
    table = _said()
    parts = parts_of(text)
    lower = [part.lower() for part in parts]
    said: list[str] = []
    at = 0
    while at < len(parts):
        phrase = phrase_at(lower, at, table)
        found = table["".join(phrase)] if phrase else _without_ending(lower[at])
        if found is None or _is_name(parts, at):
            said.append(parts[at])
            at += 1
        else:
            said.append(_cased(found, parts[at]))
            at += max(1, len(phrase))
    return "".join(said)


def _is_name(parts: Sequence[str], at: int) -> bool:
    """Whether a word has a capital that the beginning of a sentence does not explain."""
    word = parts[at]
    begins = at == 0 or any(mark in parts[at - 1] for mark in _BEGINS)
    return word[:1].isupper() and not word.isupper() and not begins


def _without_ending(word: str) -> str | None:
    """What a word of the table with an ending means; None where it is none."""
    for ending, said in _ENDINGS.items():
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _LEAST_STEM and stem in words():
            return words()[stem] + said
    return None


def _cased(said: str, written: str) -> str:
    if written.isupper() and len(written) > 1:
        return said.upper()
    return said.capitalize() if written[:1].isupper() else said
