"""Where the names of persons stand in a sentence: the tagger's margins, and closed-list rules over them."""

from __future__ import annotations

from waspada.privacy import words as lists
from waspada.privacy.sentence import Name, Sentence
from waspada.privacy.tagger import NAME_MASK, PersonTagger
from waspada.privacy.things import arrested_initials, is_place, never_persons
from waspada.privacy.tokens import is_mask

__all__ = ["SURE", "Name", "Sentence", "find_names", "sure_words"]

SURE = 16  # a name found with this margin is looked for in the rest of the text
_MORE_SLACK = 16  # for a word that is seen elsewhere as a name, or stands next to one
_INITIALS_LONGEST = 4
_INTRODUCED_SLACK = 120  # after "Pak", "bernama" and the like nearly any capital word is a name
_AMONG_INITIALS = frozenset((NAME_MASK, *',.&:()"/-', "dan", "serta", "tahun", "thn", "th"))
_HOST_ENDINGS = frozenset(("co", "com", "id", "net", "org", "go", "ac", "tv", "info", "news"))
_TITLES = lists.OFFICES | lists.RANKS
_NEVER_ALONE = lists.NOT_NAMES | lists.PLACES
_INTRODUCERS = frozenset(
    (
        "pak",
        "bu",
        "bapak",
        "ibu",
        "mas",
        "mbak",
        "bang",
        "ustaz",
        "ustad",
        "ustadz",
        "ustadzah",
        "habib",
        "kiai",
        "kyai",
        "hj",
        "haji",
        "hajah",
    )
)


def find_names(sentence: Sentence, tagger: PersonTagger, known: frozenset[str]) -> list[Name]:
    """The persons named in a sentence, in order, masks among them. `known` are words of names seen elsewhere."""
    hits = _hits(sentence, tagger, known)
    found: list[Name] = []
    place = 0
    while place < len(hits):
        if not hits[place]:
            place += 1
            continue
        end = _run_end(sentence, hits, place)
        name = _trimmed(sentence, place, end, tagger)
        if name is not None and not _is_thing(sentence, name):
            found.append(name)
        place = end
    return found


def sure_words(sentence: Sentence, names: list[Name], tagger: PersonTagger) -> set[str]:
    """Lower-cased words of surely found names that are worth looking for in the rest of the text."""
    return {
        sentence.lowers[place]
        for name in names
        for place in range(name.start, name.end)
        if sentence.alphabetic(place)
        and sentence.margins[place] >= SURE
        and len(sentence.lowers[place]) > 2
        and tagger.case_of(sentence.lowers[place]) in (0, 3)
        and sentence.lowers[place] not in _NEVER_ALONE
        and sentence.lowers[place] not in lists.HONORIFICS
    }


def _hits(sentence: Sentence, tagger: PersonTagger, known: frozenset[str]) -> list[bool]:
    slack = tagger.weights.slack[sentence.mode]
    again = slack + _MORE_SLACK
    margins = sentence.margins.tolist()
    hits = [
        token.text == NAME_MASK
        or (sentence.alphabetic(place) and margins[place] >= -(again if sentence.lowers[place] in known else slack))
        for place, token in enumerate(sentence.tokens)
    ]
    for place in range(len(hits)):
        if not hits[place] and _introduced(sentence, place, margins[place]):
            hits[place] = True
    blocked = never_persons(sentence, margins, known, tagger.case_of)
    _drop_degrees(sentence, hits)
    _drop_hosts(sentence, hits)
    _drop(hits, blocked)
    _add_initials(sentence, hits)
    _add_neighbours(sentence, hits, margins, tagger)
    _drop(hits, blocked)
    for place in arrested_initials(sentence, tagger.case_of):
        hits[place] = True
    return hits


def _drop(hits: list[bool], blocked: set[int]) -> None:
    for place in blocked:
        hits[place] = False


def _introduced(sentence: Sentence, place: int, margin: int) -> bool:
    """Whether the word stands right after "Pak", "bernama", "alias" and the like, and may be a name."""
    word, before = sentence.lowers[place], sentence.lower(place - 1)
    if before == ".":
        before = sentence.lower(place - 2)
    if before not in _INTRODUCERS and before not in lists.NAMED_BY and before not in lists.ALIASES:
        return False
    if sentence.mode != "plain" or not sentence.capital(place) or margin < -_INTRODUCED_SLACK:
        return False
    return word not in _TITLES and word not in _NEVER_ALONE and word not in lists.HONORIFICS


def _drop_degrees(sentence: Sentence, hits: list[bool]) -> None:
    """Academic degrees after a comma ("S.Sos., M.Si.") are no names; "M. Rahman" after a comma is."""
    for comma, word in enumerate(sentence.lowers):
        end = comma + 1
        while word == "," and end < len(hits) and _of_degree(sentence.lowers[end]):
            end += 1
        if end > comma + 1 and (end > comma + 4 or not sentence.capital(end)):
            hits[comma + 1 : end] = [False] * (end - comma - 1)


def _drop_hosts(sentence: Sentence, hits: list[bool]) -> None:
    """ "NAMA.CO.ID" and "nama.com" are sites."""
    for place in range(len(hits) - 2):
        name, dot, ending = sentence.tokens[place : place + 3]
        if (
            dot.text == "."
            and name.end == dot.start
            and dot.end == ending.start
            and ending.text.lower() in _HOST_ENDINGS
        ):
            hits[place : place + 3] = [False] * 3


def _of_degree(word: str) -> bool:
    return word in lists.DEGREES or word in (".", ",") or (len(word) == 1 and word.isalpha())


def _add_initials(sentence: Sentence, hits: list[bool]) -> None:
    """After "berinisial" or "inisial": one to four letters, several of them joined by commas and "dan"."""
    for start, word in enumerate(sentence.lowers):
        if word not in ("berinisial", "inisial"):
            continue
        place = start + 1
        while place < len(hits):
            if _is_initials(sentence, place):
                hits[place] = True
            elif sentence.lowers[place] not in _AMONG_INITIALS and not sentence.lowers[place].isdigit():
                break
            place += 1


def _is_initials(sentence: Sentence, place: int) -> bool:
    text = sentence.tokens[place].text
    small = sentence.mode in ("lower", "upper")
    if not text.isalpha() or len(text) > (3 if small else _INITIALS_LONGEST):
        return False
    lower = text.lower()
    if lower in ("dan", "di", "ke", "th", "thn") or lower in _NEVER_ALONE or lower in lists.BODIES:
        return False
    return small or text.isupper()


def _add_neighbours(sentence: Sentence, hits: list[bool], margins: list[int], tagger: PersonTagger) -> None:
    """A capital word next to a found one needs less evidence of its own."""
    least = -(tagger.weights.slack[sentence.mode] + _MORE_SLACK)
    for order, step in ((range(1, len(hits)), -1), (range(len(hits) - 2, -1, -1), 1)):
        for place in order:
            if not hits[place] and hits[place + step] and margins[place] >= least:
                hits[place] = _may_continue(sentence, place, tagger)


def _may_continue(sentence: Sentence, place: int, tagger: PersonTagger) -> bool:
    """Whether the word there may be one more part of a name beside it."""
    word = sentence.lowers[place]
    if not sentence.capital(place) or len(word) < 2 or word in _TITLES or word in _NEVER_ALONE:
        return False
    if sentence.mode == "title" and tagger.case_of(word) not in (0, 3):
        return False
    return sentence.mode in ("plain", "title") and word not in lists.FACILITIES and word not in lists.ORGANISATIONS


def _run_end(sentence: Sentence, hits: list[bool], start: int) -> int:
    """Where the name that starts here ends: over dots of initials and small links such as "bin"."""
    end = start + 1
    while end < len(hits):
        if hits[end]:
            end += 1
        elif end + 1 < len(hits) and hits[end + 1] and _joins(sentence, end):
            end += 2
        else:
            break
    return end


def _joins(sentence: Sentence, place: int) -> bool:
    word, before = sentence.lowers[place], sentence.tokens[place - 1]
    if word == ".":
        return len(before.text) <= 3 and before.end == sentence.tokens[place].start
    return word in lists.NAME_LINKS or word in lists.ALIASES


def _trimmed(sentence: Sentence, start: int, end: int, tagger: PersonTagger) -> Name | None:
    """The run without titles before it and signs at its edges; None when nothing but these is left."""
    while start < end and (sentence.lowers[start] in _TITLES or _is_edge(sentence, start)):
        start += 1
    while end > start and _is_edge(sentence, end - 1):
        end -= 1
    rest = [sentence.lowers[place] for place in range(start, end)]
    if all(word in lists.HONORIFICS or word == "." for word in rest):
        # "MR ditahan": what reads as a title is a suspect's initials there.
        return Name(start, end) if start in arrested_initials(sentence, tagger.case_of) else None
    return Name(start, end)


def _is_edge(sentence: Sentence, place: int) -> bool:
    text = sentence.tokens[place].text
    return not text[0].isalpha() and not is_mask(text)


def _is_thing(sentence: Sentence, name: Name) -> bool:
    """Whether a found name belongs to a place, a building, a party, a month or a holy figure."""
    rest = [sentence.lowers[place] for place in range(name.start, name.end)]
    if NAME_MASK in rest:
        return False
    if all(word in _NEVER_ALONE for word in rest) or is_place(sentence, name.start, name.end):
        return True
    before = name.start - 1
    while before >= 0 and (sentence.lowers[before] in lists.HONORIFICS or sentence.lowers[before] == "."):
        before -= 1
    word, earlier = sentence.lower(before), sentence.lower(before - 1)
    if word in lists.SACRED or rest[0] in ("nabi", "rasulullah", "allah", "tuhan"):
        return True
    return word in lists.FACILITIES and sentence.capital(before) and earlier not in lists.OFFICES
