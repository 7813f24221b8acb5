"""No topic may be a person (design, rules 1 and 9): a topic is a standing search, one for a name a file on somebody.

The hole is not the title but the examples: ten sentences that have nothing in common but one name find that person
however the topic is called. So no text of a topic may name anybody, office-holders too, and what most examples share is
read once more by itself. Organisations, companies, peoples and places are fine. What the tagger of names misses passes
(it is measured by `python -m benchmarks.masking`): a bar, no proof.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from waspada.places import resolve_region
from waspada.privacy import words as lists
from waspada.privacy.door import mask_contacts
from waspada.privacy.persons import name_spans
from waspada.privacy.tagger import shipped

_ACCOUNT = re.compile(r"@\w|\b(?:akun\w*|username|user name|nama pengguna)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
#: What at least so many examples, and half of them, have in common is read by itself.
_LEAST_SHARED = 2
_SHORTEST_SHARED = 3
#: How the tagger's word table calls words that it does not know, and those that news writes large.
_UNKNOWN_OR_LARGE = (0, 3)
#: Offices of which a region has one, so that no region need be named.
_ONE_HOLDER = frozenset(("presiden", "wapres", "kapolri", "gubernur", "wagub", "bupati", "wabup", "walikota", "walkot"))
_BEFORE_OFFICES = lists.OFFICES | lists.FORMER | {"wakil", "bapak", "ibu", "pak", "bu", "sang", "si"}


def name_problem(title: str, description: str = "", examples: Sequence[str] = ()) -> str | None:
    """What keeps a topic from being added, as a sentence that says what to change; None where nothing does."""
    for where, text in _texts(title, description, examples):
        if _ACCOUNT.search(text) or mask_contacts(text) != text:
            return f"{where} names an account or holds a number of somebody's: leave it out."
        if where == "The title" and _is_office(text):
            return f'{where} "{text}" is an office that one person holds: name the matter instead, as in "pelantikan".'
        found = _names(text) or _names(text.title() if where == "The title" else "")
        if found:
            return (
                f'{where} names a person ("{found}"): a topic is about an event, a place, an institution or a claim. '
                "Leave the name out; a company or body needs the word for what it is before it (PT, yayasan)."
            )
    shared = _shared(examples)
    found = _names(" ".join(shared).title()) or next((name for word in _odd(shared) if (name := _names(word))), "")
    if found:
        return f'Most examples share "{found}", which reads as a person\'s name: choose examples that share the matter.'
    return None


def _texts(title: str, description: str, examples: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield "The title", title
    yield "The description", description
    for number, example in enumerate(examples, 1):
        yield f"Example {number}", example


def _names(text: str) -> str:
    """The first person's name in a text, or nothing. Office-holders count."""
    return next((text[start:end] for start, end in name_spans(text)), "")


def _shared(examples: Sequence[str]) -> list[str]:
    """Words, in small letters, that stand in half of the examples at least, in the order of the text."""
    counts = Counter[str]()
    for example in examples:
        counts.update(list(dict.fromkeys(word.lower() for word in _WORD.findall(example))))
    least = max(_LEAST_SHARED, (len(examples) + 1) // 2)
    return [word for word, count in counts.items() if count >= least and len(word) >= _SHORTEST_SHARED]


def _odd(shared: Sequence[str]) -> list[str]:
    """Those of the words that may be names, in sentences of which a name would be the subject."""
    case_of = shipped().case_of
    odd = [
        word.title()
        for word in shared
        if case_of(word) in _UNKNOWN_OR_LARGE
        and word not in lists.ORGANISATIONS | lists.PLACES | lists.NOT_NAMES
        and resolve_region(word) is None
    ]
    return [*odd, *(f"Polisi memeriksa {word} (40) kemarin." for word in odd)]


def _is_office(title: str) -> bool:
    """Whether a title is nothing but an office, its holder's relative, or either with a region: one person."""
    words = [word.lower() for word in _WORD.findall(title)]
    if words and words[0] in lists.RELATIONS:
        words = words[1:]
    begin = 0
    while begin < len(words) and words[begin] in _BEFORE_OFFICES:
        begin += 1
    if not set(words[:begin]) & lists.OFFICES:
        return False
    rest = [word for word in words[begin:] if word not in lists.OFFICE_LINKS]
    if not rest:
        return bool(set(words[:begin]) & _ONE_HOLDER)
    return resolve_region(" ".join(rest)) is not None
