"""Kecamatan and desa/kelurahan: names so common that only a kind word, the item or the outlet's home leads to one."""

from __future__ import annotations

from collections.abc import Iterator

from waspada.places.candidates import Candidate, Option
from waspada.places.context import FITS_PROVINCE, Context
from waspada.places.gazetteer import is_within, only_village
from waspada.places.guards import behind_water_or_height, is_other_thing, is_part_of_longer_name
from waspada.places.lexicon import NEVER_NAMES, ORDINARY_WORDS, SLOGAN_WORDS, Kind
from waspada.places.names import name_index, village_index
from waspada.places.settled import Settled, settle
from waspada.places.tokens import Casing, Tokens

_MAX_VILLAGE_WORDS = 5
#: So many named regions at most are searched for a village: an item that names more is a list of the country.
_MAX_SCOPES = 40
#: A single bare word shorter than this may as well be a person's name ("ujar Siman").
_LONG_NAME = 8
_LIST_WORDS = frozenset({"dan", "serta", "hingga", "maupun"})
_LIST_MARKS = frozenset({",", "-", "\u2013", "\u2014"})


def marked_district(candidate: Candidate, parents: tuple[str, ...], context: Context) -> list[Settled]:
    """ "Kecamatan Gambut", "Camat Gambut": the one that fits best, or the only one in the country."""
    if candidate.level_hint is not Kind.DISTRICT or _is_plain_word(candidate):
        return []
    option = next((option for option in candidate.options if option.districts), None)
    if option is None:
        return []
    codes = option.districts
    code = context.best_fit(codes, parents) or (codes[0] if len(codes) == 1 else None)
    if code is None:
        return []
    return settle(candidate, option.last, code) + _listed_districts(candidate, option.last, code)


def bare_district(candidate: Candidate, parents: tuple[str, ...], context: Context) -> list[Settled]:
    """A kecamatan without a kind word: only where the item or the outlet's home leads to it."""
    if candidate.kind is not None or candidate.office in (Kind.PROVINCE, Kind.REGENCY, Kind.CITY, Kind.VILLAGE):
        return []
    if candidate.small and not (candidate.tokens.casing is Casing.LOWER and candidate.sign):
        return []
    for option in candidate.options:
        code = _one_district(candidate, option, parents, context)
        if code is None or is_other_thing(candidate, option.last):
            continue
        if not is_part_of_longer_name(candidate, option.last) and not behind_water_or_height(candidate):
            return settle(candidate, option.last, code)
    return []


def _one_district(candidate: Candidate, option: Option, parents: tuple[str, ...], context: Context) -> str | None:
    codes = option.districts
    near = [code for code in codes if any(len(p) >= 5 and is_within(code, p) for p in parents)]
    if len(near) == 1:
        return near[0]
    words = candidate.tokens.lows[candidate.first : option.last + 1]
    if len(words) == 1 and words[0] in NEVER_NAMES:
        return None
    ordinary = all(word in ORDINARY_WORDS for word in words)
    if ordinary and not candidate.sign:
        return None
    short = len(words) == 1 and len(words[0]) < _LONG_NAME
    if short and not candidate.sign and not _in_list(candidate.tokens, candidate.first, option.last):
        codes = tuple(code for code in codes if code in context.districts)
    fitting = [code for code in codes if context.fits_regency(code, parents)]
    if len(fitting) == 1:
        return fitting[0]
    if ordinary or (candidate.tokens.casing in (Casing.TITLE, Casing.UPPER) and not candidate.sign):
        return None
    around = [code for code in codes if context.fit_local(code, parents) >= FITS_PROVINCE]
    only = len(codes) == 1 or (candidate.sign and context.home is not None)
    return around[0] if len(around) == 1 and only else None


def village(candidate: Candidate, parents: tuple[str, ...], context: Context) -> list[Settled]:
    """ "Desa X", "Lurah X": looked up in the kecamatan, kabupaten/kota and province that the item or its home names."""
    if candidate.level_hint is not Kind.VILLAGE or _is_plain_word(candidate):
        return []
    tokens = candidate.tokens
    for scope in _village_scopes(tokens, parents, context):
        hit = _village_in(tokens, candidate.first, scope)
        if hit is not None:
            last, code = hit
            return settle(candidate, last, code) + _listed_villages(tokens, last, code)
    return _only_village(candidate, context)


def _only_village(candidate: Candidate, context: Context) -> list[Settled]:
    """Where the item names nothing else and no home is known, the village whose name no other in the country has."""
    tokens = candidate.tokens
    if context.home is not None or context.provinces or context.possible:
        return []
    if tokens.casing is not Casing.MIXED or not tokens.capital(candidate.first):
        return []  # "warga desa yang marah": Yang is a village, and a word
    for last, _ in reversed(list(_growing_keys(tokens, candidate.first))):
        if last + 1 < len(tokens.words) and tokens.capital(last + 1):
            continue  # "Desa Tangguh Bencana" is not the village Tangguh
        words = tokens.lows[candidate.first : last + 1]
        if len(words) == 1 and words[0] in NEVER_NAMES | ORDINARY_WORDS | SLOGAN_WORDS:
            continue  # "Kepala Desa Muda", "program Desa Tangguh"
        code = only_village(" ".join(words))
        if code is not None:
            return settle(candidate, last, code)
    return []


def _village_scopes(tokens: Tokens, parents: tuple[str, ...], context: Context) -> Iterator[str]:
    """Regions to look in, narrow before wide; whole provinces only where capitals tell names from words.

    Where the region stands right behind the name, only there.
    """
    named = [parent for parent in parents if len(parent) >= 5]
    if named:
        yield from sorted(named, key=len, reverse=True)
        yield from sorted({parent[:5] for parent in named})
        return
    yield from sorted(context.districts)[:_MAX_SCOPES]
    yield from sorted(context.regencies | context.possible)[:_MAX_SCOPES]
    if context.home is not None and len(context.home) >= 5:
        yield context.home[:5]
    if tokens.casing is Casing.MIXED:
        yield from sorted(context.provinces)
        if context.home is not None:
            yield context.home[:2]


def _village_in(tokens: Tokens, first: int, scope: str) -> tuple[int, str] | None:
    """(last word, code) of the longest village name of `scope` that starts at `first` and means one village."""
    index = village_index(scope)
    keys = list(_growing_keys(tokens, first))
    for last, key in reversed(keys):
        codes = index.get(key, ())
        if len(codes) == 1 and key not in NEVER_NAMES:
            return last, codes[0]
    return None


def _growing_keys(tokens: Tokens, first: int) -> Iterator[tuple[int, str]]:
    key = ""
    for at in range(first, min(first + _MAX_VILLAGE_WORDS, len(tokens))):
        if at > first and not tokens.joined(at - 1):
            return
        if tokens.casing is not Casing.LOWER and not (tokens.capital(at) or tokens.words[at][0].isdigit()):
            return
        key += tokens.lows[at]
        yield at, key


def _listed_villages(tokens: Tokens, last: int, code: str) -> list[Settled]:
    """The other names of "Desa A, B dan C", looked up in the kecamatan of the first, then in its kabupaten/kota."""
    found: list[Settled] = []
    start = _next_of_list(tokens, last)
    while start is not None:
        hit = _village_in(tokens, start, code[:8]) or _village_in(tokens, start, code[:5])
        if hit is None or _is_region_above(tokens, start, hit[0], code[:5]):
            break
        found.append(Settled(tokens, start, hit[0], hit[1], marked=True))
        start = _next_of_list(tokens, hit[0])
    return found


def _listed_districts(candidate: Candidate, last: int, code: str) -> list[Settled]:
    """The other names of "Kecamatan A, B dan C", which must lie in the kabupaten/kota of the first."""
    if candidate.kind is None:
        return []
    tokens, index = candidate.tokens, name_index()
    found: list[Settled] = []
    start = _next_of_list(tokens, last)
    while start is not None:
        hits = [
            (end, other)
            for end, key in _growing_keys(tokens, start)
            for other in index.districts.get(key, ())
            if is_within(other, code[:5])
        ]
        if not hits or name_index().regions.get("".join(tokens.lows[start : hits[-1][0] + 1])):
            break
        end, other = hits[-1]
        found.append(Settled(tokens, start, end, other, marked=True))
        start = _next_of_list(tokens, end)
    return found


def _is_region_above(tokens: Tokens, first: int, last: int, regency: str) -> bool:
    """Whether the next name is no village of the list but its kecamatan or kabupaten ("Desa Wonokitri, Tosari")."""
    key = "".join(tokens.lows[first : last + 1])
    return key in name_index().regions or any(is_within(code, regency) for code in name_index().districts.get(key, ()))


def _in_list(tokens: Tokens, first: int, last: int) -> bool:
    """Whether a comma or dash parts the name from another capitalised word: a list, or a place and its region."""
    before = first > 0 and tokens.capital(first - 1) and tokens.gap(first - 1).strip() in _LIST_MARKS
    behind = last + 1 < len(tokens) and tokens.capital(last + 1) and tokens.gap(last).strip() in _LIST_MARKS
    return before or behind


def _next_of_list(tokens: Tokens, last: int) -> int | None:
    """The first word of the next name in an enumeration, or None where it ends."""
    at = last + 1
    if at >= len(tokens):
        return None
    gap = tokens.gap(last)
    if gap == " " and tokens.lows[at] not in _LIST_WORDS:
        return None
    if gap not in (", ", " ", ","):
        return None
    if tokens.lows[at] in _LIST_WORDS:
        if at + 1 >= len(tokens) or not tokens.spaced(at):
            return None
        at += 1
    return at if tokens.capital(at) else None


def _is_plain_word(candidate: Candidate) -> bool:
    """Whether what follows the kind word is written small in a text with capitals ("desa kami")."""
    return candidate.tokens.casing is not Casing.LOWER and not (
        candidate.tokens.capital(candidate.first) or candidate.tokens.words[candidate.first][0].isdigit()
    )
