"""Words and sentences of a plain text, with their places in it. Shared by the tagger, its trainer and the rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LONGEST_SENTENCE = 120  # words; longer ones are cut, so that no text costs more than its length

# Alternatives start with different characters, so the pattern never backtracks over what it has read.
_MASK = r"\[[a-z]{2,20}\]"
_WORD = r"[^\W\d_]+(?:['’‘`\-‐‑–][^\W\d_]+)*"
_NUMBER = r"\d+(?:[.,:/]\d+)*"
_TOKEN = re.compile(f"{_MASK}|{_WORD}|{_NUMBER}|\\n|[^\\s]")
_IS_MASK = re.compile(_MASK)

_ENDERS = frozenset(".!?…")
_CLOSERS = frozenset("\"'”’»)]")
_ABBREVIATIONS = frozenset(
    (
        "h",
        "hj",
        "dr",
        "drs",
        "dra",
        "ir",
        "prof",
        "kh",
        "k.h",
        "st",
        "tgk",
        "ust",
        "hb",
        "jl",
        "jln",
        "gg",
        "no",
        "kab",
        "kec",
        "kel",
        "prov",
        "rt",
        "rw",
        "tk",
        "pdt",
        "rm",
        "raden",
        "gt",
        "a.n",
        "an",
        "sdr",
        "sdri",
        "alm",
        "almh",
        "dll",
        "dsb",
        "dst",
        "tgl",
        "hlm",
        "hal",
        "bpk",
        "s",
        "m",
        "muh",
        "moh",
        "mohd",
        "abd",
        "letkol",
        "kol",
        "brigjen",
        "irjen",
        "komjen",
        "akbp",
        "jend",
        "mayjen",
        "letjen",
        "kapt",
        "bin",
        "pt",
        "cv",
        "tbk",
        "red",
        "ketum",
        "sos",
        "pd",
        "si",
        "kom",
        "hum",
        "kes",
        "ag",
        "sh",
        "mh",
        "mm",
        "se",
        "sp",
    )
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign. `start` and `end` are code points within the text it was cut from."""

    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Cut a text into words, numbers, signs and line ends, in order. Spaces are dropped."""
    return [Token(found.group(), found.start(), found.end()) for found in _TOKEN.finditer(text)]


def is_mask(word: str) -> bool:
    """Whether the word is one of the fixed tokens that stand for something removed, such as `[nama]`."""
    return word.startswith("[") and _IS_MASK.fullmatch(word) is not None


def sentences(tokens: list[Token]) -> Iterator[list[Token]]:
    """Group tokens into sentences of at most `LONGEST_SENTENCE`; line ends separate and are left out."""
    current: list[Token] = []
    for place, token in enumerate(tokens):
        if token.text != "\n":
            current.append(token)
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        if token.text == "\n" or _ends_sentence(current, following) or len(current) >= LONGEST_SENTENCE:
            if current:
                yield current
            current = []
    if current:
        yield current


def _ends_sentence(current: list[Token], following: Token | None) -> bool:
    """Whether a sentence is over after the last token of `current`."""
    last = current[-1] if current else None
    if last is None or following is None or following.start == last.end:
        return False
    if not (following.text[0].isupper() or following.text[0] in "\"“'‘[(" or following.text[0].isdigit()):
        return False
    ender = current[-2] if last.text in _CLOSERS and len(current) > 1 else last
    if ender.text not in _ENDERS:
        return False
    return ender.text != "." or not _is_abbreviation(current, ender)


def _is_abbreviation(current: list[Token], dot: Token) -> bool:
    before = [token for token in current[-3:] if token.end == dot.start]
    if not before:
        return False
    word = before[-1].text
    return (len(word) == 1 and word.isupper()) or _known_abbreviation(word)


@lru_cache(maxsize=4096)
def _known_abbreviation(word: str) -> bool:
    return word.lower() in _ABBREVIATIONS
