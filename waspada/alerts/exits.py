"""The one door through which text leaves: console, API, feeds, digests and exports all call `masked` or `mask`.

Private persons, minors and victims are masked here and nowhere else (design, rule 3); what the masks look like and who
is masked is decided in `waspada.privacy`. Control and direction characters are made harmless on the way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from waspada.privacy import mask_persons

#: Masks are remembered for texts up to this length; a page is shown far more often than it changes.
_REMEMBERED_CHARACTERS = 20_000
_MASK = re.compile(r"\[[a-z]{2,20}\]")
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
        return [
            (self.text[start:end], any(s.start <= start and end <= s.end for s in self.spans))
            for start, end in zip(edges, edges[1:], strict=False)
        ]

    def quotes(self) -> list[str]:
        return [self.text[span.start : span.end] for span in self.spans]


def mask(text: str) -> str:
    """A text as it may leave."""
    plain = _harmless(text)
    return _remembered(plain) if len(plain) <= _REMEMBERED_CHARACTERS else mask_persons(plain)


def masked(text: str, spans: Sequence[Span] = ()) -> Masked:
    """A text as it may leave, with spans of the original found again in it.

    The whole text is masked at once, so that a name introduced in one sentence is known in the next. Spans that do not
    lie in the text are left out.
    """
    plain, safe = _harmless(text), mask(text)
    fitting = [span for span in spans if 0 <= span.start < span.end <= len(plain)]
    if plain == safe or not fitting:
        return Masked(safe, tuple(fitting))
    steps = _alignment(plain, safe)
    moved = [Span(_forward(steps, span.start, end=False), _forward(steps, span.end, end=True)) for span in fitting]
    return Masked(safe, tuple(span for span in moved if span.start < span.end))


@lru_cache(maxsize=4096)
def _remembered(text: str) -> str:
    return mask_persons(text)


def _harmless(text: str) -> str:
    """The same number of code points, without lone surrogates, control characters and direction overrides."""
    return "".join(c if c in _KEPT_CONTROLS or unicodedata.category(c)[0] != "C" else " " for c in text)


@dataclass(frozen=True, slots=True)
class _Replaced:
    """What stood at `raw` stands at `safe`."""

    raw: Span
    safe: Span


def _alignment(raw: str, safe: str) -> list[_Replaced]:
    """Where masks replaced something: the text between two masks is the original's, in the original's order."""
    steps, at_raw, at_safe = [], 0, 0
    masks = list(_MASK.finditer(safe))
    for number, found in enumerate(masks):
        at_raw += found.start() - at_safe
        at_safe = found.end()
        if raw.startswith(found.group(), at_raw):  # it stood in the original already
            at_raw += len(found.group())
            continue
        following = masks[number + 1].start() if number + 1 < len(masks) else len(safe)
        literal = safe[found.end() : following]
        is_last = number + 1 == len(masks)
        resumed = len(raw) - len(literal) if is_last else raw.find(literal, at_raw + 1)
        resumed = max(resumed, at_raw)
        steps.append(_Replaced(Span(at_raw, resumed), Span(found.start(), found.end())))
        at_raw = resumed
    return steps


def _forward(steps: Sequence[_Replaced], position: int, *, end: bool) -> int:
    """Where a position of the original stands now; inside something masked, the edge that keeps the mask whole."""
    shift = 0
    for step in steps:
        if position <= step.raw.start:
            break
        if position < step.raw.end:
            return step.safe.end if end else step.safe.start
        shift = step.safe.end - step.raw.end
    return position + shift
