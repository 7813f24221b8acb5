"""The one function that masks persons at every exit, and the places of what it masks.

Masked by default: every name the tagger finds. Kept: a mention that an office or a candidacy is directly tied to in
its sentence, and later mentions of the same name in the same text, unless their words make the person a victim, a minor
or a suspect. The rules err towards masking. What it reaches is measured by `python -m benchmarks.masking`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import Final

from waspada.errors import InputError
from waspada.privacy.names import find_names, sure_words
from waspada.privacy.roles import age_end, is_exposed, with_office
from waspada.privacy.sentence import Name, Sentence
from waspada.privacy.tagger import NAME_MASK, PersonTagger, Scores, shipped
from waspada.privacy.tokens import Token, sentences, tokenize

MASK: Final = NAME_MASK
_HYPHENS: Final = re.compile("[-‐‑–]")  # "A-B" is one word, though it names two candidates
_MASK_FORM: Final = re.compile(r"\[[a-z]{2,20}\]")

Span = tuple[int, int]
_Margins = dict[tuple[str, ...], Scores]


def mask_persons(text: str, mask: str = MASK) -> str:
    """The text with every person masked who is not named for a public office. Masking twice changes nothing more.

    Args:
        text: plain text, any length; HTML is taken for text.
        mask: what stands for a name, small letters in square brackets.

    Raises:
        InputError: `mask` is of another form.
        ModelError: the tagger's weights file is missing.
    """
    return _with_masks(text, person_spans(text, mask), mask)


def person_spans(text: str, mask: str = MASK) -> list[Span]:
    """What `mask_persons` replaces: (start, end) in code points of `text`, in order, apart from each other.

    An age that follows a name lies inside its span. A mask that already stands in the text is no span.
    """
    if _MASK_FORM.fullmatch(mask) is None:
        raise InputError(f"The mask {mask!r} is not of the form [nama].", hint="Use 2 to 20 small letters in brackets.")
    return _settled(text, mask, _private_names)


def name_spans(text: str) -> list[Span]:
    """Every person's name found in one reading, office-holders too: (start, end) in code points. For measuring only."""
    read = _read(tokenize(text), MASK, shipped(), {})
    return [_span(sentence, name) for sentence, names in read for name in names]


def _settled(
    text: str, mask: str, find: Callable[[list[Token], str, PersonTagger, _Margins], list[Span]]
) -> list[Span]:
    """Read and mask until a reading finds nothing more, so that the result is the same when masked again.

    Each turn leaves fewer words, so it ends; nearly always the second turn is the last. Sentences that did not
    change are not tagged again.
    """
    tagger = shipped()
    margins: _Margins = {}
    spans: list[Span] = []
    current = text
    while found := find(tokenize(current), mask, tagger, margins):
        spans = _merged(spans, _back(found, spans, mask))
        current = _with_masks(text, spans, mask)
    return spans


def _private_names(tokens: list[Token], mask: str, tagger: PersonTagger, margins: _Margins) -> list[Span]:
    """One reading: the spans of names to be masked, none of them a mere mask."""
    out: list[Span] = []
    kept: set[str] = set()
    shared: set[str] = set()
    for sentence, names in _read(tokens, mask, tagger, margins):
        held = with_office(sentence, names, tagger.case_of)
        for number, name in enumerate(names):
            words = {sentence.lowers[place] for place in range(name.start, name.end) if sentence.alphabetic(place)}
            if number in held:
                kept |= words.union(*(_HYPHENS.split(word) for word in words))
            elif not words or not _is_later_mention(words, kept, shared) or is_exposed(sentence, names, number):
                shared |= words if len(words) > 1 else set()
                span = _span(sentence, Name(name.start, age_end(sentence, name.end)))
                if name.end - name.start > 1 or words or span[1] > sentence.tokens[name.start].end:
                    out.append(span)
    return out


def _is_later_mention(words: set[str], kept: set[str], shared: set[str]) -> bool:
    """Whether all words of a mention belong to a name kept before; one that a masked name shares needs company."""
    return words <= kept and (len(words) > 1 or not words & shared)


def _read(tokens: list[Token], mask: str, tagger: PersonTagger, margins: _Margins) -> list[tuple[Sentence, list[Name]]]:
    """All sentences with the names in them, found once more with the words of names that were sure the first time."""
    alike = [Token(NAME_MASK, token.start, token.end) if token.text == mask else token for token in tokens]
    cut = list(sentences(alike))
    keys = [tuple(token.text for token in sentence) for sentence in cut]
    missing = list(dict.fromkeys(key for key in keys if key not in margins))
    margins.update(zip(missing, tagger.margins([list(key) for key in missing]), strict=True))
    read = [Sentence(sentence, margins[key]) for sentence, key in zip(cut, keys, strict=True)]
    first = [find_names(sentence, tagger, frozenset()) for sentence in read]
    if len(read) == 1:
        return [(read[0], first[0])]
    known: set[str] = set()
    for sentence, names in zip(read, first, strict=True):
        known |= sure_words(sentence, names, tagger)
    repeated = frozenset(known)
    return [
        (sentence, names if known.isdisjoint(sentence.lowers) else find_names(sentence, tagger, repeated))
        for sentence, names in zip(read, first, strict=True)
    ]


def _span(sentence: Sentence, name: Name) -> Span:
    return sentence.tokens[name.start].start, sentence.tokens[name.end - 1].end


def _with_masks(text: str, spans: list[Span], mask: str) -> str:
    pieces: list[str] = []
    last = 0
    for start, end in spans:
        pieces += (text[last:start], mask)
        last = end
    return "".join((*pieces, text[last:]))


def _back(found: list[Span], spans: list[Span], mask: str) -> list[Span]:
    """Spans of a text in which `spans` have been masked, as spans of the text before."""
    ends: list[int] = []  # where each mask ends in the masked text
    shift = 0
    for start, end in spans:
        shift += len(mask) - (end - start)
        ends.append(end + shift)

    def original(place: int, *, at_end: bool) -> int:
        number = bisect_right(ends, place) - 1  # the last mask that ends at or before the place
        if at_end and number >= 0 and ends[number] == place:
            return spans[number][1]
        return place + (spans[number][1] - ends[number] if number >= 0 else 0)

    return [(original(start, at_end=False), original(end, at_end=True)) for start, end in found]


def _merged(old: list[Span], new: list[Span]) -> list[Span]:
    """Both lists in order; a new span swallows the old ones inside it."""
    out: list[Span] = []
    for start, end in sorted(old + new, key=lambda span: (span[0], -span[1])):
        if not out or start >= out[-1][1]:
            out.append((start, end))
    return out
