"""A region's code from what a person or a source list writes for it."""

from __future__ import annotations

from waspada.places.gazetteer import place
from waspada.places.lexicon import DEFAULT_CODES, KIND_FILLERS, KIND_WORDS, Kind
from waspada.places.names import Reading, name_index, name_words


def resolve_region(text: str) -> str | None:
    """The code for "kalsel", "Kota Banjarmasin", "kab. banjar", "Kecamatan Aluh-Aluh" or "63.03".

    None for "nasional", for what is not known, and for a kecamatan name that several kabupaten share.
    """
    text = text.strip()
    if place(text) is not None:
        return text
    words = name_words(text)
    kind = None
    if len(words) > 1 and words[0] in KIND_WORDS:
        kind, words = KIND_WORDS[words[0]], words[1:]
        while len(words) > 1 and words[0] in KIND_FILLERS:
            words = words[1:]
    key = "".join(words)
    if kind is Kind.DISTRICT:
        codes = name_index().districts.get(key, [])
        return codes[0] if len(codes) == 1 else None
    return _best(name_index().regions.get(key, []), kind, key) or (_whole(text) if kind else None)


def _whole(text: str) -> str | None:
    """Names that begin with a kind word themselves ("Kota Baru")."""
    key = "".join(name_words(text))
    return _best(name_index().regions.get(key, []), None, key)


def _best(readings: list[Reading], kind: Kind | None, key: str) -> str | None:
    fitting = [reading for reading in readings if _fits(reading.code, kind)]
    if not fitting:
        return None
    listed = DEFAULT_CODES.get(key)
    return min(fitting, key=lambda r: (r.code != listed, r.use, r.code[3:] < "71", r.code)).code


def _fits(code: str, kind: Kind | None) -> bool:
    if kind is Kind.PROVINCE:
        return len(code) == 2
    if kind in (Kind.REGENCY, Kind.CITY):
        return len(code) == 5 and (code[3:] >= "71") is (kind is Kind.CITY)
    return kind is None
