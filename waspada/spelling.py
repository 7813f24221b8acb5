"""Undoing the spellings that are meant to get past filters: "k4fir", "k a f i r", "k.a.d.r.u.n", "P*K*I".

Only shapes that ordinary text hardly has are touched: a digit between letters of a word that is mostly letters, and
runs of three or more single letters parted by the same sign. "G30S", "C1", "TPS 03" and "a.n." stay as they are.
"""

from __future__ import annotations

import re

_LETTERS, _CAPITALS = str.maketrans("0134578@", "oieastba"), str.maketrans("0134578@", "OIEASTBA")
_WORD = re.compile(r"(?<![\w@./:#])(?!@|\w+@\w+\.\w)[^\W_]*[013457 8@][^\W_]*".replace(" ", ""))
_LEET = re.compile(
    r"[^\W\d_]{2}[013457@8][^\W\d_]|[^\W\d_][013457@8][^\W\d_]{2}|(?<!\w)[^\W\d_][013457][^\W\d_][013457]", re.UNICODE
)
_SPACED = re.compile(r"(?<![^\W_])([^\W\d_](?P<gap>[ .*\-]{1,3})(?:[^\W\d_](?P=gap)){1,20}[^\W\d_])(?![^\W_])")
_GAP = re.compile(r"[ .*\-]+")
_MIN_LETTERS_SHARE = 0.5


def plain_spelling(text: str) -> str:
    """The text with disguised words spelled out; a text without any is returned as it is."""
    return _SPACED.sub(_joined, _WORD.sub(_spelled, text))


def _spelled(match: re.Match[str]) -> str:
    word = match.group()
    letters = sum(character.isalpha() for character in word)
    if letters < 3 or letters < _MIN_LETTERS_SHARE * len(word) or not _LEET.search(word):
        return word
    capitals = sum(character.isupper() for character in word)
    return word.translate(_CAPITALS if 2 * capitals > letters else _LETTERS)


def _joined(match: re.Match[str]) -> str:
    gap, found = match.group("gap"), match.group(1)
    if gap == "." and found.isupper() and len(found) <= 5:
        return found  # an abbreviation such as "S.H." or "D.P.R"
    return _GAP.sub("", found)
