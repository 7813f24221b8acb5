"""A sentence as the rules see it, and the place of a name in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from waspada.privacy.features import writing_mode
from waspada.privacy.tagger import Scores
from waspada.privacy.tokens import Token


@dataclass(frozen=True, slots=True)
class Name:
    """Words `start` up to, not including, `end` of a sentence name one person."""

    start: int
    end: int


@dataclass(slots=True)
class Sentence:
    """One sentence with what the rules ask of it: lower-cased words, how it is written, the tagger's margins."""

    tokens: list[Token]
    margins: Scores
    lowers: list[str] = field(init=False)
    mode: str = field(init=False)

    def __post_init__(self) -> None:
        self.lowers = [token.text.lower() for token in self.tokens]
        self.mode = writing_mode(token.text for token in self.tokens)

    def lower(self, place: int) -> str:
        """The lower-cased word at a place; "" outside."""
        return self.lowers[place] if 0 <= place < len(self.lowers) else ""

    def capital(self, place: int) -> bool:
        """Whether the word there is written as a name could be; in small-letter sentences every word is."""
        if not 0 <= place < len(self.tokens):
            return False
        first = self.tokens[place].text[0]
        return first.isupper() or (self.mode == "lower" and first.isalpha())

    def alphabetic(self, place: int) -> bool:
        return 0 <= place < len(self.tokens) and self.tokens[place].text[0].isalpha()
