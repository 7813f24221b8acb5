"""Gives each candidate its one place, or none: sure names first, then those that need the item's context.

Order: provinces and kabupaten/kota that have one meaning, kecamatan with a kind word, kabupaten/kota with several
meanings, bare kecamatan, villages. Each step sees what the steps before it settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from waspada.places.candidates import Candidate, Option, next_region
from waspada.places.context import FITS_PROVINCE, FITS_REGENCY, Context
from waspada.places.gazetteer import is_within
from waspada.places.guards import behind_water_or_height, is_other_thing, is_part_of_longer_name
from waspada.places.lexicon import DEFAULT_CODES, LOWER_CASE_TOWNS, LOWER_CASE_WORDS, NEVER_NAMES, ORDINARY_WORDS, Kind
from waspada.places.names import Reading, Use, name_index, village_index
from waspada.places.tokens import Casing, Tokens

_FIRST_CITY = "71"
_MAX_VILLAGE_WORDS = 5
_LIST_WORDS = frozenset({"dan", "serta", "hingga", "maupun"})
_LOCAL_KINDS = frozenset({Kind.DISTRICT, Kind.VILLAGE})


@dataclass(frozen=True, slots=True)
class Settled:
    """Words `first..last` of a field that have become the place `code`; `marked`: a kind word says so."""

    tokens: Tokens
    first: int
    last: int
    code: str
    marked: bool


_Step = Callable[[Candidate, tuple[str, ...], Context], list[Settled]]


def resolve(found: list[list[Candidate]], home: str | None) -> list[Settled]:
    """The places of an item. `found` holds the candidates of each field; `home` is the outlet's region code.

    Some may overlap; `mentions.py` keeps the better one.
    """
    context = Context(home)
    waiting = [
        (candidate, next_region(of_field, at)) for of_field in found for at, candidate in enumerate(of_field)
    ]
    settled: list[Settled] = []
    for step in (_sure_region, _marked_district, _region, _bare_district, _village):
        waiting = list(_pass(step, waiting, context, settled))
    return settled


def _pass(
    step: _Step, waiting: list[tuple[Candidate, tuple[str, ...]]], context: Context, settled: list[Settled]
) -> Iterator[tuple[Candidate, tuple[str, ...]]]:
    for candidate, parents in waiting:
        places = step(candidate, parents, context)
        for found in places:
            context.note(found.code)
        settled.extend(places)
        if not places:
            yield candidate, parents


def _settle(candidate: Candidate, last: int, code: str) -> list[Settled]:
    return [Settled(candidate.tokens, candidate.span_first, last, code, candidate.kind is not None)]


def _sure_region(candidate: Candidate, parents: tuple[str, ...], context: Context) -> list[Settled]:
    """Names with one strong meaning, or one that fits the kind word; kecamatan that carry their town's name."""
    if candidate.level_hint in _LOCAL_KINDS:
        return []
    for at, option in enumerate(candidate.options):
        code = _district_of_own_town(option, candidate.options[at + 1 :])
        if code is not None and not is_other_thing(candidate, option.last):
            return _settle(candidate, option.last, code)
        readings = _fitting_hint(option.regions, candidate.level_hint)
        sure = [r for r in readings if candidate.kind is not None or _use(candidate, option.last, r) is Use.STRONG]
        if not sure or is_other_thing(candidate, option.last):
            continue
        if len(readings) == 1:
            return _settle(candidate, option.last, sure[0].code)
        context.possible.update(reading.code for reading in sure if len(reading.code) > 2)
        return []
    return []


def _marked_district(candidate: Candidate, parents: tuple[str, ...], context: Context) -> list[Settled]:
    """"Kecamatan Gambut", "Camat Gambut": the one that fits best, or the only one in the country."""
    if candidate.level_hint is not Kind.DISTRICT or _is_plain_word(candidate):
        return []
    for option in candidate.options:
        codes = option.districts
        code = context.best_fit(codes, parents) or (codes[0] if len(codes) == 1 else None)
        if code is not None:
            first = _settle(candidate, option.last, code)
            return first + _listed_districts(candidate, option.last, code)
    return []


def _region(candidate: Candidate, parents: tuple[str, ...], context: Context) -> list[Settled]:
    """Provinces, kabupaten/kota and towns, with all that the context says."""
    if candidate.level_hint is Kind.VILLAGE:
        return []
    for option in candidate.options:
        reading = _best_reading(candidate, option, parents, context)
        if reading is None or is_other_thing(candidate, option.last):
            continue
        if _accepts(candidate, option.last, reading, parents, context):
            return _settle(candidate, option.last, reading.code)
    return []


def _best_reading(
    candidate: Candidate, option: Option, parents: tuple[str, ...], context: Context
) -> Reading | None:
    hint = candidate.level_hint
    if hint is None and _ends_in_kota(candidate.tokens, option.last):
        hint = Kind.CITY
    readings = _fitting_hint(option.regions, hint)
    if candidate.kind is Kind.PROVINCE:
        readings = tuple(reading for reading in readings if len(reading.code) == 2)
    key = "".join(candidate.tokens.lows[candidate.first : option.last + 1])
    return max(
        readings,
        key=lambda reading: (context.fit(reading.code, parents) + _prior(reading, key), reading.code),
        default=None,
    )


def _prior(reading: Reading, key: str) -> float:
    """What a shared name means when the item says nothing: the listed default, else the town, else the kabupaten."""
    listed = 0.5 if DEFAULT_CODES.get(key) == reading.code else 0.0
    city = 0.25 if reading.code[3:] >= _FIRST_CITY else 0.0
    return listed + city - 0.1 * reading.use


def _accepts(
    candidate: Candidate, last: int, reading: Reading, parents: tuple[str, ...], context: Context
) -> bool:
    use = _use(candidate, last, reading)
    if use is Use.STRONG or candidate.kind is not None:
        return True
    if candidate.office is not None and _is_of_kind(reading.code, candidate.office):
        return True
    if is_part_of_longer_name(candidate, last) or behind_water_or_height(candidate):
        return False
    fit = context.fit(reading.code, parents)
    fits = fit >= FITS_PROVINCE
    if use is Use.WEAK:
        return candidate.sign or (fits and not candidate.small) or context.names_area(reading.code)
    if use is Use.VERY_WEAK:
        plain = candidate.small or candidate.tokens.casing in (Casing.TITLE, Casing.UPPER)
        return (candidate.institution and not candidate.small) or (fits and (candidate.sign or not plain))
    return candidate.sign and fit >= FITS_REGENCY and context.fits_regency(reading.code, parents)


def _use(candidate: Candidate, last: int, reading: Reading) -> Use:
    """How much a meaning needs here: more when it is written small."""
    if not candidate.small:
        return reading.use
    key = "".join(candidate.tokens.lows[candidate.first : last + 1])
    if key in LOWER_CASE_WORDS:
        return max(reading.use, Use.VERY_WEAK)
    return max(reading.use, Use.WEAK) if key in LOWER_CASE_TOWNS else reading.use


def _bare_district(candidate: Candidate, parents: tuple[str, ...], context: Context) -> list[Settled]:
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
            return _settle(candidate, option.last, code)
    return []


def _one_district(
    candidate: Candidate, option: Option, parents: tuple[str, ...], context: Context
) -> str | None:
    codes = option.districts
    near = [code for code in codes if any(len(p) >= 5 and is_within(code, p) for p in parents)]
    if len(near) == 1:
        return near[0]
    words = candidate.tokens.lows[candidate.first : option.last + 1]
    if len(words) == 1 and words[0] in NEVER_NAMES:
        return None
    if not candidate.sign and all(word in ORDINARY_WORDS for word in words):
        return None
    fitting = [code for code in codes if context.fits_regency(code, parents)]
    if len(fitting) == 1:
        return fitting[0]
    if candidate.tokens.casing in (Casing.TITLE, Casing.UPPER) and not candidate.sign:
        return None
    around = [code for code in codes if context.fit_local(code, parents) >= FITS_PROVINCE]
    only = len(codes) == 1 or (candidate.sign and context.home is not None)
    return around[0] if len(around) == 1 and only else None


def _village(candidate: Candidate, parents: tuple[str, ...], context: Context) -> list[Settled]:
    """"Desa X", "Lurah X": looked up in the kecamatan, kabupaten/kota and province that the item or its home names."""
    if candidate.level_hint is not Kind.VILLAGE or _is_plain_word(candidate):
        return []
    tokens = candidate.tokens
    for scope in _village_scopes(tokens, parents, context):
        hit = _village_in(tokens, candidate.first, scope)
        if hit is not None:
            last, code = hit
            return _settle(candidate, last, code) + _listed_villages(tokens, last, code)
    return []


def _village_scopes(tokens: Tokens, parents: tuple[str, ...], context: Context) -> Iterator[str]:
    """Regions to look in, narrow before wide; whole provinces only where capitals tell names from words."""
    yield from (parent for parent in parents if len(parent) >= 8)
    yield from sorted(context.districts)
    yield from (parent for parent in parents if len(parent) == 5)
    yield from sorted(context.regencies | context.possible)
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
        if hit is None:
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
        if not hits or hits[-1][1] == code[:5]:
            break
        end, other = hits[-1]
        found.append(Settled(tokens, start, end, other, marked=True))
        start = _next_of_list(tokens, end)
    return found


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


def _ends_in_kota(tokens: Tokens, last: int) -> bool:
    """"Polres Kediri Kota", "Malang Kota": the town, not the kabupaten."""
    return tokens.spaced(last) and tokens.words[last + 1] in ("Kota", "KOTA")


def _district_of_own_town(option: Option, shorter: tuple[Option, ...]) -> str | None:
    """The kecamatan "Banjarmasin Selatan", known by the town whose name it carries."""
    towns = [reading.code for other in shorter for reading in other.regions]
    inside = [code for code in option.districts if any(len(t) == 5 and is_within(code, t) for t in towns)]
    return inside[0] if len(inside) == 1 and not option.regions else None


def _fitting_hint(readings: tuple[Reading, ...], hint: Kind | None) -> tuple[Reading, ...]:
    """The meanings of the level that kind word or office names; all, where none is of it."""
    fitting = tuple(reading for reading in readings if _is_of_kind(reading.code, hint))
    return fitting or readings


def _is_of_kind(code: str, kind: Kind | None) -> bool:
    if kind is Kind.PROVINCE:
        return len(code) == 2
    if kind is Kind.REGENCY:
        return len(code) == 5 and code[3:] < _FIRST_CITY
    return kind is Kind.CITY and len(code) == 5 and code[3:] >= _FIRST_CITY
