"""A town's name inside a longer local name, or against one of the same name at home, is not that far-away town.

"Sungai Malang" is a kelurahan of Amuntai and "Padang Batung" a kecamatan next to it: neither names Malang or Padang.
"""

from __future__ import annotations

from collections.abc import Iterator

from waspada.places.candidates import Candidate, Option, behind_noun
from waspada.places.context import FITS_PROVINCE, Context
from waspada.places.gazetteer import is_within
from waspada.places.guards import is_other_thing
from waspada.places.lexicon import AUTHORITIES, ISLAND_REGIONS, NEVER_NAMES, SITE_NOUNS
from waspada.places.names import Reading, name_index, village_index
from waspada.places.settled import Settled, settle
from waspada.places.tokens import Casing, Tokens

_FIRST_CITY = "71"
#: Where "Banjar X" is a hamlet.
_BALI = "51"
#: Words before and in all of a longer name.
_WORDS_BEFORE, _MAX_WORDS = 2, 5
#: An item that names more provinces is a list of the country, not a lead to villages.
_MAX_PROVINCES = 6


def is_doubtful(candidate: Candidate, context: Context) -> bool:
    """Whether a region's name must wait until the item's other regions are known: it may be part of, or the same as,
    a local name. Looks at the words beside it and at the outlet's home, not at what is settled so far."""
    if candidate.level_hint is not None or not any(option.regions for option in candidate.options):
        return False
    return (
        behind_noun(candidate)
        or any(_longer_districts(candidate, option) for option in candidate.options if option.regions)
        or any(_at_home(candidate, option, context) for option in candidate.options if option.regions)
        or any(True for _ in _windows(candidate))
    )


def drop_far_readings(candidate: Candidate, parents: tuple[str, ...], context: Context) -> list[Settled]:
    """Takes from a doubtful candidate the meanings that a longer or nearer local name rules out.

    Gives the village of a longer name where exactly one of home or of the named regions has it; a kecamatan is left
    to the rules for bare kecamatan.
    """
    village = _longer_village(candidate, parents, context)
    noun = behind_noun(candidate)
    options: list[Option] = []
    for option in candidate.options:
        keep = () if village or _longer_rules(candidate, option, parents, context) else option.regions
        if noun:
            keep = tuple(reading for reading in keep if _stands_behind_noun(candidate, option, reading, context))
        local = _at_home(candidate, option, context)
        keep = tuple(reading for reading in keep if not _yields(candidate, reading, local, parents, context))
        options.append(Option(option.last, keep, option.districts))
    same = [] if village else _same_village(candidate, options, parents, context)
    candidate.options = tuple(option for option in options if option.regions or option.districts)
    return village or same


def _longer_districts(candidate: Candidate, option: Option) -> tuple[str, ...]:
    """Kecamatan named by more words than `option`, those of the very town aside ("Padang Barat" lies in Padang)."""
    towns = [reading.code for reading in option.regions]
    longer = [code for other in candidate.options if other.last > option.last for code in other.districts]
    return () if any(is_within(code, town) for code in longer for town in towns) else tuple(longer)


def _longer_rules(candidate: Candidate, option: Option, parents: tuple[str, ...], context: Context) -> bool:
    """Whether a longer kecamatan name is of home or a named region, or nothing but the short name speaks."""
    longer = _longer_districts(candidate, option)
    if any(context.fit(code, parents) >= FITS_PROVINCE for code in longer):
        return True
    named = any(context.fit(reading.code, parents) > 0 for reading in option.regions)
    return bool(longer) and not named and not candidate.small


def _stands_behind_noun(candidate: Candidate, option: Option, reading: Reading, context: Context) -> bool:
    """Whether "Pulau X", "Pasar X" may mean the region X: islands do, sites do where the item or home leads there."""
    noun = candidate.tokens.lows[candidate.first - 1]
    key = "".join(candidate.tokens.lows[candidate.first : option.last + 1])
    if len(reading.code) == 2 or (noun == "pulau" and key in ISLAND_REGIONS):
        return True
    if noun not in SITE_NOUNS:
        return False
    nothing_known = context.home is None and not context.provinces
    return nothing_known or context.fit(reading.code) >= FITS_PROVINCE


def _yields(
    candidate: Candidate, reading: Reading, local: tuple[str, ...], parents: tuple[str, ...], context: Context
) -> bool:
    """Whether a kabupaten/kota elsewhere gives way to a kecamatan or village of its name at home.

    A kota gives way to a kecamatan only: a bare "Padang" in the news is the city, though many a province has a desa
    of that name.
    """
    code = reading.code
    if not local or len(code) == 2 or context.fit(code, parents) > 0:
        return False
    before = candidate.first - 1
    if before >= 0 and candidate.tokens.spaced(before) and candidate.tokens.lows[before] in AUTHORITIES:
        return False
    return code[3:] < _FIRST_CITY or any(len(one) == 8 for one in local)


def _at_home(candidate: Candidate, option: Option, context: Context) -> tuple[str, ...]:
    """Kecamatan and villages of the home province that have the very name of `option`, where no region of it has."""
    if context.home is None or any(is_within(reading.code, context.home[:2]) for reading in option.regions):
        return ()
    key = "".join(candidate.tokens.lows[candidate.first : option.last + 1])
    districts = tuple(code for code in option.districts if is_within(code, context.home[:2]))
    return districts + village_index(context.home[:2]).get(key, ())


def _same_village(
    candidate: Candidate, options: list[Option], parents: tuple[str, ...], context: Context
) -> list[Settled]:
    """The village of a name that gave way, where one kecamatan or kabupaten/kota that is named or home has just one."""
    if candidate.small or behind_noun(candidate):
        return []
    for before, after in zip(candidate.options, options, strict=True):
        local = _at_home(candidate, before, context)
        if not before.regions or after.regions or after.districts or not local:
            continue
        for scope in _narrow_scopes(parents, context):
            inside = [code for code in local if is_within(code, scope)]
            if len(inside) == 1:
                return settle(candidate, after.last, inside[0])
    return []


def _longer_village(candidate: Candidate, parents: tuple[str, ...], context: Context) -> list[Settled]:
    windows = sorted(_windows(candidate), key=lambda window: window[0] - window[1])
    if not windows or is_other_thing(candidate, candidate.last):
        return []
    scopes = list(_narrow_scopes(parents, context))
    if context.home is not None:
        scopes.append(context.home[:2])
    if len(context.provinces) <= _MAX_PROVINCES:
        scopes += sorted(context.provinces)
    tokens = candidate.tokens
    for first, last in windows:
        key = "".join(tokens.lows[first : last + 1])
        districts = name_index().districts.get(key, ())
        for scope in scopes:
            if any(is_within(code, scope) for code in districts):
                return []  # a kecamatan before its desa of the same name
            codes = village_index(scope).get(key, ())
            if len(codes) == 1 and not (tokens.lows[first] == "banjar" and is_within(codes[0], _BALI)):
                whole = Candidate(tokens, first, first, options=(Option(last, (), ()),))
                return [] if is_other_thing(whole, last) else settle(whole, last, codes[0])
    return []


def _narrow_scopes(parents: tuple[str, ...], context: Context) -> Iterator[str]:
    """Kecamatan and kabupaten/kota in which to look for a village, nearest first."""
    yield from sorted((parent for parent in parents if len(parent) >= 5), key=len, reverse=True)
    if len(context.provinces) <= _MAX_PROVINCES:
        yield from sorted(context.districts)
        yield from sorted(context.regencies)
    if context.home is not None and len(context.home) >= 5:
        yield context.home[:5]


def _windows(candidate: Candidate) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words (first, last) that hold the region's name and more, where capitals tell names."""
    tokens = candidate.tokens
    if tokens.casing is not Casing.MIXED or candidate.small:
        return
    inner = next(option.last for option in candidate.options if option.regions)
    first = candidate.first
    while candidate.first - first < _WORDS_BEFORE and _part_of_name(tokens, first - 1):
        first -= 1
    last = inner
    while last - first + 1 < _MAX_WORDS and tokens.spaced(last) and tokens.capital(last + 1):
        last += 1
    for start in range(first, candidate.first + 1):
        for end in range(inner, last + 1):
            if end - start > inner - candidate.first:
                yield start, end


def _part_of_name(tokens: Tokens, at: int) -> bool:
    return at >= 0 and tokens.spaced(at) and tokens.capital(at) and tokens.lows[at] not in NEVER_NAMES
