"""Gives each candidate its one place, or none: sure names first, then those that need the item's context.

Order: provinces and kabupaten/kota that have one meaning (those that may be part of a local name last), kecamatan
with a kind word, kabupaten/kota with several meanings, bare kecamatan, villages. Each
step sees what the steps before it settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from waspada.places.candidates import Candidate, Option, next_region
from waspada.places.context import FITS_PROVINCE, FITS_REGENCY, Context
from waspada.places.gazetteer import is_within
from waspada.places.guards import behind_water_or_height, is_other_thing, is_part_of_longer_name
from waspada.places.lexicon import DEFAULT_CODES, LOWER_CASE_STRICT, LOWER_CASE_TOWNS, LOWER_CASE_WORDS, VERBS, Kind
from waspada.places.local import bare_district, marked_district, village
from waspada.places.longer import drop_far_readings, is_doubtful
from waspada.places.names import Reading, Use
from waspada.places.settled import Settled, settle
from waspada.places.tokens import Casing
from waspada.places.twins import ends_in_kota, is_of_regency_police, settle_twins

_FIRST_CITY = "71"
_LOCAL_KINDS = frozenset({Kind.DISTRICT, Kind.VILLAGE})

#: Desa and kelurahan looked up in one item at most.
_MAX_VILLAGES = 500

_Step = Callable[[Candidate, tuple[str, ...], Context], list[Settled]]


def resolve(found: list[list[Candidate]], home: str | None) -> list[Settled]:
    """The places of an item. `found` holds the candidates of each field; `home` is the outlet's region code.

    Some may overlap; `mentions.py` keeps the better one.
    """
    context = Context(home)
    waiting = [(candidate, next_region(of_field, at)) for of_field in found for at, candidate in enumerate(of_field)]
    settled: list[Settled] = []
    waiting = _without_endless_villages(waiting)
    steps = (_sure_region, _doubtful_region, marked_district, _region, bare_district, bare_district, village)
    for step in steps:
        waiting = list(_pass(step, waiting, context, settled))
    return settle_twins(settled, home)


def _without_endless_villages(
    waiting: list[tuple[Candidate, tuple[str, ...]]],
) -> list[tuple[Candidate, tuple[str, ...]]]:
    """Keeps the time linear: each village is looked up in many regions, and no honest item names 500 of them."""
    villages = [at for at, (candidate, _) in enumerate(waiting) if candidate.level_hint is Kind.VILLAGE]
    dropped = frozenset(villages[_MAX_VILLAGES:])
    return [pair for at, pair in enumerate(waiting) if at not in dropped]


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


def _sure_region(candidate: Candidate, _parents: tuple[str, ...], context: Context) -> list[Settled]:
    """Names with one strong meaning, or one that fits the kind word; kecamatan that carry their town's name."""
    if candidate.level_hint in _LOCAL_KINDS or is_doubtful(candidate, context):
        return []
    return _sure(candidate, context)


def _doubtful_region(candidate: Candidate, parents: tuple[str, ...], context: Context) -> list[Settled]:
    """The same for names that may be part of a local name or the same as one, once the sure ones are known."""
    if candidate.level_hint in _LOCAL_KINDS or not is_doubtful(candidate, context):
        return []
    return drop_far_readings(candidate, parents, context) or _sure(candidate, context)


def _sure(candidate: Candidate, context: Context) -> list[Settled]:
    for at, option in enumerate(candidate.options):
        code = _district_of_own_town(option, candidate.options[at + 1 :])
        if code is not None and not is_other_thing(candidate, option.last):
            return settle(candidate, option.last, code)
        readings = _fitting_hint(option.regions, _hint(candidate, option))
        sure = [r for r in readings if candidate.kind is not None or _use(candidate, option.last, r) is Use.STRONG]
        if not sure or is_other_thing(candidate, option.last):
            continue
        if len(readings) == 1:
            return settle(candidate, option.last, sure[0].code)
        context.possible.update(reading.code for reading in sure if len(reading.code) > 2)
        return []
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
            return settle(candidate, option.last, reading.code)
    return []


def _best_reading(candidate: Candidate, option: Option, parents: tuple[str, ...], context: Context) -> Reading | None:
    hint = _hint(candidate, option)
    if hint is None and ends_in_kota(candidate.tokens, option.last):
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


def _hint(candidate: Candidate, option: Option) -> Kind | None:
    """The level that a kind word, an office or the class of its police tells."""
    return Kind.REGENCY if is_of_regency_police(candidate, option.last) else candidate.level_hint


def _prior(reading: Reading, key: str) -> float:
    """What a shared name means when the item says nothing: the listed default, else the town, else the kabupaten."""
    listed = 0.5 if DEFAULT_CODES.get(key) == reading.code else 0.0
    city = 0.25 if reading.code[3:] >= _FIRST_CITY else 0.0
    return listed + city - 0.1 * reading.use


def _accepts(candidate: Candidate, last: int, reading: Reading, parents: tuple[str, ...], context: Context) -> bool:
    use = _use(candidate, last, reading)
    if use is Use.STRONG or candidate.kind is not None:
        return True
    if candidate.office is not None and _is_of_kind(reading.code, candidate.office):
        return True
    if is_part_of_longer_name(candidate, last) or behind_water_or_height(candidate):
        return False
    fit = context.fit(reading.code, parents)
    if fit == 0 and any(context.fits_regency(code) for code in _districts_at(candidate, last)):
        return False  # "Wates" in an item about Kediri is Kediri's kecamatan, not the seat of Kulon Progo
    return _accepts_weak(candidate, use, reading.code, parents, context)


def _accepts_weak(candidate: Candidate, use: Use, code: str, parents: tuple[str, ...], context: Context) -> bool:
    """The rules of `Use`, from the least demanding to the most."""
    fit = context.fit(code, parents)
    if use is Use.WEAK:
        return candidate.sign or _fits_weak(candidate, code, fit, context)
    if use is Use.VERY_WEAK:
        return _accepts_very_weak(candidate, fit >= FITS_PROVINCE) and context.agrees(code, parents)
    fits = fit >= FITS_REGENCY and context.fits_regency(code, parents)
    return fits and candidate.sign and not candidate.small


def _fits_weak(candidate: Candidate, code: str, fit: float, context: Context) -> bool:
    """Whether a weak name without a preposition is led to by the item or by home; written small, by the item only."""
    low = candidate.tokens.lows[candidate.first]
    if candidate.small:
        return low not in LOWER_CASE_STRICT and context.names_area(code)
    return fit >= FITS_PROVINCE and not (low in VERBS and _is_headline(candidate))


def _districts_at(candidate: Candidate, last: int) -> tuple[str, ...]:
    return next((option.districts for option in candidate.options if option.last == last), ())


def _accepts_very_weak(candidate: Candidate, fits: bool) -> bool:
    if candidate.small:
        return candidate.tokens.casing is Casing.LOWER and fits and candidate.sign
    return candidate.institution or (fits and (candidate.sign or not _is_headline(candidate)))


def _is_headline(candidate: Candidate) -> bool:
    return candidate.tokens.casing in (Casing.TITLE, Casing.UPPER)


def _use(candidate: Candidate, last: int, reading: Reading) -> Use:
    """How much a meaning needs here: more when it is written small."""
    if not candidate.small:
        return reading.use
    key = "".join(candidate.tokens.lows[candidate.first : last + 1])
    if key in LOWER_CASE_WORDS:
        return max(reading.use, Use.VERY_WEAK)
    return max(reading.use, Use.WEAK) if key in LOWER_CASE_TOWNS else reading.use


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
