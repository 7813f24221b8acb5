"""Finds runs of words that may be a place, with all their meanings and the words around them. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from waspada.places.lexicon import (
    ABBREVIATED_KINDS,
    BETWEEN_PLACES,
    EVENT_NOUNS,
    GEOGRAPHIC_NOUNS,
    INSTITUTION_WORDS,
    KIND_FILLERS,
    KIND_WORDS,
    LOCATIVE_WORDS,
    OFFICE_WORDS,
    SITE_NOUNS,
    Kind,
)
from waspada.places.names import MAX_NAME_WORDS, NameIndex, Reading, name_index
from waspada.places.tokens import Casing, Tokens

#: How far the region may stand behind a place that lies in it, in words.
_PARENT_REACH = 3
_VILLAGE_OFFICES = frozenset(word for word, kind in OFFICE_WORDS.items() if kind is Kind.VILLAGE)


@dataclass(frozen=True, slots=True)
class Option:
    """One length of a candidate: its last word, and what the words up to there can mean."""

    last: int
    regions: tuple[Reading, ...]
    districts: tuple[str, ...]


@dataclass(slots=True)
class Candidate:
    """A run of words that may be a place.

    `span_first` counts the kind word in, `first` is the name's own first word. `kind` is the kind word before it,
    `office` what an office before it says ("Bupati"), `options` longest first (empty for villages, whose names are
    looked up only where the context leads). `sign`: a preposition or institution stands before it.
    """

    tokens: Tokens
    first: int
    span_first: int
    kind: Kind | None = None
    office: Kind | None = None
    options: tuple[Option, ...] = ()
    sign: bool = False
    institution: bool = False
    small: bool = False

    @property
    def last(self) -> int:
        return self.options[0].last if self.options else self.first

    @property
    def level_hint(self) -> Kind | None:
        return self.kind or self.office


@lru_cache(maxsize=1)
def _triggers() -> frozenset[str]:
    index = name_index()
    return frozenset({*index.first_regions, *index.first_districts, *KIND_WORDS, *_VILLAGE_OFFICES})


def candidates(tokens: Tokens) -> list[Candidate]:
    """All candidates of a field from left to right, none overlapping another's longest option."""
    triggers, index = _triggers(), name_index()
    found: list[Candidate] = []
    free_from = 0
    for at, low in enumerate(tokens.lows):
        if at < free_from or low not in triggers:
            continue
        candidate = None
        if low in KIND_WORDS:
            candidate = _after_kind_word(tokens, at, index)
        elif low in _VILLAGE_OFFICES and tokens.joined(at):
            candidate = Candidate(tokens, at + 1, at + 1, office=Kind.VILLAGE, sign=True, institution=True)
        candidate = candidate or _bare(tokens, at, index)
        if candidate is not None:
            found.append(candidate)
            free_from = candidate.last + 1
    return found


def _after_kind_word(tokens: Tokens, at: int, index: NameIndex) -> Candidate | None:
    low = tokens.lows[at]
    if not tokens.follows_kind(at, abbreviated=low in ABBREVIATED_KINDS):
        return None
    first = at + 1
    while tokens.lows[first] in KIND_FILLERS and tokens.joined(first):
        first += 1
    kind = KIND_WORDS[low]
    if kind is not Kind.VILLAGE and tokens.lows[first] in KIND_WORDS and not _starts_name(tokens, first, index):
        return None
    options = () if kind is Kind.VILLAGE else _options(tokens, first, index)
    if kind is not Kind.VILLAGE and not options:
        return None
    candidate = Candidate(tokens, first, at, kind, options=options, sign=True, institution=True)
    candidate.small = not tokens.capital(first) and not tokens.words[first][0].isdigit()
    if kind is Kind.CITY and at > 0 and tokens.lows[at - 1] in ("wali", "ibu") and tokens.joined(at - 1):
        candidate.kind, candidate.span_first = None, first
        candidate.office = Kind.CITY if tokens.lows[at - 1] == "wali" else None
        candidate.sign = candidate.institution = candidate.office is not None
    return candidate


def _starts_name(tokens: Tokens, at: int, index: NameIndex) -> bool:
    """Whether the kind word `at` is itself the start of a name ("Kecamatan Kota Sumenep")."""
    return any(option.last > at or option.districts for option in _options(tokens, at, index))


def _bare(tokens: Tokens, at: int, index: NameIndex) -> Candidate | None:
    small = not tokens.capital(at) and not tokens.words[at][0].isdigit()
    if tokens.words[at] == "di":
        return None  # the preposition, not the "DI" of "DI Yogyakarta"
    if small and tokens.casing is not Casing.LOWER and tokens.lows[at] not in index.first_regions:
        return None
    options = _options(tokens, at, index)
    if small and tokens.casing is not Casing.LOWER:
        options = tuple(Option(option.last, option.regions, ()) for option in options if option.regions)
    if not options:
        return None
    candidate = Candidate(tokens, at, at, options=options, small=small)
    _look_before(candidate)
    return candidate


def _options(tokens: Tokens, first: int, index: NameIndex) -> tuple[Option, ...]:
    low = tokens.lows[first]
    most = max(index.first_regions.get(low, 0), index.first_districts.get(low, 0))
    found: list[Option] = []
    key = ""
    for length in range(min(most, MAX_NAME_WORDS)):
        at = first + length
        if length and not tokens.joined(at - 1):
            break
        key += tokens.lows[at]
        regions, districts = index.regions.get(key, ()), index.districts.get(key, ())
        if regions or districts:
            found.append(Option(at, _written(tokens, first, regions), tuple(districts)))
        if at + 1 >= len(tokens):
            break
    return tuple(option for option in reversed(found) if option.regions or option.districts)


def _written(tokens: Tokens, at: int, readings: list[Reading] | tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Leaves out short forms that must stand in capitals and do not ("pali", "tala")."""
    if tokens.casing is Casing.LOWER or tokens.words[at].isupper():
        return tuple(readings)
    return tuple(reading for reading in readings if not reading.acronym)


def _look_before(candidate: Candidate) -> None:
    """Notes the office, institution or preposition right before a bare name."""
    tokens, before = candidate.tokens, candidate.first - 1
    if before < 0 or tokens.gap(before) not in (" ", "\u00a0", "  ", "-"):
        return
    low = tokens.lows[before]
    candidate.office = OFFICE_WORDS.get(low)
    candidate.institution = candidate.office is not None or low in INSTITUTION_WORDS
    candidate.sign = candidate.institution or low in LOCATIVE_WORDS or low in EVENT_NOUNS


def next_region(found: list[Candidate], at: int) -> tuple[str, ...]:
    """Codes that the candidate right behind candidate `at` can mean, when only commas and kind words part them."""
    if at + 1 >= len(found):
        return ()
    here = found[at]
    tokens, last = here.tokens, _last_word(here)
    if at + 2 < len(found) and found[at + 1].first <= last and behind_noun(found[at + 1]):
        at += 1  # the "Malang" of "Kelurahan Sungai Malang" is not its region
    there = found[at + 1]
    between = tokens.lows[last + 1 : there.first]
    if len(between) > _PARENT_REACH or not all(word in BETWEEN_PLACES for word in between):
        return ()
    if any(mark in tokens.text[tokens.ends[last] : tokens.starts[there.span_first]] for mark in "!?;:\n"):
        return ()
    if not there.options:
        return ()
    option = there.options[0]
    codes = [reading.code for reading in option.regions]
    return (*codes, *option.districts) if there.kind is Kind.DISTRICT else tuple(codes)


def behind_noun(candidate: Candidate) -> bool:
    """Whether a geographic noun makes another name of a bare one ("Sungai Malang", "Pasar Bogor").

    Not where the noun is itself a town of the same province ("Tanjung Tabalong", "Batu Malang").
    """
    tokens, before = candidate.tokens, candidate.first - 1
    if candidate.kind is not None or before < 0 or not tokens.spaced(before):
        return False
    noun = tokens.lows[before]
    if noun not in GEOGRAPHIC_NOUNS and noun not in SITE_NOUNS:
        return False
    if not tokens.capital(before) and tokens.casing is not Casing.LOWER:
        return False
    provinces = {reading.code[:2] for option in candidate.options for reading in option.regions}
    return not any(reading.code[:2] in provinces for reading in name_index().regions.get(noun, ()))


def _last_word(candidate: Candidate) -> int:
    """The last word of a candidate; for a village (whose name is not looked up yet) the last of its capitals."""
    if candidate.options:
        return candidate.last
    tokens, at = candidate.tokens, candidate.first
    while tokens.joined(at) and (tokens.capital(at + 1) or tokens.words[at + 1].isdigit()):
        if tokens.lows[at + 1] in KIND_WORDS:
            break
        at += 1
    return at
