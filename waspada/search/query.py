"""From what somebody typed to a query: plain words, "words in a row", and -words that must not be there. Pure.

Nothing else has a meaning: AND, OR, NEAR, *, ^, : and brackets are letters or spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from waspada.alerts.exits import Masked, Span
from waspada.errors import InputError
from waspada.privacy.persons import MASK
from waspada.search.types import Query, Term

MAX_CHARACTERS = 200
MOST_TERMS = 12
_PART = re.compile(r'(?<!\w)(?P<minus>[-−–])?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))|\s+|"')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_WORD = re.compile(r"[^\W_]+")
#: A mask is no word: who looks for "nama" finds no masks, and what stood on both sides of one did not follow it.
_TOKEN = re.compile(rf"{re.escape(MASK)}|[^\W_]+")


def parse(given: str) -> Query:
    """Raises InputError: nothing to look for, too long, too many words."""
    if len(given) > MAX_CHARACTERS:
        raise InputError(f"The search has {len(given)} characters.", hint=f"Keep it under {MAX_CHARACTERS}.")
    terms, without = list[Term](), list[Term]()
    for part in _PART.finditer(unicodedata.normalize("NFC", given).translate(_QUOTES)):
        words = tuple(words_of(part["quoted"] or part["plain"] or ""))
        if words:
            (without if part["minus"] else terms).append(Term(words))
    found = Query(tuple(dict.fromkeys(terms)), tuple(dict.fromkeys(without)))
    if not found.terms:
        raise InputError("There is no word to look for.", hint='Write words, or "words in a row"; -word leaves out.')
    if len(found.terms) + len(found.without) > MOST_TERMS:
        raise InputError("There are too many words.", hint=f"Give at most {MOST_TERMS}.")
    return found


def words_of(text: str) -> Iterator[str]:
    """The words of a text in small letters, as both databases cut them: runs of letters and digits."""
    return (found[0].lower() for found in _WORD.finditer(text))


def fits(query: Query, *fields: Masked) -> bool:
    """Whether a text as it may leave has all that is looked for and nothing of what must not be there.

    The index knows the words behind the masks; only what this says may be shown, and so no search confirms a name.
    """
    read = [_tokens(field.text) for field in fields]
    has = [any(_places(term, words) for words in read) for term in query.terms]
    return all(has) and not any(_places(term, words) for term in query.without for words in read)


def marked(query: Query, field: Masked) -> Masked:
    """The same text with the words found as its spans."""
    words = _tokens(field.text)
    spans = {span for term in query.terms for span in _places(term, words)}
    return Masked(field.text, tuple(sorted(spans, key=lambda span: (span.start, span.end))))


def _tokens(text: str) -> list[tuple[str, Span]]:
    """The words of a text with their places; a mask is the empty word."""
    return [
        ("" if found[0] == MASK else _folded(found[0]), Span(found.start(), found.end()))
        for found in _TOKEN.finditer(text)
    ]


def _places(term: Term, words: Sequence[tuple[str, Span]]) -> list[Span]:
    wanted = [_folded(word) for word in term.words]
    size = len(wanted)
    return [
        Span(words[at][1].start, words[at + size - 1][1].end)
        for at in range(len(words) - size + 1)
        if words[at][0] == wanted[0] and [word for word, _ in words[at : at + size]] == wanted
    ]


def _folded(word: str) -> str:
    """In small letters without accents, as SQLite's index has it."""
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))
