"""A field of an item cut into words with their offsets, and what its capitals are worth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_WORD = re.compile(r"[^\W_]+")
#: What may stand between the words of one name.
_NAME_GAPS = frozenset({" ", "\u00a0", "  ", "-", "'", "\u2019", "`", "\u2011", "\u2010", "/"})
_ABBREVIATION_GAPS = frozenset({".", ". ", ".\u00a0", ".  "})
#: "Kep. Riau", "Peg. Bintang".
_SHORT_NAME_PARTS = frozenset({"kep", "peg"})
_WEB = re.compile(r"://|www\.|@|\w\.(?:com|co|id|net|org|go|ac|tv|news)\b", re.IGNORECASE)
_WEB_REACH = 80
_TITLE_SHARE = 0.7


class Casing(Enum):
    """Whether a capital tells a name from a word in this field."""

    MIXED = "mixed"
    TITLE = "title"
    UPPER = "upper"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Words of one field. `starts` and `ends` are code points of `text`; `lows` the words in lower case."""

    field: str
    text: str
    words: list[str]
    lows: list[str]
    starts: list[int]
    ends: list[int]
    casing: Casing

    def __len__(self) -> int:
        return len(self.words)

    def gap(self, at: int) -> str:
        """The characters between word `at` and the next one."""
        return self.text[self.ends[at] : self.starts[at + 1]]

    def joined(self, at: int) -> bool:
        """Whether words `at` and `at + 1` can be of one name."""
        if at + 1 >= len(self.words):
            return False
        gap = self.gap(at)
        return gap in _NAME_GAPS or (gap in _ABBREVIATION_GAPS and self.lows[at] in _SHORT_NAME_PARTS)

    def follows_kind(self, at: int, *, abbreviated: bool) -> bool:
        """Whether word `at + 1` can be the name that the kind word `at` announces."""
        if at + 1 >= len(self.words):
            return False
        gap = self.gap(at)
        return gap in _NAME_GAPS or (abbreviated and gap in _ABBREVIATION_GAPS)

    def spaced(self, at: int) -> bool:
        """Whether only a blank (after a full stop of a short form, too) parts words `at` and `at + 1`."""
        return 0 <= at < len(self.words) - 1 and self.gap(at) in (" ", "\u00a0", "  ")

    def capital(self, at: int) -> bool:
        return self.words[at][0].isupper()

    def in_address(self, at: int) -> bool:
        """Whether the word is part of a web or mail address or of a handle."""
        start, end = self.starts[at], self.ends[at]
        text = self.text
        left = max(text.rfind(blank, max(0, start - _WEB_REACH), start) for blank in (" ", "\n", "|")) + 1
        left = left or max(0, start - _WEB_REACH)
        right = _next_blank(text, end)
        return _WEB.search(text, left, right) is not None


def _next_blank(text: str, start: int) -> int:
    stops = (text.find(blank, start, start + _WEB_REACH) for blank in (" ", "\n", ",", "|"))
    return min((stop for stop in stops if stop >= 0), default=min(len(text), start + _WEB_REACH))


def tokenize(field: str, text: str) -> Tokens:
    """Cuts `text` at everything that is neither letter nor digit. Linear in its length."""
    matches = list(_WORD.finditer(text))
    words = [match.group() for match in matches]
    return Tokens(
        field=field,
        text=text,
        words=words,
        lows=[word.lower() for word in words],
        starts=[match.start() for match in matches],
        ends=[match.end() for match in matches],
        casing=_casing(words),
    )


def _casing(words: list[str]) -> Casing:
    letters = [word for word in words[:400] if len(word) > 1 and word[0].isalpha()]
    if not letters:
        return Casing.MIXED
    capitals = sum(word[0].isupper() for word in letters) / len(letters)
    if capitals < 0.04 or (len(letters) <= 24 and capitals == 0):
        return Casing.LOWER
    if sum(word.isupper() for word in letters) / len(letters) >= 0.7:
        return Casing.UPPER
    return Casing.TITLE if capitals >= _TITLE_SHARE else Casing.MIXED
