"""A kota and the kabupaten around it that carry one name ("Bogor", "Malang"): which of the two an item means.

A bare name stands for the kota, unless the item speaks of the kabupaten: of its kecamatan or desa, its bupati, its
village heads, its police.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from waspada.places.candidates import Candidate
from waspada.places.gazetteer import is_within
from waspada.places.lexicon import (
    HIGH_POLICE,
    HIGH_POLICE_TOWNS,
    OFFICES_OF_CITY,
    OFFICES_OF_REGENCY,
    REGENCY_POLICE,
)
from waspada.places.names import name_index
from waspada.places.settled import Settled
from waspada.places.tokens import Tokens

_FIRST_CITY = "71"
_LOCAL, _LEVEL, _WORD, _HOME = 2, 2, 1, 1


def ends_in_kota(tokens: Tokens, last: int) -> bool:
    """ "Polres Kediri Kota", "Malang Kota": the town, not the kabupaten."""
    return tokens.spaced(last) and tokens.words[last + 1] in ("Kota", "KOTA")


def is_of_regency_police(candidate: Candidate, last: int) -> bool:
    """Whether the words before the name are the police of a kabupaten ("Kapolres Bogor", "Polres Metro Bekasi")."""
    tokens, before = candidate.tokens, candidate.first - 1
    if before > 0 and tokens.lows[before] == "metro" and tokens.spaced(before):
        before -= 1
    if before < 0 or not tokens.spaced(before) or ends_in_kota(tokens, last):
        return False
    low = tokens.lows[before]
    return low in REGENCY_POLICE or (low in HIGH_POLICE and tokens.lows[candidate.first] in HIGH_POLICE_TOWNS)


def settle_twins(settled: Sequence[Settled], home: str | None) -> list[Settled]:
    """The places of an item, bare names given to the twin that more of the item speaks for."""
    if not any(one.code in _twins() for one in settled):
        return list(settled)
    support = _support(settled, home)
    return [_settle_twin(one, support) for one in settled]


def _settle_twin(one: Settled, support: dict[str, int]) -> Settled:
    other = _twins().get(one.code)
    if other is None or one.of_level or ends_in_kota(one.tokens, one.last):
        return one
    return replace(one, code=other) if support[other] > support[one.code] else one


def _support(settled: Sequence[Settled], home: str | None) -> dict[str, int]:
    """What speaks for each of the twins: local names within it, its name with its level, offices, the outlet's home."""
    support: dict[str, int] = defaultdict(int)
    fields = {one.tokens.field: one.tokens for one in settled}.values()
    has_regency, has_city = _names_any(fields, OFFICES_OF_REGENCY), _names_any(fields, OFFICES_OF_CITY)
    for code in {one.code for one in settled} & set(_twins()):
        for twin in (code, _twins()[code]):
            local = any(len(one.code) > len(twin) and is_within(one.code, twin) for one in settled)
            level = any(one.code == twin and (one.of_level or ends_in_kota(one.tokens, one.last)) for one in settled)
            word = has_regency if twin[3:] < _FIRST_CITY else has_city
            at_home = home is not None and is_within(home, twin)
            support[twin] = _LOCAL * local + _LEVEL * level + _WORD * word + _HOME * at_home
    return support


def _names_any(fields: Iterable[Tokens], words: frozenset[str]) -> bool:
    return any(not words.isdisjoint(tokens.lows) for tokens in fields)


@lru_cache(maxsize=1)
def _twins() -> dict[str, str]:
    """Code of a kota -> code of the kabupaten of its name in the same province, and back."""
    found: dict[str, str] = {}
    for readings in name_index().regions.values():
        codes = sorted({reading.code for reading in readings if len(reading.code) == 5})
        for regency in codes:
            for city in codes:
                if regency[:2] == city[:2] and regency[3:] < _FIRST_CITY <= city[3:]:
                    found[regency], found[city] = city, regency
    return found
