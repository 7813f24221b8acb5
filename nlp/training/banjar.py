"""Indonesian said again in Banjarese, word by word, so that the head `hate` learns the words of the pilot region.

No public set in Banjarese may be trained on (their licences allow measuring only), and written comments alone are few.
A lexicon of ours turns labelled Indonesian comments into Banjarese ones with the same label: code-switched copies, as
in mixed-language training (Liu et al. 2020, arXiv:1911.09273). Words outside the lexicon follow the sounds of the Hulu
dialect, whose vowels are a, i and u (Balai Bahasa Kalimantan Selatan 2008, Kamus Bahasa Banjar Dialek Hulu-Indonesia):
"besar" is "basar", "kelapa" "kalapa", and the prefixes me-, ber-, ter-, pe- are ma-, ba-, ta-, pa-.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from waspada.banjar.parts import is_word, parts_of, phrase_at
from waspada.errors import InputError

WORDS = Path(__file__).with_name("authored") / "banjar_words.csv"
_COLUMNS = ("indonesian", "banjar")
_SUFFIXES = {"nya": "nya", "lah": "lah", "kah": "kah", "mu": " ikam", "ku": "ku"}
_PREFIXES = (("ber", "ba"), ("ter", "ta"), ("per", "par"), ("me", "ma"), ("be", "ba"), ("te", "ta"), ("pe", "pa"))
_SOUNDS = str.maketrans("eo", "au")
_MIN_STEM = 3
#: Who writes Banjarese leaves some words in Indonesian, and its sounds are not always spelled out.
_TURNED, _SOUNDED = 0.9, 0.5

Lexicon = Mapping[str, tuple[str, ...]]


def read_words(path: Path = WORDS) -> dict[str, tuple[str, ...]]:
    """Indonesian word or phrase -> how it is said, the commonest first. Raises InputError with the line where one
    cannot be read."""
    words: dict[str, tuple[str, ...]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            source, said = (row.get(column) or "" for column in _COLUMNS)
            variants = tuple(part.strip() for part in said.split("|") if part.strip())
            if not source.strip() or not variants or source != source.lower():
                raise InputError(
                    f"{path.name}, line {number}: {source!r} has no word beside it or is not in lower case.",
                    hint=f"A line holds {' and '.join(_COLUMNS)}; variants are parted by |.",
                )
            words[source.strip()] = variants
    return words


def in_banjar(text: str, words: Lexicon, rng: np.random.Generator) -> str:
    """The text in lower case with its words turned; links, handles and hashtags stay."""
    parts = parts_of(text.lower())
    said: list[str] = []
    at = 0
    while at < len(parts):
        phrase = phrase_at(parts, at, words)
        if phrase and rng.random() < _TURNED:
            said.append(_drawn(words["".join(phrase)], rng))
            at += len(phrase)
        else:
            said.append(parts[at] if phrase else _turned(parts[at], words, rng))
            at += 1
    return "".join(said)


def _turned(part: str, words: Lexicon, rng: np.random.Generator) -> str:
    if not is_word(part):
        return part
    for suffix, said in _SUFFIXES.items():
        stem = part.removesuffix(suffix)
        if stem != part and stem in words:
            return _drawn(words[stem], rng) + said
    return _sounded(part) if len(part) > _MIN_STEM and rng.random() < _SOUNDED else part


def _sounded(word: str) -> str:
    for prefix, said in _PREFIXES:
        stem = word.removeprefix(prefix)
        if stem != word and len(stem) >= _MIN_STEM:
            return said + stem.translate(_SOUNDS)
    return word.translate(_SOUNDS)


def _drawn(variants: tuple[str, ...], rng: np.random.Generator) -> str:
    """One of the variants, an earlier one more often."""
    weights = 1.0 / np.arange(1, len(variants) + 1)
    return variants[int(rng.choice(len(variants), p=weights / weights.sum()))]
