"""Capital words that are no persons though the tagger takes them for such: bodies, roles, peoples, ordinary words and
places of the gazetteer; and the initials of suspects, which it misses. Closed rules, all by hand.

These lists are kept apart from `words.py`: that one feeds the tagger, whose weights were trained with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from waspada.privacy import words as lists
from waspada.privacy.sentence import Sentence

CaseOf = Callable[[str], int]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_THINGS: Final = frozenset(
    (
        ("sentra", "gakkumdu"), ("gakkumdu",), ("gakumdu",), ("syahbandar",), ("ksop",), ("manggala", "agni"),
        ("verdik",), ("transfer",), ("tf",), ("dayak",), ("meratus",), ("syamsudin", "noor"), ("syamsuddin", "noor"),
    )
)  # fmt: skip
_ROLES: Final = _words("pelapor terlapor mandor")  # no names even after "Pak" or "saksi"
_PEOPLES: Final = _words("meratus ngaju maanyan ma'anyan bakumpai kenyah kayan iban bidayuh lawangan deah dusun")
_LONGEST_THING: Final = 2
# Ordinary words of headlines that the tagger does not know well enough.
_ORDINARY: Final = _words(
    "dada lutut paha pinggang leher betis ekor setinggi sedada rendam terendam landa terjang kepung"
) | (lists.EXPOSED_AFTER - {"hilang", "luka"})
_ORDINARY_MARGIN: Final = 16  # an ordinary word that the tagger is this sure of stays a name ("Bunga menangis")

_BEFORE_PLACES: Final = _words("di ke menuju sekitar kawasan wilayah warga jembatan pasar polsek ppk panwascam koramil")
_LISTING: Final = frozenset((",", "dan", "serta", "hingga", "sampai", "/", "-", "–"))
_SHOWS_A_PERSON: Final = (
    lists.HONORIFICS
    | lists.NAMED_BY
    | lists.ALIASES
    | lists.SPEECH
    | lists.RELATIONS
    | lists.EXPOSED_BEFORE
    | {"menurut"}
) - {"warga"}
_TOLD_OF_PERSONS: Final = lists.SPEECH | lists.EXPOSED_AFTER | {"(", "alias", "bin", "binti"}
_HOME: Final = ("61", "62", "63", "64", "65")  # Kalimantan: its names need no words around them that show a place
_LONGEST_PLACE: Final = 4

_ARRESTED: Final = _words(
    "ditarik ditahan ditangkap diamankan dibekuk diciduk diringkus dijemput digelandang divonis didakwa dituntut "
    "dipenjara dijebloskan diborgol buron tertangkap"
)
_BEFORE_THE_VERB: Final = _words("sudah telah akhirnya langsung kini juga pun kemudian lalu sempat kembali akan resmi")
# Two or three capitals that are taken away or held without being anybody.
_NO_INITIALS: Final = (
    _words(
        "hp bb sim ktp kk sk apk ba spt tv ac pc rp bbm lpg dpt pnl tki tkw asn pns mk ma kpk bpk pt cv ud wna wni sd "
        "smp sma smk rt rw dan di ke th thn the abk lc psk tni ham thr gps usb cd vcd pos dpo bap spb sp tr km"
    )
    | lists.BODIES
    | lists.NOT_NAMES
    | lists.PLACES
)


def never_persons(sentence: Sentence, margins: list[int], known: frozenset[str], case_of: CaseOf) -> set[int]:
    """Places of words that are part of no person's name: listed things, ordinary words, places of the gazetteer."""
    blocked: set[int] = set()
    for place in range(len(sentence.tokens)):
        if not sentence.capital(place):
            continue
        if sentence.lowers[place] in _ROLES:
            blocked.add(place)
        if _shows_a_person(sentence, place):
            continue
        blocked.update(_thing_at(sentence, place))
        if _is_ordinary(sentence, place, margins[place], known, case_of):
            blocked.add(place)
    return blocked


def arrested_initials(sentence: Sentence, case_of: CaseOf) -> set[int]:
    """Places of two or three capitals before a verb of arrest ("AF sudah ditarik"), and of those joined to them."""
    found: set[int] = set()
    for place, word in enumerate(sentence.lowers):
        if word not in _ARRESTED:
            continue
        before = place - 1
        while before >= 0 and sentence.lowers[before] in _BEFORE_THE_VERB and before > place - 4:
            before -= 1
        before = _before_age(sentence, before)
        while _is_initials(sentence, before, case_of):
            found.add(before)
            before = _before_age(sentence, before - (2 if sentence.lower(before - 1) in _LISTING else 1))
    return found


def is_place(sentence: Sentence, start: int, end: int) -> bool:
    """Whether the words are the name of a kecamatan, kabupaten or, where places stand around them, of a village."""
    if sentence.mode == "lower" or end - start > _LONGEST_PLACE:
        return False
    key = _key(sentence, start, end)
    codes = _home_villages().get(key, ())
    upper = _upper_codes(key)
    if not codes and not upper:
        return False
    if _place_before(sentence, start) or _region_after(sentence, end, (*codes, *upper)):
        return True
    if _shows_a_person(sentence, start) or sentence.lower(end) in _TOLD_OF_PERSONS:
        return False
    return any(code.startswith(_HOME) for code in upper)


def _before_age(sentence: Sentence, place: int) -> int:
    """The place before "(17)" or "(17 tahun)" when one ends here; else the place itself."""
    if sentence.lower(place) != ")":
        return place
    number = place - 1 if sentence.lower(place - 1).isdecimal() else place - 2
    return number - 2 if sentence.lower(number).isdecimal() and sentence.lower(number - 1) == "(" else place


def _thing_at(sentence: Sentence, place: int) -> range:
    for length in range(_LONGEST_THING, 0, -1):
        thing = tuple(sentence.lowers[place : place + length])
        if thing in _THINGS:
            return range(place, place + len(thing))  # the sentence may end before
    if sentence.lower(place - 1) == "dayak" and sentence.lowers[place] in _PEOPLES:
        return range(place, place + 1)
    return range(0)


def _is_ordinary(sentence: Sentence, place: int, margin: int, known: frozenset[str], case_of: CaseOf) -> bool:
    """Whether a word is written large only because it begins a sentence or stands in a headline."""
    word = sentence.lowers[place]
    if word in _ORDINARY:
        return sentence.mode == "title" or place == 0 or word in lists.EXPOSED_AFTER
    begins = place == 0 or (place == 1 and not sentence.alphabetic(0))
    if word in known or margin >= _ORDINARY_MARGIN or not (begins or sentence.mode == "title"):
        return False
    return case_of(word) == 1


def _shows_a_person(sentence: Sentence, place: int) -> bool:
    before = place - 2 if sentence.lower(place - 1) == "." else place - 1
    return sentence.lower(before) in _SHOWS_A_PERSON


def _is_initials(sentence: Sentence, place: int, case_of: CaseOf) -> bool:
    if not sentence.alphabetic(place):
        return False
    text, lower = sentence.tokens[place].text, sentence.lowers[place]
    if not (2 <= len(text) <= 3 and text.isalpha() and text.isupper()) or lower in _NO_INITIALS:
        return False
    return sentence.mode != "upper" or case_of(lower) in (0, 4)


def _place_before(sentence: Sentence, start: int) -> bool:
    """Whether "di", "Polsek" and the like stand before the words, or before places listed with them."""
    place = start - 1
    while place >= 0:
        if _leads_to_places(sentence, place):
            return True
        if sentence.lowers[place] not in _LISTING:
            return False
        begin = _listed_place(sentence, place)
        if begin is None:
            return False
        place = begin - 1
    return False


def _leads_to_places(sentence: Sentence, place: int) -> bool:
    from waspada.places.lexicon import KIND_WORDS

    word = sentence.lower(place - 1) if sentence.lowers[place] == "." else sentence.lowers[place]
    return word in _BEFORE_PLACES or word in KIND_WORDS


def _listed_place(sentence: Sentence, end: int) -> int | None:
    """Where the name of a place begins that ends before `end`, or None."""
    for begin in range(max(0, end - _LONGEST_PLACE), end):
        if all(sentence.capital(place) for place in range(begin, end)):
            key = _key(sentence, begin, end)
            if key in _home_villages() or _upper_codes(key):
                return begin
    return None


def _region_after(sentence: Sentence, end: int, codes: tuple[str, ...]) -> bool:
    """Whether a region that holds one of the places is named next: "Nawin, Tabalong", "Nawin, Kecamatan Haruai"."""
    from waspada.places.lexicon import KIND_WORDS

    if sentence.lower(end) not in (",", "("):
        return False
    begin = end + 1
    if sentence.lower(begin) in KIND_WORDS:
        return True
    for stop in range(min(begin + _LONGEST_PLACE, len(sentence.tokens)), begin, -1):
        if not all(sentence.capital(place) for place in range(begin, stop)):
            continue
        regions = _upper_codes(_key(sentence, begin, stop))
        if any(code.startswith(region + ".") for region in regions for code in codes):
            return True
    return False


def _key(sentence: Sentence, start: int, end: int) -> str:
    words = sentence.lowers[start:end]
    return "".join("".join(letter for letter in word if letter.isalnum()) for word in words)


@lru_cache(maxsize=8192)
def _upper_codes(key: str) -> tuple[str, ...]:
    """Codes of the provinces, kabupaten/kota and kecamatan of this name; none for ordinary words and given names."""
    from waspada.places.lexicon import GIVEN_NAMES, ORDINARY_WORDS
    from waspada.places.names import name_index

    if key in ORDINARY_WORDS or key in GIVEN_NAMES:
        return ()
    index = name_index()
    regions = [reading.code for reading in index.regions.get(key, ()) if not reading.acronym]
    return (*regions, *index.districts.get(key, ()))


@lru_cache(maxsize=1)
def _home_villages() -> dict[str, tuple[str, ...]]:
    """Joined name -> codes of Kalimantan's villages, without those that are given names of persons."""
    from waspada.places.lexicon import GIVEN_NAMES
    from waspada.places.names import village_index

    found: dict[str, tuple[str, ...]] = {}
    for province in _HOME:
        for key, codes in village_index(province).items():
            if key not in GIVEN_NAMES:
                found[key] = (*found.get(key, ()), *codes)
    return found
