"""Rules that say: this name is not a place here. Each looks only at the words around a candidate."""

from __future__ import annotations

from waspada.places.candidates import Candidate
from waspada.places.lexicon import (
    AUTHORITIES,
    CLUB_ENDINGS,
    CLUB_WORDS,
    COMPANY_ENDINGS,
    COMPANY_WORDS,
    CULTURE_WORDS,
    GIVEN_NAMES,
    HAMLET_WORDS,
    INSTITUTION_WORDS,
    KIND_WORDS,
    LOCATIVE_WORDS,
    NATURE_WORDS,
    NOT_PLACES,
    OFFICE_WORDS,
    PEOPLE_WORDS,
    PEOPLES,
    PERSON_TITLES,
    SHIP_WORDS,
    SLATE_WORDS,
    SLOGAN_WORDS,
    STREET_FILLERS,
    STREET_WORDS,
    VERB_TAILS,
)
from waspada.places.tokens import Casing, Tokens

_RUN = 3
#: How far before a slogan the word stands that announces it ("pasangan calon bertagline Tapin Berkah").
_SLATE_REACH = 3
_QUOTES = frozenset("\"'\u201c\u201d\u2018\u2019\u00ab")
#: Capitalised words that do not make one name with the place beside them.
_KNOWN_CAPITALS = (KIND_WORDS, OFFICE_WORDS, INSTITUTION_WORDS, LOCATIVE_WORDS, PERSON_TITLES)
_PROVINCES_OF_BANJAR = ("63", "32")
_NAME_JOINTS = frozenset({" ", "\u00a0", ". ", "."})


def is_other_thing(candidate: Candidate, last: int) -> bool:
    """Whether the words `first..last` name a person, club, company, people, street or address and not a place."""
    tokens, first = candidate.tokens, candidate.first
    if tokens.in_address(first):
        return True
    if candidate.kind is not None:
        return False
    return (
        _is_fixed_phrase(tokens, first, last)
        or _is_doubled(tokens, first, last)
        or _is_country_idiom(tokens, first)
        or _is_company(tokens, first, last)
        or _is_slate(tokens, first, last)
        or _is_ship(tokens, first)
        or _is_culture(tokens, first)
        or _is_hamlet(candidate)
        or _is_street(candidate, last)
        or _is_person(candidate)
    )


def is_part_of_longer_name(candidate: Candidate, last: int) -> bool:
    """Whether an unknown capitalised word stands right before or behind, where capitals mean something.

    "Sumber Makmur" is no "Sumber", "Bima Arya" no "Bima"; "Warga Bima" and "Polsek Sumber" are.
    """
    tokens = candidate.tokens
    if tokens.casing is not Casing.MIXED or candidate.small:
        return False
    before = candidate.first - 1
    if before >= 0 and tokens.spaced(before) and tokens.lows[before] in AUTHORITIES:
        return False
    if last + 1 < len(tokens) and tokens.spaced(last) and _unknown_capital(tokens, last + 1):
        return True
    return before >= 0 and tokens.spaced(before) and not candidate.sign and _unknown_capital(tokens, before)


def behind_water_or_height(candidate: Candidate) -> bool:
    """Whether it is a river's, lake's or mountain's name ("Sungai Kapuas")."""
    before = candidate.first - 1
    return before >= 0 and candidate.tokens.joined(before) and candidate.tokens.lows[before] in NATURE_WORDS


def _unknown_capital(tokens: Tokens, at: int) -> bool:
    low = tokens.lows[at]
    return tokens.capital(at) and not any(low in known for known in _KNOWN_CAPITALS)


def _is_fixed_phrase(tokens: Tokens, first: int, last: int) -> bool:
    if last + 1 >= len(tokens):
        return False
    return (tokens.lows[first], tokens.lows[last + 1]) in NOT_PLACES and tokens.joined(last)


def _is_doubled(tokens: Tokens, first: int, last: int) -> bool:
    """A plural ("Negara-negara"); names like Muko-Muko are two words of one name already."""
    same_behind = last + 1 < len(tokens) and tokens.gap(last) == "-" and tokens.lows[last + 1] == tokens.lows[first]
    same_before = first > 0 and tokens.gap(first - 1) == "-" and tokens.lows[first - 1] == tokens.lows[last]
    return first == last and (same_behind or same_before)


def _is_country_idiom(tokens: Tokens, first: int) -> bool:
    """ "Dari Sabang sampai Merauke": the whole country, neither town."""
    start = first if tokens.lows[first] == "sabang" else first - 2
    words = tokens.lows[start : start + 3] if start >= 0 else []
    return len(words) == 3 and words[0] == "sabang" and words[1] in ("sampai", "hingga") and words[2] == "merauke"


def _is_company(tokens: Tokens, first: int, last: int) -> bool:
    """Clubs, media and banks: "Persebaya Surabaya", "Bali United", "Tribun Jatim", "Banjarmasin Post"."""
    before, behind = first - 1, last + 1
    if before >= 0 and tokens.joined(before) and tokens.lows[before] in CLUB_WORDS | COMPANY_WORDS:
        return tokens.capital(before) or tokens.casing is Casing.LOWER or tokens.lows[before] in CLUB_WORDS
    if before > 0 and tokens.joined(before) and tokens.lows[before] in ("fc", "united") and tokens.capital(before):
        return True
    if behind >= len(tokens) or not tokens.joined(last):
        return False
    low = tokens.lows[behind]
    return low in CLUB_ENDINGS or (low in COMPANY_ENDINGS and tokens.capital(behind))


def _is_slate(tokens: Tokens, first: int, last: int) -> bool:
    """A slogan, a ticket, a movement: "paslon Kotabaru Maju", "Banjar Bersatu", "Program Kalsel Bangkit".

    In running text a capital on the slogan's word is enough; in a headline, or where all is small, a word before must
    announce it, or a quotation mark.
    """
    slogan = last + 1
    if slogan >= len(tokens) or not tokens.spaced(last) or tokens.lows[slogan] not in SLOGAN_WORDS:
        return False
    if tokens.lows[slogan] == "maju" and slogan + 1 < len(tokens) and tokens.lows[slogan + 1] in VERB_TAILS:
        return False
    if tokens.casing is Casing.MIXED:
        return tokens.capital(slogan)
    quoted = tokens.starts[first] > 0 and tokens.text[tokens.starts[first] - 1] in _QUOTES
    return quoted or not SLATE_WORDS.isdisjoint(tokens.lows[max(0, first - _SLATE_REACH) : first])


def _is_ship(tokens: Tokens, first: int) -> bool:
    """ "KM Kotabaru Indah", "KRI Banjarmasin"."""
    before = first - 1
    return before >= 0 and tokens.words[before] in SHIP_WORDS and tokens.gap(before) in _NAME_JOINTS


def _is_culture(tokens: Tokens, first: int) -> bool:
    before = first - 1
    if before < 0 or not tokens.joined(before):
        return False
    low = tokens.lows[before]
    return low in CULTURE_WORDS or (low in PEOPLE_WORDS and tokens.lows[first] in PEOPLES)


def _is_hamlet(candidate: Candidate) -> bool:
    """Behind "Banjar", only names of the provinces that have a region Banjar are what they say ("Banjar, Kalsel")."""
    tokens, before = candidate.tokens, candidate.first - 1
    if before < 0 or not tokens.spaced(before) or not tokens.capital(before):
        return False
    if tokens.lows[before] in HAMLET_WORDS:
        return True
    codes = [reading.code for option in candidate.options for reading in option.regions]
    return tokens.lows[before] == "banjar" and not any(code[:2] in _PROVINCES_OF_BANJAR for code in codes)


def _is_street(candidate: Candidate, last: int) -> bool:
    """ "Jalan Surabaya" is a street; "Jalan Banjarmasin-Martapura" is a road between two places."""
    tokens = candidate.tokens
    if last + 1 < len(tokens) and tokens.gap(last).strip() in {"-", "\u2013", "\u2014"}:
        return False
    before = candidate.first - 1
    if before > 0 and tokens.lows[before] in STREET_FILLERS:
        before -= 1
    return before >= 0 and tokens.lows[before] in STREET_WORDS and tokens.gap(before) in _NAME_JOINTS


def _is_person(candidate: Candidate) -> bool:
    """A title within two words, or a common given name right before: "H. Rahmat Siak", "Pak Malang"."""
    tokens, before = candidate.tokens, candidate.first - 1
    if before < 0 or tokens.gap(before) not in _NAME_JOINTS or candidate.sign:
        return False
    if tokens.lows[before] in GIVEN_NAMES and tokens.spaced(before):
        return tokens.capital(before) and not _institution_run(tokens, before - 1)
    if tokens.lows[before] in PERSON_TITLES:
        return True
    return (
        before >= 1
        and tokens.casing is Casing.MIXED
        and tokens.capital(before)
        and tokens.spaced(before)
        and tokens.gap(before - 1) in _NAME_JOINTS
        and tokens.lows[before - 1] in PERSON_TITLES
        and tokens.capital(before - 1)
        and not _institution_run(tokens, before - 2)
    )


def _institution_run(tokens: Tokens, at: int) -> bool:
    """Whether an institution carries the person's name ("RSUD Dr Soetomo Surabaya", "Jalan Ahmad Yani Banjarmasin")."""
    for back in range(at, max(-1, at - _RUN), -1):
        if tokens.gap(back) not in _NAME_JOINTS or not tokens.capital(back):
            return False
        if tokens.lows[back] in INSTITUTION_WORDS:
            return True
    return False
