"""The one door through which text leaves: console, API, feeds, digests and exports all call `masked` or `mask`.

Private persons, minors and victims are masked here and nowhere else (design, rule 3); what the masks look like and who
is masked is decided in `waspada.privacy`. Control and direction characters are made harmless on the way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from waspada.privacy import person_spans
from waspada.privacy.persons import MASK

#: What is masked is remembered for texts up to this length; a page is shown far more often than it changes.
_REMEMBERED_CHARACTERS = 20_000
_KEPT_CONTROLS = "\n\t"


@dataclass(frozen=True, slots=True)
class Span:
    """Code points `start` <= n < `end` of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may leave, and where the spans asked for stand in it."""

    text: str
    spans: tuple[Span, ...]

    def pieces(self) -> list[tuple[str, bool]]:
        """The text cut into runs, each with whether it lies in one of the spans; joined they are the text."""
        edges = sorted({0, len(self.text), *(e for s in self.spans for e in (s.start, s.end))})
        runs: list[tuple[str, bool]] = []
        for start, end in pairwise(edges):
            inside = any(s.start <= start and end <= s.end for s in self.spans)
            before = runs.pop()[0] if runs and runs[-1][1] == inside else ""
            runs.append((before + self.text[start:end], inside))
        return runs

    def quotes(self) -> list[str]:
        return [self.text[span.start : span.end] for span in self.spans]


def mask(text: str) -> str:
    """A text as it may leave."""
    return _mask(text) if len(text) <= _REMEMBERED_CHARACTERS else masked(text).text


@lru_cache(maxsize=4096)
def _mask(text: str) -> str:
    return masked(text).text


def masked(text: str, spans: Sequence[Span] = ()) -> Masked:
    """A text as it may leave, with spans of the original found again in it.

    The whole text is masked at once, so that a name introduced in one sentence is known in the next. Spans that do not
    lie in the text are left out; one that begins or ends within a name takes in the whole mask.
    """
    plain = harmless(text)
    hidden = _remembered(plain) if len(plain) <= _REMEMBERED_CHARACTERS else _person_spans(plain)
    moved = [
        Span(_moved(hidden, span.start, at_end=False), _moved(hidden, span.end, at_end=True))
        for span in spans
        if 0 <= span.start < span.end <= len(plain)
    ]
    return Masked(_replaced(plain, hidden), tuple(moved))


@lru_cache(maxsize=4096)
def _remembered(text: str) -> tuple[Span, ...]:
    return _person_spans(text)


def _person_spans(text: str) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in person_spans(text))


def _replaced(text: str, hidden: Sequence[Span]) -> str:
    pieces, last = [], 0
    for span in hidden:
        pieces += [text[last : span.start], MASK]
        last = span.end
    return "".join([*pieces, text[last:]])


def _moved(hidden: Sequence[Span], position: int, *, at_end: bool) -> int:
    """Where a position of the original stands after masking; within a name, the edge that keeps its mask whole."""
    shift = 0
    for span in hidden:
        if position <= span.start:
            break
        if position < span.end:
            return span.start + shift + (len(MASK) if at_end else 0)
        shift += len(MASK) - (span.end - span.start)
    return position + shift


def harmless(text: str) -> str:
    """The same number of code points, without lone surrogates, control characters and direction overrides."""
    if text.replace("\n", "").replace("\t", "").isprintable():  # so it is nearly always, and said at once
        return text
    return "".join(c if c in _KEPT_CONTROLS or unicodedata.category(c)[0] != "C" else " " for c in text)
